import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFlash } from '../../device/flash/file-flash.ts';
import type { ClosedRecording } from '../../device/ports.ts';
import { checker } from '../../device/keys/checker.ts';
import { utf8 } from '../../proto/bytes.ts';
import { formatIdentity, parseIdentity } from '../../proto/identity.ts';
import { encodeManifestHeader, openManifest } from '../../proto/manifest.ts';
import { wrapInfo } from '../../proto/wraps.ts';
import { peer } from '../peer.ts';
import { sha256 } from '../unit/device/camera-kit.ts';
import { openFilm, type Recipient, recipientOf, unwrap } from '../unit/device/open-kit.ts';

// Goal: the real camera, with the real key of a custodian: what it leaves in its memory when it is killed shows nobody anything,
// and shows its custodian the whole film up to the last whole fragment. Method: enrol, record, kill -9, start again; read the
// folder as a thief would, then with the custodian's private key. No dock: the broker it is told to use is not there.

const START = fileURLToPath(new URL('../../dist/bin/start.cjs', import.meta.url));
const NO_BROKER = 'mqtt://127.0.0.1:1';
const ffmpeg = peer('ffmpeg');
const ffprobe = peer('ffprobe');

let folder = '';
let custodian: Recipient;
const children: ChildProcess[] = [];
const at = (...names: readonly string[]): string => join(folder, ...names);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-sealed-'));
  custodian = recipientOf();
  await writeFile(at('city.json'), formatIdentity(custodian.identity));
  const enrolled = ['enrol', 'camera', 'cam-1', '--out', at('keys'), '--custodian', at('city.json')];
  execFileSync(process.execPath, [START, ...enrolled], { timeout: 60_000 });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

type Said = Readonly<Record<string, unknown>>;

interface Camera {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  tell(command: string): void;
  /** The next event of that name, or the one that has been. */
  heard(event: string): Promise<Said>;
}

