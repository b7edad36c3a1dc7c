import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { nodeChecker } from '../../../../../dock/ledger/checker.ts';
import { openLedger, type OpenLedger } from '../../../../../dock/ledger/log.ts';
import type { FindingCode } from '../../../../../dock/ledger/verify/finding.ts';
import { type Report, verifyLedger, type VerifyOptions } from '../../../../../dock/ledger/verify/verify.ts';
import { toBase64, toHex, utf8 } from '../../../../../proto/bytes.ts';
import { type CustodyEntry, encodeEntry, entryKey } from '../../../../../proto/custody-entry.ts';
import type { EntryOf } from '../../../../../proto/custody-fields.ts';
import { type CameraId, isCameraId, isRecordingId, type RecordingId } from '../../../../../proto/ids.ts';
import { formatInstant } from '../../../../../proto/instant.ts';
import { type Manifest, signManifest } from '../../../../../proto/manifest.ts';
import { recordingRoot } from '../../../../../proto/merkle.ts';
import { plainBytesOf } from '../../../../../proto/cobblestone.ts';
import { encodeWraps } from '../../../../../proto/wraps.ts';
import { formatVkey } from '../../../../../proto/note.ts';
import { atOnce, type Key, newKey, ORIGIN, tempFolder } from '../rig.ts';

export const PERSON = 'a'.repeat(64);
export const SESSION = 'c'.repeat(64);
const GRANT = 'b'.repeat(64);
const CHUNK_BYTES = [700, 1200, 1200, 500] as const;

export function cameraId(text: string): CameraId {
  if (!isCameraId(text)) throw new TypeError(text);
  return text;
}

export function recordingId(n: number): RecordingId {
  const text = n.toString(16).padStart(32, '0');
  if (!isRecordingId(text)) throw new TypeError(text);
  return text;
}

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A dock's data folder made with the real log writer: `ledger recordings quarantine`. */
export class DockFolder {
  readonly dir: string;
  readonly key: Key;
  readonly ledgerDir: string;
  readonly store: string;
  readonly vkey: string;
  readonly cameras = new Map<CameraId, { readonly key: Key; counter: number; root: Uint8Array }>();
  /** Of the dock's clock; undefined for a dock that knows none. */
  epoch: number | undefined;
  #now: number;
  #ledger: OpenLedger | undefined;

  constructor(dir: string, key: Key = newKey(), from?: DockFolder) {
    this.dir = dir;
    this.#now = from === undefined ? 1_790_000_000_000_000 : from.#now;
    this.epoch = from?.epoch;
    for (const [camera, state] of from?.cameras ?? []) this.cameras.set(camera, { ...state });
    this.key = key;
    this.ledgerDir = join(dir, 'ledger');
    this.store = join(dir, 'recordings');
    this.vkey = formatVkey(ORIGIN, key.publicKey, nodeChecker.sha256);
  }

  /** Who keys are wrapped for from now on: the byte that each thumbprint is made of. */
  recipients: readonly number[] = [1];

  async ledger(): Promise<OpenLedger> {
    this.#ledger ??= await openLedger({ dir: this.ledgerDir, origin: ORIGIN, clock: atOnce, ...this.key });
    return this.#ledger;
  }

  async close(): Promise<void> {
    await this.#ledger?.close();
    this.#ledger = undefined;
  }

