import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CAPTURE_FORMAT, headerLine, recordLine } from '../../../../../sim/rig/capture/record.ts';
import { openTape, type TapeLine } from '../../../../../sim/rig/capture/tape.ts';

const HEADER = headerLine({
  format: CAPTURE_FORMAT,
  transport: 'serial',
  link: 'serial /dev/ttyUSB0',
  startedAt: '2026-10-29T12:00:00.000Z',
  payload: true,
});
const NOISE = recordLine({
  kind: 'noise',
  us: 1,
  at: '2026-10-29T12:00:00.000Z',
  direction: 'up',
  noise: Uint8Array.of(7),
  bytes: 1,
});
const TOO_LONG = 'x'.repeat(3 * 1024 * 1024);

describe('a capture that is read', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-tape-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  async function linesOf(content: string): Promise<readonly TapeLine[]> {
    const path = join(dir, 'a.capture');
    writeFileSync(path, content);
    const lines: TapeLine[] = [];
    for await (const line of (await openTape(path)).lines) lines.push(line);
    return lines;
  }
  const numbers = (lines: readonly TapeLine[]): readonly (number | string)[] =>
    lines.map((one) => ('problem' in one ? `${one.line} ${one.problem}` : one.line));

  // Goal: no file makes it hold more than a record. Method: a line longer than any record, between good ones and at the end, which
  // also has no line feed.
  test('has its overlong lines named, and the others read', async () => {
    const lines = await linesOf([HEADER, NOISE, TOO_LONG, NOISE, TOO_LONG].join('\n'));
    const why = 'is longer than any record';
    expect(numbers(lines)).toEqual([2, `3 ${why}`, 4, `5 ${why}`]);
  });

  // Goal: the last record of a capture that was killed counts when it is whole. Method: with and without the last line feed.
  test.each([`${HEADER}\n${NOISE}\n`, `${HEADER}\n${NOISE}`])('ends with its last line', async (content) => {
    expect(numbers(await linesOf(content))).toEqual([2]);
  });

  // Goal: what is no capture is said to be none. Method: an empty file, an endless line, and a folder.
  test('is refused when it is something else', async () => {
    await expect(linesOf('')).rejects.toMatchObject({ code: 'CAPTURE_FORMAT' });
    await expect(linesOf(TOO_LONG)).rejects.toMatchObject({ code: 'CAPTURE_FORMAT' });
    await expect(openTape(dir)).rejects.toMatchObject({ code: 'CAPTURE_IO' });
  });
});
