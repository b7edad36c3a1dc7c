import { steadyGauges } from '../fault/gauges.ts';
import { createHash, createPrivateKey, createPublicKey, sign as signWith } from 'node:crypto';
import type { Clock, ClosedRecording, Keys as CameraKeys, Link as CameraLink } from '../../device/ports.ts';
import { Cradle, type CradleNews } from '../../device/upload/cradle.ts';
import { EpochClock } from '../../dock/clock/epoch.ts';
import { makeStamper } from '../../dock/clock/stamper.ts';
import { converse as ingest, type SettledNews } from '../../dock/ingest/converse.ts';
import { Parking } from '../../dock/ingest/parking.ts';
import { Staging } from '../../dock/ingest/staging.ts';
import type { IngestNews } from '../../dock/ingest/state.ts';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import type {
  ChunkStore,
  Keys as DockKeys,
  Link as DockLink,
  SealMemory,
  Stamper,
} from '../../dock/ports.ts';
import { concat, toHex } from '../../proto/bytes.ts';
import { sealedBytesOf } from '../../proto/cobblestone.ts';
import type { CameraId, DockId, RecordingId } from '../../proto/ids.ts';
import {
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_PDU_BYTES_MAX,
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_PDU_BYTES_MAX,
} from '../../proto/limits.ts';
import { type Manifest, signManifest } from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import type { Limits } from '../../proto/messages.ts';
import { encodeWraps, type Wrap } from '../../proto/wraps.ts';
import { Chance } from '../fault/chance.ts';
import { ManualClock } from '../fault/manual-clock.ts';
import { MemoryLedger } from '../fault/memory-ledger.ts';
import { type KeptRecording, MemoryVault } from '../fault/memory-vault.ts';
import { MemoryMirror } from '../fault/memory-mirror.ts';
import { MemoryStore } from '../fault/memory-store.ts';
import type { UartOptions } from '../fault/uart.ts';
import { makeUartWire, type UartWire } from '../fault/uart-wire.ts';
import { makeWire, type Wire, type WireFaults } from '../fault/wire.ts';
import { ownSignatures } from './own-signatures.ts';
import { SeenHeads } from './seen-heads.ts';
import { watchLink } from './watched.ts';

