import { randomBytes } from 'node:crypto';
import { checker } from '../../../device/keys/checker.ts';
import type { Keys } from '../../../device/ports.ts';
import { decodeHelloAckBody, decodeReceiptBody, encodeMessage } from '../../../proto/codec.ts';
import { PduError } from '../../../proto/errors.ts';
import { helloTranscript } from '../../../proto/handshake.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import {
  DATA_OVERHEAD_BYTES_MAX,
  FIN_RETRY_MS,
  HELLO_RETRY_MS_MAX,
  OFFER_RETRY_MS,
} from '../../../proto/limits.ts';
import type {
  Abort,
  Accept,
  Data,
  Fin,
  Hello,
  HelloAck,
  Message,
  Offer,
  Receipt,
} from '../../../proto/messages.ts';
import { type Live, type Pace, ReplayError } from './live.ts';
import { DIRECTION, type Script, Streams } from './script.ts';
import { Sending } from './sending.ts';

const ANSWER_MS = 15_000;
const CUSTODY_MS = 60_000;
const BUSY_MS = 2_000;
const PING_MS = 1_000;
const NONCE_BYTES = 32;

interface Session {
  readonly sessionId: Uint8Array;
  readonly fragmentBytesMax: number;
}

/**
 * Plays the camera of a recorded conversation to a live dock, with the camera's own key: the handshake is made anew, and
 * session, stream numbers, tx_seq and credit are those of the live session, so that an honest dock takes the recorded
 * upload into custody. What the dock must say first is waited for, whatever the recorded pace.
 */
export class CameraPlayer {
  readonly #live: Live;
  readonly #keys: Keys;
  readonly #streams = new Streams();
  readonly #uploads = new Map<RecordingId, Sending>();
  #session: Session | undefined;
  #playedNonce: Uint8Array = new Uint8Array();
  #awaited: { readonly hello: Hello; found: Session | undefined } | undefined;
  #abort: Abort | undefined;

  constructor(live: Live, keys: Keys) {
    this.#live = live;
    this.#keys = keys;
    live.onMessage((message) => this.#heard(message));
  }

  /** Resolves when the last recorded message was played. Rejects with ReplayError where the dock does not go along. */
  async play(script: Script, pace: Pace): Promise<void> {
    const pings = setInterval(() => {
      if (this.#session !== undefined) this.#live.send({ type: 'ping', sentUs: this.#live.us });
    }, PING_MS);
    try {
      for (const { us, direction, message } of script.lines) {
        this.#streams.take(message);
        if (direction !== DIRECTION.camera) continue;
        await pace.reach(us);
        await this.#play(message);
      }
    } finally {
      clearInterval(pings);
    }
  }

  async #play(message: Message): Promise<void> {
    switch (message.type) {
      case 'hello':
        return this.#greet(message);
      case 'offer':
        return this.#offer(message);
      case 'data':
        return this.#data(message);
      case 'fin':
        return this.#fin(message);
      case 'receipt-ack':
        if (this.#uploads.get(message.recordingId)?.receipt !== undefined) this.#live.send(message);
        return;
      case 'telemetry':
        return this.#live.send(message);
      case 'bye':
        if (this.#session !== undefined) this.#live.send({ ...message, sessionId: this.#session.sessionId });
        this.#session = undefined;
        return;
      default:
        // Its Pings and Pongs belong to the live clocks, and its Aborts to faults that may not be there now.
        return;
    }
  }

  async #greet(recorded: Hello): Promise<void> {
    if (sameBytes(recorded.nonce, this.#playedNonce)) return;
    this.#playedNonce = recorded.nonce;
    const hello: Hello = {
      ...recorded,
      nonce: randomBytes(NONCE_BYTES),
      cameraMonoUs: this.#live.us,
      cameraWallUs: Date.now() * 1000,
    };
    const awaited: { readonly hello: Hello; found: Session | undefined } = { hello, found: undefined };
    this.#awaited = awaited;
    this.#session = undefined;
    const isAnswered = await this.#askUntil(
      () => this.#live.send(hello),
      () => awaited.found !== undefined,
      { everyMs: HELLO_RETRY_MS_MAX, withinMs: ANSWER_MS },
    );
    if (!isAnswered) throw stuck('no dock that this camera trusts answered its Hello');
    this.#session = awaited.found;
  }

  async #offer(recorded: Offer): Promise<void> {
    const { sessionId } = this.#inSession();
    const upload = this.#uploads.get(recorded.recordingId) ?? new Sending(recorded);
    this.#uploads.set(recorded.recordingId, upload);
    if (upload.isOpen || upload.receipt !== undefined) return;
    const deadline = performance.now() + CUSTODY_MS;
    for (;;) {
      this.#abort = undefined;
      const isAnswered = await this.#askUntil(
        () => this.#live.send({ ...recorded, sessionId }),
        () => upload.isOpen || upload.receipt !== undefined || this.#abort !== undefined,
        { everyMs: OFFER_RETRY_MS, withinMs: ANSWER_MS },
      );
      if (!isAnswered) throw stuck(`the dock did not answer the offer of ${recorded.recordingId}`);
      if (upload.isOpen || upload.receipt !== undefined) return;
      if (!this.#mayRetry() || performance.now() > deadline)
        throw this.#refused(`offering ${recorded.recordingId}`);
      await this.#live.pause(BUSY_MS);
    }
  }

  async #data(recorded: Data): Promise<void> {
    const { fragmentBytesMax } = this.#inSession();
    const upload = this.#uploadOf(recorded.stream);
    upload.keep(recorded.offset, recorded.payload);
    if (upload.receipt !== undefined) return;
    for (let at = 0; at < recorded.payload.length; at += fragmentBytesMax) {
      const payload = recorded.payload.subarray(at, at + fragmentBytesMax);
      const offset = recorded.offset + at;
      await this.#settle(
        upload,
        () => upload.creditTo >= offset + payload.length,
        `credit for byte ${offset + payload.length}`,
      );
      this.#live.send(upload.data(offset, payload, recorded.flags));
    }
  }

