import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LONG } from '../../sequence.ts';
import { ROOT } from '../../tidy/source.ts';

// Goal: no file loses its place at the start of a run by being renamed. Method: each that is named there exists.
it.each(LONG)('%s, which starts early, is there', (path) => {
  expect(existsSync(join(ROOT, path))).toBe(true);
});
