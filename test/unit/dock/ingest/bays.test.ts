import { expect, it } from 'vitest';
import { Bays } from '../../../../dock/ingest/bays.ts';
import type { RecordingId } from '../../../../proto/ids.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { CAMERA } from '../../../../sim/world/town.ts';
import { OpenLink } from './puppet.ts';

// Goal: a bay shows its camera's clock as long as that camera is there. Method: news of a clock, of an upload, and of
// another camera in the same bay.
it('a bay keeps the clock of its camera and of no other', () => {
  const bays = new Bays(new ManualClock());
  const link = new OpenLink('serial');
  const clock = { offsetUs: -5, boundUs: 3 };
  bays.opened(link);
  bays.heard(link, { news: 'docked', cameraId: CAMERA });
  bays.heard(link, { news: 'clock', cameraId: CAMERA, clock });
  const recordingId = 'a'.repeat(32) as RecordingId;
  bays.heard(link, { news: 'progress', cameraId: CAMERA, recordingId, durableBytes: 1, totalBytes: 2 });
  expect(bays.all()).toMatchObject([{ name: 'test', camera: CAMERA, state: 'receiving', clock }]);
  bays.heard(link, { news: 'docked', cameraId: CAMERA });
  expect(bays.all()[0]).not.toHaveProperty('clock');
  bays.ended(link);
  expect(bays.all()).toEqual([]);
});

// Goal: whoever reads for its own sake stands back while footage comes, and only then. Method: an upload that ends, and one that is torn out.
it('knows whether any upload is under way', () => {
  const bays = new Bays(new ManualClock());
  const link = new OpenLink('serial');
  const recordingId = 'a'.repeat(32) as RecordingId;
  const about = { cameraId: CAMERA, recordingId } as const;
  expect(bays.isTaking).toBe(false);
  bays.opened(link);
  bays.heard(link, { news: 'docked', cameraId: CAMERA });
  expect(bays.isTaking).toBe(false);
  bays.heard(link, { news: 'taking', ...about, durableBytes: 0, totalBytes: 2 });
  bays.heard(link, { news: 'progress', ...about, durableBytes: 2, totalBytes: 2 });
  expect(bays.isTaking).toBe(true);
  bays.heard(link, { news: 'aborted', cameraId: CAMERA, code: 'bad-chunk', message: '' });
  expect(bays.isTaking).toBe(false);
  bays.heard(link, { news: 'taking', ...about, durableBytes: 0, totalBytes: 2 });
  bays.ended(link);
  expect(bays.isTaking).toBe(false);
});
