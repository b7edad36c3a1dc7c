import { toHex } from '../../proto/bytes.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Clock, Grant, Holdings, Policy, Verdict, Viewer } from '../ports.ts';
import type { CustodyBook } from './book.ts';
import { lifeUs } from './content.ts';
import type { Denials } from './denials.ts';
import type { Roster } from './roster.ts';
import type { Pending, Sessions } from './session.ts';

export interface LeavingPorts {
  readonly policy: Pick<Policy, 'decide'>;
  readonly holdings: Pick<Holdings, 'find'>;
  readonly book: Pick<CustodyBook, 'exported'>;
  readonly denials: Denials;
  readonly sessions: Pick<Sessions, 'prepare' | 'isPending' | 'discard'>;
  readonly roster: Pick<Roster, 'watch'>;
  readonly clock: Pick<Clock, 'monoUs'>;
}

/** A person's wish to take away the evidence package of one recording, sealed as it is stored. */
export interface Taking {
  readonly recordingId: RecordingId;
  readonly purpose: string;
  readonly viewer: Viewer;
}

/**
 * The only way by which evidence packages leave through the viewer: ask, and put on record either way, before the first byte; and stop
 * when it is no longer allowed.
 */
export class Leaving {
  readonly #ports: LeavingPorts;

  constructor(ports: LeavingPorts) {
    this.#ports = ports;
  }

  /** Call `over` of what this returns in the end, once it was allowed. */
  begin(taking: Taking): Departure {
    return new Departure(this.#ports, taking);
  }
}

/** One package, from the question on. To release it is an opening on its way: whatever ends those ends it. */
export class Departure {
  readonly #ports: LeavingPorts;
  readonly #taking: Taking;
  #pending: Pending | undefined;
  #endsAtMonoUs = 0;

  /** Use {@link Leaving.begin}. */
  constructor(ports: LeavingPorts, taking: Taking) {
    this.#ports = ports;
    this.#taking = taking;
  }

  /**
   * Asks the policy service afresh whether this person may have it; what is refused is on record as a denial. Every regime of today denies
   * the action `export` to everybody, as no source speaks of it; what is asked for here is sealed, and gives nobody anything to see. So it
   * is given to those who may see the footage itself at this moment. Rejects with the ledger's error; nothing may leave then.
   */
  async ask(): Promise<Grant | { readonly refused: Verdict }> {
    let answer: Grant | { readonly refused: Verdict } | undefined;
    try {
      answer = await this.#ask();
      return answer;
    } finally {
      if (answer === undefined || 'refused' in answer) this.over();
    }
  }

  async #ask(): Promise<Grant | { readonly refused: Verdict }> {
    const { policy, holdings, sessions, roster, clock } = this.#ports;
    const { recordingId, purpose, viewer } = this.#taking;
    const { person, roles } = viewer;
    // Before anything waits: whom the dock does not follow it could not stop.
    roster.watch(person, roles);
    this.over();
    this.#pending = sessions.prepare(recordingId, person, purpose);
    const askedAtMonoUs = clock.monoUs();
    const holding = await holdings.find(recordingId);
    if (holding === undefined) return { refused: deny('no such recording is held here') };
    const { manifestSha256 } = holding;
    const verdict = await policy.decide({ person, recordingId, manifestSha256, action: 'view', purpose });
    if (verdict.verdict !== 'allow') return this.#refuse(verdict);
    this.#endsAtMonoUs = askedAtMonoUs + lifeUs(verdict.grant);
    return this.mayGoOn() ? verdict.grant : this.#refuse(deny('the release ended while it was asked about'));
  }

  /**
   * Puts `exported` on record, with the person's pseudonym and the digest of the grant. Resolves when it is in a published checkpoint;
   * rejects as {@link ask}.
   */
  async record(grant: Grant, manifestSha256: Uint8Array): Promise<void> {
    const { recordingId, viewer } = this.#taking;
    const about = { recordingId, person: viewer.person, manifest: toHex(manifestSha256) };
    await this.#ports.book.exported(about, grant);
  }

  /** May more of it leave? Not once its release has ended, nor for longer than an opening lasts. */
  mayGoOn(): boolean {
    const { sessions, clock } = this.#ports;
    const pending = this.#pending;
    return pending !== undefined && sessions.isPending(pending) && clock.monoUs() < this.#endsAtMonoUs;
  }

  /** Nothing more of it leaves. */
  over(): void {
    if (this.#pending !== undefined) this.#ports.sessions.discard(this.#pending);
    this.#pending = undefined;
  }

  async #refuse(refused: Verdict): Promise<{ readonly refused: Verdict }> {
    const { recordingId, purpose, viewer } = this.#taking;
    const reason = refused.verdict === 'unreachable' ? 'policy-unreachable' : 'package-withheld';
    await this.#ports.denials.note({ recordingId, person: viewer.person, purpose, reason });
    return { refused };
  }
}

function deny(reason: string): Verdict {
  return { verdict: 'deny', reason, missing: [], regime: '', concerns: false };
}
