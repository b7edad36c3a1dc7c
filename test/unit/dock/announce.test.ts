import { expect, it, onTestFinished, vi } from 'vitest';
import { announcer } from '../../../dock/announce.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import { ManualClock } from '../../../sim/fault/manual-clock.ts';
import { CAMERA } from '../../../sim/world/town.ts';

// Goal: thousands of uploads do not become thousands of lines a second, and the end of each is said. Method: far more news than is told,
// within one second and in the next.
it('says how far uploads are of some of them, and that one is whole of each', () => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  onTestFinished(() => write.mockRestore());
  const clock = new ManualClock();
  const [config, log] = [{ json: true }, {}] as unknown as Parameters<typeof announcer>;
  const tell = announcer(config, log, clock);
  const recordingId = 'a'.repeat(32) as RecordingId;
  const progress = (durableBytes: number): void =>
    tell({ news: 'progress', cameraId: CAMERA, recordingId, durableBytes, totalBytes: 9 });
  for (let count = 0; count < 500; count += 1) progress(1);
  expect(lines.length).toBe(100);
  progress(9);
  tell({ news: 'docked', cameraId: CAMERA });
  expect(lines.slice(100).map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    'progress',
    'docked',
  ]);
  clock.advance(1_000);
  progress(1);
  expect(lines.length).toBe(103);
});
