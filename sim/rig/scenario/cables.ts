import { readdirSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../../scenario/schema.ts';
import { openPtyPair, type PtyPair } from '../pty.ts';
import { RunError } from './error.ts';

/** Serial ports of this machine that stand in for a bay or a camera, by name. */
export type RealPorts = ReadonlyMap<string, string>;

/**
 * The bays of a site: a cable each, and a socket for each camera that can be put into any of them. A camera opens its socket anew
 * each time it is docked, so the socket is a link that is laid again.
 */
export class Cables {
  readonly #cables: ReadonlyMap<string, PtyPair>;
  readonly #real: RealPorts;
  readonly #dir: string;
  readonly #bayOf = new Map<string, string>();
  readonly #carriedBefore = new Map<string, number>();
  /** Cameras that are in their bay. */
  readonly #inside = new Set<string>();

  private constructor(cables: ReadonlyMap<string, PtyPair>, real: RealPorts, dir: string) {
    this.#cables = cables;
    this.#real = real;
    this.#dir = dir;
  }

  /** `dir` holds the sockets. Real ports replace the cable of their bay. */
  static async open(
    { site, seed }: Scenario,
    { dir, real }: { readonly dir: string; readonly real: RealPorts },
  ): Promise<Cables> {
    const cables = new Map<string, PtyPair>();
    const made = new Cables(cables, real, dir);
    for (const { name, noise } of site.docks.flatMap(({ bays }) => bays)) {
      if (real.has(name)) continue;
      const { line } = site;
      const faults =
        line === undefined
          ? {}
          : {
              uart: {
                ...{ baud: line.rate, latencyMs: line.latency ?? 0, seed: `${seed}/${name}` },
                ...{ bitErrorRate: noise?.flips ?? 0, byteLoss: noise?.losses ?? 0 },
                byteInsertion: noise?.insertions ?? 0,
              },
            };
      const cable = await openPtyPair(faults);
      cable.unplug();
      cables.set(name, cable);
    }
    for (const { id, link } of site.cameras) if (link !== 'mqtt') made.lay(id, link);
    return made;
  }

  /** What the dock opens for a bay. */
  dockPath(bay: string): string {
    return this.#real.get(bay) ?? this.#cables.get(bay)?.dockPath ?? '';
  }

  /** What a camera opens, whatever bay it is in. */
  cameraPath(camera: string): string {
    return this.#real.get(camera) ?? join(this.#dir, camera);
  }

  /** From now on this camera stands in this bay; nothing passes before it is plugged in. */
  lay(camera: string, bay: string): void {
    const path = this.#cables.get(bay)?.cameraPath;
    if (path === undefined) {
      if (this.#real.has(camera)) return;
      throw new RunError(
        'NEEDS',
        `${bay} is a real port: give --port ${camera}=PATH, its other end, as well`,
      );
    }
    const socket = this.cameraPath(camera);
    if (this.#bayOf.has(camera)) unlinkSync(socket);
    symlinkSync(path, socket);
    this.#bayOf.set(camera, bay);
  }

  /** A camera is put into its bay. Throws RunError when another one is in there; at a real port hands have put it. */
  enter(camera: string): void {
    const cable = this.#cableOf(camera);
    if (cable === undefined) return;
    const bay = this.#bayOf.get(camera) ?? '';
    const other = [...this.#inside].find((one) => one !== camera && this.#bayOf.get(one) === bay);
    if (other !== undefined) throw new RunError('STEP', `${other} is in ${bay}: undock it before`);
    this.#inside.add(camera);
    this.#carriedBefore.set(camera, cable.carriedBytes.toDock);
    cable.plug();
  }

  /** It is taken out: nothing passes any more. */
  leave(camera: string): void {
    if (this.#inside.delete(camera)) this.#cableOf(camera)?.unplug();
  }

  /** Pulls or puts back the cable of a camera's bay. Throws RunError for a camera in no bay, and for a real port, which only hands can pull. */
  plug(camera: string, isPlugged: boolean): void {
    const cable = this.#cableOf(camera);
    if (cable === undefined)
      throw new RunError('STEP', `${camera} stands at a real port, which only hands can pull`);
    if (!this.#inside.has(camera)) throw new RunError('STEP', `${camera} is in no bay: dock it before`);
    if (isPlugged) cable.plug();
    else cable.unplug();
  }

  isReal(camera: string): boolean {
    return this.#cableOf(camera) === undefined;
  }

  /** Bytes that came over its cable since it was docked last. */
  carriedBytes(camera: string): number {
    return (this.#cableOf(camera)?.carriedBytes.toDock ?? 0) - (this.#carriedBefore.get(camera) ?? 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#cables.values()].map((cable) => cable.close()));
  }

  #cableOf(camera: string): PtyPair | undefined {
    return this.#cables.get(this.#bayOf.get(camera) ?? '');
  }
}

/** What a camera's flash holds of footage, bytes as stored. */
export function flashBytes(flash: string): number {
  return namesIn(join(flash, 'recordings')).reduce(
    (sum, id) => sum + sizeOf(join(flash, 'recordings', id, 'chunks')),
    0,
  );
}

/** Names in a folder; none when it is not there. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
