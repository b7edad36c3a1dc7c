import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { giveWay } from '../../../../../dock/policy/clock.ts';
import { openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import { openJournal, type DecisionRecord, type Journal } from '../../../../../dock/policy/facts/journal.ts';
import { AT, RECORDING } from '../story.ts';

// Goal: decisions that come together are written together, in their order, and none is thought durable that is not. Method: the
// journal on a real file; a trigger in the place of a full disk.

let folder: string;
let database: Database;
let journal: Journal;
let woken: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'));
  open();
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

function open(): void {
  woken = 0;
  database = openDatabase(join(folder, 'facts.db'));
  journal = openJournal(database, () => (woken += 1));
}

const PROOF = { thumbprint: 't', nonce: 'n' };

function decision(requestId: string): DecisionRecord {
  return {
    ...{ at: AT, requestId, source: 'dock-1', person: '4411', recording: RECORDING, allowed: true },
    ...{ regime: 'doj', policySet: 'x', newestFact: 0, request: { b: 1, a: 2 }, answer: {} },
  };
}

const onFile = (): readonly string[] => journal.about(RECORDING).map(({ requestId }) => requestId);

/** The disk is full when this one is to be written. */
function failAt(requestId: string): void {
  database.exec(
    `CREATE TRIGGER full BEFORE INSERT ON decisions WHEN NEW.request_id = '${requestId}'
     BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
  );
}

/** What became of it so far, without waiting. */
function watched(recorded: Promise<void>): { state: string } {
  const seen = { state: 'open' };
  recorded.then(
    () => (seen.state = 'durable'),
    () => (seen.state = 'failed'),
  );
  return seen;
}

describe('decisions that come together', () => {
  test('share one transaction, in their order, and count from then on', async () => {
    const recorded = ['a', 'b', 'c'].map((id) => {
      const seen = watched(journal.record(decision(id)));
      journal.flushSoon();
      return seen;
    });
    await Promise.resolve();
    expect(onFile()).toEqual([]);
    expect(recorded.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    await giveWay();
    await giveWay();
    expect(onFile()).toEqual(['a', 'b', 'c']);
    expect(recorded.map(({ state }) => state)).toEqual(['durable', 'durable', 'durable']);
    expect(woken).toBe(1);
    expect(journal.about(RECORDING)[0]).toEqual(decision('a'));
  });

  test('wait for nothing when there are many', async () => {
    const ids = Array.from({ length: 251 }, (_, at) => `${at}`);
    const recorded = ids.map((id) => watched(journal.record(decision(id))));
    await giveWay();
    expect(onFile()).toEqual(ids.slice(0, 250));
    expect(recorded.at(249)?.state).toBe('durable');
    expect(recorded.at(250)?.state).toBe('open');
  });

  // The kill point: whatever stops the last row stops all of them, so none can have been answered.
  test('are all on file or none', async () => {
    failAt('b');
    const recorded = ['a', 'b'].map((id) => journal.record(decision(id)));
    journal.flushSoon();
    const ends = await Promise.allSettled(recorded);
    expect(ends).toMatchObject([
      { status: 'rejected', reason: { code: 'STORE_IO', retry: 'later' } },
      { status: 'rejected', reason: { code: 'STORE_IO' } },
    ]);
    expect(onFile()).toEqual([]);
    expect(woken).toBe(0);
    const later = journal.record(decision('c'));
    journal.flushSoon();
    await later;
    expect(onFile()).toEqual(['c']);
  });
});

describe('a signed opening', () => {
  test('is used up durably', async () => {
    expect(journal.isUsed(PROOF)).toBe(false);
    const recorded = journal.record(decision('a'), PROOF);
    expect(journal.isUsed(PROOF), 'before it is written').toBe(true);
    expect(journal.isUsed({ ...PROOF, thumbprint: 'other' })).toBe(false);
    expect(journal.isUsed({ ...PROOF, nonce: 'other' })).toBe(false);
    journal.flushSoon();
    await recorded;
    expect(journal.isUsed(PROOF)).toBe(true);
    database.close();
    open();
    expect(journal.isUsed(PROOF), 'after a restart').toBe(true);
  });

  test('is free again when nothing was written', async () => {
    failAt('b');
    const recorded = [journal.record(decision('a'), PROOF), journal.record(decision('b'))];
    journal.flushSoon();
    await Promise.allSettled(recorded);
    expect(journal.isUsed(PROOF)).toBe(false);
  });

  // Goal: a caller that did not look first gets no second allow either.
  test('is never used up twice', async () => {
    const recorded = [journal.record(decision('a'), PROOF), journal.record(decision('b'), PROOF)];
    journal.flushSoon();
    const ends = await Promise.allSettled(recorded);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(onFile()).toEqual([]);
  });
});
