import { acked } from '../../../device/upload/acked.ts';
import { fragmentSizeFor } from '../../../device/upload/fragment-size.ts';
import {
  beginSending,
  contentRead,
  fragmentSent,
  pump,
  type Sent,
  sendingTick,
} from '../../../device/upload/sending.ts';
import type { Sending, UploadEffect } from '../../../device/upload/state.ts';
import { layoutOf } from '../../../proto/layout.ts';
import type { Ack, ByteRange, Data } from '../../../proto/messages.ts';
import type { Chance } from '../../../sim/fault/chance.ts';
import { acceptOf, recordingOf } from '../../unit/device/upload/upload-kit.ts';
import { contentAt, type DockHabits, ReferenceDock } from './reference-dock.ts';

export interface LineFaults {
  readonly dataLoss: number;
  readonly ackLoss: number;
  readonly repeat: number;
  readonly reorder: number;
  readonly delayMs: number;
  /** When all of it but the delay ends. */
  readonly calmMs: number;
}

export interface SenderCase extends LineFaults {
  readonly unitBytes: readonly number[];
  readonly fragmentMin: number;
  /** The largest fragment is so many times the smallest; 1 is a link of one size. */
  readonly fragmentSpan: number;
  readonly dock: DockHabits;
  readonly parked: readonly ByteRange[];
}

interface OnTheWay {
  readonly atMs: number;
  readonly arrive: () => void;
}

/** The pure sender, a line that carries one Data a millisecond, and the reference dock, in virtual milliseconds. */
export class SenderWorld {
  readonly dock: ReferenceDock;
  readonly problems: string[] = [];
  probes = 0;
  readonly #given: SenderCase;
  readonly #chance: Chance;
  readonly #lane: { readonly data: Data; readonly isProbe: boolean }[] = [];
  readonly #probes: ByteRange[] = [];
  readonly #lastTxSeq: number[];
  #onTheWay: OnTheWay[] = [];
  #sending: Sending;
  #nowMs = 0;
  #txSeq = 0;
  #ackedTxSeq = 0;
  #creditTo: number;

  constructor(given: SenderCase, chance: Chance) {
    this.#given = given;
    this.#chance = chance;
    const layout = layoutOf(given.unitBytes[0] ?? 1, given.unitBytes.slice(1));
    this.dock = new ReferenceDock(layout, given.dock, given.parked);
    const accept = acceptOf(this.dock.accept());
    const fragment = fragmentSizeFor({
      start: given.fragmentMin * Math.min(2, given.fragmentSpan),
      min: given.fragmentMin,
      max: given.fragmentMin * given.fragmentSpan,
    });
    this.#creditTo = accept.creditTo;
    this.#lastTxSeq = Array.from({ length: layout.totalBytes }, () => 0);
    const upload = { recording: recordingOf('a'), layout, pace: { trip: undefined, fragment } };
    this.#sending = beginSending(accept, upload, 0);
  }

  /** Says when everything was durable, or undefined when it never was. */
  run(limitMs: number): number | undefined {
    this.#do(pump(this.#sending));
    for (; this.#nowMs < limitMs; this.#nowMs += 1) {
      if (this.dock.isDone) return this.#nowMs;
      this.#takeOne();
      this.#arrivals();
      this.#tick();
      const ack = this.dock.tick(this.#nowMs);
      if (ack !== undefined) this.#carry(this.#given.ackLoss, () => this.#ack(ack));
    }
    return undefined;
  }

  #takeOne(): void {
    const next = this.#lane.shift();
    if (next === undefined) return;
    const { data, isProbe } = next;
    this.#carry(this.#given.dataLoss, () => this.dock.data(data, { nowMs: this.#nowMs, isProbe }));
    this.#then(fragmentSent(this.#sending, this.#nowMs * 1_000));
  }

  #arrivals(): void {
    const due = this.#onTheWay.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#onTheWay = this.#onTheWay.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { arrive } of due) arrive();
  }

  #tick(): void {
    const [sending, effects] = sendingTick(this.#sending, this.#nowMs * 1_000);
    for (const effect of effects) if (effect.effect === 'read') this.#probing(effect);
    if (effects.length > 0) this.#do([sending, effects]);
  }

  #probing({ start, end }: ByteRange): void {
    this.probes += 1;
    this.#probes.push({ start, end });
  }

  #ack(ack: Ack): void {
    this.#ackedTxSeq = Math.max(this.#ackedTxSeq, ack.maxTxSeq);
    this.#creditTo = Math.max(this.#creditTo, ack.creditTo);
    this.#then(acked(this.#sending, ack, this.#nowMs * 1_000));
  }

  #then([sending, effects]: Sent): void {
    const [pumped, more] = pump(sending);
    this.#do([pumped, [...effects, ...more]]);
  }

  /** The flash answers at once, though not always in order. */
  #do([sending, effects]: Sent): void {
    this.#sending = sending;
    const ordered = this.#chance.happens(0.2) ? effects.toReversed() : effects;
    for (const effect of ordered) {
      if (effect.effect === 'read') this.#read(effect);
      else if (effect.effect === 'send' && effect.message.type === 'data') this.#give(effect.message);
    }
  }

  #read({ stream, start, end }: Extract<UploadEffect, { effect: 'read' }>): void {
    const bytes = Uint8Array.from({ length: end - start }, (_, index) => contentAt(start + index));
    const content = { event: 'content', nowUs: this.#nowMs * 1_000, stream, offset: start, bytes } as const;
    this.#do(contentRead(this.#sending, content, { nowUs: content.nowUs, wireUs: () => 1_000 }));
  }

  /** Looks at a Data as it leaves: what it may be depends on nothing but what this side has been told. */
  #give(data: Data): void {
    const { offset: start, payload, txSeq } = data;
    const end = start + payload.length;
    const probe = this.#probes.findIndex((range) => range.start === start && range.end === end);
    const isProbe = probe >= 0;
    if (isProbe) this.#probes.splice(probe, 1);
    const { layout } = this.#sending;
    if (txSeq !== this.#txSeq + 1) this.problems.push(`tx_seq ${txSeq} after ${this.#txSeq}`);
    if (end > this.#creditTo) this.problems.push(`${end} beyond the credit of ${this.#creditTo}`);
    if (layout.unitAt(start) !== layout.unitAt(end - 1))
      this.problems.push(`${start}-${end} spans two units`);
    for (let at = start; at < end; at += 1) {
      if (!isProbe && (this.#lastTxSeq[at] ?? 0) > this.#ackedTxSeq)
        this.problems.push(`${at} again, ${this.#lastTxSeq[at]} not answered`);
      this.#lastTxSeq[at] = txSeq;
    }
    this.#txSeq = txSeq;
    this.#lane.push({ data, isProbe });
  }

  #carry(loss: number, arrive: () => void): void {
    const { delayMs, calmMs, repeat, reorder } = this.#given;
    const isCalm = this.#nowMs >= calmMs;
    if (!isCalm && this.#chance.happens(loss)) return;
    const copies = !isCalm && this.#chance.happens(repeat) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = !isCalm && this.#chance.happens(reorder) ? 1 + this.#chance.below(8 * (delayMs + 1)) : 0;
      this.#onTheWay.push({ atMs: this.#nowMs + delayMs + late, arrive });
    }
  }
}
