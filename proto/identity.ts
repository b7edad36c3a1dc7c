import { fromBase64, toBase64, utf8 } from './bytes.ts';
import type { Sha256 } from './digest.ts';
import { ProofError } from './errors.ts';
import { isCameraId, isDockId, type CameraId, type DockId } from './ids.ts';

export const IDENTITY_FORMAT = 'holdfast/identity@1';
/** Raw Ed25519 public key (RFC 8032). */
const PUBLIC_KEY_BYTES = 32;
const COORDINATE_BYTES = 32;
/** Uncompressed P-256 point (SEC 1, section 2.3.3): its mark, x and y. */
const POINT_BYTES = 1 + 2 * COORDINATE_BYTES;
const POINT_MARK = 4;
// name+8 hex digits+base64; the key hash is checked where the key is used, since that needs a digest.
const VKEY = /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/;

/** The public half of a camera: what a dock keeps in its registry. */
export interface CameraIdentity {
  readonly kind: 'camera';
  readonly id: CameraId;
  /** Raw Ed25519 key, 32 bytes: signs handshakes and manifests. */
  readonly publicKey: Uint8Array;
}

/** The public half of a dock: what a camera must trust before it believes a receipt. */
export interface DockIdentity {
  readonly kind: 'dock';
  readonly id: DockId;
  /** Raw Ed25519 key, 32 bytes: signs handshakes and receipts. */
  readonly publicKey: Uint8Array;
  /** Signed-note verifier key of the dock's ledger, a second Ed25519 key. */
  readonly ledger: string;
  /**
   * In the copy that a camera keeps: verifier keys of witnesses (C2SP tlog-cosignature), no key twice, and how many of
   * them must have cosigned before the camera erases. Both or neither.
   */
  readonly witnesses?: readonly string[];
  readonly quorum?: number;
}

/** The public half of whoever can open what a camera seals: the custodian, or a key that is kept offline for a bad day. */
export interface RecipientIdentity {
  readonly kind: 'custodian' | 'recovery';
  /** Same alphabet as the ids of cameras and docks. */
  readonly id: string;
  /** Uncompressed P-256 point, 65 bytes: recording keys are wrapped for it. */
  readonly publicKey: Uint8Array;
}

export type Identity = CameraIdentity | DockIdentity | RecipientIdentity;

/** An identity file's text: JSON, ending in a line feed. */
export function formatIdentity(identity: Identity): string {
  const { kind, id } = identity;
  const common = { format: IDENTITY_FORMAT, kind, id, publicKey: toBase64(identity.publicKey) };
  return `${JSON.stringify(identity.kind === 'dock' ? { ...common, ...dockFields(identity) } : common, null, 2)}\n`;
}

/** Reads an identity file. Throws ProofError BAD_IDENTITY that names the field; unknown fields are ignored. */
export function parseIdentity(json: string): Identity {
  const fields = parseObject(json);
  if (fields.format !== IDENTITY_FORMAT) throw bad('format', `must be "${IDENTITY_FORMAT}"`);
  const { kind, id } = fields;
  switch (kind) {
    case 'camera': {
      const publicKey = parsePublicKey(fields.publicKey);
      if (typeof id === 'string' && isCameraId(id)) return { kind, id, publicKey };
      break;
    }
    case 'dock':
      if (typeof id === 'string' && isDockId(id)) return { kind, id, ...parseDock(fields) };
      break;
    case 'custodian':
    case 'recovery': {
      const publicKey = parsePoint(fields.publicKey);
      if (typeof id === 'string' && isDockId(id)) return { kind, id, publicKey };
      break;
    }
    default:
      throw bad('kind', 'must be "camera", "dock", "custodian" or "recovery"');
  }
  throw bad('id', 'must be 1 to 32 of a-z, 0-9 and hyphen');
}

/**
 * What names a recipient in a wrap: the RFC 7638 SHA-256 thumbprint of its public key as a JWK, 32 bytes.
 * `publicKey` is an uncompressed P-256 point.
 */
export function recipientThumbprint(publicKey: Uint8Array, sha256: Sha256): Uint8Array {
  const [x, y] = [publicKey.subarray(1, 1 + COORDINATE_BYTES), publicKey.subarray(1 + COORDINATE_BYTES)];
  // RFC 7638, section 3: the required members in the order of their names, without white space.
  return sha256(utf8(`{"crv":"P-256","kty":"EC","x":"${base64Url(x)}","y":"${base64Url(y)}"}`));
}

function base64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function dockFields({ ledger, witnesses, quorum }: DockIdentity): Readonly<Record<string, unknown>> {
  return witnesses === undefined ? { ledger } : { ledger, witnesses, quorum };
}

function parseDock(fields: Readonly<Record<string, unknown>>): Omit<DockIdentity, 'kind' | 'id'> {
  const { ledger } = fields;
  const publicKey = parsePublicKey(fields.publicKey);
  if (typeof ledger !== 'string' || !VKEY.test(ledger))
    throw bad('ledger', 'must be a note verifier key, name+hash+key');
  const witnesses = parseWitnesses(fields.witnesses);
  const { quorum } = fields;
  if (witnesses === undefined && quorum === undefined) return { publicKey, ledger };
  if (witnesses === undefined) throw bad('witnesses', 'must be there, since there is a quorum');
  if (typeof quorum !== 'number' || !Number.isInteger(quorum) || quorum < 1 || quorum > witnesses.length)
    throw bad('quorum', `must be a whole number from 1 to ${witnesses.length}, the number of witnesses`);
  return { publicKey, ledger, witnesses, quorum };
}

function parseWitnesses(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const listed: readonly unknown[] = Array.isArray(value) ? value : [];
  const vkeys = listed.filter((vkey): vkey is string => typeof vkey === 'string' && VKEY.test(vkey));
  if (vkeys.length === 0 || vkeys.length !== listed.length)
    throw bad('witnesses', 'must be a list of verifier keys, name+hash+key');
  // One witness under two names would count twice.
  if (new Set(vkeys.map(keyOf)).size !== vkeys.length) throw bad('witnesses', 'must not have one key twice');
  return vkeys;
}

/** The key in a verifier key; base64 may have plus signs of its own. */
function keyOf(vkey: string): string {
  return vkey.split('+').slice(2).join('+');
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new ProofError('BAD_IDENTITY', 'identity is not JSON', { retry: 'never', cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad('', 'must be a JSON object');
  return Object.fromEntries(Object.entries(value));
}

function parsePublicKey(value: unknown): Uint8Array {
  const key = parseBase64(value);
  if (key?.length === PUBLIC_KEY_BYTES) return key;
  throw bad('publicKey', `must be ${PUBLIC_KEY_BYTES} bytes in padded base64`);
}

function parsePoint(value: unknown): Uint8Array {
  const point = parseBase64(value);
  if (point?.length === POINT_BYTES && point[0] === POINT_MARK) return point;
  throw bad('publicKey', `must be an uncompressed P-256 point, ${POINT_BYTES} bytes, in padded base64`);
}

function parseBase64(value: unknown): Uint8Array | undefined {
  try {
    return typeof value === 'string' ? fromBase64(value) : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function bad(field: string, problem: string): ProofError {
  return new ProofError('BAD_IDENTITY', `identity ${field} ${problem}`, { retry: 'never', facts: { field } });
}
