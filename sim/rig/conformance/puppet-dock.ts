import { randomBytes } from 'node:crypto';
import { concat, equal } from '../../../proto/bytes.ts';
import { encodeHelloAckBody } from '../../../proto/codec.ts';
import type { Sign } from '../../../proto/digest.ts';
import { helloTranscript } from '../../../proto/handshake.ts';
import { layoutOf } from '../../../proto/layout.ts';
import {
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_PDU_BYTES_MAX,
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_PDU_BYTES_MAX,
} from '../../../proto/limits.ts';
import { type Manifest, openManifest } from '../../../proto/manifest.ts';
import { prefixDigest } from '../../../proto/merkle.ts';
import type {
  Abort,
  Accept,
  Fin,
  Hello,
  HelloAck,
  HelloAckBody,
  Limits,
  Offer,
} from '../../../proto/messages.ts';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { ANSWER_MS, CaseFailure, demand } from './case.ts';
import { Reception } from './reception.ts';
import type { RigDock } from './rig-dock.ts';
import type { Heard, Wire } from './wire.ts';

/** What is due at once is waited for so long: a real camera may be slow, and so may the machine. */
export const SOON_MS = ANSWER_MS;
/** A camera that was sent away comes back within this, whatever pause it makes. */
export const BACK_MS = 15_000;
const POLL_MS = 50;
// Data waits behind every other message, so some that left before a Pong comes behind it.
const BEHIND_MS = 100;
const SESSION_BYTES = 8;
const NONCE_BYTES = 32;
const US_PER_MS = 1_000;

/** What a HelloAck says otherwise than it should. */
export interface AnswerChanges {
  readonly body?: Partial<HelloAckBody>;
  readonly sign?: Sign;
  /** The role in the signed transcript. */
  readonly role?: 'dock' | 'camera';
}

/** A session as the dock began it. */
export interface Session {
  readonly hello: Heard<Hello>;
  readonly body: HelloAckBody;
  readonly ack: HelloAck;
  /** The smaller ones of both sides. */
  readonly limits: Limits;
}

/** What an Accept says otherwise than "from the start, as far as the manifest". */
export interface AcceptChanges extends Partial<Accept> {
  /** Bytes that are there from an upload before. */
  readonly after?: Reception;
}

/** A dock made of scripts: real keys, a real ledger, and no manners but those a case asks for. */
export class PuppetDock {
  readonly wire: Wire;
  readonly rig: RigDock;

  constructor(wire: Wire, rig: RigDock) {
    this.wire = wire;
    this.rig = rig;
  }

  get limits(): Limits {
    const isSerial = this.wire.transport === 'serial';
    return {
      pduBytesMax: isSerial ? SERIAL_PDU_BYTES_MAX : MQTT_PDU_BYTES_MAX,
      fragmentBytesMax: isSerial ? SERIAL_FRAGMENT_BYTES_MAX : MQTT_FRAGMENT_BYTES_MAX,
      streamsMax: 1,
    };
  }

  /** Ends whatever session there is, as a dock that has restarted. */
  forgetSession(): void {
    this.wire.send({
      type: 'abort',
      stream: 0,
      code: 'no-session',
      class: 'renegotiate',
      message: 'greet again',
    });
  }

  /** The Hello of a session that has not begun. Nothing that came before it counts: it belongs to the session that is over. */
  async greeted(): Promise<Heard<Hello>> {
    this.wire.forget();
    this.forgetSession();
    const hello = await this.wire.hear('hello', BACK_MS);
    this.wire.forgetBefore(hello);
    return hello;
  }

  /** Answers a Hello. Nothing says that the camera believes it. */
  answer(hello: Heard<Hello>, changes: AnswerChanges = {}): Session {
    const session = this.compose(hello, changes);
    this.wire.send(session.ack);
    return session;
  }

