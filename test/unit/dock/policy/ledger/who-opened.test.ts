import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import { openKeyBook } from '../../../../../dock/policy/facts/key-book.ts';
import { openJournal } from '../../../../../dock/policy/facts/journal.ts';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import { namingItsDecision } from '../../../../../dock/policy/ledger/decided-again.ts';
import { openOwnLog, type OwnLog } from '../../../../../dock/policy/ledger/open.ts';
import { openPseudonyms } from '../../../../../dock/policy/custodian/pseudonym.ts';
import { openShownBook } from '../../../../../dock/policy/ledger/shown.ts';
import type { WhoOpened } from '../../../../../dock/policy/ledger/who-opened.ts';
import { main } from '../../../../../dock/policy/who-opened-main.ts';
import { decodeBundle, encodeBundle } from '../../../../../proto/tile.ts';
import { utf8 } from '../../../../../proto/bytes.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { systemTimers } from '../../../../../dock/policy/clock.ts';
import { TestWitness } from '../../ledger/witnesses.ts';
import { NOW_S } from '../../witness/rig.ts';
import { factOf } from './rig.ts';

// Goal: who-opened says who was given keys and who was not, only when the log holds, and names what is wrong when it does not. Method: a log
// that a witness cosigned, with keys given to two people; the command itself on the folder, on a bare copy, and on copies with one harm each.

const OTHER = 'f'.repeat(32);
const SOON_MS = NOW_S * 1_000 - 60_000;
const moment = (minute: number): string => new Date(SOON_MS - (10 - minute) * 60_000).toISOString();
const root = 'a'.repeat(64);

let data = '';
let database: Database;
let log: OwnLog;
let witness: TestWitness;
let nowMs = 0;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'holdfast-who-'));
  database = openDatabase(join(data, 'facts.db'));
  nowMs = Date.parse(moment(0));
  const pseudonym = openPseudonyms(data, { isNew: true });
  const outbox = openOutbox(database);
  const options = {
    ...{ data, passphrase: undefined, origin: undefined, defaultOrigin: 'policy.test/policy', outbox },
    ...{ timers: systemTimers, nowMs: () => nowMs, report: () => undefined, lowerQuorum: true },
  };
  const first = await openOwnLog({ ...options, isNew: true, witnesses: [], quorum: 0 });
  await first.close();
  witness = await TestWitness.knowing(first.vkey, 'witness.test/w1');
  const witnesses = [{ vkey: witness.vkey, url: 'http://witness.test' }];
  log = await openOwnLog({ ...options, isNew: false, witnesses, quorum: 1, cosignerOf: () => witness });
  const custodian = Buffer.alloc(32, 1).toString('base64url');
  outbox.add({ type: 'service.started', at: micro(0), version: '0.1.0', custodian });
  const book = openKeyBook(database, pseudonym);
  openFactStore(database).append([{ ...factOf(1), receivedAt: moment(1) }]);
  give(book, { person: '4411', recording: OTHER, minute: 2 });
  openFactStore(database).append([{ ...factOf(2), receivedAt: moment(3) }]);
  await log.published(outbox.newest());
  cpSync(join(data, 'ledger'), join(data, 'early'), { recursive: true });
  give(book, { person: '4411', recording: recordingId, minute: 5 });
  give(book, { person: 'ipr-1', recording: recordingId, minute: 7, isOld: true });
  await log.published(outbox.newest());
});
afterEach(async () => {
  await log.close();
  database.close();
  rmSync(data, { recursive: true });
});

const micro = (minute: number): string => moment(minute).replace('Z', '000Z');

