import { concat, fromBase64, toBase64, toHex, utf8 } from './bytes.ts';
import type { Checker, Sha256, Sign } from './digest.ts';
import { ProofError } from './errors.ts';

/** C2SP signed-note: the type byte in front of a public key. */
const ED25519 = 1;
const PUBLIC_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
// C2SP asks for at least 16 signatures; more than 100 is somebody wasting our time.
const SIGNATURES_MAX = 100;
const NOTE_UNITS_MAX = 64 * 1024;

const NOT_A_NAME = /[\p{White_Space}\p{Cc}\p{Surrogate}+]/u;
// Everything below U+0020 but the line feed, and what is not Unicode text at all.
// oxlint-disable-next-line no-control-regex -- C2SP forbids exactly these.
const FORBIDDEN = /[\x00-\x09\x0b-\x1f]|\p{Surrogate}/u;
const VKEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/=]+)$/u;

/** A key that notes are checked with. */
export interface NoteKey {
  readonly name: string;
  /** 8 hexadecimal digits: says which key made a signature; proves nothing. */
  readonly keyHash: string;
  /** Raw Ed25519 key, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** What signing a note needs. */
export interface NoteSigner {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
  readonly sha256: Sha256;
}

/** A note whose signatures by known keys all hold. */
export interface OpenedNote {
  /** Ends in a line feed. */
  readonly text: string;
  /** Names of the known keys that signed; at least one. */
  readonly signers: readonly string[];
}

/** May this be a key's name: not empty, no white space, no plus. */
export function isNoteName(name: string): boolean {
  return name !== '' && !NOT_A_NAME.test(name);
}

/** A verifier key as golang.org/x/mod/sumdb/note writes it: `name+hash+base64(01 | key)`. */
export function formatVkey(name: string, publicKey: Uint8Array, sha: Sha256): string {
  return formatTypedVkey({ name, publicKey, type: ED25519 }, sha);
}

/** The same for a key of any type. Throws ProofError BAD_NOTE. */
export function formatTypedVkey(
  key: Pick<NoteKey, 'name' | 'publicKey'> & { readonly type: number },
  sha: Sha256,
): string {
  const { name, publicKey, type } = key;
  if (!isNoteName(name)) throw badNote(`"${name}" cannot name a key`);
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw badNote('a public key must have 32 bytes');
  const typed = concat(Uint8Array.of(type), publicKey);
  return `${name}+${toHex(keyId(name, typed, sha))}+${toBase64(typed)}`;
}

/** Inverse of {@link formatVkey}. Throws ProofError BAD_NOTE for another type, and when the hash is not that of name and key. */
export function parseVkey(vkey: string, sha: Sha256, type = ED25519): NoteKey {
  const [, name, keyHash, encoded] = VKEY.exec(vkey) ?? [];
  if (name === undefined || keyHash === undefined || encoded === undefined || !isNoteName(name)) {
    throw badNote('a verifier key must be name+hash+key');
  }
  const key = decoded(encoded);
  if (key === undefined || key.length !== 1 + PUBLIC_KEY_BYTES || key[0] !== type) {
    throw badNote(`verifier key of ${name} is not an Ed25519 key of type ${type}`);
  }
  if (toHex(keyId(name, key, sha)) !== keyHash)
    throw badNote(`verifier key of ${name} has another key's hash`);
  return { name, keyHash, publicKey: key.subarray(1) };
}

/** A note with one signature. `text` ends in a line feed. Throws ProofError BAD_NOTE for text that no note may have. */
export function signNote(text: string, signer: NoteSigner): string {
  if (!text.endsWith('\n') || FORBIDDEN.test(text))
    throw badNote('text must end in a line feed, without control characters');
  return `${text}\n${signatureLine(signer, ED25519, signer.sign(utf8(text)))}`;
}

/** One line of a note's signatures, line feed included. Throws ProofError BAD_NOTE for a name that no key may have. */
export function signatureLine(
  { name, publicKey, sha256 }: Omit<NoteSigner, 'sign'>,
  type: number,
  signature: Uint8Array,
): string {
  if (!isNoteName(name)) throw badNote(`"${name}" cannot name a key`);
  const id = keyId(name, concat(Uint8Array.of(type), publicKey), sha256);
  return `\u2014 ${name} ${toBase64(concat(id, signature))}\n`;
}

/**
 * The text of a note that at least one of `vkeys` signed. Signatures by other keys are ignored, as the
 * specification demands. Throws ProofError: BAD_NOTE for what is not a note, BAD_SIGNATURE when no known key
 * signed or when one did and its signature does not hold.
 */
export function openNote(note: string, vkeys: readonly string[], checker: Checker): OpenedNote {
  const { text, signatures } = splitNote(note);
  const keys = vkeys.map((vkey) => parseVkey(vkey, checker.sha256));
  const message = utf8(text);
  const signers = new Set<string>();
  for (const { name, id, bytes } of signatures) {
    const key = keys.find((known) => known.name === name && known.keyHash === id);
    if (key === undefined) continue;
    if (!checker.verify(key.publicKey, message, bytes))
      throw badSignature(`signature by ${name} does not hold`);
    signers.add(name);
  }
  if (signers.size === 0) throw badSignature('no known key signed this note');
  return { text, signers: [...signers] };
}

/** A signature in a note, not checked. */
export interface SignatureLine {
  readonly name: string;
  /** Hash of the key that made it, as in {@link NoteKey}. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A note taken apart, with nothing checked. Throws ProofError BAD_NOTE. */
export function splitNote(note: string): {
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
} {
  if (note.length > NOTE_UNITS_MAX || FORBIDDEN.test(note))
    throw badNote('note is too long or has control characters');
  // The last empty line: the text may have empty lines of its own.
  const gap = note.lastIndexOf('\n\n');
  if (gap === -1 || !note.endsWith('\n')) throw badNote('note has no signatures');
  const lines = note.slice(gap + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) throw badNote(`note has more than ${SIGNATURES_MAX} signatures`);
  return { text: note.slice(0, gap + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): SignatureLine {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : decoded(encoded);
  if (name === undefined || !isNoteName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    throw badNote('note has a malformed signature line');
  }
  return { name, id: toHex(bytes.subarray(0, KEY_ID_BYTES)), bytes: bytes.subarray(KEY_ID_BYTES) };
}

function keyId(name: string, typedKey: Uint8Array, sha: Sha256): Uint8Array {
  return sha(concat(utf8(`${name}\n`), typedKey)).subarray(0, KEY_ID_BYTES);
}

function decoded(symbols: string): Uint8Array | undefined {
  try {
    return fromBase64(symbols);
  } catch {
    return undefined;
  }
}

function badNote(message: string): ProofError {
  return new ProofError('BAD_NOTE', message, { retry: 'never' });
}

function badSignature(message: string): ProofError {
  return new ProofError('BAD_SIGNATURE', message, { retry: 'never' });
}
