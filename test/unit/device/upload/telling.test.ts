import { describe, expect, it } from 'vitest';
import type { UploadState } from '../../../../device/upload/state.ts';
import { looked, lookUs, notLooked, type Telling, telling } from '../../../../device/upload/telling.ts';
import { TELEMETRY_GAP_MS, TELEMETRY_LOOK_MS, TELEMETRY_REPEAT_MS } from '../../../../proto/limits.ts';
import type { Telemetry } from '../../../../proto/messages.ts';
import { makeRecording, makeSigner, Town } from '../../../../sim/world/town.ts';

// Goal: a dock hears how a camera is when that changes and now and then, and no oftener. Method: the two pure steps, with states of
// an upload and gauges by hand.
const SECOND_US = 1_000_000;
const LOOK_US = TELEMETRY_LOOK_MS * 1000;
const gauge = { batteryPercent: 60, flashFreeBytes: 1_000, officerId: '4411' };

const docked = (doing: 'listing' | 'finishing'): UploadState =>
  ({ at: 'docked', work: { doing } }) as unknown as UploadState;
const look = (nowUs: number, changed: Partial<typeof gauge> = {}) => ({
  ...{ gauge: { ...gauge, ...changed }, waiting: [], nowUs, wallUs: 5 },
});
const begun = (): Telling => {
  const [told] = looked(telling({ at: 'silent' }, docked('listing'), 0), look(0));
  return told;
};

describe('what a camera tells', () => {
  it('begins with the session, and ends with it', () => {
    const first = telling({ at: 'silent' }, docked('listing'), 7);
    expect(first).toMatchObject({ isLooking: true });
    const [, telemetry] = looked(first, look(9));
    expect(telemetry).toMatchObject({
      type: 'telemetry',
      state: 'docked',
      ...gauge,
      recordingsHeld: 0,
      cameraWallUs: 5,
    });
    expect(telemetry).not.toHaveProperty('bytesHeld');
    const gone = telling(first, { at: 'undocked' }, 10);
    expect(gone).toEqual({ at: 'silent' });
    expect(looked(gone, look(11))).toEqual([gone, undefined]);
    expect(lookUs(gone)).toBeUndefined();
  });

  it('counts what waits, manifests and content', () => {
    const { recording } = makeRecording(1, [200, 300], { signer: makeSigner('camera') });
    const [, telemetry] = looked(telling({ at: 'silent' }, docked('listing'), 0), {
      ...look(0),
      waiting: [recording],
    });
    const { signedManifest, contentBytes } = recording;
    expect(telemetry).toMatchObject({
      recordingsHeld: 1,
      bytesHeld: signedManifest.byteLength + contentBytes,
    });
  });

  it('looks every few seconds and is silent when nothing has changed', () => {
    const idle = telling(begun(), docked('listing'), LOOK_US - 1);
    expect(idle).toMatchObject({ isLooking: false });
    expect(lookUs(idle)).toBe(LOOK_US);
    const looking = telling(idle, docked('listing'), LOOK_US);
    expect(looking).toMatchObject({ isLooking: true });
    expect(looked(looking, look(LOOK_US, { flashFreeBytes: 7 }))[1]).toBeUndefined();
    expect(looked(looking, look(LOOK_US, { batteryPercent: 61 }))[1]).toMatchObject({ batteryPercent: 61 });
    const lateUs = TELEMETRY_REPEAT_MS * 1000;
    expect(looked(looking, look(lateUs))[1]).toMatchObject({ batteryPercent: 60 });
  });

  it('looks soon after an upload begins or ends, but never within a second of the last word', () => {
    const changed = telling(begun(), docked('finishing'), 10);
    expect(lookUs(changed)).toBe(TELEMETRY_GAP_MS * 1000);
    const looking = telling(changed, docked('finishing'), 2 * SECOND_US);
    expect(looked(looking, look(2 * SECOND_US))[1]).toMatchObject({ state: 'transferring' });
  });

  it('does not ask gauges again that have not answered', () => {
    const looking = telling(begun(), docked('listing'), LOOK_US);
    const still = telling(looking, docked('listing'), 3 * LOOK_US);
    expect(lookUs(still)).toBeUndefined();
    expect(lookUs(notLooked(still))).toBe(2 * LOOK_US);
  });
});

// Goal: what a docked camera says arrives, at the beginning of a session and after a recording is over. Method: a camera and a dock in
// virtual time; the dock's news are read.
it('reaches the dock', async () => {
  const signer = makeSigner('camera');
  const recordings = [1, 2].map((counter) => makeRecording(counter, [100_000], { signer }));
  const faults = { baud: 921_600, latencyMs: 10 };
  const town = new Town({ seed: 'telemetry', faults, recordings, cameraSigner: signer });
  const heard = (): readonly Telemetry[] =>
    town.news.flatMap((news) => (news.news === 'telemetry' ? [news.telemetry] : []));
  town.dock();
  expect(await town.until(() => heard().length > 0, 500)).toBe(true);
  expect(heard()[0]).toMatchObject({ batteryPercent: 71, recordingsHeld: 2, officerId: '4411' });
  expect(heard()[0]?.bytesHeld).toBeGreaterThan(200_000);
  expect(await town.until(() => heard().at(-1)?.recordingsHeld === 0, 20_000)).toBe(true);
  expect(heard().at(-1)).not.toHaveProperty('bytesHeld');
  expect(heard().length).toBeLessThan(10);
});
