import { describe, expect, it } from 'vitest';
import { dead } from './dead.ts';
import { parse } from './source.ts';

/** Paths of dead files in a tree given as path to text. */
const judge = (tree: Readonly<Record<string, string>>): readonly string[] =>
  dead(Object.entries(tree).map(([path, text]) => parse(path, text))).map(
    ({ path, message }) => `${path}: ${message}`,
  );

describe('dead', () => {
  // Goal: a file that nothing runs is found, also when dead files name each other. Method: a ring outside the tree.
  it('finds a file nothing reaches', () => {
    const tree = {
      'bin/holdfast.ts': `void import('../dock/main.ts');`,
      'dock/main.ts': `import '../proto/frame.ts';`,
      'proto/frame.ts': '',
      'dock/ingest/old.ts': `import './older.ts';`,
      'dock/ingest/older.ts': `import './old.ts';`,
    };
    expect(judge(tree)).toEqual([
      'dock/ingest/old.ts: nothing uses this file',
      'dock/ingest/older.ts: nothing uses this file',
    ]);
  });

  // Goal: a test does not keep product code alive, but may keep a stand-in. Method: one of each, used by a test alone.
  it('finds product code that only tests use', () => {
    const tree = {
      'test/unit/a.test.ts': `import '../../dock/store/spare.ts'; import '../../sim/fault/disk.ts'; import './deep.ts';`,
      'test/unit/deep.ts': '',
      'dock/store/spare.ts': '',
      'sim/fault/disk.ts': '',
    };
    expect(judge(tree)).toEqual(['dock/store/spare.ts: only tests use this file']);
  });

  // Goal: a worker or a set-up file named by path counts as used. Method: a URL and a string in a configuration.
  it('follows URLs and paths in strings', () => {
    const tree = {
      'bin/holdfast.ts': `const worker = new URL('../dock/store/worker.js', import.meta.url);`,
      'dock/store/worker.ts': '',
      'vitest.config.ts': `export default { reporters: ['./test/reporter.ts'] };`,
      'test/reporter.ts': '',
    };
    expect(judge(tree)).toEqual([]);
  });
});
