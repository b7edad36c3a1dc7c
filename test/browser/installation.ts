import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program, ProgramEvent } from '../../sim/rig/program.ts';
import type { RecordsSystem } from '../../sim/rig/records.ts';
import { Site } from '../../sim/rig/site.ts';

export const PASSWORD = 'correct horse battery';
export const OFFICER = '4411';
export const STRANGER = '5120';
export const SERGEANT = 'sgt-1';
export const REVIEWER = 'ipr-1';
const ARRIVAL_MS_MAX = 60_000;

/** A dock, a policy service and their accounts, as real programs in a folder of their own. */
export class Installation {
  readonly folder: string;
  readonly #programs: Program[];
  readonly #dock: Program;
  readonly site: Site;
  readonly dockUrl: string;
  readonly policyUrl: string;
  readonly policy: Program;
  readonly records: RecordsSystem;
  readonly #mqtt: string;

  private constructor(open: {
    folder: string;
    site: Site;
    policy: Opened;
    dock: Opened & { mqtt: string | undefined };
  }) {
    this.folder = open.folder;
    this.#programs = [open.dock.program, open.policy.program];
    this.#dock = open.dock.program;
    this.site = open.site;
    this.policy = open.policy.program;
    this.policyUrl = open.policy.url;
    this.dockUrl = open.dock.url;
    this.#mqtt = open.dock.mqtt ?? '';
    this.records = open.site.records(open.policy.url);
  }

  static async open({
    serial = [],
    ...options
  }: {
    readonly grantMinutes?: number;
    readonly serial?: readonly string[];
  } = {}): Promise<Installation> {
    const folder = await mkdtemp(join(tmpdir(), 'browser-'));
    const site = await Site.prepare({
      dir: folder,
      dockId: 'dock-1',
      site: 'east',
      cameras: ['cam-1'],
      people: [
        { id: OFFICER, name: 'Officer Ada Reyes', roles: ['officer'] },
        { id: STRANGER, name: 'Officer Joel Brandt', roles: ['officer'] },
        { id: SERGEANT, name: 'Sergeant Lee Ortiz', roles: ['supervisor'] },
        { id: REVIEWER, name: 'Mira Okafor', roles: ['independent_review'] },
      ],
      password: PASSWORD,
    });
    const policy = await site.startPolicy({ regime: 'doj', ...options });
    try {
      const dock = await site.startDock({ mqtt: 'embedded:0', serial, policyUrl: policy.url });
      return new Installation({ folder, site, policy, dock });
    } catch (error) {
      await policy.program.stop();
      throw error;
    }
  }

  /** Lets the camera record so many seconds, or that film, or as these options say, and dock; resolves with the recording's id once it is in custody and linked to its incident. */
  async record(footage: Footage, incident: string): Promise<string> {
    const source = sourceOf(footage);
    const camera = this.site.startCamera('cam-1', ['--mqtt', this.#mqtt], {
      args: ['--officer', OFFICER, '--incident', incident, ...source, '--once'],
    });
    this.#programs.unshift(camera);
    const closed = await camera.until('closed', undefined, ARRIVAL_MS_MAX);
    const recording = String(closed['recording']);
    const isIt = (event: ProgramEvent): boolean => event['recording'] === recording;
    await camera.until('erased', isIt, ARRIVAL_MS_MAX);
    await camera.exited;
    const { records } = this;
    await records.assert({ type: 'incident.opened', incident });
    await records.assert({ type: 'officer.involved', incident, person: OFFICER });
    await records.assert({ type: 'recording.linked', recording, incident });
    return recording;
  }

  async fileReport(incident: string): Promise<void> {
    await this.records.assert({
      type: 'report.filed',
      incident,
      person: OFFICER,
      reportHash: 'ab'.repeat(32),
    });
  }

  /** A court seals the recording, or lifts its seal. */
  async court(type: 'recording.sealed' | 'recording.unsealed', recording: string): Promise<void> {
    await this.records.assert({ type, recording, by: 'court-1', reason: 'order 26-7' });
  }

  /** From then on nothing answers under the dock's address. */
  async stopDock(): Promise<void> {
    await this.#dock.stop();
  }

  async withdrawReport(incident: string): Promise<void> {
    await this.records.assert({ type: 'report.withdrawn', incident, person: OFFICER });
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Seconds, a film, or the camera's own options. */
type Footage = number | { readonly film: string } | { readonly options: readonly string[] };

function sourceOf(footage: Footage): readonly string[] {
  if (typeof footage === 'number') return ['--record', String(footage), '--pre-event', '0'];
  return 'film' in footage ? ['--media', footage.film] : footage.options;
}

interface Opened {
  readonly program: Program;
  readonly url: string;
}
