import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Note } from '../../../../device/ports.ts';
import { courseOf } from '../../../../device/seal/course.ts';
import { closeRecording } from '../../../../device/seal/seal.ts';
import type { Mark, Moment } from '../../../../proto/manifest.ts';
import { peekManifest } from '../../../../proto/manifest.ts';
import { CATEGORIES_MAX, MARKS_MAX } from '../../../../proto/limits.ts';
import { chunkOf, headerOf, testKeys } from '../camera-kit.ts';

const at = (second: number): Moment => ({ wallUs: 1_000_000 * second, monoUs: 1_000_000 * second });
const mark = (second: number, kind: string): Mark => ({ at: at(second), kind });
const course = (marks: readonly Mark[], notes: readonly Note[] = []) =>
  courseOf({ marks, notes, ended: at(100) });

describe('the course of a recording', () => {
  // Goal: a sound that was off is a stretch, however often it was pressed, and off to the end when it stayed off. Method: presses.
  it('makes stretches of mutes', () => {
    const pressed = [mark(1, 'unmute'), mark(2, 'mute'), mark(3, 'mute'), mark(5, 'unmute'), mark(9, 'mute')];
    expect(course([...pressed, mark(10, 'button')])).toEqual({
      marks: [mark(10, 'button')],
      mutes: [
        { from: at(2), to: at(5) },
        { from: at(9), to: at(100) },
      ],
    });
    // A power cut may put the end of what survived before the press.
    expect(courseOf({ marks: [mark(9, 'mute')], notes: [], ended: at(4) }).mutes).toEqual([
      { from: at(9), to: at(9) },
    ]);
  });

  // Goal: categories are names, each once; what does not fit is not lost, it stays a mark. Method: one twice, none, too many.
  it('makes names of categories', () => {
    const marks = [mark(1, 'category:arrest'), mark(2, 'category:'), mark(3, 'category:arrest')];
    expect(course(marks)).toEqual({ marks: [mark(2, 'category:')], categories: ['arrest'] });
    const many = Array.from({ length: CATEGORIES_MAX + 1 }, (_, index) => mark(index, `category:${index}`));
    const { categories, marks: left } = course(many);
    expect(categories).toHaveLength(CATEGORIES_MAX);
    expect(left).toEqual([mark(CATEGORIES_MAX, `category:${CATEGORIES_MAX}`)]);
  });

  // Goal: critical is what force or a fall began, or what either happened in. Method: causes and marks.
  it('knows what is critical', () => {
    expect(course([mark(1, 'button')])).not.toHaveProperty('critical');
    expect(course([mark(1, 'taser')])).toMatchObject({ critical: true, marks: [mark(1, 'taser')] });
    const begun = (cause: 'taser' | 'holster' | 'fall' | 'light-bar' | 'peer') =>
      courseOf({ cause, marks: [], notes: [], ended: at(1) }).critical;
    expect(begun('taser') && begun('holster') && begun('fall')).toBe(true);
    expect(begun('light-bar') ?? begun('peer')).toBeUndefined();
  });

  // Goal: the battery at both ends, and the places in order. Method: notes as a journal has them.
  it('sums up what the camera noticed', () => {
    const place = (second: number) =>
      ({ at: at(second), latitudeE7: 1, longitudeE7: -2, accuracyDm: 30 }) as const;
    const notes: readonly Note[] = [
      { note: 'battery', at: at(1), percent: 60 },
      { note: 'place', ...place(2) },
      { note: 'battery', at: at(3), percent: 58 },
      { note: 'place', ...place(7) },
      { note: 'place', ...place(6) },
    ];
    expect(course([], notes)).toEqual({
      marks: [],
      battery: { startPercent: 60, endPercent: 58 },
      track: [place(2), place(7)],
    });
  });

  // Goal: whatever was set, in whatever order, the recording can be signed, and nothing of it is lost. Method: any marks and notes.
  it('never keeps a recording from being closed', () => {
    const kind = fc.oneof(
      fc.constantFrom('mute', 'unmute', 'category:a', 'category:b', 'category:', 'taser', 'button'),
      fc.string({ maxLength: 20 }),
    );
    const moment = fc.record({ wallUs: fc.maxSafeNat(), monoUs: fc.maxSafeNat() });
    const marks = fc.array(fc.record({ at: moment, kind }), { maxLength: 40 });
    const note: fc.Arbitrary<Note> = fc.oneof(
      fc.record({ note: fc.constant('battery' as const), at: moment, percent: fc.nat(100) }),
      fc.record({
        note: fc.constant('place' as const),
        at: moment,
        latitudeE7: fc.integer({ min: -900_000_000, max: 900_000_000 }),
        longitudeE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
        accuracyDm: fc.nat(),
      }),
    );
    const keys = testKeys();
    fc.assert(
      fc.property(marks, fc.array(note, { maxLength: 20 }), moment, (set, notes, ended) => {
        const end = { ended, stopReason: 'power-loss', marks: set } as const;
        const signed = closeRecording(headerOf(1), { chunks: [chunkOf(0, 10).info], end, notes }, keys);
        const { marks: left, categories = [] } = peekManifest(signed);
        const others = set.filter(({ kind: name }) => !/^(un)?mute$/.test(name));
        expect(
          others.every(
            ({ kind: name }) => left.some((one) => one.kind === name) || categories.includes(name.slice(9)),
          ),
        ).toBe(true);
      }),
    );
    const pressed = Array.from({ length: MARKS_MAX }, (_, index) =>
      mark(index, index % 2 === 0 ? 'mute' : 'unmute'),
    );
    expect(course(pressed).mutes).toHaveLength(MARKS_MAX / 2);
  });
});
