import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childrenOf, readBox, startOf, timescalesOf } from '../../../device/capture/box.ts';
import { cutSegment } from '../../../device/capture/fragment.ts';
import {
  RECORDER_START,
  type RecorderEffect,
  type RecorderEvent,
  type RecorderSetting,
  type RecorderState,
  step,
  type Take,
} from '../../../device/capture/recorder.ts';
import { decodeJournal, encodeEntry } from '../../../device/flash/journal.ts';
import { concat, utf8 } from '../../../proto/bytes.ts';
import { CHUNK_BYTES_MAX } from '../../../proto/limits.ts';
import type { Moment } from '../../../proto/manifest.ts';
import { chunkOf, idOf } from '../../unit/device/camera-kit.ts';

const SETTING = { preEventMs: 2000, ringBytesMax: 500 };
const at = (seconds: number): Moment => ({ monoUs: seconds * 1_000_000, wallUs: seconds * 1_000_000 });

/** Any press, picture or answer, in any order, at rising times. */
const events = fc
  .array(
    fc.constantFrom('take', 'trigger', 'replay', 'mark', 'chunk', 'stop', 'full', 'drained', 'abandon'),
    { maxLength: 60 },
  )
  .map((names) => names.map((name, second) => eventOf(name, second)));

function eventOf(name: string, second: number): RecorderEvent {
  const bytes = new Uint8Array(100);
  const gop = { codec: '', description: new Uint8Array(), bytes, frameSizes: [100] };
  switch (name) {
    case 'take':
      return { event: 'take', take: { gop, start: at(second), durationMs: 1000 } };
    case 'trigger':
    case 'replay':
      return { event: name, recordingId: idOf(second), at: at(second) };
    case 'mark':
      return { event: 'mark', mark: { at: at(second), kind: 'x' } };
    case 'chunk':
      return {
        event: 'chunk',
        chunk: { bytes, mediaStartMs: second, mediaMs: 0, endOfFragment: true },
        at: at(second),
      };
    case 'stop':
      return { event: 'stop', at: at(second), reason: 'button' };
    case 'full':
      return { event: 'full', at: at(second) };
    case 'abandon':
      return { event: 'abandon' };
    default:
      return { event: 'drained' };
  }
}

describe('the recorder, whatever happens to it', () => {
  // Goal: each recording is opened once and ended once, everything about it in between, and what was seen before the
  // trigger stays inside its window and its memory. Method: random events; read the effects as a story.
  it('tells a story that makes sense', () => {
    fc.assert(
      fc.property(events, (all) => {
        let state: RecorderState = RECORDER_START;
        let open: string | undefined;
        for (const event of all) {
          const [next, effects] = step(state, event, SETTING);
          for (const effect of effects) open = follow(open, effect);
          expect(next.at === 'ready' ? undefined : next.recordingId).toBe(open);
          if (next.at === 'ready') expect(next.ring.length).toBeLessThanOrEqual(2);
          state = next;
        }
      }),
    );
  });

  function follow(open: string | undefined, effect: RecorderEffect): string | undefined {
    if (effect.effect === 'open') {
      expect(open).toBeUndefined();
      expect(effect.started.monoUs).toBeLessThanOrEqual(effect.triggered.monoUs);
      expect(effect.triggered.monoUs - effect.started.monoUs).toBeLessThanOrEqual(SETTING.preEventMs * 1000);
      return effect.recordingId;
    }
    expect(open).toBeDefined();
    if ('recordingId' in effect) expect(effect.recordingId).toBe(open);
    return effect.effect === 'close' || effect.effect === 'discard' ? undefined : open;
  }
});

