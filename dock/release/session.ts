import { createHash } from 'node:crypto';
import type { PersonId, RecordingId } from '../../proto/ids.ts';
import type { Clock } from '../ports.ts';
import { pairKey } from './roster.ts';

/** The right of one person to fetch some chunks of one recording for a while; made only after its `granted` entry. */
export interface Session {
  /** Hex SHA-256 of the session id. The id itself is a bearer secret and is not kept. */
  readonly digest: string;
  readonly recordingId: RecordingId;
  readonly person: PersonId;
  readonly purpose: string;
  /** Half-open range of chunks. */
  readonly chunkStart: number;
  readonly chunkEnd: number;
  readonly endsAtMonoUs: number;
  /** Resolves when the `viewed` entry is in the ledger; absent before the first chunk. */
  viewed?: Promise<void>;
}

/** An opening on its way: what happens to the pair meanwhile happens to the session that would come of it. */
export interface Pending {
  readonly recordingId: RecordingId;
  readonly person: PersonId;
  readonly purpose: string;
}

/** An hour: the longest that one opening lasts. */
export const SESSION_MS_MAX = 3_600_000;
// More than anybody reads at once; the oldest goes first.
const SESSIONS_PER_PERSON_MAX = 16;

/** Live sessions. Everything about whether one is live is decided here, at the moment of asking. */
export class Sessions {
  readonly #clock: Clock;
  readonly #byDigest = new Map<string, Session>();
  /** Everything live or on its way, by whom it is for and what it shows. */
  readonly #byPair = new Map<string, Set<Session | Pending>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call before asking for the grant, so that a deny that arrives between the grant and its session is not lost. */
  prepare(recordingId: RecordingId, person: PersonId, purpose: string): Pending {
    const pending: Pending = { recordingId, person, purpose };
    this.#add(pending);
    return pending;
  }

  discard(pending: Pending): void {
    this.#drop(pending);
  }

  /** Has nothing ended it since `prepare`? */
  isPending(pending: Pending): boolean {
    return this.#byPair.get(pairOf(pending))?.has(pending) === true;
  }

  /** Makes the session live; false when the pair's sessions were ended since `prepare`. */
  start(pending: Pending, session: Session): boolean {
    if (!this.#drop(pending)) return false;
    for (const other of this.#byDigest.values()) if (!this.isLive(other)) this.#drop(other);
    const own = [...this.#byDigest.values()].filter(({ person }) => person === session.person);
    const surplus = Math.max(0, own.length - SESSIONS_PER_PERSON_MAX + 1);
    for (const oldest of own.slice(0, surplus)) this.#drop(oldest);
    this.#byDigest.set(session.digest, session);
    this.#add(session);
    return true;
  }

  /** The live session with this id, or undefined. */
  find(sessionId: string): Session | undefined {
    const session = this.#byDigest.get(sessionDigest(sessionId));
    return session !== undefined && this.isLive(session) ? session : undefined;
  }

  isLive(session: Session): boolean {
    return this.#byDigest.get(session.digest) === session && this.#clock.monoUs() < session.endsAtMonoUs;
  }

  /** Purposes of the pair's live sessions and of those being opened. */
  purposes(recordingId: RecordingId, person: PersonId): ReadonlySet<string> {
    const live = this.#of(recordingId, person).filter((one) => !('digest' in one) || this.isLive(one));
    return new Set(live.map(({ purpose }) => purpose));
  }

  /** Ends the pair's sessions and openings, all of them or those for one purpose. */
  end(recordingId: RecordingId, person: PersonId, purpose?: string): void {
    for (const ending of this.#of(recordingId, person))
      if (purpose === undefined || ending.purpose === purpose) this.#drop(ending);
  }

  /** Ends everybody's sessions and openings of one recording. */
  endOf(recordingId: RecordingId): void {
    for (const pair of this.#byPair.values())
      for (const ending of pair) if (ending.recordingId === recordingId) this.#drop(ending);
  }

  endAll(): void {
    this.#byDigest.clear();
    this.#byPair.clear();
  }

  #of(recordingId: RecordingId, person: PersonId): readonly (Session | Pending)[] {
    return [...(this.#byPair.get(pairOf({ recordingId, person })) ?? [])];
  }

  #add(one: Session | Pending): void {
    const key = pairOf(one);
    const pair = this.#byPair.get(key) ?? new Set();
    this.#byPair.set(key, pair.add(one));
  }

  /** False when it had ended already. */
  #drop(one: Session | Pending): boolean {
    const key = pairOf(one);
    const pair = this.#byPair.get(key);
    const isThere = pair?.delete(one) === true;
    if (pair?.size === 0) this.#byPair.delete(key);
    if ('digest' in one) this.#byDigest.delete(one.digest);
    return isThere;
  }
}

function pairOf({ recordingId, person }: Pick<Pending, 'recordingId' | 'person'>): string {
  return pairKey(recordingId, person);
}

/** What the ledger says of a session: enough to match, not enough to use. */
export function sessionDigest(sessionId: string): string {
  return createHash('sha256').update(sessionId, 'utf8').digest('hex');
}
