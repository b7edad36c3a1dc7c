import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKeys } from '../../../device/keys/file-keys.ts';
import type { Keys, TrustedDock } from '../../../device/ports.ts';
import { parseIdentity } from '../../../proto/identity.ts';
import { PING_EVERY_MS } from '../../../proto/limits.ts';
import { type CameraId, isDockId } from '../../../proto/ids.ts';
import { type Bench, BOOT_MS, type ConformanceCase } from './case.ts';
import { LineError } from './line.ts';
import { PuppetCamera } from './puppet-camera.ts';
import { type Benches, openWire, type Setup } from './suite.ts';
import type { Wire } from './wire.ts';

const REOPEN_MS = 200;

/** What a case against a dock has: a line, the dock's own camera, and the means to be somebody else. */
export interface DockBench extends Bench {
  readonly camera: PuppetCamera;
  /** Opens another end of the line for a camera of this name: over MQTT a connection of its own, on serial the same. */
  another(cameraId: CameraId): Promise<Wire>;
  /** The camera's keys on another wire. */
  puppet(wire: Wire): PuppetCamera;
  /** The second enrolled camera on a wire of its own. */
  second(): Promise<PuppetCamera>;
  /** The camera after the dock's power came back: on a line opened anew when the old one went with the dock. */
  revived(): Promise<PuppetCamera>;
}

export type DockCase = ConformanceCase<DockBench>;

/**
 * Benches on which the rig is a camera. One line serves all cases, since opening a port may reset what hangs on it; a
 * case that ends it makes the next one open it again. Throws KeysError when the keys are no keys.
 */
export function dockBenches(setup: Setup): Benches<DockBench> {
  const keys = openKeys(setup.keys);
  const dock = (dockId: string): TrustedDock | undefined => dockFrom(setup, keys, dockId);
  let shared: Wire | undefined;
  let count = 0;
  const line = async (): Promise<Wire> => {
    if (shared === undefined || shared.isClosed) shared = await openWire(setup, keys.cameraId);
    return shared;
  };
  return {
    open: async () => {
      count += 1;
      return new CameraSide({ setup, keys, dock, line, wire: await line(), seed: `${setup.seed}/${count}` });
    },
    close: async () => shared?.close(),
  };
}

interface Parts {
  readonly setup: Setup;
  readonly keys: Keys;
  readonly dock: (dockId: string) => TrustedDock | undefined;
  readonly wire: Wire;
  /** The shared line, opened again when it has ended. */
  readonly line: () => Promise<Wire>;
  readonly seed: string;
}

class CameraSide implements DockBench {
  readonly wire: Wire;
  readonly camera: PuppetCamera;
  readonly #parts: Parts;
  readonly #opened: Wire[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.wire = parts.wire;
    this.wire.manners.pong = true;
    this.wire.forget();
    this.camera = new PuppetCamera(parts);
  }

  get hooks(): Setup['hooks'] {
    const { hooks } = this.#parts.setup;
    return {
      storageOff: () => this.#meanwhile(hooks.storageOff()),
      storageOn: () => this.#meanwhile(hooks.storageOn()),
      reset: () => hooks.reset(),
    };
  }

  /** An operator's command may take longer than the silence that ends a session. */
  async #meanwhile(work: Promise<void>): Promise<void> {
    const alive = setInterval(() => {
      if (!this.wire.isClosed) this.wire.send({ type: 'ping', sentUs: this.wire.clockUs() });
    }, PING_EVERY_MS);
    try {
      await work;
    } finally {
      clearInterval(alive);
    }
  }

  async another(cameraId: CameraId): Promise<Wire> {
    if (this.wire.transport === 'serial') return this.wire;
    const wire = await openWire(this.#parts.setup, cameraId);
    this.#opened.push(wire);
    return wire;
  }

  puppet(wire: Wire): PuppetCamera {
    return new PuppetCamera({ ...this.#parts, wire, seed: `${this.#parts.seed}/other` });
  }

  async second(): Promise<PuppetCamera> {
    const { setup, dock, seed } = this.#parts;
    if (setup.secondKeys === undefined)
      throw new LineError('LINE_UNABLE', 'there are no keys of a second camera', { retry: 'never' });
    const keys = openKeys(setup.secondKeys);
    const wire = await this.another(keys.cameraId);
    return new PuppetCamera({ wire, keys, dock, seed: `${seed}/second` });
  }

  async revived(): Promise<PuppetCamera> {
    const deadline = performance.now() + BOOT_MS;
    for (;;) {
      try {
        return this.puppet(await this.#parts.line());
      } catch (error) {
        if (!(error instanceof LineError) || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((wire) => wire.close()));
  }
}

/** From the registry that was given, or what the camera itself trusts. */
function dockFrom({ registry }: Setup, keys: Keys, dockId: string): TrustedDock | undefined {
  if (registry === undefined) return keys.dock(dockId);
  if (!isDockId(dockId)) return undefined;
  const identity = parseIdentity(readFileSync(join(registry, `${dockId}.json`), 'utf8'));
  if (identity.kind !== 'dock' || identity.id !== dockId) return undefined;
  return { dockId, publicKey: identity.publicKey, ledgerVkey: identity.ledger };
}
