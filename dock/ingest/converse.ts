import { decodePdu } from '../../proto/codec.ts';
import type { Crc32c } from '../../proto/crc32c.ts';
import { FieldError, PduError } from '../../proto/errors.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import { SESSION_SILENCE_MS } from '../../proto/limits.ts';
import type { Limits, Message, Offer } from '../../proto/messages.ts';
import type { Clock, Holding, HoldingKey, Link, Stamp, Stamper } from '../ports.ts';
import { Alarm } from './alarm.ts';
import { Course } from './course.ts';
import {
  CustodyError,
  type CustodyPorts,
  growthSince,
  ledgerBehind,
  recordEnrolment,
  recordErasure,
  type Settled,
  settledAs,
  takeCustody,
  withoutManifest,
} from './custody.ts';
import { wakeUs } from './liveness.ts';
import { Outgoing } from './outgoing.ts';
import { Seat, type SeatPorts } from './seat.ts';
import type {
  Failed,
  FailureCode,
  IngestContext,
  IngestEffect,
  IngestEvent,
  IngestNews,
  IngestState,
} from './state.ts';
import { step } from './step.ts';

// Displays need no more, and a line for each chunk would be as much work as the chunk.
const PROGRESS_US = 100_000;
const UNANSWERED: ReadonlySet<PduError['code']> = new Set(['PDU_SHORT', 'PDU_CRC', 'PDU_UNKNOWN_TYPE']);

/** What one conversation needs of the dock. */
export interface IngestPorts extends CustodyPorts, SeatPorts {
  readonly limits: Limits;
  readonly stamper: Stamper;
  /** Sums what arrives; the protocol's own when absent. */
  readonly sum?: Crc32c;
  /** These bytes of a packet are on the disk, and nobody reads them any more. */
  readonly spent?: (bytes: Uint8Array) => void;
  /** A stream number never given out before by this process. */
  nextStream(): number;
  /** News for displays, and the moment a recording is settled. Must not throw. */
  tell(news: IngestNews | SettledNews): void;
}

export interface SettledNews {
  readonly news: 'settled';
  readonly cameraId: CameraId;
  readonly recordingId: RecordingId;
  readonly settled: Settled;
}

/**
 * Drives one camera's conversation over one link until the link ends. Packets, timers and finished writes become
 * events of the pure step; its effects are carried out here. Writes of one upload run one after another, in order.
 * Resolves with the reason for the end; never throws for what a peer or a disk does.
 */
export async function converse(link: Link, ports: IngestPorts): Promise<string> {
  const conversation = new Conversation(link, ports);
  return conversation.run();
}

class Conversation {
  readonly #link: Link;
  readonly #ports: IngestPorts;
  readonly #context: IngestContext;
  readonly #events: IngestEvent[] = [];
  #state: IngestState = { at: 'waiting' };
  #isHandling = false;
  #holding: Holding | undefined;
  #seat: Seat | undefined;
  readonly #course = new Course();
  readonly #outgoing: Outgoing;
  #packetAtUs = 0;
  /** When progress was told last. */
  #toldUs = Number.NEGATIVE_INFINITY;
  readonly #alarm: Alarm;
  #why = 'link ended';

