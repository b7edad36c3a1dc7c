import { createHash } from 'node:crypto';
import { equal, toHex } from '../../proto/bytes.ts';
import { encodeEntry, entryKey, type CustodyEntry } from '../../proto/custody-entry.ts';
import type { PersonId, RecordingId } from '../../proto/ids.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Clock, Grant, Keys, Ledger } from '../ports.ts';
import type { Denial } from './denials.ts';
import { lastRecorded, recordKey, type History } from './history.ts';
import type { Session } from './session.ts';
import { detailOf, type Draft, type Recorded } from './status.ts';

export interface BookPorts {
  readonly ledger: Ledger;
  readonly keys: Pick<Keys, 'pseudonym' | 'randomBytes'>;
  readonly clock: Clock;
}

// More people than ever look at one dock; a list asks for one person's pseudonym once for each recording.
const PSEUDONYMS_MAX = 10_000;
// The last instant that an entry can spell is in 2255.
const INSTANT_S_MAX = 9_000_000_000;

/** A grant that is on record, with what proves it. */
export interface RecordedGrant {
  readonly entry: Uint8Array;
  readonly proof: string;
}

/**
 * What release has to say to the ledger, and what the ledger says last about each pair. Every method resolves
 * once a signed checkpoint covers the entry; entries name people by pseudonym only. Rejects with the ledger's error.
 */
export class CustodyBook {
  readonly #ports: BookPorts;
  readonly #recorded: Map<string, Recorded>;
  readonly #viewed: Set<string>;
  readonly #pseudonyms = new Map<PersonId, string>();

  private constructor(ports: BookPorts, { recorded, viewed }: History) {
    this.#ports = ports;
    this.#recorded = recorded;
    this.#viewed = viewed;
  }

  /** Reads the ledger through once. Throws ProofError BAD_ENTRY when an entry cannot be read. */
  static async open(ports: BookPorts): Promise<CustodyBook> {
    return new CustodyBook(ports, await lastRecorded(ports.ledger));
  }

  last(recordingId: RecordingId, person: PersonId): Recorded {
    return this.#recorded.get(this.#key(recordingId, person)) ?? { says: 'nothing' };
  }

  /** Have bytes of it left for this person? */
  hasViewed(recordingId: RecordingId, person: PersonId): boolean {
    return this.#viewed.has(this.#key(recordingId, person));
  }

  /** A status that changed. */
  async status(draft: Draft, recording: RecordingId, person: PersonId): Promise<void> {
    const index = await this.#appendAgain(this.#statusEntry(draft, recording, person));
    this.#recorded.set(
      this.#key(recording, person),
      draft.type === 'withheld'
        ? { says: 'withheld', index, detail: detailOf(draft.reason, draft.missing, draft.regime) }
        : { says: draft.type, index },
    );
  }

  /**
   * One opening, before any session of it exists. Undefined when the ledger holds another entry under this
   * grant: it was used before, and a grant is for one opening.
   */
  async granted(grant: Grant, session: Session, keyThumbprint: string): Promise<RecordedGrant | undefined> {
    const granted: CustodyEntry = {
      type: 'granted',
      at: this.#now(),
      recording: session.recordingId,
      person: this.#pseudonym(session.person),
      grant: grantDigest(grant),
      grantId: grant.id,
      purpose: session.purpose,
      session: session.digest,
      keyThumbprint,
      ...exceptionIn(grant),
    };
    const entry = encodeEntry(granted);
    const { ledger } = this.#ports;
    const index = await ledger.appendOnce(entryKey(granted), entry);
    const [written] = await ledger.read(index, index + 1);
    if (written === undefined || !equal(written, entry)) return undefined;
    return { entry, proof: await ledger.prove(index) };
  }

  /** The first byte of a session is about to leave. */
  async viewed(session: Session): Promise<void> {
    const { recordingId: recording, person, digest } = session;
    const pseudonym = this.#pseudonym(person);
    await this.#append({ type: 'viewed', at: this.#now(), recording, person: pseudonym, session: digest });
    this.#viewed.add(this.#key(recording, person));
  }

  /** The stored form of a recording, as this manifest names it, is about to leave under this allow. */
  async exported(
    about: { recordingId: RecordingId; person: PersonId; manifest: string },
    grant: Grant,
  ): Promise<void> {
    const { recordingId: recording, person, manifest } = about;
    await this.#appendAgain({
      type: 'exported',
      at: this.#now(),
      recording,
      form: 'sealed',
      manifest,
      person: this.#pseudonym(person),
      grant: grantDigest(grant),
    });
  }

  async denied({ recordingId: recording, person, purpose, reason, count }: Denial): Promise<void> {
    const pseudonym = this.#pseudonym(person);
    await this.#appendAgain({
      type: 'denied',
      at: this.#now(),
      recording,
      person: pseudonym,
      purpose,
      reason,
      count,
    });
  }

  #statusEntry(draft: Draft, recording: RecordingId, person: PersonId): CustodyEntry {
    const about = { at: this.#now(), recording, person: this.#pseudonym(person) };
    switch (draft.type) {
      case 'released': {
        const { grant } = draft;
        const { regime, policySet, newestFact } = grant;
        const rests = { regime, policySet, newestFact, ...exceptionIn(grant) };
        return { ...about, type: 'released', grant: grantDigest(grant), ...rests };
      }
      case 'withheld':
        return {
          ...about,
          type: 'withheld',
          reason: draft.reason,
          missing: draft.missing,
          regime: draft.regime,
        };
      case 'revoked':
        return { ...about, type: 'revoked', reason: draft.reason };
      default:
        return draft satisfies never;
    }
  }

  async #append(entry: CustodyEntry): Promise<number> {
    return this.#ports.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }

  /**
   * For statements that may honestly be made again: a clock that was stepped back must not make a second one look
   * like the first, which would add nothing.
   */
  async #appendAgain(entry: CustodyEntry): Promise<number> {
    const { ledger, keys } = this.#ports;
    return ledger.appendOnce(`${entryKey(entry)}/${toHex(keys.randomBytes(8))}`, encodeEntry(entry));
  }

  #now(): string {
    return formatInstant(this.#ports.clock.wallUs());
  }

  #pseudonym(person: PersonId): string {
    const known = this.#pseudonyms.get(person);
    if (known !== undefined) return known;
    if (this.#pseudonyms.size >= PSEUDONYMS_MAX) this.#pseudonyms.clear();
    const pseudonym = this.#ports.keys.pseudonym(person);
    this.#pseudonyms.set(person, pseudonym);
    return pseudonym;
  }

  #key(recordingId: RecordingId, person: PersonId): string {
    return recordKey(recordingId, this.#pseudonym(person));
  }
}

function grantDigest({ jws }: Grant): string {
  return createHash('sha256').update(jws, 'utf8').digest('hex');
}

/** An allow that rests on an authorisation says so in the ledger. */
function exceptionIn({ authorised }: Grant): { readonly authorisedUntil?: string } {
  if (authorised === undefined) return {};
  return { authorisedUntil: formatInstant(Math.min(authorised.untilS, INSTANT_S_MAX) * 1_000_000) };
}
