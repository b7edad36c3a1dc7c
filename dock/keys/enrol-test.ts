import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { toHex } from '../../proto/bytes.ts';
import type { DockIdentity } from '../../proto/identity.ts';
import { isCameraId, isDockId } from '../../proto/ids.ts';
import { parseVkey } from '../../proto/note.ts';
import { enrolCamera, enrolDock, trustDock } from './enrolment.ts';
import { KeyError } from './key-error.ts';
import { makeFolder, sha256 } from './key-file.ts';
import { readIdentity } from './registry.ts';
import { markTestData, refuseTestData, testPlacesOf } from './test-data.ts';

const ORIGIN_TAG_BYTES = 4;
const DIGITS_MIN = 4;

/** What `enrolTestCameras` left behind. */
export interface TestCrew {
  /** As test cameras know the dock: another key and another ledger than its own. */
  readonly dock: DockIdentity;
  readonly cameras: number;
  /** Of them, those that were made now. */
  readonly made: number;
}

/**
 * Makes test cameras `test-0001` and on, each with a key folder of its own in `out`, and a second set of keys for the dock that they alone
 * trust, in `DATA/test`. What is there is kept, so the same command again goes on, and a higher count adds cameras.
 * Throws KeyError, TestDataError.
 */
export function enrolTestCameras(crew: {
  /** The dock's data and key folders. */
  readonly data: string;
  readonly keys: string;
  readonly count: number;
  readonly out: string;
}): TestCrew {
  refuseTestData(crew.data);
  const { dir, keys, registry } = testPlacesOf(crew.data);
  const own = readDock(join(crew.keys, 'dock.json'));
  makeFolder(dir, 'keys');
  markTestData(dir);
  const dock = testDock(own, keys);
  const digits = Math.max(DIGITS_MIN, String(crew.count).length);
  let made = 0;
  for (let number = 1; number <= crew.count; number += 1) {
    const id = `test-${String(number).padStart(digits, '0')}`;
    if (!isCameraId(id)) throw new RangeError(`"${id}" is no camera id`);
    const out = join(crew.out, id);
    if (enrolCamera({ id, out, registries: [registry] }).created) made += 1;
    trustDock({ cameraKeys: out, dockFile: join(keys, 'dock.json') });
  }
  return { dock, cameras: crew.count, made };
}

/** The log's name is new each time, so that no two test ledgers can be taken for one. */
function testDock(own: DockIdentity, keys: string): DockIdentity {
  const there = readIdentity(join(keys, 'dock.json'));
  if (there?.kind === 'dock') return there;
  const id = `${own.id}-test`;
  if (!isDockId(id))
    throw new KeyError('IDENTITY_BAD', keys, {
      problem: `"${id}" is too long for the test identity of dock ${own.id}`,
    });
  const { name } = parseVkey(own.ledger, sha256);
  const origin = `${name}/test/${toHex(randomBytes(ORIGIN_TAG_BYTES))}`;
  return enrolDock({ id, out: keys, origin, registries: [] }).identity;
}

function readDock(path: string): DockIdentity {
  const identity = readIdentity(path);
  if (identity?.kind === 'dock') return identity;
  throw new KeyError('IDENTITY_MISSING', path, {
    problem: "is not the dock's identity; give its key folder",
  });
}
