import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import {
  parseOptions,
  readDocument,
  readLines,
  readPeople,
  readRecovery,
  readSources,
} from '../../../../dock/policy/config.ts';
import { main as diff } from '../../../../dock/policy/diff-main.ts';
import { main as fixture } from '../../../../dock/policy/fixture-main.ts';
import { readFixture } from '../../../../dock/policy/http/fixture.ts';
import { formatIdentity } from '../../../../proto/identity.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const BOM = '\uFEFF';
const FLAGS = ['--data', 'd', '--sources', 's', '--people', 'p', '--registry', 'r'];

/** A file of that content as Windows editors write it. */
function marked(content: unknown): string {
  const path = join(folder, 'file.json');
  writeFileSync(path, `${BOM}${typeof content === 'string' ? content : JSON.stringify(content)}`);
  return path;
}

// Goal: an editor that puts a byte order mark before a file does not make it another file. Method: every kind of JSON file that an
// operator names, with one.
describe('a byte order mark', () => {
  test('is no part of the files that flags name', () => {
    const lines = [{ agency: 'PPB', regime: 'doj', from: '1970-01-01T00:00:00Z' }];
    expect(readLines({ regime: 'doj', regimes: marked(lines) }, ['doj'])).toHaveLength(2);
    expect(readSources(marked([{ name: 'records', token: 't', may: ['*'] }]))).toHaveLength(1);
    expect(readPeople(marked({ format: 'holdfast/people@1', people: [] }))).toEqual([]);
    const recovery = { kind: 'recovery', id: 'safe', publicKey: new Uint8Array(65).fill(4) } as const;
    expect(readRecovery([marked(formatIdentity(recovery))])).toEqual([recovery.publicKey]);
    const path = marked({ subjects: [], resources: [], allow: [] });
    expect(readFixture(path, readDocument(path)).subjects).toEqual([]);
  });

  // The entrances themselves: they stop at what comes after the mark.
  test('is no part of a shift file or a fixture', async () => {
    await expect(diff(['doj', 'doj', '--shift', marked('{"index":0}')])).rejects.toThrow(':1: index:');
    await expect(fixture(['--fixture', marked('{"subjects":7}')])).rejects.toThrow('subjects');
  });

  test('counts as one in the middle', () => {
    expect(() => readSources(marked(`${BOM}[]`))).toThrow('is not JSON');
  });
});

// Goal: what names the service in every token and grant is a URL, for the service as for the fixture. Method: the same wrong and right
// words to both.
describe('--issuer', () => {
  const WRONG = ['policy.example', 'ftp://policy.example', 'https://policy.example?a=b', 'https://a/#b', ''];
  test.each(WRONG)('%j is refused by both', async (issuer) => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const refused = expect.objectContaining({ code: 'commander.invalidArgument' }) as Error;
    expect(() => parseOptions([...FLAGS, '--issuer', issuer])).toThrow(refused);
    await expect(fixture(['--fixture', 'f', '--issuer', issuer])).rejects.toThrow(refused);
    expect(
      said.mock.calls
        .map(String)
        .join('')
        .match(/an http or https URL without query/g),
    ).toHaveLength(2);
  });

  test('is taken without the slashes at its end', () => {
    expect(parseOptions([...FLAGS, '--issuer', 'https://policy.example/p//']).issuer).toBe(
      'https://policy.example/p',
    );
    expect(parseOptions(FLAGS).issuer).toBeUndefined();
  });
});
