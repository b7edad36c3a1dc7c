import { createHash, generateKeyPairSync, randomBytes, sign as signWith } from 'node:crypto';
import type { ClosedRecording, Keys as CameraKeys, Link as CameraLink } from '../../device/ports.ts';
import { Cradle, type CradleNews } from '../../device/upload/cradle.ts';
import { converse as ingest, type SettledNews } from '../../dock/ingest/converse.ts';
import type { IngestNews } from '../../dock/ingest/state.ts';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import type { ChunkStore, Keys as DockKeys } from '../../dock/ports.ts';
import { concat, toHex } from '../../proto/bytes.ts';
import type { CameraId, DockId, RecordingId } from '../../proto/ids.ts';
import { type Manifest, signManifest } from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import { Chance } from '../fault/chance.ts';
import { ManualClock } from '../fault/manual-clock.ts';
import { MemoryLedger } from '../fault/memory-ledger.ts';
import { type KeptRecording, MemoryVault } from '../fault/memory-vault.ts';
import { MemoryStore } from '../fault/memory-store.ts';
import { makeWire, type Wire, type WireFaults } from '../fault/wire.ts';

export interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export function makeSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'jwk' }).x ?? '';
  return {
    publicKey: new Uint8Array(Buffer.from(raw, 'base64url')),
    sign: (message) => signWith(null, message, privateKey),
  };
}

export const CAMERA = 'cam-1' as CameraId;
const DOCK = 'dock-1' as DockId;
const LIMITS = { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 };

/** A closed recording with random content; `change` may spoil the manifest before it is signed. */
export function makeRecording(
  counter: number,
  chunkBytes: readonly number[],
  spoil: {
    signer: Signer;
    change?: (manifest: Manifest) => Manifest;
    content?: (content: Uint8Array) => Uint8Array;
  },
): KeptRecording {
  const chunks = chunkBytes.map((bytes) => new Uint8Array(randomBytes(bytes)));
  const digests = chunks.map((chunk) => nodeChecker.sha256(chunk));
  const moment = { wallUs: 1_800_000_000_000_000, monoUs: 5_000_000 };
  const honest: Manifest = {
    format: 1,
    recordingId: toHex(randomBytes(16)) as RecordingId,
    cameraId: CAMERA,
    counter,
    previousRoot: new Uint8Array(),
    bootId: new Uint8Array(16),
    officerId: '4411',
    incidentTag: '26-1',
    mediaType: 'video/mp4; codecs="avc1.42c01f"',
    suite: 0,
    chunkBytesMax: 262_144,
    triggered: moment,
    started: moment,
    ended: moment,
    stopReason: 'button',
    marks: [],
    chunks: chunks.map((chunk, index) => ({
      sha256: digests[index] ?? new Uint8Array(32),
      storedBytes: chunk.byteLength,
      plainBytes: chunk.byteLength,
      mediaStartMs: 0,
      mediaMs: 0,
      endOfFragment: true,
    })),
    root: recordingRoot(nodeChecker.sha256, digests),
    contentBytes: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
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
  };
  return { recording, content: spoil.content?.(content) ?? content };
}

export interface TownOptions {
  readonly seed: string;
  readonly faults: WireFaults;
  readonly recordings: readonly KeptRecording[];
  readonly cameraSigner: Signer;
  /** What the dock has on file for the camera; its real key when absent. */
  readonly enrolledKey?: Uint8Array;
  /** Wraps the store, to let it fail. */
  readonly store?: (store: ChunkStore) => ChunkStore;
}

/** One camera, one dock and one wire between them, under a clock that the test moves. */
export class Town {
  readonly clock = new ManualClock();
  readonly store = new MemoryStore();
  readonly ledger: MemoryLedger;
  readonly vault: MemoryVault;
  readonly news: (CradleNews | IngestNews | SettledNews)[] = [];
  readonly problems: string[] = [];
  readonly #options: TownOptions;
  readonly #chance: Chance;
  readonly #dockSigner = makeSigner();
  readonly #port: ChunkStore;
  #wire: Wire | undefined;
  #cradle: Cradle | undefined;
  #sessions = 0;
  #stream = 0;