  async #fin(recorded: Fin): Promise<void> {
    const upload = this.#uploadOf(recorded.stream);
    if (upload.receipt !== undefined) return;
    await this.#settle(upload, () => upload.durableTo >= recorded.totalBytes, 'all bytes to be durable');
    this.#abort = undefined;
    const isAnswered = await this.#askUntil(
      () => this.#live.send({ ...recorded, stream: upload.stream }),
      () => upload.receipt !== undefined || this.#abort !== undefined,
      { everyMs: FIN_RETRY_MS, withinMs: CUSTODY_MS },
    );
    if (!isAnswered) throw stuck('the dock gave no Receipt');
    if (upload.receipt === undefined) throw this.#refused('asking for custody');
  }

  /** Waits for what the dock must do first, and says again what it misses meanwhile. */
  async #settle(upload: Sending, holds: () => boolean, what: string): Promise<void> {
    this.#abort = undefined;
    const deadline = performance.now() + CUSTODY_MS;
    const done = (): boolean => holds() || upload.receipt !== undefined || this.#abort !== undefined;
    while (!(await this.#live.until(done, upload.patienceMs))) {
      const { fragmentBytesMax } = this.#inSession();
      for (const data of upload.repairs(fragmentBytesMax)) this.#live.send(data);
      if (performance.now() > deadline) throw stuck(`waited in vain for ${what}`);
    }
    if (this.#abort !== undefined && !holds()) throw this.#refused(`waiting for ${what}`);
  }

  async #askUntil(
    ask: () => void,
    holds: () => boolean,
    { everyMs, withinMs }: { readonly everyMs: number; readonly withinMs: number },
  ): Promise<boolean> {
    for (let leftMs = withinMs; leftMs > 0; leftMs -= everyMs) {
      ask();
      if (await this.#live.until(holds, Math.min(everyMs, leftMs))) return true;
    }
    return false;
  }

  #heard(message: Message): void {
    switch (message.type) {
      case 'hello-ack':
        return this.#prove(message);
      case 'accept':
        return this.#accepted(message);
      case 'ack':
        for (const upload of this.#uploads.values()) upload.acknowledged(message);
        return;
      case 'receipt':
        return this.#received(message);
      case 'abort':
        this.#abort = message;
        return;
      case 'ping':
        return this.#live.send({
          type: 'pong',
          pingSentUs: message.sentUs,
          receivedUs: this.#live.us,
          sentUs: this.#live.us,
          wallUs: Date.now() * 1000,
        });
      default:
        return;
    }
  }

  /** As a camera does: only a dock it trusts, and only over its present Hello. */
  #prove(ack: HelloAck): void {
    const awaited = this.#awaited;
    if (awaited === undefined || awaited.found !== undefined) return;
    const hello = encodeMessage(awaited.hello).subarray(1, -4);
    const transcript = (role: 'dock' | 'camera'): Uint8Array =>
      helloTranscript(role, hello, ack.body, checker.sha256);
    try {
      const body = decodeHelloAckBody(ack.body);
      const dock = this.#keys.dock(body.dockId);
      if (dock === undefined || !checker.verify(dock.publicKey, transcript('dock'), ack.signature)) return;
      const { sessionId, limits } = body;
      this.#live.send({ type: 'hello-confirm', sessionId, signature: this.#keys.sign(transcript('camera')) });
      const pduBytesMax = Math.min(limits.pduBytesMax, this.#live.pduBytesMax);
      const fragmentBytesMax = Math.min(limits.fragmentBytesMax, pduBytesMax - DATA_OVERHEAD_BYTES_MAX);
      awaited.found = { sessionId, fragmentBytesMax };
      // A new session knows nothing of the streams of the one before.
      for (const upload of this.#uploads.values()) upload.close();
    } catch (error) {
      if (!(error instanceof PduError)) throw error;
    }
  }

  #accepted(accept: Accept): void {
    const isOurs = this.#session !== undefined && sameBytes(accept.sessionId, this.#session.sessionId);
    if (isOurs) this.#uploads.get(accept.recordingId)?.open(accept);
  }

  #received(receipt: Receipt): void {
    try {
      const { recordingId } = decodeReceiptBody(receipt.body);
      this.#uploads.get(recordingId)?.settle(receipt);
    } catch (error) {
      if (!(error instanceof PduError)) throw error;
    }
  }

  #inSession(): Session {
    if (this.#session !== undefined) return this.#session;
    throw new ReplayError(
      'REPLAY_DIFFERENT',
      'the capture begins in the middle of a session: it has no Hello before its uploads',
    );
  }

  #uploadOf(stream: number): Sending {
    const recordingId = this.#streams.recordingOf(stream);
    const upload = recordingId === undefined ? undefined : this.#uploads.get(recordingId);
    if (upload !== undefined) return upload;
    throw new ReplayError(
      'REPLAY_DIFFERENT',
      `the capture lacks the Offer or the Accept of stream ${stream}`,
    );
  }

  #mayRetry(): boolean {
    return this.#abort?.class === 'retry' || this.#abort?.class === 'restart-stream';
  }

  #refused(when: string): ReplayError {
    const { code, message } = this.#abort ?? { code: 'nothing', message: '' };
    return new ReplayError('REPLAY_REFUSED', `the dock refused while ${when}: ${code} ${message}`);
  }
}

const stuck = (why: string): ReplayError => new ReplayError('REPLAY_STUCK', why);
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
