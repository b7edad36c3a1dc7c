import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LedgerError } from '../../../../../dock/ledger/errors.ts';
import { nodeChecker } from '../../../../../dock/ledger/checker.ts';
import { openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import { openOutbox, type Outbox } from '../../../../../dock/policy/facts/outbox.ts';
import { openOwnLog, type OwnLog, type OwnLogOptions } from '../../../../../dock/policy/ledger/open.ts';
import { openPseudonyms } from '../../../../../dock/policy/custodian/pseudonym.ts';
import { toHex } from '../../../../../proto/bytes.ts';
import { verifyTlogProof } from '../../../../../proto/tlog-proof.ts';
import { atOnce } from '../../ledger/rig.ts';
import { failingAt } from '../../ledger/cut-short.ts';
import { HandClock, soon, TestWitness } from '../../ledger/witnesses.ts';
import { factOf, leavesOf } from './rig.ts';

// Goal: leaf n is entry n+1 of the outbox, whatever ends the process and whenever; and a folder that was restored from an older backup
// signs nothing. Method: the real log on a real outbox; the process ended at each step of a batch; copies of the folder put back.

let data = '';
let database: Database;
let outbox: Outbox;
let log: OwnLog | undefined;
let reported: unknown[] = [];

function reopen(): void {
  database = openDatabase(join(data, 'facts.db'));
  outbox = openOutbox(database);
}

async function openLog(changes: Partial<OwnLogOptions> = {}): Promise<OwnLog> {
  log = await openOwnLog({
    ...{ data, passphrase: undefined, isNew: outbox.newest() === 0, origin: undefined },
    ...{ defaultOrigin: 'policy.test/policy', outbox, timers: atOnce, nowMs: () => 1_795_000_000_000 },
    ...{ report: (error: unknown) => reported.push(error), witnesses: [], quorum: 0, lowerQuorum: false },
    ...changes,
  });
  return log;
}

/** Facts `from` to `to`, both inclusive. */
function take(from: number, to: number): void {
  const entries = Array.from({ length: to - from + 1 }, (_, at) => factOf(from + at));
  openFactStore(database).append(entries);
}

async function caughtUp(open: OwnLog): Promise<void> {
  await open.published(outbox.newest());
  expect(leavesOf(join(data, 'ledger'))).toEqual(
    outbox.list(0, 10_000).map(({ entry }) => new TextDecoder().decode(entry)),
  );
}

async function closeAll(): Promise<void> {
  await log?.close();
  log = undefined;
  database.close();
}

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'holdfast-own-log-'));
  reported = [];
  reopen();
});
afterEach(async () => {
  await closeAll();
  rmSync(data, { recursive: true });
});

