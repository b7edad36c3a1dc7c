import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64, toHex } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import { type DockIdentity, parseIdentity, type Identity } from '../../../proto/identity.ts';
import { isCameraId } from '../../../proto/ids.ts';
import { openManifest, type Manifest } from '../../../proto/manifest.ts';
import { nodeChecker } from '../../ledger/checker.ts';
import { FactError } from '../errors.ts';
import type { Enrolled } from '../facts/admit.ts';
import type { RecordingRegistered } from '../facts/fact.ts';

/** Who is enrolled, as admission and the custodian ask. */
export interface Registry extends Enrolled {
  /** That dock's ledger; undefined when no such dock is enrolled. */
  ledgerOf(this: void, dock: string): TrustedLedger | undefined;
}

/** What a ledger's proofs are held against. */
export interface TrustedLedger extends Pick<DockIdentity, 'witnesses' | 'quorum'> {
  readonly vkey: string;
}

/** The folder of enrolled cameras and docks, one `<id>.json` each. Read afresh each time, so enrolling needs no restart. */
export function openRegistry(directory: string): Registry {
  return registryOf((name) => identity(directory, name));
}

/** The same over identities that lie anywhere. */
export function registryOf(find: (name: string) => Identity | undefined): Registry {
  return {
    ledgerOf(dock) {
      const found = find(dock);
      if (found?.kind !== 'dock') return undefined;
      const { ledger: vkey, witnesses, quorum } = found;
      return witnesses === undefined || quorum === undefined ? { vkey } : { vkey, witnesses, quorum };
    },
    isDock: (name) => find(name)?.kind === 'dock',
    checkManifest(fact) {
      const enrolled = find(fact.camera);
      if (enrolled?.kind !== 'camera') throw badManifest(`camera ${fact.camera} is not enrolled here`);
      const said = openSigned(fact, enrolled.publicKey);
      const other = differs(said, fact);
      if (other !== undefined) throw badManifest(`the manifest says another ${other} than the fact`);
      checkWraps(said, fact);
    },
  };
}

function identity(directory: string, name: string): Identity | undefined {
  // Cameras and docks share an alphabet that is safe in a file name.
  if (!isCameraId(name)) return undefined;
  const path = join(directory, `${name}.json`);
  if (!existsSync(path)) return undefined;
  const found = parseIdentity(readFileSync(path, 'utf8'));
  return found.id === name ? found : undefined;
}

function openSigned(
  fact: RecordingRegistered & { readonly manifest: string },
  cameraKey: Uint8Array,
): Manifest {
  try {
    const signed = fromBase64(fact.manifest);
    const hash = createHash('sha256').update(signed).digest('hex');
    if (hash !== fact.manifestHash) throw badManifest('manifestHash is not its SHA-256');
    return openManifest(signed, cameraKey, nodeChecker);
  } catch (cause) {
    if (cause instanceof FactError) throw cause;
    if (cause instanceof ProofError || cause instanceof TypeError) throw badManifest(cause.message, cause);
    throw cause;
  }
}

function differs(manifest: Manifest, fact: RecordingRegistered): string | undefined {
  if (manifest.recordingId !== fact.recording) return 'recording';
  if (manifest.cameraId !== fact.camera) return 'camera';
  return manifest.officerId === fact.officer ? undefined : 'officer';
}

/** A sealed recording may come without its wraps and is not keyed then; with others than the camera's it does not come at all. */
function checkWraps({ wrapsSha256 }: Manifest, { wrapsHash }: RecordingRegistered): void {
  if (wrapsHash === undefined || (wrapsSha256 !== undefined && toHex(wrapsSha256) === wrapsHash)) return;
  throw new FactError('BAD_WRAPS', 'the wraps are not taken: they are not those that the manifest names', {
    retry: 'never',
  });
}

function badManifest(why: string, cause?: unknown): FactError {
  return new FactError('BAD_MANIFEST', `the manifest is not taken: ${why}`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}
