import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { parseOptions, readLines, type RegimeLine } from '../../../../dock/policy/config.ts';
import { REGIMES_DIRECTORY } from '../../../../dock/policy/decide/load.ts';
import { standingLines } from '../../../../dock/policy/decide/rule-book.ts';
import { findPolicySet } from '../../../../dock/policy/facts/policy-sets.ts';
import { TestService } from './http/service.ts';
import { city, doj, NOW_MS } from './story.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KNOWN = ['city', 'doj'];
const SINCE_EVER: RegimeLine = { agency: '', regime: 'doj', fromMs: 0 };
const file = join(folder, 'regimes.json');
const read = (content: unknown): readonly RegimeLine[] => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readLines({ regime: 'doj', regimes: file }, KNOWN);
};

describe('--regimes', () => {
  // Goal: what the file says is what holds, and what it does not say is under the strictest.
  test('is read as lines; the default covers the rest', () => {
    const from = '2026-01-01T00:00:00-08:00';
    const fromMs = Date.parse(from);
    expect(read([{ agency: 'PPB', regime: 'city', from }])).toEqual([
      SINCE_EVER,
      { agency: 'PPB', regime: 'city', fromMs },
    ]);
    expect(read([{ regime: 'city', from }])).toEqual([SINCE_EVER, { agency: '', regime: 'city', fromMs }]);
    const always = { regime: 'city', from: '1970-01-01T00:00:00Z' };
    expect(read([always])).toEqual([{ agency: '', regime: 'city', fromMs: 0 }]);
    expect(readLines({ regime: 'city' }, KNOWN)).toEqual([{ agency: '', regime: 'city', fromMs: 0 }]);
  });

  // Goal: a wrong file is told with its line and field, so that nobody runs under rules they did not mean.
  const from = '2026-01-01T00:00:00Z';
  const fine = { agency: 'PPB', regime: 'doj', from };
  test.each([
    ['not JSON', '[', /regimes\.json is not JSON/],
    ['no lines', [], /regimes\.json: : .*1/],
    ['a date without a time', [fine, { ...fine, from: '2026-01-01' }], /1\.from: must be an RFC 3339/],
    ['a time without an offset', [{ ...fine, from: '2026-01-01T00:00:00' }], /0\.from: must be an RFC 3339/],
    [
      'an unknown regime',
      [fine, { ...fine, regime: 'dooj' }],
      /1\.regime: no regime "dooj"; there are: city, doj/,
    ],
    ['an unknown member', [{ ...fine, until: from }], /regimes\.json: 0: .*until/],
    [
      'two lines of one moment',
      [fine, { ...fine, regime: 'city' }],
      /1\.from: line 0 is of the same moment for PPB/,
    ],
    [
      'two of one moment in other words',
      [fine, { ...fine, from: '2025-12-31T16:00:00-08:00' }],
      /1\.from: line 0 is of the same moment/,
    ],
  ])('is refused with %s', (_name, content, message) => {
    const refused = { code: 'BAD_CONFIG', message: expect.stringMatching(message) as unknown };
    expect(() => read(content)).toThrow(expect.objectContaining(refused));
  });

  // Goal: one of the two says which rules hold, never both.
  test('goes with no --regime', () => {
    const argv = ['--data', 'd', '--sources', 's', '--people', 'p', '--registry', 'r'];
    expect(parseOptions([...argv, '--regimes', 'f'])).toMatchObject({ regime: 'doj', regimes: 'f' });
    expect(() => parseOptions([...argv, '--regimes', 'f', '--regime', 'city'])).toThrow(
      expect.objectContaining({ code: 'commander.conflictingOption' }),
    );
  });
});

