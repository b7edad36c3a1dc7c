import { concat, toHex, utf8 } from './bytes.ts';
import { decodeReceiptBody, encodeReceiptBody } from './codec.ts';
import { decodeEntry } from './custody-entry.ts';
import type { Checker, Sign } from './digest.ts';
import { PduError, ProofError } from './errors.ts';
import type { Outcome, Receipt, ReceiptBody } from './messages.ts';
import { type ProvenEntry, verifyTlogProof } from './tlog-proof.ts';

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
}

/** Signs with the dock's own key, not the ledger's: a receipt is the dock's promise, the proof inside is the log's. */
export function signReceipt(body: ReceiptBody, sign: Sign): Receipt {
  const bytes = encodeReceiptBody(body);
  return { type: 'receipt', body: bytes, signature: sign(concat(RECEIPT_DOMAIN, bytes)) };
}

/**
 * The content of a receipt that holds in every part: the dock signed it, its ledger proves the entry, and the
 * entry says the same of the same recording and manifest. Footage may be erased on its strength, so nothing in
 * it is taken on trust. Throws ProofError BAD_RECEIPT, with the cause.
 */
export function openReceipt(
  receipt: Receipt,
  issuer: ReceiptIssuer,
  checker: Checker,
): ReceiptBody & ProvenEntry {
  if (!checker.verify(issuer.publicKey, concat(RECEIPT_DOMAIN, receipt.body), receipt.signature)) {
    throw bad('its signature does not hold');
  }
  try {
    const body = decodeReceiptBody(receipt.body);
    const proven = verifyTlogProof(body.proof, { entry: body.entry, vkey: issuer.ledgerVkey }, checker);
    checkEntry(body);
    return { ...body, ...proven };
  } catch (cause) {
    if (cause instanceof PduError || cause instanceof ProofError) throw bad(cause.message, cause);
    throw cause;
  }
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
