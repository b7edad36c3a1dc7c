import { describe, expect, it } from 'vitest';
import type { PlainChunk } from '../../../../device/ports.ts';
import {
  RECORDER_START,
  type RecorderEffect,
  type RecorderEvent,
  type RecorderState,
  step,
  type Take,
} from '../../../../device/capture/recorder.ts';
import { CHUNKS_MAX, MARKS_MAX } from '../../../../proto/limits.ts';
import type { Moment } from '../../../../proto/manifest.ts';
import { idOf } from '../camera-kit.ts';

const SETTING = { preEventMs: 3000, ringBytesMax: 1000 };
const at = (seconds: number): Moment => ({
  monoUs: seconds * 1_000_000,
  wallUs: 9_000_000 + seconds * 1_000_000,
});

/** One second of picture that starts at `seconds`. */
function take(seconds: number, bytes = 100): Take {
  const gop = {
    codec: 'avc1.420016',
    description: new Uint8Array(),
    bytes: new Uint8Array(bytes),
    frameSizes: [bytes],
  };
  return { gop, start: at(seconds), durationMs: 1000 };
}

const chunk = (number: number): PlainChunk => ({
  bytes: Uint8Array.of(number),
  mediaStartMs: 0,
  mediaMs: 0,
  endOfFragment: true,
});

/** Steps through all events and gives the last state and every effect. */
function run(
  events: readonly RecorderEvent[],
  setting = SETTING,
  start: RecorderState = RECORDER_START,
): readonly [RecorderState, readonly RecorderEffect[]] {
  let state = start;
  const effects: RecorderEffect[] = [];
  for (const event of events) {
    const [next, more] = step(state, event, setting);
    state = next;
    effects.push(...more);
  }
  return [state, effects];
}

const takes = (...seconds: readonly number[]): readonly RecorderEvent[] =>
  seconds.map((second) => ({ event: 'take', take: take(second) }));
const trigger = (seconds: number): RecorderEvent => ({
  event: 'trigger',
  recordingId: idOf(1),
  at: at(seconds),
});
const stop = (seconds: number): RecorderEvent => ({ event: 'stop', at: at(seconds), reason: 'button' });
const stored = (number: number): RecorderEvent => ({ event: 'chunk', chunk: chunk(number), at: at(50) });
const muxed = (effects: readonly RecorderEffect[]): readonly number[] =>
  effects.flatMap((effect) => (effect.effect === 'mux' ? [effect.take.start.monoUs / 1_000_000] : []));

describe('before the trigger', () => {
  // Goal: a recording starts with whole takes inside the pre-event window and never with an earlier one. Method: eight
  // seconds of takes, triggers on and between their edges.
  it.each([
    [8, [5, 6, 7]],
    [8.4, [6, 7]],
    [9, [6, 7]],
  ])('a trigger at %f s keeps the takes %j', (second, kept) => {
    const [, effects] = run([...takes(0, 1, 2, 3, 4, 5, 6, 7), trigger(second)]);
    expect(muxed(effects)).toEqual(kept);
    const started = at(kept[0] ?? 0);
    expect(effects[0]).toEqual({ effect: 'open', recordingId: idOf(1), triggered: at(second), started });
  });

  // Goal: trigger and start are two moments, and the same one when nothing was seen before. Method: an empty ring.
  it('a trigger without a ring starts at the trigger', () => {
    expect(run([trigger(5)])[1]).toEqual([
      { effect: 'open', recordingId: idOf(1), triggered: at(5), started: at(5) },
    ]);
  });

  // Goal: a camera set to keep nothing keeps nothing. Method: a setting of 0.
  it('a setting of 0 keeps no take', () => {
    const [state, effects] = run([...takes(0, 1, 2), trigger(3)], { ...SETTING, preEventMs: 0 });
    expect([state.at, muxed(effects)]).toEqual(['recording', []]);
  });

  // Goal: memory is bounded whatever the picture: the ring falls short. Method: takes of 400 bytes into 1000.
  it('the ring falls short rather than grow', () => {
    const big = [0, 1, 2, 3].map((second) => ({ event: 'take', take: take(second, 400) }) as const);
    expect(muxed(run([...big, trigger(4)])[1])).toEqual([2, 3]);
    const [state] = run([{ event: 'take', take: take(0, 2000) }]);
    expect(state).toEqual(RECORDER_START);
  });

  // Goal: nothing else does anything while nothing is recorded. Method: every other event.
  it('ignores what does not fit', () => {
    const events: readonly RecorderEvent[] = [
      stop(1),
      { event: 'full', at: at(1) },
      { event: 'drained' },
      { event: 'abandon' },
      { event: 'mark', mark: { at: at(1), kind: 'x' } },
      stored(1),
    ];
    expect(run(events)).toEqual([RECORDER_START, []]);
  });
});

