#!/usr/bin/env node
// Makes a checkout ready to run: installs what package-lock.json names, builds what changed. Plain JavaScript
// and no dependency, as it runs before there are any. Silent when there is nothing to do; speaks on stderr only,
// because the stdout of `npm run demo -- --json` belongs to the demo.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK = join(ROOT, '.prepare-lock');
const LOCK_WAIT_MS = 250;
const LOCK_WRITE_MS_MAX = 5_000;
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.stamp');
const SOURCE_FOLDERS = ['bin', 'device', 'dock', 'proto', 'sim'];
const SOURCE_FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'];
// What the compiler does not turn into something: it is read from beside the built code.
const COPIED = new Set(['.cedar', '.cedarschema', '.go', '.json', '.js', '.md', '.mts', '.yaml']);

/** What a person must mend before this checkout can run. */
class Unready extends Error {}

try {
  prepare();
} catch (error) {
  if (!(error instanceof Unready)) throw error;
  say(error.message);
  process.exitCode = 1;
}

function prepare() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Unready(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
  }
  // The quick look takes no lock, so starting a ready checkout costs a few milliseconds.
  if (isInstalled() && isBuilt()) return;
  lock();
  try {
    if (!isInstalled()) install();
    if (!isBuilt()) build();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** npm writes node_modules/.package-lock.json last, so one that names all we need is a finished install. */
function isInstalled() {
  try {
    const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
    const present = JSON.parse(readFileSync(join(ROOT, 'node_modules/.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional || present[path]?.integrity === entry.integrity,
    );
  } catch {
    return false;
  }
}

function install() {
  say('installing dependencies (npm ci)…');
  // The npm that runs us, if one does, so that a machine with several uses one throughout.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = npm?.endsWith('npm-cli.js') ? run(process.execPath, [npm, ...args]) : run('npm', args);
  if (!done || !isInstalled()) {
    throw new Unready(
      'npm ci failed; its message is above. Check the network and the registry, then try again.',
    );
  }
}

function isBuilt() {
  try {
    return readFileSync(STAMP, 'utf8') === sourceHash();
  } catch {
    return false;
  }
}

/** Builds beside `dist` and swaps, so programs that are running from it are disturbed as little as can be. */
function build() {
  say('building…');
  const stamp = sourceHash();
  for (const left of readdirSync(ROOT).filter((name) => /^dist\.(next|old)-/.test(name)))
    remove(join(ROOT, left));
  const next = join(ROOT, `dist.next-${process.pid}`);
  // Types are the business of `npm run check`; a start need not wait for them.
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const args = ['-p', 'tsconfig.json', '--noCheck', '--outDir', next];
  if (!run(process.execPath, [tsc, ...args])) throw new Unready('the compiler failed; see above.');
  for (const file of sourceFiles().filter(isCopied)) {
    mkdirSync(dirname(join(next, file)), { recursive: true });
    copyFileSync(join(ROOT, file), join(next, file));
  }
  const pack = [join(ROOT, 'bin/pack.mjs'), next];
  if (!run(process.execPath, pack))
    throw new Unready('the programs or the page could not be packed; see above.');
  writeFileSync(join(next, '.stamp'), stamp);
  const old = join(ROOT, `dist.old-${process.pid}`);
  if (existsSync(DIST)) renameSync(DIST, old);
  renameSync(next, DIST);
  remove(old);
}

function sourceHash() {
  const hash = createHash('sha256').update(process.versions.node);
  for (const file of sourceFiles()) hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

/** Every file a build reads, relative to the root, in one order everywhere. */
function sourceFiles() {
  const found = SOURCE_FILES.filter((file) => existsSync(join(ROOT, file)));
  for (const folder of SOURCE_FOLDERS) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) found.push(relative(ROOT, join(entry.parentPath, entry.name)));
    }
  }
  return found.sort();
}

/** The page's own files are the bundler's; declarations are the compiler's. */
function isCopied(file) {
  return (
    dirname(file) !== '.' &&
    !file.startsWith(join('dock', 'viewer', 'page')) &&
    COPIED.has(extname(file)) &&
    !file.endsWith('tsconfig.json')
  );
}

/**
 * One preparation at a time in a checkout. A lock whose owner is gone (killed) is renamed before it is removed:
 * of two that see it, one rename succeeds.
 */
function lock() {
  let told = false;
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned()) takeAside();
    else if (!told) say('waiting for another process that is preparing this checkout…');
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_WAIT_MS);
  }
}

function takeAside() {
  const aside = `${LOCK}-${process.pid}`;
  try {
    renameSync(LOCK, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** Is the owner dead? A lock without a number is being written, or was when the power went. */
function isAbandoned() {
  try {
    const owner = Number.parseInt(readFileSync(LOCK, 'utf8'), 10);
    if (Number.isNaN(owner)) return Date.now() - statSync(LOCK).mtimeMs > LOCK_WRITE_MS_MAX;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Runs a tool in the root with its stdout sent to our stderr. */
function run(program, args) {
  return spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 2, 2] }).status === 0;
}

function say(text) {
  process.stderr.write(`holdfast: ${text}\n`);
}

function remove(folder) {
  rmSync(folder, { recursive: true, force: true });
}
