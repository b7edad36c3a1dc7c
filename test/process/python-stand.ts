import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMAND } from '../../sim/rig/program.ts';
import { type CableFaults, openPtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';
import { peer, skippingForbidden } from '../peer.ts';

const DEADLINE_MS = 150_000;
const SOON_MS = 20_000;
const CAMERA = 'outside-1';
const CAMERA_PROGRAM = fileURLToPath(new URL('../python/camera.py', import.meta.url));
// Nothing is written beside the sources.
const ENV = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };

/** One line of the Python programs' stdout. */
export type Said = Readonly<Record<string, unknown>> & { readonly event: string };

/** What came of one of them. */
export interface PythonRun {
  readonly code: number | null;
  readonly said: readonly Said[];
  readonly stderr: string;
}

/** What the conformance rig says of the camera. */
export interface Verdict {
  readonly code: number | null;
  readonly passed: number;
  readonly failed: readonly Said[];
}

/** A Python that has Ed25519; the system's own first, since that is where Debian puts python3-cryptography. */
function pythonWithKeys(): string | undefined {
  const candidates = ['/usr/bin/python3', peer('python3')].filter(
    (path) => path !== undefined && existsSync(path),
  );
  const imports = ['-c', 'from cryptography.hazmat.primitives.asymmetric import ed25519'];
  const found = candidates.find((path) => spawnSync(path ?? '', imports).status === 0);
  if (found === undefined && skippingForbidden())
    throw new Error('apt-get install python3 python3-cryptography');
  return found;
}

/** The Python of these tests; undefined where they are to be skipped. */
export const python = pythonWithKeys();

/** Runs one of the Python programs to its end; killed by its pid when it takes too long. */
export function runPython(program: string, args: readonly string[]): Promise<PythonRun> {
  return runProgram(python ?? '', [program, ...args]);
}

function runProgram(program: string, args: readonly string[]): Promise<PythonRun> {
  const child = spawn(program, args, {
    env: ENV,
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
      resolve({ code, said: lines.map((line) => JSON.parse(line) as Said), stderr });
    });
  });
}

/** A site whose only camera was written by somebody else: it made its own key, and the site has the public half alone. */
export class Stand {
  readonly dir = mkdtempSync(join(tmpdir(), 'holdfast-python-'));
  readonly #closers: (() => Promise<void>)[] = [];
  #port = '';
  #urls = { policy: '', dock: '' };

  static async open(cable: CableFaults = {}): Promise<Stand> {
    const stand = new Stand();
    try {
      await stand.#prepare(cable);
    } catch (error) {
      await stand.close();
      throw error;
    }
    return stand;
  }

  /** Runs these cases of `holdfast rig conformance` against the camera; the rig plays its dock. */
  static async conformance(cases: readonly string[]): Promise<Verdict> {
    const stand = new Stand();
    try {
      return await stand.#conform(cases);
    } finally {
      await stand.close();
    }
  }

