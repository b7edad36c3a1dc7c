import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../rig/program.ts';
import { Site } from '../rig/site.ts';
import { type LongFilm, writeLongFilm } from './view-film.ts';

export const PASSWORD = 'bench';
export const OFFICER = '4411';
const INCIDENT = '26-1';
const CAMERA = 'cam-1';
const UPLOAD_MS_MAX = 600_000;

/** A dock that holds one long sealed recording, released to the officer who made it. */
export interface ViewTown {
  readonly dockUrl: string;
  readonly recording: string;
  readonly film: LongFilm;
  close(): Promise<void>;
}

/** Real programs in a folder that goes away with them. `started` is told first how to take all of it down. */
export async function openViewTown(
  { bytes, grantMinutes }: { readonly bytes: number; readonly grantMinutes: number },
  started: (close: () => Promise<void>) => void,
): Promise<ViewTown> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-view-'));
  const programs: Program[] = [];
  const close = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  started(close);
  try {
    const path = join(dir, 'film.mp4');
    const film = await writeLongFilm(path, bytes);
    const site = await Site.prepare({
      ...{ dir, dockId: 'dock-1', site: 'bench', cameras: [CAMERA], password: PASSWORD },
      people: [{ id: OFFICER, name: 'Officer Ada Reyes', roles: ['officer'] }],
    });
    const policy = await site.startPolicy({ regime: 'doj', grantMinutes });
    programs.push(policy.program);
    const dock = await site.startDock({ mqtt: 'embedded:0', policyUrl: policy.url });
    programs.push(dock.program);
    const camera = site.startCamera(CAMERA, ['--mqtt', dock.mqtt ?? ''], {
      args: ['--officer', OFFICER, '--incident', INCIDENT, '--media', path, '--once'],
    });
    programs.push(camera);
    const recording = String((await camera.until('closed', undefined, UPLOAD_MS_MAX))['recording']);
    await camera.until('erased', undefined, UPLOAD_MS_MAX);
    const records = site.records(policy.url);
    await records.assert({ type: 'incident.opened', incident: INCIDENT });
    await records.assert({ type: 'officer.involved', incident: INCIDENT, person: OFFICER });
    await records.assert({ type: 'recording.linked', recording, incident: INCIDENT });
    const report = { incident: INCIDENT, person: OFFICER, reportHash: 'ab'.repeat(32) };
    await records.assert({ type: 'report.filed', ...report });
    return { dockUrl: dock.url, recording, film, close };
  } catch (error) {
    await close();
    throw error;
  }
}
