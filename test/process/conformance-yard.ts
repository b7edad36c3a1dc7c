import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMosquitto } from '../../sim/rig/mosquitto.ts';
import { COMMAND, type Program } from '../../sim/rig/program.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';
import { openOperatorPage, type OperatorPage } from './operator-page.ts';

/** One line of `rig conformance --json`. */
export interface CaseLine {
  readonly event: string;
  readonly name: string;
  readonly outcome: string;
  readonly reason: string;
  readonly messages: readonly string[];
}

export interface RigRun {
  readonly code: number;
  readonly cases: readonly CaseLine[];
  readonly junit: string;
  readonly stdout: string;
  readonly stderr: string;
}

type Hook = () => Promise<void>;

/**
 * A dock as a real process, a line to it, and an operator whose commands take its storage or its power away: what
 * the conformance rig needs to test it. `command` is another build of the dock.
 */
export class Yard {
  readonly dir = mkdtempSync(join(tmpdir(), 'holdfast-conformance-'));
  readonly #closers: (() => Promise<void>)[] = [];
  #dock: Program | undefined;
  #page: OperatorPage | undefined;
  #line: readonly string[] = [];

  static async open(way: { readonly mosquitto: string } | 'serial', command?: string): Promise<Yard> {
    const yard = new Yard();
    try {
      await yard.#prepare(way, command);
    } catch (error) {
      await yard.close();
      throw error;
    }
    return yard;
  }

  /** Runs `holdfast rig conformance --as camera` with every hook there is. */
  run(args: readonly string[]): Promise<RigRun> {
    const junit = join(this.dir, 'conformance.xml');
    const keys = (camera: string): string => join(this.dir, 'cameras', camera, 'keys');
    const all = [
      ...['rig', 'conformance', '--as', 'camera', ...this.#line, '--site', 'yard'],
      ...['--keys', keys('rig-1'), '--second-keys', keys('rig-2')],
      ...[
        '--storage-off',
        this.#hook('off'),
        '--storage-on',
        this.#hook('on'),
        '--reset',
        this.#hook('reset'),
      ],
      ...['--json', '--junit', junit, ...args],
    ];
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [COMMAND, ...all],
        { maxBuffer: 64 * 1024 * 1024 },
        (_error, stdout, stderr) => {
          const lines = stdout.split('\n').filter((line) => line !== '');
          const cases = lines
            .map((line) => JSON.parse(line) as CaseLine)
            .filter(({ event }) => event === 'case');
          resolve({ code: child.exitCode ?? -1, cases, junit: readFileSync(junit, 'utf8'), stdout, stderr });
        },
      );
    });
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  async #prepare(way: { readonly mosquitto: string } | 'serial', command: string | undefined): Promise<void> {
    const site = await Site.prepare({
      dir: this.dir,
      dockId: 'dock-1',
      site: 'yard',
      cameras: ['rig-1', 'rig-2'],
      people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
      password: 'x',
    });
    const policy = await site.startPolicy({ regime: 'doj' });
    this.#closers.push(() => policy.program.stop());
    const reach = await this.#open(way);
    const start = async (): Promise<void> => {
      const options = { ...reach, policyUrl: policy.url, ...(command === undefined ? {} : { command }) };
      this.#dock = (await site.startDock(options)).program;
    };
    this.#closers.push(async () => this.#dock?.stop());
    await start();
    await this.#serve({
      reset: async () => {
        await this.#dock?.kill();
        await start();
      },
      // Every write of the dock fails with EFBIG; Node leaves the signal that comes with it alone.
      off: async () => this.#limit('0:'),
      on: async () => this.#limit('unlimited:'),
    });
  }

  async #open(way: { readonly mosquitto: string } | 'serial'): Promise<{ serial?: string[]; mqtt?: string }> {
    if (way === 'serial') {
      const cable = await openPtyPair();
      this.#closers.push(() => cable.close());
      this.#line = ['--serial', cable.cameraPath];
      return { serial: [cable.dockPath] };
    }
    const broker = await startMosquitto({ binary: way.mosquitto });
    this.#closers.push(() => broker.close());
    this.#line = ['--mqtt', broker.url];
    return { mqtt: broker.url };
  }

  /** The operator's commands reach the dock, which only this process may restart, through a page each. */
  async #serve(hooks: Readonly<Record<string, Hook>>): Promise<void> {
    const page = await openOperatorPage(
      (name) => hooks[name]?.() ?? Promise.reject(new Error(`no hook ${name}`)),
    );
    this.#closers.push(() => page.close());
    this.#page = page;
  }

  #hook(name: string): string {
    return this.#page?.command(name) ?? 'false';
  }

  #limit(fileBytes: string): void {
    execFileSync('prlimit', ['--pid', String(this.#dock?.pid), `--fsize=${fileBytes}`]);
  }
}
