import { toHex } from '../../proto/bytes.ts';
import { wholeFragments, type ChunkSpan } from '../../proto/fragments.ts';
import type { PersonId } from '../../proto/ids.ts';
import { peekManifest } from '../../proto/manifest.ts';
import type {
  ChunkAddress,
  Clock,
  ContentSession,
  Grant,
  Holding,
  Holdings,
  Keys,
  Opening,
  Policy,
  Verdict,
} from '../ports.ts';
import type { CustodyBook } from './book.ts';
import type { Changes } from './changes.ts';
import type { Denials } from './denials.ts';
import { SESSION_MS_MAX, sessionDigest, type Pending, type Session, type Sessions } from './session.ts';

export interface ContentPorts {
  readonly policy: Pick<Policy, 'decide'>;
  readonly holdings: Pick<Holdings, 'find' | 'readChunk'>;
  readonly keys: Pick<Keys, 'randomBytes'>;
  readonly clock: Clock;
  readonly book: CustodyBook;
  readonly sessions: Sessions;
  readonly denials: Denials;
  readonly changes: Pick<Changes, 'tell'>;
}

const SESSION_ID_BYTES = 32;
const ENDED = deny('the release ended while it was being opened');

/**
 * The one road out for content. The order below is the promise: ask, check, record, wait for the checkpoint,
 * only then a session; and record that it was viewed before the first byte goes.
 */
export class Content {
  readonly #ports: ContentPorts;

  constructor(ports: ContentPorts) {
    this.#ports = ports;
  }

  /** Asks afresh, whatever the status says: a status opens nothing. */
  async open(opening: Opening): Promise<ContentSession | { readonly refused: Verdict }> {
    const { policy, holdings, sessions } = this.#ports;
    const { recordingId, purpose, viewer, token, proof, chunks } = opening;
    const askedAtMonoUs = this.#ports.clock.monoUs();
    // Before anything waits: from here on this opening is seen by whatever would end it.
    const pending = sessions.prepare(recordingId, viewer.person, purpose);
    try {
      const holding = await holdings.find(recordingId);
      if (holding === undefined) return { refused: deny('no such recording is held here') };
      const { keyThumbprint } = viewer;
      const verdict = await policy.decide({
        person: viewer.person,
        recordingId,
        manifestSha256: holding.manifestSha256,
        action: 'view',
        purpose,
        opening: { token, proof, keyThumbprint, chunks, within: within(holding, chunks) },
      });
      if (verdict.verdict !== 'allow') return await this.#refuse(opening, verdict);
      return await this.#start(opening, {
        holding,
        grant: verdict.grant,
        pending,
        endsAtMonoUs: askedAtMonoUs + lifeUs(verdict.grant),
      });
    } finally {
      sessions.discard(pending);
    }
  }

  /** See `Released.chunk`. Throws what the store or the ledger throws; nothing has left then. */
  async chunk(
    sessionId: string,
    person: PersonId,
    { recordingId, index }: ChunkAddress,
  ): Promise<Uint8Array | undefined> {
    const { holdings, sessions } = this.#ports;
    const session = sessions.find(sessionId);
    if (session === undefined || session.person !== person || session.recordingId !== recordingId)
      return undefined;
    if (!Number.isInteger(index) || index < session.chunkStart || index >= session.chunkEnd) return undefined;
    const stored = await holdings.readChunk(recordingId, index);
    session.viewed ??= this.#viewed(session);
    try {
      await session.viewed;
    } catch (error) {
      delete session.viewed;
      throw error;
    }
    // The release may have ended while disk and ledger were busy; the last word counts.
    return sessions.isLive(session) ? stored : undefined;
  }

  /** Their own list says from now on that they have viewed it. */
  async #viewed(session: Session): Promise<void> {
    const { book, changes } = this.#ports;
    await book.viewed(session);
    changes.tell(session.recordingId);
  }

  async #start(
    opening: Opening,
    {
      holding,
      grant,
      pending,
      endsAtMonoUs,
    }: { holding: Holding; grant: Grant; pending: Pending; endsAtMonoUs: number },
  ): Promise<ContentSession | { readonly refused: Verdict }> {
    const { keys, clock, book, sessions } = this.#ports;
    const { recordingId, purpose, viewer } = opening;
    // The grant is not used then, and the ledger need not say that it was.
    if (!sessions.isPending(pending)) return this.#refuse(opening, ENDED);
    const sessionId = toHex(keys.randomBytes(SESSION_ID_BYTES));
    const session: Session = {
      digest: sessionDigest(sessionId),
      recordingId,
      person: viewer.person,
      purpose,
      chunkStart: grant.chunkStart,
      chunkEnd: Math.min(grant.chunkEnd, holding.durableChunks),
      endsAtMonoUs,
    };
    const expiresAtUs = clock.wallUs() + (endsAtMonoUs - clock.monoUs());
    const recorded = await book.granted(grant, session, viewer.keyThumbprint);
    if (recorded === undefined)
      return this.#refuse(opening, deny('the policy service gave a grant that was used before'));
    if (!sessions.start(pending, session)) return this.#refuse(opening, ENDED);
    return { sessionId, recordingId, person: viewer.person, grant, ...recorded, expiresAtUs };
  }

  async #refuse(
    { recordingId, viewer, purpose }: Opening,
    refused: Verdict,
  ): Promise<{ readonly refused: Verdict }> {
    const reason = refused.verdict === 'unreachable' ? 'policy-unreachable' : 'withheld';
    await this.#ports.denials.note({ recordingId, person: viewer.person, purpose, reason });
    return { refused };
  }
}

/** What was asked for, in whole fragments, as far as it is held: the most that may be granted. */
function within({ signedManifest, durableChunks }: Holding, chunks: ChunkSpan | undefined): ChunkSpan {
  if (chunks === undefined || signedManifest === undefined) return [0, durableChunks];
  const [start, end] = wholeFragments(peekManifest(signedManifest).chunks, chunks);
  return [start, Math.min(end, durableChunks)];
}

function deny(reason: string): Verdict {
  return { verdict: 'deny', reason, missing: [], regime: '', concerns: false };
}

/** How long what a grant opened may last, microseconds: an hour, and what an authorisation opened does not outlast it. */
export function lifeUs({ authorised }: Grant): number {
  return Math.min(SESSION_MS_MAX * 1_000, authorised?.leftUs ?? Number.POSITIVE_INFINITY);
}