  /** As {@link answer}, unsent. */
  compose(hello: Heard<Hello>, changes: AnswerChanges = {}): Session {
    const wallUs = Date.now() * US_PER_MS;
    const body: HelloAckBody = {
      version: 1,
      features: 0,
      dockId: this.rig.dockId,
      sessionId: randomBytes(SESSION_BYTES),
      nonce: randomBytes(NONCE_BYTES),
      limits: this.limits,
      cameraMonoUs: hello.message.cameraMonoUs,
      dockReceivedUs: wallUs,
      dockSentUs: wallUs,
      ledgerOrigin: this.rig.ledger.origin,
      ...changes.body,
    };
    const bytes = encodeHelloAckBody(body);
    const transcript = helloTranscript(
      changes.role ?? 'dock',
      hello.pdu.subarray(1, -4),
      bytes,
      nodeChecker.sha256,
    );
    const ack: HelloAck = {
      type: 'hello-ack',
      body: bytes,
      signature: (changes.sign ?? this.rig.sign)(transcript),
    };
    const theirs = hello.message.limits;
    const limits = {
      pduBytesMax: Math.min(body.limits.pduBytesMax, theirs.pduBytesMax),
      fragmentBytesMax: Math.min(body.limits.fragmentBytesMax, theirs.fragmentBytesMax),
      streamsMax: Math.min(body.limits.streamsMax, theirs.streamsMax),
    };
    return { hello, body, ack, limits };
  }

  /** The camera's proof in this session, checked; undefined when none comes. Throws a CaseFailure for a false one. */
  async confirmed(session: Session, withinMs: number): Promise<boolean> {
    const { hello, body, ack } = session;
    const confirm = await this.wire.hearIfAny('hello-confirm', withinMs, ({ sessionId }) =>
      equal(sessionId, body.sessionId),
    );
    if (confirm === undefined) return false;
    const transcript = helloTranscript('camera', hello.pdu.subarray(1, -4), ack.body, nodeChecker.sha256);
    const key = this.rig.cameraKey(hello.message.cameraId);
    demand(
      nodeChecker.verify(key, transcript, confirm.message.signature),
      'a HelloConfirm signed by the enrolled camera over Hello and HelloAckBody',
      'a signature that does not hold',
    );
    return true;
  }

  /** A new session, proved on both sides. */
  async docked(changes: AnswerChanges = {}): Promise<Session> {
    return this.proved(await this.greeted(), changes);
  }

  /** Answers this Hello, or one that came after it, until the camera proves who it is. */
  async proved(first: Heard<Hello>, changes: AnswerChanges = {}): Promise<Session> {
    const deadline = performance.now() + BACK_MS;
    let session = this.answer(first, changes);
    while (!(await this.confirmed(session, POLL_MS))) {
      const hello = await this.wire.hearIfAny('hello', 0);
      // The same Hello may have left before its answer arrived, and has the same answer.
      if (hello !== undefined && equal(hello.pdu, session.hello.pdu)) this.wire.send(session.ack);
      else if (hello !== undefined) session = this.answer(hello, changes);
      else demand(performance.now() < deadline, `a HelloConfirm within ${BACK_MS} ms`, 'none');
    }
    await this.#forgetRepeats(session.hello);
    return session;
  }

