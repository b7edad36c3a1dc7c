import { join } from 'node:path';
import { recordEnrolment, recordErasure, takeCustody } from '../../../../dock/ingest/custody.ts';
import { rememberFrom } from '../../../../dock/ingest/remember.ts';
import { openChronicle } from '../../../../dock/keep/chronicle.ts';
import { enrolCamera, enrolDock } from '../../../../dock/keys/enrolment.ts';
import { type FileKeys, openFileKeys } from '../../../../dock/keys/file-keys.ts';
import { readSigner, type Signer } from '../../../../dock/keys/key-file.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { openLedger, type OpenLedger } from '../../../../dock/ledger/log.ts';
import { openStore, type Store } from '../../../../dock/store/store.ts';
import { sealChunk } from '../../../../device/seal/seal-chunk.ts';
import { plainBytesOf } from '../../../../proto/cobblestone.ts';
import { type CustodyEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import {
  type CameraId,
  isCameraId,
  isDockId,
  isRecordingId,
  type RecordingId,
} from '../../../../proto/ids.ts';
import { formatInstant } from '../../../../proto/instant.ts';
import { type Manifest, signManifest } from '../../../../proto/manifest.ts';
import { recordingRoot } from '../../../../proto/merkle.ts';
import { encodeWraps } from '../../../../proto/wraps.ts';
import { atOnce, ORIGIN } from '../ledger/rig.ts';

const START_US = 1_790_000_000_000_000;
const EPOCH = 1;
/** Plain lengths of every recording's chunks; two have one length, so that they can change places. */
const PLAIN_BYTES = [700, 20_000, 20_000, 500] as const;

export interface Camera {
  readonly id: CameraId;
  readonly key: Signer;
  counter: number;
  root: Uint8Array;
}

/** What is special about a recording. */
export interface How {
  /** 1 unless given. */
  readonly suite?: 0 | 1;
  readonly change?: Partial<Manifest>;
}

/**
 * A dock's data folder written by the dock's own code: keys by enrolment, chunks sealed by the camera's code, files by the store,
 * entries by the taking of custody, checkpoints by the log. `keys registry data/{ledger,recordings,quarantine}`.
 */
export class KeptDock {
  readonly dir: string;
  readonly keys: FileKeys;
  readonly ledger: OpenLedger;
  readonly store: Store;
  readonly clock: ReturnType<typeof steadyClock>;
  readonly cameras = new Map<CameraId, Camera>();

  private constructor(from: Pick<KeptDock, 'dir' | 'keys' | 'ledger' | 'store' | 'clock'>) {
    ({ dir: this.dir, keys: this.keys, ledger: this.ledger, store: this.store, clock: this.clock } = from);
  }

  static async make(dir: string): Promise<KeptDock> {
    const id: string = 'dock-1';
    if (!isDockId(id)) throw new TypeError(id);
    enrolDock({ id, out: join(dir, 'keys'), origin: ORIGIN, registries: [] });
    const keys = openFileKeys({ dir: join(dir, 'keys'), registry: join(dir, 'registry') });
    const clock = steadyClock();
    const ledger = await openLedger({ dir: join(dir, 'data/ledger'), ...keys.ledgerSigner, clock });
    const store = await openStore({ dir: join(dir, 'data'), remember: rememberFrom(ledger) });
    const config = 'd'.repeat(64);
    const tell = (problem: unknown): void => {
      throw problem;
    };
    const chronicle = await openChronicle({ ledger, clock, version: '1', config, tell });
    await chronicle.recorded();
    return new KeptDock({ dir, keys, ledger, store, clock });
  }

  async enrol(name: string): Promise<Camera> {
    if (!isCameraId(name)) throw new TypeError(name);
    const out = join(this.dir, 'cameras', name);
    enrolCamera({ id: name, out, registries: [join(this.dir, 'registry')] });
    const camera = {
      id: name,
      key: readSigner(join(out, 'camera.key.pem')),
      counter: 0,
      root: new Uint8Array(),
    };
    this.cameras.set(name, camera);
    await recordEnrolment(name, this.#ports());
    return camera;
  }

  /** Records, uploads and takes into custody; the camera then erases. */
  async accept(camera: Camera, n: number, how: How = {}): Promise<RecordingId> {
    const { manifest, signed, chunks, wraps } = await this.record(camera, n, how);
    const { recordingId, cameraId, contentBytes } = manifest;
    const manifestSha256 = nodeChecker.sha256(signed);
    const holding = await this.store.lease({
      recordingId,
      cameraId,
      manifestSha256,
      transport: 'serial',
      manifestBytes: signed.length,
      contentBytes,
    });
    await this.store.putManifest(holding, signed, wraps);
    for (const [index, bytes] of chunks.entries()) {
      const stamp = {
        receivedAtUs: this.clock.wallUs(),
        uncertaintyUs: 400,
        basis: 'local',
        epoch: EPOCH,
      } as const;
      await this.store.putChunk(holding, index, nodeChecker.sha256(bytes), bytes, stamp);
    }
    await takeCustody(holding, { ledgerSize: 0 }, this.#ports());
    await recordErasure(cameraId, recordingId, this.#ports());
    return recordingId;
  }

  /** A recording as its camera makes it; moves the camera on in its own history. */
  async record(
    camera: Camera,
    n: number,
    { suite = 1, change = {} }: How = {},
  ): Promise<{
    readonly manifest: Manifest;
    readonly signed: Uint8Array;
    readonly chunks: readonly Uint8Array[];
    readonly wraps: Uint8Array | undefined;
  }> {
    const recording = recordingId(n);
    const recordingKey = new Uint8Array(32).fill(n);
    const chunks = PLAIN_BYTES.map((size, index) => {
      const plain = new Uint8Array(size).fill(n * 16 + index);
      const salt = new Uint8Array(24).fill(n * 16 + index);
      return suite === 0 ? plain : sealChunk({ recordingKey, recording, index }, plain, salt);
    });
    const wraps = suite === 0 ? undefined : wrapsOf(n);
    const manifest = {
      ...manifestOf(camera, chunks, { recording, suite }),
      ticket: (await this.ledger.checkpoint()).note,
      ...(wraps && { wrapsSha256: nodeChecker.sha256(wraps) }),
      ...change,
    };
    camera.counter += 1;
    camera.root = manifest.root;
    return { manifest, signed: signManifest(manifest, camera.key.sign), chunks, wraps };
  }

  async append(entry: CustodyEntry): Promise<number> {
    return this.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }

  at(): string {
    return formatInstant(this.clock.wallUs());
  }

  readonly sign = (message: Uint8Array): Uint8Array => this.keys.sign(message);

  async close(): Promise<void> {
    await this.store.close();
    await this.ledger.close();
  }

  #ports(): Parameters<typeof takeCustody>[2] {
    const { store, ledger, keys, clock } = this;
    return { store, mirror: store, ledger, keys, clock, checker: nodeChecker, doubt: () => undefined };
  }
}

export function recordingId(n: number): RecordingId {
  const text = n.toString(16).padStart(32, '0');
  if (!isRecordingId(text)) throw new TypeError(text);
  return text;
}

/** Wraps that nobody can open, as an outsider sees them. */
function wrapsOf(n: number): Uint8Array {
  const filled = (size: number): Uint8Array => new Uint8Array(size).fill(n);
  return encodeWraps([{ recipient: new Uint8Array(32).fill(1), enc: filled(65), ciphertext: filled(48) }]);
}

function manifestOf(
  camera: Camera,
  chunks: readonly Uint8Array[],
  { recording, suite }: { readonly recording: RecordingId; readonly suite: 0 | 1 },
): Manifest {
  const wallUs = START_US - 60_000_000 + camera.counter * 10_000_000;
  const moment = (afterUs: number): Manifest['started'] => ({ wallUs: wallUs + afterUs, monoUs: afterUs });
  return {
    format: 1,
    recordingId: recording,
    cameraId: camera.id,
    counter: camera.counter + 1,
    previousRoot: camera.root,
    bootId: new Uint8Array(16).fill(7),
    officerId: '4411',
    incidentTag: '24-118842 <b>&',
    mediaType: 'video/mp4; codecs="avc1.42c01f"',
    suite,
    chunkBytesMax: 256 * 1024,
    triggered: moment(2_000_000),
    started: moment(0),
    ended: moment(4_000_000),
    stopReason: 'button',
    marks: [{ at: moment(3_000_000), kind: 'event' }],
    chunks: chunks.map((bytes, index) => ({
      sha256: nodeChecker.sha256(bytes),
      storedBytes: bytes.length,
      plainBytes: suite === 0 ? bytes.length : plainBytesOf(bytes.length),
      mediaStartMs: index * 1000,
      mediaMs: 1000,
      endOfFragment: true,
    })),
    root: recordingRoot(nodeChecker.sha256, chunks.map(nodeChecker.sha256)),
    contentBytes: chunks.reduce((sum, bytes) => sum + bytes.length, 0),
  };
}

/** Goes on by a millisecond each time it is read. */
function steadyClock(): {
  wallUs(): number;
  monoUs(): number;
  after: (typeof atOnce)['after'];
} {
  let now = START_US;
  const tick = (): number => (now += 1_000);
  return { wallUs: tick, monoUs: tick, after: atOnce.after };
}
