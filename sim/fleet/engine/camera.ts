import { checker } from '../../../device/keys/checker.ts';
import type { Keys, TrustedDock } from '../../../device/ports.ts';
import { equal } from '../../../proto/bytes.ts';
import { decodeHelloAckBody, decodePdu, encodeMessage } from '../../../proto/codec.ts';
import { PduError, ProofError } from '../../../proto/errors.ts';
import { helloTranscript } from '../../../proto/handshake.ts';
import {
  FIN_RETRY_MS,
  HELLO_RETRY_MS_MAX,
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_PDU_BYTES_MAX,
  MQTT_PING_EVERY_MS,
  MQTT_SESSION_SILENCE_MS,
  MQTT_UNACKNOWLEDGED_MAX,
  OFFER_RETRY_MS,
  TELEMETRY_REPEAT_MS,
} from '../../../proto/limits.ts';
import type { Abort, Accept, Ack, HelloAck, Message, Receipt } from '../../../proto/messages.ts';
import { openReceipt } from '../../../proto/receipt.ts';
import { PROTOCOL_VERSION } from '../../../proto/version.ts';
import type { Meter } from '../result.ts';
import type { LoadRecording } from './film.ts';
import { type SendData, Upload } from './upload.ts';

const US_PER_MS = 1_000;
const BOOT_ID_BYTES = 16;
const NONCE_BYTES = 32;
const RETRY_MS = 2_000;

export interface LoadCameraPlan {
  /** Its number in the fleet. */
  readonly camera: number;
  readonly keys: Keys;
  readonly window: number;
  readonly meter: Meter;
  readonly nowUs: () => number;
  /** What it brings next; undefined when there is nothing. */
  readonly next: () => Errand | undefined;
  readonly link: {
    control(pdu: Uint8Array): void;
    readonly data: SendData;
    readonly unacknowledged: () => number;
  };
  /** Called when nothing is left to offer. */
  readonly idle: () => void;
  /** Asks for a call of `pump` then. */
  readonly wakeAt: (us: number) => void;
  /** The camera is torn out of its dock now, and comes back so much later, or never (null). */
  readonly cut: (backAfterUs: number | null) => void;
}

/** One recording to bring, and how. */
export interface Errand {
  readonly recording: LoadRecording;
  /** When each chunk is meant to leave; without it as fast as the dock takes them. */
  readonly dueUs?: ((chunk: number) => number) | undefined;
  /** Torn out once so many chunks were sent. */
  readonly cut?: { readonly afterChunks: number; readonly backAfterUs: number | null } | undefined;
}

type Work =
  | { readonly doing: 'nothing' }
  | { readonly doing: 'offering'; readonly errand: Errand }
  | { readonly doing: 'sending' | 'finishing'; readonly errand: Errand; readonly upload: Upload };

interface Session {
  readonly id: Uint8Array;
  readonly dock: TrustedDock;
}

/**
 * The camera's side of the protocol, as lean as it can honestly be. The device's own step reads a flash, copies and sums each
 * Data and keeps a model of the line: right for a camera, and more work for each chunk than the dock has with it. What is left out here is what
 * MQTT on a local network has no use for: fragment sizes, round-trip estimates, consistency with a kept ticket. Receipts are
 * checked with the camera's own code.
 */
export class LoadCamera {
  readonly #plan: LoadCameraPlan;
  readonly #bootId: Uint8Array;
  #hello: Uint8Array | undefined;
  #session: Session | undefined;
  #work: Work = { doing: 'nothing' };
  #dockedUs = 0;
  #heardUs = 0;
  #agreedUs = 0;
  #saidUs = 0;
  #pingedUs = 0;
  #telemetryUs = 0;
  #restsUntilUs = 0;
  /** The recording under way was cut once; it is not cut again. */
  #isCut = false;

  constructor(plan: LoadCameraPlan) {
    this.#plan = plan;
    this.#bootId = plan.keys.randomBytes(BOOT_ID_BYTES);
  }

  get isDocked(): boolean {
    return this.#session !== undefined;
  }

