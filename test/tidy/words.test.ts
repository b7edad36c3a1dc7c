import { describe, expect, it } from 'vitest';
import { parse } from './source.ts';
import { words } from './words.ts';

const judge = (text: string, path = 'test/unit/dock/a.test.ts'): readonly string[] =>
  words([parse(path, text)]).map(({ message }) => message);
// Put together here, so that the tree's own check does not find its own examples.
const silence = (what: string): string => `${what}-disable-next-line no-explicit-any`;

describe('words', () => {
  // Goal: a promise in a comment names who keeps it and when. Method: remarks without either.
  it.each(['TODO: later', 'TODO(ada): tidy this', 'FIXME', 'HACK around the parser'])(
    'finds "%s"',
    (remark) => {
      expect(judge(`// ${remark}\n`)).toHaveLength(1);
      expect(judge(`/* ${remark} */\n`)).toHaveLength(1);
    },
  );

  // Goal: a well-formed promise is fine, and the word in a string is no remark. Method: one of each.
  it('leaves an owned and conditional remark alone', () => {
    expect(judge('// TODO(ada): drop this once no camera speaks version 1.\n')).toEqual([]);
    expect(judge(`const word = 'TODO';`)).toEqual([]);
  });

  // Goal: a check is silenced only with a reason. Method: each silencer bare, and one with its reason.
  it('finds a silenced check without a reason', () => {
    const bare = [
      silence('oxlint'),
      silence('eslint'),
      '@ts-ignore',
      '@ts-expect-error: no',
      'biome-ignore format: x',
    ];
    expect(judge(bare.map((comment) => `// ${comment}\n`).join(''))).toHaveLength(bare.length);
    expect(judge(`// ${silence('oxlint')} -- the library's own types say any here\n`)).toEqual([]);
    expect(judge('// @ts-expect-error the wrong type is what this test is about\n')).toEqual([]);
  });

  // Goal: any is never written without a reason. Method: a cast and an annotation, bare and excused.
  it('finds any', () => {
    expect(judge('const a = b as any;')).toHaveLength(1);
    expect(judge('function f(a: any): void {}')).toHaveLength(1);
    expect(
      judge(`// ${silence('oxlint')} -- the library's own types say any here\nconst a = b as any;`),
    ).toEqual([]);
  });

  // Goal: every test in the tree runs. Method: each way of switching one off, and skipIf, which a missing peer needs.
  it.each(['it.only', 'describe.only', 'it.skip', 'test.todo', 'it.fails', 'xit', 'fdescribe'])(
    'finds %s',
    (call) => {
      expect(judge(`${call}('a', () => {});`)).toHaveLength(1);
      expect(judge(`${call}('a', () => {});`, 'dock/main.ts')).toEqual([]);
    },
  );

  // Goal: a test for a missing peer may be left out. Method: skipIf.
  it('leaves skipIf alone', () => {
    expect(judge(`describe.skipIf(!peer('go'))('a', () => {});`)).toEqual([]);
  });

  // Goal: comments say why in words that still mean something in five years. Method: an issue number.
  it('finds an issue number', () => {
    expect(judge('// Needed for issue 12.\n')).toHaveLength(1);
    expect(judge('// see #12\n')).toHaveLength(1);
    expect(judge('// RFC 6962 section 2, chunk #i of them\n')).toEqual([]);
  });
});
