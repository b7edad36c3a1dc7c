import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Program, ProgramEvent } from '../rig/program.ts';
import { openPtyPair, type PtyPair } from '../rig/pty.ts';
import type { RecordsSystem } from '../rig/records.ts';
import { Site } from '../rig/site.ts';
import { CAST, DOCK, PASSWORD, PEOPLE, type Role, SITE } from './cast.ts';
import type { DemoConfig } from './config.ts';
import type { Screen } from './screen.ts';

const ARRIVAL_MS_MAX = 120_000;

/** A recording as its camera closed it, before anything else touched it. */
export interface Take {
  readonly role: Role;
  readonly recording: string;
  /** Of the whole MP4 as recorded, said by the camera. */
  readonly sha256: string;
  readonly bytes: number;
  readonly chunks: number;
}

/** Everything the demo runs: real programs, a real PTY cable, a real broker. */
export class Stage {
  readonly site: Site;
  readonly policyUrl: string;
  readonly dockUrl: string;
  readonly records: RecordsSystem;
  readonly #programs: Program[] = [];
  readonly #cable: PtyPair;
  readonly #mqttUrl: string;
  readonly #screen: Screen;

  private constructor(open: {
    site: Site;
    policy: { program: Program; url: string };
    dock: { program: Program; url: string; mqtt: string | undefined };
    cable: PtyPair;
    screen: Screen;
  }) {
    this.site = open.site;
    this.policyUrl = open.policy.url;
    this.dockUrl = open.dock.url;
    this.#programs.push(open.dock.program, open.policy.program);
    this.#cable = open.cable;
    this.#mqttUrl = open.dock.mqtt ?? '';
    this.#screen = open.screen;
    this.records = open.site.records(open.policy.url);
  }

  /** Enrols everybody, starts the policy service and the dock. What was started is stopped again when a start fails. */
  static async open(dir: string, config: DemoConfig, screen: Screen): Promise<Stage> {
    const cameras = CAST.map(({ camera }) => camera);
    const site = await Site.prepare({
      dir,
      dockId: DOCK,
      site: SITE,
      cameras,
      people: PEOPLE,
      password: PASSWORD,
    });
    const policy = await site.startPolicy({
      regime: config.regime,
      port: config.policyPort,
      demoRecords: true,
    });
    const cable = await openPtyPair();
    try {
      const dock = await site.startDock({
        serial: [cable.dockPath],
        mqtt: 'embedded:0',
        port: config.httpPort,
        policyUrl: policy.url,
        seen: (event) => dockSaid(event, screen),
      });
      return new Stage({ site, policy, dock, cable, screen });
    } catch (error) {
      await policy.program.stop();
      await cable.close();
      throw error;
    }
  }

  /** Lets the three cameras record, dock, upload and erase, at the same time. Resolves when all have. */
  async record(seconds: number): Promise<readonly Take[]> {
    return Promise.all(CAST.map((role) => this.#recordOne(role, seconds)));
  }

  /** Is the content really gone from the camera's own memory? Looks at its flash folder, asks nobody. */
  isErased({ role, recording }: Take): boolean {
    const folder = join(this.site.flashDir(role.camera), 'recordings', recording);
    return existsSync(join(folder, 'receipt')) && !existsSync(join(folder, 'chunks'));
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await program.stop();
    await this.#cable.close();
  }

  async #recordOne(role: Role, seconds: number): Promise<Take> {
    const link =
      role.transport === 'serial' ? ['--serial', this.#cable.cameraPath] : ['--mqtt', this.#mqttUrl];
    const camera = this.site.startCamera(role.camera, link, {
      args: [
        ...['--officer', role.officer, '--incident', role.incident, '--record', String(seconds)],
        ...['--pre-event', '2', '--mark-at', '1', '--once'],
      ],
      seen: (event) => cameraSaid(role, event, this.#screen),
    });
    this.#programs.unshift(camera);
    const deadlineMs = ARRIVAL_MS_MAX + seconds * 1000;
    const started = await camera.until('recording', undefined, deadlineMs);
    const isIt = (event: ProgramEvent): boolean => event['recording'] === started['recording'];
    const closed = await camera.until('closed', isIt, deadlineMs);
    await camera.until('erased', isIt, deadlineMs);
    return {
      role,
      recording: String(closed['recording']),
      sha256: String(closed['sha256']),
      bytes: Number(closed['bytes']),
      chunks: Number(closed['chunks']),
    };
  }
}

function cameraSaid({ camera, officer, title }: Role, event: ProgramEvent, screen: Screen): void {
  switch (event.event) {
    case 'recording':
      return screen.note(`${camera}: Officer ${officer} presses record (${title})`);
    case 'closed':
      return screen.note(
        `${camera}: recording closed, sealed and signed, ${Number(event['bytes']).toLocaleString('en')} B in ${String(event['chunks'])} chunks`,
      );
    case 'receipt':
      return screen.note(`${camera}: receipt checked, ${String(event['outcome'])}`);
    case 'erased':
      return screen.note(`${camera}: flash freed, and not before`);
    default:
  }
}

function dockSaid(event: ProgramEvent, screen: Screen): void {
  if (event.event === 'progress') {
    screen.progress(String(event['camera']), Number(event['durableBytes']), Number(event['totalBytes']));
  }
}