  at(): string {
    this.#now += 1_000_000;
    return formatInstant(this.#now);
  }

  async append(...entries: readonly CustodyEntry[]): Promise<void> {
    const ledger = await this.ledger();
    await Promise.all(entries.map((entry) => ledger.appendOnce(entryKey(entry), encodeEntry(entry))));
  }

  async enrol(camera: CameraId): Promise<void> {
    const key = newKey();
    this.cameras.set(camera, { key, counter: 0, root: new Uint8Array() });
    const publicKey = toBase64(key.publicKey);
    await this.append({ type: 'device.enrolled', at: this.at(), camera, publicKey });
  }

  /** A recording as a camera makes it, signed; advances the camera's chain. */
  record(
    camera: CameraId,
    n: number,
    how: Partial<Manifest> = {},
  ): {
    readonly manifest: Manifest;
    readonly chunks: readonly Uint8Array[];
    readonly wraps: Uint8Array | undefined;
  } {
    const state = this.cameras.get(camera);
    if (state === undefined) throw new TypeError(`${camera} is not enrolled`);
    const chunks = CHUNK_BYTES.map((size, index) => new Uint8Array(size).fill(n * 16 + index));
    const plain = { camera, n, chunks, counter: state.counter + 1, previousRoot: state.root };
    const wraps = how.suite === 1 ? wrapsFor(n, this.recipients) : undefined;
    const manifest = {
      ...makeManifest(plain, how.suite),
      ...how,
      ...(wraps && { wrapsSha256: nodeChecker.sha256(wraps) }),
    };
    state.counter += 1;
    state.root = manifest.root;
    return { manifest, chunks, wraps };
  }

  /** Takes custody of a new recording: files first, then the entry. */
  async accept(
    camera: CameraId,
    n: number,
    change: Partial<CustodyEntry & { type: 'accepted' }> & { readonly signed?: Partial<Manifest> } = {},
  ): Promise<void> {
    const { signed: how, ...said } = change;
    const { manifest, chunks, wraps } = this.record(camera, n, how);
    const signed = this.sign(manifest);
    const { stamps, last } = this.stamps(manifest);
    this.put(join(this.store, manifest.recordingId), {
      manifest: signed,
      chunks,
      stamps,
      ...(wraps && { wraps }),
    });
    await this.append({
      type: 'accepted',
      at: this.at(),
      recording: manifest.recordingId,
      camera,
      counter: manifest.counter,
      previousRoot: toHex(manifest.previousRoot),
      manifest: sha256Hex(signed),
      root: toHex(manifest.root),
      bytes: manifest.contentBytes,
      chunks: chunks.length,
      stamps: sha256Hex(stamps),
      transport: 'serial',
      receivedAt: last,
      uncertaintyUs: 400,
      basis: 'utc',
      officer: PERSON,
      ...(wraps === undefined ? {} : { suite: 1, wraps: sha256Hex(wraps) }),
      ...(this.epoch === undefined ? {} : { epoch: this.epoch }),
      ...said,
    });
  }

  /** Stamps a second apart, as the store writes them, and the last one's time. */
  stamps(manifest: Manifest): { readonly stamps: Uint8Array; readonly last: string } {
    const lines = manifest.chunks.map(({ sha256 }, chunk) => ({
      chunk,
      sha256: toHex(sha256),
      receivedAt: this.at(),
      uncertaintyUs: 400,
      basis: 'utc',
      ...(this.epoch === undefined ? {} : { epoch: this.epoch }),
    }));
    const stamps = utf8(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return { stamps, last: lines.at(-1)?.receivedAt ?? '' };
  }

  async start(epoch: number): Promise<void> {
    this.epoch = epoch;
    await this.append({ type: 'started', at: this.at(), epoch, version: '1', config: 'd'.repeat(64) });
  }

  /** The dock's clock jumps; with `said`, an entry says so. */
  async step(byUs: number, said: { readonly epoch: number } | undefined): Promise<void> {
    const wallBefore = this.at();
    this.#now += byUs;
    if (said === undefined) return;
    this.epoch = said.epoch;
    const wallAfter = this.at();
    const about = { stepUs: byUs, wallBefore, wallAfter, epoch: said.epoch };
    await this.append({ type: 'clock.stepped', at: wallAfter, ...about });
  }

  /** Refuses a new recording. `said` changes its entry, `forged` its manifest, which somebody else has signed then. */
  async refuse(
    camera: CameraId,
    n: number,
    { said = {}, forged }: { readonly said?: Partial<EntryOf<'refused'>>; readonly forged?: Key } = {},
  ): Promise<void> {
    const { manifest, chunks } = this.record(camera, n);
    const signed = forged === undefined ? this.sign(manifest) : signManifest(manifest, forged.sign);
    const digest = sha256Hex(signed);
    const folder = join(this.dir, 'quarantine', `${manifest.recordingId}-${digest.slice(0, 8)}`);
    this.put(folder, { manifest: signed, chunks });
    await this.append({
      type: 'refused',
      at: this.at(),
      recording: manifest.recordingId,
      camera,
      manifest: digest,
      reason: 'root-mismatch',
      bytes: manifest.contentBytes,
      ...(forged === undefined ? { counter: manifest.counter } : {}),
      ...said,
    });
  }

  async erase(camera: CameraId, n: number): Promise<void> {
    await this.append({ type: 'erased', at: this.at(), recording: recordingId(n), camera });
  }

  async view(n: number): Promise<void> {
    const about = { recording: recordingId(n), person: PERSON };
    await this.append(
      {
        type: 'released',
        at: this.at(),
        ...about,
        grant: GRANT,
        regime: 'doj',
        policySet: 'set',
        newestFact: 7,
      },
      {
        type: 'granted',
        at: this.at(),
        ...about,
        grant: sha256Hex(utf8(`grant ${n}`)),
        grantId: `g${n}`,
        purpose: 'supplement_report',
        session: SESSION,
        keyThumbprint: 'thumb',
      },
    );
    await this.append({ type: 'viewed', at: this.at(), ...about, session: SESSION });
  }

  /** Entries that need nothing else, to make the log long. */
  async fill(count: number): Promise<void> {
    await this.append(
      ...Array.from({ length: count }, () => ({
        type: 'denied' as const,
        at: this.at(),
        recording: recordingId(1),
        person: PERSON,
        purpose: 'write_report',
        reason: 'report-missing',
        count: 1,
      })),
    );
  }

  sign(manifest: Manifest): Uint8Array {
    const state = this.cameras.get(manifest.cameraId);
    if (state === undefined) throw new TypeError(`${manifest.cameraId} is not enrolled`);
    return signManifest(manifest, state.key.sign);
  }

  put(
    folder: string,
    files: {
      readonly manifest: Uint8Array;
      readonly chunks: readonly Uint8Array[];
      readonly stamps?: Uint8Array;
      readonly wraps?: Uint8Array;
    },
  ): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'manifest'), files.manifest);
    writeFileSync(join(folder, 'chunks'), Buffer.concat(files.chunks));
    if (files.wraps !== undefined) writeFileSync(join(folder, 'wraps'), files.wraps);
    if (files.stamps !== undefined) writeFileSync(join(folder, 'stamps'), files.stamps);
  }

  async verify(more: Partial<VerifyOptions> = {}): Promise<Report> {
    return verifyLedger({ dir: this.ledgerDir, store: this.store, vkey: this.vkey, ...more });
  }
}

