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
const HEADS = 1 << 16;
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** Pieces of plaintext that are looked for wherever bytes pass. */
class Marks {
  readonly #byHead = new Map<number, { readonly mark: Uint8Array; readonly of: string }[]>();
  /** Whether any mark begins with these two bytes: almost every place is done with by one look at this. */
  readonly #heads = new Uint8Array(HEADS);

  add(plain: Uint8Array, of: string): void {
    const last = Math.max(0, plain.length - MARK_BYTES);
    for (let at = 0; at <= last; at = at < last ? Math.min(at + STRIDE_BYTES, last) : last + 1) {
      const mark = plain.slice(at, at + MARK_BYTES);
      // What is not of chance, such as zeros, may well be elsewhere too.
      if (mark.length < MARK_BYTES || new Set(mark).size < DISTINCT_MIN) continue;
      const head = headOf(mark, 0);
      this.#heads[head] = 1;
      this.#byHead.set(head, [...(this.#byHead.get(head) ?? []), { mark, of }]);
    }
  }

  find(bytes: Uint8Array): string | undefined {
    const heads = this.#heads;
    let head = bytes[0] ?? 0;
    for (let at = 0; at + MARK_BYTES <= bytes.length; at += 1) {
      head = ((head & 0xff) << 8) | (bytes[at + 1] ?? 0);
      if (heads[head] === 0) continue;
      const found = this.#byHead
        .get(head)
        ?.find(({ mark }) => equal(mark, bytes.subarray(at, at + MARK_BYTES)));
      if (found !== undefined) return found.of;
    }
    return undefined;
  }
}

function headOf(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
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
    const isSealed = cameras.some(({ cameraId, sealsFor }) => cameraId === camera && sealsFor.length > 0);
    if (isSealed) this.#marks.add(plain, `chunk ${index} of ${recordingId}`);
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
