import type { Ack, ByteRange } from '../../proto/messages.ts';
import type { Fate } from './fragment-size.ts';
import { clip, overlap } from './ranges.ts';

/** One Data that was handed to the link: what it carried, and when. */
export interface Frame extends ByteRange {
  readonly txSeq: number;
  readonly sentUs: number;
  /** Time it spends on the wire by itself, microseconds. */
  readonly wireUs: number;
  /** It asked for an Ack at once. */
  readonly isFlagged: boolean;
  /** Its bytes were on their way already, so an Ack says little about this copy of them. */
  readonly isProbe: boolean;
}

/** What an Ack says about the Data on its way. */
export interface Verdict {
  /** Data that the Ack does not speak of. */
  readonly flight: readonly Frame[];
  /** How those fared that it does speak of. */
  readonly fates: readonly Fate[];
  /** The newest Data that had arrived: the one that the Ack answers. */
  readonly answered: Frame | undefined;
}

/**
 * Judges Data up to the Ack's `max_tx_seq`. A dock may list fewer gaps than there are, so nothing is known of what lies
 * beyond the last one listed, but for the Data that was seen last; without any gap, all was received up to `received_to`
 * and nothing beyond it.
 */
export function judge(flight: readonly Frame[], ack: Ack): Verdict {
  const knownTo = ack.missing.at(-1)?.end ?? Number.POSITIVE_INFINITY;
  const left: Frame[] = [];
  const fates: Fate[] = [];
  let answered: Frame | undefined;
  for (const frame of flight) {
    const isSeen = frame.txSeq === ack.maxTxSeq;
    if (isSeen) answered = frame;
    if (frame.txSeq > ack.maxTxSeq || (!isSeen && frame.end > knownTo && !isMissing(frame, ack))) {
      left.push(frame);
    } else if (!frame.isProbe) {
      fates.push({ payloadBytes: frame.end - frame.start, arrived: isSeen || !isMissing(frame, ack) });
    }
  }
  return { flight: left, fates, answered };
}

function isMissing(frame: Frame, { missing, receivedTo }: Ack): boolean {
  return missing.length === 0 ? frame.end > receivedTo : missing.some((range) => overlap(range, frame));
}

/**
 * What the dock lacks of the bytes before `sentTo`, by this Ack, in order. Without a gap in the list that is all beyond
 * `received_to`. `due` was lacking before, and still is where a list that may be cut says nothing.
 */
export function lacking(ack: Ack, sentTo: number, due: readonly ByteRange[]): readonly ByteRange[] {
  const { missing, receivedTo } = ack;
  const sent = { start: receivedTo, end: sentTo };
  const last = missing.at(-1);
  if (last === undefined) return clip([sent], sent);
  return [...clip(missing, sent), ...clip(due, { start: last.end, end: sentTo })];
}
