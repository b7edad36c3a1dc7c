import { join } from 'node:path';
import type { Scenario } from '../../scenario/schema.ts';
import { type ClockTrouble, openClockTrouble } from '../fault/clock-trouble.ts';
import { type DiskTrouble, openDiskTrouble } from '../fault/disk-trouble.ts';
import { openPolicyTrouble, type PolicyTrouble } from '../fault/policy-trouble.ts';
import { openTcpTrouble, type TcpTrouble } from '../fault/tcp-trouble.ts';

/** What can be made to go wrong in a run. Only what its timeline asks for is set up: everything else runs as it would anywhere. */
export class Troubles {
  readonly #disks = new Map<string, DiskTrouble>();
  readonly #clocks = new Map<string, ClockTrouble>();
  readonly #ways = new Map<string, TcpTrouble>();
  readonly #scenario: Scenario;
  #policy: PolicyTrouble | undefined;

  /** `dir` takes what the troubles need. */
  constructor(scenario: Scenario, dir: string) {
    this.#scenario = scenario;
    const { timeline, site } = scenario;
    const troubled = timeline.flatMap(({ disk, cut }) => [disk?.of, cut]).filter((of) => of !== undefined);
    for (const of of new Set(troubled)) this.#disks.set(of, openDiskTrouble(join(dir, `disk-${of}`)));
    for (const of of new Set(timeline.flatMap(({ clock }) => (clock === undefined ? [] : [clock.of]))))
      this.#clocks.set(of, openClockTrouble(join(dir, `clock-${of}`)));
    for (const { id, clock } of site.cameras) {
      if (clock === undefined) continue;
      this.#clocks.get(id)?.close();
      this.#clocks.set(id, openClockTrouble(join(dir, `clock-${id}`), { offsetMs: clock }));
    }
  }

  /** With what a program is started. */
  env(of: string): Readonly<Record<string, string>> {
    return { ...this.#disks.get(of)?.env, ...this.#clocks.get(of)?.env };
  }

  disk(of: string): DiskTrouble | undefined {
    return this.#disks.get(of);
  }

  clock(of: string): ClockTrouble | undefined {
    return this.#clocks.get(of);
  }

  get policy(): PolicyTrouble | undefined {
    return this.#policy;
  }

  /** Where docks find the policy service. */
  async wayToPolicy(url: string): Promise<string> {
    if (!this.#scenario.timeline.some(({ policy }) => policy !== undefined)) return url;
    this.#policy ??= await openPolicyTrouble(url);
    return this.#policy.url;
  }

  /** A camera's way to the broker; undefined when nothing happens to it. */
  way(camera: string): TcpTrouble | undefined {
    return this.#ways.get(camera);
  }

  /** The port at which this camera finds the broker. */
  async wayToBroker(camera: string, port: number): Promise<number> {
    const isCut = this.#scenario.timeline.some(({ plug, unplug }) => plug === camera || unplug === camera);
    if (!isCut) return port;
    const way = this.#ways.get(camera) ?? (await openTcpTrouble({ host: '127.0.0.1', port }, camera));
    this.#ways.set(camera, way);
    return way.port;
  }

  async close(): Promise<void> {
    for (const trouble of [...this.#disks.values(), ...this.#clocks.values()]) trouble.close();
    for (const way of this.#ways.values()) await way.close();
    await this.#policy?.close();
  }
}
