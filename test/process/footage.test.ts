import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openReplay } from '../../device/capture/replay.ts';
import { recover } from '../../device/capture/recovery.ts';
import { openFlash } from '../../device/flash/file-flash.ts';
import { checker } from '../../device/keys/checker.ts';
import { openKeys } from '../../device/keys/file-keys.ts';
import { formatIdentity } from '../../proto/identity.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import { openManifest } from '../../proto/manifest.ts';
import { peer } from '../peer.ts';

const RECORD = fileURLToPath(new URL('./record.mjs', import.meta.url));
const ffmpeg = peer('ffmpeg');
const ffprobe = peer('ffprobe');

let folder = '';
let publicKey: Uint8Array = new Uint8Array();
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-footage-'));
  const pair = generateKeyPairSync('ed25519');
  publicKey = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  await mkdir(join(folder, 'keys'));
  const identity = formatIdentity({ kind: 'camera', id: 'cam-1' as CameraId, publicKey });
  await writeFile(join(folder, 'keys', 'camera.json'), identity);
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(join(folder, 'keys', 'camera.key.pem'), pem, { mode: 0o600 });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts the recording program; `lines` fills with what it says. */
function record(seconds: number): {
  readonly child: ChildProcess;
  readonly lines: Record<string, unknown>[];
  readonly exited: Promise<number | null>;
} {
  const child = spawn(
    process.execPath,
    [RECORD, join(folder, 'keys'), join(folder, 'flash'), String(seconds)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) =>
    lines.push(JSON.parse(line) as Record<string, unknown>),
  );
  return { child, lines, exited: new Promise((resolve) => child.on('close', resolve)) };
}

/** What the flash offers, checked and saved as a file that other programs can open. */
async function offered(): Promise<{
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly seconds: number;
}> {
  const flash = await openFlash(join(folder, 'flash'));
  const [closed] = await flash.waiting();
  if (!closed) throw new TypeError('the flash offers nothing');
  const manifest = openManifest(closed.signedManifest, publicKey, checker);
  const bytes = await flash.read(closed.recordingId, 0, closed.contentBytes);
  const path = join(folder, 'film.mp4');
  await writeFile(path, bytes);
  const last = manifest.chunks.at(-1);
  return { path, bytes, seconds: ((last?.mediaStartMs ?? 0) + (last?.mediaMs ?? 0)) / 1000 };
}

/** What ffprobe says of the first video stream, every frame decoded. */
function probe(path: string): Record<string, unknown> {
  const args = ['-v', 'error', '-count_frames', '-select_streams', 'v', '-show_streams', '-of', 'json', path];
  const { streams } = JSON.parse(execFileSync(ffprobe ?? '', args, { encoding: 'utf8' })) as {
    streams: Record<string, unknown>[];
  };
  return streams[0] ?? {};
}

/** Decodes every frame; anything that FFmpeg finds wrong is text. */
const complaints = (path: string): string =>
  execFileSync(ffmpeg ?? '', ['-v', 'warning', '-i', path, '-f', 'null', '-'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

describe('a camera as a process', () => {
  // Goal: the built program records in real time on a thread of its own: real H.264 that a decoder of another make takes
  // without a word, under half a core, and this thread is never held up. Method: four seconds, then FFmpeg.
  it.skipIf(!ffprobe || !ffmpeg)('records H.264 that others decode', async () => {
    const { lines, exited } = record(4);
    expect(await exited).toBe(0);
    const said = lines.at(-1) ?? {};
    const { path, bytes, seconds } = await offered();
    expect(said).toMatchObject({
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(seconds).toBeGreaterThanOrEqual(4);
    expect(probe(path)).toMatchObject({
      codec_name: 'h264',
      width: 640,
      height: 360,
      nb_read_frames: String(seconds * 10),
    });
    expect(complaints(path)).toBe('');
    expect(said['cores']).toBeLessThan(0.5);
    expect(said['stallMs']).toBeLessThan(150);
    expect(bytes.length / seconds).toBeGreaterThan(100_000);
  });

  // Goal: kill -9 costs at most the fragments that were not whole. Method: kill it once some footage is in the flash,
  // recover as the next start does, and decode what is left.
  it.skipIf(!ffprobe || !ffmpeg)('is killed and loses nothing whole', async () => {
    const { child, lines, exited } = record(60);
    const flash = join(folder, 'flash');
    await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 30_000 });
    const journal = join(flash, 'recordings', String(lines[0]?.['recording']), 'journal');
    await vi.waitFor(async () => expect(await chunkCount(journal)).toBeGreaterThan(4), { timeout: 60_000 });
    child.kill('SIGKILL');
    await exited;
    const kept = await chunkCount(journal);
    const keys = openKeys(join(folder, 'keys'));
    const [film] = await recover(await openFlash(flash), keys);
    expect(film).toMatchObject({
      recordingId: lines[0]?.['recording'] as RecordingId,
      stopReason: 'power-loss',
    });
    expect(film?.chunks).toBeGreaterThanOrEqual(kept - 1);
    const { path, seconds } = await offered();
    expect(probe(path)).toMatchObject({ codec_name: 'h264', nb_read_frames: String(seconds * 10) });
    expect(complaints(path)).toBe('');
  });

  // Goal: a film of another maker, with sound and frames that refer forward, is recorded without a frame being touched.
  // Method: FFmpeg makes one, in one piece and in fragments; the hash of all its encoded frames is the same before and after.
  it.skipIf(!ffmpeg).each([
    [['-movflags', '+faststart'], false],
    [['-movflags', '+frag_keyframe+empty_moov'], true],
  ] as const)('replays what FFmpeg made with %j', async (flags, asIs) => {
    const film = join(folder, 'made.mp4');
    const source = [
      '-f',
      'lavfi',
      '-i',
      'testsrc=size=320x240:rate=25:duration=5',
      '-f',
      'lavfi',
      '-i',
      'sine=duration=5',
    ];
    const coding = ['-c:v', 'libx264', '-bf', '2', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    execFileSync(ffmpeg ?? '', ['-v', 'error', ...source, ...coding, ...flags, film]);
    const replay = await openReplay(film);
    const parts: Uint8Array[] = [];
    for await (const { bytes } of replay.chunks()) parts.push(bytes);
    await replay.close();
    expect(replay.asIs).toBe(asIs);
    expect(replay.mediaType).toMatch(/^video\/mp4; codecs="avc1\.\w{6}, ?mp4a\.40\.2"$/);
    const copy = join(folder, 'copy.mp4');
    await writeFile(copy, Buffer.concat(parts));
    expect(complaints(copy)).toBe('');
    for (const stream of ['v', 'a']) expect(hashOf(copy, stream)).toBe(hashOf(film, stream));
  });
});

/** Digest of all frames of a stream, as they are encoded. */
function hashOf(path: string, stream: string): string {
  const args = ['-v', 'error', '-i', path, '-map', `0:${stream}`, '-c', 'copy', '-f', 'hash', '-'];
  return execFileSync(ffmpeg ?? '', args, { encoding: 'utf8' });
}

/** Chunks that a journal names; heads and marks have lines of their own. */
async function chunkCount(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line.includes('"index"')).length;
}
