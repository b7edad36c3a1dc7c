import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../../scenario/step-schema.ts';
import type { FactBody } from '../records.ts';
import { lookInto } from './access.ts';
import type { Drawn } from './draw.ts';
import { RunError } from './error.ts';
import type { Installation } from './installation.ts';
import type { Made } from './truth.ts';

const SLOW_DISK_MS = 200;
const SLOW_POLICY_MS = 2_000;
/** The file of a recording that holds its chunks, in a camera and in a dock. */
const FOOTAGE = /\/chunks$/;
const SUPERVISOR = 'records-supervisor';

/** Carries out one step. Rejects with RunError, or with what the program or the service said. */
export async function act(step: Step, on: Installation, { waitMs }: Pick<Drawn, 'waitMs'>): Promise<void> {
  await actOnCamera(step, on);
  await actOnProgram(step, on);
  await trouble(step, on);
  if (step.rot !== undefined) turnBit(step.rot, on);
  await tellRecords(step, on);
  if (step.open !== undefined) await open(step.open, on);
  if (waitMs !== undefined) await on.story.pause(waitMs);
}

async function actOnCamera(step: Step, on: Installation): Promise<void> {
  const { record, stop, mark, say, dock, undock, unplug, plug, hand } = step;
  if (record !== undefined) await on.camera(record.camera).record(record.as);
  if (stop !== undefined) await on.camera(stop).stop();
  if (mark !== undefined) on.camera(mark).say('mark');
  if (say !== undefined) on.camera(say.camera).say(say.command);
  if (dock !== undefined) on.camera(dock.camera).dock(dock.bay);
  if (undock !== undefined) await on.camera(undock).undock();
  if (unplug !== undefined) on.camera(unplug).plug(false);
  if (plug !== undefined) on.camera(plug).plug(true);
  if (hand !== undefined) await on.camera(hand.camera).hand(hand.officer);
}

async function actOnProgram({ kill, cut, end, pause, resume, start }: Step, on: Installation): Promise<void> {
  if (kill !== undefined) await on.kill(kill);
  const disk = cut === undefined ? undefined : on.troubles.disk(cut);
  if (cut !== undefined && disk !== undefined) await on.camera(cut).cut(disk);
  if (end !== undefined) await on.end(end);
  if (pause !== undefined) on.signal(pause, 'SIGSTOP');
  if (resume !== undefined) on.signal(resume, 'SIGCONT');
  if (start !== undefined) await on.start(start);
}

async function trouble({ disk, clock, policy }: Step, { troubles }: Installation): Promise<void> {
  if (disk !== undefined) {
    const one = troubles.disk(disk.of);
    if (disk.is === 'slow') one?.slow(disk.delay ?? SLOW_DISK_MS);
    else if (disk.is === 'full') one?.full();
    else if (disk.is === 'unreadable') one?.fail(FOOTAGE, 'read');
    else one?.mend();
  }
  if (clock !== undefined) troubles.clock(clock.of)?.step(clock.step);
  if (policy?.is === 'up') troubles.policy?.honest();
  if (policy?.is === 'down') troubles.policy?.down();
  if (policy?.is === 'slow') troubles.policy?.slow(policy.delay ?? SLOW_POLICY_MS);
  if (policy?.is === 'lying') troubles.policy?.lie('allow');
}

/** In the middle of what is there: behind what was asked for first, before what would be asked for next. */
function turnBit({ dock, recording }: NonNullable<Step['rot']>, on: Installation): void {
  const { id } = recordingNamed(recording, on);
  const path = join(on.site.dockDir(dock), 'recordings', id, 'chunks');
  const at = Math.floor((statSync(path, { throwIfNoEntry: false })?.size ?? 0) / 2);
  if (at === 0) throw new RunError('STEP', `${dock} holds nothing of ${recording} that could rot`);
  const file = openSync(path, 'r+');
  try {
    const byte = new Uint8Array(1);
    readSync(file, byte, 0, 1, at);
    writeSync(
      file,
      byte.map((bits) => bits ^ 1),
      0,
      1,
      at,
    );
  } finally {
    closeSync(file);
  }
}

async function tellRecords({ incident, force, report, fact }: Step, on: Installation): Promise<void> {
  const records = on.site.records(on.policyUrl);
  const facts: FactBody[] = [];
  if (incident !== undefined) {
    const { id } = incident;
    facts.push({ type: 'incident.opened', incident: id });
    facts.push(
      ...incident.officers.map((person) => ({ type: 'officer.involved', incident: id, person })),
      ...(incident.force === undefined ? [] : [forceUsed(id, incident.force)]),
      ...incident.recordings.map((name) => ({
        ...{ type: 'recording.linked', incident: id },
        recording: recordingNamed(name, on).id,
      })),
    );
  }
  if (force !== undefined) facts.push(forceUsed(force.incident, force.is));
  if (report !== undefined) {
    const reportHash = createHash('sha256').update(JSON.stringify(report)).digest('hex');
    facts.push({ type: 'report.filed', ...report, reportHash });
  }
  if (fact !== undefined) {
    const { recording, ...rest } = fact;
    facts.push(recording === undefined ? rest : { ...rest, recording: recordingNamed(recording, on).id });
  }
  for (const one of facts) await records.assert(one);
}

function forceUsed(incident: string, force: 'none' | 'non_deadly' | 'deadly'): FactBody {
  const injury = { none: 'none', non_deadly: 'non_serious', deadly: 'serious' }[force];
  return {
    ...{ type: 'force.classified', incident, force, injury },
    ...{ deathInCustody: false, vulnerable: false, by: SUPERVISOR },
  };
}

async function open(
  { expect: expected, ...wish }: NonNullable<Step['open']>,
  on: Installation,
): Promise<void> {
  const problem = await lookInto({ ...wish, is: expected }, on);
  if (problem !== undefined) throw new RunError('STEP', problem);
}

function recordingNamed(name: string, { truth }: Installation): Made {
  const made = truth.named(name);
  if (made === undefined) throw new RunError('STEP', `recording ${name} has not begun`);
  return made;
}
