import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { costOf, emptyUnit, place } from '../../../../dock/ingest/assembly.ts';
import { Parking } from '../../../../dock/ingest/parking.ts';
import { Seat } from '../../../../dock/ingest/seat.ts';
import { Staging, STAGING_BYTES_MIN } from '../../../../dock/ingest/staging.ts';
import type { CameraId, RecordingId } from '../../../../proto/ids.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';

// Goal: memory that was given back is free. Method: a unit parked by one seat and taken by another, which goes on without
// it; then the garbage collector, which knows who still holds it.
it('a seat does not keep the bytes of what it took over', async () => {
  const staging = new Staging(STAGING_BYTES_MIN);
  const parking = new Parking(staging, new ManualClock());
  const claim = {
    cameraId: 'cam-1' as CameraId,
    key: { recordingId: 'a'.repeat(32) as RecordingId, manifestSha256: new Uint8Array(32) },
  };
  const seatOf = (stream: number): Seat => new Seat({ stream, claim }, { staging, parking }, () => undefined);
  const [first, second] = [seatOf(1), seatOf(2)];
  const passOn = (): WeakRef<Uint8Array> => {
    const bounds = { start: 0, end: 1_000 };
    first.reserve({ stream: 1, bytes: costOf(bounds) });
    first.park(place([emptyUnit(1, bounds)], { offset: 0, bytes: new Uint8Array(10) }).units);
    const [unit] = second.take();
    if (unit?.bytes === undefined) throw new Error('nothing was parked');
    second.release({ stream: 2, bytes: costOf(bounds) });
    return new WeakRef(unit.bytes);
  };
  const bytes = passOn();
  expect(staging.bytesUsed).toBe(0);
  setFlagsFromString('--expose-gc');
  // What a WeakRef was made of or asked for lives to the end of the turn.
  await new Promise<void>((resolve) => setImmediate(resolve));
  runInNewContext('gc()');
  expect(bytes.deref()).toBeUndefined();
  second.close();
});