  camera(args: readonly string[]): Promise<PythonRun> {
    const dock = join(this.dir, 'dock/keys/dock.json');
    return runPython(CAMERA_PROGRAM, [...this.#identity, '--port', this.#port, '--dock', dock, ...args]);
  }

  /** What makes the camera seal to the custodian of this site, and remember the dock's ledger from one run to the next. */
  get sealing(): readonly string[] {
    return ['--seal-to', this.path('policy/custodian.json'), '--kept', this.path('kept')];
  }

  /** A file or folder of the site. */
  path(name: string): string {
    return join(this.dir, name);
  }

  /** Makes the evidence package of a recording, by `holdfast export` beside the running dock; its path. */
  export(recording: string, more: readonly string[] = []): string {
    const out = this.path(`${recording}${more.length === 0 ? '' : '-opened'}.zip`);
    const where = ['--data', this.path('dock'), '--keys', this.path('dock/keys')];
    execFileSync(process.execPath, [COMMAND, 'export', recording, '-o', out, ...where, ...more]);
    return out;
  }

  /** The same with the footage opened, for Officer 4411, whose report is filed first. */
  async exportOpened(recording: string): Promise<string> {
    const at = new Date().toISOString();
    const facts = [
      { id: 'i-1', at, type: 'incident.opened', incident: '26-1' },
      { id: 'l-1', at, type: 'recording.linked', incident: '26-1', recording },
      { id: 'r-1', at, type: 'report.filed', incident: '26-1', person: '4411', reportHash: 'ab'.repeat(32) },
    ];
    const token = readFileSync(this.path('policy/records.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify(facts);
    const answer = await fetch(`${this.#urls.policy}/v1/facts`, { method: 'POST', headers, body });
    if (answer.status !== 201) throw new Error(`facts: ${answer.status} ${await answer.text()}`);
    const where = ['--dock', this.#urls.dock, '--policy', this.#urls.policy];
    const who = ['--person', '4411', '--password-file', this.path('policy/password.txt')];
    return this.#soon(() => this.export(recording, [...where, ...who, '--purpose', 'supplement_report']));
  }

  /** What `make` gives as soon as it does not throw: the policy service hears of a recording a moment after its custody. */
  async #soon<T>(make: () => T): Promise<T> {
    const until = Date.now() + SOON_MS;
    for (;;) {
      try {
        return make();
      } catch (error) {
        if (Date.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }

  /** The verifier key of the dock's ledger, as its identity file says. */
  get vkey(): string {
    return (JSON.parse(readFileSync(this.path('dock/keys/dock.json'), 'utf8')) as { ledger: string }).ledger;
  }

  /** SHA-256 of what the dock has stored of a recording. */
  stored(recording: unknown): string {
    const chunks = readFileSync(join(this.dir, 'dock/recordings', String(recording), 'chunks'));
    return createHash('sha256').update(chunks).digest('hex');
  }

  /** What `holdfast verify` says: exit code and text. */
  verify(): { readonly status: number | null; readonly text: string } {
    const args = ['verify', join(this.dir, 'dock/ledger'), '--vkey', this.vkey];
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });
    return { status, text: stdout + stderr };
  }

  /** An identity file of the dock with one of its keys exchanged for that of another dock. */
  forgedDock(field: 'publicKey' | 'ledger'): string {
    const other = join(this.dir, 'other');
    execFileSync(process.execPath, [COMMAND, 'enrol', 'dock', 'dock-1', '--out', other]);
    const read = (path: string): Record<string, string> =>
      JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
    const path = join(this.dir, `forged-${field}.json`);
    const genuine = read(join(this.dir, 'dock/keys/dock.json'));
    writeFileSync(path, JSON.stringify({ ...genuine, [field]: read(join(other, 'dock.json'))[field] }));
    return path;
  }

  /** The entries of the dock's ledger as they stand in its newest bundle. */
  ledgerText(): string {
    const folder = join(this.dir, 'dock/ledger/tile/entries');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    );
    return files
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, 'latin1'))
      .join('');
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  get #identity(): readonly string[] {
    return ['--id', CAMERA, '--key', join(this.dir, 'outside.pem')];
  }

  async #prepare(faults: CableFaults): Promise<void> {
    const site = await Site.prepare({
      dir: this.dir,
      dockId: 'dock-1',
      site: 'yard',
      cameras: [],
      people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
      password: 'x',
    });
    this.#enrol();
    const policy = await site.startPolicy({ regime: 'doj' });
    this.#closers.push(() => policy.program.stop());
    const cable = await openPtyPair(faults);
    this.#closers.push(() => cable.close());
    this.#port = cable.cameraPath;
    const dock = await site.startDock({ serial: [cable.dockPath], policyUrl: policy.url });
    this.#closers.push(() => dock.program.stop());
    this.#urls = { policy: policy.url, dock: dock.url };
  }

  #enrol(): void {
    const key = execFileSync(python ?? '', [CAMERA_PROGRAM, ...this.#identity, '--public-key'], {
      encoding: 'utf8',
      env: ENV,
    });
    const registries = ['dock/enrolled', 'policy/enrolled'].map((name) => join(this.dir, name));
    const args = ['enrol', 'camera', CAMERA, '--public-key', key.trim(), '--registry', ...registries];
    execFileSync(process.execPath, [COMMAND, ...args]);
  }

  async #conform(cases: readonly string[]): Promise<Verdict> {
    const [rig, registry] = [join(this.dir, 'rig'), join(this.dir, 'dock/enrolled')];
    execFileSync(process.execPath, [COMMAND, 'enrol', 'dock', 'rig-dock', '--out', rig]);
    this.#enrol();
    const vault = join(this.dir, 'vault');
    execFileSync(process.execPath, [COMMAND, 'enrol', 'recovery', 'vault-1', '--out', vault]);
    const cable = await openPtyPair();
    this.#closers.push(() => cable.close());
    const args = [
      '--port',
      cable.cameraPath,
      '--dock',
      join(rig, 'dock.json'),
      '--recordings',
      '4',
      '--stay',
      '--seal-to',
      join(vault, 'recovery.json'),
    ];
    const program = [CAMERA_PROGRAM, ...this.#identity, ...args, '--bytes', '300000', '--deadline', '600'];
    const camera = spawn(python ?? '', program, { env: ENV, stdio: 'ignore' });
    this.#closers.push(async () => {
      camera.kill('SIGKILL');
      await new Promise((resolve) => setImmediate(resolve));
    });
    const where = ['--as', 'dock', '--serial', cable.dockPath, '--keys', rig, '--registry', registry];
    const command = [
      COMMAND,
      'rig',
      'conformance',
      ...where,
      '--camera',
      CAMERA,
      '--json',
      '--case',
      ...cases,
    ];
    const { code, said } = await runProgram(process.execPath, command);
    const ran = said.filter(({ event }) => event === 'case');
    const failed = ran.filter(({ outcome }) => outcome !== 'passed');
    return { code, failed, passed: ran.length - failed.length };
  }
}
