import { describe, expect, test } from 'vitest';
import { Chance } from '../../../../sim/fault/chance.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { makeWire, type WireFaults } from '../../../../sim/fault/wire.ts';

const COUNT = 50;

/** Sends numbered packets from the camera, one a millisecond, and returns the numbers as they arrive. */
async function arrivals(seed: string, faults: WireFaults): Promise<readonly number[]> {
  const clock = new ManualClock();
  const wire = makeWire({ clock, chance: new Chance(seed), delayMs: 2, ...faults });
  const got: number[] = [];
  const reading = (async () => {
    for await (const packet of wire.dock.packets()) got.push(packet[0] ?? -1);
  })();
  for (let i = 0; i < COUNT; i++) {
    void wire.camera.send(Uint8Array.of(i), 'data');
    clock.advance(1);
  }
  clock.advance(1_000);
  wire.cut();
  await reading;
  return got;
}

const isSorted = (numbers: readonly number[]): boolean =>
  numbers.every((number, i) => i === 0 || (numbers[i - 1] ?? 0) <= number);

describe('the wire in memory', () => {
  // A run that failed must be replayed exactly: same seed, same arrivals; another seed, others.
  test('does the same again for the same seed', async () => {
    const faults = { loss: 0.2, repeat: 0.2, reorder: 0.2 };
    const first = await arrivals('seed 1', faults);
    expect(await arrivals('seed 1', faults)).toEqual(first);
    expect(await arrivals('seed 2', faults)).not.toEqual(first);
  });

  // Each fault alone does what its name says and nothing else.
  test('loses, repeats and reorders as told', async () => {
    expect(await arrivals('seed', {})).toEqual(Array.from({ length: COUNT }, (_, i) => i));

    const lossy = await arrivals('seed', { loss: 0.3 });
    expect(lossy.length).toBeLessThan(COUNT);
    expect(isSorted(lossy) && new Set(lossy).size === lossy.length).toBe(true);

    const repeated = await arrivals('seed', { repeat: 0.3 });
    expect(repeated.length).toBeGreaterThan(COUNT);
    expect(isSorted(repeated)).toBe(true);

    const reordered = await arrivals('seed', { reorder: 0.3 });
    expect(isSorted(reordered)).toBe(false);
    expect(reordered.toSorted((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
  });
});
