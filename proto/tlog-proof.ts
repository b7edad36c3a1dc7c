import { fromBase64, toBase64 } from './bytes.ts';
import { openCheckpoint, parseDecimal } from './checkpoint.ts';
import type { Checker } from './digest.ts';
import { ProofError } from './errors.ts';
import { HASH_BYTES, leafHash, verifyInclusion } from './merkle.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
// A tree of 2^53 leaves has 53 levels.
const HASHES_MAX = 53;

/** A proof that a log holds an entry (C2SP tlog-proof); nothing in it is checked yet. */
export interface TlogProof {
  readonly index: number;
  /** Inclusion proof, the leaf's sibling first. */
  readonly hashes: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
  /** Opaque and never authenticated. */
  readonly extra?: Uint8Array;
}

/** What a checked proof says. */
export interface ProvenEntry {
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The text of a proof. */
export function formatTlogProof(proof: TlogProof): string {
  const extra = proof.extra === undefined ? [] : [`extra ${toBase64(proof.extra)}`];
  const lines = [HEADER, ...extra, `index ${proof.index}`, ...proof.hashes.map(toBase64)];
  return `${lines.join('\n')}\n\n${proof.checkpoint}`;
}

/** Inverse of {@link formatTlogProof}. Throws ProofError BAD_PROOF; does not check that the proof holds. */
export function parseTlogProof(text: string): TlogProof {
  // The first empty line ends the proof; the checkpoint behind it has one of its own.
  const gap = text.indexOf('\n\n');
  if (gap === -1) throw bad('has no checkpoint');
  const [header, ...rest] = text.slice(0, gap).split('\n');
  if (header !== HEADER) throw bad(`does not begin with ${HEADER}`);
  const extra = rest[0]?.startsWith('extra ') ? decode(rest[0].slice('extra '.length)) : undefined;
  const [indexLine = '', ...hashLines] = extra === undefined ? rest : rest.slice(1);
  const index = indexLine.startsWith('index ') ? parseDecimal(indexLine.slice('index '.length)) : undefined;
  if (index === undefined) throw bad('has no index');
  if (hashLines.length > HASHES_MAX) throw bad(`has more than ${HASHES_MAX} hashes`);
  const hashes = hashLines.map(decode);
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw bad('has a hash that is not 32 bytes');
  const checkpoint = text.slice(gap + 2);
  return extra === undefined ? { index, hashes, checkpoint } : { index, hashes, checkpoint, extra };
}

/**
 * Checks that the log with this key holds `entry`: the checkpoint's signature, and the path from the entry to
 * its root. Throws ProofError BAD_PROOF, with the cause.
 */
export function verifyTlogProof(
  text: string,
  claim: { readonly entry: Uint8Array; readonly vkey: string },
  checker: Checker,
): ProvenEntry {
  const { index, hashes, checkpoint } = parseTlogProof(text);
  const { size, root } = openHead(checkpoint, claim.vkey, checker);
  const leaf = leafHash(checker.sha256, claim.entry);
  const holds = verifyInclusion(checker.sha256, { index, size, leafHash: leaf, proof: hashes, root });
  if (!holds) throw bad(`does not lead from entry ${index} to the root of ${size}`);
  return { index, size, root };
}

function openHead(
  note: string,
  vkey: string,
  checker: Checker,
): { readonly size: number; readonly root: Uint8Array } {
  try {
    return openCheckpoint(note, vkey, checker);
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new ProofError('BAD_PROOF', `proof has a bad checkpoint: ${cause.message}`, {
      retry: 'never',
      cause,
    });
  }
}

function decode(symbols: string): Uint8Array {
  try {
    return fromBase64(symbols);
  } catch (cause) {
    throw new ProofError('BAD_PROOF', 'proof has a line that is not base64', { retry: 'never', cause });
  }
}

function bad(problem: string): ProofError {
  return new ProofError('BAD_PROOF', `proof ${problem}`, { retry: 'never' });
}
