import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrolCamera, enrolDock, trustDock } from '../../dock/keys/enrolment.ts';
import { enrolPerson, enrolSource } from '../../dock/policy/enrolling.ts';
import { isCameraId, isDockId } from '../../proto/ids.ts';
import { Program, type ProgramEvent } from './program.ts';
import { RecordsSystem } from './records.ts';
import { ViewerClient } from './viewer.ts';

/** Who belongs to a site; every id must be valid. */
export interface SitePlan {
  /** Everything is kept below here: `dock/`, `policy/`, `cameras/ID/`. */
  readonly dir: string;
  readonly dockId: string;
  /** Further docks that every camera trusts, each kept below `docks/ID/`. */
  readonly otherDocks?: readonly string[];
  readonly site: string;
  readonly cameras: readonly string[];
  readonly people: readonly {
    readonly id: string;
    readonly name: string;
    readonly roles: readonly string[];
  }[];
  /** Cameras store footage as recorded, as they do without a custodian. */
  readonly unsealed?: boolean;
  /** Everybody's password here. */
  readonly password: string;
}

export interface PolicyOptions {
  readonly regime: string;
  /** A file that says whose rules apply from when on; `regime` does not count then. */
  readonly regimes?: string;
  readonly port?: number;
  readonly demoRecords?: boolean;
  readonly grantMinutes?: number;
  /** Another build's launcher. */
  readonly command?: string;
  readonly seen?: (event: ProgramEvent) => void;
  /** Further flags. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly started?: (program: Program) => void;
}

export interface DockOptions {
  /** One of the plan's other docks. */
  readonly dock?: string;
  readonly serial?: readonly string[];
  readonly mqtt?: string;
  readonly port?: number;
  readonly policyUrl: string;
  /** Another build's launcher. */
  readonly command?: string;
  /** Further flags. */
  readonly args?: readonly string[];
  readonly seen?: (event: ProgramEvent) => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly started?: (program: Program) => void;
}

/** How any of the programs may be started. */
interface StartOptions {
  /** Another build's launcher. */
  readonly command?: string;
  readonly seen?: (event: ProgramEvent) => void;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets the program before it is ready, so that it can be ended whatever becomes of it. */
  readonly started?: (program: Program) => void;
}

/**
 * A whole installation in one folder: keys, accounts, sources, and the programs that run on them as real processes.
 * Keys that are there already are kept, so a site can be put up again on its old data.
 */
export class Site {
  readonly plan: SitePlan;

  private constructor(plan: SitePlan) {
    this.plan = plan;
  }

