import { randomBytes } from 'node:crypto';
import { checker } from '../../../device/keys/checker.ts';
import type { Keys, TrustedDock } from '../../../device/ports.ts';
import { concat, equal } from '../../../proto/bytes.ts';
import { decodeHelloAckBody, encodeMessage } from '../../../proto/codec.ts';
import { writeCrc, CRC_BYTES } from '../../../proto/crc32c.ts';
import { helloTranscript } from '../../../proto/handshake.ts';
import {
  HELLO_RETRY_MS,
  HELLO_RETRY_MS_MAX,
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_PDU_BYTES_MAX,
  PING_EVERY_MS,
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_PDU_BYTES_MAX,
} from '../../../proto/limits.ts';
import type { Accept, Hello, HelloAck, HelloAckBody, Limits, Offer } from '../../../proto/messages.ts';
import { ANSWER_MS, CaseFailure, demand } from './case.ts';
import { brief } from './describe.ts';
import { PuppetUpload } from './puppet-upload.ts';
import { makeRecording, type PuppetRecording, type RecordingPlan, sha256 } from './recording.ts';
import type { Wire } from './wire.ts';

const BOOT_ID_BYTES = 16;
const NONCE_BYTES = 32;
const US_PER_MS = 1_000;
const SERIAL_FRAGMENT_BYTES = 1_024;
const MQTT_FRAGMENT_BYTES = 64 * 1_024;

export interface PuppetOptions {
  readonly wire: Wire;
  readonly keys: Keys;
  /** The dock's identity as the rig was told it, by id. */
  readonly dock: (dockId: string) => TrustedDock | undefined;
  /** Makes this case's recordings its own, so that none was ever offered before. */
  readonly seed: string;
}

/** A Hello and the HelloAck that answered it. */
export interface Greeting {
  readonly hello: Hello;
  /** The Hello's protobuf bytes as they travelled. */
  readonly helloBytes: Uint8Array;
  readonly ack: HelloAck;
  readonly body: HelloAckBody;
}

/** A camera made of scripts: real keys and real manifests, and no manners but those a case asks for. */
export class PuppetCamera {
  readonly wire: Wire;
  readonly keys: Keys;
  readonly bootId: Uint8Array = randomBytes(BOOT_ID_BYTES);
  readonly #options: PuppetOptions;
  #recordings = 0;

  constructor(options: PuppetOptions) {
    this.#options = options;
    this.wire = options.wire;
    this.keys = options.keys;
  }

  get limits(): Limits {
    const isSerial = this.wire.transport === 'serial';
    return {
      pduBytesMax: isSerial ? SERIAL_PDU_BYTES_MAX : MQTT_PDU_BYTES_MAX,
      fragmentBytesMax: isSerial ? SERIAL_FRAGMENT_BYTES_MAX : MQTT_FRAGMENT_BYTES_MAX,
      streamsMax: 1,
    };
  }

  /** Payload of one Data in an ordinary upload. */
  get fragmentBytes(): number {
    return this.wire.transport === 'serial' ? SERIAL_FRAGMENT_BYTES : MQTT_FRAGMENT_BYTES;
  }

  /** A new Hello with a new nonce. */
  hello(changes: Partial<Hello> = {}): Hello {
    return {
      type: 'hello',
      versionMin: 1,
      versionMax: 1,
      features: 0,
      cameraId: this.keys.cameraId,
      bootId: this.bootId,
      nonce: randomBytes(NONCE_BYTES),
      limits: this.limits,
      cameraMonoUs: this.wire.clockUs(),
      cameraWallUs: Date.now() * US_PER_MS,
      ...changes,
    };
  }

  /** Says Hello, and the same Hello again until a HelloAck over it comes. Reads every other HelloAck away. */
  async greet(hello: Hello = this.hello(), withinMs = ANSWER_MS): Promise<Greeting> {
    const helloBytes = protobufOf(encodeMessage(hello));
    const deadline = performance.now() + withinMs;
    for (let retryMs = HELLO_RETRY_MS; ; retryMs = Math.min(2 * retryMs, HELLO_RETRY_MS_MAX)) {
      this.wire.send(hello);
      const leftMs = deadline - performance.now();
      const heard = await this.wire.hearIfAny('hello-ack', Math.min(retryMs, leftMs), (found) =>
        this.#isOver(helloBytes, found),
      );
      if (heard !== undefined) {
        const ack = heard.message;
        return { hello, helloBytes, ack, body: decodeHelloAckBody(ack.body) };
      }
      this.#refuseAbort();
      if (performance.now() < deadline) continue;
      throw new CaseFailure(
        `a HelloAck, signed over this Hello by an enrolled dock, within ${withinMs} ms`,
        this.wire.history('hello-ack').length > 0 ? 'HelloAcks that are not' : 'none',
      );
    }
  }

  /** The dock named in a HelloAck, as it is enrolled with the rig. */
  trusted(body: HelloAckBody): TrustedDock {
    const dock = this.#options.dock(body.dockId);
    demand(dock !== undefined, 'a dock that is enrolled with the rig (--registry)', `dock ${body.dockId}`);
    return dock;
  }

