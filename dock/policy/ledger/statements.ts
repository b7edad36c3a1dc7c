import { ProofError } from '../../../proto/errors.ts';
import { parseInstant } from '../../../proto/instant.ts';
import {
  decodePolicyEntry,
  type DecisionShown,
  type KeysReleased,
  type PolicyEntry,
  type UnknownPolicyEntry,
} from '../../../proto/policy-entry.ts';
import { TILE_WIDTH } from '../../../proto/tile.ts';
import { entriesOf, readBundleFile, widthOf } from '../../ledger/verify/blocks.ts';
import type { Findings } from '../../ledger/verify/finding.ts';
import type { CheckedTree } from '../../ledger/verify/tree.ts';

/** Where an entry stands. */
export interface Standing {
  readonly index: number;
  /** Is it in the checkpoint? Nothing that an entry is about leaves before it is. */
  readonly published: boolean;
}

/** A giving of keys, or of a decision record, and where it stands. */
export type About = (KeysReleased | DecisionShown) & Standing;

/** What the log says, as far as the question goes. */
export interface Statements {
  /** Every leaf that is what was signed, by index. */
  readonly leaves: ReadonlyMap<number, Uint8Array>;
  readonly size: number;
  /** What was given of the recording, in order. */
  readonly about: readonly About[];
  readonly counts: ReadonlyMap<string, number>;
  /** RFC 3339, of the last entry. */
  readonly newestAt: string | undefined;
}

const CLOCK_SLACK_US = 60_000_000;

/**
 * Reads every entry in order. Those that are not what was signed are left out: nothing may be concluded from them. A clock that
 * goes back without a start of the service is a finding, since then `before` means little.
 */
export async function readStatements(
  dir: string,
  tree: Pick<CheckedTree, 'readable' | 'distrusted'> | undefined,
  of: { readonly recording: string; readonly findings: Findings },
): Promise<Statements> {
  const { readable, distrusted } = tree ?? { readable: 0, distrusted: new Set<number>() };
  const leaves = new Map<number, Uint8Array>();
  const counts = new Map<string, number>();
  const about: About[] = [];
  const clock = new ClockWatch(of.findings);
  for (let start = 0; start < readable; start += TILE_WIDTH) {
    const block = start / TILE_WIDTH;
    const { path, bytes } = await readBundleFile(dir, { index: block, width: widthOf(readable, block) });
    const bundle = (bytes === undefined ? undefined : entriesOf(bytes)) ?? [];
    for (const [at, leaf] of bundle.slice(0, readable - start).entries()) {
      const index = start + at;
      if (distrusted.has(index)) continue;
      leaves.set(index, leaf);
      const entry = decoded(leaf, { file: path, index }, of.findings);
      if (entry === undefined) continue;
      clock.hear(entry, { file: path, index });
      const type = entry.type === 'unknown' ? entry.named : entry.type;
      counts.set(type, (counts.get(type) ?? 0) + 1);
      const one = aboutIn(entry, of.recording);
      if (one !== undefined) about.push({ ...one, index, published: true });
    }
  }
  return { leaves, size: readable, about, counts, newestAt: clock.newestAt };
}

/** The entry, when it says that something of that recording was given. */
export function aboutIn(
  entry: PolicyEntry | UnknownPolicyEntry,
  recording: string,
): KeysReleased | DecisionShown | undefined {
  if (entry.type !== 'keys.released' && entry.type !== 'decision.shown') return undefined;
  return entry.recording === recording ? entry : undefined;
}

interface Place {
  readonly file: string;
  readonly index: number;
}

function decoded(
  leaf: Uint8Array,
  place: Place,
  findings: Findings,
): PolicyEntry | UnknownPolicyEntry | undefined {
  try {
    const entry = decodePolicyEntry(leaf);
    if (entry.type === 'unknown')
      findings.add({ code: 'entry-unknown', ...place, message: `is of type ${entry.named}` });
    return entry;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    findings.add({ code: 'entry-malformed', ...place, message: error.message });
    return undefined;
  }
}

/** Follows the times in the entries from the first start on; what stands before it was written down later than it happened. */
class ClockWatch {
  readonly #findings: Findings;
  #isRunning = false;
  #latestUs = 0;
  newestAt: string | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  hear({ type, at }: PolicyEntry | UnknownPolicyEntry, place: Place): void {
    const us = parseInstant(at) ?? 0;
    this.newestAt = at;
    if (type === 'service.started') {
      if (us + CLOCK_SLACK_US < this.#latestUs)
        this.#findings.add({
          code: 'clock-stepped',
          ...place,
          message: 'the clock was behind at this start',
        });
      this.#isRunning = true;
      this.#latestUs = us;
    }
    if (!this.#isRunning) return;
    if (us + CLOCK_SLACK_US < this.#latestUs) {
      const message = 'is more than a minute earlier than an entry before it';
      this.#findings.add({ code: 'clock-backwards', ...place, message });
    }
    this.#latestUs = Math.max(this.#latestUs, us);
  }
}