function camera(): Camera {
  const options = ['--id', 'cam-1', '--keys', at('keys'), '--flash', at('flash'), '--mqtt', NO_BROKER];
  const child = spawn(process.execPath, [START, 'device', ...options, '--pre-event', '0', '--json'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: Said[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Said));
  return {
    child,
    exited: new Promise((resolve) => child.on('close', resolve)),
    tell: (command) => child.stdin.write(`${command}\n`),
    heard: (event) =>
      vi.waitFor(
        () => {
          const found = lines.find((line) => line['event'] === event);
          if (!found) throw new TypeError(`the camera has not said ${event}, but\n${said(lines, child)}`);
          return found;
        },
        { timeout: 60_000, interval: 20 },
      ),
  };
}

/** Everything that a camera has said so far, and whether it still runs: what a test that waits in vain must show. */
function said(lines: readonly Said[], { exitCode, signalCode }: ChildProcess): string {
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\nexit ${exitCode ?? signalCode ?? 'none'}`;
}

/** Records until so many fragments are whole in the journal, the init segment counted, then kills it. */
async function recordAndKill(fragments: number): Promise<string> {
  const first = camera();
  await first.heard('ready');
  first.tell('record');
  const recording = String((await first.heard('recording'))['recording']);
  const journal = at('flash', 'recordings', recording, 'journal');
  await vi.waitFor(async () => expect(await headLines(journal)).toBeGreaterThanOrEqual(fragments), {
    timeout: 60_000,
    interval: 50,
  });
  first.child.kill('SIGKILL');
  await first.exited;
  return recording;
}

async function chunkLines(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line.includes('"index"')).length;
}

// A fragment longer than a chunk is two: the head behind it says that it is whole.
async function headLines(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.includes('"head"')).length;
}

/** Every file of the memory, as whoever finds it reads it. */
async function filesOfFlash(): Promise<ReadonlyMap<string, Buffer>> {
  const names = await readdir(at('flash'), { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return new Map(await Promise.all(files.map(async (path) => [path, await readFile(path)] as const)));
}

/** Shannon entropy, bits a byte. */
function entropyOf(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return [...counts]
    .filter((count) => count > 0)
    .reduce((sum, count) => sum - (count / bytes.length) * Math.log2(count / bytes.length), 0);
}

/** Twelve bytes of the film from each place a thief would look for: boxes, the sequence parameters, and here and there. */
function probesOf(film: Buffer): readonly (readonly [string, Buffer])[] {
  const marks = ['ftyp', 'moov', 'avcC', 'moof', 'mdat'].map((box) => [box, film.indexOf(box)] as const);
  // NAL unit header of a sequence parameter set, and the constrained baseline profile.
  const parameters = ['parameters', film.indexOf(Buffer.of(0x67, 0x42))] as const;
  for (const [name, place] of [...marks, parameters])
    expect({ name, isThere: place >= 0 }).toEqual({ name, isThere: true });
  const places = Array.from({ length: 20 }, (_, index) => Math.floor((index * (film.length - 12)) / 20));
  return [...marks, parameters, ...places.map((place) => [`byte ${place}`, place] as const)].map(
    ([name, place]) => [name, film.subarray(place, place + 12)],
  );
}

async function closedFilm(): Promise<{ readonly closed: ClosedRecording; readonly film: Buffer }> {
  const flash = await openFlash(at('flash'));
  const [closed] = await flash.waiting();
  if (!closed) throw new TypeError('the flash offers nothing');
  const content = await flash.read(closed.recordingId, 0, closed.contentBytes);
  return { closed, film: Buffer.from(await openFilm({ ...closed, content }, custodian)) };
}

describe('a sealing camera as a process', () => {
  it('is killed, and only its custodian sees what it saw', async () => {
    const recording = await recordAndKill(4);
    const kept = await chunkLines(at('flash', 'recordings', recording, 'journal'));
    const second = camera();
    const said = await second.heard('closed');
    expect(said).toMatchObject({ recording, stopReason: 'power-loss' });
    expect(said).not.toHaveProperty('sha256');
    // The last fragment may have been cut off in the middle, which is two chunks at most here.
    expect(said['chunks']).toBeGreaterThanOrEqual(kept - 2);
    second.tell('quit');
    expect(await second.exited).toBe(0);

    const { closed, film } = await closedFilm();
    const { publicKey } = parseIdentity(await readFile(at('keys', 'camera.json'), 'utf8'));
    const manifest = openManifest(closed.signedManifest, publicKey, checker);
    expect(manifest).toMatchObject({ suite: 1, stopReason: 'power-loss' });
    expect(manifest.lostChunks).toBeUndefined();
    expect(said['bytes']).toBe(film.length);

    const info = wrapInfo(encodeManifestHeader(manifest), sha256);
    const key = Buffer.from(await unwrap(closed.wraps ?? new Uint8Array(), info, custodian));
    const files = await filesOfFlash();
    const secrets = [
      ['recording key', key],
      ['recording key in hex', Buffer.from(utf8(key.toString('hex')))],
      ...probesOf(film),
    ] as const;
    for (const [path, bytes] of files)
      for (const [name, secret] of secrets)
        expect({ path, name, isThere: bytes.includes(secret) }).toEqual({ path, name, isThere: false });
    const chunks = files.get(at('flash', 'recordings', recording, 'chunks')) ?? Buffer.alloc(0);
    expect(chunks.length).toBeGreaterThan(film.length);
    expect(entropyOf(chunks)).toBeGreaterThan(7.9);
  });

  it.skipIf(!ffprobe || !ffmpeg)('leaves a film that plays', async () => {
    await recordAndKill(4);
    const second = camera();
    await second.heard('closed');
    second.tell('quit');
    await second.exited;
    const { closed, film } = await closedFilm();
    const path = at('film.mp4');
    await writeFile(path, film);
    const asked = [
      '-v',
      'error',
      '-count_frames',
      '-select_streams',
      'v',
      '-show_streams',
      '-of',
      'json',
      path,
    ];
    const { streams } = JSON.parse(execFileSync(ffprobe ?? '', asked, { encoding: 'utf8' })) as {
      readonly streams: readonly Said[];
    };
    const last = closed.chunks.at(-1);
    const seconds = ((last?.mediaStartMs ?? 0) + (last?.mediaMs ?? 0)) / 1000;
    expect(streams[0]).toMatchObject({ codec_name: 'h264', nb_read_frames: String(seconds * 10) });
    const complaints = execFileSync(ffmpeg ?? '', ['-v', 'warning', '-i', path, '-f', 'null', '-'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(complaints).toBe('');
  });

  // Goal: sealing is not switched off by taking a file away, and a camera that does not seal says so. Method: seal, take the
  // custodian's key out, try to record; the same with an empty memory.
  it('says that it does not seal, and does not once it has', async () => {
    await recordAndKill(2);
    await rm(at('keys', 'custodian.json'));
    const bare = camera();
    expect((await bare.heard('notice'))['message']).toMatch(/records nothing unsealed.*--custodian/);
    await bare.heard('ready');
    bare.tell('record');
    expect((await bare.heard('refused'))['message']).toMatch(/must not record unsealed.*custodian\.json/);
    bare.tell('quit');
    expect(await bare.exited).toBe(0);
    await rm(at('flash'), { recursive: true });
    const fresh = camera();
    expect((await fresh.heard('notice'))['message']).toMatch(/does not seal.*--custodian/);
    fresh.tell('record');
    await fresh.heard('recording');
    fresh.tell('quit');
    expect(await fresh.exited).toBe(0);
  });
});
