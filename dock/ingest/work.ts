import { equal } from '../../proto/bytes.ts';
import type { HoldingKey } from '../ports.ts';
import type { Changed } from './judge.ts';
import type { Docked, IngestState, IngestStep, Upload, Work } from './state.ts';

/** Changes the upload of that stream; when there is none any more, nothing happens. */
export function whileReceiving(
  state: IngestState,
  stream: number,
  change: (upload: Upload) => Changed,
): IngestStep {
  if (state.at !== 'docked' || state.work.doing !== 'receiving' || state.work.upload.stream !== stream)
    return [state, []];
  return applied(state, stream, change(state.work.upload));
}

/** The session with its upload as it is now, or without it. */
export function applied(state: Docked, stream: number, changed: Changed): IngestStep {
  if (!('abandon' in changed))
    return [{ ...state, work: { doing: 'receiving', upload: changed[0] } }, changed[1]];
  const suspects =
    changed.suspect === undefined ? state.suspects : new Map([...state.suspects, changed.suspect]);
  // Something among these bytes is wrong, so none of them is kept for the next try.
  return [
    { ...state, work: { doing: 'nothing' }, suspects },
    [...changed.abandon, { effect: 'leave', stream, parked: [] }],
  ];
}

export function keyUnderWay(work: Work): HoldingKey | undefined {
  if (work.doing === 'leasing') return work.offer;
  if (work.doing === 'receiving') return work.upload.key;
  return work.doing === 'settling' || work.doing === 'settled' ? work.key : undefined;
}

export function streamOf(work: Work): number | undefined {
  if (work.doing === 'receiving') return work.upload.stream;
  return work.doing === 'settling' || work.doing === 'settled' ? work.stream : undefined;
}

export function isSame(one: HoldingKey, other: HoldingKey): boolean {
  return one.recordingId === other.recordingId && equal(one.manifestSha256, other.manifestSha256);
}
