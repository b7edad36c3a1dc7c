import type { Accept, Ack, ByteRange, Data, Offer, Receipt } from '../../../proto/messages.ts';
import { DATA_FLAG_ACK_NOW } from '../../../proto/messages.ts';
import { Ranges } from '../conformance/ranges.ts';
import { ReplayError } from './live.ts';

const PATIENCE_MS = 500;
const REPAIRS_MAX = 64;

/** One recorded upload while it is played to a live dock: the live numbers, and all recorded bytes to say again. */
export class Sending {
  readonly #pieces: { readonly offset: number; readonly payload: Uint8Array }[] = [];
  readonly #kept = new Ranges();
  readonly #totalBytes: number;
  #accept: Accept | undefined;
  #txSeq = 0;
  #durableTo = 0;
  #creditTo = 0;
  #receivedTo = 0;
  #missing: readonly ByteRange[] = [];
  #maxTxSeq = 0;
  #seenTxSeq = 0;
  receipt: Receipt | undefined;

  constructor(offer: Offer) {
    this.#totalBytes = offer.manifestBytes + offer.contentBytes;
  }

  /** How long to wait before something is said again. */
  readonly patienceMs = PATIENCE_MS;

  get isOpen(): boolean {
    return this.#accept !== undefined;
  }

  get stream(): number {
    return this.#accept?.stream ?? 0;
  }

  get durableTo(): number {
    return this.#durableTo;
  }

  get creditTo(): number {
    return this.#creditTo;
  }

  open(accept: Accept): void {
    if (accept.stream === this.#accept?.stream) return;
    this.#accept = accept;
    this.#txSeq = 0;
    this.#maxTxSeq = 0;
    this.#seenTxSeq = 0;
    this.#missing = [];
    ({ durableTo: this.#durableTo, creditTo: this.#creditTo, receivedTo: this.#receivedTo } = accept);
  }

  close(): void {
    this.#accept = undefined;
  }

  settle(receipt: Receipt): void {
    this.receipt = receipt;
  }

  acknowledged(ack: Ack): void {
    if (ack.stream !== this.stream) return;
    this.#durableTo = Math.max(this.#durableTo, ack.durableTo);
    this.#creditTo = Math.max(this.#creditTo, ack.creditTo);
    this.#receivedTo = Math.max(this.#receivedTo, ack.receivedTo);
    this.#maxTxSeq = Math.max(this.#maxTxSeq, ack.maxTxSeq);
    this.#missing = ack.missing;
  }

  /** Recorded bytes, which may be asked for again. */
  keep(offset: number, payload: Uint8Array): void {
    if (this.#kept.has(offset, offset + payload.length)) return;
    this.#kept.add(offset, offset + payload.length);
    this.#pieces.push({ offset, payload });
  }

  data(offset: number, payload: Uint8Array, flags: number): Data {
    this.#txSeq += 1;
    return { type: 'data', stream: this.stream, txSeq: this.#txSeq, flags, offset, payload };
  }

  /**
   * What the dock misses of what was sent, once nothing of it is on its way any more, the last of it asking for an Ack.
   * Throws ReplayError REPLAY_DIFFERENT when the capture never had the bytes that the dock needs next.
   */
  repairs(fragmentBytesMax: number): readonly Data[] {
    const isArriving = this.#maxTxSeq > this.#seenTxSeq;
    this.#seenTxSeq = this.#maxTxSeq;
    if (isArriving) return [];
    const sentTo = Math.min(this.#kept.all.at(-1)?.end ?? 0, this.#creditTo);
    const tail = { start: this.#receivedTo, end: sentTo };
    const wanted = this.#missing.length > 0 ? this.#missing : [tail].filter(({ start, end }) => start < end);
    const [first] = wanted;
    if (first === undefined) return [];
    if (!this.#kept.has(first.start, first.start + 1)) {
      const whole = `bytes from ${first.start} of ${this.#totalBytes}`;
      throw new ReplayError('REPLAY_DIFFERENT', `the dock needs ${whole}, which the capture does not have`);
    }
    const again = this.#cut(wanted, fragmentBytesMax).slice(0, REPAIRS_MAX);
    return again.map((data, index) =>
      index === again.length - 1 ? { ...data, flags: DATA_FLAG_ACK_NOW } : data,
    );
  }

  #cut(ranges: readonly ByteRange[], fragmentBytesMax: number): readonly Data[] {
    const cut: Data[] = [];
    for (const { offset, payload } of this.#pieces) {
      const isWanted = ranges.some(({ start, end }) => offset < end && start < offset + payload.length);
      if (!isWanted || offset + payload.length > this.#creditTo) continue;
      for (let at = 0; at < payload.length; at += fragmentBytesMax)
        cut.push(this.data(offset + at, payload.subarray(at, at + fragmentBytesMax), 0));
    }
    return cut;
  }
}
