import { probeAfterUs, type RoundTrip, sampled } from '../../../device/upload/rtt.ts';
import { encodeDataHeader } from '../../../proto/codec.ts';
import { CRC_BYTES, crc32c } from '../../../proto/crc32c.ts';
import { type Accept, type Ack, DATA_FLAG_ACK_NOW } from '../../../proto/messages.ts';
import type { Meter } from '../result.ts';
import { crcJoiner } from './crc-join.ts';
import type { LoadRecording } from './film.ts';

// What the tail of section 9 of the protocol is at the most.
const PROBE_BYTES_MAX = 1_024;
// A fleet on one machine with its dock has no lossy lines, and a dock in distress is not helped by questions.
const PROBE_US_MIN = 1_000_000;

/** Takes one Data in three pieces and does not wait. */
export type SendData = (header: Uint8Array, payload: Uint8Array, crc: Uint8Array) => void;

export interface UploadPlan {
  readonly camera: number;
  readonly recording: LoadRecording;
  readonly accept: Accept;
  /** Chunks that may be sent and not durable. */
  readonly window: number;
  readonly meter: Meter;
  readonly nowUs: () => number;
  readonly send: SendData;
  /** When a chunk is meant to leave, whatever the dock does; without it, as soon as the window has room for it. */
  readonly dueUs?: ((chunk: number) => number) | undefined;
}

interface Flight {
  readonly intendedUs: number;
  readonly sentUs: number;
  /** Of the newest Data with bytes of this unit. */
  txSeq: number;
}

/** One accepted recording on its way: what was sent of it, and what the dock says is durable. */
export class Upload {
  readonly #plan: UploadPlan;
  readonly #flights = new Map<number, Flight>();
  #txSeq = 0;
  #nextUnit: number;
  #durableTo: number;
  #creditTo: number;
  #isPaused = false;
  /** When there last was room for one more chunk: the closed loop means to send it then. */
  #roomUs: number;
  #trip: RoundTrip | undefined;
  /** When something was sent or heard last. */
  #quietUs: number;
  #probes = 0;
  #joins = new Map<number, ReturnType<typeof crcJoiner>>();

  constructor(plan: UploadPlan) {
    const { accept, recording } = plan;
    this.#plan = plan;
    this.#durableTo = accept.durableTo;
    this.#creditTo = accept.creditTo;
    this.#nextUnit = recording.layout.unitAt(accept.durableTo);
    this.#roomUs = plan.nowUs();
    this.#quietUs = this.#roomUs;
  }

  get stream(): number {
    return this.#plan.accept.stream;
  }

  get isDurable(): boolean {
    return this.#durableTo === this.#plan.recording.layout.totalBytes;
  }

