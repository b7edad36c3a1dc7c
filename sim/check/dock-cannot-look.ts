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
// So many that one in a hundred places at most is looked at twice, and two megabytes.
const GRAM_BITS = 24;
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

interface Mark {
  readonly mark: Uint8Array;
  readonly of: string;
}

/** Pieces of plaintext that are looked for wherever bytes pass. */
class Marks {
  readonly #byHead = new Map<number, Mark[]>();
  /** Whether any mark has such four bytes in it: almost every place is done with by a look at this. */
  readonly #grams = new Uint8Array(2 ** GRAM_BITS / 8);

  add(plain: Uint8Array, of: string): void {
    const last = Math.max(0, plain.length - MARK_BYTES);
    for (let at = 0; at <= last; at = at < last ? Math.min(at + STRIDE_BYTES, last) : last + 1) {
      const mark = plain.slice(at, at + MARK_BYTES);
      // What is not of chance, such as zeros, may well be elsewhere too.
      if (mark.length < MARK_BYTES || new Set(mark).size < DISTINCT_MIN) continue;
      for (let place = 0; place < STEP_BYTES; place++) this.#note(gramOf(fourAt(mark, place)));
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
      const gram = gramOf(fourAt(bytes, at));
      if (((grams[gram >>> 3] ?? 0) & (1 << (gram & 7))) === 0) continue;
      for (let first = at - STEP_BYTES + 1; first <= at; first += 1) {
        const found = this.#beginningAt(bytes, first);
        if (found !== undefined) return found.of;
      }
    }
    return undefined;
  }

  #note(gram: number): void {
    this.#grams[gram >>> 3] = (this.#grams[gram >>> 3] ?? 0) | (1 << (gram & 7));
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

const LONG_BYTES = 2_048;
const HEAD_BYTES = 64;
const BLOCK_BYTES = 512;
const LOOKED_MAX = 16;

/**
 * What long pieces began with that were looked at last. A dock writes the newest part of its ledger again with every entry, and what stood
 * there before anything was captured shows nothing of it.
 */
class Looked {
  readonly #pieces = new Map<string, Uint8Array>();

  /** The end of a piece from a little before where it differs from one that began alike; all of it when none did. */
  unseen(bytes: Uint8Array): Uint8Array {
    if (bytes.length < LONG_BYTES) return bytes;
    const head = toHex(bytes.subarray(0, HEAD_BYTES));
    const before = this.#pieces.get(head);
    this.#pieces.delete(head);
    this.#pieces.set(head, new Uint8Array(bytes));
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size > LOOKED_MAX && oldest !== undefined) this.#pieces.delete(oldest);
    return bytes.subarray(Math.max(0, sameFor(before, bytes) - MARK_BYTES));
  }
}

/** How far two pieces are the same, in whole blocks. */
function sameFor(before: Uint8Array | undefined, bytes: Uint8Array): number {
  if (before === undefined) return 0;
  let at = 0;
  const end = Math.min(before.length, bytes.length) - BLOCK_BYTES;
  while (
    at <= end &&
    Buffer.compare(before.subarray(at, at + BLOCK_BYTES), bytes.subarray(at, at + BLOCK_BYTES)) === 0
  )
    at += BLOCK_BYTES;
  return at;
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
  readonly #looked = new Looked();
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
    const found = this.#shown === undefined ? this.#marks.find(this.#looked.unseen(bytes)) : undefined;
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
