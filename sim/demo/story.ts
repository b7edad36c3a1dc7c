import { createHash, randomUUID } from 'node:crypto';
import type { ListedRecording, OpenedRecording, ViewerClient } from '../rig/viewer.ts';
import { CHIEF, EXPECTED, type Role, SERGEANT } from './cast.ts';
import type { Screen } from './screen.ts';
import type { Stage, Take } from './stage.ts';

// A filed report must show within 2 s; waiting longer only separates "late" from "never".
const CHANGE_MS_MAX = 5_000;
const POLL_MS = 50;
const AUTHORISED_MS = 60 * 60 * 1000;
const INJURY = { none: 'none', non_deadly: 'non_serious', deadly: 'serious' } as const;

/** What a recording is, whatever became of it. */
interface Made {
  readonly id: string;
  readonly camera: string;
  readonly transport: string;
  readonly officer: string;
  readonly incident: string;
  readonly bytes: number;
  readonly chunks: number;
  readonly sha256: string;
  readonly receivedAt: string;
  readonly uncertaintyUs: number;
  readonly force: Role['force'];
}

/** One recording's fate, as the summary reports it. */
export interface Fate extends Made {
  /** Why it was held at first; empty when it was not. */
  readonly heldReason: string;
  readonly heldBeforeReport: boolean;
  readonly releasedAfterStatement?: boolean;
  readonly releasedAfterReport: boolean;
  readonly releasedAfterAuthorisation?: boolean;
  /** From the report being durable at the policy service to the dock's list showing the release. */
  readonly releaseMs?: number;
  readonly erasedFromCamera: boolean;
  /** What the dock says now. */
  readonly reason: string;
  readonly identical: boolean;
  /** Its camera sealed it: the dock never had the footage, and its viewer opened it with keys of the policy service. */
  readonly sealed: boolean;
}

/** The incidents happen: opened, classified by a sergeant who took no part, officers named, recordings linked. */
export async function openIncident(stage: Stage, take: Take): Promise<void> {
  const { incident, officer, force } = take.role;
  const { records } = stage;
  await records.assert({ type: 'incident.opened', incident }, `opened/${incident}`);
  await records.assert(
    { type: 'officer.involved', incident, person: officer },
    `involved/${incident}/${officer}`,
  );
  const injury = INJURY[force];
  await records.assert(
    {
      type: 'force.classified',
      incident,
      force,
      deathInCustody: false,
      injury,
      vulnerable: false,
      by: SERGEANT,
    },
    `force/${incident}`,
  );
  await records.assert(
    { type: 'recording.linked', recording: take.recording, incident },
    `linked/${take.recording}`,
  );
}

export async function fileReport(stage: Stage, { role }: Take): Promise<void> {
  const reportHash = createHash('sha256').update(`demo report on ${role.incident}`).digest('hex');
  await stage.records.assert(
    { type: 'report.filed', incident: role.incident, person: role.officer, reportHash },
    `report/${role.incident}`,
  );
}

export async function giveStatement(stage: Stage, { role }: Take): Promise<void> {
  const { incident, officer: person } = role;
  await stage.records.assert(
    { type: 'statement.given', incident, person, kind: 'candid', recorded: true },
    `statement/${incident}`,
  );
}

export async function authorise(stage: Stage, { role, recording }: Take): Promise<void> {
  const expiresAt = new Date(Date.now() + AUTHORISED_MS).toISOString();
  await stage.records.assert(
    { type: 'access.authorised', recording, person: role.officer, by: CHIEF, expiresAt },
    `authorised/${randomUUID()}`,
  );
}

