import type { Ack } from '../../proto/messages.ts';
import { learnt } from './fragment-size.ts';
import { clip, subtract } from './ranges.ts';
import { sampled } from './rtt.ts';
import { judge, lacking, type Verdict } from './scoreboard.ts';
import type { Sent } from './sending.ts';
import type { Pace, Sending, UploadEffect } from './state.ts';

/** Acks are absolute and may come late or twice: only what rises counts, and gaps only when the Ack is no older than others. */
export function acked(before: Sending, ack: Ack, nowUs: number): Sent {
  if (!isBelievable(before, ack)) return [before, []];
  const receivedTo = Math.max(before.receivedTo, ack.receivedTo);
  const durableTo = Math.max(before.durableTo, ack.durableTo);
  const hasRisen = receivedTo > before.receivedTo || ack.maxTxSeq > before.ackedTxSeq;
  const risen: Sending = {
    ...before,
    receivedTo,
    durableTo,
    creditTo: Math.max(before.creditTo, ack.creditTo),
    ackedTxSeq: Math.max(before.ackedTxSeq, ack.maxTxSeq),
    quietUs: hasRisen ? Math.max(before.quietUs, nowUs) : before.quietUs,
    probes: hasRisen ? 0 : before.probes,
    repairs: clip(before.repairs, { start: receivedTo, end: before.sentTo }),
  };
  const effects = durableTo > before.durableTo ? [progress(risen)] : [];
  const isNewest = ack.maxTxSeq >= before.ackedTxSeq && ack.receivedTo >= before.receivedTo;
  return [isNewest ? mend({ ...risen, agreedUs: nowUs }, ack, nowUs) : risen, effects];
}

/** Nobody can have received what was never sent: such an Ack is not this dock's. */
function isBelievable(sending: Sending, { receivedTo, maxTxSeq }: Ack): boolean {
  return receivedTo <= sending.sentTo && maxTxSeq < sending.nextTxSeq;
}

/** Judges what was on its way, learns from it, and finds what to repeat. */
function mend(sending: Sending, ack: Ack, nowUs: number): Sending {
  const verdict = judge(sending.flight, ack);
  const later = verdict.flight.filter((frame) => frame.txSeq > ack.maxTxSeq);
  const repairs = subtract(lacking(ack, sending.sentTo, sending.repairs), [...later, ...sending.asked]);
  return {
    ...sending,
    repairs,
    flight: verdict.flight,
    pace: paced(sending.pace, verdict, nowUs),
    isPaused: ack.pause,
  };
}

function paced({ trip, fragment }: Pace, { answered, fates }: Verdict, nowUs: number): Pace {
  const isSample = answered?.isFlagged === true;
  return {
    trip: isSample ? sampled(trip, Math.max(0, nowUs - answered.sentUs - answered.wireUs)) : trip,
    fragment: learnt(fragment, fates),
  };
}

function progress({ recording, durableTo, layout }: Sending): UploadEffect {
  const { recordingId } = recording;
  return {
    effect: 'news',
    news: { news: 'progress', recordingId, durableBytes: durableTo, totalBytes: layout.totalBytes },
  };
}