  /** Chunks that were sent at least once. */
  get sentChunks(): number {
    return Math.max(0, this.#nextUnit - 1);
  }

  /** Sends as many units as credit, window and `places` allow. Returns when the next is due, if that alone keeps it back. */
  pump(places: number): number | undefined {
    const { recording, window, nowUs } = this.#plan;
    const { layout } = recording;
    for (let left = places; left > 0 && !this.#isPaused; left -= 1) {
      const unit = this.#nextUnit;
      if (unit >= layout.unitCount || this.#flights.size >= window) return undefined;
      const end = layout.start(unit + 1);
      if (end > this.#creditTo) return undefined;
      const sentUs = nowUs();
      const intendedUs = this.#intendedUs(unit);
      if (intendedUs > sentUs) return intendedUs;
      this.#nextUnit += 1;
      // As a camera does: what keeps it back otherwise is its own window or plan, and the next durable Ack comes in any case.
      const isLast = end === this.#creditTo || end === layout.totalBytes;
      const txSeq = this.#data(layout.start(unit), end, isLast);
      this.#flights.set(unit, { intendedUs, sentUs, txSeq });
    }
    return undefined;
  }

  /** Whether the Ack agrees with what was sent; one that does not is ignored as a whole. */
  acked(ack: Ack): boolean {
    const { layout } = this.#plan.recording;
    const sentTo = layout.start(this.#nextUnit);
    if (ack.receivedTo > sentTo || ack.durableTo > sentTo || ack.maxTxSeq > this.#txSeq) return false;
    if (ack.durableTo < this.#durableTo) return false;
    const nowUs = this.#plan.nowUs();
    this.#answered(ack, nowUs);
    const hasRoom = ack.durableTo > this.#durableTo || ack.creditTo > this.#creditTo;
    if (ack.durableTo > this.#durableTo) this.#durable(ack.durableTo, nowUs);
    if (hasRoom) this.#roomUs = nowUs;
    this.#creditTo = Math.max(this.#creditTo, ack.creditTo);
    this.#isPaused = ack.pause;
    this.#repair(ack);
    return true;
  }

  /** Where nothing was heard for longer than answers take, the end of what was sent last goes out again, to be answered. */
  probe(): void {
    const nowUs = this.#plan.nowUs();
    const unit = [...this.#flights.keys()].at(-1);
    if (
      unit === undefined ||
      nowUs - this.#quietUs < Math.max(PROBE_US_MIN, probeAfterUs(this.#trip, this.#probes))
    )
      return;
    this.#probes += 1;
    const { layout } = this.#plan.recording;
    const end = layout.start(unit + 1);
    this.#again(Math.max(layout.start(unit), end - PROBE_BYTES_MAX), end, true);
  }

  /** Tells of what is under way when the run ends, and of what should have been. */
  leave(untilUs: number): void {
    const { camera, meter, recording, dueUs } = this.#plan;
    for (const [unit, { intendedUs }] of this.#flights)
      if (unit > 0) meter.unfinished(camera, { intendedUs, untilUs });
    if (dueUs === undefined) return;
    for (let unit = Math.max(1, this.#nextUnit); unit < recording.layout.unitCount; unit += 1) {
      const intendedUs = dueUs(unit - 1);
      if (intendedUs >= untilUs) return;
      meter.unfinished(camera, { intendedUs, untilUs });
    }
  }

  #answered({ maxTxSeq }: Ack, nowUs: number): void {
    this.#quietUs = nowUs;
    this.#probes = 0;
    for (const { txSeq, sentUs } of this.#flights.values())
      if (txSeq === maxTxSeq) this.#trip = sampled(this.#trip, nowUs - sentUs);
  }

  /** The manifest leaves as soon as it may: it is no footage, and is not timed. */
  #intendedUs(unit: number): number {
    const { dueUs } = this.#plan;
    return dueUs === undefined || unit === 0 ? this.#roomUs : dueUs(unit - 1);
  }

  #durable(to: number, durableUs: number): void {
    const { camera, meter, recording } = this.#plan;
    for (const [unit, { intendedUs, sentUs }] of this.#flights) {
      const end = recording.layout.start(unit + 1);
      if (end > to) break;
      this.#flights.delete(unit);
      // The manifest is not footage: it is neither counted nor timed.
      if (unit === 0) continue;
      const bytes = end - recording.layout.start(unit);
      meter.chunk(camera, { intendedUs, sentUs, durableUs, bytes });
    }
    this.#durableTo = to;
  }

  /** Some brokers throw long packets away, so what is missing goes out in halves. */
  #repair({ missing, maxTxSeq }: Ack): void {
    const { layout } = this.#plan.recording;
    for (const [unit, flight] of this.#flights) {
      if (flight.txSeq > maxTxSeq) continue;
      const [from, to] = [layout.start(unit), layout.start(unit + 1)];
      for (const range of missing) {
        const start = Math.max(range.start, from);
        const end = Math.min(range.end, to);
        if (start >= end) continue;
        const middle = start + Math.ceil((end - start) / 2);
        this.#again(start, middle, false);
        if (middle < end) this.#again(middle, end, true);
        flight.txSeq = this.#txSeq;
      }
    }
  }

  #again(start: number, end: number, ackNow: boolean): void {
    this.#plan.meter.retransmit(this.#plan.camera, end - start);
    this.#data(start, end, ackNow);
  }

  /** The bytes are within one unit. */
  #data(offset: number, end: number, ackNow: boolean): number {
    const { layout, chunks, signedManifest, manifestCrc } = this.#plan.recording;
    this.#txSeq += 1;
    this.#quietUs = this.#plan.nowUs();
    const unit = layout.unitAt(offset);
    const from = layout.start(unit);
    const chunk = unit === 0 ? { bytes: signedManifest, crc: manifestCrc } : chunks[unit - 1];
    if (chunk === undefined) throw new RangeError(`no unit ${unit}`);
    const isWhole = offset === from && end === layout.start(unit + 1);
    const payload = isWhole ? chunk.bytes : chunk.bytes.subarray(offset - from, end - from);
    const flags = ackNow ? DATA_FLAG_ACK_NOW : 0;
    const header = encodeDataHeader({ stream: this.stream, txSeq: this.#txSeq, flags, offset, payload });
    const crc = this.#join(payload.length)(crc32c(header), isWhole ? chunk.crc : crc32c(payload));
    const tail = new Uint8Array(CRC_BYTES);
    new DataView(tail.buffer).setUint32(0, crc, true);
    this.#plan.send(header, payload, tail);
    return this.#txSeq;
  }

  #join(bytes: number): ReturnType<typeof crcJoiner> {
    const join = this.#joins.get(bytes) ?? crcJoiner(bytes);
    this.#joins.set(bytes, join);
    return join;
  }
}
