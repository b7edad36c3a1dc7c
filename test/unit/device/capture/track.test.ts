import { describe, expect, it } from 'vitest';
import { followTrack, readTrack, walkFrom } from '../../../../device/capture/track.ts';

const PORTLAND = { latitude: 45.5152, longitude: -122.6784 };

describe('a track', () => {
  // Goal: the receiver says where the file says it is, and nothing outside of it. Method: two points, ten seconds apart.
  it('is followed from point to point', () => {
    let nowUs = 0;
    const track = readTrack(
      '[{"atMs":1000,"latitude":45,"longitude":-122,"accuracyM":3.5},{"atMs":11000,"latitude":46,"longitude":-121}]',
    );
    const position = followTrack(track, () => nowUs);
    const at = (seconds: number) => {
      nowUs = seconds * 1e6;
      return position();
    };
    expect(at(0.5)).toBeUndefined();
    expect(at(1)).toEqual({ latitudeE7: 450_000_000, longitudeE7: -1_220_000_000, accuracyDm: 35 });
    expect(at(6)).toEqual({ latitudeE7: 455_000_000, longitudeE7: -1_215_000_000, accuracyDm: 35 });
    expect(at(11)).toMatchObject({ latitudeE7: 460_000_000, longitudeE7: -1_210_000_000 });
    expect(at(11.1)).toBeUndefined();
  });

  // Goal: a file that cannot be used is refused in words that help. Method: each way to be wrong.
  it.each([
    ['{', 'is not JSON'],
    ['[]', 'is not a JSON array of points'],
    ['{"atMs":1}', 'is not a JSON array of points'],
    ['[{"atMs":0,"latitude":91,"longitude":0}]', 'has no latitude from -90 to 90 at point 0'],
    ['[{"atMs":0,"latitude":1,"longitude":"1"}]', 'has no longitude from -180 to 180 at point 0'],
    [
      '[{"atMs":0,"latitude":1,"longitude":1,"accuracyM":-1}]',
      'has no accuracyM from 0 to 100000 at point 0',
    ],
    [
      '[{"atMs":5,"latitude":1,"longitude":1},{"atMs":4,"latitude":1,"longitude":1}]',
      'goes back in time at point 1',
    ],
  ])('%s is refused', (json, why) => {
    expect(() => readTrack(json)).toThrow(
      expect.objectContaining({ code: 'TRACK', message: `the track ${why}` }),
    );
  });
});

describe('a walk', () => {
  // Goal: the same seed walks the same way however it is looked at, at the pace of somebody on foot. Method: ten minutes, once in
  // steps and once at the end.
  it('is the same for the same seed', () => {
    let nowUs = 0;
    const stepped = walkFrom(PORTLAND, 7, () => nowUs);
    const whole = walkFrom(PORTLAND, 7, () => nowUs);
    const other = walkFrom(PORTLAND, 8, () => nowUs);
    let last = stepped();
    for (let second = 1; second <= 600; second++) {
      nowUs = second * 1e6;
      const here = stepped();
      const metres =
        Math.hypot(
          (here.latitudeE7 - last.latitudeE7) / 1e7,
          ((here.longitudeE7 - last.longitudeE7) / 1e7) * Math.cos((PORTLAND.latitude * Math.PI) / 180),
        ) * 111_320;
      expect(metres).toBeGreaterThan(1.2);
      expect(metres).toBeLessThan(1.6);
      last = here;
    }
    expect(whole()).toEqual(last);
    expect(other()).not.toEqual(last);
  });
});
