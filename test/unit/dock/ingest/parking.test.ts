import { beforeEach, describe, expect, it } from 'vitest';
import { costOf, emptyUnit, place, type Unit } from '../../../../dock/ingest/assembly.ts';
import { Parking } from '../../../../dock/ingest/parking.ts';
import { Staging } from '../../../../dock/ingest/staging.ts';
import type { CameraId, RecordingId } from '../../../../proto/ids.ts';
import { PARKED_MS } from '../../../../proto/limits.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

const MIB = 1024 * 1024;
const claimOf = (digit: string, camera = 'cam-1') => ({
  cameraId: camera as CameraId,
  key: { recordingId: digit.repeat(32) as RecordingId, manifestSha256: new Uint8Array(32) },
});

// Goal: what an interrupted upload left is there for its next try, for nobody else, and for no longer than it may.
// Method: units of one mebibyte parked under one claim and asked for under others, after a while, and in need.
describe('what is parked', () => {
  let clock: ManualClock;
  let staging: Staging;
  let parking: Parking;

  beforeEach(() => {
    clock = new ManualClock();
    staging = new Staging(8 * MIB);
    parking = new Parking(staging, clock);
  });

  function park(digit: string): readonly Unit[] {
    const account = staging.open(() => undefined);
    const bounds = { start: 0, end: 2 * MIB };
    expect(account.reserve(costOf(bounds))).toBe(true);
    const { units } = place([emptyUnit(1, bounds)], { offset: 0, bytes: new Uint8Array(10) });
    parking.park(claimOf(digit), units, account);
    account.close();
    return units;
  }

  const take = (digit: string, camera?: string): readonly Unit[] => {
    const account = staging.open(() => undefined);
    const units = parking.take(claimOf(digit, camera), account);
    account.close();
    return units;
  };

  it('is taken once, by the same camera for the same recording', () => {
    const units = park('a');
    expect(staging.bytesUsed).toBe(2 * MIB + 4096);
    expect(parking.bytes).toBe(staging.bytesUsed);
    expect(take('b')).toEqual([]);
    expect(take('a', 'cam-2')).toEqual([]);
    expect(take('a')).toBe(units);
    expect(take('a')).toEqual([]);
    expect(staging.bytesUsed).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('is given up after its time', () => {
    park('a');
    clock.advance(PARKED_MS - 1);
    expect(parking.bytes).toBeGreaterThan(0);
    clock.advance(1);
    expect(staging.bytesUsed).toBe(0);
    expect(take('a')).toEqual([]);
  });

  it('makes room, the oldest first, and only as much as is needed', () => {
    for (const digit of ['a', 'b', 'c']) park(digit);
    const needy = staging.open(() => undefined);
    expect(needy.reserve(3 * MIB)).toBe(true);
    expect([take('a').length, take('b').length, take('c').length]).toEqual([0, 1, 1]);
  });

  it('stays when giving it up would not help', () => {
    const holder = staging.open(() => undefined);
    holder.reserve(5 * MIB);
    park('a');
    expect(staging.open(() => undefined).reserve(4 * MIB)).toBe(false);
    expect(parking.bytes).toBeGreaterThan(0);
  });

  it('goes when the dock stops', () => {
    park('a');
    parking.close();
    expect(staging.bytesUsed).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

// Goal: one session at a time takes a recording in. Method: two claims, and a third by another camera.
it('a claim ends the claim before it, and only that', () => {
  const parking = new Parking(new Staging(8 * MIB), new ManualClock());
  const ended: string[] = [];
  const taker = (name: string) => ({ supersede: () => void ended.push(name) });
  const [one, two] = [taker('one'), taker('two')];
  parking.claim(claimOf('a'), one);
  parking.claim(claimOf('a', 'cam-2'), taker('other'));
  parking.claim(claimOf('b'), taker('next'));
  expect(ended).toEqual([]);
  parking.claim(claimOf('a'), two);
  expect(ended).toEqual(['one']);
  parking.yield(claimOf('a'), one);
  parking.claim(claimOf('a'), taker('three'));
  expect(ended).toEqual(['one', 'two']);
  parking.yield(claimOf('b'), one);
});