/** Plays one recording's story to its end, with the officer who made it as the viewer. */
export async function play(stage: Stage, take: Take, screen: Screen): Promise<Fate> {
  const viewer = await stage.site.signIn(
    { dockUrl: stage.dockUrl, policyUrl: stage.policyUrl },
    take.role.officer,
  );
  const say = (line: string): void => screen.note(`${take.role.incident} (${take.role.force}): ${line}`);
  const first = await listed(viewer, take, () => true);
  const looks: Look[] = [];
  const view = async (purpose: string): Promise<Look> => {
    const one = await look(viewer, take, purpose);
    looks.push(one);
    return one;
  };
  const early = await view('write_report');
  const heldBeforeReport = !early.seen && (await contentIsShut(viewer, take));
  say(heldBeforeReport ? `held. ${first.reason}` : 'open to its officer while the report is being written');
  const steps: { -readonly [K in keyof Fate]?: Fate[K] } = {};
  if (lacks(first, 'statement.given')) {
    await giveStatement(stage, take);
    await listed(viewer, take, (row) => row.status === 'released' || !lacks(row, 'statement.given'));
    const after = await view('write_report');
    steps.releasedAfterStatement = after.seen;
    say(
      `Officer ${take.role.officer} gives a full and candid statement: ${after.seen ? 'released' : 'still held'}`,
    );
  }
  await fileReport(stage, take);
  const filedAt = performance.now();
  const reported = await listed(
    viewer,
    take,
    (row) => row.status === 'released' || !lacks(row, 'report.filed'),
  );
  if (reported.status === 'released') steps.releaseMs = Math.round(performance.now() - filedAt);
  const late = await view('supplement_report');
  say(
    `report of Officer ${take.role.officer} filed: ${late.seen ? `released after ${steps.releaseMs} ms` : `still held. ${reported.reason}`}`,
  );
  if (!late.seen && lacks(reported, 'access.authorised')) {
    await authorise(stage, take);
    await listed(viewer, take, (row) => row.status === 'released');
    const last = await view('supplement_report');
    steps.releasedAfterAuthorisation = last.seen;
    say(`the chief authorises it: ${last.seen ? 'released' : 'still held'}`);
  }
  const now = await listed(viewer, take, () => true);
  return {
    ...madeBy(take, now),
    heldReason: heldBeforeReport ? first.reason : '',
    heldBeforeReport,
    releasedAfterReport: late.seen,
    ...steps,
    erasedFromCamera: stage.isErased(take),
    reason: now.reason,
    identical: looks.every((one) => one.identical),
    sealed: looks.some((one) => one.sealed),
  };
}

function madeBy(
  { recording: id, bytes, chunks, sha256, role }: Take,
  { transport, officer, receivedAt, uncertaintyUs }: ListedRecording,
): Made {
  const { camera, incident, force } = role;
  const whose = { id, camera, transport, officer, incident, force };
  return { ...whose, bytes, chunks, sha256, receivedAt, uncertaintyUs };
}

/** Was everything as a correct policy service and dock would have it? */
export function isRight(fate: Fate, regime: string): boolean {
  const expected = EXPECTED[regime]?.[fate.force];
  const isAsExpected =
    expected === undefined ||
    (fate.heldBeforeReport === expected.heldBeforeReport &&
      fate.releasedAfterReport === expected.releasedAfterReport &&
      fate.releasedAfterAuthorisation === expected.releasedAfterAuthorisation);
  return isAsExpected && fate.erasedFromCamera && fate.identical && fate.sealed;
}

const lacks = (row: ListedRecording, fact: string): boolean =>
  row.missing.some((missing) => missing.fact === fact);

interface Look {
  readonly seen: boolean;
  readonly identical: boolean;
  readonly sealed: boolean;
}

/** Tries to view: the whole recording must come out exactly as the camera recorded it, or nothing at all. */
async function look(viewer: ViewerClient, take: Take, purpose: string): Promise<Look> {
  const opened = await viewer.open(take.recording, purpose);
  if ('refused' in opened) return { seen: false, identical: true, sealed: false };
  const sealed = opened.manifest.suite === 1;
  return { seen: true, identical: await isIdentical(viewer, take, opened), sealed };
}

async function isIdentical(viewer: ViewerClient, take: Take, opened: OpenedRecording): Promise<boolean> {
  const got = await viewer.download(take.recording, opened);
  return got.sha256 === take.sha256 && got.bytes === take.bytes;
}

/** While it is held, not even a chunk's address gives anything away. */
async function contentIsShut(viewer: ViewerClient, take: Take): Promise<boolean> {
  const guesses = ['', randomUUID(), take.recording];
  const answers = await Promise.all(guesses.map((session) => viewer.chunk(take.recording, 0, session)));
  return answers.every((answer) => answer === undefined);
}

/** This recording's row, once it fits or time is up. Throws when the officer is not shown it at all. */
async function listed(
  viewer: ViewerClient,
  take: Take,
  fits: (row: ListedRecording) => boolean,
): Promise<ListedRecording> {
  const deadline = performance.now() + CHANGE_MS_MAX;
  for (;;) {
    const row = (await viewer.list()).find(({ id }) => id === take.recording);
    if (row !== undefined && fits(row)) return row;
    if (performance.now() > deadline) {
      if (row !== undefined) return row;
      throw new Error(`the dock does not list ${take.recording} for its own officer`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
