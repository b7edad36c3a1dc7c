import { fromBase64, toBase64 } from './bytes.ts';
import { ProofError } from './errors.ts';
import { isCameraId, isDockId, type CameraId, type DockId } from './ids.ts';

export const IDENTITY_FORMAT = 'holdfast/identity@1';
/** Raw Ed25519 public key (RFC 8032). */
const PUBLIC_KEY_BYTES = 32;
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
}

export type Identity = CameraIdentity | DockIdentity;

/** An identity file's text: JSON, ending in a line feed. */
export function formatIdentity(identity: Identity): string {
  const { kind, id } = identity;
  const common = { format: IDENTITY_FORMAT, kind, id, publicKey: toBase64(identity.publicKey) };
  const json = identity.kind === 'dock' ? { ...common, ledger: identity.ledger } : common;
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Reads an identity file. Throws ProofError BAD_IDENTITY that names the field; unknown fields are ignored. */
export function parseIdentity(json: string): Identity {
  const fields = parseObject(json);
  if (fields.format !== IDENTITY_FORMAT) throw bad('format', `must be "${IDENTITY_FORMAT}"`);
  const publicKey = parsePublicKey(fields.publicKey);
  const { id, ledger } = fields;
  if (fields.kind === 'camera') {
    if (typeof id !== 'string' || !isCameraId(id)) throw bad('id', 'must be 1 to 32 of a-z, 0-9 and hyphen');
    return { kind: 'camera', id, publicKey };
  }
  if (fields.kind !== 'dock') throw bad('kind', 'must be "camera" or "dock"');
  if (typeof id !== 'string' || !isDockId(id)) throw bad('id', 'must be 1 to 32 of a-z, 0-9 and hyphen');
  if (typeof ledger !== 'string' || !VKEY.test(ledger))
    throw bad('ledger', 'must be a note verifier key, name+hash+key');
  return { kind: 'dock', id, publicKey, ledger };
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
  const symbols = typeof value === 'string' ? value : '';
  try {
    const key = fromBase64(symbols);
    if (key.length === PUBLIC_KEY_BYTES) return key;
  } catch {
    // Falls through to the one error that says what is wanted.
  }
  throw bad('publicKey', `must be ${PUBLIC_KEY_BYTES} bytes in padded base64`);
}

function bad(field: string, problem: string): ProofError {
  return new ProofError('BAD_IDENTITY', `identity ${field} ${problem}`, { retry: 'never', facts: { field } });
}
