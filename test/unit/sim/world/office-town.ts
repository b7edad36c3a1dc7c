import type { Fact, FactType } from '../../../../dock/policy/facts/fact.ts';
import type { DockId } from '../../../../proto/ids.ts';
import { isCameraId } from '../../../../proto/ids.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { wrapPair } from '../../../../sim/fault/hpke.ts';
import { OfficeLines, type Caller } from '../../../../sim/world/office-lines.ts';
import { Office, type Person } from '../../../../sim/world/office.ts';
import { makeScene, settle, type Scene } from '../../../../sim/world/scene.ts';
import { checked } from '../../proto/fixture.ts';

export const PEOPLE: readonly Person[] = [
  { person: '4411', roles: ['officer'], org: 'bureau' },
  { person: '5522', roles: ['officer'], org: 'bureau' },
  { person: 'sgt-1', roles: ['supervisor'], org: 'bureau' },
  { person: 'ipr-1', roles: ['independent_review'], org: 'city' },
];

/** A policy service with its lines, and nothing else of a world. */
export interface OfficeTown {
  readonly scene: Scene;
  readonly office: Office;
  readonly lines: OfficeLines;
  caller(dockId: DockId): Caller;
  file(type: FactType, members: object): void;
  /** Lets so much time pass. */
  run(ms: number): Promise<void>;
  /** Lets time pass for as long as somebody waits; the returned function ends it. */
  runByItself(): () => void;
}

export function openTown(
  seed: string,
  options: { cameras?: readonly { id: string; publicKey: Uint8Array }[]; regime?: string } = {},
): OfficeTown {
  const scene = makeScene(seed);
  const { cameras = [], regime = 'doj' } = options;
  const office = new Office({
    scene,
    regimes: [{ agency: '', regime, fromMs: 0 }],
    people: PEOPLE,
    identities: cameras.map(({ id, publicKey }) => ({
      kind: 'camera' as const,
      id: checked(id, isCameraId),
      publicKey,
    })),
    custodian: wrapPair(new Chance('custodian')),
    grantMediaMs: 600_000,
  });
  const lines = new OfficeLines(scene, office);
  let facts = 0;
  const run = async (ms: number): Promise<void> => {
    const endUs = scene.clock.monoUs() + ms * 1_000;
    for (await settle(); scene.clock.nextUs <= endUs; await settle())
      scene.clock.advanceTo(scene.clock.nextUs);
    scene.clock.advanceTo(endUs);
  };
  return {
    scene,
    office,
    lines,
    caller: (dockId) => {
      const chance = new Chance(`${seed}/${dockId}`);
      return { clock: scene.clock, keys: { dockId, randomBytes: (count) => chance.bytes(count) } };
    },
    file: (type, members) => {
      const fact = { id: `fact-${(facts += 1)}`, type, at: '2026-11-22T10:00:00Z', ...members };
      const { status } = office.file(fact as Fact);
      if (status !== 201) throw new Error(`${type} was not taken: ${status}`);
    },
    run,
    runByItself: () => {
      let isRunning = true;
      const go = async (): Promise<void> => {
        while (isRunning) {
          await settle();
          scene.clock.advance(1);
        }
      };
      void go();
      return () => {
        isRunning = false;
      };
    },
  };
}
