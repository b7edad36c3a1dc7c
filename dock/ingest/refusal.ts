import type { CameraId } from '../../proto/ids.ts';
import type { Abort, ErrorCode, Offer } from '../../proto/messages.ts';
import type { IngestEffect, Session } from './state.ts';

/** Whom a refusal is for and what it is about, as far as it is known. */
export interface Refused {
  readonly cameraId?: CameraId;
  readonly session?: Session | undefined;
  readonly offer?: Offer;
}

/** An Abort of the whole session, and the news of it. Only a lost session is worth another try. */
export function refusal(code: ErrorCode, why: string, about: Refused): readonly IngestEffect[] {
  const { cameraId, session, offer } = about;
  const abort: Abort = {
    type: 'abort',
    stream: 0,
    code,
    class: code === 'no-session' ? 'renegotiate' : 'never',
    message: why,
    ...(session === undefined ? {} : { sessionId: session.sessionId }),
    ...(offer === undefined ? {} : { recordingId: offer.recordingId }),
  };
  return [
    { effect: 'send', message: abort },
    {
      effect: 'news',
      news: { news: 'refused', code, message: why, ...(cameraId === undefined ? {} : { cameraId }) },
    },
  ];
}

/** The camera sends on a stream that was never opened in this session, or is closed. */
export function notOpen(stream: number, session: Session): IngestEffect {
  const abort: Abort = {
    type: 'abort',
    stream,
    code: 'unknown-stream',
    class: 'restart-stream',
    message: 'this stream is not open here; offer again',
    sessionId: session.sessionId,
  };
  return { effect: 'send', message: abort };
}