  /** What a slow camera has said again before it had an answer is no new greeting. */
  async #forgetRepeats({ message }: Heard<Hello>): Promise<void> {
    let repeat: Heard<Hello> | undefined;
    do repeat = await this.wire.hearIfAny('hello', 0, ({ nonce }) => equal(nonce, message.nonce));
    while (repeat !== undefined);
  }

  /** Resolves when the camera has heard all that was said before: a Ping that went behind it was answered. */
  async reached(): Promise<void> {
    const sentUs = this.wire.clockUs();
    this.wire.send({ type: 'ping', sentUs });
    await this.wire.expect('pong', SOON_MS, ({ pingSentUs }) => pingSentUs === sentUs);
  }

  /** Acknowledges all that came; resolves when the camera knows, and what it had sent before is here. */
  async settled(upload: Reception): Promise<void> {
    upload.ack();
    await this.reached();
    await upload.collect(BEHIND_MS);
  }

  /** The next Offer in this session. */
  offered(session: Session, withinMs = BACK_MS): Promise<Offer> {
    return this.wire.expect('offer', withinMs, ({ sessionId }) => equal(sessionId, session.body.sessionId));
  }

  /** Accepts: from the start and with credit for the manifest, unless told otherwise. */
  accept(session: Session, offer: Offer, { after, ...changes }: AcceptChanges = {}): Reception {
    const accept: Accept = {
      type: 'accept',
      sessionId: session.body.sessionId,
      recordingId: offer.recordingId,
      stream: this.rig.nextStream(),
      leaseEpoch: this.rig.nextEpoch(),
      durableTo: 0,
      prefixDigest: new Uint8Array(),
      creditTo: offer.manifestBytes,
      receivedTo: changes.durableTo ?? 0,
      held: [],
      ...changes,
    };
    const known = this.rig.manifestOf(offer);
    const reception = new Reception({
      wire: this.wire,
      offer,
      cameraKey: this.rig.cameraKey(session.hello.message.cameraId),
      stream: accept.stream,
      limits: session.limits,
      durableTo: accept.durableTo,
      creditTo: accept.creditTo,
      held: [{ start: accept.durableTo, end: accept.receivedTo }, ...accept.held],
      ...(after === undefined ? {} : { after }),
      ...(known === undefined ? {} : { signedManifest: known }),
    });
    this.wire.send(accept);
    return reception;
  }

  /** A new session in which an upload has begun: its manifest is here and judged, nothing more is allowed yet. */
  async started(changes: AnswerChanges = {}): Promise<{ session: Session; upload: Reception }> {
    const session = await this.docked(changes);
    const upload = this.accept(session, await this.offered(session));
    await upload.receive(({ durableTo, offer }) => durableTo >= offer.manifestBytes, {
      withinMs: BACK_MS,
      creditUnits: 0,
    });
    this.rig.remember(upload.signedManifest);
    return { session, upload };
  }

  /** A new session, an Offer in it, and the manifest of what is offered, fetched if it was never seen. */
  async introduced(
    changes: AnswerChanges = {},
  ): Promise<{ session: Session; offer: Offer; manifest: Manifest }> {
    const session = await this.docked(changes);
    const offer = await this.offered(session);
    if (this.rig.manifestOf(offer) !== undefined)
      return { session, offer, manifest: this.manifest(session, offer) };
    const upload = this.accept(session, offer);
    await upload.receive((self) => self.hasManifest, { withinMs: BACK_MS, creditUnits: 0 });
    this.rig.remember(upload.signedManifest);
    this.abort({ stream: upload.stream, code: 'unknown-stream', class: 'restart-stream' });
    const again = await this.offered(session);
    return { session, offer: again, manifest: this.manifest(session, again) };
  }

  manifest(session: Session, offer: Offer): Manifest {
    const signed = this.rig.manifestOf(offer);
    if (signed === undefined)
      throw new CaseFailure('the recording whose manifest came before', 'another Offer');
    return openManifest(signed, this.rig.cameraKey(session.hello.message.cameraId), nodeChecker);
  }

  /** What an Accept must say of a recording whose first `chunks` chunks are durable. */
  prefix(
    offer: Offer,
    manifest: Manifest,
    chunks: number,
  ): Pick<Accept, 'durableTo' | 'receivedTo' | 'prefixDigest'> {
    const sizes = manifest.chunks.map(({ storedBytes }) => storedBytes);
    const durableTo = layoutOf(offer.manifestBytes, sizes).start(chunks + 1);
    const digests = manifest.chunks.slice(0, chunks).map(({ sha256 }) => sha256);
    const digest = prefixDigest(nodeChecker.sha256, offer.manifestSha256, digests);
    return { durableTo, receivedTo: durableTo, prefixDigest: digest };
  }

  /** Says that all of an offered recording is durable from before, and waits for the Fin that must follow. */
  async finished(session: Session, offer: Offer): Promise<{ upload: Reception; fin: Fin }> {
    const manifest = this.manifest(session, offer);
    const prefix = this.prefix(offer, manifest, manifest.chunks.length);
    const upload = this.accept(session, offer, { ...prefix, creditTo: prefix.durableTo });
    const fin = await this.wire.expect('fin', SOON_MS, ({ stream }) => stream === upload.stream);
    return { upload, fin };
  }

  abort(about: Pick<Abort, 'stream' | 'code' | 'class'> & Partial<Abort>): void {
    this.wire.send({ type: 'abort', message: 'conformance', ...about });
  }
}

/** A copy with one bit turned over. */
export function spoilt(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  const copy = concat(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
