import { describe, expect, it } from 'vitest';
import { moduleState, shape } from './shape.ts';
import { parse } from './source.ts';

const judge = (...paths: readonly string[]): readonly string[] => shape(paths).map(({ path }) => path);

describe('shape', () => {
  // Goal: nothing is left lying at the top or in a room nobody knows. Method: plant one of each.
  it.each([
    'notes.txt',
    'Makefile',
    'src/main.ts',
    'device/utils/text.ts',
    'dock/viewer/static/a.css',
    'dock/policy/store/a.ts',
    'test/fixtures/a.json',
    'sim/stuff/a.ts',
  ])('finds %s', (path) => {
    expect(judge(path)).toEqual([path]);
  });

  // Goal: a file is named after what it holds. Method: names that say nothing, and names in another style.
  it.each([
    'dock/ingest/utils.ts',
    'dock/ingest/index.ts',
    'dock/ingest/Step.ts',
    'dock/ingest/chunk_store.ts',
  ])('finds %s', (path) => {
    expect(judge(path)).toEqual([path]);
  });

  // Goal: what the architecture has is allowed. Method: a file of each kind.
  it('knows the tree', () => {
    const tree = [
      'README.md',
      'LICENSE',
      '.ci/run',
      'docs/decisions/0001-a.md',
      'bin/start.cts',
      'dock/policy/regimes/doj.cedar',
      'dock/viewer/page/main.tsx',
      'proto/gen/evidence.js',
      'proto/custody-entry.ts',
      'test/golden/v1/data.json',
      'test/unit/dock/policy/regimes/doj.test.ts',
    ];
    expect(judge(...tree)).toEqual([]);
  });

  // Goal: the tests of a file are where its path says. Method: a unit test whose folder has no source.
  it('finds a unit test that mirrors nothing', () => {
    expect(judge('dock/ledger/log.ts', 'test/unit/dock/ledger/log.test.ts')).toEqual([]);
    expect(judge('dock/ledger/log.ts', 'test/unit/ledger/log.test.ts')).toEqual([
      'test/unit/ledger/log.test.ts',
    ]);
  });
});

describe('moduleState', () => {
  // Goal: no state is shared by accident. Method: a let at the top, exported and not, and one inside a function.
  it('finds a let at the top of a module', () => {
    const judgeState = (text: string, path = 'dock/a.ts'): number => moduleState([parse(path, text)]).length;
    expect(judgeState('let count = 0;')).toBe(1);
    expect(judgeState('export let count = 0;')).toBe(1);
    expect(judgeState('const count = 0; function f() { let at = 0; return at; }')).toBe(0);
    expect(judgeState('let folder: string;', 'test/unit/a.test.ts')).toBe(0);
    expect(judgeState('let folder: string;', 'test/peer.ts')).toBe(1);
  });
});
