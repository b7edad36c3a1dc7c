import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFilm, type FilmChunk } from '../../fleet/engine/film.ts';
import { bytesOf, rate, type Shape, type UploadCell } from './cell.ts';
import { startPeer } from './peer.ts';
import { checkStored, reelOf } from './rehash.ts';

const TUS = { 'Tus-Resumable': '1.0.0' };

/** As many uploads at once as there are cameras, each in one PATCH (tus 1.0). */
export async function tusCell(shape: Shape, dir = tmpdir()): Promise<UploadCell> {
  const folder = mkdtempSync(join(dir, 'holdfast-tus-'));
  const server = await startPeer(new URL('./tus-server.js', import.meta.url), [folder]);
  const film = makeFilm(13, shape.chunkBytes);
  const agent = new Agent({ keepAlive: true, noDelay: true });
  return {
    name: 'tus',
    round: async () => {
      const startMs = performance.now();
      const cameras = Array.from({ length: shape.cameras }, (_, camera) =>
        reelOf(film, camera, shape.chunks),
      );
      const ids = await Promise.all(cameras.map((chunks) => upload({ port: server.port, agent }, chunks)));
      const tookMs = performance.now() - startMs;
      for (const [camera, id] of ids.entries()) {
        await checkStored(join(folder, id), cameras[camera] ?? []);
        rmSync(join(folder, id));
      }
      return { MBps: rate(bytesOf(shape), tookMs) };
    },
    close: async () => {
      agent.destroy();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function upload(
  server: { readonly port: number; readonly agent: Agent },
  chunks: readonly FilmChunk[],
): Promise<string> {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  const to: RequestOptions = { host: '127.0.0.1', ...server };
  const made = await ask(
    { ...to, method: 'POST', path: '/files', headers: { ...TUS, 'Upload-Length': bytes } },
    [],
  );
  const path = new URL(made.headers.location ?? '').pathname;
  const headers = {
    ...TUS,
    'Upload-Offset': 0,
    'Content-Type': 'application/offset+octet-stream',
    'Content-Length': bytes,
  };
  const done = await ask({ ...to, method: 'PATCH', path, headers }, chunks);
  if (done.statusCode !== 204) throw new Error(`tus answered ${done.statusCode}`);
  return path.slice('/files/'.length);
}

function ask(options: RequestOptions, chunks: readonly FilmChunk[]): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request(options, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer));
    });
    asking.once('error', reject);
    void (async () => {
      for (const { bytes } of chunks)
        if (!asking.write(bytes)) await new Promise<void>((drained) => asking.once('drain', drained));
      asking.end();
    })();
  });
}
