import { describe, expect, it } from 'vitest';
import { rig } from '../../sim/rig/rig.ts';

const MS_MAX = 400_000;

const SITE = `
site:
  regime: doj
  line: { rate: 921600 }
  docks: [{ id: dock-1, bays: [{ name: bay1 }], mqtt: embedded }]
  cameras:
    - { id: cam-1, officer: "4411", link: bay1, fps: 3 }
    - { id: cam-2, officer: "4412", link: mqtt }
`;

const PROGRAMS = `name: programs
about: Cables are pulled, programs stand still, end and begin again.
seed: 1${SITE}timeline:
  - record: { camera: cam-1, as: patrol }
  - record: { camera: cam-2, as: radio }
  - say: { camera: cam-1, command: mark found }
  - mark: cam-1
  - pause: cam-2
  - wait: 500ms
  - resume: cam-2
  - wait: 500ms
  - stop: cam-1
  - stop: cam-2
  - about: It is not there before it is docked, nor while its way is cut.
    unplug: cam-2
  - dock: cam-2
  - after: cam-2 unreachable
    plug: cam-2
  - dock: cam-1
  - after: { carried: 20%, by: cam-1 }
    unplug: cam-1
  - wait: 500ms
  - plug: cam-1
  - after: cam-1 progress
    pause: dock-1
  - wait: 500ms
  - about: Told to stop while it stands still, it stops all the same.
    end: dock-1
  - start: dock-1
  - after: cam-1 idle
    end: cam-1
  - end: policy
  - start: policy
  - start: cam-1
expect:
  recordings:
    patrol: { marks: 2 }
  events:
    - { event: cam-2 docked, times: [1, 3] }
`;

const TROUBLES = `name: troubles
about: A dock without room, a policy service that is not heard or slow, a dock whose clock jumps; and a report that opens.
seed: 2${SITE}timeline:
  - record: { camera: cam-1, as: patrol }
  - wait: 1s
  - stop: cam-1
  - disk: { of: dock-1, is: full }
  - dock: cam-1
  - about: Nobody takes custody without room.
    after: { of: cam-1, event: refused, having: { code: storage-full } }
    disk: { of: dock-1, is: sound }
  - undock: cam-1
  - dock: cam-1
  - after: cam-1 erased
    incident: { id: 26-1, officers: ["4411"] }
  - fact: { type: recording.linked, incident: 26-1, recording: patrol }
  - force: { incident: 26-1, is: none }
  - open: { person: "4411", recording: patrol, expect: refused, purpose: supplement_report }
  - report: { incident: 26-1, person: "4411" }
  - policy: { is: slow, delay: 300ms }
  - open: { person: "4411", recording: patrol, expect: open, purpose: supplement_report }
  - policy: { is: down }
  - open: { person: "4411", recording: patrol, expect: refused, purpose: supplement_report }
  - policy: { is: up }
  - open: { person: "4411", recording: patrol, expect: open, purpose: supplement_report }
  - clock: { of: dock-1, step: -10m }
  - record: { camera: cam-1, as: later }
  - wait: 1s
  - stop: cam-1
  - dock: cam-1
  - about: A sign-in of now is not yet valid at a dock that is behind.
    after: cam-1 erased
    clock: { of: dock-1, step: +10m }
expect:
  stamps: 11m
  ledger: { has: [clock.stepped] }
`;

/** What a run of these steps on the same site says is wrong. */
async function wrongOf(steps: string): Promise<string> {
  const text = `name: wrong\nabout: What cannot be done.\nseed: 1\nwithin: 20s${SITE}timeline:\n${steps}expect: { settle: 1s }\n`;
  return rig(text).then(
    () => 'nothing',
    (error: unknown) => String(error),
  );
}

// Goal: every action of a scenario file does with real programs what its description says. Method: two scenarios that have them
// all and whose outcome depends on each; then what cannot be done, which must be said and not passed over.
describe.concurrent('the actions of a scenario', () => {
  it.each([
    ['cables, signals, ends and starts', PROGRAMS],
    ['disks, clocks, policy and records', TROUBLES],
  ])('work with real programs: %s', { timeout: MS_MAX }, async (_, text) => {
    expect((await rig(text)).outcome).toBe('passed');
  });

  it('that cannot be carried out end the run, which says which', { timeout: MS_MAX }, async () => {
    const [twice, nowhere, quit, sound] = await Promise.all([
      wrongOf('  - start: dock-1\n'),
      wrongOf('  - unplug: cam-1\n'),
      wrongOf('  - say: { camera: cam-1, command: explode }\n  - wait: 500ms\n'),
      wrongOf('  - record: cam-1\n  - rot: { dock: dock-1, recording: cam-1 }\n'),
    ]);
    expect(twice).toContain('step 1 (start dock-1): dock-1 runs already');
    expect(nowhere).toContain('step 1 (unplug cam-1): cam-1 is in no bay');
    expect(sound).toContain('dock-1 holds nothing of cam-1 that could rot');
    expect(quit).toContain('cam-1 refused a command: no command "explode"');
  });
});
