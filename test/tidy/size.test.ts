import { describe, expect, it } from 'vitest';
import { sizes } from './size.ts';
import { parse } from './source.ts';

const judge = (path: string, text: string): readonly string[] =>
  sizes([parse(path, text)]).map(({ message }) => message);
const lines = (count: number): string => 'work();\n'.repeat(count);

describe('sizes', () => {
  // Goal: 400 lines is the stop, not 399 or 401. Method: a file on either side of it.
  it('finds a file past 400 lines', () => {
    expect(judge('dock/main.ts', lines(400))).toEqual([]);
    expect(judge('dock/main.ts', lines(401))).toEqual(['401 lines; 400 is the stop']);
  });

  // Goal: 70 lines is the stop for every way of writing a function. Method: 70 and 71 lines in each.
  it.each([
    ['function f() {', '}'],
    ['const f = () => {', '};'],
    ['class A { f() {', '} }'],
    ['const a = { async *f() {', '} };'],
  ])('finds a function past 70 lines: %s', (head, tail) => {
    expect(judge('dock/main.ts', `${head}\n${lines(68)}${tail}\n`)).toEqual([]);
    expect(judge('dock/main.ts', `${head}\n${lines(69)}${tail}\n`)).toEqual([
      'function of 71 lines; 70 is the stop',
    ]);
  });

  // Goal: the list of tests in a describe is not a function to follow, a test is. Method: a long one of each.
  it('lets a describe be long, but not a test', () => {
    const long = `() => {\n${lines(80)}}`;
    expect(
      judge('test/unit/a.test.ts', `describe('a', ${long});\ndescribe.skipIf(x)('b', ${long});`),
    ).toEqual([]);
    expect(judge('test/unit/a.test.ts', `it('a', ${long});`)).toHaveLength(1);
  });
});