describe('the pump', () => {
  test('publishes the outbox in order, and proves each entry', async () => {
    const open = await openLog();
    take(1, 300);
    const { entry, proof } = await open.published(7);
    expect(toHex(entry)).toBe(toHex(outbox.list(6, 1)[0]?.entry ?? new Uint8Array()));
    expect(verifyTlogProof(proof, { entry, vkey: open.vkey }, nodeChecker).index).toBe(6);
    await caughtUp(open);
    expect(open.vkey).toMatch(/^policy\.test\/policy\+/);
    expect(statSync(join(data, 'ledger.key.pem')).mode & 0o077).toBe(0);
    await expect(open.published(301)).rejects.toMatchObject({ code: 'LOG_DIFFERS' });
  });

  // Goal: whatever step the process dies at, the next one brings the log to exactly the outbox. Method: each step of a batch that ends one
  // bundle and begins the next throws, as do all after it; then a start without faults.
  test('goes on where any end of the process left it', async () => {
    await openLog();
    take(1, 250);
    await caughtUp(log as OwnLog);
    await closeAll();
    const kept = `${data}-kept`;
    cpSync(data, kept, { recursive: true });
    let steps = Number.POSITIVE_INFINITY;
    for (let fatal = 0; fatal < steps; fatal += 1) {
      rmSync(data, { recursive: true });
      cpSync(kept, data, { recursive: true });
      reopen();
      const probed = failingAt(fatal);
      const failing = await openLog({ probe: probed.probe });
      take(251, 260);
      await failing.published(260).then(
        () => (steps = fatal),
        (error: unknown) => expect(error).toBeInstanceOf(LedgerError),
      );
      await closeAll();
      reopen();
      await caughtUp(await openLog());
      await closeAll();
    }
    expect(steps).toBeGreaterThan(15);
    rmSync(kept, { recursive: true });
    reopen();
  });

  // Goal: entries keep their places when those before them were given up on. Method: a witness that does not answer; time passes in pieces, so
  // that entries which came at different times are told to come back at different times; then the witness answers.
  test('keeps the order while a quorum is missing', async () => {
    const clock = new HandClock();
    let isUp = false;
    const asked: string[] = [];
    const first = await openLog();
    const { vkey } = first;
    await closeAll();
    reopen();
    const witness = await TestWitness.knowing(vkey, 'witness.test/w1');
    const open = await openLog({
      ...{ isNew: false, timers: { after: (ms, wake) => clock.after(ms, wake) }, quorum: 1 },
      witnesses: [{ vkey: witness.vkey, url: 'http://witness.test' }],
      cosignerOf: () => ({
        vkey: witness.vkey,
        add: (body, signal) => {
          asked.push(body);
          return isUp ? witness.add(body, signal) : Promise.reject(new Error('away'));
        },
      }),
    });
    for (let round = 0; round < 6; round += 1) {
      take(round * 5 + 1, round * 5 + 5);
      const waiting = open.published(round * 5 + 5);
      const refused = waiting.catch((error: unknown) => error);
      await soon(() => expect(asked.length).toBeGreaterThan(round));
      for (let ms = 0; ms < 12_000; ms += 1_000) {
        clock.pass(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await refused).toMatchObject({ code: 'LEDGER_BUSY' });
    }
    expect((await open.checkpoint()).size).toBe(0);
    isUp = true;
    await soon(async () => {
      clock.pass(1_000);
      expect((await open.checkpoint()).size).toBe(30);
    });
    await caughtUp(open);
    const news = reported.filter((each) => typeof each === 'string');
    expect(news).toContain('the witness witness.test/w1 away');
  });
});

describe('a folder that was put back', () => {
  /** Ten published entries; a copy of the whole folder with six of them is in `older`. */
  async function withOlderCopy(): Promise<string> {
    await openLog();
    take(1, 6);
    await caughtUp(log as OwnLog);
    await closeAll();
    const older = `${data}-older`;
    rmSync(older, { recursive: true, force: true });
    cpSync(data, older, { recursive: true });
    reopen();
    await openLog();
    take(7, 10);
    await caughtUp(log as OwnLog);
    await closeAll();
    return older;
  }
  const putBack = (from: string, pattern: RegExp): void => {
    for (const name of readdirSync(data).filter((each) => pattern.test(each)))
      rmSync(join(data, name), { recursive: true });
    for (const name of readdirSync(from).filter((each) => pattern.test(each)))
      cpSync(join(from, name), join(data, name), { recursive: true });
    rmSync(from, { recursive: true });
    reopen();
  };

  test('facts.db older than the ledger: refuses, says so and what to do, and signs nothing', async () => {
    putBack(await withOlderCopy(), /^facts\.db/);
    const refusal = openLog();
    await expect(refusal).rejects.toMatchObject({ code: 'LOG_AHEAD', facts: { leaves: 10, entries: 6 } });
    await expect(refusal).rejects.toThrow(/restored from an older backup.*newest copy of the whole folder/);
    expect(leavesOf(join(data, 'ledger'))).toHaveLength(10);
  });

  test('facts.db older, and written to since: refuses and names the entry', async () => {
    putBack(await withOlderCopy(), /^facts\.db/);
    take(7, 20);
    await expect(openLog()).rejects.toMatchObject({ code: 'LOG_DIFFERS', facts: { index: 6 } });
    expect(leavesOf(join(data, 'ledger'))).toHaveLength(10);
  });

  // The outbox is the truth: the same leaves make the same tree, so nothing is signed twice.
  test('the ledger older than facts.db: catches up to the very same log', async () => {
    putBack(await withOlderCopy(), /^ledger$/);
    const open = await openLog();
    await caughtUp(open);
  });

  test('log.db gone: is rebuilt with the numbers of the outbox', async () => {
    rmSync(await withOlderCopy(), { recursive: true });
    for (const name of readdirSync(join(data, 'ledger')).filter((each) => each.startsWith('log.db')))
      rmSync(join(data, 'ledger', name));
    reopen();
    const open = await openLog();
    take(11, 15);
    await caughtUp(open);
  });

  test('without a key it cannot go on, and does not make a new one', async () => {
    rmSync(await withOlderCopy(), { recursive: true });
    reopen();
    rmSync(join(data, 'ledger.key.pem'));
    await expect(openLog({ isNew: false })).rejects.toMatchObject({ code: 'LOG_KEY_LOST' });
    expect(() => openPseudonyms(data, { isNew: false })).toThrow(
      expect.objectContaining({ code: 'LOG_KEY_LOST' }),
    );
  });

  test('another name is refused; none is the name it has', async () => {
    rmSync(await withOlderCopy(), { recursive: true });
    reopen();
    await expect(openLog({ origin: 'other.test/policy' })).rejects.toMatchObject({ code: 'LEDGER_IDENTITY' });
    const open = await openLog({ defaultOrigin: 'elsewhere.test/policy' });
    expect(open.vkey).toMatch(/^policy\.test\/policy\+/);
  });

  test('a key under a passphrase opens with it alone', async () => {
    const sealed = await openLog({ passphrase: 'long enough' });
    const { vkey } = sealed;
    await sealed.close();
    expect((await openLog({ passphrase: 'long enough' })).vkey).toBe(vkey);
    await log?.close();
    log = undefined;
    await expect(openLog({ passphrase: 'another' })).rejects.toMatchObject({ code: 'BAD_KEY' });
  });
});
