import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCameraId } from '../../../proto/ids.ts';
import { Connection } from '../../fleet/engine/connection.ts';
import { type FilmChunk, makeFilm } from '../../fleet/engine/film.ts';
import { bytesOf, rate, type Shape, type UploadCell } from './cell.ts';
import { startPeer } from './peer.ts';
import { checkStored, reelOf } from './rehash.ts';

/** The same generator and window against a broker with a subscriber of forty lines. */
export async function naiveCell(shape: Shape, dir = tmpdir()): Promise<UploadCell> {
  const folder = mkdtempSync(join(dir, 'holdfast-naive-'));
  const server = await startPeer(new URL('./naive-server.js', import.meta.url), [folder]);
  const film = makeFilm(13, shape.chunkBytes);
  let rounds = 0;
  return {
    name: 'aedesNaive',
    round: async () => {
      rounds += 1;
      const names = Array.from({ length: shape.cameras }, (_, camera) => `r${rounds}-${camera}`);
      const reels = names.map((_, camera) => reelOf(film, camera, shape.chunks));
      const senders = await Promise.all(names.map((name) => Sender.connect(server.port, name, shape.window)));
      const startMs = performance.now();
      await Promise.all(senders.map((sender, camera) => sender.send(reels[camera] ?? [])));
      const tookMs = performance.now() - startMs;
      for (const sender of senders) sender.close();
      for (const [camera, name] of names.entries()) {
        await checkStored(join(folder, name), reels[camera] ?? []);
        rmSync(join(folder, name));
      }
      return { MBps: rate(bytesOf(shape), tookMs) };
    },
    close: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

class Sender {
  readonly #connection: Connection;
  readonly #window: number;
  #chunks: readonly FilmChunk[] = [];
  #sent = 0;
  #durable = 0;
  #done: () => void = () => undefined;

  private constructor(connection: Connection, window: number) {
    this.#connection = connection;
    this.#window = window;
  }

  static connect(port: number, name: string, window: number): Promise<Sender> {
    if (!isCameraId(name)) throw new TypeError(`"${name}" is no camera id`);
    return new Promise((resolve, reject) => {
      const connection: Connection = new Connection(
        { host: '127.0.0.1', port, site: 'bench', cameraId: name },
        {
          ready: () => resolve(sender),
          heard: () => sender.#heard(),
          acknowledged: () => undefined,
          lost: (code) => reject(new Error(`connection lost: ${code}`)),
        },
      );
      const sender = new Sender(connection, window);
    });
  }

  send(chunks: readonly FilmChunk[]): Promise<void> {
    this.#chunks = chunks;
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#pump();
    });
  }

  close(): void {
    this.#connection.close();
  }

  #heard(): void {
    this.#durable += 1;
    if (this.#durable === this.#chunks.length) this.#done();
    else this.#pump();
  }

  #pump(): void {
    for (; this.#sent < this.#chunks.length && this.#sent - this.#durable < this.#window; this.#sent += 1) {
      const chunk = this.#chunks[this.#sent];
      if (chunk === undefined) return;
      const number = new Uint8Array(4);
      new DataView(number.buffer).setUint32(0, this.#sent, true);
      this.#connection.data(number, chunk.bytes, new Uint8Array());
    }
  }
}
