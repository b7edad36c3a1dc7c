import type { Layout } from '../../../proto/layout.ts';
import type { Accept, Ack, ByteRange, Data } from '../../../proto/messages.ts';
import { STREAM } from '../../unit/device/upload/upload-kit.ts';

export interface DockHabits {
  readonly creditUnits: number;
  /** Gaps it lists at most. */
  readonly missingMax: number;
  /** Time to write a unit. */
  readonly writeMs: number;
  readonly pausesMs: readonly number[];
}

/** The dock of the protocol page in its plainest form: one flag for each byte, and nothing kept but that. */
export class ReferenceDock {
  readonly problems: string[] = [];
  /** Bytes that came although they were there, and nobody had asked whether anybody was there. */
  repeatedBytes = 0;
  readonly #layout: Layout;
  readonly #habits: DockHabits;
  readonly #has: boolean[];
  #maxTxSeq = 0;
  #durableTo = 0;
  #writtenAtMs = 0;
  #ackedMs = 0;
  #changedMs: number | undefined;
  #isDue = false;

  constructor(layout: Layout, habits: DockHabits, parked: readonly ByteRange[]) {
    this.#layout = layout;
    this.#habits = habits;
    this.#has = Array.from({ length: layout.totalBytes }, (_, at) => isIn(parked, at));
  }

  get isDone(): boolean {
    return this.#durableTo === this.#layout.totalBytes;
  }

  accept(): Omit<Accept, 'sessionId' | 'recordingId' | 'prefixDigest'> {
    const receivedTo = this.#receivedTo();
    const held: ByteRange[] = [];
    for (let at = receivedTo; at < this.#has.length; at += 1) {
      if (this.#has[at] !== true) continue;
      const end = this.#runEnd(at);
      held.push({ start: at, end });
      at = end;
    }
    const creditTo = this.#creditTo();
    return { type: 'accept', stream: STREAM, leaseEpoch: 1, durableTo: 0, receivedTo, creditTo, held };
  }

  data(
    { txSeq, flags, offset, payload }: Data,
    { nowMs, isProbe }: { nowMs: number; isProbe: boolean },
  ): void {
    const end = offset + payload.length;
    if (end > this.#creditTo()) this.problems.push(`${end} is beyond the credit of ${this.#creditTo()}`);
    if (payload.some((byte, index) => byte !== contentAt(offset + index)))
      this.problems.push(`wrong bytes at ${offset}`);
    const repeated = this.#has.slice(offset, end).filter((has) => has).length;
    if (!isProbe) this.repeatedBytes += repeated;
    this.#has.fill(true, offset, end);
    this.#isDue ||= txSeq > this.#maxTxSeq + 1 || flags === 1 || repeated > 0;
    this.#changedMs ??= nowMs;
    this.#maxTxSeq = Math.max(this.#maxTxSeq, txSeq);
  }

  /** One millisecond: writes what is complete, and says what there is to say. */
  tick(nowMs: number): Ack | undefined {
    const unit = this.#layout.unitAt(this.#durableTo);
    const unitEnd = this.isDone ? Number.POSITIVE_INFINITY : this.#layout.start(unit + 1);
    if (this.#receivedTo() < unitEnd) this.#writtenAtMs = nowMs + this.#habits.writeMs;
    else if (nowMs >= this.#writtenAtMs) {
      this.#durableTo = unitEnd;
      this.#writtenAtMs = nowMs + this.#habits.writeMs;
      this.#isDue = true;
    }
    const isLate = this.#changedMs !== undefined && nowMs - this.#changedMs >= 200;
    if (!this.#isDue && !isLate && nowMs - this.#ackedMs < 500) return undefined;
    this.#isDue = false;
    this.#changedMs = undefined;
    this.#ackedMs = nowMs;
    return this.#ack(nowMs);
  }

  #ack(nowMs: number): Ack {
    const receivedTo = this.#receivedTo();
    const missing: ByteRange[] = [];
    const top = this.#has.lastIndexOf(true) + 1;
    for (let at = receivedTo; at < top && missing.length < this.#habits.missingMax; at += 1) {
      if (this.#has[at] === true) continue;
      let end = at;
      while (end < top && this.#has[end] !== true) end += 1;
      missing.push({ start: at, end });
      at = end;
    }
    const pause = this.#habits.pausesMs.some((from) => nowMs >= from && nowMs < from + 300);
    const creditTo = this.#creditTo();
    const durableTo = this.#durableTo;
    return {
      type: 'ack',
      stream: STREAM,
      maxTxSeq: this.#maxTxSeq,
      receivedTo,
      durableTo,
      creditTo,
      missing,
      pause,
    };
  }

  #creditTo(): number {
    const { unitCount } = this.#layout;
    return this.#layout.start(
      Math.min(unitCount, this.#layout.unitAt(this.#durableTo) + this.#habits.creditUnits),
    );
  }

  #receivedTo(): number {
    const at = this.#has.indexOf(false);
    return at < 0 ? this.#has.length : at;
  }

  #runEnd(from: number): number {
    let at = from;
    while (this.#has[at] === true) at += 1;
    return at;
  }
}

export const contentAt = (offset: number): number => (offset * 7 + (offset >> 8)) & 255;

const isIn = (ranges: readonly ByteRange[], at: number): boolean =>
  ranges.some(({ start, end }) => start <= at && at < end);
