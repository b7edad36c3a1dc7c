import { FIN_RETRY_MS } from '../../proto/limits.ts';
import { pump, type Sent } from './sending.ts';
import type { Docked, Sending, UploadState, UploadStep, Work } from './state.ts';

/** Changes the upload under way, if there is one and the change applies, and sends what may be sent after it. */
export function whileSending(
  state: UploadState,
  nowUs: number,
  change: (sending: Sending) => Sent | undefined,
): UploadStep {
  if (state.at !== 'docked' || state.work.doing !== 'sending') return [state, []];
  const changed = change(state.work.sending);
  return changed === undefined ? [state, []] : uploading(state, changed, nowUs);
}

/** Goes on sending, or asks for custody once the dock says that every byte is durable. */
export function uploading(state: Docked, [changed, effects]: Sent, nowUs: number): UploadStep {
  const { durableTo, layout, recording, stream, pace } = changed;
  if (durableTo < layout.totalBytes) {
    const [sending, more] = pump(changed);
    return [{ ...state, pace, work: { doing: 'sending', sending } }, [...effects, ...more]];
  }
  const fin = { type: 'fin', stream, totalBytes: layout.totalBytes } as const;
  const dueUs = nowUs + FIN_RETRY_MS * 1000;
  const work: Work = { doing: 'finishing', recording, stream, sinceUs: nowUs, dueUs };
  return [{ ...state, pace, work }, [...effects, { effect: 'send', message: fin }]];
}
