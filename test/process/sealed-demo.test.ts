import { execFile } from 'node:child_process';
import { createECDH, createHash, createHmac, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equal, toHex } from '../../proto/bytes.ts';
import { chunkKey } from '../../proto/chunk-key.ts';
import type { Hmac } from '../../proto/hkdf.ts';
import { parseIdentity } from '../../proto/identity.ts';
import type { Fate } from '../../sim/demo/story.ts';
import { footageOf, type HeldRecording, readHeld, recordingKeyOf } from '../../sim/rig/held.ts';
import { unseal } from '../../dock/package/unseal.ts';
import { COMMAND } from '../../sim/rig/program.ts';

// Goal: whoever takes the dock and the cameras away with all their disks and keys has no footage; whoever has the custodian's
// key has all of it. Method: the demo as a user runs it. Its plaintext is first got with the custodian's key and compared with
// what the cameras said; then every file of dock and cameras is searched for it, and everything in them that could be a key
// is tried.

const run = promisify(execFile);
const DEMO_MS_MAX = 150_000;
const WINDOW_BYTES = 32;
const WINDOWS = 400;
const MARKERS = ['ftyp', 'moov', 'moof', 'mdat', 'avcC', 'isom'];
/** What chance alone may leave of four-letter words in a few megabytes of ciphertext, with room to spare. */
const MARKERS_BY_CHANCE_MAX = 2;
/** All offsets of a smaller file are tried as keys; of a larger one only what is written out as a key would be. */
const SLID_BYTES_MAX = 256 * 1024;

interface Found {
  readonly path: string;
  readonly bytes: Buffer;
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-sealed-'));
const custodianKey = join(folder, 'policy/custodian.key.pem');
let fates: readonly Fate[] = [];
let reachable: readonly Found[] = [];
let held: readonly HeldRecording[] = [];
let plain: readonly Buffer[] = [];

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const hmacSha256: Hmac = (key, message) => createHmac('sha256', key).update(message).digest();

beforeAll(async () => {
  const { stdout } = await run(process.execPath, [
    COMMAND,
    ...['demo', '--once', '--json', '--data', folder, '--record', '3'],
  ]);
  fates = (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { recordings: readonly Fate[] }).recordings;
  reachable = [...filesIn(join(folder, 'dock')), ...filesIn(join(folder, 'cameras'))];
  const inDock = filesIn(join(folder, 'dock'));
  held = inDock.filter(({ path }) => basename(path) === 'wraps').map(({ path }) => readHeld(dirname(path)));
  plain = await Promise.all(held.map(async (one) => Buffer.from(await footageOf(one, custodianKey))));
}, DEMO_MS_MAX);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a dock after a day of sealed footage', () => {
  it('holds what the custodian can open, and it is what the cameras recorded', () => {
    expect(fates).toHaveLength(3);
    expect(fates.map(({ sealed, identical }) => sealed && identical)).toEqual([true, true, true]);
    const opened = plain.map((bytes) => toHex(sha256(bytes)));
    expect(new Set(opened)).toEqual(new Set(fates.map((fate) => fate.sha256)));
    for (const bytes of plain)
      for (const marker of ['ftyp', 'moof']) expect(bytes.includes(marker)).toBe(true);
  });

  // Goal: no piece of the footage stands in any file of dock or camera. The search itself is proved on the footage.
  it('holds none of the footage, anywhere', () => {
    const windows = plain.flatMap(windowsOf);
    expect(windows.length).toBeGreaterThan(WINDOWS);
    expect(windows.every((window) => plain.some((bytes) => bytes.includes(window)))).toBe(true);
    for (const { path, bytes } of reachable) {
      const leaked = windows.filter((window) => bytes.includes(window));
      expect(leaked, path).toEqual([]);
    }
  });

  it('shows no structure of a film in what it stores', () => {
    for (const { path, bytes } of reachable) {
      expect(markersIn(bytes), path).toBeLessThanOrEqual(MARKERS_BY_CHANCE_MAX);
    }
    for (const bytes of plain) expect(markersIn(bytes)).toBeGreaterThan(MARKERS_BY_CHANCE_MAX);
    const stored = reachable.filter(({ path }) => basename(path) === 'chunks');
    expect(stored).toHaveLength(3);
    for (const { path, bytes } of stored) expect(entropyOf(bytes), path).toBeGreaterThan(7.9);
  });
});

