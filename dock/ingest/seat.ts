import type { Unit } from './assembly.ts';
import type { Claim, Parking, Taker } from './parking.ts';
import type { Place, Staging } from './staging.ts';

/** The memory that all conversations of one dock share. */
export interface SeatPorts {
  readonly staging: Staging;
  readonly parking: Parking;
}

/** What one upload of one conversation holds: its claim on the recording and its place in the staging memory. */
export class Seat {
  readonly stream: number;
  readonly #claim: Claim;
  readonly #ports: SeatPorts;
  readonly #place: Place;
  readonly #answer: (answer: 'reserved' | 'crowded') => void;
  #taker: Taker | undefined;

  constructor(
    { stream, claim }: { readonly stream: number; readonly claim: Claim },
    ports: SeatPorts,
    answer: (answer: 'reserved' | 'crowded') => void,
  ) {
    this.stream = stream;
    this.#claim = claim;
    this.#ports = ports;
    this.#answer = answer;
    this.#place = ports.staging.open(() => answer('reserved'));
  }

  /** Who else takes the recording in stops here, and parks what it has. */
  claim(taker: Taker): void {
    this.#taker = taker;
    this.#ports.parking.claim(this.#claim, taker);
  }

  /** What an interrupted upload left, and the memory under it. */
  take(): readonly Unit[] {
    return this.#ports.parking.take(this.#claim, this.#place);
  }

  reserve({ stream, bytes }: { readonly stream: number; readonly bytes: number }): void {
    if (stream === this.stream) this.#answer(this.#place.reserve(bytes) ? 'reserved' : 'crowded');
  }

  release({ stream, bytes }: { readonly stream: number; readonly bytes: number }): void {
    if (stream === this.stream) this.#place.release(bytes);
  }

  /** Leaves units for the next try, with the memory under them. */
  park(units: readonly Unit[]): void {
    this.#ports.parking.park(this.#claim, units, this.#place);
    if (this.#taker !== undefined) this.#ports.parking.yield(this.#claim, this.#taker);
  }

  /** The upload never began here: what was taken goes back, and the memory. It is not kept here, where it would outlive its place. */
  abandon(taken: readonly Unit[]): void {
    this.park(taken);
    this.close();
  }

  /** Gives back all memory that is not parked. */
  close(): void {
    this.#place.close();
  }
}
