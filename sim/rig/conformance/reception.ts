import { equal, toHex } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import { type Layout, layoutOf } from '../../../proto/layout.ts';
import { MISSING_RANGES_MAX } from '../../../proto/limits.ts';
import { type Manifest, openManifest } from '../../../proto/manifest.ts';
import {
  type Ack,
  type ByteRange,
  type Data,
  DATA_FLAG_ACK_NOW,
  type Limits,
  type Offer,
} from '../../../proto/messages.ts';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { CaseFailure, demand } from './case.ts';
import { Ranges } from './ranges.ts';
import type { Heard, Wire } from './wire.ts';

const HEADER_BYTES_MAX = 20;
const HEADER_HOLDS_BELOW_BYTES = 256 * 1024 * 1024;
const ACK_DELAY_MS = 200;
const ACK_REPEAT_MS = 500;
const CREDIT_UNITS = 4;

/** Rules of section 7 that every Data is held against; a case demands those that it is about. */
export type DataRule = 'header' | 'fragment' | 'credit' | 'unit' | 'tx-seq' | 'offset' | 'same-bytes';

/** One Data as it came. */
export interface Arrival {
  readonly txSeq: number;
  readonly start: number;
  readonly end: number;
  /** Flag bit 0. */
  readonly asksForAck: boolean;
  readonly atMs: number;
  /** The puppet acted as if it had been lost. */
  readonly lost: boolean;
}

/** What an upload stands on: the offer, the camera's key, and what both sides agreed on in the handshake. */
export interface ReceptionStart {
  readonly wire: Wire;
  readonly offer: Offer;
  readonly cameraKey: Uint8Array;
  readonly stream: number;
  /** The smaller ones of both sides. */
  readonly limits: Limits;
  readonly durableTo: number;
  readonly creditTo: number;
  /** What the Accept claimed to have beyond `durableTo`. */
  readonly held?: readonly ByteRange[];
  /** The upload that brought what is held. */
  readonly after?: Reception;
  /** Known from an earlier upload; needed to accept from anywhere but the start. */
  readonly signedManifest?: Uint8Array;
}

interface KnownManifest {
  readonly manifest: Manifest;
  readonly signed: Uint8Array;
  readonly layout: Layout;
}

/** How to receive: as a good dock does, but for what is said here. */
export interface Receiving {
  readonly withinMs: number;
  /** Units of credit beyond what is durable; four when absent. None leaves the credit where it is. */
  readonly creditUnits?: number;
  /** Acts as if this Data had been lost. */
  readonly lose?: (arrival: Arrival) => boolean;
  /** Sends no Ack at all. */
  readonly mute?: boolean;
}

/** A dock's end of one upload: a reference receiver that judges every Data and says whatever it is told to. */
export class Reception {
  readonly offer: Offer;
  readonly stream: number;
  readonly totalBytes: number;
  readonly arrivals: Arrival[] = [];
  /** Everything that is here: what came, and what was said to be here before. */
  readonly received = new Ranges();
  /** What came in this upload. */
  readonly #came = new Ranges();
  readonly #start: ReceptionStart;
  readonly #content: Uint8Array;
  readonly #broken = new Map<DataRule, string>();
  #manifest: KnownManifest | undefined;
  #durableTo: number;
  #durableCap = Number.POSITIVE_INFINITY;
  #creditTo: number;
  #maxTxSeq = 0;
  #lastTxSeq = 0;
  #topByte: number;

  constructor(start: ReceptionStart) {
    this.#start = start;
    this.offer = start.offer;
    this.stream = start.stream;
    this.totalBytes = start.offer.manifestBytes + start.offer.contentBytes;
    this.#content = new Uint8Array(this.totalBytes);
    this.#durableTo = start.durableTo;
    this.#creditTo = start.creditTo;
    this.#topByte = Math.max(start.durableTo, ...(start.held ?? []).map(({ end }) => end));
    this.received.add(0, start.durableTo);
    for (const { start: from, end } of start.held ?? []) this.received.add(from, end);
    if (start.after !== undefined) this.#content.set(start.after.#content);
    if (start.signedManifest !== undefined) this.#judgeManifest(start.signedManifest);
  }