function give(
  book: ReturnType<typeof openKeyBook>,
  of: { person: string; recording: string; minute: number; isOld?: boolean },
): void {
  const { person, recording, minute } = of;
  const place = { vkey: 'v', index: minute, size: minute + 1, root };
  const row = {
    ...{ at: moment(minute), grantId: `g${minute}`, askedBy: `${minute}`, given: true, person, recording },
    request: {
      ...{ grant: root, dock: 'dock-1', purpose: 'x', manifest: root, chunks: [0, 3] },
      ...{ signer: Buffer.alloc(32, 2).toString('base64url'), sealedTo: `04${'ab'.repeat(64)}` },
      ledger: place,
    },
    answer: { reason: 'After the report.', regime: 'doj', policySet: root, newestFact: 1 },
  };
  const seen = { vkey: 'v', size: minute + 1, root: new Uint8Array(32) };
  book.record(of.isOld === true ? row : namingItsDecision(row), seen);
}

/** What the command says on stdout, and its exit code. */
async function who(...argv: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const code = await main([recordingId, ...argv]);
    return { code, text: write.mock.calls.map(([line]) => String(line)).join('') };
  } finally {
    write.mockRestore();
  }
}

async function json(...argv: readonly string[]): Promise<WhoOpened & { readonly code: number }> {
  const { code, text } = await who(...argv, '--json');
  return { ...(JSON.parse(text) as WhoOpened), code };
}

/** A bare copy of the log, which the test may hurt. */
function copied(): string {
  const copy = join(data, 'copy');
  for (const name of ['checkpoint', 'vkey', 'tile'])
    cpSync(join(data, 'ledger', name), join(copy, name), { recursive: true });
  return copy;
}
const pinned = (): readonly string[] => ['--vkey', log.vkey, '--witness', witness.vkey];
const failures = ({ findings }: WhoOpened): readonly string[] => [
  ...new Set(findings.filter(({ severity }) => severity === 'failure').map(({ code }) => code)),
];

