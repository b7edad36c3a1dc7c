import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step } from '../../../device/firmware/machine.ts';
import {
  FIRMWARE_START,
  type FirmwareEffect,
  type FirmwareEvent,
  type FirmwareSetting,
  type FirmwareState,
} from '../../../device/firmware/state.ts';
import { EVENTS } from '../../../device/firmware/table.ts';
import { bodyRig } from '../../unit/device/firmware/body-rig.ts';

const setting: fc.Arbitrary<FirmwareSetting> = fc.record({
  postEventMs: fc.constantFrom(0, 3000),
  recordingMsMax: fc.constant(60_000),
  whenFull: fc.constantFrom('stop', 'refuse'),
  tag: fc.constant('north'),
  isFilm: fc.boolean(),
});

/** Any event there is, with whatever it carries. */
const event: fc.Arbitrary<FirmwareEvent> = fc
  .tuple(fc.constantFrom(...EVENTS), fc.nat(3))
  .map(([name, number]) => eventOf(name, number));

function eventOf(name: FirmwareEvent['event'], number: number): FirmwareEvent {
  switch (name) {
    case 'peer':
      return { event: name, camera: 'cam-2', tag: number === 0 ? 'south' : 'north' };
    case 'category':
      return { event: name, name: 'fire' };
    case 'assign':
    case 'undock':
      return { event: name, officer: number === 0 ? '' : String(number) };
    case 'contact':
    case 'receipt':
      return { event: name, waiting: number };
    case 'synced':
      return { event: name, isSet: number > 1, waiting: number };
    case 'progress':
      return { event: name, durableBytes: number, totalBytes: 3, waiting: 1 };
    case 'looked':
      return { event: name, interrupted: number };
    case 'begin-failed':
      return { event: name, number };
    case 'press':
    case 'double-press':
    case 'hold':
    case 'holster':
    case 'light-bar':
    case 'taser':
    case 'fall':
    case 'record':
    case 'stop':
    case 'mark':
    case 'mute':
    case 'unmute':
    case 'stealth-on':
    case 'stealth-off':
    case 'sleep':
    case 'wake':
      return { event: name };
    default:
      return { event: name };
  }
}

// Half of the sequences begin with a camera that is on, or they would seldom come far.
const events = fc
  .tuple(fc.boolean(), fc.array(event, { maxLength: 80 }))
  .map(([isOn, rest]): readonly FirmwareEvent[] =>
    isOn
      ? [{ event: 'power-on' }, { event: 'looked', interrupted: 0 }, { event: 'recovered' }, ...rest]
      : rest,
  );

const isDark = ({ mode }: FirmwareState): boolean => 'isStealthy' in mode && mode.isStealthy;

describe('the camera, whatever happens to it', () => {
  // Goal: recordings follow one another: none begins inside another, each is ended, goes on in the next, or was cut off with
  // the power or refused by the memory; and marks fall inside one. Method: read the effects as a story.
  it('tells a story that makes sense', () => {
    fc.assert(
      fc.property(events, setting, (all, how) => {
        let state = FIRMWARE_START;
        let open = 0;
        for (const one of all) {
          const before = state;
          const [next, effects] = step(state, one, how);
          state = next;
          // The memory had refused it, or the film is over: there is no recording to end.
          const isEnded = one.event === 'begin-failed' || one.event === 'film-over';
          if (isEnded && 'number' in before.mode && !('number' in next.mode)) open = 0;
          for (const effect of effects) open = follow(open, effect);
          expect(open, JSON.stringify(one)).toBe('number' in next.mode ? next.mode.number : 0);
          if (isDark(before) && isDark(next))
            expect(effects.map(({ effect }) => effect)).not.toContain('signal');
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** The number of the recording that is open after this effect; 0: none. */
function follow(open: number, effect: FirmwareEffect): number {
  switch (effect.effect) {
    case 'begin':
      expect(open, 'none is open when one begins').toBe(0);
      return effect.number;
    case 'renew':
      expect(effect.number).toBe(open + 1);
      return effect.number;
    case 'mark':
      expect(open, 'there is one to mark').not.toBe(0);
      return open;
    case 'end':
      expect(open, 'there is one to end').not.toBe(0);
      return 0;
    case 'cut':
      return 0;
    case 'halt':
      expect(open, 'a camera that switches off has ended what it recorded').toBe(0);
      return 0;
    default:
      return open;
  }
}

const LINES = [
  ...['record', 'stop', 'double-press', 'hold', 'press', 'taser', 'peer', 'mark', 'mute', 'unmute'],
  ...['category fire', 'sleep', 'wake', 'stealth on', 'stealth off', 'assign 4412', 'unassign'],
  ...['dock', 'undock', 'undock 4413', 'unplug', 'plug', 'flash full', 'flash room', 'clock +60', 'status'],
] as const;
const PASS = ['1', '2', '6'] as const;

// Goal: no recording that began is lost: each is closed, or recovered after the power went. Method: commands and seconds at random
// on a whole camera, then the battery is pulled, and the next start counts.
it('loses no recording that has begun', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...LINES, ...PASS, ...PASS), { minLength: 5, maxLength: 30 }),
      fc.boolean(),
      async (lines, isPulled) => {
        const rig = await bodyRig({ setting: { postEventMs: 2000, recordingMsMax: 5000 } });
        await rig.body.start();
        const begunIn = (): readonly string[] =>
          rig.news.flatMap((one) => (one.news === 'recording' ? [one.recordingId] : []));
        // What was open when the room went may be without a whole fragment, and then it holds no footage.
        const cramped = new Set<string>();
        let isFull = false;
        for (const line of lines) {
          if (line === 'flash full' || isFull) for (const id of begunIn().slice(-1)) cramped.add(id);
          if (/^\d$/.test(line)) await rig.pass(Number(line));
          else await rig.tell(line);
          if (line === 'flash full') isFull = true;
          if (line === 'flash room') isFull = false;
        }
        // A fragment is whole once the next one has come: what is younger may go with the power.
        const older = begunIn();
        await rig.pass(3);
        // In a bay its battery is not what keeps it on.
        if (isPulled) await rig.tell('unplug');
        if (isPulled) rig.battery.set(0);
        else await rig.tell('quit');
        await rig.body.ended;
        const again = await bodyRig({ disk: rig.disk, keys: rig.keys });
        await again.body.start();
        const kept = (await again.manifests()).map(({ recordingId }) => recordingId);
        const due = (isPulled ? older : begunIn()).filter((id) => !cramped.has(id));
        expect(kept).toEqual(expect.arrayContaining(due));
        expect(new Set(kept).size).toBe(kept.length);
      },
    ),
    { numRuns: 25 },
  );
});
