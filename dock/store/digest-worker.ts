import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { digestsOf } from './digesting.ts';
import type { Span } from './disk.ts';
import { standBack } from './priority.ts';

export interface DigestTask {
  readonly task: number;
  readonly path: string;
  readonly spans: readonly Span[];
}

/** An error crosses threads as what a caller looks at, since a class does not survive the copy. */
export type DigestAnswer = { readonly task: number } & (
  | { readonly digests: Uint8Array }
  | { readonly failed: { readonly message: string; readonly code: string | undefined } }
);

// Reading back can wait while footage comes: the camera has its copy until it has the receipt.
const STANDS_BACK = 15;

const port = parentPort;
assert(port, 'digest-worker.ts runs only as a worker thread');

standBack(STANDS_BACK);
port.on('message', ({ task, path, spans }: DigestTask) => {
  port.postMessage(answerTo(task, () => digestsOf(path, spans)) satisfies DigestAnswer);
});

function answerTo(task: number, work: () => Uint8Array): DigestAnswer {
  try {
    return { task, digests: work() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    return { task, failed: { message: error instanceof Error ? error.message : String(error), code } };
  }
}
