import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FieldError } from '../../proto/errors.ts';
import { type CameraId, isCameraId } from '../../proto/ids.ts';
import { readIfThere, writePublic } from './key-file.ts';

/** A folder of test recordings where a dock's own was meant. */
export class TestDataError extends FieldError<'TEST_DATA'> {}

const MARKER = 'TEST-RECORDINGS.txt';
const MARKER_TEXT = `What test cameras brought to this dock, with a ledger of its own. Nothing in this folder is evidence.
"holdfast dock purge-test" removes all of it.
`;

/**
 * Where a dock keeps everything of its test cameras: their registry, and keys, ledger, index and recordings of a second dock that is known to
 * them alone. Nothing outside of it hears of what is in it.
 */
export function testDirOf(data: string): string {
  return join(data, 'test');
}

/** Folders of the namespace. */
export function testPlacesOf(data: string): {
  readonly dir: string;
  readonly keys: string;
  readonly registry: string;
} {
  const dir = testDirOf(data);
  return { dir, keys: join(dir, 'keys'), registry: join(dir, 'enrolled') };
}

/** Says in the folder what it is; it must be there. */
export function markTestData(dir: string): void {
  const path = join(dir, MARKER);
  if (readIfThere(path) === undefined) writePublic(path, MARKER_TEXT);
}

/** Throws TestDataError when this folder holds test recordings: whatever takes it for a dock's would make evidence of them. */
export function refuseTestData(data: string): void {
  if (!existsSync(join(data, MARKER))) return;
  const message = `${data} holds test recordings, which are no evidence: give the data folder of the dock itself`;
  throw new TestDataError('TEST_DATA', message, { retry: 'never', facts: { data } });
}

/** Is a camera of that id enrolled for tests at this dock? Read at every look-up. */
export function isTestCamera(data: string, camera: CameraId): boolean {
  return isCameraId(camera) && existsSync(join(testPlacesOf(data).registry, `${camera}.json`));
}
