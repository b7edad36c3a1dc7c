import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BAUD_RATES } from '../../../proto/baud.ts';
import { decodePdu } from '../../../proto/codec.ts';
import { SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { MESSAGE_TYPE } from '../../../proto/messages.ts';
import { Chance } from '../../../sim/fault/chance.ts';
import { runs } from '../../runs.ts';
import { type LineOptions, LineRig } from './line-rig.ts';

const SECOND = 1_000;
const fast = { cameraMax: 3_000_000, dockMax: 3_000_000 } as const;

/** A line with both sides on for so long. */
async function after(ms: number, options: Omit<LineOptions, 'seed'>): Promise<LineRig> {
  const rig = new LineRig({ seed: 'negotiation', ...options });
  rig.start('dock');
  rig.start('camera');
  await rig.pass(ms);
  return rig;
}

/** Both at this rate, and the camera was answered within the last second. */
function expectTalk(rig: LineRig, baud?: number): void {
  expect(rig.baud.camera).toBe(rig.baud.dock);
  if (baud !== undefined) expect(rig.baud.camera).toBe(baud);
  expect(rig.clock.monoUs() - rig.answeredUs).toBeLessThan(SECOND * 1_000);
}

/** Loses the first so many frames of a type that one side sends; `when` narrows it. */
function losing(
  by: 'camera' | 'dock',
  type: keyof typeof MESSAGE_TYPE,
  { count, when = () => true }: { count: number; when?: (pdu: Uint8Array) => boolean },
): NonNullable<LineOptions['lose']> {
  let left = count;
  return (frame) => {
    if (frame.by !== by || frame.pdu[0] !== MESSAGE_TYPE[type] || left === 0 || !when(frame.pdu))
      return false;
    left -= 1;
    return true;
  };
}

function isKeep(pdu: Uint8Array): boolean {
  const message = decodePdu(pdu, SERIAL_PDU_BYTES_MAX);
  return 'type' in message && message.type === 'link-report' && message.keep;
}

describe('a serial line whose rate is negotiated', () => {
  // Both can do the rate and the line carries it: it is found at once, in less than a quarter of a second.
  test.each([921_600, 3_000_000])('gets to %d bit/s at once', async (baud) => {
    const rig = await after(2 * SECOND, { cameraMax: baud, dockMax: 3_000_000 });
    expectTalk(rig, baud);
    expect(rig.readyUs[0]).toBeLessThan(250_000);
    await rig.end();
  });

  // Noise above what the line carries: whatever that is, both ends settle on the fastest usual rate below it.
  test.each(BAUD_RATES)('settles on %d bit/s when nothing faster gets through', async (topBaud) => {
    const rig = await after(20 * SECOND, { ...fast, topBaud });
    expectTalk(rig, topBaud);
    await rig.end();
  });

  // The slower side decides, whichever it is; equal rates change nothing and are found without probes.
  test.each([
    [3_000_000, 460_800, 460_800],
    [230_400, 3_000_000, 230_400],
    [921_600, 115_200, 115_200],
    [250_000, 3_000_000, 230_400],
  ])('camera up to %d, dock up to %d: %d bit/s', async (cameraMax, dockMax, baud) => {
    const rig = await after(2 * SECOND, { cameraMax, dockMax });
    expectTalk(rig, baud);
    expect(rig.sent.some(({ type }) => type === MESSAGE_TYPE['link-probe'])).toBe(baud !== 115_200);
    await rig.end();
  });

  // A camera that is told to stay where it is says nothing about the line.
  test('proposes nothing when it may not', async () => {
    const rig = await after(2 * SECOND, { cameraMax: 115_200, dockMax: 3_000_000 });
    expectTalk(rig, 115_200);
    expect(rig.sent).toEqual([]);
    await rig.end();
  });

  // A dock that does not negotiate, here one whose answers are all lost, costs a second and no more.
  test('greets after a second when nobody answers', async () => {
    const rig = await after(2 * SECOND, {
      ...fast,
      lose: ({ by, pdu }) => by === 'camera' && pdu[0] === MESSAGE_TYPE['link-propose'],
    });
    expectTalk(rig, 115_200);
    expect(rig.sent.map(({ type }) => type)).toEqual(
      Array.from({ length: 5 }, () => MESSAGE_TYPE['link-propose']),
    );
    expect(rig.readyUs[0]).toBeLessThanOrEqual(1_000_000);
    await rig.end();
  });

  // A start below the usual rates, where the camera and the dock are told to meet.
  test('begins at another rate when both are told so', async () => {
    const rig = await after(5 * SECOND, { ...fast, baud: 9_600 });
    expectTalk(rig, 3_000_000);
    await rig.end();
  });

  // A port that cannot do a rate: the other side finds out by its watchdog, and the next slower rate is tried.
  test.each(['camera', 'dock'] as const)('goes on when the %s cannot do a rate', async (side) => {
    const rig = await after(10 * SECOND, { ...fast, refused: { [side]: [3_000_000, 2_000_000] } });
    expectTalk(rig, 1_500_000);
    await rig.end();
  });
});

describe('a negotiation that loses a message', () => {
  // One of each, and both copies of the Commit: in the end both are at one rate, and but for a lost Commit it is the best.
  test.each([
    ['proposal', losing('camera', 'link-propose', { count: 1 }), 3_000_000],
    ['one copy of the Commit', losing('dock', 'link-commit', { count: 1 }), 3_000_000],
    ['one probe of the camera', losing('camera', 'link-probe', { count: 1 }), 3_000_000],
    ['one probe of the dock', losing('dock', 'link-probe', { count: 1 }), 3_000_000],
    ['the last word of the camera', losing('camera', 'link-report', { count: 1, when: isKeep }), 3_000_000],
    ['the report of the dock', losing('dock', 'link-report', { count: 1 }), 2_000_000],
    ['two probes of the camera', losing('camera', 'link-probe', { count: 2 }), 2_000_000],
    ['two probes of the dock', losing('dock', 'link-probe', { count: 2 }), 2_000_000],
    ['all probes of the camera', losing('camera', 'link-probe', { count: 8 }), 2_000_000],
    [
      'two probes and the word about it',
      ((): NonNullable<LineOptions['lose']> => {
        const probes = losing('dock', 'link-probe', { count: 2 });
        const word = losing('camera', 'link-report', { count: 1, when: (pdu) => !isKeep(pdu) });
        return (frame) => probes(frame) || word(frame);
      })(),
      2_000_000,
    ],
    ['both copies of the Commit', losing('dock', 'link-commit', { count: 2 }), undefined],
  ])('%s', async (_name, lose, baud) => {
    const rig = await after(8 * SECOND, { ...fast, lose });
    expectTalk(rig, baud);
    await rig.end();
  });

  // The last word and all greetings for two seconds are lost: the dock goes back alone, and both find each other again.
  test('the last word and all that would say the same', async () => {
    const rig = await after(15 * SECOND, {
      ...fast,
      lose: ({ by, pdu, atUs }) =>
        by === 'camera' && atUs < 2_500_000 && (isKeep(pdu) || pdu[0] === MESSAGE_TYPE.ping),
    });
    expectTalk(rig);
    await rig.end();
  });
});

describe('a negotiated line whose programs restart', () => {
  // The camera's link ends for a moment: both come back at the rate that worked, without probes.
  test('comes back at the last good rate', async () => {
    const rig = await after(2 * SECOND, fast);
    rig.sent.length = 0;
    await rig.undock();
    await rig.pass(SECOND);
    expectTalk(rig, 3_000_000);
    expect(rig.sent.map(({ baud }) => baud)).toEqual([3_000_000, 3_000_000]);
    await rig.end();
  });

  // A dock that restarts waits at the usual rate while the camera is at another: silence brings it back.
  test('recovers from a dock that restarts', async () => {
    const rig = await after(5 * SECOND, fast);
    rig.start('dock');
    await rig.pass(10 * SECOND);
    expectTalk(rig, 3_000_000);
    await rig.end();
  });

  // A dock that restarts between its Commit and the camera's word.
  test('recovers from a dock that restarts in the middle', async () => {
    const rig = await after(100, fast);
    expect(rig.baud.dock).toBe(3_000_000);
    rig.start('dock');
    await rig.pass(10 * SECOND);
    expectTalk(rig);
    await rig.end();
  });

  // A camera that restarts looks for the dock at the usual rate while the dock still listens at another: it leaves
  // that rate after three seconds of silence. They talk at once again where the dock has been left alone for longer.
  test.each([0, 4 * SECOND])('recovers from a camera that restarts and is away for %d ms', async (awayMs) => {
    const rig = await after(5 * SECOND, fast);
    await rig.leave();
    await rig.pass(awayMs);
    rig.start('camera');
    await rig.pass(awayMs > 0 ? SECOND : 8 * SECOND);
    expectTalk(rig, awayMs > 0 ? 3_000_000 : undefined);
    await rig.end();
  });

  // With nobody there the dock goes back to where cameras look for it.
  test('the dock leaves a rate at which nobody speaks', async () => {
    const rig = await after(3 * SECOND, fast);
    await rig.leave();
    await rig.pass(2_500);
    expect(rig.baud.dock).toBe(3_000_000);
    await rig.pass(2_500);
    expect(rig.baud.dock).toBe(115_200);
    await rig.end();
  });
});

describe('a negotiation among losses', () => {
  // For any seed: a line that carries some rate, frames lost at random in both directions, both programs restarting at any
  // time. Once that is over, both are soon at one rate at which frames pass.
  test('always ends at one rate where both can talk', async () => {
    const moments = fc.array(
      fc.record({ side: fc.constantFrom('camera' as const, 'dock' as const), afterMs: fc.nat(4_000) }),
      { maxLength: 4 },
    );
    const world = fc.record({
      seed: fc.string(),
      topBaud: fc.constantFrom(...BAUD_RATES),
      loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
      restarts: moments,
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, topBaud, loss, restarts }) => {
        const chance = new Chance(seed);
        let isOver = false;
        const lose = (): boolean => !isOver && chance.fraction() < loss;
        const rig = await after(1, { ...fast, topBaud, lose });
        for (const { side, afterMs } of restarts) {
          await rig.pass(afterMs);
          rig.start(side);
        }
        await rig.pass(3 * SECOND);
        isOver = true;
        await rig.pass(25 * SECOND);
        expectTalk(rig);
        expect(rig.baud.camera).toBeLessThanOrEqual(topBaud);
        await rig.end();
      }),
      { numRuns: runs(60) },
    );
  }, 60_000);
});
