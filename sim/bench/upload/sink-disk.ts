import { createHash } from 'node:crypto';
import { type Disk, type DiskFile, type Span, systemDisk } from '../../../dock/store/disk.ts';

// Film is random: so much of a chunk tells it from any other.
const NAME_BYTES = 32;

/**
 * The machine's disk, but footage goes nowhere: what a dock would do with a disk that takes no time. A generator's film has few
 * different chunks; of each the digest is kept, so that reading back succeeds, and takes no time either.
 */
export function sinkDisk(): Disk {
  const digests = new Map<string, Uint8Array>();
  const files = new Map<string, SinkFile>();
  return {
    ...systemDisk,
    open: async (path, mode) => {
      if (!path.endsWith('/chunks')) return systemDisk.open(path, mode);
      const known = files.get(path) ?? new SinkFile(digests);
      files.set(path, known);
      return known;
    },
    size: async (path) => files.get(path)?.bytes ?? (await systemDisk.size(path)),
  };
}

class SinkFile implements DiskFile {
  readonly #digests: Map<string, Uint8Array>;
  readonly #spans = new Map<number, Uint8Array>();
  bytes = 0;

  constructor(digests: Map<string, Uint8Array>) {
    this.#digests = digests;
  }

  async append(parts: readonly Uint8Array[], position: number): Promise<void> {
    let at = position;
    for (const part of parts) {
      const name = Buffer.from(part.buffer, part.byteOffset, NAME_BYTES).toString('hex');
      const digest = this.#digests.get(name) ?? createHash('sha256').update(part).digest();
      this.#digests.set(name, digest);
      this.#spans.set(at, digest);
      at += part.length;
    }
    this.bytes = Math.max(this.bytes, at);
  }

  write(parts: readonly Uint8Array[], position: number): Promise<void> {
    return this.append(parts, position);
  }

  digests(spans: readonly Span[]): Promise<readonly (Uint8Array | undefined)[]> {
    return Promise.resolve(spans.map(({ offset }) => this.#spans.get(offset)));
  }

  read(): Promise<number> {
    return Promise.reject(new Error('a sink has nothing to read'));
  }

  size(): Promise<number> {
    return Promise.resolve(this.bytes);
  }

  async truncate(bytes: number): Promise<void> {
    this.bytes = Math.min(this.bytes, bytes);
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {}
}
