import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { peopleOf } from '../../scenario/agree.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { freePort } from '../free-port.ts';
import type { Program, ProgramEvent } from '../program.ts';
import { Site } from '../site.ts';
import type { ViewerClient } from '../viewer.ts';
import { Broker } from './broker.ts';
import { Cables, type RealPorts } from './cables.ts';
import { PoweredCamera } from './powered-camera.ts';
import { RunError } from './error.ts';
import { Falls } from './falls.ts';
import { Story } from './story.ts';
import { Troubles } from './troubles.ts';
import { Truth } from './truth.ts';

const SITE = 'yard';
const PASSWORD = 'holdfast-scenario';

/** Where and with what a scenario is run. */
export interface Ground {
  /** Empty folder that takes everything. */
  readonly dir: string;
  /** Launcher of another build of the programs. */
  readonly command?: string | undefined;
  /** Another program that stands in for `holdfast device`. */
  readonly camera?: string | undefined;
  readonly ports: RealPorts;
}

interface Ports {
  readonly http: number;
  readonly mqtt: number;
}

/** One scenario's programs on its cables and brokers: started, killed, frozen and started again where they were. */
export class Installation {
  readonly scenario: Scenario;
  readonly dir: string;
  readonly story = new Story();
  readonly truth = new Truth();
  readonly site: Site;
  readonly cables: Cables;
  readonly troubles: Troubles;
  readonly cameras = new Map<string, PoweredCamera>();
  readonly falls = new Falls();
  readonly #ground: Ground;
  readonly #programs = new Map<string, Program>();
  readonly #ports = new Map<string, Ports>();
  readonly #urls = new Map<string, string>();
  #broker: Broker | undefined;
  #policyPort = 0;

  private constructor(scenario: Scenario, ground: Ground, { site, cables }: { site: Site; cables: Cables }) {
    this.scenario = scenario;
    this.dir = ground.dir;
    this.#ground = ground;
    this.site = site;
    this.cables = cables;
    this.troubles = new Troubles(scenario, join(ground.dir, 'troubles'));
  }

  /** Enrols everybody and starts everything that is to be there from the start; ends it again when that fails. */
  static async open(scenario: Scenario, ground: Ground): Promise<Installation> {
    const { docks, cameras } = scenario.site;
    const [first, ...others] = docks.map(({ id }) => id);
    for (const folder of ['sockets', 'troubles']) mkdirSync(join(ground.dir, folder), { recursive: true });
    const site = await Site.prepare({
      ...{ dir: ground.dir, dockId: first ?? '', otherDocks: others, site: SITE, password: PASSWORD },
      cameras: cameras.map(({ id }) => id),
      people: peopleOf(scenario),
    });
    const cables = await Cables.open(scenario, { dir: join(ground.dir, 'sockets'), real: ground.ports });
    const made = new Installation(scenario, ground, { site, cables });
    try {
      await made.#startAll();
    } catch (error) {
      await made.close();
      throw error;
    }
    return made;
  }

  get docks(): Scenario['site']['docks'] {
    return this.scenario.site.docks;
  }

  dockUrl(dock: string): string {
    return this.#urls.get(dock) ?? '';
  }

  get policyUrl(): string {
    return this.#urls.get('policy') ?? '';
  }

  camera(id: string): PoweredCamera {
    const camera = this.cameras.get(id);
    if (camera === undefined) throw new RunError('STEP', `there is no camera ${id}`);
    return camera;
  }

  signIn(person: string, dock: string): Promise<ViewerClient> {
    return this.site.signIn({ dockUrl: this.dockUrl(dock), policyUrl: this.policyUrl }, person);
  }

  /** Starts a program that does not run, on its old data and ports. */
  async start(name: string): Promise<void> {
    if (this.story.isOver) return;
    if (this.#programs.get(name)?.isRunning === true)
      throw new RunError('STEP', `${name} runs already: kill or end it before`);
    if (name === 'policy') return this.#startPolicy();
    if (name === 'broker') return this.#outsideBroker().start();
    const dock = this.docks.find(({ id }) => id === name);
    if (dock !== undefined) return this.#startDock(dock);
    return this.camera(name).start();
  }

  /** SIGKILL. */
  async kill(name: string): Promise<void> {
    if (name === 'broker') return this.#outsideBroker().kill();
    if (this.cameras.has(name)) return this.camera(name).kill();
    const program = this.#programs.get(name);
    this.falls.expect(program);
    return program?.kill();
  }

  /** SIGTERM, and its end. */
  async end(name: string): Promise<void> {
    if (name === 'broker') return this.#outsideBroker().kill();
    if (this.cameras.has(name)) return this.camera(name).end();
    const program = this.#programs.get(name);
    this.falls.expect(program);
    // One that stands still would not hear it.
    program?.signal('SIGCONT');
    return program?.stop();
  }

  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (name === 'broker') return this.#outsideBroker().signal(signal);
    if (this.cameras.has(name)) return this.camera(name).signal(signal);
    return this.#programs.get(name)?.signal(signal);
  }

