import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../dock/ledger/verify/verify.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import type { Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';

const START = fileURLToPath(new URL('../../dist/bin/start.cjs', import.meta.url));
const CAMERAS = ['cam-1', 'cam-2', 'cam-3'] as const;

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command to its end. */
export function holdfast(...argv: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [START, ...argv], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, out: stdout, err: stderr };
}

/** A site of real programs whose dock's disks a test can reach into. */
export class Depot {
  readonly dir = mkdtempSync(join(tmpdir(), 'holdfast-depot-'));
  readonly data = join(this.dir, 'dock');
  readonly mirror = join(this.dir, 'mirror');
  site!: Site;
  policy!: Program;
  dock!: Program;
  #policyUrl = '';
  #mqtt = '';

  async open(): Promise<void> {
    mkdirSync(this.mirror);
    this.site = await Site.prepare({
      ...{ dir: this.dir, dockId: 'dock-1', site: 'depot', cameras: CAMERAS, password: 'depot-password' },
      people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
    });
    const { program, url } = await this.site.startPolicy({ regime: 'doj' });
    this.policy = program;
    this.#policyUrl = url;
  }

  /** Address of the dock's broker. */
  get mqtt(): string {
    return this.#mqtt;
  }

  async start(...args: readonly string[]): Promise<void> {
    const options = { mqtt: 'embedded', policyUrl: this.#policyUrl, args };
    const { program, mqtt } = await this.site.startDock(options);
    this.dock = program;
    this.#mqtt = mqtt ?? '';
  }

  /** Starts a camera that records one recording and ends once the dock has it. */
  record(camera: string): Program {
    return this.site.startCamera(camera, ['--mqtt', this.#mqtt], {
      args: ['--officer', '4411', '--incident', '26-1', '--record', '1', '--pre-event', '0', '--once'],
    });
  }

  /** The id of a recording that came into custody whole. */
  async take(camera: string): Promise<string> {
    const program = this.record(camera);
    const { recording } = await program.until('closed');
    await this.dock.until('accepted', (event) => event['recording'] === recording);
    await program.exited;
    return String(recording);
  }

  /** Content as the dock keeps it. */
  chunks(recording: string): string {
    return join(this.data, 'recordings', recording, 'chunks');
  }

  /** What the ledger says of one recording, in these words. */
  told(recording: string, ...types: readonly string[]): readonly object[] {
    const entries = readLedger(join(this.data, 'ledger'));
    return entries.filter(
      (entry) => types.includes(entry.type) && 'recording' in entry && entry.recording === recording,
    );
  }

  verify(data = this.data): Report {
    return JSON.parse(holdfast('verify', join(data, 'ledger'), '--json').out) as Report;
  }

  async close(): Promise<void> {
    await this.dock.stop();
    await this.policy.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
