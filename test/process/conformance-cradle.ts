import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrolCamera, enrolDock, trustDock } from '../../dock/keys/enrolment.ts';
import { formatIdentity } from '../../proto/identity.ts';
import type { CameraId, DockId } from '../../proto/ids.ts';
import { writeFilm } from '../../sim/rig/film.ts';
import { startMosquitto } from '../../sim/rig/mosquitto.ts';
import { COMMAND, Program } from '../../sim/rig/program.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import type { CaseLine, RigRun } from './conformance-yard.ts';
import { openOperatorPage } from './operator-page.ts';

const CAMERA = 'cam-1' as CameraId;
const RIG = 'rig-1' as DockId;
const SITE = 'yard';
const POINT_BYTES = 65;
// Small, so that a run is short; grainless footage of three seconds still makes four chunks.
const FILM = { seconds: 3, quantizer: 40, grain: 2 };

/**
 * A camera as a real process, a line to it, recordings in its flash, and an operator who can take its power away: what
 * the conformance rig needs to test it. `command` is another build of the camera.
 */
export class TestCradle {
  readonly dir = mkdtempSync(join(tmpdir(), 'holdfast-conformance-'));
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #command: string;
  #camera: Program | undefined;
  #line: readonly string[] = [];
  #reset = '';

  private constructor(command: string) {
    this.#command = command;
  }

  static async open(
    way: { readonly mosquitto: string } | 'serial',
    { recordings, command = COMMAND }: { readonly recordings: number; readonly command?: string },
  ): Promise<TestCradle> {
    const cradle = new TestCradle(command);
    try {
      cradle.#enrol();
      await cradle.#record(recordings);
      const toRig = await cradle.#connect(way);
      await cradle.#start(toRig);
      await cradle.#serve(toRig);
    } catch (error) {
      await cradle.close();
      throw error;
    }
    return cradle;
  }

  /** Runs `holdfast rig conformance --as dock` with every hook there is. */
  run(args: readonly string[]): Promise<RigRun> {
    const junit = join(this.dir, 'conformance.xml');
    const all = [
      ...['rig', 'conformance', '--as', 'dock', ...this.#line, '--site', SITE],
      ...['--keys', join(this.dir, 'rig'), '--registry', join(this.dir, 'enrolled'), '--camera', CAMERA],
      ...['--reset', this.#reset, '--json', '--junit', junit, ...args],
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
          const xml = existsSync(junit) ? readFileSync(junit, 'utf8') : '';
          resolve({ code: child.exitCode ?? -1, cases, junit: xml, stdout, stderr });
        },
      );
    });
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #enrol(): void {
    const [cameraKeys, rigKeys] = [join(this.dir, 'camera'), join(this.dir, 'rig')];
    enrolDock({ id: RIG, out: rigKeys, origin: `rig.example/${RIG}`, registries: [] });
    const custodian = join(this.dir, 'custodian.json');
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // DER ends in the uncompressed point.
    const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-POINT_BYTES);
    writeFileSync(custodian, formatIdentity({ kind: 'custodian', id: 'yard', publicKey: point }));
    enrolCamera({ id: CAMERA, out: cameraKeys, registries: [join(this.dir, 'enrolled')], custodian });
    trustDock({ cameraKeys, dockFile: join(rigKeys, 'dock.json') });
  }

  /** Closed recordings in the flash, of a camera that has met no dock yet. */
  async #record(count: number): Promise<void> {
    const film = join(this.dir, 'film.mp4');
    await writeFilm(film, FILM);
    for (let made = 0; made < count; made += 1) {
      const camera = this.#device(['--serial', join(this.dir, 'no-port'), '--media', film]);
      try {
        await camera.until('closed');
      } finally {
        await camera.stop();
      }
    }
  }

  async #connect(way: { readonly mosquitto: string } | 'serial'): Promise<readonly string[]> {
    if (way === 'serial') {
      const cable = await openPtyPair();
      this.#closers.push(() => cable.close());
      this.#line = ['--serial', cable.dockPath];
      return ['--serial', cable.cameraPath];
    }
    const broker = await startMosquitto({ binary: way.mosquitto });
    this.#closers.push(() => broker.close());
    this.#line = ['--mqtt', broker.url];
    return ['--mqtt', broker.url];
  }

  async #start(line: readonly string[]): Promise<void> {
    if (this.#camera === undefined) this.#closers.push(async () => this.#camera?.stop());
    this.#camera = this.#device(line);
    await this.#camera.until('ready');
    this.#camera.say('dock');
  }

  #device(args: readonly string[]): Program {
    const keys = ['--keys', join(this.dir, 'camera'), '--flash', join(this.dir, 'flash')];
    return Program.start(['device', '--id', CAMERA, ...keys, '--site', SITE, ...args], {
      command: this.#command,
    });
  }

  /** The operator's command reaches the camera, which only this process may restart, through a page. */
  async #serve(line: readonly string[]): Promise<void> {
    const page = await openOperatorPage(async () => {
      await this.#camera?.kill();
      await this.#start(line);
    });
    this.#closers.push(() => page.close());
    this.#reset = page.command('reset');
  }
}