  /** What may be called durable: every unit that is here and holds, as far as the disk has got. */
  get durableTo(): number {
    return Math.min(this.#durableTo, this.#durableCap);
  }

  get creditTo(): number {
    return this.#creditTo;
  }

  get receivedTo(): number {
    return this.received.endFrom(0);
  }

  get maxTxSeq(): number {
    return this.#maxTxSeq;
  }

  /** End of the furthest byte that came, lost ones included. */
  get sentTo(): number {
    return this.arrivals.reduce((top, { end }) => Math.max(top, end), this.#start.durableTo);
  }

  get hasManifest(): boolean {
    return this.#manifest !== undefined;
  }

  /** The camera's word about the recording. Throws a CaseFailure before it has come. */
  get manifest(): Manifest {
    return this.#known().manifest;
  }

  get signedManifest(): Uint8Array {
    return this.#known().signed;
  }

  /** Where the units lie. Throws a CaseFailure before the manifest has come. */
  get layout(): Layout {
    return this.#known().layout;
  }

  /** A disk that is slow: nothing beyond this offset is called durable until it is let go on. */
  holdDurable(at = Number.POSITIVE_INFINITY): void {
    this.#durableCap = at;
  }

  /** The next Data of this stream, judged and taken; undefined when none comes in time. */
  async next(withinMs: number, lose: Receiving['lose'] = () => false): Promise<Arrival | undefined> {
    const heard = await this.#start.wire.hearIfAny('data', withinMs, ({ stream }) => stream === this.stream);
    return heard === undefined ? undefined : this.#take(heard, lose);
  }

  /** As {@link next}; throws a CaseFailure when none comes. */
  async demandNext(withinMs: number, lose?: Receiving['lose']): Promise<Arrival> {
    const arrival = await this.next(withinMs, lose);
    if (arrival === undefined) throw new CaseFailure(`Data within ${withinMs} ms`, 'none');
    return arrival;
  }

  /** Takes what comes for so long, without a word. */
  async collect(forMs: number): Promise<readonly Arrival[]> {
    const deadline = performance.now() + forMs;
    const found: Arrival[] = [];
    for (;;) {
      const arrival = await this.next(Math.max(0, deadline - performance.now()));
      if (arrival === undefined) return found;
      found.push(arrival);
    }
  }

  /** Receives, acknowledges and gives credit until `done`. Throws a CaseFailure when that takes too long. */
  async receive(done: (self: Reception) => boolean, how: Receiving): Promise<void> {
    const deadline = performance.now() + how.withinMs;
    let ackDueMs = performance.now() + ACK_REPEAT_MS;
    if (!done(this) && this.#giveCredit(how.creditUnits ?? CREDIT_UNITS) && how.mute !== true) this.ack();
    while (!done(this)) {
      const nowMs = performance.now();
      if (nowMs >= deadline)
        throw new CaseFailure(
          `the upload to go on to its end within ${how.withinMs} ms`,
          `${this.received.bytes} of ${this.totalBytes} B received, ${this.#durableTo} durable`,
        );
      const [before, lastTxSeq] = [this.#durableTo, this.#lastTxSeq];
      const arrival = await this.next(Math.min(Math.max(1, ackDueMs - nowMs), deadline - nowMs), how.lose);
      const credited = this.#giveCredit(how.creditUnits ?? CREDIT_UNITS);
      const isUrgent =
        arrival === undefined ||
        credited ||
        this.#durableTo > before ||
        (!arrival.lost && (arrival.asksForAck || arrival.txSeq !== lastTxSeq + 1 || this.#hasGap()));
      if (isUrgent && how.mute !== true) this.ack();
      ackDueMs = performance.now() + (isUrgent ? ACK_REPEAT_MS : ACK_DELAY_MS);
    }
  }

  /** Receives all of it, as a good dock does; everything is durable then. */
  receiveAll(how: Receiving): Promise<void> {
    return this.receive(({ durableTo, totalBytes }) => durableTo === totalBytes, how);
  }

  /** What an honest dock would say now. */
  honest(): Ack {
    return {
      type: 'ack',
      stream: this.stream,
      maxTxSeq: this.#maxTxSeq,
      receivedTo: this.receivedTo,
      durableTo: this.durableTo,
      creditTo: this.#creditTo,
      missing: this.received.gaps(this.receivedTo, this.#topByte).slice(0, MISSING_RANGES_MAX),
      pause: false,
    };
  }

  /** Sends an Ack, the honest one but for what is given here. Credit that it gives counts. */
  ack(changes: Partial<Ack> = {}): Ack {
    const ack = { ...this.honest(), ...changes };
    this.#creditTo = Math.max(this.#creditTo, ack.creditTo);
    this.#start.wire.send(ack);
    return ack;
  }

  /** Sends an Ack whose claims, credit included, must have no effect. */
  lie(changes: Partial<Ack>): void {
    this.#start.wire.send({ ...this.honest(), ...changes });
  }

  /** Throws a CaseFailure for the first Data that broke one of these rules. */
  demandKept(...rules: readonly DataRule[]): void {
    for (const rule of rules) {
      const broken = this.#broken.get(rule);
      if (broken !== undefined) throw new CaseFailure(EXPECTED[rule], broken);
    }
  }

  #take({ message, pdu, atMs }: Heard<Data>, lose: (arrival: Arrival) => boolean): Arrival {
    const { txSeq, offset: start, payload, flags } = message;
    const end = start + payload.length;
    const asksForAck = (flags & DATA_FLAG_ACK_NOW) !== 0;
    this.#judge(message, pdu);
    this.#lastTxSeq = Math.max(this.#lastTxSeq, txSeq);
    const seen: Arrival = { txSeq, start, end, asksForAck, atMs, lost: false };
    const arrival = { ...seen, lost: lose(seen) };
    this.arrivals.push(arrival);
    if (arrival.lost || end > this.totalBytes) return arrival;
    this.#maxTxSeq = Math.max(this.#maxTxSeq, txSeq);
    this.#topByte = Math.max(this.#topByte, end);
    this.#content.set(payload, start);
    this.received.add(start, end);
    this.#came.add(start, end);
    this.#settleUnits();
    return arrival;
  }

  #judge({ txSeq, offset, payload }: Data, pdu: Uint8Array): void {
    const end = offset + payload.length;
    const { fragmentBytesMax, pduBytesMax } = this.#start.limits;
    const where = `tx_seq ${txSeq} with ${offset}…${end}`;
    const headerBytes = pdu.length - payload.length;
    const isTooLong = payload.length > fragmentBytesMax || pdu.length > pduBytesMax;
    if (headerBytes > HEADER_BYTES_MAX && this.totalBytes < HEADER_HOLDS_BELOW_BYTES)
      this.#note('header', `${headerBytes} B around the payload of ${where}`);
    if (isTooLong || payload.length === 0)
      this.#note('fragment', `${payload.length} B in a PDU of ${pdu.length} B`);
    if (end > this.#creditTo) this.#note('credit', `${where}, credit being ${this.#creditTo}`);
    if (end > this.totalBytes) this.#note('offset', `${where} of ${this.totalBytes} B`);
    else if (this.#unitEndAfter(offset) < end)
      this.#note('unit', `${where}, a unit ending at ${this.#unitEndAfter(offset)}`);
    if (txSeq !== this.#lastTxSeq + 1) this.#note('tx-seq', `${txSeq} after ${this.#lastTxSeq}`);
    const known = this.#content.subarray(offset, end);
    if (this.#came.has(offset, end) && !equal(known, payload))
      this.#note('same-bytes', `other bytes at ${where}`);
  }

  #note(rule: DataRule, what: string): void {
    if (!this.#broken.has(rule)) this.#broken.set(rule, what);
  }

  /** End of the unit that holds this offset, as far as it can be known before the manifest has come. */
  #unitEndAfter(offset: number): number {
    if (offset < this.offer.manifestBytes) return this.offer.manifestBytes;
    if (this.#manifest === undefined) return this.totalBytes;
    const { layout } = this.#manifest;
    return layout.start(layout.unitAt(offset) + 1);
  }

  #hasGap(): boolean {
    return this.received.gaps(this.receivedTo, this.#topByte).length > 0;
  }

  #giveCredit(units: number): boolean {
    if (units === 0 || this.#manifest === undefined) return false;
    const { layout } = this.#manifest;
    const unit = Math.min(layout.unitCount, layout.unitAt(this.#durableTo) + units);
    const creditTo = layout.start(unit);
    if (creditTo <= this.#creditTo) return false;
    this.#creditTo = creditTo;
    return true;
  }

  /** Checks every unit that is complete, as a dock must before it calls it durable. */
  #settleUnits(): void {
    const { manifestBytes } = this.offer;
    if (this.#manifest === undefined) {
      if (!this.received.has(0, manifestBytes)) return;
      this.#judgeManifest(this.#content.slice(0, manifestBytes));
    }
    const { layout, manifest } = this.#known();
    for (;;) {
      const unit = layout.unitAt(this.#durableTo);
      if (unit >= layout.unitCount || !this.received.has(this.#durableTo, layout.start(unit + 1))) return;
      const end = layout.start(unit + 1);
      const digest = nodeChecker.sha256(this.#content.subarray(this.#durableTo, end));
      const signed = unit === 0 ? this.offer.manifestSha256 : manifest.chunks[unit - 1]?.sha256;
      const what = unit === 0 ? 'the manifest as it was offered' : `chunk ${unit - 1} as its manifest says`;
      demand(signed !== undefined && equal(signed, digest), what, `bytes whose hash is ${toHex(digest)}`);
      this.#durableTo = end;
    }
  }

  #judgeManifest(signed: Uint8Array): void {
    const digest = nodeChecker.sha256(signed);
    demand(
      equal(digest, this.offer.manifestSha256),
      `the manifest that was offered, ${toHex(this.offer.manifestSha256)}`,
      toHex(digest),
    );
    try {
      const manifest = openManifest(signed, this.#start.cameraKey, nodeChecker);
      const sizes = manifest.chunks.map(({ storedBytes }) => storedBytes);
      this.#manifest = { manifest, signed, layout: layoutOf(signed.length, sizes) };
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      throw new CaseFailure(
        'a manifest signed by the enrolled camera that agrees with itself',
        error.message,
      );
    }
  }

  #known(): KnownManifest {
    if (this.#manifest === undefined) throw new CaseFailure('the manifest', 'it has not come');
    return this.#manifest;
  }
}

const EXPECTED: Readonly<Record<DataRule, string>> = {
  header: `at most ${HEADER_BYTES_MAX} B around a payload`,
  fragment: 'Data within the smaller limits of both sides',
  credit: 'no byte beyond the credit',
  unit: 'no Data across the end of a unit',
  'tx-seq': 'tx_seq to start at 1 and rise by one with every Data',
  offset: 'no byte beyond the end of the recording',
  'same-bytes': 'the same bytes at the same offset, always',
};
