import { randomBytes } from 'node:crypto';
import type { FileKeys } from '../../../dock/keys/file-keys.ts';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { equal } from '../../../proto/bytes.ts';
import {
  decodeHelloAckBody,
  decodeReceiptBody,
  encodeHelloAckBody,
  encodeMessage,
} from '../../../proto/codec.ts';
import { helloTranscript } from '../../../proto/handshake.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import { ACK_DELAY_MS, MISSING_RANGES_MAX } from '../../../proto/limits.ts';
import type {
  Accept,
  Ack,
  Data,
  Hello,
  HelloAck,
  HelloConfirm,
  Message,
  Offer,
  Receipt,
} from '../../../proto/messages.ts';
import { Ranges } from '../conformance/ranges.ts';
import { type Live, type Pace, ReplayError } from './live.ts';
import { DIRECTION, type Script, Streams } from './script.ts';

const ANSWER_MS = 60_000;
const SESSION_ID_BYTES = 8;
const NONCE_BYTES = 32;

/** What a live camera has sent of one upload. */
interface Taken {
  readonly accept: Accept;
  readonly got: Ranges;
  maxTxSeq: number;
  seenTo: number;
  /** The newest Ack of the recording, which says how far the rest of the live camera's credit goes. */
  ack: Ack | undefined;
}

/**
 * Plays the dock of a recorded conversation to a live camera, with the dock's own key: the handshake is made anew, Acks say what
 * really came, and a recorded Ack or Receipt is given only once the camera has sent what it is about. The Receipts are
 * the recorded ones: the camera believes them when it trusts the dock that gave them, and that dock has the recording.
 */
export class DockPlayer {
  readonly #live: Live;
  readonly #keys: FileKeys;
  readonly #streams = new Streams();
  readonly #offers = new Map<RecordingId, Offer>();
  readonly #taken = new Map<number, Taken>();
  readonly #finished = new Set<number>();
  readonly #acknowledged = new Set<RecordingId>();
  #hello: Hello | undefined;
  #ack:
    | { readonly hello: Uint8Array; readonly message: HelloAck; readonly sessionId: Uint8Array }
    | undefined;
  #isConfirmed = false;
  #playedSession: Uint8Array = new Uint8Array();

