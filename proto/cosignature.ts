import { concat, toHex, utf8 } from './bytes.ts';
import type { Checker, Sha256 } from './digest.ts';
import { ProofError } from './errors.ts';
import {
  formatTypedVkey,
  type NoteKey,
  type NoteSigner,
  parseVkey,
  signatureLine,
  splitNote,
} from './note.ts';

/** C2SP tlog-cosignature, Ed25519: the type byte in front of a witness's public key. */
const COSIGNATURE = 4;
const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** A witness that is about to sign. */
export interface Cosigner extends NoteSigner {
  /** Seconds since 1970, UTC. */
  readonly timeS: number;
}

/** A cosignature that holds. */
export interface Cosignature {
  readonly name: string;
  /** When the witness says it signed: seconds since 1970. */
  readonly timeS: number;
  /** The line of the note, line feed included. */
  readonly line: string;
}

/** Who must have cosigned a checkpoint. */
export interface Quorum {
  /** Verifier keys of known witnesses. */
  readonly witnesses: readonly string[];
  /** How many of them; 0 asks for none. */
  readonly quorum: number;
}

/** The verifier key of a witness: `name+hash+base64(04 | key)`. Throws ProofError BAD_NOTE. */
export function formatCosignerVkey(name: string, publicKey: Uint8Array, sha: Sha256): string {
  return formatTypedVkey({ name, publicKey, type: COSIGNATURE }, sha);
}

/** Inverse of {@link formatCosignerVkey}. Throws ProofError BAD_NOTE, for a log's own key too. */
export function parseCosignerVkey(vkey: string, sha: Sha256): NoteKey {
  return parseVkey(vkey, sha, COSIGNATURE);
}

/** The witness's signature line over a checkpoint's text (C2SP tlog-cosignature v1). Throws ProofError BAD_NOTE. */
export function cosign(checkpointText: string, cosigner: Cosigner): string {
  const { timeS } = cosigner;
  if (!Number.isSafeInteger(timeS) || timeS < 0) throw bad(`cosignature at second ${timeS}`);
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(timeS));
  const signature = cosigner.sign(cosigned(checkpointText, timeS));
  return signatureLine(cosigner, COSIGNATURE, concat(time, signature));
}

/**
 * The cosignatures in a note by known witnesses, one a witness; those by others are ignored. Throws ProofError: BAD_NOTE
 * for what is no note or no witness's key, BAD_SIGNATURE when one by a known witness does not hold.
 */
export function openCosignatures(
  note: string,
  vkeys: readonly string[],
  checker: Checker,
): readonly Cosignature[] {
  return opened(note, vkeys, checker).map(({ key, timeS, line }) => ({ name: key.name, timeS, line }));
}

/**
 * Have enough of these witnesses cosigned the note? A key counts once, under however many names it stands: the signed
 * message does not name its signer. Throws as {@link openCosignatures}; the log's own signature is not looked at.
 */
export function hasQuorum(note: string, { witnesses, quorum }: Quorum, checker: Checker): boolean {
  const keys = opened(note, witnesses, checker).map(({ key }) => toHex(key.publicKey));
  return new Set(keys).size >= quorum;
}

interface Opened {
  readonly key: NoteKey;
  readonly timeS: number;
  readonly line: string;
}

function opened(note: string, vkeys: readonly string[], checker: Checker): readonly Opened[] {
  const { text, signatures } = splitNote(note);
  const keys = vkeys.map((vkey) => parseCosignerVkey(vkey, checker.sha256));
  const found = new Map<string, Opened>();
  for (const { name, id, bytes } of signatures) {
    const key = keys.find((known) => known.name === name && known.keyHash === id);
    if (key === undefined) continue;
    const timeS = timeOf(bytes);
    const signature = bytes.subarray(TIME_BYTES);
    if (timeS === undefined || !checker.verify(key.publicKey, cosigned(text, timeS), signature)) {
      throw new ProofError('BAD_SIGNATURE', `cosignature by ${name} does not hold`, { retry: 'never' });
    }
    const line = signatureLine({ ...key, sha256: checker.sha256 }, COSIGNATURE, bytes);
    // The first stands: a second by the same witness says nothing more about this tree.
    if (!found.has(`${name} ${id}`)) found.set(`${name} ${id}`, { key, timeS, line });
  }
  return [...found.values()];
}

/** Undefined for bytes that are no timestamped signature, or a time past 2^53 s. */
function timeOf(bytes: Uint8Array): number | undefined {
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const timeS = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  return Number.isSafeInteger(timeS) ? timeS : undefined;
}

function cosigned(checkpointText: string, timeS: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timeS}\n${checkpointText}`);
}

function bad(problem: string): ProofError {
  return new ProofError('BAD_NOTE', problem, { retry: 'never' });
}