/** A dock folder that goes away with the test; a copy of another one when given. */
export function tempDock(from?: DockFolder): DockFolder {
  const dock = new DockFolder(tempFolder(), from?.key, from);
  onTestFinished(() => dock.close());
  if (from !== undefined) cpSync(from.dir, dock.dir, { recursive: true });
  return dock;
}

/**
 * A dock folder that has lived, the same for every test of a file: most of a test's time would go into making it.
 * Call at the top of a file; copy with {@link tempDock}.
 */
export function livedIn(): DockFolder {
  const lived = new DockFolder(mkdtempSync(join(tmpdir(), 'holdfast-lived-')));
  beforeAll(async () => {
    await live(lived);
    await lived.close();
  });
  afterAll(() => rmSync(lived.dir, { recursive: true, force: true }));
  return lived;
}

/** Gives a dock a little life: two cameras, five recordings, one refused, one viewed, 303 entries in all. */
async function live(dock: DockFolder): Promise<void> {
  const [one, two] = [cameraId('cam-1'), cameraId('cam-2')];
  await dock.enrol(one);
  await dock.enrol(two);
  await dock.accept(one, 1);
  await dock.erase(one, 1);
  await dock.accept(two, 2);
  await dock.fill(240);
  await dock.accept(one, 3);
  await dock.view(3);
  await dock.fill(50);
  await dock.accept(two, 4);
  await dock.refuse(two, 5);
  await dock.erase(two, 5);
  await dock.accept(two, 6);
}

/** Codes of all failures, each once. */
export const failures = ({ findings }: Report): readonly FindingCode[] => [
  ...new Set(findings.filter(({ severity }) => severity === 'failure').map(({ code }) => code)),
];
/** Codes of all notes. */
export const notes = ({ findings }: Report): readonly FindingCode[] =>
  findings.filter(({ severity }) => severity === 'note').map(({ code }) => code);

/** Changes one byte of a file. */
export function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 0x01;
  writeFileSync(path, bytes);
}

/** Wraps that nobody can open, as an outsider sees them. */
export function wrapsFor(n: number, recipients: readonly number[] = [1]): Uint8Array {
  const filled = (size: number): Uint8Array => new Uint8Array(size).fill(n);
  return encodeWraps(
    recipients.map((who) => ({
      recipient: new Uint8Array(32).fill(who),
      enc: filled(65),
      ciphertext: filled(48),
    })),
  );
}

export function makeManifest(
  from: {
    readonly camera: CameraId;
    readonly n: number;
    readonly chunks: readonly Uint8Array[];
    readonly counter: number;
    readonly previousRoot: Uint8Array;
  },
  suite: 0 | 1 = 0,
): Manifest {
  const { sha256 } = nodeChecker;
  const digests = from.chunks.map(sha256);
  const moment = { wallUs: 1_790_000_000_000_000, monoUs: 5_000_000 };
  return {
    format: 1,
    recordingId: recordingId(from.n),
    cameraId: from.camera,
    counter: from.counter,
    previousRoot: from.previousRoot,
    bootId: new Uint8Array(16).fill(7),
    officerId: '4411',
    incidentTag: '24-118842',
    mediaType: 'video/mp4; codecs="avc1.42c01f"',
    suite,
    chunkBytesMax: 256 * 1024,
    triggered: moment,
    started: moment,
    ended: moment,
    stopReason: 'button',
    marks: [],
    chunks: from.chunks.map((bytes, index) => ({
      sha256: sha256(bytes),
      storedBytes: bytes.length,
      plainBytes: suite === 0 ? bytes.length : plainBytesOf(bytes.length),
      mediaStartMs: index * 1000,
      mediaMs: 1000,
      endOfFragment: true,
    })),
    root: recordingRoot(sha256, digests),
    contentBytes: from.chunks.reduce((sum, bytes) => sum + bytes.length, 0),
  };
}
