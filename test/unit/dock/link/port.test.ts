import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8').replaceAll(/^ \*.*$/gm, '');

// Goal: camera and dock may not import each other, so each has its own way to a serial port; what is mended in one must be
// mended in the other. Method: compare the two files, apart from their docstrings.
it.each(['port.ts', 'poller.ts'])('opens ports the same way in both programs: %s', (file) => {
  expect(read(`device/link/${file}`)).toBe(read(`dock/link/${file}`));
});