// What RFC 8410 puts in front of the 32 secret bytes.
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** An Ed25519 key that the seed decides: another seed, another key. */
export function makeSigner(seed: string): Signer {
  const der = Buffer.concat([PKCS8_ED25519, new Chance(seed).split('ed25519').bytes(32)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '';
  const publicKey = new Uint8Array(Buffer.from(raw, 'base64url'));
  return {
    publicKey,
    sign: (message) => {
      const signature = signWith(null, message, privateKey);
      ownSignatures.note(publicKey, message, signature);
      return signature;
    },
  };
}

export const CAMERA = 'cam-1' as CameraId;
const DOCK = 'dock-1' as DockId;

/**
 * A closed recording with random content by `seed` and `counter`; `change` may spoil the manifest before it is signed. A
 * sealed one has random bytes as long as sealed ones: nobody here opens anything.
 */
export function makeRecording(
  counter: number,
  chunkBytes: readonly number[],
  spoil: {
    signer: Signer;
    seed?: string;
    isSealed?: boolean;
    change?: (manifest: Manifest) => Manifest;
    content?: (content: Uint8Array) => Uint8Array;
  },
): KeptRecording {
  const chance = new Chance(spoil.seed ?? 'recording').split(`recording ${counter}`);
  const { isSealed = false } = spoil;
  const chunks = chunkBytes.map((bytes) => chance.bytes(isSealed ? sealedBytesOf(bytes) : bytes));
  const wraps = isSealed ? makeWraps(chance.split('wraps')) : undefined;
  const digests = chunks.map((chunk) => nodeChecker.sha256(chunk));
  const moment = { wallUs: 1_800_000_000_000_000, monoUs: 5_000_000 };
  const honest: Manifest = {
    format: 1,
    recordingId: toHex(chance.bytes(16)) as RecordingId,
    cameraId: CAMERA,
    counter,
    previousRoot: new Uint8Array(),
    bootId: new Uint8Array(16),
    officerId: '4411',
    incidentTag: '26-1',
    mediaType: 'video/mp4; codecs="avc1.42c01f"',
    suite: isSealed ? 1 : 0,
    chunkBytesMax: 262_144,
    triggered: moment,
    started: moment,
    ended: moment,
    stopReason: 'button',
    marks: [],
    chunks: chunks.map((chunk, index) => ({
      sha256: digests[index] ?? new Uint8Array(32),
      storedBytes: chunk.byteLength,
      plainBytes: chunkBytes[index] ?? 0,
      mediaStartMs: 0,
      mediaMs: 0,
      endOfFragment: true,
    })),
    root: recordingRoot(nodeChecker.sha256, digests),
    contentBytes: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    ...(wraps === undefined ? {} : { wrapsSha256: nodeChecker.sha256(wraps) }),
  };
  const manifest = spoil.change?.(honest) ?? honest;
  const content = concat(...chunks);
  const recording: ClosedRecording = {
    recordingId: manifest.recordingId,
    counter,
    signedManifest: signManifest(manifest, (message) => spoil.signer.sign(message)),
    chunks: manifest.chunks,
    root: manifest.root,
    contentBytes: manifest.contentBytes,
    ...(wraps === undefined ? {} : { wraps }),
  };
  return { recording, content: spoil.content?.(content) ?? content };
}

/** Encoded Wraps for two recipients, by chance. */
export function makeWraps(chance: Chance): Uint8Array {
  const wrap = (): Wrap => ({
    recipient: chance.bytes(32),
    enc: chance.bytes(65),
    ciphertext: chance.bytes(48),
  });
  return encodeWraps([wrap(), wrap()]);
}

/** A serial line at its bytes. */
export interface LineFaults extends UartOptions {
  /** Bytes are handed over cut at random places. */
  readonly cutAnywhere?: boolean;
  /** The line hangs up whenever so much time has passed, counted from the start of the world. */
  readonly hangUpEveryMs?: number;
}

/** One packet as it was given to a link, or as a link gave it to its reader. */
export interface Seen {
  readonly what: 'sent' | 'heard';
  readonly by: 'camera' | 'dock';
  readonly atUs: number;
  /** Counts the wires, from 1. */
  readonly session: number;
  readonly pdu: Uint8Array;
}

type DockStore = ChunkStore & SealMemory;

export interface TownOptions {
  readonly seed: string;
  /** A wire that carries packets, or, where there is a baud rate, a serial line. */
  readonly faults: WireFaults | LineFaults;
  /** Real time, for links that are real; virtual when absent. */
  readonly time?: Clock;
  /** Sees every packet when it is given to a link, whatever becomes of it, and when it is heard. */
  readonly watch?: (seen: Seen) => void;
  readonly recordings: readonly KeptRecording[];
  readonly cameraSigner: Signer;
  /** What the dock has on file for the camera; its real key when absent. */
  readonly enrolledKey?: Uint8Array;
  /** Wraps the store, to let it fail. */
  readonly store?: (store: DockStore) => DockStore;
}

/** One camera, one dock and one wire between them, under a clock that the test moves. */
export class Town {
  readonly clock = new ManualClock();
  readonly store = new MemoryStore();
  readonly mirror = new MemoryMirror();
  readonly staging = new Staging(64 * 1024 * 1024);
  readonly parking: Parking;
  readonly ledger: MemoryLedger;
  readonly vault: MemoryVault;
  readonly tickets = new SeenHeads();
  readonly news: (CradleNews | IngestNews | SettledNews)[] = [];
  readonly problems: string[] = [];
  readonly #options: TownOptions;
  readonly #time: Clock;
  readonly #chance: Chance;
  readonly #cameraChance: Chance;
  readonly #dockChance: Chance;
  readonly #dockSigner: Signer;
  readonly #port: DockStore;
  readonly #stamper: Stamper;
  #wire: Wire | UartWire | undefined;
  /** What the wires before the present one carried. */
  #carried = { toDock: 0, toCamera: 0 };
  #cradle: Cradle | undefined;
  #sessions = 0;
  #stream = 0;

  constructor(options: TownOptions) {
    this.#options = options;
    this.#time = options.time ?? this.clock;
    this.parking = new Parking(this.staging, this.#time);
    this.#chance = new Chance(options.seed);
    this.#cameraChance = this.#chance.split('camera');
    this.#dockChance = this.#chance.split('dock');
    this.#dockSigner = makeSigner(`${options.seed}/dock`);
    const ledgerSigner = makeSigner(`${options.seed}/ledger`);
    this.ledger = new MemoryLedger({
      origin: 'test.example/dock-1',
      ...ledgerSigner,
      sha256: nodeChecker.sha256,
    });
    this.vault = new MemoryVault(options.recordings, (recordingId) => this.#checkErasure(recordingId));
    this.#port = options.store?.(this.store) ?? this.store;
    const watched = new EpochClock({ clock: this.#time, epoch: 1, onStep: () => undefined });
    this.#stamper = makeStamper({ clock: watched, recorded: () => Promise.resolve() });
  }

  /** Puts the camera into a cradle whose wires behave like this; it stays there, over as many sessions as that takes. */
  dock(faults: WireFaults | LineFaults = this.#options.faults): void {
    this.dockOver(() => Promise.resolve(this.#connect(faults)));
  }

  /** The same over links made elsewhere, whose other ends go to `serve`. */
  dockOver(open: () => Promise<CameraLink>): void {
    const cradle = new Cradle({
      open,
      clock: this.#time,
      vault: this.vault,
      tickets: this.tickets,
      gauges: steadyGauges,
      context: (link) => ({
        keys: this.#cameraKeys(this.#options.cameraSigner),
        ...nodeChecker,
        bootId: new Uint8Array(16),
        limits: limitsOf(link),
        fragmentBytes: link.fragmentBytes,
      }),
      tell: (news) => this.news.push(news),
    });
    this.#cradle = cradle;
    cradle.dock();
  }

  /** The dock's side of one link, until it ends; says why. */
  serve(link: DockLink): Promise<string> {
    return ingest(link, {
      store: this.#port,
      mirror: this.mirror,
      ledger: this.ledger,
      keys: this.#dockKeys(),
      clock: this.#time,
      checker: nodeChecker,
      limits: limitsOf(link),
      stamper: this.#stamper,
      staging: this.staging,
      parking: this.parking,
      nextStream: () => (this.#stream += 1),
      // Nobody looks after this store.
      doubt: () => undefined,
      tell: (news) => this.news.push(news),
    });
  }

  /** A fresh wire with the dock at its other end; the wire before it, if any, is cut. */
  #connect(faults: WireFaults | LineFaults): CameraLink {
    this.#wire?.cut();
    this.#carried = this.wireBytes;
    this.#sessions += 1;
    const wire = this.#makeWire(faults);
    this.#wire = wire;
    void this.serve(this.#watched(wire.dock, 'dock'));
    return this.#watched(wire.camera, 'camera');
  }

  #makeWire(faults: WireFaults | LineFaults): Wire | UartWire {
    const parts = { clock: this.clock, chance: this.#chance.split(`wire ${this.#sessions}`) };
    if (!('baud' in faults)) return makeWire({ ...faults, ...parts });
    const { hangUpEveryMs: everyMs } = faults;
    if (everyMs === undefined) return makeUartWire({ ...faults, ...parts });
    return makeUartWire({
      ...faults,
      ...parts,
      hangUpAfterMs: everyMs - ((this.clock.monoUs() / 1_000) % everyMs),
    });
  }

  /** Bytes put on serial lines so far, each way; packet wires count none. */
  get wireBytes(): { readonly toDock: number; readonly toCamera: number } {
    const now =
      this.#wire !== undefined && 'cable' in this.#wire
        ? this.#wire.cable.sentBytes
        : { toDock: 0, toCamera: 0 };
    return { toDock: this.#carried.toDock + now.toDock, toCamera: this.#carried.toCamera + now.toCamera };
  }

  /** Links made so far. */
  get sessions(): number {
    return this.#sessions;
  }

  #watched<L extends CameraLink | DockLink>(link: L, by: Seen['by']): L {
    const { watch } = this.#options;
    if (watch === undefined) return link;
    const session = this.#sessions;
    const see = (what: Seen['what'], pdu: Uint8Array): void =>
      watch({ what, by, atUs: this.clock.monoUs(), session, pdu });
    return watchLink(link, see);
  }

  /** Takes the camera out as a person does; it says goodbye. */
  async leave(): Promise<void> {
    await this.#cradle?.undock();
    this.#cradle = undefined;
  }

  /** Takes the camera out and cuts its wire in the middle of whatever was being said. */
  cut(): void {
    this.#wire?.cut();
    void this.#cradle?.undock();
    this.#cradle = undefined;
  }

  /**
   * Lets virtual time pass until `done`, or `limitMs` have gone by; says whether it came true. Time goes from
   * one timer to the next, and every promise that can go on goes on in between, so nothing depends on a step.
   */
  async until(done: () => boolean, limitMs: number): Promise<boolean> {
    const endUs = this.clock.monoUs() + limitMs * 1_000;
    for (;;) {
      await settle();
      if (done()) return true;
      const { nextUs } = this.clock;
      if (nextUs > endUs) break;
      this.clock.advanceTo(nextUs);
    }
    this.clock.advanceTo(endUs);
    await settle();
    return done();
  }

  #checkErasure(recordingId: RecordingId): void {
    const kept = this.#options.recordings.find(({ recording }) => recording.recordingId === recordingId);
    const settled = this.news.find((news) => news.news === 'settled' && news.recordingId === recordingId);
    if (kept === undefined || settled === undefined)
      this.problems.push(`${recordingId} erased before custody was settled`);
    if (settled?.news !== 'settled') return;
    const why = this.tickets.whyNotErase(settled.settled.entryIndex, { dockId: DOCK, ledger: this.ledger });
    if (why !== undefined) this.problems.push(`${recordingId} erased ${why}`);
  }

  #dockKeys(): DockKeys {
    const { cameraSigner, enrolledKey } = this.#options;
    return {
      dockId: DOCK,
      sign: (message) => this.#dockSigner.sign(message),
      camera: (id) => (id === CAMERA ? (enrolledKey ?? cameraSigner.publicKey) : undefined),
      pseudonym: (person) => createHash('sha256').update(person).digest('hex'),
      randomBytes: (count) => this.#dockChance.bytes(count),
    };
  }

  #cameraKeys(signer: Signer): CameraKeys {
    const dock = { dockId: DOCK, publicKey: this.#dockSigner.publicKey, ledgerVkey: this.ledger.vkey };
    return {
      cameraId: CAMERA,
      sign: (message) => signer.sign(message),
      dock: (id) => (id === DOCK ? dock : undefined),
      randomBytes: (count) => this.#cameraChance.bytes(count),
    };
  }
}

/** What a link lets both ends promise each other, as the programs promise it. */
function limitsOf({ transport }: { readonly transport: 'serial' | 'mqtt' }): Limits {
  return transport === 'serial'
    ? { pduBytesMax: SERIAL_PDU_BYTES_MAX, fragmentBytesMax: SERIAL_FRAGMENT_BYTES_MAX, streamsMax: 1 }
    : { pduBytesMax: MQTT_PDU_BYTES_MAX, fragmentBytesMax: MQTT_FRAGMENT_BYTES_MAX, streamsMax: 1 };
}

/** Lets every promise that can go on go on; no time passes. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
