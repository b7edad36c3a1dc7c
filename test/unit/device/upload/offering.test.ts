import { describe, expect, it } from 'vitest';
import type { ClosedRecording } from '../../../../device/ports.ts';
import type { Docked, UploadStep } from '../../../../device/upload/state.ts';
import { step } from '../../../../device/upload/step.ts';
import { prefixDigest } from '../../../../proto/merkle.ts';
import type { Accept } from '../../../../proto/messages.ts';
import { acceptOf, contextOver, docked, recordingOf } from './upload-kit.ts';

const context = contextOver('serial');
const [first, second] = [recordingOf('a'), recordingOf('b')];

function offered(recording: ClosedRecording, accept: Accept): UploadStep {
  const offering = docked({ doing: 'offering', recording, sinceUs: 0, dueUs: 1_000_000 });
  const event = {
    event: 'message',
    nowUs: 5,
    wallUs: 0,
    nonce: new Uint8Array(32),
    message: accept,
  } as const;
  return step(offering, event, context);
}

const digestOf = (chunks: number): Uint8Array =>
  prefixDigest(
    context.sha256,
    context.sha256(first.signedManifest),
    first.chunks.slice(0, chunks).map(({ sha256 }) => sha256),
  );

// Goal: the oldest recording that this dock may still want is offered, again and again until there is an answer.
describe('the Offer', () => {
  it('is of the first recording that is not parked', () => {
    const state = { ...docked({ doing: 'listing' }), parked: new Set([first.recordingId]) };
    const [next, effects] = step(state, { event: 'listed', nowUs: 9, recordings: [first, second] }, context);
    expect(next).toMatchObject({ work: { doing: 'offering', recording: second } });
    expect(effects).toMatchObject([{ message: { type: 'offer', recordingId: second.recordingId } }]);
  });

  it('is of another recording while the memory could not serve the first, and of that one again later', () => {
    const state = { ...docked({ doing: 'listing' }), resting: new Map([[first.recordingId, 1_000]]) };
    const offered = (nowUs: number, recordings: readonly (typeof first)[]): unknown => {
      const [{ work }] = step(state, { event: 'listed', nowUs, recordings }, context) as [Docked, unknown];
      return work.doing === 'offering' ? work.recording : work.doing;
    };
    expect(offered(999, [first, second])).toBe(second);
    expect(offered(999, [first])).toBe('backing-off');
    expect(offered(1_000, [first, second])).toBe(first);
  });

  it('carries the wraps of a sealed recording, and what is kept of the ledger', () => {
    const sealed = { ...first, wraps: Uint8Array.of(1, 2, 3) };
    const root = new Uint8Array(32);
    const state = { ...docked({ doing: 'listing' }), kept: { dockId: 'dock-1', note: '', size: 12, root } };
    const listed = { event: 'listed', nowUs: 9, recordings: [sealed] } as const;
    const [, effects] = step(state, listed, context);
    expect(effects).toMatchObject([{ message: { type: 'offer', wraps: sealed.wraps, ledgerSize: 12 } }]);
    const [, plain] = step(docked({ doing: 'listing' }), { ...listed, recordings: [first] }, context);
    expect(plain[0]).not.toHaveProperty('message.wraps');
    expect(plain[0]).not.toHaveProperty('message.ledgerSize');
  });

  it('is said again every second', () => {
    const state = docked({ doing: 'offering', recording: first, sinceUs: 0, dueUs: 1_000_000 });
    expect(step(state, { event: 'tick', nowUs: 999_999 }, context)[1]).toEqual([]);
    const [next, effects] = step(state, { event: 'tick', nowUs: 1_000_000 }, context);
    expect(next).toMatchObject({ work: { dueUs: 2_000_000 } });
    expect(effects[0]).toMatchObject({ message: { type: 'offer', recordingId: first.recordingId } });
  });
});

// Goal: nothing is sent onto a prefix that is not this recording's. Method: Accepts that are right, and wrong in one thing.
describe('the Accept', () => {
  it.each([
    ['of nothing', { receivedTo: 0 }, 0],
    ['of the manifest', { durableTo: 100, receivedTo: 100, prefixDigest: digestOf(0) }, 100],
    ['of a chunk', { durableTo: 600, receivedTo: 600, prefixDigest: digestOf(1) }, 600],
    ['of a chunk and some bytes', { durableTo: 600, receivedTo: 700, prefixDigest: digestOf(1) }, 700],
  ])('%s: goes on there', (_, accept, from) => {
    const [, effects] = offered(first, acceptOf(accept));
    expect(effects[0]).toMatchObject({ effect: 'read', start: from });
  });

  it.each([
    ['of other chunks', { durableTo: 600, receivedTo: 600, prefixDigest: digestOf(0) }],
    ['of another manifest', { durableTo: 100, receivedTo: 100, prefixDigest: new Uint8Array(32) }],
    ['that ends within a unit', { durableTo: 599, receivedTo: 600, prefixDigest: digestOf(1) }],
    ['that is longer than the recording', { receivedTo: 1_001 }],
    ['that holds bytes beyond the end', { held: [{ start: 900, end: 1_001 }] }],
  ])('%s: aborts, and nothing is sent', (_, accept) => {
    const [next, effects] = offered(first, acceptOf(accept));
    expect(next).toMatchObject({ work: { doing: 'backing-off' } });
    expect(effects).toMatchObject([
      { message: { type: 'abort', code: 'prefix-mismatch', class: 'restart-stream', stream: 7 } },
    ]);
  });

  it('asks for custody at once when everything is durable already', () => {
    const accept = acceptOf({ durableTo: 1_000, receivedTo: 1_000, prefixDigest: digestOf(2) });
    expect(offered(first, accept)[1]).toMatchObject([{ message: { type: 'fin', totalBytes: 1_000 } }]);
  });

  it('of another session or recording is nothing', () => {
    for (const accept of [
      acceptOf({ sessionId: new Uint8Array(8).fill(1) }),
      acceptOf({ recordingId: second.recordingId }),
    ])
      expect(offered(first, accept)[1]).toEqual([]);
  });
});
