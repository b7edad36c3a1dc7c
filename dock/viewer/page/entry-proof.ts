import { fromBase64, text } from '../../../proto/bytes.ts';
import { openCosignatures, type Cosignature } from '../../../proto/cosignature.ts';
import { decodeEntry } from '../../../proto/custody-entry.ts';
import { ProofError } from '../../../proto/errors.ts';
import { parseTlogProof, verifyTlogProof } from '../../../proto/tlog-proof.ts';
import type { CustodyEvent, ProvenEntry } from '../schema/custody.ts';
import { checker } from './checker.ts';
import { EvidenceError } from './evidence.ts';

/** An entry that this page has proved. */
export interface EntryProof {
  readonly index: number;
  /** Entries in the log that holds it. */
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note that says so. */
  readonly checkpoint: string;
  readonly cosigned: readonly Pick<Cosignature, 'name' | 'timeS'>[];
  /** What the proved bytes say. */
  readonly said: string;
}

/**
 * Checks by itself that the dock's ledger holds an entry, and that it is the one that was told of. What the answer says beside bytes
 * and proof is not believed. Throws EvidenceError.
 */
export function proveEntry(
  answer: ProvenEntry,
  told: { readonly event: CustodyEvent; readonly recording: string },
  vkey: string,
): EntryProof {
  const { event, recording } = told;
  try {
    const bytes = fromBase64(answer.entry);
    const { index, size, root } = verifyTlogProof(answer.proof, { entry: bytes, vkey }, checker);
    const entry = decodeEntry(bytes);
    const type = entry.type === 'unknown' ? entry.named : entry.type;
    const named =
      entry.type === 'unknown' ? entry.fields['recording'] : 'recording' in entry && entry.recording;
    if (index !== event.index) throw new EvidenceError(`What came is proved as entry ${index}.`);
    if (named !== recording || type !== event.type || entry.at !== event.at)
      throw new EvidenceError('The proved entry says something else than the line above.');
    const { checkpoint } = parseTlogProof(answer.proof);
    const cosigned = openCosignatures(checkpoint, answer.witnesses, checker);
    return { index, size, root, checkpoint, cosigned, said: text(bytes) };
  } catch (error) {
    if (error instanceof EvidenceError) throw error;
    const why =
      error instanceof ProofError || error instanceof TypeError ? error.message : 'it cannot be read';
    throw new EvidenceError(`The proof of entry ${event.index} does not hold: ${why}.`, { cause: error });
  }
}
