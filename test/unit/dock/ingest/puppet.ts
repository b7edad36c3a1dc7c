import { EpochClock } from '../../../../dock/clock/epoch.ts';
import { makeStamper } from '../../../../dock/clock/stamper.ts';
import type { IngestPorts } from '../../../../dock/ingest/converse.ts';
import { Parking } from '../../../../dock/ingest/parking.ts';
import { Staging, STAGING_BYTES_MIN } from '../../../../dock/ingest/staging.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { Link } from '../../../../dock/ports.ts';
import { concat } from '../../../../proto/bytes.ts';
import { decodeHelloAckBody, decodePdu, encodeMessage } from '../../../../proto/codec.ts';
import { PduError } from '../../../../proto/errors.ts';
import { helloTranscript } from '../../../../proto/handshake.ts';
import type { CameraId } from '../../../../proto/ids.ts';
import { Mailbox } from '../../../../proto/mailbox.ts';
import type { Abort, Accept, Ack, Hello, Message, Receipt, Ticket } from '../../../../proto/messages.ts';
import type { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { MemoryMirror } from '../../../../sim/fault/memory-mirror.ts';
import { MemoryStore } from '../../../../sim/fault/memory-store.ts';
import type { KeptRecording } from '../../../../sim/fault/memory-vault.ts';
import { CAMERA, makeSigner } from '../../../../sim/world/town.ts';
import { context, signer } from './kit.ts';

const LIMITS = { pduBytesMax: 400_000, fragmentBytesMax: 300_000, streamsMax: 1 };

/** A link whose camera is the test: it posts what arrives and looks at what was sent. */
export class OpenLink implements Link {
  readonly name = 'test';
  readonly transport: Link['transport'];
  readonly pduBytesMax = LIMITS.pduBytesMax;
  readonly fragmentBytesMax = LIMITS.fragmentBytesMax;
  readonly arriving = new Mailbox<Uint8Array>(1_000);
  readonly sent: Uint8Array[] = [];
  /** What `send` waits for. */
  room: Promise<void> = Promise.resolve();
  /** Hears what the dock sends, as it sends it. */
  heard: (pdu: Uint8Array) => void = () => undefined;

  constructor(transport: Link['transport']) {
    this.transport = transport;
  }

  wireUs(): number {
    return 0;
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.arriving;
  }

  send(pdu: Uint8Array): Promise<void> {
    this.sent.push(pdu);
    this.heard(pdu);
    return this.room;
  }

  close(): Promise<void> {
    this.arriving.close();
    return Promise.resolve();
  }
}

/** A dock in memory, for any number of conversations. All cameras sign with the kit's signer. */
export function makeDock(
  clock: ManualClock,
): IngestPorts & { readonly store: MemoryStore; readonly ledger: MemoryLedger } {
  const staging = new Staging(STAGING_BYTES_MIN);
  const watched = new EpochClock({ clock, epoch: 1, onStep: () => undefined });
  let stream = 0;
  return {
    staging,
    parking: new Parking(staging, clock),
    store: new MemoryStore(),
    mirror: new MemoryMirror(),
    ledger: new MemoryLedger({
      origin: 'test.example/dock-1',
      ...makeSigner('ledger'),
      sha256: nodeChecker.sha256,
    }),
    keys: context.keys,
    clock,
    checker: nodeChecker,
    limits: LIMITS,
    stamper: makeStamper({ clock: watched, recorded: () => Promise.resolve() }),
    nextStream: () => (stream += 1),
    doubt: () => undefined,
    tell: () => undefined,
  };
}

/** Lets every promise that can go on go on; no time passes. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/**
 * A camera by the book with one recording: it proves itself and offers; then it sends what there is credit for, in
 * order, each byte once, as far as the test lets it.
 */
export class PuppetCamera {
  readonly link = new OpenLink('serial');
  readonly accepts: Accept[] = [];
  readonly acks: Ack[] = [];
  readonly aborts: Abort[] = [];
  readonly tickets: Ticket[] = [];
  readonly receipts: Receipt[] = [];
  settled = false;
  /** Of the checkpoint that it says it keeps. */
  ledgerSize = 0;
  /** Bytes of Data it may still send. */
  allowance = Number.MAX_SAFE_INTEGER;
  readonly #recording: KeptRecording['recording'];
  readonly #bytes: Uint8Array;
  readonly #cameraId: CameraId;
  readonly #hello: Hello;
  readonly #fragmentBytes: number;
  #sessionId = new Uint8Array(8);
  #txSeq = 0;
  #sentTo = 0;
  #held: Accept['held'] = [];

  constructor(
    { recording, content }: KeptRecording,
    from: { cameraId?: CameraId; fragmentBytes: number; nonce: number; ledgerSize?: number },
  ) {
    this.ledgerSize = from.ledgerSize ?? 0;
    this.#recording = recording;
    this.#bytes = concat(recording.signedManifest, content);
    this.#cameraId = from.cameraId ?? CAMERA;
    this.#fragmentBytes = from.fragmentBytes;
    this.#hello = {
      ...{ type: 'hello', versionMin: 1, versionMax: 1, features: 0, cameraId: this.#cameraId },
      ...{ bootId: new Uint8Array(16), nonce: new Uint8Array(32).fill(from.nonce), limits: LIMITS },
      ...{ cameraMonoUs: 1, cameraWallUs: 1 },
    };
    this.link.heard = (pdu) => {
      const message = decodePdu(pdu, LIMITS.pduBytesMax);
      if (!(message instanceof PduError)) this.#heard(message);
    };
    this.say(this.#hello);
  }

  say(message: Message): void {
    this.link.arriving.post(encodeMessage(message));
  }

  /** Offers its recording, or the same as another one. */
  offer(recordingId = this.#recording.recordingId): void {
    const { signedManifest, contentBytes, wraps } = this.#recording;
    const manifestSha256 = nodeChecker.sha256(signedManifest);
    const manifestBytes = signedManifest.length;
    const sessionId = this.#sessionId;
    this.say({
      ...{ type: 'offer', sessionId, recordingId, manifestSha256, manifestBytes, contentBytes },
      ...{ ...this.#said, ...(wraps === undefined ? {} : { wraps }) },
    });
  }

  /** Asks for custody of all that it sent on this stream. */
  fin(stream = this.accepts.at(-1)?.stream ?? 0): void {
    this.say({ type: 'fin', stream, totalBytes: this.#bytes.length, ...this.#said });
  }

  get #said(): { readonly ledgerSize?: number } {
    return this.ledgerSize === 0 ? {} : { ledgerSize: this.ledgerSize };
  }

  #heard(message: Message): void {
    if (message.type === 'hello-ack') return this.#prove(message.body);
    if (message.type === 'accept') return this.#accepted(message);
    if (message.type === 'ack') return this.#acked(message);
    if (message.type === 'abort') this.aborts.push(message);
    if (message.type === 'ticket') this.tickets.push(message);
    if (message.type === 'receipt') this.receipts.push(message);
    if (message.type === 'receipt') this.settled = true;
    if (message.type === 'ping')
      this.say({ type: 'pong', pingSentUs: message.sentUs, receivedUs: 1, sentUs: 1, wallUs: 0 });
  }

  #prove(body: Uint8Array): void {
    this.#sessionId = decodeHelloAckBody(body).sessionId.slice();
    const hello = encodeMessage(this.#hello).subarray(1, -4);
    const transcript = helloTranscript('camera', hello, body, nodeChecker.sha256);
    const signature = signer.sign(transcript);
    this.say({ type: 'hello-confirm', sessionId: this.#sessionId, signature, ...this.#said });
    this.offer();
  }

  #accepted(accept: Accept): void {
    this.accepts.push(accept);
    this.#txSeq = 0;
    this.#sentTo = accept.receivedTo;
    this.#held = accept.held;
    this.#send(accept.stream, accept.creditTo);
  }

  #acked(ack: Ack): void {
    this.acks.push(ack);
    this.#send(ack.stream, ack.creditTo);
    const { length: totalBytes } = this.#bytes;
    if (ack.durableTo === totalBytes) this.fin(ack.stream);
  }

  #send(stream: number, creditTo: number): void {
    while (this.#sentTo < creditTo && this.allowance > 0) {
      const held = this.#held.find(({ start, end }) => start <= this.#sentTo && this.#sentTo < end);
      if (held !== undefined) {
        this.#sentTo = held.end;
        continue;
      }
      const next = this.#held.find(({ start }) => start > this.#sentTo)?.start ?? creditTo;
      const end = Math.min(this.#sentTo + this.#fragmentBytes, next, creditTo);
      const offset = this.#sentTo;
      this.#txSeq += 1;
      this.#sentTo = end;
      this.allowance -= end - offset;
      const payload = this.#bytes.subarray(offset, end);
      this.say({ type: 'data', stream, txSeq: this.#txSeq, flags: 0, offset, payload });
    }
  }
}
