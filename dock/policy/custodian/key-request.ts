import { createHash } from 'node:crypto';
import { fromBase64, toHex } from '../../../proto/bytes.ts';
import { HASH_BYTES } from '../../../proto/merkle.ts';
import type { Growth } from '../../../proto/messages.ts';
import { KeysError, TrustError } from '../errors.ts';
import { pointOfJwk } from './custodian-key.ts';
import { openEmbedded } from './embedded.ts';
import { pageThumbprint, publicPart } from './token.ts';

/** What a page asks keys with, signed by the page; nothing in it has been compared with anything yet. */
export interface KeyRequest {
  /** SHA-256 of the compact JWS, hex: two requests are the same when this is. */
  readonly hash: string;
  /** RFC 7638 thumbprint of the key that signed. */
  readonly signer: string;
  /** Compact JWS, as the policy service gave it to the dock. */
  readonly grant: string;
  /** The dock's ledger entry that says the grant was used, and its tlog-proof. */
  readonly entry: Uint8Array;
  readonly proof: string;
  /** How that ledger has grown; absent when the page did not know that it would be asked. */
  readonly growth: Growth;
  /** Uncompressed P-256 point of the page, which the keys are sealed to. */
  readonly point: Uint8Array;
}

const TYP = 'holdfast-keys+jwt';
// Grant, entry, proof with cosignatures and 63 hashes of consistency come to half of this.
const REQUEST_CHARACTERS_MAX = 48 * 1024;
const ENTRY_BYTES_MAX = 64 * 1024;
const HASHES_MAX = 63;
const NONCE = /^[\x21-\x7e]{16,128}$/;

/** Verifies signature, age, address and shape. Throws KeysError BAD_KEY_REQUEST. */
export async function openKeyRequest(
  jws: string,
  at: { readonly audience: string; readonly nowMs: number },
): Promise<KeyRequest> {
  const expected = { typ: TYP, charactersMax: REQUEST_CHARACTERS_MAX, nowMs: at.nowMs };
  const { payload, signer } = await orBad(() => openEmbedded(jws, expected, bad));
  if (payload.aud !== at.audience) throw bad('it is for another service');
  const { grant, entry, proof, consistency, ecdh, nonce } = payload;
  // What is no point on the curve is refused now, not after the answer has been written down.
  await orBad(() => pageThumbprint(ecdh));
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) throw bad('its nonce is missing or too short');
  if (typeof grant !== 'string' || typeof proof !== 'string') throw bad('it lacks the grant or the proof');
  return {
    hash: toHex(createHash('sha256').update(jws).digest()),
    signer,
    grant,
    entry: bytesOf(entry, 'entry', ENTRY_BYTES_MAX),
    proof,
    growth: growthOf(consistency),
    point: await orBad(async () => pointOfJwk(publicPart(ecdh))),
  };
}

function growthOf(claim: unknown): Growth {
  if (claim === undefined) return {};
  if (typeof claim !== 'object' || claim === null) throw bad('its consistency proof is none');
  const { from, hashes }: Readonly<Record<string, unknown>> = { ...claim };
  if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 0)
    throw bad('it names no older size');
  if (!Array.isArray(hashes) || hashes.length > HASHES_MAX) throw bad('its consistency proof is none');
  const consistency = hashes.map((hash: unknown) => bytesOf(hash, 'consistency', HASH_BYTES));
  return { consistencyFrom: from, consistency };
}

function bytesOf(claim: unknown, name: string, bytesMax: number): Uint8Array {
  if (typeof claim !== 'string') throw bad(`its ${name} is missing`);
  try {
    const bytes = fromBase64(claim);
    if (bytes.length <= bytesMax) return bytes;
  } catch {
    // Falls through to the one error that says what is wanted.
  }
  throw bad(`its ${name} is not base64 of at most ${bytesMax} bytes`);
}

/** A key that no page may use makes a bad request, whichever of its two keys it is. */
async function orBad<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof TrustError) throw bad(cause.message, cause);
    throw cause;
  }
}

function bad(why: string, cause?: unknown): KeysError {
  return new KeysError('BAD_KEY_REQUEST', `the request for keys is not believed: ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}
