import { createHash } from 'node:crypto';
import { equal, toHex } from '../../proto/bytes.ts';
import { recipientThumbprint } from '../../proto/identity.ts';
import { decodeWraps } from '../../proto/wraps.ts';
import type { WorldEvent } from '../world/history.ts';
import type { Check, World } from './check.ts';

type Captured = Extract<WorldEvent, { readonly what: 'captured' }>;

/** So many bytes of chance are in one place only. */
const MARK_BYTES = 12;
/** From one to the next: a longer piece of plaintext has one in it. */
const STRIDE_BYTES = 128;
const DISTINCT_MIN = 6;
/** Four bytes of a mark that begin at one of its first so many places; whoever looks at every such place of some bytes meets each mark. */
const STEP_BYTES = MARK_BYTES - 3;
const GRAM_BITS = 20;
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

interface Mark {
  readonly mark: Uint8Array;
  readonly of: string;
}

/** Pieces of plaintext that are looked for wherever bytes pass. */
class Marks {
  readonly #byHead = new Map<number, Mark[]>();
  /** Whether any mark has such four bytes in it: almost every place is done with by a look at this. */
  readonly #grams = new Uint8Array(1 << GRAM_BITS);

  add(plain: Uint8Array, of: string): void {
    const last = Math.max(0, plain.length - MARK_BYTES);
    for (let at = 0; at <= last; at = at < last ? Math.min(at + STRIDE_BYTES, last) : last + 1) {
      const mark = plain.slice(at, at + MARK_BYTES);
      // What is not of chance, such as zeros, may well be elsewhere too.
      if (mark.length < MARK_BYTES || new Set(mark).size < DISTINCT_MIN) continue;
      for (let place = 0; place < STEP_BYTES; place++) this.#grams[gramOf(fourAt(mark, place))] = 1;
      const head = fourAt(mark, 0);
      const same = this.#byHead.get(head);
      if (same === undefined) this.#byHead.set(head, [{ mark, of }]);
      else same.push({ mark, of });
    }
  }

  find(bytes: Uint8Array): string | undefined {
    const grams = this.#grams;
    // A mark that begins at `first` has a place that is looked at among its first ones.
    for (let at = STEP_BYTES - 1; at + 4 <= bytes.length; at += STEP_BYTES) {
      if (grams[gramOf(fourAt(bytes, at))] === 0) continue;
      for (let first = at - STEP_BYTES + 1; first <= at; first += 1) {
        const found = this.#beginningAt(bytes, first);
        if (found !== undefined) return found.of;
      }
    }
    return undefined;
  }

  #beginningAt(bytes: Uint8Array, at: number): Mark | undefined {
    const marks = this.#byHead.get(fourAt(bytes, at));
    return marks && markIn(marks, bytes.subarray(at, at + MARK_BYTES));
  }
}

function fourAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** Any four bytes to a place of the table, as evenly as chance: 2^32 over the golden ratio. */
function gramOf(four: number): number {
  return Math.imul(four, 0x9e3779b1) >>> (32 - GRAM_BITS);
}

function markIn(marks: readonly Mark[], bytes: Uint8Array): Mark | undefined {
  return marks.find(({ mark }) => equal(mark, bytes));
}

/**
 * Promise 6: nothing that a dock ever had in its hands, neither a packet on its wires nor a write to its disks nor what it gives
 * away, shows anything of a sealed recording; and a recording's key is wrapped for nobody but whom its camera was given.
 */
export function dockCannotLook(): Check {
  const judge = new Judge();
  return {
    name: 'dock-cannot-look',
    promise: 6,
    see: (event, world) => judge.see(event, world),
    end: (world) => judge.end(world),
  };
}

class Judge {
  readonly #marks = new Marks();
  #isWatching = false;
  #shown: string | undefined;

  see(event: WorldEvent, world: World): string | undefined {
    this.#watch(world);
    if (event.what === 'captured') this.#remember(event, world);
    if (event.what === 'delivered') this.#look(`a chunk that left ${event.dock}`, event.stored);
    // A packet or a write is no event: what it showed is told with the next one.
    const shown = this.#shown;
    this.#shown = undefined;
    return shown;
  }

  async end(world: World): Promise<readonly string[]> {
    const up = world.docks.filter(({ isUp }) => isUp);
    const found = await Promise.all(
      up.map(async ({ dockId, holdings }) =>
        (await holdings.list()).flatMap(({ recordingId, cameraId, wraps }) =>
          wraps === undefined ? [] : strangers(`${recordingId} at ${dockId}`, { cameraId, wraps }, world),
        ),
      ),
    );
    return [...(this.#shown === undefined ? [] : [this.#shown]), ...found.flat()];
  }

  #watch({ scene }: World): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    scene.onlookers.watch((where, bytes) => this.#look(where, bytes));
  }

  #remember({ camera, recordingId, index, plain }: Captured, { cameras }: World): void {
    const recipients = cameras.find(({ cameraId }) => cameraId === camera)?.sealsFor ?? [];
    if (recipients.length > 0) this.#marks.add(plain, `chunk ${index} of ${recordingId}`);
  }

  #look(where: string, bytes: Uint8Array): void {
    const found = this.#shown === undefined ? this.#marks.find(bytes) : undefined;
    if (found !== undefined) this.#shown = `${where} shows ${found}, which is sealed`;
  }
}

function strangers(
  what: string,
  { cameraId, wraps }: { readonly cameraId: string; readonly wraps: Uint8Array },
  { cameras }: World,
): readonly string[] {
  const points = cameras.find((camera) => camera.cameraId === cameraId)?.sealsFor ?? [];
  const known = points.map((point) => recipientThumbprint(point, sha256));
  return decodeWraps(wraps)
    .filter(({ recipient }) => !known.some((one) => equal(one, recipient)))
    .map(({ recipient }) => `${what} is sealed for ${toHex(recipient)}, whom its camera does not know`);
}
