import { checker } from '../../../device/keys/checker.ts';
import { equal } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import type { KeptHead } from '../../../proto/growth.ts';
import { FIN_RETRY_MS } from '../../../proto/limits.ts';
import {
  type Accept,
  type Ack,
  DATA_FLAG_ACK_NOW,
  type Receipt,
  type ReceiptBody,
} from '../../../proto/messages.ts';
import { type OpenedReceipt, openReceipt } from '../../../proto/receipt.ts';
import { ANSWER_MS, CaseFailure, demand } from './case.ts';
import { brief } from './describe.ts';
import type { PuppetSession } from './puppet-camera.ts';
import type { PuppetRecording } from './recording.ts';
import type { Wire } from './wire.ts';

/** Reading back, the custody entry and its checkpoint take the dock's disk this long at the most. */
const CUSTODY_MS = 15_000;
const STALL_MS = 1_000;

/** One accepted Offer. Sends what it is told to; a `tx_seq` is never used twice unless a case says so. */
export class PuppetUpload {
  readonly session: PuppetSession;
  readonly recording: PuppetRecording;
  readonly accept: Accept;
  #txSeq = 0;

  constructor(of: {
    readonly session: PuppetSession;
    readonly recording: PuppetRecording;
    readonly accept: Accept;
  }) {
    this.session = of.session;
    this.recording = of.recording;
    this.accept = of.accept;
  }

  get wire(): Wire {
    return this.session.camera.wire;
  }

  get stream(): number {
    return this.accept.stream;
  }

  /** `tx_seq` of the last Data. */
  get txSeq(): number {
    return this.#txSeq;
  }

  /** End of the unit, 0 being the manifest. */
  endOf(unit: number): number {
    return this.recording.layout.start(unit + 1);
  }

  /** One Data with the bytes from `start` to `end`. */
  data(
    start: number,
    end: number,
    how: { readonly ackNow?: boolean; readonly payload?: Uint8Array; readonly lost?: boolean } = {},
  ): void {
    this.#txSeq += 1;
    // A lost Data has its number all the same.
    if (how.lost === true) return;
    this.wire.send({
      type: 'data',
      stream: this.stream,
      txSeq: this.#txSeq,
      flags: how.ackNow === true ? DATA_FLAG_ACK_NOW : 0,
      offset: start,
      payload: how.payload ?? this.recording.bytes.subarray(start, end),
    });
  }

  /** A Data under a number of before, as one that comes late. It asks for an Ack. */
  dataAs(txSeq: number, start: number, end: number): void {
    const payload = this.recording.bytes.subarray(start, end);
    const { stream } = this;
    this.wire.send({ type: 'data', stream, txSeq, flags: DATA_FLAG_ACK_NOW, offset: start, payload });
  }

  /** All bytes from `start` to `end`, no Data across the end of a unit, the last one asking for an Ack. */
  pour(start: number, end: number, fragmentBytes = this.session.camera.fragmentBytes): void {
    const { layout } = this.recording;
    for (let at = start; at < end; ) {
      const stop = Math.min(end, at + fragmentBytes, layout.start(layout.unitAt(at) + 1));
      this.data(at, stop, { ackNow: stop === end });
      at = stop;
    }
  }

  /** The next Ack of this stream that fits. */
  ack(fits: (ack: Ack) => boolean = () => true, withinMs = ANSWER_MS): Promise<Ack> {
    return this.wire.expect('ack', withinMs, (ack) => ack.stream === this.stream && fits(ack));
  }

  /** Every Ack of this stream so far, read or not. */
  acks(): readonly Ack[] {
    return this.wire
      .history('ack')
      .map(({ message }) => message)
      .filter(({ stream }) => stream === this.stream);
  }

  /** What the newest Ack says, or the Accept while there is none. */
  get known(): Pick<Ack, 'receivedTo' | 'durableTo' | 'creditTo'> {
    return this.acks().at(-1) ?? this.accept;
  }

  /** Sends, within the credit, until the dock says that all is durable up to `end`, which is the end of a unit. */
  async sendUpTo(end: number, withinMs = ANSWER_MS): Promise<Ack | Accept> {
    const deadline = performance.now() + withinMs;
    let sentTo = this.known.receivedTo;
    for (;;) {
      const { durableTo, receivedTo, creditTo } = this.known;
      if (durableTo >= end) return this.acks().at(-1) ?? this.accept;
      const stop = Math.min(end, creditTo);
      if (stop > sentTo) this.pour(sentTo, stop);
      sentTo = Math.max(sentTo, stop);
      this.#refuseAbort();
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new CaseFailure(
          `durable_to ${end} within ${withinMs} ms`,
          `durable_to ${durableTo}, credit_to ${creditTo}`,
        );
      if (!(await this.#progress(Math.min(STALL_MS, leftMs)))) sentTo = Math.min(sentTo, receivedTo);
    }
  }

  /** Asks for custody until the Receipt comes; checks everything about it that a camera must. */
  async fin(
    outcome: ReceiptBody['outcome'] = 'accepted',
    kept?: KeptHead,
  ): Promise<{ readonly receipt: Receipt; readonly body: OpenedReceipt }> {
    const deadline = performance.now() + CUSTODY_MS;
    for (;;) {
      this.sayFin(kept?.size);
      const heard = await this.wire.hearIfAny('receipt', FIN_RETRY_MS);
      if (heard !== undefined)
        return { receipt: heard.message, body: this.check(heard.message, outcome, kept) };
      this.#refuseAbort();
      if (performance.now() > deadline)
        throw new CaseFailure(`a Receipt within ${CUSTODY_MS} ms of Fin`, 'none');
    }
  }

  /** One Fin, of a camera that keeps a checkpoint of that size. */
  sayFin(ledgerSize?: number): void {
    const { totalBytes } = this.recording.layout;
    const said = ledgerSize === undefined ? {} : { ledgerSize };
    this.wire.send({ type: 'fin', stream: this.stream, totalBytes, ...said });
  }

  /** Section 11: everything a camera must check before it erases. Throws a CaseFailure. */
  check(receipt: Receipt, outcome: ReceiptBody['outcome'] = 'accepted', kept?: KeptHead): OpenedReceipt {
    const dock = this.session.camera.trusted(this.session.greeting.body);
    let body: OpenedReceipt;
    try {
      body = openReceipt(receipt, kept === undefined ? dock : { ...dock, kept }, checker);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      throw new CaseFailure('a Receipt that holds in every part', error.message);
    }
    const { recordingId, manifestSha256 } = this.recording;
    demand(body.recordingId === recordingId, `a Receipt for ${recordingId}`, body.recordingId);
    demand(
      equal(body.manifestSha256, manifestSha256),
      'a Receipt for this manifest',
      brief(body.manifestSha256),
    );
    demand(body.outcome === outcome, `a Receipt that says ${outcome}`, `${body.outcome} ${body.reason}`);
    return body;
  }

  #refuseAbort(): void {
    const [abort] = this.wire.drain('abort');
    if (abort !== undefined) throw new CaseFailure('no Abort', `Abort ${abort.code}: ${abort.message}`);
  }

  /** Waits for one more Ack; false when none says anything new in time. */
  async #progress(withinMs: number): Promise<boolean> {
    const { receivedTo, durableTo, creditTo } = this.known;
    const heard = await this.wire.hearIfAny(
      'ack',
      withinMs,
      (ack) =>
        ack.stream === this.stream &&
        (ack.receivedTo > receivedTo || ack.durableTo > durableTo || ack.creditTo > creditTo),
    );
    return heard !== undefined;
  }
}
