import fc from 'fast-check';
import { it } from 'vitest';
import { runs } from '../../runs.ts';
import { type Deed, type Made, SENSORS, Shift } from './shift.ts';

// Goal: whatever a shift brings, each recording names who had the camera when it began and shows only what was seen for them; its
// stretches without sound, its frames and the frames of the file that follows it are exactly what was; nothing that was closed is
// changed or gone before a dock has it; and what is critical is offered first. Method: words, pauses and power cuts at random on a
// whole camera over a disk in memory, with somebody beside it who writes down the truth; at the end every byte is read back.

const LINES = [
  ...['record', 'record', 'double-press', 'stop', 'hold', 'mark', 'mute', 'unmute', 'lightbar', ...SENSORS],
  ...[
    'assign 4412',
    'unassign',
    'dock',
    'undock',
    'undock 4413',
    'sleep',
    'wake',
    'stealth on',
    'stealth off',
  ],
] as const;
/** Milliseconds, mostly between two frames. */
const PAUSES = [40, 730, 1000, 1370, 1690, 1690] as const;

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...LINES).map((say) => ({ say })) },
  { weight: 8, arbitrary: fc.constantFrom(...PAUSES).map((passMs) => ({ passMs })) },
  { weight: 1, arbitrary: fc.constantFrom('cut' as const, 'collect' as const).map((what) => ({ do: what })) },
);

const made: fc.Arbitrary<Made> = fc.record({
  preEventMs: fc.constantFrom(0, 2500),
  capacityBytes: fc.constantFrom(4e9, 4e9, 9_000),
  scarceBytes: fc.constantFrom(0, 5_000),
  whenFull: fc.constantFrom('stop', 'refuse'),
  postEventMs: fc.constantFrom(0, 2000),
  recordingMsMax: fc.constantFrom(3000, 5300),
});

const say = (line: string): Deed => ({ say: line });
const pass = (passMs: number): Deed => ({ passMs });
const PLAIN: Made = {
  ...{ preEventMs: 2500, capacityBytes: 4e9, scarceBytes: 0, whenFull: 'stop', postEventMs: 0 },
  recordingMsMax: 5300,
};
const SMALL = { capacityBytes: 9_000, scarceBytes: 5_000, recordingMsMax: 60_000 };
const LONG = [say('record'), ...Array.from({ length: 16 }, () => pass(1000)), say('stop'), pass(1000)];
/** What chance seldom finds: a memory without room; and what was wrong once: a frame that was seen half for another, that begins before its trigger, or where a muted file ends. */
const EXAMPLES: [Deed[], Made][] = [
  [[...LONG, say('record'), pass(1000), say('stop')], { ...PLAIN, ...SMALL, whenFull: 'refuse' }],
  [[...LONG, ...LONG, ...LONG, say('record')], { ...PLAIN, ...SMALL, whenFull: 'stop' }],
  [[pass(40), say('assign 4412'), pass(40), say('record'), pass(1000), say('stop')], PLAIN],
  [[pass(40), pass(40), say('record'), pass(1000), say('stop')], PLAIN],
  [
    [
      say('record'),
      pass(730),
      say('mute'),
      pass(730),
      say('unmute'),
      pass(730),
      say('mute'),
      pass(40),
      say('stop'),
    ],
    PLAIN,
  ],
  [[say('record'), say('mute'), pass(1690), pass(1690), pass(1690), pass(730), say('stop')], PLAIN],
];

it('records a shift as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 10, maxLength: 45 }), made, async (deeds, how) => {
      const shift = await Shift.begin(how);
      for (const one of deeds) await shift.follow(one);
      await shift.end();
    }),
    { numRuns: runs(60), examples: EXAMPLES },
  );
}, 120_000);
