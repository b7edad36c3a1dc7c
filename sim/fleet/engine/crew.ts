import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Keys, TrustedDock } from '../../../device/ports.ts';
import type { CameraIdentity } from '../../../proto/identity.ts';
import { isCameraId } from '../../../proto/ids.ts';

const RAW_KEY_BYTES = 32;

/** A camera of a load run, as plain values that another thread can take. */
export interface CrewMember {
  readonly cameraId: string;
  /** PKCS#8, DER. */
  readonly key: Uint8Array;
}

/** So many cameras with keys of their own, `load-0001` and on. */
export function makeCrew(count: number): readonly CrewMember[] {
  const digits = Math.max(4, String(count).length);
  return Array.from({ length: count }, (_, index) => ({
    cameraId: `load-${String(index + 1).padStart(digits, '0')}`,
    key: new Uint8Array(generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })),
  }));
}

/** What a dock must know of it. */
export function identityOf(member: CrewMember): CameraIdentity {
  const id = member.cameraId;
  if (!isCameraId(id)) throw new TypeError(`"${id}" is no camera id`);
  const publicKey = createPublicKey(keyOf(member)).export({ format: 'der', type: 'spki' });
  return { kind: 'camera', id, publicKey: new Uint8Array(publicKey.subarray(-RAW_KEY_BYTES)) };
}

/** Its keys, for a camera that trusts this one dock. */
export function keysOf(member: CrewMember, dock: TrustedDock): Keys {
  const key = keyOf(member);
  const { id } = identityOf(member);
  return {
    cameraId: id,
    sign: (message) => sign(null, message, key),
    dock: (dockId) => (dockId === dock.dockId ? dock : undefined),
    randomBytes: (bytes) => randomBytes(bytes),
  };
}

function keyOf({ key }: CrewMember): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' });
}
