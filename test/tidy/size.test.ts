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

  // Goal: what lists tests is not a function to follow, a test is. Method: a long describe, a long suite, a long test.
  it('lets a list of tests be long, but not a test', () => {
    const long = (body: string): string => `() => {\n${lines(80)}${body}}`;
    const judgeTest = (text: string): readonly string[] => judge('test/contract/link.ts', text);
    expect(judgeTest(`describe('a', ${long(`it('b', f);`)});`)).toEqual([]);
    expect(
      judgeTest(`export const suite = ${long(`describe.skipIf(x)('b', () => { it('c', f); });`)};`),
    ).toEqual([]);
    expect(judgeTest(`it('a', ${long('')});`)).toHaveLength(1);
    expect(judgeTest(`describe('a', ${long(`it('b', ${long('')});`)});`)).toHaveLength(1);
  });
});
