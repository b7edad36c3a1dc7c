import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import type { Footage, Gop, Shot } from './footage.ts';
import { encodeGop } from './gop.ts';
import { makeScene } from './picture.ts';

/** What the worker answers to a shot. An error crosses threads as text, since a class does not survive the copy. */
export type WorkerAnswer = { readonly gop: Gop } | { readonly failed: string };

const port = parentPort;
assert(port, 'encoder-worker.ts runs only as a worker thread');
// The thread that started this one checked the settings; they crossed as a plain copy.
const scene = makeScene(workerData as Footage);

port.on('message', (shot: Shot) => {
  encodeGop(scene, shot).then(
    (gop) => port.postMessage({ gop } satisfies WorkerAnswer),
    (error: unknown) => port.postMessage({ failed: describe(error) } satisfies WorkerAnswer),
  );
});

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
