import { equal, text, utf8 } from '../../proto/bytes.ts';
import type { CustodyEntry } from '../../proto/custody-entry.ts';
import type { Checker } from '../../proto/digest.ts';
import { ProofError } from '../../proto/errors.ts';
import { parseTlogProof, verifyTlogProof } from '../../proto/tlog-proof.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import { decoded } from '../ledger/verify/history.ts';
import type { Placed } from '../ledger/verify/placed.ts';
import { entryAt, PATHS, proofPath } from './layout.ts';
import type { PackedFile } from './read.ts';

interface LogKey {
  readonly vkey: string;
  readonly checker: Checker;
}

/**
 * The ledger entries of a package, in log order: those that are entries and whose proof leads to the package's own checkpoint.
 * All others become findings; nothing is concluded from them.
 */
export function provenEntries(
  files: ReadonlyMap<string, PackedFile>,
  by: LogKey,
  findings: Findings,
): readonly Placed<CustodyEntry>[] {
  const proven: Placed<CustodyEntry>[] = [];
  const checkpoint = files.get(PATHS.checkpoint)?.content;
  for (const [path, { content: bytes }] of files) {
    const index = entryAt(path);
    if (index === undefined || bytes === undefined) continue;
    const proof = files.get(proofPath(index))?.content;
    const problem = proofProblem({ index, bytes, proof, checkpoint }, by);
    if (problem !== undefined) {
      findings.add({ code: 'proof-mismatch', file: path, index, message: problem });
      continue;
    }
    const entry = decoded(bytes);
    if (entry instanceof ProofError)
      findings.add({ code: 'entry-malformed', file: path, index, message: entry.message });
    else if (entry.type === 'unknown') {
      const message = `is of type "${entry.named}", unknown to this version`;
      findings.add({ code: 'entry-unknown', file: path, index, message });
    } else proven.push({ index, entry });
  }
  return proven.toSorted((a, b) => a.index - b.index);
}

function proofProblem(
  claim: {
    readonly index: number;
    readonly bytes: Uint8Array;
    readonly proof: Uint8Array | undefined;
    readonly checkpoint: Uint8Array | undefined;
  },
  { vkey, checker }: LogKey,
): string | undefined {
  const { index, bytes, proof, checkpoint } = claim;
  if (proof === undefined) return 'has no proof';
  try {
    const said = text(proof);
    const proven = verifyTlogProof(said, { entry: bytes, vkey }, checker);
    if (proven.index !== index) return `is proved as entry ${proven.index}`;
    const isOther = checkpoint === undefined || !equal(utf8(parseTlogProof(said).checkpoint), checkpoint);
    return isOther ? 'is proved against another checkpoint' : undefined;
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    if (error instanceof TypeError) return 'has a proof that is no text';
    throw error;
  }
}