  constructor(link: Link, ports: IngestPorts) {
    this.#link = link;
    this.#ports = ports;
    this.#outgoing = new Outgoing(link);
    this.#alarm = new Alarm(ports.clock, () => {
      this.#handle({ event: 'tick', nowUs: this.#clock.monoUs() });
      this.#leaveIdle();
    });
    this.#context = {
      keys: ports.keys,
      ...ports.checker,
      limits: ports.limits,
      ledgerOrigin: ports.ledger.origin,
      transport: link.transport,
      wireUs: (bytes) => link.wireUs(bytes),
      ...(link.cameraId === undefined ? {} : { linkCameraId: link.cameraId }),
    };
  }

  async run(): Promise<string> {
    this.#packetAtUs = this.#clock.monoUs();
    this.#arm();
    for await (const pdu of this.#link.packets()) this.#arrived(pdu);
    this.#handle({ event: 'link-ended' });
    await this.#course.idle();
    return this.#why;
  }

  /**
   * A broker does not say that a camera has vanished, and any packet on its topic makes a link: one over which nobody
   * greets must not keep its place for ever. A serial bay is always there and keeps its link.
   */
  #leaveIdle(): void {
    if (this.#clock.monoUs() < this.#idleUs()) return;
    this.#handle({ event: 'link-ended' });
    this.#perform({ effect: 'end', why: `nobody greeted for ${SESSION_SILENCE_MS} ms` });
  }

  #idleUs(): number {
    const isForEver = this.#state.at !== 'waiting' || this.#link.transport !== 'mqtt';
    return isForEver ? Number.POSITIVE_INFINITY : this.#packetAtUs + SESSION_SILENCE_MS * 1000 + 1;
  }

  #arm(): void {
    const dueUs = Math.min(wakeUs(this.#state, this.#context), this.#idleUs());
    this.#alarm.set(dueUs === Number.POSITIVE_INFINITY ? undefined : dueUs);
  }

  get #clock(): Clock {
    return this.#ports.clock;
  }

  #arrived(pdu: Uint8Array): void {
    const nowUs = this.#clock.monoUs();
    this.#packetAtUs = nowUs;
    const message = decodePdu(pdu, this.#link.pduBytesMax, this.#ports.sum);
    // Noise, and what a newer camera may say, is dropped without an answer: an answer would end a good session.
    if (message instanceof PduError && UNANSWERED.has(message.code)) return;
    if (message instanceof PduError) {
      this.#handle({
        event: 'malformed',
        nowUs,
        why: message.message,
        oversize: message.code === 'PDU_OVERSIZE',
      });
    } else {
      this.#handle({ event: 'message', nowUs, wallUs: this.#clock.wallUs(), message, pdu });
    }
  }

  /** One event after another: what an effect brings about at once waits until the effects before it are carried out. */
  #handle(event: IngestEvent): void {
    this.#events.push(event);
    if (this.#isHandling) return;
    this.#isHandling = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      const before = this.#state;
      const [state, effects] = step(before, next, this.#context);
      this.#state = state;
      if (before.at === 'docked' && state.at !== 'docked')
        this.#ports.tell({ news: 'left', cameraId: before.session.cameraId });
      for (const effect of effects) this.#perform(effect);
    }
    this.#isHandling = false;
    this.#arm();
  }

  #perform(effect: IngestEffect): void {
    const { clock } = this.#ports;
    switch (effect.effect) {
      case 'send':
        this.#tellAborted(effect.message);
        return this.#outgoing.send(effect.message);
      case 'enrolled':
        return this.#write('session', () => recordEnrolment(effect.cameraId, this.#ports));
      case 'lease':
        return this.#write(effect.offer, () => this.#lease(effect));
      case 'reserve':
        return this.#seat?.reserve(effect);
      case 'release':
        return this.#seat?.release(effect);
      case 'leave':
        return this.#leave(effect);
      case 'store-manifest':
        return this.#write(effect.key, async () => {
          await this.#ports.store.putManifest(effect.key, effect.bytes, effect.wraps);
          this.#handle({ event: 'stored', nowUs: clock.monoUs(), stream: effect.stream, unit: 0 });
        });
      case 'store-chunk': {
        // The stamp is taken here, where the last byte was verified, not when the write gets its turn.
        const stamp = this.#ports.stamper.stamp(this.#packetAtUs);
        return this.#append(effect.key, () => this.#storeChunk(effect, stamp));
      }
      case 'settle':
        return this.#write(effect.key, () => this.#settle(effect));
      case 'ticket':
        return this.#later(() => this.#ticket(effect));
      case 'erased':
        return this.#write('erasure', () => recordErasure(effect.cameraId, effect.recordingId, this.#ports));
      case 'news':
        if (effect.news.news !== 'progress') this.#ports.tell(effect.news);
        return;
      case 'end':
        this.#why = effect.why;
        void this.#link.close().catch(() => undefined);
        return;
      default:
        effect satisfies never;
    }
  }

  async #lease({ cameraId, offer }: Extract<IngestEffect, { effect: 'lease' }>): Promise<void> {
    // Whoever offers faster than a disk can lease waits here with its last word alone.
    if (!this.#isLeasing(offer)) return;
    const stream = this.#ports.nextStream();
    const seat = new Seat({ stream, claim: { cameraId, key: offer } }, this.#ports, (answer) =>
      this.#handle({ event: answer, nowUs: this.#clock.monoUs(), stream }),
    );
    seat.claim({ supersede: (key) => this.#supersede(key) });
    const leased = await this.#leaseOf(cameraId, offer).catch((error: unknown) => {
      seat.abandon([]);
      throw error;
    });
    this.#holding = withoutManifest(leased);
    this.#seat = seat;
    const nowUs = this.#clock.monoUs();
    const parked = seat.take();
    this.#handle({ event: 'leased', nowUs, stream, holding: leased, parked });
    if (this.#isTaking(stream)) this.#tellTaking(offer);
    if (this.#seat !== seat || this.#isTaking(stream)) return;
    this.#seat = undefined;
    seat.abandon(parked);
  }

  #leaseOf(cameraId: CameraId, offer: Offer): Promise<Holding> {
    const { recordingId, manifestSha256, manifestBytes, contentBytes } = offer;
    const { transport } = this.#link;
    const offered = { recordingId, manifestSha256, manifestBytes, contentBytes, cameraId, transport };
    return this.#ports.store.lease(offered);
  }

  #isLeasing(offer: Offer): boolean {
    return (
      this.#state.at === 'docked' && this.#state.work.doing === 'leasing' && this.#state.work.offer === offer
    );
  }

  #isTaking(stream: number): boolean {
    const { at } = this.#state;
    return (
      at === 'docked' && this.#state.work.doing === 'receiving' && this.#state.work.upload.stream === stream
    );
  }

  #supersede(key: HoldingKey): void {
    this.#handle({ event: 'superseded', nowUs: this.#clock.monoUs(), key });
  }

  #leave({ stream, parked }: Extract<IngestEffect, { effect: 'leave' }>): void {
    const seat = this.#seat;
    if (seat?.stream !== stream) return;
    this.#seat = undefined;
    seat.park(parked);
    // The rest is still being written, or waits for its turn.
    this.#later(() => seat.close());
  }

  async #storeChunk(effect: Extract<IngestEffect, { effect: 'store-chunk' }>, stamp: Stamp): Promise<void> {
    await this.#ports.store.putChunk(effect.key, effect.index, effect.sha256, effect.bytes, stamp);
    const isOurs = this.#isTaking(effect.stream);
    this.#handle({
      event: 'stored',
      nowUs: this.#clock.monoUs(),
      stream: effect.stream,
      unit: effect.index + 1,
    });
    // What was parked meanwhile may still be wanted elsewhere.
    if (isOurs) this.#ports.spent?.(effect.bytes);
    this.#tellProgress();
  }

  #tellTaking({ recordingId, manifestBytes, contentBytes }: Offer): void {
    if (this.#state.at !== 'docked' || this.#state.work.doing !== 'receiving') return;
    const { cameraId } = this.#state.session;
    const { durableTo } = this.#state.work.upload;
    const totalBytes = manifestBytes + contentBytes;
    this.#ports.tell({ news: 'taking', cameraId, recordingId, durableBytes: durableTo, totalBytes });
  }

  #tellAborted(message: Message): void {
    if (message.type !== 'abort' || message.recordingId === undefined || this.#state.at !== 'docked') return;
    const { cameraId } = this.#state.session;
    this.#ports.tell({ news: 'aborted', cameraId, code: message.code, message: message.message });
  }

  #tellProgress(): void {
    if (this.#state.at !== 'docked' || this.#state.work.doing !== 'receiving') return;
    const { upload } = this.#state.work;
    const nowUs = this.#clock.monoUs();
    const isLast = upload.durableTo === upload.layout.totalBytes;
    if (!isLast && nowUs - this.#toldUs < PROGRESS_US) return;
    this.#toldUs = nowUs;
    this.#ports.tell({
      news: 'progress',
      cameraId: this.#state.session.cameraId,
      recordingId: upload.key.recordingId,
      durableBytes: upload.durableTo,
      totalBytes: upload.layout.totalBytes,
      ...(upload.officer === undefined ? {} : { officer: upload.officer }),
    });
  }

  async #settle(effect: Extract<IngestEffect, { effect: 'settle' }>): Promise<void> {
    const { key, cameraId } = effect;
    const holding = this.#holding;
    if (holding === undefined || holding.recordingId !== key.recordingId) return;
    const settled = await takeCustody(holding, effect, this.#ports);
    this.#holding = settledAs(holding, settled);
    const { receipt, logSize } = settled;
    this.#ports.tell({ news: 'settled', cameraId, recordingId: key.recordingId, settled });
    this.#handle({ event: 'settled', nowUs: this.#clock.monoUs(), key, receipt, logSize });
  }

  async #ticket(effect: Extract<IngestEffect, { effect: 'ticket' }>): Promise<void> {
    const { ledger } = this.#ports;
    const { sessionId, cameraId, from } = effect;
    const checkpoint = await ledger.checkpoint();
    if (from > checkpoint.size)
      return this.#tellBehind(ledgerBehind(cameraId, { seen: from, has: checkpoint.size }));
    if (effect.onlyGrown && from === checkpoint.size) return;
    const growth = growthSince(from, await ledger.proveConsistency(from, checkpoint.size));
    this.#handle({ event: 'ticket', nowUs: this.#clock.monoUs(), sessionId, checkpoint, growth });
  }

  #write(about: Failed, work: () => Promise<void>): void {
    this.#course.alone(work, (error) => this.#failed(error, about));
  }

  /** Chunks need not wait for each other: the store writes those together that wait together. */
  #append(about: Failed, work: () => Promise<void>): void {
    const ready = (): Promise<void> => this.#ports.stamper.recorded();
    this.#course.beside({ ready, work }, (error) => this.#failed(error, about));
  }

  /** After what is being written, and without harm when it cannot be done: nothing rests on it. */
  #later(work: () => Promise<void> | void): void {
    this.#course.alone(work, (error) => {
      if (!(error instanceof FieldError)) throw error;
    });
  }

  /** Expected troubles of disk and ledger go to the camera as a code; a bug ends the process. */
  #failed(error: unknown, about: Failed): void {
    if (!(error instanceof FieldError)) throw error;
    if (error instanceof CustodyError && error.code === 'LEDGER_BEHIND') this.#tellBehind(error);
    this.#handle({
      event: 'failed',
      nowUs: this.#clock.monoUs(),
      code: wireCode(String(error.code)),
      message: error.message,
      retry: error.retry,
      about,
    });
  }

  #tellBehind({ message }: CustodyError): void {
    if (this.#state.at !== 'docked') return;
    const { cameraId } = this.#state.session;
    this.#ports.tell({ news: 'ledger-behind', cameraId, message });
  }
}

/** The one table from what a disk or a ledger can say to what a camera is told. */
function wireCode(code: string): FailureCode {
  if (code === 'STORE_FULL' || code === 'LEDGER_FULL') return 'storage-full';
  if (code === 'STORE_STALE') return 'stale-lease';
  if (code === 'STORE_CONFLICT') return 'bad-manifest';
  if (code === 'CAMERA_UNKNOWN') return 'unknown-camera';
  return code === 'LEDGER_BUSY' ? 'busy' : 'storage-fault';
}
