import type { Holdings, Grant, Leaves, Policy, Taking, Verdict } from '../ports.ts';
import { toHex } from '../../proto/bytes.ts';
import type { CustodyBook } from './book.ts';
import type { Denials } from './denials.ts';

export interface LeavingPorts {
  readonly policy: Pick<Policy, 'decide'>;
  readonly holdings: Pick<Holdings, 'find'>;
  readonly book: Pick<CustodyBook, 'exported'>;
  readonly denials: Denials;
}

/** The one road out for evidence packages: ask, and put on record either way, before the first byte. */
export class Leaving implements Leaves {
  readonly #ports: LeavingPorts;

  constructor(ports: LeavingPorts) {
    this.#ports = ports;
  }

  /**
   * See `Leaves.ask`. Every regime of today denies the action `export` to everybody, as no source speaks of it; what is asked for here
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

  /** See `Leaves.record`. */
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
