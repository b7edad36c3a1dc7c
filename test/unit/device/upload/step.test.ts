import { describe, expect, it } from 'vitest';
import type { ClosedRecording } from '../../../../device/ports.ts';
import { pump } from '../../../../device/upload/sending.ts';
import type { Docked, UploadState } from '../../../../device/upload/state.ts';
import { step } from '../../../../device/upload/step.ts';
import { contextOver, docked, recordingOf, sendingOf } from './upload-kit.ts';

const context = contextOver('serial');
const [first, second] = [recordingOf('a'), recordingOf('b')];

/** An upload with its first two fragments, 0 to 80 and 80 to 100, asked of the flash. */
function sending(recording: ClosedRecording, stream: number): Docked {
  const [upload] = pump({ ...sendingOf(80), recording, stream });
  return docked({ doing: 'sending', sending: upload });
}

// Goal: nothing that an unproved peer says can stop a camera. Method: a HelloAck whose body is not even protobuf.
it('a HelloAck that does not decode is news and nothing else', () => {
  const start = { event: 'start', nowUs: 0, wallUs: 0, nonce: new Uint8Array(32) } as const;
  const [greeting] = step({ at: 'undocked' }, start, context);
  for (const body of [new Uint8Array(), Uint8Array.of(0xff, 0xff, 0xff)]) {
    const message = { type: 'hello-ack', body, signature: new Uint8Array(64) } as const;
    const [state, effects] = step(greeting, { ...start, event: 'message', message }, context);
    expect(state).toBe(greeting);
    expect(effects).toMatchObject([{ effect: 'news', news: { news: 'distrust' } }]);
  }
});

// Goal: bytes of one recording never travel as another's. Method: a read or a failure of an upload that is over comes
// late, while the next one has the same turn.
describe('what comes late from the flash', () => {
  const after = (state: UploadState, event: Parameters<typeof step>[1]) => step(state, event, context);

  it('is not sent under another stream', () => {
    const bytes = new Uint8Array(50).fill(7);
    const late = { event: 'content', nowUs: 0, stream: 4, offset: 0, bytes } as const;
    const now = sending(second, 5);
    expect(after(now, late)).toEqual([now, []]);
    expect(after(now, { ...late, stream: 5 })[1]).toMatchObject([{ message: { type: 'data', stream: 5 } }]);
  });

  it('makes no room in another stream', () => {
    const now = sending(second, 5);
    expect(after(now, { event: 'sent', nowUs: 0, stream: 4 })).toEqual([now, []]);
  });

  it('disturbs neither the next upload nor an erasure', () => {
    const { recordingId } = first;
    const late = { event: 'unreadable', nowUs: 0, recordingId, stream: 4 } as const;
    for (const now of [sending(second, 5), docked({ doing: 'erasing', recording: first })])
      expect(after(now, late)).toEqual([now, []]);
  });

  it('lets the recording that it is about rest', () => {
    const { recordingId } = first;
    const failures = [
      [sending(first, 4), { event: 'unreadable', nowUs: 0, recordingId, stream: 4 }],
      [docked({ doing: 'erasing', recording: first }), { event: 'unreadable', nowUs: 0, recordingId }],
    ] as const;
    for (const [now, failure] of failures) {
      const [state, effects] = after(now, failure);
      expect(state).toMatchObject({
        work: { doing: 'listing' },
        resting: new Map([[recordingId, 30_000_000]]),
      });
      expect(effects).toEqual([{ effect: 'list' }]);
    }
  });
});

// Goal: a dock in trouble is not asked again at once. Method: an Abort of the whole session in each class.
it.each([
  ['never', 'refused'],
  ['retry', 'later'],
  ['restart-stream', 'renegotiate'],
] as const)('a session aborted with class %s ends as %s', (abortClass, because) => {
  const message = {
    type: 'abort',
    stream: 0,
    code: 'storage-full',
    class: abortClass,
    message: '',
    sessionId: new Uint8Array(8),
  } as const;
  const event = { event: 'message', nowUs: 0, wallUs: 0, nonce: new Uint8Array(32), message } as const;
  const [state] = step(docked({ doing: 'listing' }), event, context);
  expect(state).toEqual({ at: 'ended', because });
});

// Goal: a dock that talks nonsense learns it, and costs the camera nothing. Method: the two kinds, in and before a session.
it.each([
  [false, 'malformed'],
  [true, 'oversize'],
] as const)('answers what is no message (too long: %s) with an Abort, and goes on', (isOversize, code) => {
  const event = { event: 'malformed', nowUs: 9, why: 'a nonce of 3 bytes', isOversize } as const;
  const start = { event: 'start', nowUs: 0, wallUs: 0, nonce: new Uint8Array(32) } as const;
  const [greeting] = step({ at: 'undocked' }, start, context);
  const aborts = { message: { type: 'abort', stream: 0, code, class: 'never', message: event.why } };
  expect(step(greeting, event, context)).toMatchObject([greeting, [aborts]]);
  const [state, effects] = step(sending(first, 4), event, context);
  expect(state).toMatchObject({ at: 'docked', work: { doing: 'sending' } });
  expect(effects).toMatchObject([{ message: { ...aborts.message, sessionId: new Uint8Array(8) } }]);
});