describe('adoption at start', () => {
  let town: TestService | undefined;
  const folders: string[] = [];
  afterEach(async () => {
    await town?.stop({ keepFolder: true });
    town = undefined;
    for (const path of folders.splice(0)) rmSync(path, { recursive: true });
  });
  const directory = (): string => {
    folders.push(mkdtempSync(join(tmpdir(), 'holdfast-adoption-')));
    return folders.at(-1) ?? '';
  };
  /** Starts, or restarts, on one folder. */
  const start = async (data: string, lines: readonly RegimeLine[], regimesDirectory?: string) => {
    await town?.stop({ keepFolder: true });
    const options = regimesDirectory === undefined ? {} : { regimesDirectory };
    town = await TestService.start({ folder: data, lines, ...options });
    const adoptions = town.service.book.known.adoptions();
    return { said: town.reported, adoptions, standing: standingLines(adoptions), town };
  };
  const portland: RegimeLine = { agency: 'PPB', regime: 'city', fromMs: NOW_MS };

  // Goal: each line is a fact once, by the service itself, however often it starts.
  test('says each line once', async () => {
    const data = directory();
    const first = await start(data, [SINCE_EVER, portland]);
    expect(first.said).toEqual([]);
    expect(first.adoptions).toMatchObject([
      { ...SINCE_EVER, policySet: doj.hash },
      { ...portland, policySet: city.hash },
    ]);
    const [entry] = first.town.service.book.store.list({ limit: 1, types: ['regime.adopted'] });
    expect(entry).toMatchObject({ source: 'policy', fact: { from: '1970-01-01T00:00:00.000Z' } });
    expect((await start(data, [SINCE_EVER, portland])).adoptions).toHaveLength(2);
  });

  // Goal: a line that is gone no longer holds, one that says something else holds instead, and both are told.
  test('takes back what is gone and says what changed', async () => {
    const data = directory();
    await start(data, [SINCE_EVER, portland]);
    const { standing, said } = await start(data, [{ ...SINCE_EVER, regime: 'city' }]);
    expect(standing).toMatchObject([{ agency: '', regime: 'city', fromMs: 0 }]);
    expect(said).toEqual([
      'everybody without a line of their own: city',
      `the line of PPB from ${new Date(NOW_MS).toISOString()} is taken back`,
    ]);
    expect((await start(data, [SINCE_EVER, portland])).standing).toMatchObject([SINCE_EVER, portland]);
  });

  // Goal: an edited policy file under an old name is a new fact and is said loudly; a comment is not. Its texts, old and new, stay.
  test('sees an edited policy file and a changed schema', async () => {
    const data = directory();
    const regimes = directory();
    cpSync(REGIMES_DIRECTORY, regimes, { recursive: true });
    const edit = (name: string, change: (text: string) => string): void => {
      const before = readFileSync(join(regimes, name), 'utf8');
      expect(change(before)).not.toBe(before);
      writeFileSync(join(regimes, name), change(before));
    };
    await start(data, [SINCE_EVER], regimes);
    edit('doj.cedar', (text) => `// nothing new\n${text}`);
    expect((await start(data, [SINCE_EVER], regimes)).adoptions).toHaveLength(1);
    edit('doj.cedar', (text) => text.replace('@text("', '@text("Truly: '));
    const edited = await start(data, [SINCE_EVER], regimes);
    expect(edited.adoptions).toHaveLength(2);
    const [older, newer] = edited.adoptions.map(({ policySet }) => policySet);
    expect(edited.said[0]).toBe(`THE RULES OF doj HAVE CHANGED: policy set ${newer}, before ${older}`);
    for (const hash of [older, newer]) {
      const texts = findPolicySet(edited.town.database, hash ?? '', 'doj');
      expect(texts?.files['doj']?.includes('Truly: '), hash).toBe(hash === newer);
    }
    edit('policy.cedarschema', (text) => `${text}\nentity More;\n`);
    expect((await start(data, [SINCE_EVER], regimes)).adoptions).toHaveLength(3);
  });

  // Goal: a kept text is there for ever, against our own bugs.
  test('keeps policy texts against change', async () => {
    const { town: running } = await start(directory(), [SINCE_EVER]);
    for (const sql of ["UPDATE policy_sets SET files = '{}'", 'DELETE FROM policy_sets'])
      expect(() => running.database.exec(sql), sql).toThrow('append-only');
  });
});
