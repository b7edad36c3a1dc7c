import { toHex } from '../../proto/bytes.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Grant, Holdings, Policy, Verdict, Viewer } from '../ports.ts';
import type { CustodyBook } from './book.ts';
import type { Denials } from './denials.ts';

export interface LeavingPorts {
  readonly policy: Pick<Policy, 'decide'>;
  readonly holdings: Pick<Holdings, 'find'>;
  readonly book: Pick<CustodyBook, 'exported'>;
  readonly denials: Denials;
}

/** A person's wish to take away the evidence package of one recording, sealed as it is stored. */
export interface Taking {
  readonly recordingId: RecordingId;
  readonly purpose: string;
  readonly viewer: Viewer;
}

/**
 * The only way by which an evidence package leaves through the viewer: ask, and put on record either way, before the first byte.
 * Rejects with the ledger's error; nothing may leave then.
 */
export class Leaving {
  readonly #ports: LeavingPorts;

  constructor(ports: LeavingPorts) {
    this.#ports = ports;
  }

  /**
   * Asks the policy service afresh whether this person may have it; what is refused is on record as a denial. Every regime of today denies the action `export` to everybody, as no source speaks of it; what is asked for here
   * is sealed, and gives nobody anything to see. So it is given to those who may see the footage itself at this moment.
   */
  async ask({ recordingId, purpose, viewer }: Taking): Promise<Grant | { readonly refused: Verdict }> {
    const { policy, holdings, denials } = this.#ports;
    const { person } = viewer;
    const holding = await holdings.find(recordingId);
    if (holding === undefined) return { refused: notHeld };
    const { manifestSha256 } = holding;
    const verdict = await policy.decide({ person, recordingId, manifestSha256, action: 'view', purpose });
    if (verdict.verdict === 'allow') return verdict.grant;
    const reason = verdict.verdict === 'unreachable' ? 'policy-unreachable' : 'package-withheld';
    await denials.note({ recordingId, person, purpose, reason });
    return { refused: verdict };
  }

  /** Puts `exported` on record, with the person's pseudonym and the digest of the grant. Resolves when it is in a published checkpoint. */
  async record({ recordingId, viewer }: Taking, grant: Grant, manifestSha256: Uint8Array): Promise<void> {
    const manifest = toHex(manifestSha256);
    await this.#ports.book.exported({ recordingId, person: viewer.person, manifest }, grant);
  }
}

const notHeld: Verdict = {
  verdict: 'deny',
  reason: 'no such recording is held here',
  missing: [],
  regime: '',
  concerns: false,
};
