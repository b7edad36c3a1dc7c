import { equal } from '../../proto/bytes.ts';
import type { Abort } from '../../proto/messages.ts';
import type { Docked, EndReason, UploadEffect, UploadState, UploadStep } from './state.ts';
import { BACK_OFF_US, ended, parked, recordingOf, streamOf } from './work.ts';

/** What an Abort of the whole session means for the next one. */
const END_OF_CLASS = {
  never: 'refused',
  retry: 'later',
  renegotiate: 'renegotiate',
  'restart-stream': 'renegotiate',
} as const satisfies Record<Abort['class'], EndReason>;

/** The dock ends what is under way with this recording; the class says what to do about it. */
export function streamAborted(state: Docked, abort: Abort, nowUs: number): UploadStep {
  const current = recordingOf(state.work);
  const about = abort.recordingId ?? current?.recordingId;
  const isCurrentStream = abort.recordingId !== undefined || abort.stream === streamOf(state.work);
  if (current === undefined || about !== current.recordingId || !isCurrentStream) return [state, []];
  const news: UploadEffect = { effect: 'news', news: { news: 'refused', abort } };
  switch (abort.class) {
    case 'renegotiate':
      return ended('renegotiate');
    case 'never':
      return [parked(state, current.recordingId), [news, { effect: 'list' }]];
    case 'restart-stream':
      return [{ ...state, work: { doing: 'listing' } }, [news, { effect: 'list' }]];
    case 'retry':
      return [{ ...state, work: { doing: 'backing-off', untilUs: nowUs + BACK_OFF_US } }, [news]];
    default:
      return abort.class satisfies never;
  }
}

/**
 * Nobody has proved anything before the handshake ends, so a forged Abort may delay a camera but never make it
 * erase. A dock that restarted knows no session id, and may still say so: the camera greets again on the same link.
 */
export function sessionAborted(state: UploadState, abort: Abort, greetAgain: () => UploadStep): UploadStep {
  const news: UploadEffect = { effect: 'news', news: { news: 'refused', abort } };
  if (abort.class === 'renegotiate') {
    if (state.at === 'greeting') return [state, []];
    const [next, effects] = greetAgain();
    return [next, [news, ...effects]];
  }
  const isOurs = state.at !== 'docked' || equal(abort.sessionId ?? new Uint8Array(), state.session.sessionId);
  if (!isOurs) return [state, []];
  const [next, effects] = ended(END_OF_CLASS[abort.class]);
  return [next, [news, ...effects]];
}