  constructor(live: Live, keys: FileKeys) {
    this.#live = live;
    this.#keys = keys;
    live.onMessage((message) => this.#heard(message));
  }

  /** Resolves when the last recorded message was played. Rejects with ReplayError where the camera does not go along. */
  async play(script: Script, pace: Pace): Promise<void> {
    const acks = setInterval(() => this.#acknowledge(), ACK_DELAY_MS);
    try {
      for (const { us, direction, message } of script.lines) {
        this.#streams.take(message);
        if (direction === DIRECTION.dock) {
          await pace.reach(us);
          await this.#play(message);
        } else if (message.type === 'receipt-ack') {
          await this.#await(() => this.#acknowledged.has(message.recordingId), 'ReceiptAck');
        }
      }
    } finally {
      clearInterval(acks);
    }
  }

  async #play(message: Message): Promise<void> {
    switch (message.type) {
      case 'hello-ack':
        return this.#greet(message);
      case 'accept':
        return this.#accept(message);
      case 'ack':
        return this.#acknowledgeAs(message);
      case 'receipt':
        return this.#receipt(message);
      case 'bye':
        if (this.#ack !== undefined) this.#live.send({ ...message, sessionId: this.#ack.sessionId });
        return;
      default:
        // Its Pings and Pongs belong to the live clocks, and its Aborts to faults that may not be there now.
        return;
    }
  }

  async #greet(recorded: HelloAck): Promise<void> {
    const body = decodeHelloAckBody(recorded.body);
    if (equal(body.sessionId, this.#playedSession)) return;
    this.#playedSession = body.sessionId;
    await this.#await(() => this.#hello !== undefined, 'Hello');
    if (this.#hello === undefined) return;
    this.#isConfirmed = false;
    const sessionId = randomBytes(SESSION_ID_BYTES);
    const nowUs = Date.now() * 1000;
    const ackBody = encodeHelloAckBody({
      ...body,
      dockId: this.#keys.dockId,
      sessionId,
      nonce: randomBytes(NONCE_BYTES),
      cameraMonoUs: this.#hello.cameraMonoUs,
      dockReceivedUs: nowUs,
      dockSentUs: nowUs,
    });
    const hello = helloBytes(this.#hello);
    const signature = this.#keys.sign(helloTranscript('dock', hello, ackBody, nodeChecker.sha256));
    const message: HelloAck = { type: 'hello-ack', body: ackBody, signature };
    this.#ack = { hello, message, sessionId };
    this.#live.send(message);
    await this.#await(() => this.#isConfirmed, 'HelloConfirm');
  }

  async #accept(recorded: Accept): Promise<void> {
    if (this.#taken.has(recorded.stream)) return;
    await this.#await(() => this.#offers.has(recorded.recordingId), `Offer of ${recorded.recordingId}`);
    const accept = { ...recorded, sessionId: this.#sessionId() };
    const got = new Ranges();
    got.add(0, recorded.receivedTo);
    for (const { start, end } of recorded.held) got.add(start, end);
    this.#taken.set(recorded.stream, {
      accept,
      got,
      maxTxSeq: 0,
      seenTo: got.all.at(-1)?.end ?? 0,
      ack: undefined,
    });
    this.#live.send(accept);
  }

  async #acknowledgeAs(recorded: Ack): Promise<void> {
    const taken = this.#taken.get(recorded.stream);
    if (taken === undefined)
      throw new ReplayError('REPLAY_DIFFERENT', `the capture lacks the Accept of stream ${recorded.stream}`);
    await this.#await(() => taken.got.endFrom(0) >= recorded.receivedTo, `bytes to ${recorded.receivedTo}`);
    taken.ack = recorded;
    this.#live.send(liveAck(taken, recorded));
  }

  async #receipt(recorded: Receipt): Promise<void> {
    const { recordingId, manifestSha256 } = decodeReceiptBody(recorded.body);
    const isAsked = (): boolean =>
      [...this.#taken].some(
        ([stream, { accept }]) => accept.recordingId === recordingId && this.#finished.has(stream),
      ) ||
      (this.#offers.has(recordingId) &&
        ![...this.#taken.values()].some(({ accept }) => accept.recordingId === recordingId));
    await this.#await(isAsked, `Fin of ${recordingId}`);
    const offered = this.#offers.get(recordingId)?.manifestSha256;
    if (offered !== undefined && !equal(offered, manifestSha256))
      throw new ReplayError('REPLAY_DIFFERENT', `the camera offers another manifest for ${recordingId}`);
    this.#live.send(recorded);
  }

  async #await(holds: () => boolean, what: string): Promise<void> {
    if (await this.#live.until(holds, ANSWER_MS)) return;
    throw new ReplayError('REPLAY_STUCK', `waited in vain for the camera's ${what}`);
  }

  #heard(message: Message): void {
    switch (message.type) {
      case 'hello':
        return this.#greeted(message);
      case 'hello-confirm':
        return this.#confirm(message);
      case 'offer':
        return this.#offered(message);
      case 'data':
        return this.#take(message);
      case 'fin':
        this.#finished.add(message.stream);
        return;
      case 'receipt-ack':
        this.#acknowledged.add(message.recordingId);
        return;
      case 'ping': {
        const nowUs = Date.now() * 1000;
        const pong = { pingSentUs: message.sentUs, receivedUs: nowUs, sentUs: nowUs, wallUs: nowUs };
        return this.#live.send({ type: 'pong', ...pong });
      }
      default:
        return;
    }
  }

  /** The same Hello gets the same answer again; any other begins anew, once the recorded dock greets again. */
  #greeted(hello: Hello): void {
    const isRepeat = this.#ack !== undefined && equal(helloBytes(hello), this.#ack.hello);
    this.#hello = hello;
    if (!isRepeat || this.#ack === undefined) return;
    if (!this.#isConfirmed) this.#live.send(this.#ack.message);
  }

  #confirm({ sessionId, signature }: HelloConfirm): void {
    if (this.#ack === undefined || !equal(sessionId, this.#ack.sessionId) || this.#hello === undefined)
      return;
    const { hello, message } = this.#ack;
    const key = this.#keys.camera(this.#hello.cameraId);
    const transcript = helloTranscript('camera', hello, message.body, nodeChecker.sha256);
    if (key !== undefined && !nodeChecker.verify(key, transcript, signature)) return;
    this.#isConfirmed = true;
  }

  #offered(offer: Offer): void {
    this.#offers.set(offer.recordingId, offer);
    const known = [...this.#taken.values()].findLast(
      ({ accept }) => accept.recordingId === offer.recordingId,
    );
    if (known !== undefined && equal(known.accept.sessionId, offer.sessionId)) this.#live.send(known.accept);
  }

  #take({ stream, offset, payload, txSeq }: Data): void {
    const taken = this.#taken.get(stream);
    if (taken === undefined) return;
    taken.got.add(offset, offset + payload.length);
    taken.seenTo = Math.max(taken.seenTo, offset + payload.length);
    taken.maxTxSeq = Math.max(taken.maxTxSeq, txSeq);
  }

  /** Says again what came, so that the camera knows what to repeat while the next recorded Ack is not due. */
  #acknowledge(): void {
    for (const [stream, taken] of this.#taken) {
      const isOver = this.#finished.has(stream);
      if (!isOver && taken.ack !== undefined) this.#live.send(liveAck(taken, taken.ack));
    }
  }

  #sessionId(): Uint8Array {
    if (this.#ack !== undefined) return this.#ack.sessionId;
    throw new ReplayError(
      'REPLAY_DIFFERENT',
      'the capture begins in the middle of a session: it has no HelloAck before its uploads',
    );
  }
}

/** A recorded Ack with what really came. */
function liveAck({ got, maxTxSeq, seenTo }: Taken, recorded: Ack): Ack {
  const receivedTo = got.endFrom(0);
  const missing = got.gaps(receivedTo, Math.max(seenTo, receivedTo)).slice(0, MISSING_RANGES_MAX);
  return { ...recorded, maxTxSeq, receivedTo, missing };
}

const helloBytes = (hello: Hello): Uint8Array => encodeMessage(hello).subarray(1, -4);