  #refuseAbort(): void {
    // A Hello needs no session: that one answers what was said before it.
    const refused = this.wire.drain('abort').findLast(({ code }) => code !== 'no-session');
    if (refused !== undefined)
      throw new CaseFailure('a HelloAck', `Abort ${refused.code}: ${refused.message}`);
  }

  /** Did the dock it names sign this HelloAck over these Hello bytes? */
  #isOver(helloBytes: Uint8Array, { body, signature }: HelloAck): boolean {
    try {
      const dock = this.#options.dock(decodeHelloAckBody(body).dockId);
      const transcript = helloTranscript('dock', helloBytes, body, sha256);
      return dock !== undefined && checker.verify(dock.publicKey, transcript, signature);
    } catch {
      return false;
    }
  }

  /** Proves who the camera is; `changes` make it lie. */
  confirm(
    { helloBytes, ack, body }: Greeting,
    changes: {
      readonly sessionId?: Uint8Array;
      readonly signature?: Uint8Array;
      readonly ledgerSize?: number;
    } = {},
  ): void {
    const transcript = helloTranscript('camera', helloBytes, ack.body, sha256);
    const signature = this.keys.sign(transcript);
    this.wire.send({ type: 'hello-confirm', sessionId: body.sessionId, signature, ...changes });
  }

  /** A whole handshake. A Ping makes sure of it: a dock answers none in a session that is not confirmed. */
  async dock(withinMs = ANSWER_MS, says: { readonly ledgerSize?: number } = {}): Promise<PuppetSession> {
    const greeting = await this.greet(undefined, withinMs);
    this.wire.forget();
    this.confirm(greeting, says);
    await this.ping();
    return new PuppetSession(this, greeting);
  }

  /** Sends one Ping and waits for its Pong. */
  async ping(): Promise<void> {
    const sentUs = this.wire.clockUs();
    this.wire.send({ type: 'ping', sentUs });
    await this.wire.expect('pong', ANSWER_MS, (pong) => pong.pingSentUs === sentUs);
  }

  /** Lets time pass as a camera that is there: with a Ping a second. */
  async stay(forMs: number): Promise<void> {
    const deadline = performance.now() + forMs;
    for (;;) {
      await this.ping();
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return;
      await this.wire.pause(Math.min(PING_EVERY_MS, leftMs));
    }
  }

  /** A recording that was never offered before; its chunks have these sizes. */
  record(
    chunkBytes: readonly number[],
    changes: Partial<Omit<RecordingPlan, 'chunkBytes'>> = {},
  ): PuppetRecording {
    this.#recordings += 1;
    return makeRecording({
      seed: `${this.#options.seed}/${this.#recordings}`,
      cameraId: this.keys.cameraId,
      sign: (message) => this.keys.sign(message),
      counter: this.#recordings,
      chunkBytes,
      ...changes,
    });
  }
}

/** A session that the dock has confirmed. */
export class PuppetSession {
  readonly camera: PuppetCamera;
  readonly greeting: Greeting;

  constructor(camera: PuppetCamera, greeting: Greeting) {
    this.camera = camera;
    this.greeting = greeting;
  }

  get id(): Uint8Array {
    return this.greeting.body.sessionId;
  }

  /** The Offer of this recording in this session. */
  offerOf(recording: PuppetRecording, changes: Partial<Offer> = {}): Offer {
    return {
      type: 'offer',
      sessionId: this.id,
      recordingId: recording.recordingId,
      manifestBytes: recording.signedManifest.length,
      manifestSha256: recording.manifestSha256,
      contentBytes: recording.contentBytes,
      ...(recording.wraps === undefined ? {} : { wraps: recording.wraps }),
      ...changes,
    };
  }

  /** Offers and takes the Accept; everything the Accept says is checked against the recording. */
  async offer(recording: PuppetRecording, withinMs = ANSWER_MS): Promise<PuppetUpload> {
    const { wire } = this.camera;
    wire.send(this.offerOf(recording));
    const accept = await wire.expect(
      'accept',
      withinMs,
      ({ recordingId }) => recordingId === recording.recordingId,
    );
    checkAccept(accept, recording, this.id);
    return new PuppetUpload({ session: this, recording, accept });
  }

  /** A whole upload, from the Offer to a checked Receipt. */
  async upload(recording: PuppetRecording): Promise<PuppetUpload> {
    const upload = await this.offer(recording);
    await upload.sendUpTo(recording.layout.totalBytes);
    await upload.fin();
    return upload;
  }
}

/** Section 7, rule 2 and section 8: what any Accept must say. */
function checkAccept(accept: Accept, recording: PuppetRecording, sessionId: Uint8Array): void {
  const { durableTo, receivedTo, creditTo, prefixDigest: digest } = accept;
  const { layout } = recording;
  demand(equal(accept.sessionId, sessionId), 'an Accept of this session', brief(accept.sessionId));
  demand(
    durableTo <= layout.totalBytes && layout.start(layout.unitAt(durableTo)) === durableTo,
    'durable_to at the end of a unit',
    String(durableTo),
  );
  demand(
    receivedTo <= layout.totalBytes && creditTo <= layout.totalBytes,
    `nothing beyond the recording's ${layout.totalBytes} B`,
    `received_to ${receivedTo}, credit_to ${creditTo}`,
  );
  if (durableTo === 0) return;
  demand(
    equal(digest, recording.prefixDigest(durableTo)),
    `the prefix digest of what is durable, ${brief(recording.prefixDigest(durableTo))}`,
    brief(digest),
  );
}

/** An Offer as of a recording that is not sealed. */
export function withoutWraps(offer: Offer): Offer {
  const rest: { -readonly [Field in keyof Offer]: Offer[Field] } = { ...offer };
  delete rest.wraps;
  return rest;
}

/** A PDU without its type byte and CRC. */
export function protobufOf(pdu: Uint8Array): Uint8Array {
  return pdu.subarray(1, pdu.length - CRC_BYTES);
}

/** A PDU with a right CRC around any content. */
export function pduOf(type: number, protobuf: Uint8Array): Uint8Array {
  return writeCrc(concat(Uint8Array.of(type), protobuf, new Uint8Array(CRC_BYTES)));
}