describe('who-opened', () => {
  test('names who was given keys, with the folder of the service', async () => {
    const report = await json('--data', data, ...pinned());
    expect(report).toMatchObject({ code: 0, ok: true, findings: [] });
    expect(report.given).toMatchObject([
      { name: '4411', at: micro(5), chunks: [0, 3], dock: 'dock-1', published: true },
      { name: 'ipr-1', at: micro(7) },
    ]);
    expect(report.ledger).toMatchObject({ cosigned: ['witness.test/w1'], pinned: true });
    const { text } = await who('--data', data, ...pinned());
    expect(text).toMatch(/given {5}\S+ to 4411: chunks 0 to 2, opened at dock-1 by page/);
    expect(text).toMatch(
      /answer {4}2 people were given keys of 0011\S+ \(checkpoint of \d+ entries, cosigned by/,
    );
  });

  // Goal: an opening leads to its decision: to a name of it from the log alone, to its rows with the folder; an entry of a version that named
  // none is said to name none.
  test('says which decision an opening rests on', async () => {
    const named = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    const { given } = await json('--data', data, ...pinned());
    const rests = { decision: null, reason: 'After the report.' };
    expect(given).toMatchObject([
      { decision: named, rests: { ...rests, keys: 2 } },
      { rests: { ...rests, keys: 3 } },
    ]);
    expect(given[1]).not.toHaveProperty('decision');
    const bare = await json('--ledger', copied(), ...pinned());
    expect(bare.given).toMatchObject([{ decision: given[0]?.decision, rests: null }, { rests: null }]);
    const { text } = await who('--data', data, ...pinned());
    expect(text).toMatch(
      /^ {10}decision [0-9a-f]{64}: keys 2, behind the grant decision none: After the report\.$/m,
    );
    expect(text).toMatch(/^ {10}decision not named by this entry: keys 3, /m);
  });

  // Goal: who was told why is listed beside who was given keys, and is no giving of keys. Method: a decision that keys were given under, and
  // its record given out before and after the moment that is asked about.
  test('says who was given a decision record', async () => {
    nowMs = Date.parse(moment(8));
    const journal = openJournal(database);
    const [person, policySet] = ['4411', root];
    const decided = { regime: 'doj', policySet, newestFact: 1 };
    const durable = journal.record({
      ...{ at: moment(5), requestId: 'q', source: 'dock-1', person, recording: recordingId, allowed: true },
      ...{ ...decided, grantId: 'g5', request: {}, answer: {} },
    });
    journal.flushSoon();
    await durable;
    const grant = {
      ...{ id: 'g5', dock: 'dock-1', person, recording: recordingId, manifest: root, purpose: 'x' },
      ...{ chunks: [0, 3] as const, thumbprint: Buffer.alloc(32, 2).toString('base64url') },
    };
    const book = openShownBook(database, openPseudonyms(data, { isNew: false }));
    const seq = book.record({ nowMs, grant, jws: 'x', decided });
    await log.published(seq);
    const report = await json('--data', data, ...pinned());
    expect(report.shown).toMatchObject([
      { name: person, grantId: 'g5', at: micro(8), index: seq - 1, published: true },
    ]);
    expect(report.given).toMatchObject([{ rests: { decision: 1 } }, { rests: { decision: null } }]);
    expect(report.entries).toMatchObject({ 'decision.shown': 1, 'keys.released': 3 });
    const { text } = await who('--data', data, ...pinned());
    expect(text).toMatch(
      /^shown {5}\S+ to 4411: decision [0-9a-f]{64} behind grant g5, to page Ag\S+ \(entry \d+\)$/m,
    );
    expect(text).toContain(': keys 2, behind the grant decision 1: After the report.');
    expect(text).toContain('2 people were given keys');
    expect((await json('--data', data, ...pinned(), '--before', moment(8))).shown).toEqual([]);
    const elsewhere = await json('--ledger', copied(), ...pinned());
    expect(elsewhere.shown).toMatchObject([{ name: null }]);
  });

  test('says that nobody was, before a moment; the same from a bare copy, with pseudonyms only', async () => {
    for (const from of [
      ['--data', data],
      ['--ledger', copied()],
    ]) {
      const { code, text } = await who(...from, ...pinned(), '--before', moment(5));
      expect(code).toBe(0);
      expect(text).toContain(`nobody was given keys of ${recordingId} before ${micro(5)} (checkpoint of 6`);
    }
    const report = await json('--ledger', join(data, 'copy'), ...pinned(), '--before', moment(6));
    expect(report.given).toMatchObject([
      { name: null, person: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
    expect(JSON.stringify(report)).not.toContain('4411');
    expect((await who('--ledger', join(data, 'copy'), ...pinned(), '--before', moment(6))).text).toMatch(
      /to somebody with the pseudonym [0-9a-f]{64}: /,
    );
  });

  // Goal: what the checkpoint does not cover is not vouched for.
  test('says nothing about times after the witnesses looked', async () => {
    const after = new Date((NOW_S + 1) * 1_000).toISOString();
    const late = await json('--data', data, ...pinned(), '--before', after);
    expect([late.code, failures(late)]).toEqual([1, ['checkpoint-old']]);
    const unwitnessed = await json('--data', data, '--vkey', log.vkey, '--before', moment(8));
    expect([unwitnessed.code, failures(unwitnessed)]).toEqual([1, ['checkpoint-old']]);
    expect((await json('--data', data, '--vkey', log.vkey, '--before', moment(7))).code).toBe(0);
    // A sound log that does not reach so far is not called a broken one.
    const { text } = await who('--data', data, '--vkey', log.vkey, '--before', moment(8));
    expect(text).toContain(
      `answer    the log speaks only up to ${micro(7)}, not up to ${micro(8)}: it says nothing for or against`,
    );
    expect(text).not.toMatch(/DOES NOT HOLD|answer .*nobody/);
  });

  test('says that an idle log has nothing in it', async () => {
    const folder = join(data, 'idle');
    mkdirSync(folder);
    const idle = openDatabase(join(folder, 'facts.db'));
    openPseudonyms(folder, { isNew: true });
    const empty = await openOwnLog({
      ...{ data: folder, passphrase: undefined, origin: undefined, defaultOrigin: 'policy.test/policy' },
      ...{ timers: systemTimers, nowMs: () => nowMs, report: () => undefined, lowerQuorum: true },
      ...{ outbox: openOutbox(idle), isNew: true, witnesses: [], quorum: 0 },
    });
    await empty.close();
    const { code, text } = await who('--data', folder);
    expect([code, text]).toEqual([0, expect.stringContaining('answer    nothing is in the log yet')]);
    const asked = await who('--data', folder, '--before', moment(8));
    const says = `answer    nothing is in the log yet, so it does not speak up to ${micro(8)}: it says nothing for or against`;
    expect([asked.code, asked.text]).toEqual([1, expect.stringContaining(says)]);
    idle.close();
  });

  test('without a pinned key it says so; with another it does not hold', async () => {
    expect((await json('--data', data)).findings).toMatchObject([{ code: 'vkey-unpinned' }]);
    const other = await TestWitness.knowing(log.vkey, 'witness.test/w2');
    const stranger = await json('--data', data, '--witness', other.vkey);
    expect([stranger.code, failures(stranger)]).toEqual([1, ['quorum']]);
  });

  test('lists what is written down and not published yet', async () => {
    witness.mood = 'down';
    give(openKeyBook(database, openPseudonyms(data, { isNew: false })), {
      ...{ person: '5522', recording: recordingId, minute: 9 },
    });
    const report = await json('--data', data, ...pinned());
    expect(report.given.map(({ name, published }) => [name, published])).toEqual([
      ['4411', true],
      ['ipr-1', true],
      ['5522', false],
    ]);
    expect(report).toMatchObject({ code: 0, findings: [{ code: 'unpublished', file: 'facts.db' }] });
    // Such a key has not left by this checkpoint; but that one may have been rolled back, so it is not said that it has not.
    const { text } = await who('--data', data, ...pinned());
    expect(text).toMatch(
      /written {3}\S+ for 5522: chunks 0 to 2, .*in facts.db and not in this checkpoint\)/,
    );
    expect(text).not.toMatch(/given {5}\S+ to 5522/);
    expect(text).toMatch(
      /answer {4}2 people were given keys of 0011\S+ by this checkpoint; 1 more giving is in facts\.db alone/,
    );
    witness.mood = 'up';
  });

  test('refuses a command line that asks for nothing', async () => {
    const quiet = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    for (const argv of [[], ['--data', data, '--ledger', data], ['--data', data, '--quorum', '1']])
      await expect(who(...argv)).rejects.toMatchObject({ exitCode: 1 });
    await expect(who('--data', data, '--before', 'yesterday')).rejects.toThrow(/date and time with its zone/);
    await expect(main(['x', '--data', data])).rejects.toThrow(/32 hexadecimal/);
    quiet.mockRestore();
  });
});

describe('a copy that was tampered with', () => {
  /** Changes the entries of the copy in its one bundle; with `tiles`, its hashes too are made to fit, as far as anybody can. */
  function rewrite(copy: string, change: (entries: Uint8Array[]) => Uint8Array[]): void {
    const path = join(copy, 'tile/entries/000.p/6');
    writeFileSync(path, encodeBundle(change([...decodeBundle(readFileSync(path))])));
  }
  const lie = (entry: Uint8Array): Uint8Array =>
    utf8(new TextDecoder().decode(entry).replace(recordingId, OTHER));

  test.each([
    [
      'an entry was changed',
      (all: Uint8Array[]) => all.with(4, lie(all[4] ?? new Uint8Array())),
      'entry-mismatch',
    ],
    ['an entry was removed', (all: Uint8Array[]) => all.toSpliced(4, 1), 'log-truncated'],
    [
      'two entries changed places',
      (all: Uint8Array[]) => all.toSpliced(4, 2, ...all.slice(4).toReversed()),
      'entry-mismatch',
    ],
  ])('%s', async (_what, change, code) => {
    const copy = copied();
    rewrite(copy, change);
    const report = await json('--ledger', copy, ...pinned(), '--before', moment(5));
    expect([report.code, report.ok]).toEqual([1, false]);
    expect(failures(report)).toContain(code);
    const { text } = await who('--ledger', copy, ...pinned(), '--before', moment(5));
    expect(text).toMatch(/answer {4}THE LOG DOES NOT HOLD \(.*it says nothing for or against/);
    expect(text).not.toMatch(/nobody was/);
  });

  // An older copy of everything holds in itself. What is newer than it shows it.
  test('it was rolled back', async () => {
    const early = join(data, 'early');
    const itself = await json('--ledger', early, '--vkey', log.vkey);
    expect([itself.code, itself.given]).toEqual([0, []]);
    const asked = await json('--ledger', early, '--vkey', log.vkey, '--before', moment(6));
    expect([asked.code, failures(asked)]).toEqual([1, ['checkpoint-old']]);
    const newer = await json(
      '--ledger',
      early,
      '--vkey',
      log.vkey,
      '--since',
      join(data, 'ledger/checkpoint'),
    );
    expect([newer.code, failures(newer)]).toEqual([1, ['log-truncated']]);
    rmSync(join(data, 'ledger'), { recursive: true });
    cpSync(early, join(data, 'ledger'), { recursive: true });
    const own = await json('--data', data, '--vkey', log.vkey);
    expect(own.findings.map(({ code }) => code)).toContain('unpublished');
    expect(own.given.map(({ published }) => published)).toEqual([false, false]);
  });

  test('the checkpoint was signed by somebody else, or is gone', async () => {
    const copy = copied();
    const path = join(copy, 'checkpoint');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^6$/m, '5'));
    expect(failures(await json('--ledger', copy, ...pinned()))).toContain('checkpoint-signature');
    rmSync(path);
    expect(failures(await json('--ledger', copy, ...pinned()))).toContain('checkpoint-missing');
    expect(existsSync(path)).toBe(false);
  });

  // Goal: what was decided when keys were given is what the log says, to the letter. Method: one column or member of the row at a time; the salt
  // and the name in the row too; the row gone.
  test.each([
    `SET answer = replace(answer, 'After', 'Before')`,
    `SET answer = replace(answer, '"newestFact":1', '"newestFact":2')`,
    `SET request = replace(request, '"purpose":"x"', '"purpose":"y"')`,
    `SET person = '5522'`,
    `SET at = '2020-01-01T00:00:00.000Z'`,
    `SET answer = json_set(answer, '$.salt', '00')`,
    `SET answer = json_remove(answer, '$.salt')`,
    `SET answer = 'x'`,
  ])('keys that were given have another decision in facts.db: %s', async (change) => {
    database.exec('DROP TRIGGER keys_stay');
    database.exec(`UPDATE keys ${change} WHERE idx = 2`);
    const report = await json('--data', data, ...pinned());
    expect([report.code, failures(report)]).toEqual([1, ['outbox-mismatch']]);
    expect(report.findings[0]).toMatchObject({
      index: 4,
      message: expect.stringMatching(/^keys 2 is not/) as string,
    });
    expect((await json('--ledger', copied(), ...pinned())).code).toBe(0);
  });

  test('keys that were given have no row in facts.db', async () => {
    database.exec('DROP TRIGGER keys_kept');
    database.exec('DELETE FROM keys WHERE idx = 2');
    const report = await json('--data', data, ...pinned());
    expect([report.code, failures(report)]).toEqual([1, ['outbox-mismatch']]);
    expect(report.findings[0]?.message).toMatch(/^the keys given under grant g5 is not/);
  });

  test('facts.db says something else than the log', async () => {
    database.exec('DROP TRIGGER outbox_stays');
    database.exec(`UPDATE outbox SET entry = (SELECT entry FROM outbox WHERE seq = 1) WHERE seq = 5`);
    const report = await json('--data', data, ...pinned());
    expect([report.code, failures(report)]).toEqual([1, ['outbox-mismatch']]);
    database.exec('DROP TRIGGER outbox_kept');
    database.exec('DELETE FROM outbox WHERE seq > 4');
    expect(failures(await json('--data', data, ...pinned()))).toEqual(['outbox-mismatch']);
  });
});
