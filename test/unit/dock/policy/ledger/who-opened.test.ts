import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import { openKeyBook } from '../../../../../dock/policy/facts/key-book.ts';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import { openOwnLog, type OwnLog } from '../../../../../dock/policy/ledger/open.ts';
import { openPseudonyms } from '../../../../../dock/policy/custodian/pseudonym.ts';
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
  give(book, { person: 'ipr-1', recording: recordingId, minute: 7 });
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
  { person, recording, minute }: { person: string; recording: string; minute: number },
): void {
  const place = { vkey: 'v', index: minute, size: minute + 1, root };
  book.record(
    {
      ...{ at: moment(minute), grantId: `g${minute}`, askedBy: `${minute}`, given: true, person, recording },
      request: {
        ...{ grant: root, dock: 'dock-1', purpose: 'x', manifest: root, chunks: [0, 3] },
        ...{ signer: Buffer.alloc(32, 2).toString('base64url'), sealedTo: `04${'ab'.repeat(64)}` },
        ledger: place,
      },
      answer: { reason: '', regime: 'doj', policySet: root, newestFact: 1 },
    },
    { vkey: 'v', size: minute + 1, root: new Uint8Array(32) },
  );
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
