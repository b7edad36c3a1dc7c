import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CAST, DOCK, PASSWORD, PEOPLE, SITE } from '../demo/cast.ts';
import { writeFilm } from '../rig/film.ts';
import type { Program } from '../rig/program.ts';
import { openPtyPair, type PtyPair } from '../rig/pty.ts';
import type { RecordsSystem } from '../rig/records.ts';
import { Site } from '../rig/site.ts';

const ARRIVAL_MS_MAX = 180_000;
const BAYS = 3;
const BAY_CAMERAS = ['cam-4', 'cam-5'] as const;
const REPORT_HASH = 'ab'.repeat(32);

/** A take of the day: who recorded it where, how long, and what the camera was told besides. */
interface Take {
  readonly camera: string;
  readonly officer: string;
  readonly incident: string;
  readonly seconds: number;
  readonly flags?: readonly string[];
}

// The first one is watched: it has a mark, and what was before the button.
const TAKES: readonly Take[] = [
  {
    ...{ camera: 'cam-1', officer: '4411', incident: '26-118840', seconds: 24 },
    flags: ['--pre-event', '5', '--mark-at', '15'],
  },
  { camera: 'cam-1', officer: '4411', incident: '26-118841', seconds: 4 },
  { camera: 'cam-1', officer: '4411', incident: '26-118842', seconds: 5 },
  { camera: 'cam-2', officer: '4412', incident: '26-118841', seconds: 14 },
  { camera: 'cam-2', officer: '4412', incident: '26-118842', seconds: 3 },
  { camera: 'cam-3', officer: '4413', incident: '26-118842', seconds: 18 },
];

/** Somebody who took no part in any of it. */
export const REVIEWER = { id: '7701', name: 'Mira Okafor', roles: ['independent_review'] } as const;

/** Two of the three incidents have every report; of the third one Officer 4411's alone. */
const FILED: readonly (readonly [incident: string, officer: string])[] = [
  ['26-118840', '4411'],
  ['26-118841', '4411'],
  ['26-118841', '4412'],
  ['26-118842', '4411'],
];

/** A dock at the end of a shift, as real programs. */
export interface Shift {
  readonly dockUrl: string;
  /** Recording ids, in the order of the takes. */
  readonly recordings: readonly string[];
  /** Two cameras begin to upload in their bays; one of them is taken out again half-way. */
  dockCameras(): Promise<void>;
  close(): Promise<void>;
}

/** Real programs in a folder that goes away with them. `started` is told first how to take all of it down. */
export async function openShift(started: (close: () => Promise<void>) => void): Promise<Shift> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-screens-'));
  const programs: Program[] = [];
  const cables: PtyPair[] = [];
  const close = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.stop();
    for (const cable of cables) await cable.close();
    rmSync(dir, { recursive: true, force: true });
  };
  started(close);
  for (let bay = 0; bay < BAYS; bay += 1)
    cables.push(await openPtyPair({ uart: { baud: 921_600, latencyMs: 2, seed: `bay ${bay}` } }));
  const site = await Site.prepare({
    ...{ dir, dockId: DOCK, site: SITE, password: PASSWORD, people: [...PEOPLE, REVIEWER] },
    cameras: [...CAST.map(({ camera }) => camera), ...BAY_CAMERAS],
  });
  const policy = await site.startPolicy({ regime: 'doj' });
  programs.push(policy.program);
  const serial = cables.map(({ dockPath }) => dockPath);
  const dock = await site.startDock({ serial, mqtt: 'embedded:0', policyUrl: policy.url });
  programs.push(dock.program);
  const start = (camera: string, link: readonly string[], args: readonly string[]): Program => {
    const program = site.startCamera(camera, link, { args });
    programs.push(program);
    return program;
  };
  const mqtt = ['--mqtt', dock.mqtt ?? ''];
  const recordings = await recordAll((take) => start(take.camera, mqtt, argsOf(take)));
  await tell(site.records(policy.url), recordings);
  return {
    dockUrl: dock.url,
    recordings,
    dockCameras: () => dockAt(cables, join(dir, 'film.mp4'), start),
    close,
  };
}

/** Each camera makes its takes one after the other, all cameras at once. */
async function recordAll(start: (take: Take) => Program): Promise<readonly string[]> {
  const ids = new Map<Take, string>();
  const cameras = [...new Set(TAKES.map(({ camera }) => camera))];
  await Promise.all(
    cameras.map(async (camera) => {
      for (const take of TAKES.filter((one) => one.camera === camera)) {
        const program = start(take);
        const closed = await program.until('closed', undefined, ARRIVAL_MS_MAX);
        ids.set(take, String(closed['recording']));
        await program.until('erased', (event) => event['recording'] === closed['recording'], ARRIVAL_MS_MAX);
        await program.exited;
      }
    }),
  );
  return TAKES.map((take) => ids.get(take) ?? '');
}

function argsOf({ officer, incident, seconds, flags = ['--pre-event', '0'] }: Take): readonly string[] {
  return ['--officer', officer, '--incident', incident, '--record', String(seconds), ...flags, '--once'];
}

async function tell(records: RecordsSystem, recordings: readonly string[]): Promise<void> {
  for (const { incident } of CAST) await records.assert({ type: 'incident.opened', incident });
  const involved = new Set(TAKES.map(({ officer, incident }) => `${incident} ${officer}`));
  for (const [incident, person] of [...involved].map((one) => one.split(' ')))
    await records.assert({ type: 'officer.involved', incident, person });
  for (const [index, { incident }] of TAKES.entries())
    await records.assert({ type: 'recording.linked', recording: recordings[index], incident });
  await records.assert({ type: 'misconduct.alleged', incident: '26-118842' });
  for (const incident of ['26-118841', '26-118842'])
    await records.assert({ type: 'case.assigned', case: `ipr-${incident}`, incident, person: REVIEWER.id });
  for (const [incident, person] of FILED)
    await records.assert({ type: 'report.filed', incident, person, reportHash: REPORT_HASH });
}

async function dockAt(
  [first, second]: readonly PtyPair[],
  film: string,
  start: (camera: string, link: readonly string[], args: readonly string[]) => Program,
): Promise<void> {
  if (first === undefined || second === undefined) return;
  await writeFilm(film, { seconds: 3, quantizer: 10, grain: 40 });
  const source = (officer: string, battery: number): readonly string[] => [
    ...['--officer', officer, '--incident', '26-118843', '--battery', String(battery)],
    ...['--media', film, '--once'],
  ];
  start(BAY_CAMERAS[0], ['--serial', first.cameraPath], source('4412', 78));
  const taken = start(BAY_CAMERAS[1], ['--serial', second.cameraPath], source('4413', 14));
  await taken.until('progress', undefined, ARRIVAL_MS_MAX);
  await taken.kill();
}