  /** All programs are told to stop, cameras first, and have. */
  async stop(): Promise<void> {
    await Promise.all([...this.cameras.values()].map((camera) => camera.end()));
    await Promise.all([...this.#programs.keys()].map((name) => this.end(name)));
  }

  /** Ends whatever still runs, at once. */
  async close(): Promise<void> {
    this.story.end(new RunError('STOPPED', 'the run is over'));
    await Promise.all([...this.cameras.values()].map((camera) => camera.kill()));
    await Promise.all([...this.#programs.keys()].map((name) => this.kill(name)));
    await this.#broker?.kill();
    await this.troubles.close();
    await this.cables.close();
  }

  async #startAll(): Promise<void> {
    this.#policyPort = await freePort();
    if (this.docks.some(({ mqtt }) => mqtt === 'mosquitto')) this.#broker = await Broker.open();
    for (const { id } of this.docks) this.#ports.set(id, { http: await freePort(), mqtt: await freePort() });
    await this.#startPolicy();
    await Promise.all(this.docks.map((dock) => this.#startDock(dock)));
    for (const camera of this.scenario.site.cameras) {
      const args = await this.#linkOf(camera);
      this.cameras.set(
        camera.id,
        new PoweredCamera(camera, { args, command: this.#ground.camera ?? this.#ground.command }, this),
      );
    }
    const starting = this.scenario.site.cameras.filter(({ starts }) => starts);
    await Promise.all(starting.map(({ id }) => this.camera(id).start()));
  }

  async #startPolicy(): Promise<void> {
    const { url } = await this.site.startPolicy({
      ...{ regime: this.scenario.site.regime, port: this.#policyPort },
      ...this.#how('policy'),
    });
    this.#urls.set('policy', url);
  }

  async #startDock({ id, bays, mqtt, args }: Scenario['site']['docks'][number]): Promise<void> {
    const ports = this.#ports.get(id) ?? { http: 0, mqtt: 0 };
    const { line } = this.scenario.site;
    const rate = line === undefined ? [] : ['--baud', String(line.rate), '--baud-max', String(line.rate)];
    const broker = mqtt === 'mosquitto' ? this.#outsideBroker().url : `embedded:${ports.mqtt}`;
    const { url } = await this.site.startDock({
      ...{ dock: id, port: ports.http, policyUrl: await this.troubles.wayToPolicy(this.policyUrl) },
      serial: bays.map(({ name }) => this.cables.dockPath(name)),
      ...(mqtt === undefined ? {} : { mqtt: broker }),
      args: [...rate, ...args],
      ...this.#how(id),
    });
    this.#urls.set(id, url);
  }

  async #linkOf({ id, link }: Scenario['site']['cameras'][number]): Promise<readonly string[]> {
    const { line } = this.scenario.site;
    const rate = line === undefined ? [] : ['--baud', String(line.rate), '--baud-max', String(line.rate)];
    if (link !== 'mqtt') return ['--serial', this.cables.cameraPath(id), ...rate];
    const dock = this.docks.find(({ mqtt }) => mqtt !== undefined);
    const port =
      dock?.mqtt === 'mosquitto' ? this.#outsideBroker().port : (this.#ports.get(dock?.id ?? '')?.mqtt ?? 0);
    return ['--mqtt', `mqtt://127.0.0.1:${await this.troubles.wayToBroker(id, port)}`];
  }

  #how(name: string): {
    readonly command?: string;
    readonly seen: (event: ProgramEvent) => void;
    readonly env: Readonly<Record<string, string>>;
    readonly started: (program: Program) => void;
  } {
    const { command } = this.#ground;
    return {
      ...(command === undefined ? {} : { command }),
      seen: (event) => this.story.add(name, event),
      env: this.troubles.env(name),
      started: (program) => {
        this.#programs.set(name, program);
        this.falls.watch(program, 'service');
      },
    };
  }

  #outsideBroker(): Broker {
    if (this.#broker === undefined)
      throw new RunError(
        'STEP',
        'the broker is inside the dock: let it have mqtt: mosquitto to have one beside it',
      );
    return this.#broker;
  }
}
