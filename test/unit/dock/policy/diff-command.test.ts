import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main as diff } from '../../../../dock/policy/diff-main.ts';
import { main as explain } from '../../../../dock/policy/explain-main.ts';
import { openDatabase } from '../../../../dock/policy/facts/database.ts';
import { openJournal } from '../../../../dock/policy/facts/journal.ts';
import { openFactStore } from '../../../../dock/policy/facts/store.ts';
import { main as replay } from '../../../../dock/policy/replay-main.ts';
import { main as facts } from '../../../../dock/policy/facts-main.ts';
import { parseShift } from '../../../../dock/policy/shift/file.ts';

const SHIFT = new URL('../../../golden/shift.jsonl', import.meta.url).pathname;
const RECORDING = 'b2'.repeat(16);

// Goal: the commands end as their callers expect: 0 for "they agree", 1 for "they do not", an error for what is wrong with the command
// line; and facts out of a database say what facts out of a file say. Method: the entrances themselves over the golden shift.
let folder = '';
let said = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-diff-'));
  said = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** The golden shift as a policy service would have stored it. */
function stored(): string {
  if (existsSync(join(folder, 'facts.db'))) return folder;
  const database = openDatabase(join(folder, 'facts.db'));
  openFactStore(database).append(parseShift(SHIFT, readFileSync(SHIFT, 'utf8')));
  database.close();
  return folder;
}

// Loading rules takes a while: a hundred and more canaries are asked of each set.
describe('holdfast policy diff', { timeout: 120_000 }, () => {
  it('ends with 1 when the regimes differ, and says the same from file and database', async () => {
    expect(await diff(['doj', 'ppa', '--shift', SHIFT, '--csv'])).toBe(1);
    const fromFile = said;
    said = '';
    expect(await diff(['doj', 'ppa', '--data', stored(), '--csv'])).toBe(1);
    expect(said).toBe(fromFile);
    expect(fromFile.split('\n')).toHaveLength(1 + 7 * 3 + 2 + 1);
  });

  it('ends with 0 when they agree', async () => {
    expect(await diff(['doj', 'doj', '--shift', SHIFT])).toBe(0);
    expect(said).toContain('NO DIFFERENCE');
  });

  it('takes a folder without facts for a wrong command line, not for a difference', async () => {
    for (const run of [diff(['doj', 'ppa', '--data', folder]), replay(['--data', folder])])
      await expect(run).rejects.toMatchObject({
        code: 'BAD_CONFIG',
        message: expect.stringContaining(folder) as string,
      });
  });

  it('does not say that nothing differs in a range that has no decision in it', async () => {
    await expect(replay(['--data', stored(), '--from', '5', '--to', '3'])).rejects.toMatchObject({
      code: 'BAD_CONFIG',
    });
  });

  it('reads again what facts wrote', async () => {
    expect(await facts(['--data', stored()])).toBe(0);
    expect(said).toBe(readFileSync(SHIFT, 'utf8'));
  });

  it('warns of rules for an agency that nobody is of, beside the facts', async () => {
    const database = openDatabase(join(stored(), 'facts.db'));
    const adopted = { agency: 'PBB', regime: 'doj', policySet: 'd'.repeat(64), from: '1970-01-01T00:00:00Z' };
    const at = '2026-11-20T18:00:00Z';
    openFactStore(database).append([
      {
        index: 46,
        source: 'policy',
        receivedAt: at,
        fact: { id: 'l', at, type: 'regime.adopted', ...adopted },
      },
    ]);
    database.close();
    const warned = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await facts(['--data', stored()])).toBe(0);
    expect(warned.mock.calls.map(String).join('')).toContain('WARNING: the rules for "PBB" apply to nothing');
    expect(said.trimEnd().split('\n')).toHaveLength(46);
  });

  it.each([
    [['doj', 'ppa'], 'name one of --shift FILE and --data DIR'],
    [['doj', 'ppa', '--shift', SHIFT, '--data', '.'], 'name one of --shift FILE and --data DIR'],
    [['doj', 'ppa', '--shift', SHIFT, '--json', '--csv'], 'choose one'],
    [['doj', 'nobody', '--shift', SHIFT], 'no regime "nobody"'],
    [['doj', 'ppa', '--shift', '/nowhere/shift.jsonl'], 'cannot read /nowhere/shift.jsonl'],
  ])('refuses %j', async (argv, says) => {
    await expect(diff(argv)).rejects.toThrow(says);
  });

  it('names the line of a file that is wrong', async () => {
    const path = join(folder, 'shift.jsonl');
    writeFileSync(path, `${readFileSync(SHIFT, 'utf8')}{"index":46}\n`);
    await expect(diff(['doj', 'ppa', '--shift', path])).rejects.toThrow(`${path}:46: source`);
  });
});

describe('holdfast policy explain', { timeout: 120_000 }, () => {
  const at = (time: string, ...argv: readonly string[]): Promise<number> =>
    explain([RECORDING, '4412', '--data', stored(), '--regime', 'doj', '--at', time, ...argv]);

  it('answers as things stood then', async () => {
    const purpose = ['--purpose', 'supplement_report'];
    expect(await at('2026-11-20T11:29:59Z', ...purpose)).toBe(0);
    expect(said).toContain('NO: supplement_report');
    said = '';
    expect(await at('2026-11-20T11:30:00Z', ...purpose)).toBe(0);
    expect(said).toContain('YES: supplement_report');
    said = '';
    expect(await at('2026-11-20T05:00:00+02:00')).toBe(0);
    expect(said).toContain('before the first fact');
  });

  // Goal: a mistyped id is told as one, and not explained. Method: ids that share what one would type rightly, and one that nobody has.
  it.each([
    [`${'b2'.repeat(15)}b3`, `did you mean ${RECORDING}?`],
    [RECORDING.toUpperCase(), `did you mean ${RECORDING}?`],
    ['b2b2b2b2', `did you mean ${RECORDING}?`],
    ['00'.repeat(16), 'look for a mistyped digit'],
    ['b2b', 'look for a mistyped digit'],
    ['b2b2b2b3b2b2b2b2', 'look for a mistyped digit'],
  ])('refuses the recording %s', async (recording, hint) => {
    const asked = explain([recording, '4412', '--data', stored(), '--regime', 'doj', '--json']);
    await expect(asked).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: `no fact names a recording ${recording}: ${hint}`,
    });
    expect(said).toBe('');
  });

  it('explains a recording of which there are only decisions', async () => {
    const recording = '00'.repeat(16);
    const database = openDatabase(join(stored(), 'facts.db'));
    const journal = openJournal(database);
    const recorded = journal.record({
      ...{ at: '2026-11-20T06:00:00Z', requestId: 'r', source: 'dock-1', person: '4412', recording },
      ...{ allowed: false, regime: 'doj', policySet: 'd'.repeat(64), newestFact: 1, request: {}, answer: {} },
    });
    journal.flushSoon();
    await recorded;
    database.close();
    expect(await explain([recording, '4412', '--data', stored(), '--regime', 'doj'])).toBe(0);
    expect(said).toContain('DECISIONS ON RECORD: 1');
  });

  it('needs rules, a moment and a purpose that there are', async () => {
    const pair = [RECORDING, '4412', '--data', stored()];
    await expect(explain(pair)).rejects.toThrow('name one with --regime');
    await expect(explain([...pair, '--regime', 'nobody'])).rejects.toThrow('no regime "nobody"');
    await expect(explain([...pair, '--regime', 'doj', '--at', 'noon'])).rejects.toThrow('--at noon');
  });
});
