import { equal } from './bytes.ts';
import type { Checker } from './digest.ts';
import { ProofError } from './errors.ts';
import { verifyConsistency } from './merkle.ts';
import type { Growth } from './messages.ts';

/** A log's tree at some time, as somebody remembers it. */
export interface KeptHead {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /**
   * What the log's owner has surely heard of it, entries; default: all of `size`. A checkpoint in between may have been sent
   * before the kept one and overtaken by it.
   */
  readonly toldSize?: number;
}

/**
 * How a checkpoint stands to the one that is kept. `other-start`: the proof starts from another size, or the checkpoint is a
 * late one; it proves nothing for or against the log, so say the kept size again.
 */
export type Grown = 'grown' | 'same' | 'other-start';

/**
 * Whether a log has only grown since `kept` (RFC 6962 section 2.1.2). Throws ProofError BAD_GROWTH when it is shorter, has
 * another root at the same size, or the proof does not hold: that log has two histories.
 */
export function checkGrowth(
  kept: KeptHead | undefined,
  next: { readonly checkpoint: KeptHead; readonly growth: Growth },
  checker: Pick<Checker, 'sha256'>,
): Grown {
  const { checkpoint, growth } = next;
  if (kept === undefined || kept.size === 0) return 'grown';
  if (checkpoint.size < kept.size) {
    if (checkpoint.size >= (kept.toldSize ?? kept.size)) return 'other-start';
    throw bad(`it has ${checkpoint.size} entries, and had ${kept.size} when it was last seen`);
  }
  if (checkpoint.size === kept.size) {
    if (equal(checkpoint.root, kept.root)) return 'same';
    throw bad(`it has two different trees of ${kept.size} entries`);
  }
  if ((growth.consistencyFrom ?? 0) !== kept.size) return 'other-start';
  const claim = {
    oldSize: kept.size,
    newSize: checkpoint.size,
    oldRoot: kept.root,
    newRoot: checkpoint.root,
    proof: growth.consistency ?? [],
  };
  if (verifyConsistency(checker.sha256, claim)) return 'grown';
  throw bad(`its ${checkpoint.size} entries do not begin with the ${kept.size} that were there before`);
}

function bad(problem: string): ProofError {
  return new ProofError('BAD_GROWTH', `the log did not only grow: ${problem}`, { retry: 'never' });
}
