import { describe, expect, it } from 'vitest';
import { uploadTick } from '../../../../dock/ingest/upload.ts';
import type { Upload } from '../../../../dock/ingest/state.ts';
import type { Ack } from '../../../../proto/messages.ts';
import { acksIn, begun, dataOf, given, sampleOf } from './kit.ts';

const MS = 1_000;
const sample = sampleOf([40_000, 40_000], { manifest: true });
const base = sample.manifestBytes;

/** An upload that hears Data and ticks, and the Acks it sends. */
class Line {
  upload: Upload = begun(sample)[0];

  data(nowMs: number, txSeq: number, at: { start: number; end: number; asks?: boolean }): readonly Ack[] {
    const moved = { ...at, start: base + at.start, end: base + at.end };
    const [upload, effects] = given(this.upload, dataOf(sample, txSeq, moved), nowMs * MS);
    this.upload = upload;
    return acksIn(effects);
  }

  tick(nowMs: number): readonly Ack[] {
    const [upload, effects] = uploadTick(this.upload, nowMs * MS, 'serial');
    this.upload = upload;
    return acksIn(effects);
  }
}

const bytes = (index: number): { start: number; end: number } => ({
  start: index * 100,
  end: index * 100 + 100,
});

// Goal: an Ack goes exactly when section 9 of docs/PROTOCOL.md says so. Method: one cause at a time, and quiet otherwise.
describe('an Ack goes', () => {
  it('at once when a tx_seq was skipped, and not for the next in line', () => {
    const line = new Line();
    expect(line.data(1, 1, bytes(0))).toEqual([]);
    expect(line.data(2, 2, bytes(1))).toEqual([]);
    expect(line.data(3, 4, bytes(3))).toMatchObject([
      { maxTxSeq: 4, missing: [{ start: base + 200, end: base + 300 }] },
    ]);
    expect(line.data(4, 5, bytes(4))).toEqual([]);
    // The late one fills the gap: nobody needs to know at once.
    expect(line.data(5, 3, bytes(2))).toEqual([]);
    expect(line.upload.receivedTo).toBe(base + 500);
  });

  it('at once when the camera asks, also with a probe of what is there already', () => {
    const line = new Line();
    expect(line.data(1, 1, { ...bytes(0), asks: true }).length).toBe(1);
    expect(line.data(2, 2, { ...bytes(0), asks: true }).length).toBe(1);
    expect(line.data(3, 3, { ...bytes(0), asks: true }).length).toBe(1);
  });

  it('at once for bytes that were there already, but not for every one of a storm', () => {
    const line = new Line();
    line.data(1, 1, { ...bytes(0), asks: true });
    const acks = Array.from({ length: 100 }, (_, ms) => line.data(2 + ms, 1, { ...bytes(0), asks: true }));
    expect(acks.flat().length).toBe(5);
    expect(acks[0]?.length).toBe(1);
    expect(line.data(150, 2, bytes(0)).length).toBe(1);
    expect(line.data(155, 3, bytes(0))).toEqual([]);
    expect(line.tick(354)).toEqual([]);
    expect(line.tick(355).length).toBe(1);
  });

  it('200 ms after the first byte that no Ack told of, at the latest', () => {
    const line = new Line();
    line.data(10, 1, bytes(0));
    expect(line.tick(100)).toEqual([]);
    expect(line.data(150, 2, bytes(1))).toEqual([]);
    expect(line.tick(209)).toEqual([]);
    expect(line.tick(210)).toMatchObject([{ receivedTo: base + 200 }]);
    line.data(300, 3, bytes(2));
    line.data(480, 4, bytes(3));
    // Said by the next Data where that comes before the tick.
    expect(line.data(500, 5, bytes(4))).toMatchObject([{ receivedTo: base + 500 }]);
    expect(line.tick(640)).toEqual([]);
  });

  it('every 500 ms while nothing comes', () => {
    const line = new Line();
    const at = Array.from({ length: 100 }, (_, tick) => (tick + 1) * 50).filter(
      (ms) => line.tick(ms).length > 0,
    );
    expect(at).toEqual([500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000]);
  });
});

// Goal: an Ack stays short where long ones are lost. Method: every second Data lost, then a good line again.
it('names sixteen gaps, and only four on a line that loses a third', () => {
  const line = new Line();
  // Forty gaps, in what came without a loss on the way: the camera sent every second piece first.
  let [last] = Array.from({ length: 40 }, (_, index) => line.data(index, index + 1, bytes(index * 2 + 1)));
  last = line.data(50, 41, { ...bytes(100), asks: true });
  expect(last[0]?.missing.length).toBe(16);
  expect(last[0]?.missing[0]).toEqual({ start: base, end: base + 100 });
  for (let index = 0; index < 30; index += 1) last = line.data(60, 43 + index * 2, bytes(101 + index));
  expect(last[0]?.missing.length).toBe(4);
  for (let index = 0; index < 60; index += 1) line.data(70, 102 + index, bytes(140 + index));
  expect(line.data(80, 162, { ...bytes(201), asks: true })[0]?.missing.length).toBe(16);
});

// Goal: acknowledging costs next to nothing. Method: a clean minute at 921,600 baud with a question every 100 ms.
it('a clean line carries about ten Acks a second', () => {
  const line = new Line();
  let acks = 0;
  for (let index = 0; index < 380; index += 1) {
    const ms = index * 22;
    acks +=
      line.data(ms, index + 1, { ...bytes(index), asks: index % 5 === 0 }).length + line.tick(ms + 11).length;
  }
  expect(acks).toBeLessThanOrEqual(85);
});
