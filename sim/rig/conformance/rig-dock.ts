import { join } from 'node:path';
import { toHex } from '../../../proto/bytes.ts';
import type { Sign } from '../../../proto/digest.ts';
import type { CameraId, DockId } from '../../../proto/ids.ts';
import type { Offer } from '../../../proto/messages.ts';
import { openFileKeys } from '../../../dock/keys/file-keys.ts';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { CaseFailure } from './case.ts';
import { RigLedger } from './rig-ledger.ts';

// Entries of nobody, so that an inclusion proof has a path that can be wrong.
const FILLER_ENTRIES = 5;
const LEDGER_FILE = 'conformance-ledger';

/**
 * Who the rig is as a dock, for a whole run: its keys, a ledger of its own beside them, and what it has seen. The keys are
 * the rig's own: those of a dock at work would sign a second history of that dock's ledger.
 */
export class RigDock {
  readonly dockId: DockId;
  readonly sign: Sign;
  readonly ledger: RigLedger;
  /** Signs checkpoints of the ledger. */
  readonly ledgerSigner: { readonly publicKey: Uint8Array; readonly sign: Sign; readonly origin: string };
  readonly #camera: (id: CameraId) => Uint8Array | undefined;
  readonly #manifests = new Map<string, Uint8Array>();
  #stream = 0;
  #epoch = 0;

  /** Throws KeyError when the folder holds no dock's keys. `registry` has the identity of the camera. */
  constructor(from: { readonly keys: string; readonly registry: string }) {
    const keys = openFileKeys({ dir: from.keys, registry: from.registry });
    this.dockId = keys.dockId;
    this.sign = (message) => keys.sign(message);
    this.ledgerSigner = keys.ledgerSigner;
    this.#camera = (id) => keys.camera(id);
    const path = join(from.keys, LEDGER_FILE);
    this.ledger = new RigLedger({ ...keys.ledgerSigner, sha256: nodeChecker.sha256 }, path);
    for (let count = 0; count < FILLER_ENTRIES; count += 1)
      void this.ledger.appendOnce(`filler/${count}`, new Uint8Array([count]));
  }

  /** The enrolled camera's public key. Throws a CaseFailure for a camera that is not in the registry. */
  cameraKey(id: CameraId): Uint8Array {
    const key = this.#camera(id);
    if (key === undefined) throw new CaseFailure('a camera that is in --registry', `camera ${id}`);
    return key;
  }

  nextStream(): number {
    return (this.#stream += 1);
  }

  nextEpoch(): number {
    return (this.#epoch += 1);
  }

  /** The offered manifest, if it came in an earlier upload of this run. */
  manifestOf({ manifestSha256 }: Offer): Uint8Array | undefined {
    return this.#manifests.get(toHex(manifestSha256));
  }

  remember(signedManifest: Uint8Array): void {
    this.#manifests.set(toHex(nodeChecker.sha256(signedManifest)), signedManifest);
  }
}
