import { toHex } from '../../proto/bytes.ts';
import type { CameraId } from '../../proto/ids.ts';
import { PARKED_MS } from '../../proto/limits.ts';
import type { Cancel, Clock, HoldingKey } from '../ports.ts';
import { costOf, type Unit } from './assembly.ts';
import type { Place, Staging } from './staging.ts';

/** A conversation that takes a recording in. */
export interface Taker {
  /** Another one takes over: stop, and park what is there. */
  supersede(key: HoldingKey): void;
}

interface Lot {
  readonly units: readonly Unit[];
  readonly place: Place;
  readonly cancel: Cancel;
}

/** Who takes in what, and what interrupted uploads left. */
export interface Claim {
  readonly cameraId: CameraId;
  readonly key: HoldingKey;
}

/**
 * What interrupted uploads left in memory, for a while and as long as nobody needs the room; and who takes in what, so
 * that a session that nobody ended yet hands over to the one that came after it. It only saves sending twice: every
 * unit is checked when it is complete, whoever sent which part.
 */
export class Parking {
  readonly #staging: Staging;
  readonly #clock: Pick<Clock, 'after'>;
  // In the order in which they were parked.
  readonly #lots = new Map<string, Lot>();
  readonly #takers = new Map<string, Taker>();

  constructor(staging: Staging, clock: Pick<Clock, 'after'>) {
    this.#staging = staging;
    this.#clock = clock;
    const lots = this.#lots;
    staging.reclaimFrom({
      get bytes() {
        return [...lots.values()].reduce((sum, { place }) => sum + place.bytes, 0);
      },
      reclaimOldest: () => {
        const [oldest] = lots.keys();
        if (oldest !== undefined) this.#drop(oldest);
      },
    });
  }

  /** Bytes of the staging memory that are parked. */
  get bytes(): number {
    return [...this.#lots.values()].reduce((sum, { place }) => sum + place.bytes, 0);
  }

  /** From here on this conversation takes it in; whoever did before parks what it has, now. */
  claim(claim: Claim, taker: Taker): void {
    const name = nameOf(claim);
    const before = this.#takers.get(name);
    this.#takers.set(name, taker);
    if (before !== undefined && before !== taker) before.supersede(claim.key);
  }

  /** This conversation takes it in no more. */
  yield(claim: Claim, taker: Taker): void {
    if (this.#takers.get(nameOf(claim)) === taker) this.#takers.delete(nameOf(claim));
  }

  /** Keeps units, whose places move out of `from`. What was parked of the same before is out of date. */
  park(claim: Claim, units: readonly Unit[], from: Place): void {
    if (units.length === 0) return;
    const name = nameOf(claim);
    this.#drop(name);
    const place = this.#staging.open(() => undefined);
    from.moveTo(place, bytesOf(units));
    const cancel = this.#clock.after(PARKED_MS, () => this.#drop(name));
    this.#lots.set(name, { units, place, cancel });
  }

  /** What is parked of it, with its places moved into `to`. */
  take(claim: Claim, to: Place): readonly Unit[] {
    const lot = this.#lots.get(nameOf(claim));
    if (lot === undefined) return [];
    lot.place.moveTo(to, lot.place.bytes);
    this.#drop(nameOf(claim));
    return lot.units;
  }

  /** Gives everything back. */
  close(): void {
    for (const name of [...this.#lots.keys()]) this.#drop(name);
  }

  #drop(name: string): void {
    const lot = this.#lots.get(name);
    if (lot === undefined) return;
    this.#lots.delete(name);
    lot.cancel();
    lot.place.close();
  }
}

function bytesOf(units: readonly Unit[]): number {
  return units.reduce((sum, unit) => sum + costOf(unit), 0);
}

/** A camera's parts count for that camera alone. */
function nameOf({ cameraId, key }: Claim): string {
  return `${cameraId}/${key.recordingId}/${toHex(key.manifestSha256)}`;
}