  /** The link stands: a session is begun with a new nonce. */
  greet(): void {
    const { keys, nowUs } = this.#plan;
    this.#session = undefined;
    this.#hello = encodeMessage({
      type: 'hello',
      ...{ versionMin: PROTOCOL_VERSION, versionMax: PROTOCOL_VERSION, features: 0 },
      ...{ cameraId: keys.cameraId, bootId: this.#bootId, nonce: keys.randomBytes(NONCE_BYTES) },
      limits: { pduBytesMax: MQTT_PDU_BYTES_MAX, fragmentBytesMax: MQTT_FRAGMENT_BYTES_MAX, streamsMax: 1 },
      ...{ cameraMonoUs: nowUs(), cameraWallUs: 0 },
    });
    this.#heardUs = nowUs();
    this.#saidUs = nowUs();
    this.#plan.link.control(this.#hello);
  }

  heard(pdu: Uint8Array): void {
    const message = decodePdu(pdu, MQTT_PDU_BYTES_MAX);
    if (message instanceof PduError) return this.#failed(message.code);
    this.#heardUs = this.#plan.nowUs();
    if (message.type === 'hello-ack') return this.#prove(message);
    if (this.#session !== undefined) this.#take(message, this.#session);
  }

  /** The broker has room again, or a chunk is due. */
  pump(): void {
    const work = this.#work;
    if (work.doing !== 'sending' || this.#session === undefined) return;
    const dueUs = work.upload.pump(MQTT_UNACKNOWLEDGED_MAX - this.#plan.link.unacknowledged());
    if (dueUs !== undefined) this.#plan.wakeAt(dueUs);
    const { cut } = work.errand;
    if (cut === undefined || this.#isCut || work.upload.sentChunks < cut.afterChunks) return;
    this.#isCut = true;
    this.#plan.cut(cut.backAfterUs);
  }

  /** The connection is gone: what was under way is offered again over the next. */
  undocked(): void {
    this.#session = undefined;
    this.#hello = undefined;
  }

  /** Some times a second: says again what was not answered. */
  tick(): void {
    const { nowUs } = this.#plan;
    const now = nowUs();
    if (this.#session === undefined) {
      if (this.#hello === undefined || now - this.#saidUs < HELLO_RETRY_MS_MAX * US_PER_MS) return;
      this.#saidUs = now;
      return this.#plan.link.control(this.#hello);
    }
    if (now - this.#telemetryUs >= TELEMETRY_REPEAT_MS * US_PER_MS) this.#tell(now);
    if (this.#work.doing === 'nothing') return;
    if (now - this.#heardUs >= MQTT_SESSION_SILENCE_MS * US_PER_MS) {
      this.#failed('SILENT');
      return this.greet();
    }
    if (now < this.#restsUntilUs) return;
    const idleMs = (now - Math.max(this.#heardUs, this.#pingedUs)) / US_PER_MS;
    if (idleMs >= MQTT_PING_EVERY_MS) {
      this.#pingedUs = now;
      this.#send({ type: 'ping', sentUs: now });
    }
    this.#sayAgain(now, this.#session);
  }

  /** It never comes back: what was on its way stays away, as planned. */
  vanish(): void {
    this.undocked();
    this.#work = { doing: 'nothing' };
  }

  /** The run is over. */
  leave(): void {
    if (this.#work.doing === 'sending') this.#work.upload.leave(this.#plan.nowUs());
    if (this.#session !== undefined)
      this.#send({ type: 'bye', sessionId: this.#session.id, message: 'undocked' });
    this.#session = undefined;
    this.#hello = undefined;
  }

  /** There is something to offer again. */
  offerNext(): void {
    if (this.#session === undefined || this.#work.doing !== 'nothing') return;
    const errand = this.#plan.next();
    if (errand === undefined) return this.#plan.idle();
    this.#dockedUs = this.#plan.nowUs();
    this.#isCut = false;
    this.#offer(errand, this.#session);
  }

  #prove(ack: HelloAck): void {
    if (this.#hello === undefined || this.#session !== undefined) return;
    const body = decodeHelloAckBody(ack.body);
    const dock = this.#plan.keys.dock(body.dockId);
    const helloBytes = this.#hello.subarray(1, -4);
    const transcript = (role: 'dock' | 'camera'): Uint8Array =>
      helloTranscript(role, helloBytes, ack.body, checker.sha256);
    if (dock === undefined || !checker.verify(dock.publicKey, transcript('dock'), ack.signature))
      return this.#failed('UNKNOWN_DOCK');
    this.#session = { id: body.sessionId, dock };
    const signature = this.#plan.keys.sign(transcript('camera'));
    this.#send({ type: 'hello-confirm', sessionId: body.sessionId, signature });
    this.#tell(this.#plan.nowUs());
    if (this.#work.doing === 'nothing') this.offerNext();
    else this.#offer(this.#work.errand, this.#session);
  }

  #take(message: Message, session: Session): void {
    const { nowUs } = this.#plan;
    switch (message.type) {
      case 'accept':
        return this.#accepted(message);
      case 'ack':
        return this.#acked(message);
      case 'receipt':
        return this.#receipt(message, session);
      case 'abort':
        return this.#aborted(message, session);
      case 'ping':
        return this.#send({
          type: 'pong',
          ...{ pingSentUs: message.sentUs, receivedUs: this.#heardUs, sentUs: nowUs(), wallUs: 0 },
        });
      case 'bye':
        this.#failed('BYE');
        return this.greet();
      default:
    }
  }

  #offer(errand: Errand, session: Session): void {
    const { recording } = errand;
    this.#work = { doing: 'offering', errand };
    this.#saidUs = this.#plan.nowUs();
    this.#send({
      type: 'offer',
      ...{ sessionId: session.id, recordingId: recording.recordingId },
      ...{ manifestBytes: recording.signedManifest.length, manifestSha256: recording.manifestSha256 },
      contentBytes: recording.contentBytes,
    });
  }

  #accepted(accept: Accept): void {
    if (this.#work.doing !== 'offering') return;
    const { errand } = this.#work;
    const { recording, dueUs } = errand;
    if (accept.recordingId !== recording.recordingId) return;
    const { durableTo } = accept;
    if (durableTo > 0 && !equal(accept.prefixDigest, recording.prefixDigest(durableTo)))
      return this.#failed('PREFIX_MISMATCH');
    const { camera, window, meter, nowUs, link } = this.#plan;
    const upload = new Upload({ camera, recording, accept, window, meter, nowUs, dueUs, send: link.data });
    this.#work = { doing: 'sending', errand, upload };
    this.#agreedUs = nowUs();
    if (upload.isDurable) this.#finish(errand, upload);
    else this.pump();
  }

  #acked(ack: Ack): void {
    if (this.#work.doing !== 'sending' || ack.stream !== this.#work.upload.stream) return;
    const { errand, upload } = this.#work;
    if (!upload.acked(ack)) return;
    this.#agreedUs = this.#plan.nowUs();
    if (upload.isDurable) this.#finish(errand, upload);
    else this.pump();
  }

  #finish(errand: Errand, upload: Upload): void {
    this.#work = { doing: 'finishing', errand, upload };
    this.#saidUs = this.#plan.nowUs();
    this.#send({ type: 'fin', stream: upload.stream, totalBytes: errand.recording.layout.totalBytes });
  }

  #receipt(receipt: Receipt, session: Session): void {
    if (this.#work.doing === 'nothing') return;
    const { recording } = this.#work.errand;
    const { camera, meter, nowUs } = this.#plan;
    try {
      const opened = openReceipt(receipt, session.dock, checker);
      if (opened.recordingId !== recording.recordingId) return;
      if (!equal(opened.manifestSha256, recording.manifestSha256)) return this.#failed('OTHER_MANIFEST');
      if (opened.outcome !== 'accepted') this.#failed('QUARANTINED');
      else
        meter.recording(camera, {
          dockedUs: this.#dockedUs,
          erasableUs: nowUs(),
          bytes: recording.contentBytes,
        });
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      return this.#failed(error.code);
    }
    this.#send({ type: 'receipt-ack', recordingId: recording.recordingId, erased: true });
    this.#work = { doing: 'nothing' };
    this.offerNext();
  }

  #aborted({ code, class: kind }: Abort, session: Session): void {
    this.#failed(code);
    if (kind === 'renegotiate') return this.greet();
    if (this.#work.doing === 'nothing') return;
    if (kind === 'restart-stream') return this.#offer(this.#work.errand, session);
    if (kind === 'retry') {
      this.#work = { doing: 'offering', errand: this.#work.errand };
      this.#restsUntilUs = this.#plan.nowUs() + RETRY_MS * US_PER_MS;
      return;
    }
    this.#work = { doing: 'nothing' };
    this.offerNext();
  }

  #sayAgain(now: number, session: Session): void {
    const silentMs = (now - this.#saidUs) / US_PER_MS;
    const work = this.#work;
    if (work.doing === 'offering' && silentMs >= OFFER_RETRY_MS) this.#offer(work.errand, session);
    if (work.doing === 'finishing' && silentMs >= FIN_RETRY_MS) this.#finish(work.errand, work.upload);
    if (work.doing !== 'sending') return;
    const unansweredMs = (now - this.#agreedUs) / US_PER_MS;
    if (unansweredMs >= MQTT_SESSION_SILENCE_MS) this.#offer(work.errand, session);
    else work.upload.probe();
  }

  #tell(now: number): void {
    this.#telemetryUs = now;
    this.#send({
      type: 'telemetry',
      ...{ state: 'docked', batteryPercent: 100, flashFreeBytes: 0, recordingsHeld: 0, officerId: '' },
      cameraWallUs: 0,
    });
  }

  #send(message: Message): void {
    this.#plan.link.control(encodeMessage(message));
  }

  #failed(code: string): void {
    this.#plan.meter.failed(this.#plan.camera, code);
  }
}
