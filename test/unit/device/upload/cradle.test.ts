import { steadyGauges } from '../../../../sim/fault/gauges.ts';
import { expect, it } from 'vitest';
import { LinkError } from '../../../../proto/errors.ts';
import type { Link } from '../../../../device/ports.ts';
import { Cradle } from '../../../../device/upload/cradle.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { makeRecording, makeSigner, Town } from '../../../../sim/world/town.ts';
import { MemoryTickets } from '../../../../sim/fault/memory-tickets.ts';
import { MemoryVault } from '../../../../sim/fault/memory-vault.ts';
import { cameraContext } from './upload-kit.ts';

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** When a camera whose port cannot be opened tries it, in ms. */
async function tries(
  open: (clock: ManualClock) => Promise<Link>,
  limitMs: number,
): Promise<readonly number[]> {
  const clock = new ManualClock();
  const triedMs: number[] = [];
  const cradle = new Cradle({
    open: () => {
      triedMs.push(clock.monoUs() / 1_000);
      return open(clock);
    },
    clock,
    vault: new MemoryVault([]),
    tickets: new MemoryTickets(),
    gauges: steadyGauges,
    context: () => cameraContext,
    tell: () => undefined,
  });
  cradle.dock();
  for (let ms = 0; ms < limitMs; ms += 10) {
    await settle();
    clock.advance(10);
  }
  await cradle.undock();
  return triedMs;
}

// Goal: an empty cradle is looked at less and less often, and never less than every two seconds.
it('tries a port that cannot be opened after growing pauses', async () => {
  const gone = (): Promise<Link> =>
    Promise.reject(new LinkError('LINK_OPEN', 'no such port', { retry: 'later' }));
  expect(await tries(gone, 9_000)).toEqual([0, 100, 300, 700, 1_500, 3_100, 5_100, 7_100]);
});

// Goal: a line that hangs up costs a docked camera a moment. Method: a line that hangs up every second; each next
// session must be there within a quarter of a second, and the upload goes on.
it('is back at once after a link that ended', async () => {
  const signer = makeSigner('camera');
  const recordings = [makeRecording(1, [200_000, 200_000], { signer })];
  const faults = { baud: 921_600, latencyMs: 10, hangUpEveryMs: 1_000 };
  const town = new Town({ seed: 'hang-up', faults, recordings, cameraSigner: signer });
  const dockings = (): number =>
    town.news.filter((news) => news.news === 'docked' && 'dockId' in news).length;
  town.dock();
  for (const session of [1, 2, 3]) {
    expect(await town.until(() => dockings() === session, 250)).toBe(true);
    const elapsedMs = town.clock.monoUs() / 1_000;
    await town.until(() => false, session * 1_000 - elapsedMs);
  }
});
