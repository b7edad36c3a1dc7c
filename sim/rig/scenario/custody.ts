import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FieldError } from '../../../proto/errors.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { footageOf, type HeldRecording, readHeld } from '../held.ts';
import { looseEnd } from './boxes.ts';
import { isOnCamera, type Settled, settledAt } from './holdings.ts';
import type { Installation } from './installation.ts';
import type { Made } from './truth.ts';

const MS_PER_S = 1_000;
const AS_USUAL: Wanted = { is: 'accepted' };

type Wanted = Scenario['expect']['recordings'][string];

/** Recordings that are not yet where they should be, each with where it is. Empty once everything has come to rest. */
export function unsettled(on: Installation): readonly string[] {
  return [...on.truth.recordings.values()].flatMap((made) => {
    const wanted = wantedOf(made, on.scenario).is;
    const settled = settledAt(made.id, on);
    const isThere = isOnCamera(made, on);
    const isRight =
      wanted === 'on-camera' ? settled === undefined && isThere : settled?.is === wanted && !isThere;
    if (isRight) return [];
    const custody = settled === undefined ? 'no dock has taken it' : `${settled.is} by ${settled.dock}`;
    const flash = isThere ? `${made.camera} still holds it` : `${made.camera} does not hold it any more`;
    return [`${made.name} should be ${wanted}: ${custody}, and ${flash}`];
  });
}

/**
 * The promises that hold whatever happens: nothing is lost, what a dock holds is what the camera recorded, to its last whole
 * fragment, and it belongs to whoever had the camera. Answers in words what does not hold. Reads past the dock.
 */
export async function custodyProblems(on: Installation): Promise<readonly string[]> {
  const found: string[] = [];
  for (const made of on.truth.recordings.values()) {
    const settled = settledAt(made.id, on);
    if (settled === undefined && !isOnCamera(made, on))
      found.push(`${made.name} is lost: ${made.camera} has erased it and no dock has taken it`);
    if (settled?.is === 'accepted') found.push(...(await heldProblems(made, settled, on)));
  }
  return found;
}

/** Called when a camera says that it has erased a recording: a ledger must tell of its custody by then. */
export function erasureProblem(recording: string, on: Installation): string | undefined {
  const made = on.truth.recordings.get(recording);
  if (settledAt(recording, on) !== undefined) return undefined;
  return `${made?.name ?? recording} was erased by ${made?.camera ?? 'its camera'} before any ledger told of its custody`;
}

async function heldProblems(made: Made, { dock }: Settled, on: Installation): Promise<readonly string[]> {
  const { name } = made;
  const wanted = wantedOf(made, on.scenario);
  const found: string[] = [];
  if (wanted.by !== undefined && dock !== wanted.by)
    found.push(`${name} should be with ${wanted.by} and is with ${dock}`);
  let held: HeldRecording;
  let film: Uint8Array;
  try {
    held = readHeld(join(on.site.dockDir(dock), 'recordings', made.id));
    film = await footageOf(held, join(on.dir, 'policy/custodian.key.pem'));
  } catch (error) {
    if (!(error instanceof FieldError) && !isMissingFile(error)) throw error;
    return [...found, `what ${dock} holds of ${name} cannot be opened: ${error.message}`];
  }
  if (made.sha256 !== undefined && createHash('sha256').update(film).digest('hex') !== made.sha256)
    found.push(`what ${dock} holds of ${name} is not what ${made.camera} recorded`);
  const torn = looseEnd(film);
  if (torn !== undefined) found.push(`${name} does not end with a whole fragment: ${torn}`);
  return [...found, ...manifestProblems(made, held, wanted)];
}

function manifestProblems(
  { name, officer, camera }: Made,
  { manifest }: HeldRecording,
  wanted: Wanted,
): readonly string[] {
  const found: string[] = [];
  const whose = wanted.officer ?? officer;
  if (manifest.officerId !== whose)
    found.push(`${name} belongs to ${whose} and is attributed to ${manifest.officerId || 'nobody'}`);
  if (manifest.cameraId !== camera) found.push(`${name} is of ${camera} and says ${manifest.cameraId}`);
  if (wanted.marks !== undefined && manifest.marks.length !== wanted.marks)
    found.push(`${name} has ${manifest.marks.length} marks and should have ${wanted.marks}`);
  const last = manifest.chunks.at(-1);
  if (last?.endOfFragment !== true) found.push(`${name} ends in the middle of a fragment`);
  const seconds = ((last?.mediaStartMs ?? 0) + (last?.mediaMs ?? 0)) / MS_PER_S;
  const [least, most] = wanted.seconds ?? [0, Number.POSITIVE_INFINITY];
  if (seconds < least || seconds > most)
    found.push(`${name} shows ${seconds} s and should show ${least} to ${most} s`);
  return found;
}

function wantedOf({ name }: Made, { expect }: Scenario): Wanted {
  return expect.recordings[name] ?? AS_USUAL;
}

function isMissingFile(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
