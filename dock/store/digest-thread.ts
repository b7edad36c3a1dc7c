import { Worker } from 'node:worker_threads';
import type { DigestAnswer, DigestTask } from './digest-worker.ts';
import { digestsOf } from './digesting.ts';
import type { Span } from './disk.ts';

const DIGEST_BYTES = 32;

type Found = readonly (Uint8Array | undefined)[];

/**
 * Reads recordings back on a thread of its own, one after another: the thread that takes footage in would stand still for each
 * megabyte. Where the source runs as TypeScript, as under vitest, no worker can be loaded, and the calling thread does it.
 */
class DigestThread {
  #worker: Worker | undefined;
  #tasks = 0;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (digests: Uint8Array) => void; readonly reject: (error: Error) => void }
  >();

  async digests(path: string, spans: readonly Span[]): Promise<Found> {
    const isSource = import.meta.url.endsWith('.ts');
    const digests = isSource ? digestsOf(path, spans) : await this.#ask(path, spans);
    return spans.map((_, index) => {
      const start = index * DIGEST_BYTES;
      return start < digests.length
        ? new Uint8Array(digests.subarray(start, start + DIGEST_BYTES))
        : undefined;
    });
  }

  #ask(path: string, spans: readonly Span[]): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#tasks += 1;
      this.#waiting.set(this.#tasks, { resolve, reject });
      const worker = this.#start();
      // A program that waits for this must not end before, and one that does not must be free to.
      worker.ref();
      worker.postMessage({ task: this.#tasks, path, spans } satisfies DigestTask);
    });
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./digest-worker.js', import.meta.url));
    this.#worker = worker;
    worker.on('message', (answer: DigestAnswer) => this.#answered(answer));
    worker.on('error', (error: unknown) => this.#ended(worker, error));
    worker.on('exit', () => this.#ended(worker, undefined));
    return worker;
  }

  #answered(answer: DigestAnswer): void {
    const waiting = this.#waiting.get(answer.task);
    this.#waiting.delete(answer.task);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('digests' in answer) waiting?.resolve(answer.digests);
    else waiting?.reject(Object.assign(new Error(answer.failed.message), { code: answer.failed.code }));
  }

  /** Whoever waits is told, as of a disk that cannot be read; the next one starts a new thread. */
  #ended(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const error = Object.assign(new Error('the reading thread died', { cause }), { code: 'EIO' });
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export const digestThread = new DigestThread();