describe('a recording', () => {
  // Goal: takes are muxed, chunks stored in order, and the end carries the marks. Method: one whole recording.
  it('goes from trigger to close', () => {
    const mark = { at: at(6), kind: 'weapon' };
    const events = [
      ...takes(4),
      trigger(5),
      stored(0),
      ...takes(5),
      { event: 'mark', mark } as const,
      stored(1),
      stop(7),
      stored(2),
      { event: 'drained' } as const,
    ];
    const [state, effects] = run(events);
    expect(state).toEqual(RECORDER_START);
    expect(effects.map(({ effect }) => effect)).toEqual([
      'open',
      'mux',
      'store',
      'mux',
      'mark',
      'store',
      'drain',
      'store',
      'close',
    ]);
    const end = { ended: at(7), stopReason: 'button', marks: [mark] };
    expect(effects.at(-1)).toEqual({ effect: 'close', recordingId: idOf(1), end });
    expect(muxed(effects)).toEqual([4, 5]);
  });

  // Goal: a film in place of the lens: what the lens sees meanwhile is not mixed in. Method: a take during a replay.
  it('of a film ignores the lens', () => {
    const [, effects] = run([
      ...takes(3),
      { event: 'replay', recordingId: idOf(2), at: at(4) },
      ...takes(4),
      stored(0),
    ]);
    expect(effects.map(({ effect }) => effect)).toEqual(['open', 'store']);
    expect(effects[0]).toMatchObject({ triggered: at(4), started: at(4) });
  });

  // Goal: a broken film leaves nothing. Method: abandon, and look that the next recording starts clean.
  it('of a broken film is discarded', () => {
    const [state, effects] = run([
      { event: 'replay', recordingId: idOf(2), at: at(4) },
      stored(0),
      { event: 'abandon' },
    ]);
    expect(state).toEqual(RECORDER_START);
    expect(effects.at(-1)).toEqual({ effect: 'discard', recordingId: idOf(2) });
  });

  // Goal: a second trigger changes nothing. Method: trigger twice.
  it('is not started twice', () => {
    const [once] = run([trigger(1)]);
    expect(step(once, trigger(2), SETTING)).toEqual([once, []]);
    expect(step(once, { event: 'replay', recordingId: idOf(9), at: at(2) }, SETTING)).toEqual([once, []]);
  });

  // Goal: a full flash ends it in order: no more is stored, and the reason is said, whoever had stopped it.
  // Method: full while recording, and full after the button, both before the last chunks.
  it.each([
    ['while it runs', [{ event: 'full', at: at(7) } as const]],
    ['after the button', [stop(7), { event: 'full', at: at(8) } as const]],
  ])('ends when the flash is full %s', (_when, ending) => {
    const [state, effects] = run([
      trigger(5),
      stored(0),
      ...ending,
      stored(1),
      stored(2),
      { event: 'drained' },
    ]);
    expect(state).toEqual(RECORDER_START);
    expect(effects.map(({ effect }) => effect)).toEqual(['open', 'store', 'drain', 'close']);
    expect(effects.at(-1)).toMatchObject({ end: { ended: at(7), stopReason: 'storage-full' } });
  });

  // Goal: the manifest's limits are kept: it ends at the largest table, also when that is reached while draining, and
  // takes no more marks than fit. Method: states just below the limit.
  it('ends before its manifest is too large', () => {
    const [begun] = run([trigger(5)]);
    const almost: RecorderState = { ...begun, chunks: CHUNKS_MAX - 1 } as RecorderState;
    const [running, effects] = run([stored(0), stored(1), stored(2), { event: 'drained' }], SETTING, almost);
    expect([running.at, effects.map(({ effect }) => effect)]).toEqual(['ready', ['store', 'drain', 'close']]);
    const [, draining] = run([stop(6), stored(0), stored(1), { event: 'drained' }], SETTING, almost);
    expect(draining.map(({ effect }) => effect)).toEqual(['drain', 'store', 'close']);
    expect(draining.at(-1)).toMatchObject({ end: { stopReason: 'storage-full' } });
    const mark = { at: at(6), kind: 'x' };
    const marked = { ...begun, marks: Array.from({ length: MARKS_MAX }, () => mark) } as RecorderState;
    expect(step(marked, { event: 'mark', mark }, SETTING)).toEqual([marked, []]);
  });

  // Goal: while the last chunks are stored nothing new begins. Method: every other event in that state.
  it('ignores what does not fit while it closes', () => {
    const [closing] = run([trigger(5), stop(6)]);
    const events = [
      ...takes(6),
      trigger(7),
      stop(8),
      { event: 'abandon' } as const,
      { event: 'mark', mark: { at: at(8), kind: 'x' } } as const,
    ];
    for (const event of events) expect(step(closing, event, SETTING)).toEqual([closing, []]);
  });
});
