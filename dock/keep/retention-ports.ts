import type { HexDigest } from '../../proto/custody-fields.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Clock, HoldingKey, Holdings, Keys, Ledger } from '../ports.ts';

/** A fact that the policy service has on file about one recording. */
export interface NotedFact {
  readonly index: number;
  readonly type: string;
  readonly recording: string;
  readonly by?: string;
  readonly digest: HexDigest;
}

/** The policy service as the end of a recording needs it. It never throws for what the service does wrong. */
export interface RetentionPolicy {
  mayDestroy(question: {
    readonly recordingId: RecordingId;
    readonly manifest: HexDigest;
    readonly days: number;
  }): Promise<
    | { readonly verdict: 'allow'; readonly grant: string }
    | { readonly verdict: 'deny' | 'unreachable'; readonly reason: string }
  >;
  /** Undefined once the service has destroyed its wraps; else why not. Idempotent. */
  destroyed(what: {
    readonly recordingId: RecordingId;
    readonly manifest: HexDigest;
    readonly entry: number;
    readonly at: string;
  }): Promise<string | undefined>;
  /** Facts of these types after that index, in order, some at a time. */
  listed(
    types: readonly string[],
    after: number,
  ): Promise<readonly NotedFact[] | { readonly failed: string }>;
}

export interface RetentionPorts {
  readonly ledger: Ledger;
  readonly holdings: Pick<Holdings, 'list'>;
  /** Destroys wraps and content, here and in the mirror. Durable when it resolves; idempotent; done again after a crash. */
  readonly destroyer: { destroy(key: HoldingKey): Promise<void> };
  readonly policy: RetentionPolicy;
  readonly keys: Pick<Keys, 'pseudonym'>;
  readonly clock: Clock;
  /** Its end is in the ledger: nobody sees it from now on. Must not throw. */
  readonly gone: (recording: RecordingId) => void;
  /** Hears what could not be done; the next sweep tries again. Must not throw. */
  readonly report: (problem: unknown) => void;
}

/** A recording whose time is over and that is still here. */
export interface Kept {
  readonly recording: RecordingId;
  /** RFC 3339, by the dock's clock. */
  readonly until: string;
  /** For people. */
  readonly why: string;
}

export interface SweepReport {
  readonly destroyed: readonly RecordingId[];
  readonly kept: readonly Kept[];
}

/** How the ends of recordings stand, for whoever looks after the dock. */
export interface RetentionStanding {
  /** 0: nothing is ever destroyed. */
  readonly days: number;
  readonly next?: { readonly recording: RecordingId; readonly until: string };
  readonly held: readonly { readonly recording: RecordingId; readonly since: string }[];
  /** As of the newest sweep. */
  readonly kept: readonly Kept[];
  /** Destroyed by the ledger, and not yet gone from every disk. */
  readonly unfinished: readonly RecordingId[];
  /** Destroyed, and the policy service has not heard of it. */
  readonly untold: number;
  readonly problem?: string;
}
