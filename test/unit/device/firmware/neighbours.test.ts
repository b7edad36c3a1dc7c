import { expect, it } from 'vitest';
import { CALLS_MAX, CALLS_MAX_ALL, CALLS_MS, Neighbours } from '../../../../device/firmware/neighbours.ts';
import type { PeerCall } from '../../../../device/ports.ts';
import { isCameraId } from '../../../../proto/ids.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { Air, type AirOptions } from '../../../../sim/fault/memory-radio.ts';

// Goal: what a camera makes of its radio: one event for each call, in bounds, and no way for a call to come back. Method: cameras on air in
// memory under a clock that stands still until it is moved.

interface Near {
  readonly neighbours: Neighbours;
  readonly heard: PeerCall[];
}

function cameras(
  names: readonly string[],
  options: Partial<AirOptions> = {},
): { readonly near: readonly Near[]; readonly air: Air; readonly clock: ManualClock } {
  const clock = new ManualClock();
  const air = new Air({ chance: new Chance('air'), ...options });
  const near = names.map((name) => {
    if (!isCameraId(name)) throw new TypeError(`${name} is no camera`);
    const chance = new Chance(name);
    const heard: PeerCall[] = [];
    const keys = { cameraId: name, randomBytes: (count: number) => chance.bytes(count) };
    const radio = air.join(name);
    return { heard, neighbours: new Neighbours({ radio, clock, keys, heard: (call) => heard.push(call) }) };
  });
  return { near, air, clock };
}

const taser = { tag: 'north', cause: 'taser' } as const;

it('tells everyone near once, and itself never', () => {
  const { near } = cameras(['cam-1', 'cam-2', 'cam-3'], { repeated: 1 });
  const call = near[0]?.neighbours.call(taser);
  expect(call).toMatchObject({ camera: 'cam-1', ...taser });
  expect(near.map(({ heard }) => heard)).toEqual([[], [call], [call]]);
  expect(near[1]?.neighbours.counts()).toMatchObject({ heard: 2, ignored: 1 });
});

it('is never told of what was called itself, or went on', () => {
  const { near } = cameras(['cam-1', 'cam-2']);
  for (const cause of ['peer', 'limit'] as const)
    expect(near[0]?.neighbours.call({ tag: '', cause })).toBeUndefined();
  expect(near[1]?.heard).toEqual([]);
});

it('calls no more often than says something, and again after a while', () => {
  const { near, clock } = cameras(['cam-1', 'cam-2']);
  const made = (): number =>
    Array.from({ length: 20 }, () => near[0]?.neighbours.call(taser)).filter((call) => call !== undefined)
      .length;
  expect(made()).toBe(CALLS_MAX);
  clock.advance(CALLS_MS - 1);
  expect(made()).toBe(0);
  clock.advance(1);
  expect(made()).toBe(CALLS_MAX);
  expect(near[1]?.heard).toHaveLength(2 * CALLS_MAX);
});

// Method: one that calls without end under its own name, then under a new name each time; another calls once in between.
it('is not disturbed without end', () => {
  const { near, air, clock } = cameras(['cam-1', 'cam-2']);
  const line = (camera: string, number: number): string =>
    JSON.stringify({ v: 1, call: number.toString(16).padStart(32, '0'), camera, tag: '', cause: 'fall' });
  for (let number = 0; number < 1000; number++) air.whisper(idOf('cam-2'), line('cam-9', number));
  expect(near[1]?.heard).toHaveLength(CALLS_MAX);
  near[0]?.neighbours.call(taser);
  expect(near[1]?.heard).toHaveLength(CALLS_MAX + 1);
  for (let number = 0; number < 1000; number++)
    air.whisper(idOf('cam-2'), line(`x-${number}`, 10_000 + number));
  expect(near[1]?.heard).toHaveLength(CALLS_MAX_ALL);
  clock.advance(CALLS_MS);
  near[0]?.neighbours.call(taser);
  expect(near[1]?.heard).toHaveLength(CALLS_MAX_ALL + 1);
});

function idOf(name: string): PeerCall['camera'] {
  if (!isCameraId(name)) throw new TypeError(`${name} is no camera`);
  return name;
}
