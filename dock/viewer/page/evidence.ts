import { sha256 } from '@noble/hashes/sha2.js';
import { equal, fromBase64, toHex, utf8 } from '../../../proto/bytes.ts';
import { decodeEntry } from '../../../proto/custody-entry.ts';
import { ProofError } from '../../../proto/errors.ts';
import { openManifest, type ChunkInfo, type Manifest } from '../../../proto/manifest.ts';
import { verifyTlogProof } from '../../../proto/tlog-proof.ts';
import type { Opened } from './answers.ts';
import { peekClaims } from './base64url.ts';
import { checker } from './checker.ts';

/** What the page has made sure of before the first byte of footage; each line can be shown. */
export interface Evidence {
  readonly manifest: Manifest;
  /** SHA-256 of it as the camera signed it, hex. */
  readonly manifestHash: string;
  /** Places in the dock's ledger. */
  readonly acceptedIndex: number;
  readonly grantedIndex: number;
  /** Entries in the tree that proves the granted one. */
  readonly grantedSize: number;
}

/** Something does not hold; `message` says what, for the person. */
export class EvidenceError extends Error {}

/** What the page knows for itself. */
export interface Known {
  readonly recording: string;
  readonly keyThumbprint: string;
  /** Of the dock's ledger. */
  readonly vkey: string;
  /** The chunk that was asked for. */
  readonly from: number;
  /** What was made sure of at another opening of it; a manifest with the same hash is not opened again. */
  readonly before?: Evidence | undefined;
}

/**
 * Checks an opening from end to end: this opening is in the dock's ledger under this page's key; its grant names
 * this very manifest; the ledger says that the dock took custody of that manifest; and the camera signed it.
 * Throws EvidenceError. The footage itself is checked chunk by chunk, by {@link checkChunk}.
 */
export function checkOpening(opened: Opened, known: Known): Evidence {
  try {
    const manifestBytes = fromBase64(opened.manifest);
    const manifestHash = toHex(sha256(manifestBytes));
    const granted = checkGranted(opened, known, manifestHash);
    const accepted = provenEntry(opened.accepted, known.vkey);
    const manifest =
      known.before?.manifestHash === manifestHash
        ? known.before.manifest
        : openManifest(manifestBytes, fromBase64(opened.camera.publicKey ?? ''), checker);
    const { entry } = accepted;
    const inCustody =
      entry.type === 'accepted' &&
      entry.recording === known.recording &&
      entry.manifest === manifestHash &&
      entry.root === toHex(manifest.root);
    must(inCustody, 'the ledger does not say that this recording was taken into custody');
    must(manifest.recordingId === known.recording, 'the manifest is of another recording');
    return {
      manifest,
      manifestHash,
      acceptedIndex: accepted.index,
      grantedIndex: granted.index,
      grantedSize: granted.size,
    };
  } catch (error) {
    if (error instanceof EvidenceError) throw error;
    const why =
      error instanceof ProofError || error instanceof TypeError ? error.message : 'it cannot be read';
    throw new EvidenceError(`The dock's proof does not hold: ${why}.`, { cause: error });
  }
}

/** Is this the chunk that the camera signed for, byte for byte? */
export async function checkChunk(bytes: Uint8Array<ArrayBuffer>, promised: ChunkInfo): Promise<boolean> {
  if (bytes.length !== promised.storedBytes) return false;
  return equal(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), promised.sha256);
}

function checkGranted(opened: Opened, known: Known, manifestHash: string): Omit<Proven, 'entry'> {
  const { entry, index, size } = provenEntry(opened, known.vkey);
  must(
    entry.type === 'granted' && entry.recording === known.recording,
    'the ledger entry is not about this opening',
  );
  must(entry.session === toHex(sha256(utf8(opened.session))), 'the ledger entry is about another session');
  must(entry.keyThumbprint === known.keyThumbprint, 'the ledger entry is about another browser');
  must(entry.grant === toHex(sha256(utf8(opened.grant))), 'the ledger entry is about another grant');
  const claims = peekClaims(opened.grant);
  must(
    claims?.['recording'] === known.recording && claims['kind'] === 'open',
    'the grant is not for opening this recording',
  );
  must(claims['manifest'] === manifestHash, 'the grant is for another manifest');
  const [start, end] = opened.range;
  const isGranted = JSON.stringify(claims['chunks']) === JSON.stringify([start, end]);
  must(isGranted && start <= known.from && known.from < end, 'the grant is for other chunks');
  return { index, size };
}

/** An entry that the ledger holds, where, and in a tree of how many. */
interface Proven {
  readonly entry: ReturnType<typeof decodeEntry>;
  readonly index: number;
  readonly size: number;
}

function provenEntry(
  { entry, proof }: { readonly entry: string; readonly proof: string },
  vkey: string,
): Proven {
  const bytes = fromBase64(entry);
  const { index, size } = verifyTlogProof(proof, { entry: bytes, vkey }, checker);
  return { entry: decodeEntry(bytes), index, size };
}

function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new EvidenceError(`The dock's proof does not hold: ${otherwise}.`);
}
