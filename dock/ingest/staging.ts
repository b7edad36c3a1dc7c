import assert from 'node:assert/strict';

/** Smallest staging memory that every manifest fits into, twice: bytes. */
export const STAGING_BYTES_MIN = 8 * 1024 * 1024;

// The rest is for those who have nothing yet: with thousands of cameras each has one unit on its way instead of a few of them eight.
const SHARE_FOR_MORE = 3 / 4;

/** What the staging memory may take back when somebody needs room. */
export interface Reclaimable {
  readonly bytes: number;
  /** Gives the oldest of it back by `Place.close`; there is some. */
  reclaimOldest(): void;
}

/**
 * The dock's memory for footage on its way to the disk: one pool for all cameras, so that their number never decides
 * how much memory the dock needs. A place is taken before the camera may send what goes there, first come, first
 * served; but who has none yet comes before those who want more, and some is kept for them, so that fast cameras keep no other waiting.
 */
export class Staging {
  readonly bytesMax: number;
  /** In the order in which they came: who has nothing, and who has something and wants more. */
  readonly #first = new Set<Place>();
  readonly #more = new Set<Place>();
  #bytesUsed = 0;
  #giving = false;
  #reclaimable: Reclaimable | undefined;

  /** `bytesMax` is at least STAGING_BYTES_MIN, since whoever waits for more than there is waits for ever. */
  constructor(bytesMax: number) {
    assert(bytesMax >= STAGING_BYTES_MIN, 'the staging memory must hold any unit');
    this.bytesMax = bytesMax;
  }

  /** Bytes set aside now: for units on their way and for what is parked. Never more than `bytesMax`. */
  get bytesUsed(): number {
    return this.#bytesUsed;
  }

  /** Uploads that wait for a place. */
  get waiting(): number {
    return this.#first.size + this.#more.size;
  }

  /** Whose memory may go first when somebody needs room. */
  reclaimFrom(reclaimable: Reclaimable): void {
    this.#reclaimable = reclaimable;
  }

  /** An account for one upload. `granted` is called once for each reservation that could not be had at once. */
  open(granted: () => void): Place {
    return new Place(this, granted);
  }

  /** Called by places only: waits in line, and gives what can be given now. */
  enqueue(place: Place): void {
    assert(place.wanted <= this.bytesMax, 'a unit is larger than the staging memory');
    (place.bytes === 0 ? this.#first : this.#more).add(place);
    this.#give();
  }

  /** Called by places only: so much is free again. */
  giveBack(bytes: number, place: Place): void {
    this.#bytesUsed -= bytes;
    assert(this.#bytesUsed >= 0, 'more was given back than taken');
    if (place.wanted === 0) {
      this.#first.delete(place);
      this.#more.delete(place);
    } else if (place.bytes === 0 && this.#more.delete(place)) this.#first.add(place);
    this.#give();
  }

  #give(): void {
    // Giving back while somebody is being served only makes this loop go on.
    if (this.#giving) return;
    this.#giving = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#first.delete(next);
      this.#more.delete(next);
      this.#bytesUsed += next.wanted;
      next.take();
    }
    this.#giving = false;
  }

  /** Who is next, when there is room for them. Nobody overtakes: a large unit would wait for ever behind small ones. */
  #next(): Place | undefined {
    const [first] = this.#first;
    if (first !== undefined) return this.#makeRoom(first.wanted, this.bytesMax) ? first : undefined;
    const [more] = this.#more;
    if (more === undefined) return undefined;
    return this.#makeRoom(more.wanted, this.bytesMax * SHARE_FOR_MORE) ? more : undefined;
  }

  /** Is there so much below `bytesMax`, when what is parked goes? */
  #makeRoom(bytes: number, bytesMax: number): boolean {
    const parked = this.#reclaimable;
    const missing = (): number => this.#bytesUsed + bytes - bytesMax;
    while (missing() > 0 && parked !== undefined && parked.bytes >= missing()) parked.reclaimOldest();
    return missing() <= 0;
  }
}

/** What one upload holds of the staging memory. Everything goes back when it is closed. */
export class Place {
  readonly #staging: Staging;
  readonly #granted: () => void;
  #bytes = 0;
  #wanted = 0;
  #asking = false;
  #closed = false;

  constructor(staging: Staging, granted: () => void) {
    this.#staging = staging;
    this.#granted = granted;
  }

  /** Bytes that this upload holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that it waits for. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Takes so many bytes: true when there were so many and it was our turn; otherwise `granted` will be called. One at a time. */
  reserve(bytes: number): boolean {
    assert(!this.#closed && this.#wanted === 0, 'one reservation at a time');
    this.#wanted = bytes;
    this.#asking = true;
    this.#staging.enqueue(this);
    this.#asking = false;
    return this.#wanted === 0;
  }

  /** Gives part of it back. */
  release(bytes: number): void {
    assert(bytes <= this.#bytes, 'an upload gives back what it has');
    this.#bytes -= bytes;
    this.#staging.giveBack(bytes, this);
  }

  /** Hands part of it to another upload without letting anybody in between. */
  moveTo(other: Place, bytes: number): void {
    assert(bytes <= this.#bytes && !other.#closed, 'an upload hands over what it has');
    this.#bytes -= bytes;
    other.#bytes += bytes;
  }

  /** Gives everything back and waits for nothing any more. May be called twice. */
  close(): void {
    this.#closed = true;
    const bytes = this.#bytes;
    this.#bytes = 0;
    this.#wanted = 0;
    this.#staging.giveBack(bytes, this);
  }

  /** Called by the staging memory only: what was wanted is ours. */
  take(): void {
    this.#bytes += this.#wanted;
    this.#wanted = 0;
    if (!this.#asking) this.#granted();
  }
}