  static async prepare(plan: SitePlan): Promise<Site> {
    const site = new Site(plan);
    for (const folder of ['policy', 'cameras']) mkdirSync(site.#path(folder), { recursive: true });
    for (const id of site.#docks()) site.#enrolDock(id);
    site.#enrolCameras();
    for (const cameraKeys of plan.cameras.map((id) => site.keysDir(id)))
      for (const id of site.#docks())
        trustDock({ cameraKeys, dockFile: join(site.dockDir(id), 'keys/dock.json') });
    await site.#enrolPeople();
    site.#enrolSources();
    return site;
  }

  /** Bearer token of a fact source: the dock's id, or `records`. */
  token(source: string): string {
    return readFileSync(this.#path(`policy/${source}.token`), 'utf8').trim();
  }

  get ledgerDir(): string {
    return this.#path('dock/ledger');
  }

  /** Where a dock keeps its data, its keys and the cameras that it knows. */
  dockDir(id: string): string {
    return this.#path(id === this.plan.dockId ? 'dock' : `docks/${id}`);
  }

  /** Public half of the key that the policy service keeps recordings' keys with; there once it has started. */
  get custodianFile(): string {
    return this.#path('policy/custodian.json');
  }

  keysDir(camera: string): string {
    return this.#path(`cameras/${camera}/keys`);
  }

  flashDir(camera: string): string {
    return this.#path(`cameras/${camera}/flash`);
  }

  /** Resolves once it listens and, unless the site is to store footage as recorded, every camera seals to its custodian. */
  async startPolicy(options: PolicyOptions): Promise<{ readonly program: Program; readonly url: string }> {
    const program = Program.start(
      [
        'policy',
        ...['--data', this.#path('policy'), '--http', String(options.port ?? 0)],
        ...(options.regimes === undefined ? ['--regime', options.regime] : ['--regimes', options.regimes]),
        ...['--sources', this.#path('policy/sources.json'), '--people', this.#path('policy/people.json')],
        ...['--registry', this.#path('policy/enrolled')],
        ...(options.demoRecords === true ? ['--demo-records'] : []),
        ...(options.grantMinutes === undefined ? [] : ['--grant-minutes', String(options.grantMinutes)]),
        ...(options.args ?? []),
      ],
      { name: 'policy', ...startOf(options) },
    );
    options.started?.(program);
    const { url } = await program.until('listening');
    if (this.plan.unsealed !== true) this.#enrolCameras(this.custodianFile);
    return { program, url: String(url) };
  }

  async startDock(
    options: DockOptions,
  ): Promise<{ readonly program: Program; readonly url: string; readonly mqtt: string | undefined }> {
    const { site } = this.plan;
    const dockId = options.dock ?? this.plan.dockId;
    const dir = this.dockDir(dockId);
    const program = Program.start(
      [
        'dock',
        ...['--data', dir, '--keys', join(dir, 'keys'), '--registry', join(dir, 'enrolled')],
        ...['--site', site, '--http', String(options.port ?? 0)],
        ...(options.serial ?? []).flatMap((path) => ['--serial', path]),
        ...(options.mqtt === undefined ? [] : ['--mqtt', options.mqtt]),
        ...['--policy', options.policyUrl, '--policy-key', this.#path('policy/policy.jwk.json')],
        ...['--policy-token-file', this.#path(`policy/${dockId}.token`)],
        ...(options.args ?? []),
      ],
      { name: options.dock ?? 'dock', ...startOf(options) },
    );
    options.started?.(program);
    const listening = await program.until('listening');
    const mqtt = listening['mqtt'];
    return { program, url: String(listening['url']), mqtt: typeof mqtt === 'string' ? mqtt : undefined };
  }

  /** Starts one camera; `link` is `['--serial', PATH]` or `['--mqtt', URL]`. */
  startCamera(
    camera: string,
    link: readonly string[],
    options: StartOptions & { readonly args: readonly string[] },
  ): Program {
    return Program.start(
      [
        'device',
        ...[
          '--id',
          camera,
          '--keys',
          this.#path(`cameras/${camera}/keys`),
          '--flash',
          this.flashDir(camera),
          '--site',
          this.plan.site,
        ],
        ...link,
        ...options.args,
      ],
      { name: camera, ...startOf(options) },
    );
  }

  records(policyUrl: string): RecordsSystem {
    return new RecordsSystem(policyUrl, this.token('records'));
  }

  signIn(where: { dockUrl: string; policyUrl: string }, person: string): Promise<ViewerClient> {
    return ViewerClient.signIn(where, person, this.plan.password);
  }

  /** Cameras that are enrolled already keep their keys; a custodian's file is added to them. */
  #enrolCameras(custodian?: string): void {
    const docks = this.#docks().map((id) => join(this.dockDir(id), 'enrolled'));
    const registries = [...docks, this.#path('policy/enrolled')];
    for (const id of this.plan.cameras) {
      if (!isCameraId(id)) throw new RangeError(`not a camera id: ${id}`);
      enrolCamera({
        id,
        out: this.keysDir(id),
        registries,
        ...(custodian === undefined ? {} : { custodian }),
      });
    }
  }

  #docks(): readonly string[] {
    return [this.plan.dockId, ...(this.plan.otherDocks ?? [])];
  }

  #enrolDock(id: string): void {
    if (!isDockId(id)) throw new RangeError(`not a dock id: ${id}`);
    const dir = this.dockDir(id);
    mkdirSync(dir, { recursive: true });
    const registries = [this.#path('policy/enrolled')];
    enrolDock({ id, out: join(dir, 'keys'), origin: `holdfast.local/${id}`, registries });
  }

  async #enrolPeople(): Promise<void> {
    const people = this.#path('policy/people.json');
    if (existsSync(people)) return;
    const { password } = this.plan;
    writeFileSync(this.#path('policy/password.txt'), `${password}\n`, { mode: 0o600 });
    for (const { id: person, name, roles } of this.plan.people)
      await enrolPerson({ person, name, roles, people, password: () => password });
  }

  #enrolSources(): void {
    const sources = this.#path('policy/sources.json');
    if (existsSync(sources)) return;
    const tokenFile = (name: string): string => this.#path(`policy/${name}.token`);
    const may = ['recording.registered', 'recording.destroyed'] as const;
    for (const name of this.#docks()) enrolSource({ name, may, sources, tokenFile: tokenFile(name) });
    enrolSource({ name: 'records', may: ['*'], sources, tokenFile: tokenFile('records') });
  }

  #path(name: string): string {
    return join(this.plan.dir, name);
  }
}

function startOf({ command, seen, env }: StartOptions): StartOptions {
  return {
    ...(command === undefined ? {} : { command }),
    ...(seen === undefined ? {} : { seen }),
    ...(env === undefined ? {} : { env }),
  };
}
