import { concat, toHex, utf8 } from './bytes.ts';
import { decodeReceiptBody, encodeReceiptBody } from './codec.ts';
import { hasQuorum } from './cosignature.ts';
import { decodeEntry } from './custody-entry.ts';
import type { Checker, Sign } from './digest.ts';
import { PduError, ProofError } from './errors.ts';
import { checkGrowth, type Grown, type KeptHead } from './growth.ts';
import { TICKET_BYTES_MAX } from './limits.ts';
import type { Outcome, Receipt, ReceiptBody } from './messages.ts';
import { parseTlogProof, type ProvenEntry, verifyTlogProof } from './tlog-proof.ts';

const RECEIPT_DOMAIN = utf8('bwc.v1 receipt\n');

/** The ledger entry that each outcome must prove. */
const ENTRY_OF_OUTCOME = { accepted: 'accepted', quarantined: 'refused' } as const satisfies Record<
  Outcome,
  string
>;

/** What a camera must know of a dock to believe its receipts. */
export interface ReceiptIssuer {
  /** Raw Ed25519 key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Verifier key of the dock's ledger. */
  readonly ledgerVkey: string;
  /** Verifier keys of witnesses, `quorum` of whom must have cosigned (C2SP tlog-cosignature); 0 or absent asks for none. */
  readonly witnesses?: readonly string[];
  readonly quorum?: number;
  /** The newest checkpoint of that ledger that the camera keeps. */
  readonly kept?: KeptHead;
}

/** A receipt that holds, and the checkpoint that its proof leads to. */
export interface OpenedReceipt extends ReceiptBody, ProvenEntry {
  /** Footage may go only when this is not `other-start`. */
  readonly grown: Grown;
  /** The signed checkpoint, verbatim; at most TICKET_BYTES_MAX. */
  readonly note: string;
}

/** Signs with the dock's own key, not the ledger's: a receipt is the dock's promise, the proof inside is the log's. */
export function signReceipt(body: ReceiptBody, sign: Sign): Receipt {
  const bytes = encodeReceiptBody(body);
  return { type: 'receipt', body: bytes, signature: sign(concat(RECEIPT_DOMAIN, bytes)) };
}

/**
 * The content of a receipt that holds in every part: the dock signed it, its ledger proves the entry, the entry says the same
 * of the same recording and manifest, enough witnesses saw the ledger so, and it grew from what the camera keeps of it.
 * Footage may be erased on its strength, so nothing in it is taken on trust. Throws ProofError BAD_RECEIPT, with the cause.
 */
export function openReceipt(receipt: Receipt, issuer: ReceiptIssuer, checker: Checker): OpenedReceipt {
  if (!checker.verify(issuer.publicKey, concat(RECEIPT_DOMAIN, receipt.body), receipt.signature)) {
    throw bad('its signature does not hold');
  }
  try {
    const body = decodeReceiptBody(receipt.body);
    const proven = verifyTlogProof(body.proof, { entry: body.entry, vkey: issuer.ledgerVkey }, checker);
    checkEntry(body);
    const note = parseTlogProof(body.proof).checkpoint;
    if (utf8(note).length > TICKET_BYTES_MAX)
      throw bad(`its checkpoint is longer than the ${TICKET_BYTES_MAX} bytes that can be kept`);
    checkWitnesses(note, issuer, checker);
    return {
      ...body,
      ...proven,
      note,
      grown: checkGrowth(issuer.kept, { checkpoint: proven, growth: body }, checker),
    };
  } catch (cause) {
    if (cause instanceof ProofError && cause.code === 'BAD_RECEIPT') throw cause;
    if (cause instanceof PduError || cause instanceof ProofError) throw bad(cause.message, cause);
    throw cause;
  }
}

/** Throws ProofError BAD_SIGNATURE unless as many of the issuer's witnesses as it asks for have cosigned the note. */
export function checkWitnesses(
  note: string,
  { witnesses = [], quorum = 0 }: Pick<ReceiptIssuer, 'witnesses' | 'quorum'>,
  checker: Checker,
): void {
  if (quorum === 0 || hasQuorum(note, { witnesses, quorum }, checker)) return;
  const asked = `${quorum} of ${witnesses.length} witnesses`;
  throw new ProofError('BAD_SIGNATURE', `its checkpoint must be cosigned by ${asked}, and is by fewer`, {
    retry: 'never',
  });
}

function checkEntry(body: ReceiptBody): void {
  const entry = decodeEntry(body.entry);
  if (entry.type !== 'accepted' && entry.type !== 'refused') throw bad(`its entry is of type ${entry.type}`);
  if (entry.type !== ENTRY_OF_OUTCOME[body.outcome])
    throw bad(`it says ${body.outcome}, its entry ${entry.type}`);
  if (entry.recording !== body.recordingId) throw bad('its entry is about another recording');
  if (entry.manifest !== toHex(body.manifestSha256)) throw bad('its entry is about another manifest');
}

function bad(problem: string, cause?: unknown): ProofError {
  return new ProofError('BAD_RECEIPT', `receipt does not hold: ${problem}`, { retry: 'never', cause });
}