describe('every key that dock and cameras hold', () => {
  // Goal: nothing in reach is a chunk key or a recording key. The trial itself is proved with the true keys.
  it('opens no chunk, as its key or as that of its recording', async () => {
    const candidates = new Set(reachable.flatMap(keysIn));
    expect(candidates.size).toBeGreaterThan(1_000);
    for (const [at, one] of held.entries()) {
      const recordingKey = await recordingKeyOf(one, custodianKey);
      const place = { recording: one.manifest.recordingId, index: 0 };
      expect(opens(one, recordingKey), `recording ${at}`).toBe(true);
      expect(opens(one, chunkKey(recordingKey, place, hmacSha256)), `recording ${at}`).toBe(true);
      const hits = [...candidates].filter((candidate) => opens(one, Buffer.from(candidate, 'latin1')));
      expect(hits).toEqual([]);
    }
  });

  // Goal: nothing in reach is the private half of anybody whom cameras seal to.
  it("is nobody's to whom anything was sealed, but the custodian's is", () => {
    const { publicKey } = custodianIdentity();
    const candidates = new Set(reachable.flatMap(keysIn));
    expect(candidates.size).toBeGreaterThan(1_000);
    const isIt = (secret: string): boolean => {
      const ecdh = createECDH('prime256v1');
      try {
        ecdh.setPrivateKey(Buffer.from(secret, 'latin1'));
        return equal(ecdh.getPublicKey(), publicKey);
      } catch {
        // Not a number below the order of the curve.
        return false;
      }
    };
    expect([...candidates].filter(isIt)).toEqual([]);
    expect(filesIn(join(folder, 'policy')).flatMap(privateKeysIn).some(isIt)).toBe(true);
  });
});

function filesIn(dir: string): readonly Found[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, bytes: readFileSync(path) }));
}

function custodianIdentity(): { readonly publicKey: Uint8Array } {
  return parseIdentity(readFileSync(join(folder, 'policy/custodian.json'), 'utf8'));
}

/** Pieces from all over the footage; a run of zeros proves nothing. */
function windowsOf(bytes: Buffer): readonly Buffer[] {
  const step = Math.max(1, Math.floor(bytes.length / WINDOWS));
  return Array.from({ length: WINDOWS }, (_, at) =>
    bytes.subarray(at * step, at * step + WINDOW_BYTES),
  ).filter((window) => window.length === WINDOW_BYTES && new Set(window).size > WINDOW_BYTES / 2);
}

function markersIn(bytes: Buffer): number {
  return MARKERS.map((marker) => bytes.toString('latin1').split(marker).length - 1).reduce(
    (a, b) => a + b,
    0,
  );
}

/** Bits per byte, by how often each value stands in the file. */
function entropyOf(bytes: Buffer): number {
  const counts = Array.from({ length: 256 }, () => 0);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const shares = counts.filter((count) => count > 0).map((count) => count / bytes.length);
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
}

/** Does this open the first chunk, as its own key or through the key made from it? */
function opens({ manifest, chunks }: HeldRecording, key: Uint8Array): boolean {
  const place = { recording: manifest.recordingId, index: 0 };
  const [stored] = chunks;
  if (stored === undefined) throw new Error('there are no chunks');
  return [key, chunkKey(key, place, hmacSha256)].some((one) => {
    try {
      unseal(one, place, stored);
      return true;
    } catch {
      return false;
    }
  });
}

/** Everything of 32 bytes in a file, as latin1 text: what is written out as a key would be, and in small files what stands at any offset. */
function keysIn(file: Found): readonly string[] {
  const { bytes } = file;
  const slid = bytes.length > SLID_BYTES_MAX ? 0 : Math.max(0, bytes.length - WINDOW_BYTES + 1);
  const windows = Array.from({ length: slid }, (_, at) => bytes.toString('latin1', at, at + WINDOW_BYTES));
  return [...windows, ...privateKeysIn(file)];
}

/** What could be a private key: 32 bytes in hexadecimal or base64, and inside PEM. */
function privateKeysIn({ bytes }: Found): readonly string[] {
  const text = bytes.toString('latin1');
  const hex = [...text.matchAll(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g)].map(([digits]) =>
    Buffer.from(digits, 'hex'),
  );
  const base64 = [...text.matchAll(/(?<![\w+/])[A-Za-z0-9+/]{43}=/g)].map(([symbols]) =>
    Buffer.from(symbols, 'base64'),
  );
  const base64url = [...text.matchAll(/(?<![\w-])[\w-]{43}(?![\w-])/g)].map(([symbols]) =>
    Buffer.from(symbols, 'base64url'),
  );
  const pem = [...text.matchAll(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g)].map(
    ([block]) => Buffer.from(createPrivateKey(block).export({ format: 'jwk' }).d ?? '', 'base64url'),
  );
  return [...hex, ...base64, ...base64url, ...pem].map((key) => Buffer.from(key).toString('latin1'));
}
