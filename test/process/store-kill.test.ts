import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../dock/store/store.ts';
import { toHex } from '../../proto/bytes.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';

const STORE = new URL('../../dist/dock/store/store.js', import.meta.url).href;
const ROUNDS = Number(process.env['HOLDFAST_ROUNDS'] ?? 10);
const RECORDINGS = 4;

// Picks each recording up where the store has it, two chunks in hand, until it is killed. Chunk bytes follow from
// recording and index, so that the parent knows them. A line is written only after its put has resolved.
const CHILD = `
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openStore } from '${STORE}';
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const { DIR, RECORDINGS } = JSON.parse(process.argv[1]);
const chunk = (r, i) => Buffer.alloc(20_000 + ((r * 7919 + i * 104729) % 200_000), r + ' ' + i + ';');
const store = await openStore({ dir: DIR });
writeSync(1, 'ready\\n');
await Promise.all(Array.from({ length: RECORDINGS }, async (_, r) => {
  const manifest = Buffer.from('manifest ' + r);
  const holding = await store.lease({
    recordingId: String(r).padStart(32, '0'), manifestSha256: sha256(manifest), cameraId: 'cam-1',
    transport: 'mqtt', manifestBytes: manifest.length, contentBytes: 1e9,
  });
  await store.putManifest(holding, manifest);
  const put = async (i) => {
    const stored = chunk(r, i);
    await store.putChunk(holding, i, sha256(stored), stored, { receivedAtUs: 1_800_000_000_000_000 + i, uncertaintyUs: 1, basis: 'local' });
    writeSync(1, r + ' ' + i + '\\n');
  };
  for (let i = holding.durableChunks, last = Promise.resolve(); ; i++) {
    const next = put(i);
    await last;
    last = next;
  }
}));
`;

function chunk(recording: number, index: number): Uint8Array {
  const bytes = 20_000 + ((recording * 7919 + index * 104_729) % 200_000);
  return new Uint8Array(Buffer.alloc(bytes, `${recording} ${index};`));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

describe('kill -9 of a process that writes the store', () => {
  let dir: string;
  // Chunks acknowledged so far, by recording.
  const acknowledged = Array.from({ length: RECORDINGS }, () => 0);
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'holdfast-kill-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** Lets a child write, and kills it after it acknowledged `count` chunks, at whatever it is doing then. */
  async function writeAndDie(count: number): Promise<void> {
    const argument = JSON.stringify({ DIR: dir, RECORDINGS });
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, argument], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 60_000,
    });
    let lines = 0;
    // Lines that arrive after the kill were written before it: their puts had resolved.
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'ready') continue;
      const [recording = 0, index = 0] = line.split(' ').map(Number);
      acknowledged[recording] = Math.max(acknowledged[recording] ?? 0, index + 1);
      lines++;
      if (lines === count) child.kill('SIGKILL');
    }
    expect(lines).toBeGreaterThanOrEqual(count);
  }

  async function inspect(): Promise<void> {
    const store = await openStore({ dir });
    const { damage, forgotten, setAside } = store.recovered;
    expect({ damage, forgotten, setAside }).toEqual({ damage: [], forgotten: [], setAside: [] });
    for (const [recording, count] of acknowledged.entries()) {
      const manifest = new TextEncoder().encode(`manifest ${recording}`);
      const key = {
        recordingId: String(recording).padStart(32, '0') as RecordingId,
        manifestSha256: sha256(manifest),
      };
      const offer = {
        cameraId: 'cam-1' as CameraId,
        transport: 'mqtt',
        manifestBytes: manifest.length,
        contentBytes: 1e9,
      } as const;
      const holding = await store.lease({ ...key, ...offer });
      expect(holding.durableChunks).toBeGreaterThanOrEqual(count);
      if (holding.durableChunks === 0) continue;
      const { digests } = await store.rehash(key);
      const expected = digests.map((_, index) => chunk(recording, index));
      expect(digests.map(toHex)).toEqual(expected.map((bytes) => toHex(sha256(bytes))));
      // Nothing that was never acknowledged is left at the end of the file.
      const file = await stat(join(dir, 'recordings', key.recordingId, 'chunks'));
      expect(file.size).toBe(expected.reduce((sum, bytes) => sum + bytes.length, 0));
    }
    await store.close();
  }

  // Goal: what a real process was told is durable survives its sudden end, and the next process goes on from there.
  // Method: SIGKILL after a random number of acknowledgements, look at everything, repeat on the same folder.
  it(`keeps every acknowledged chunk, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await writeAndDie(1 + Math.floor(Math.random() * 25));
      await inspect();
    }
  });

  // Goal: two docks never write one folder. Method: open it while a child has it, then again once that is dead.
  it('lets one process at a time in', async () => {
    const store = await openStore({ dir });
    const argument = JSON.stringify({ DIR: dir, RECORDINGS });
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, argument], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    let complaint = '';
    for await (const part of child.stderr) complaint += String(part);
    expect(complaint).toContain('is another dock using it?');
    expect(child.exitCode ?? 1).not.toBe(0);
    await store.close();
  });
});
