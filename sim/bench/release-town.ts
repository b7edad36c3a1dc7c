import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../device/clock/system.ts';
import { openKeys } from '../../device/keys/file-keys.ts';
import { mqttDialer } from '../../device/link/mqtt.ts';
import { isCameraId } from '../../proto/ids.ts';
import type { KeptRecording } from '../fault/memory-vault.ts';
import type { Program } from '../rig/program.ts';
import { PuppetCamera } from '../rig/puppet-camera.ts';
import type { RecordsSystem } from '../rig/records.ts';
import { sealedRecording } from '../rig/sealed-recording.ts';
import { Site } from '../rig/site.ts';
import type { ViewerClient } from '../rig/viewer.ts';

export interface TownSize {
  readonly recordings: number;
  readonly officers: number;
  readonly incidents: number;
}

/** One recording that waits for the report of the officer who made it. */
export interface Awaited {
  readonly recording: string;
  readonly officer: string;
  readonly incident: string;
}

/** A dock that holds sealed recordings, the policy service that knows of them, and everybody who waits, with their page open. */
export interface Town {
  readonly awaited: readonly Awaited[];
  readonly records: RecordsSystem;
  readonly viewers: ReadonlyMap<string, ViewerClient>;
  close(): Promise<void>;
}

const PASSWORD = 'bench';
const FRAGMENTS = 2;
const FRAGMENT_BYTES = 24 * 1_024;
const REGISTERED_MS_MAX = 300_000;
const LOOK_MS = 500;

/**
 * Puts up real programs in a folder that goes away with them, uploads everything, and lets everybody sign in. `started` is told first
 * how to take all of it down, for somebody who cannot wait for the town to stand.
 */
export async function openTown(size: TownSize, started: (close: () => Promise<void>) => void): Promise<Town> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const officers = Array.from({ length: size.officers }, (_, index) => `${4_400 + index}`);
  const cameraOf = (officer: string): string => `cam-${officer}`;
  const programs: Program[] = [];
  const close = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  started(close);
  try {
    const site = await Site.prepare({
      ...{ dir, dockId: 'dock-1', site: 'bench', cameras: officers.map(cameraOf), password: PASSWORD },
      people: officers.map((id) => ({ id, name: `Officer ${id}`, roles: ['officer'] })),
    });
    const policy = await site.startPolicy({ regime: 'doj' });
    programs.push(policy.program);
    const dock = await site.startDock({ mqtt: 'embedded', policyUrl: policy.url });
    programs.push(dock.program);
    const uploads = await Promise.all(
      officers.map((officer, index) =>
        upload({ site, url: dock.mqtt ?? '', camera: cameraOf(officer), officer }, incidentsOf(size, index)),
      ),
    );
    const awaited = inTurn(uploads);
    const records = site.records(policy.url);
    for (const { recording, incident } of awaited)
      await records.assert({ type: 'recording.linked', recording, incident });
    const viewers = new Map<string, ViewerClient>();
    for (const officer of officers) {
      const viewer = await site.signIn({ dockUrl: dock.url, policyUrl: policy.url }, officer);
      viewers.set(officer, viewer);
    }
    for (const [officer, viewer] of viewers)
      await answered(viewer, awaited.filter(isAbout(officer, awaited)).length);
    return { awaited, records, viewers, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The first of each, then the second of each: at the end of a shift everybody has something to file. */
function inTurn<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}

/** The incidents of one officer's recordings: those of one incident are of different officers. */
function incidentsOf({ recordings, officers, incidents }: TownSize, officer: number): readonly string[] {
  const own: string[] = [];
  for (let index = 0; index < recordings; index++) {
    const [incident, turn] = [index % incidents, Math.floor(index / incidents)];
    if ((incident + turn) % officers === officer) own.push(`26-${incident + 1}`);
  }
  return own;
}

interface Uploader {
  readonly site: Site;
  readonly url: string;
  readonly camera: string;
  readonly officer: string;
}

/** All recordings of one camera, over one connection, until their receipts are there. */
async function upload(
  { site, url, camera, officer }: Uploader,
  incidents: readonly string[],
): Promise<readonly Awaited[]> {
  if (!isCameraId(camera)) throw new TypeError(`${camera} is no camera id`);
  const keysDir = site.keysDir(camera);
  const keys = openKeys(keysDir);
  const kept: KeptRecording[] = [];
  for (const [index, incidentTag] of incidents.entries()) {
    const previousRoot = kept.at(-1)?.recording.root ?? new Uint8Array();
    const shape = { fragments: FRAGMENTS, fragmentBytes: FRAGMENT_BYTES, wallUs: Date.now() * 1_000 };
    kept.push(
      await sealedRecording({ ...shape, keys, officer, incidentTag, counter: index + 1, previousRoot }),
    );
  }
  if (kept.length === 0) return [];
  const dial = { clock: systemClock(), url, site: 'bench', cameraId: camera, version: '3' } as const;
  const puppet = new PuppetCamera({ keysDir, content: kept, open: mqttDialer(dial) });
  await puppet.upload();
  await puppet.undock();
  return kept.map(({ recording: { recordingId } }, index) => ({
    ...{ recording: recordingId, officer, incident: incidents[index] ?? '' },
  }));
}

/** Whether a recording is of an incident in which that officer took part. */
function isAbout(officer: string, all: readonly Awaited[]): (one: Awaited) => boolean {
  const incidents = new Set(all.filter((one) => one.officer === officer).map(({ incident }) => incident));
  return ({ incident }) => incidents.has(incident);
}

/** The page shows every recording that concerns its officer, and the policy service has spoken about each. */
async function answered(viewer: ViewerClient, concerning: number): Promise<void> {
  const deadline = performance.now() + REGISTERED_MS_MAX;
  for (;;) {
    const rows = await viewer.list();
    const open = rows.filter(({ missing }) => missing.length === 0);
    if (rows.length >= concerning && open.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (performance.now() > deadline)
      throw new Error(
        `after ${REGISTERED_MS_MAX / 1_000} s ${open.length} of ${rows.length} rows say nothing of a missing fact: ${open[0]?.reason ?? ''}`,
      );
  }
}
