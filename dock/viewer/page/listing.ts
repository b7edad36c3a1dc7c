import type { Listing } from './answers.ts';
import type { Update } from './updates.ts';

/** The list as it reads now: the one loaded last, with every row that has changed since. */
export class CurrentListing {
  #listing: Listing | undefined;
  #load = 0;
  /** What changed since the newest load began: its answer may be older than that. */
  #since: Update[] = [];

  get now(): Listing | undefined {
    return this.#listing;
  }

  /** Call when a load begins; what it returns takes the answer, and is false for one that a later load has overtaken. */
  loading(): (listing: Listing) => boolean {
    const mine = (this.#load += 1);
    this.#since = [];
    return (listing) => {
      if (mine !== this.#load) return false;
      this.#listing = this.#since.reduce(changed, listing);
      return true;
    };
  }

  change(update: Update): void {
    this.#since.push(update);
    this.#listing = this.#listing && changed(this.#listing, update);
  }
}

function changed(listing: Listing, { recording, row }: Update): Listing {
  const rows = listing.recordings.filter(({ id }) => id !== recording);
  const recordings = row === undefined ? rows : [...rows, row];
  return { ...listing, recordings: recordings.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt)) };
}
