import { expect, test } from 'vitest';
import { formatInstant, parseInstant } from '../../../proto/instant.ts';

// One instant has one spelling, so the text can be compared and sorted.
test('an instant round trips at microsecond precision', () => {
  expect(formatInstant(0)).toBe('1970-01-01T00:00:00.000000Z');
  const us = 1_793_275_200_123_456;
  expect(formatInstant(us)).toBe('2026-10-29T12:00:00.123456Z');
  expect(parseInstant(formatInstant(us))).toBe(us);
});

// Other spellings, and dates that do not exist, are not instants.
test.each([
  '2026-10-29T12:00:00Z',
  '2026-10-29T12:00:00.123Z',
  '2026-10-29T12:00:00.123456+00:00',
  '2026-02-30T12:00:00.000000Z',
  '1969-12-31T23:59:59.999999Z',
  '2026-10-29T24:00:00.000000Z',
  '',
])('refuses %j', (spelling) => {
  expect(parseInstant(spelling)).toBeUndefined();
});

// A time before 1970 or with a fraction of a microsecond is a bug of the caller.
test('refuses to format what is no instant', () => {
  expect(() => formatInstant(-1)).toThrow(RangeError);
  expect(() => formatInstant(0.5)).toThrow(RangeError);
});
