import { FIN_RETRY_MS } from '../../proto/limits.ts';
import type { ClosedRecording } from '../ports.ts';
import { pump, type Sent } from './sending.ts';
import type { Docked, Sending, UploadEffect, UploadState, UploadStep, Work } from './state.ts';
import { saidSize } from './ticket.ts';
import { totalBytesOf } from './work.ts';

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
  const dueUs = nowUs + FIN_RETRY_MS * 1000;
  const work: Work = { doing: 'finishing', recording, stream, sinceUs: nowUs, dueUs };
  return [{ ...state, pace, work }, [...effects, finOf(state, work)]];
}

/** Asks for custody, and says from where the ledger must be shown to have grown. */
export function finOf(
  { kept }: Docked,
  { recording, stream }: { readonly recording: ClosedRecording; readonly stream: number },
): UploadEffect {
  const totalBytes = totalBytesOf(recording);
  return { effect: 'send', message: { type: 'fin', stream, totalBytes, ...saidSize(kept) } };
}
