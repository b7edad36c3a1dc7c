import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFilm } from '../../fleet/engine/film.ts';
import { bytesOf, rate, type Shape, type UploadCell } from './cell.ts';
import { command, ended } from './peer.ts';
import { reelOf } from './rehash.ts';

interface Files {
  readonly folder: string;
  readonly from: string;
  readonly to: string;
  /** What `openssl dgst -sha256 -r` has to say, sorted. */
  readonly digests: string;
}

/** `cp`, then `openssl dgst` of the copies, then `sync` of them: one after another, as a person would. */
export function copyCell(shape: Shape, dir = tmpdir()): UploadCell {
  const files = makeFiles(shape, dir);
  return {
    name: 'cp',
    round: async () => {
      emptied(files.to);
      const startMs = performance.now();
      await command('cp', ['-r', `${files.from}/.`, files.to]);
      const digests = await dgst(files, shape);
      await command('sync', [...names(shape).map((name) => join(files.to, name)), files.to]);
      const tookMs = performance.now() - startMs;
      if (digests !== files.digests) throw new Error('cp made other files');
      return { MBps: rate(bytesOf(shape), tookMs) };
    },
    close: async () => rmSync(files.folder, { recursive: true, force: true }),
  };
}

/** The rsync daemon with `--fsync`, then `openssl dgst` of what it stored. */
export async function rsyncCell(shape: Shape, dir = tmpdir()): Promise<UploadCell> {
  const files = makeFiles(shape, dir);
  const port = await freePort();
  const config = join(files.folder, 'rsyncd.conf');
  const account = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : '';
  writeFileSync(config, `use chroot = no\n${account}[to]\npath = ${files.to}\nread only = no\n`);
  const daemon = spawn(
    'rsync',
    ['--daemon', '--no-detach', `--config=${config}`, `--port=${port}`, '--address=127.0.0.1'],
    {
      stdio: 'ignore',
    },
  );
  return {
    name: 'rsync',
    round: async () => {
      emptied(files.to);
      const startMs = performance.now();
      await command('rsync', [
        '-r',
        '--whole-file',
        '--fsync',
        `${files.from}/`,
        `rsync://127.0.0.1:${port}/to/`,
      ]);
      const digests = await dgst(files, shape);
      const tookMs = performance.now() - startMs;
      if (digests !== files.digests) throw new Error('rsync made other files');
      return { MBps: rate(bytesOf(shape), tookMs) };
    },
    close: async () => {
      await ended(daemon);
      rmSync(files.folder, { recursive: true, force: true });
    },
  };
}

function makeFiles(shape: Shape, dir: string): Files {
  const folder = mkdtempSync(join(dir, 'holdfast-copy-'));
  const [from, to] = [join(folder, 'from'), join(folder, 'to')];
  for (const made of [from, to]) mkdirSync(made);
  const film = makeFilm(13, shape.chunkBytes);
  const digests = names(shape).map((name, camera) => {
    const bytes = Buffer.concat(reelOf(film, camera, shape.chunks).map((chunk) => chunk.bytes));
    writeFileSync(join(from, name), bytes);
    return createHash('sha256').update(bytes).digest('hex');
  });
  return { folder, from, to, digests: digests.join('\n') };
}

const names = ({ cameras }: Shape): readonly string[] =>
  Array.from({ length: cameras }, (_, camera) => `camera-${String(camera).padStart(3, '0')}`);

async function dgst({ to }: Files, shape: Shape): Promise<string> {
  const out = await command('openssl', [
    'dgst',
    '-sha256',
    '-r',
    ...names(shape).map((name) => join(to, name)),
  ]);
  return out
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .join('\n');
}

function emptied(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