describe('what was seen before a trigger', () => {
  const seen = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: 400 }), isForgotten: fc.nat(9).map((n) => n === 0) }),
    { maxLength: 40 },
  );
  const setting = fc.record({
    preEventMs: fc.integer({ min: 0, max: 12_000 }),
    ringBytesMax: fc.integer({ min: 1, max: 1500 }),
  });

  // Goal: it never takes more memory than it may, says nothing, is the newest that was seen since the camera forgot, whole and in
  // order, and is no shorter than time and memory make it. Method: takes of any size; after each the ring, and at the end a trigger.
  it('is bounded, silent, and nothing but what was seen', () => {
    fc.assert(
      fc.property(seen, setting, (all, how) => {
        let state: RecorderState = RECORDER_START;
        let takes: Take[] = [];
        for (const [second, { bytes, isForgotten }] of all.entries()) {
          const take = takeOf(second, bytes);
          const [next, effects] = step(
            state,
            isForgotten ? { event: 'forget' } : { event: 'take', take },
            how,
          );
          takes = isForgotten ? [] : [...takes, take];
          expect(effects).toEqual([]);
          expect(next.at === 'ready' ? next.ring : undefined).toEqual(newest(takes, how));
          state = next;
        }
        const trigger = { event: 'trigger', recordingId: idOf(1), at: at(all.length) } as const;
        const [, [open, ...mux]] = step(state, trigger, how);
        const kept = newest(takes, how).filter(
          ({ start }) => start.monoUs >= trigger.at.monoUs - how.preEventMs * 1000,
        );
        expect(mux.map((effect) => effect.effect === 'mux' && effect.take)).toEqual(kept);
        expect(open).toMatchObject({ started: kept[0]?.start ?? trigger.at });
      }),
      { numRuns: 300 },
    );
  });

  function takeOf(second: number, length: number): Take {
    const bytes = new Uint8Array(length).fill(second);
    const gop = { codec: '', description: new Uint8Array(), bytes, frameSizes: [length] };
    return { gop, start: at(second), durationMs: 1000 };
  }

  /** Said the other way round: as many of the newest as fit into time and memory both. */
  function newest(takes: readonly Take[], how: RecorderSetting): readonly Take[] {
    const fits = (count: number): boolean =>
      count * 1000 <= how.preEventMs &&
      takes.slice(takes.length - count).reduce((sum, { gop }) => sum + gop.bytes.length, 0) <=
        how.ringBytesMax;
    let count = 0;
    while (count < takes.length && fits(count + 1)) count += 1;
    return takes.slice(takes.length - count);
  }
});

describe('cutting', () => {
  // Goal: chunks are the segment, none too large. Method: random lengths over three chunks.
  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 * CHUNK_BYTES_MAX }), (length) => {
        const chunks = cutSegment({ bytes: new Uint8Array(length), mediaStartMs: 0, mediaMs: 1 });
        expect(chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(length);
        expect(chunks.every(({ bytes }) => bytes.length > 0 && bytes.length <= CHUNK_BYTES_MAX)).toBe(true);
        expect(chunks.filter(({ endOfFragment }) => endOfFragment)).toEqual([chunks.at(-1)]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('boxes', () => {
  // Goal: bytes that anybody may have made never lead outside themselves, and never throw. Method: noise, and noise in
  // the dress of the boxes that are looked into.
  it('stay inside their bytes', () => {
    const noise = fc.uint8Array({ maxLength: 200 });
    const dressed = fc
      .tuple(fc.constantFrom('moov', 'trak', 'tkhd', 'mdia', 'mdhd', 'moof', 'traf', 'tfdt', 'tfhd'), noise)
      .map(([type, body]) => {
        const size = body.length + 8;
        return concat(Uint8Array.of(0, 0, size >> 8, size), utf8(type), body);
      });
    fc.assert(
      fc.property(fc.oneof(noise, dressed), fc.array(dressed, { maxLength: 4 }), (bytes, more) => {
        const all = concat(bytes, ...more);
        const box = readBox(all, 1000, 1000 + all.length);
        if (box) expect(box.end).toBeLessThanOrEqual(1000 + all.length);
        for (const child of childrenOf(all, 0, all.length)) expect(child.end).toBeLessThanOrEqual(all.length);
        expect(startOf(all, timescalesOf(all)) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a journal', () => {
  // Goal: cut anywhere, what is left are the whole entries before the cut, none invented. Method: random cuts and
  // random bytes behind them.
  it('cut anywhere keeps what was whole', () => {
    const entries = [0, 1, 2, 3].map(
      (index) => ({ entry: 'chunk', index, chunk: chunkOf(index, 20).info, at: at(index) }) as const,
    );
    const lines = entries.map(encodeEntry);
    const whole = concat(...lines);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: whole.length }),
        fc.uint8Array({ maxLength: 50 }),
        (cut, tail) => {
          let length = 0;
          const kept = lines.filter((line) => (length += line.length) <= cut).length;
          const read = decodeJournal(concat(whole.subarray(0, cut), tail));
          expect(read.length).toBeGreaterThanOrEqual(kept);
          expect(read.map(({ entry }) => entry)).toEqual(entries.slice(0, read.length));
        },
      ),
    );
  });
});