  constructor(options: TownOptions) {
    this.#options = options;
    this.#chance = new Chance(options.seed);
    const ledgerSigner = makeSigner();
    this.ledger = new MemoryLedger({
      origin: 'test.example/dock-1',
      ...ledgerSigner,
      sha256: nodeChecker.sha256,
    });
    this.vault = new MemoryVault(options.recordings, (recordingId) => this.#checkErasure(recordingId));
    this.#port = options.store?.(this.store) ?? this.store;
  }

  /** Puts the camera into a cradle whose wires behave like this; it stays there, over as many sessions as that takes. */
  dock(faults: WireFaults = this.#options.faults): void {
    const cradle = new Cradle({
      open: () => Promise.resolve(this.#connect(faults)),
      clock: this.clock,
      vault: this.vault,
      context: (link) => ({
        keys: this.#cameraKeys(this.#options.cameraSigner),
        ...nodeChecker,
        bootId: new Uint8Array(16),
        limits: LIMITS,
        fragmentBytes: link.fragmentBytes,
      }),
      tell: (news) => this.news.push(news),
    });
    this.#cradle = cradle;
    cradle.dock();
  }

  /** A fresh wire with the dock at its other end; the wire before it, if any, is cut. */
  #connect(faults: WireFaults): CameraLink {
    this.#wire?.cut();
    this.#sessions += 1;
    const chance = this.#chance.split(`wire ${this.#sessions}`);
    const wire = makeWire({ ...faults, clock: this.clock, chance });
    this.#wire = wire;
    void ingest(wire.dock, {
      store: this.#port,
      ledger: this.ledger,
      keys: this.#dockKeys(),
      clock: this.clock,
      checker: nodeChecker,
      limits: LIMITS,
      nextStream: () => (this.#stream += 1),
      tell: (news) => this.news.push(news),
    });
    return wire.camera;
  }

  /** Takes the camera out and cuts its wire in the middle of whatever was being said. */
  cut(): void {
    this.#wire?.cut();
    void this.#cradle?.undock();
    this.#cradle = undefined;
  }

  /** Lets virtual time pass until `done`, or `limitMs` have gone by; says whether it came true. */
  async until(done: () => boolean, limitMs: number): Promise<boolean> {
    for (let ms = 0; ms < limitMs; ms += 5) {
      await settle();
      if (done()) return true;
      this.clock.advance(5);
    }
    return done();
  }

  #checkErasure(recordingId: RecordingId): void {
    const kept = this.#options.recordings.find(({ recording }) => recording.recordingId === recordingId);
    const settled = this.news.find((news) => news.news === 'settled' && news.recordingId === recordingId);
    if (kept === undefined || settled === undefined)
      this.problems.push(`${recordingId} erased before custody was settled`);
  }

  #dockKeys(): DockKeys {
    const { cameraSigner, enrolledKey } = this.#options;
    return {
      dockId: DOCK,
      sign: (message) => this.#dockSigner.sign(message),
      camera: (id) => (id === CAMERA ? (enrolledKey ?? cameraSigner.publicKey) : undefined),
      pseudonym: (person) => createHash('sha256').update(person).digest('hex'),
      randomBytes: (count) => new Uint8Array(randomBytes(count)),
    };
  }

  #cameraKeys(signer: Signer): CameraKeys {
    const dock = { dockId: DOCK, publicKey: this.#dockSigner.publicKey, ledgerVkey: this.ledger.vkey };
    return {
      cameraId: CAMERA,
      sign: (message) => signer.sign(message),
      dock: (id) => (id === DOCK ? dock : undefined),
      randomBytes: (count) => new Uint8Array(randomBytes(count)),
    };
  }
}

/** Lets every promise that can go on go on; no time passes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
