import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { LedgerError } from '../../../../dock/ledger/errors.ts';
import { openCheckpoint } from '../../../../proto/checkpoint.ts';
import { fromHex, toHex } from '../../../../proto/bytes.ts';
import { leafHash, rootOf, verifyConsistency } from '../../../../proto/merkle.ts';
import { tilesOf, tilePath } from '../../../../proto/tile.ts';
import { verifyTlogProof } from '../../../../proto/tlog-proof.ts';
import { appendMany, atOnce, entry, keyFor, keyOf, newKey, open, ORIGIN, tempFolder } from './rig.ts';

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'nothing was thrown';
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
};

const rootOfFirst = (count: number): string =>
  toHex(
    rootOf(
      nodeChecker.sha256,
      Array.from({ length: count }, (_, n) => leafHash(nodeChecker.sha256, entry(n))),
    ),
  );

const opened = (note: string, vkey: string): { origin: string; size: number; root: string } => {
  const { origin, size, root } = openCheckpoint(note, vkey, nodeChecker);
  return { origin, size, root: toHex(root) };
};

const hex = (all: readonly Uint8Array[]): readonly string[] => all.map(toHex);

describe('the ledger', () => {
  // Goal: what is not published yet is nobody else's to read. Method: the modes of the database's files.
  it('keeps its database to its user', async () => {
    const dir = tempFolder();
    const ledger = await open(dir, newKey());
    await appendMany(ledger, 0, 3);
    const names = readdirSync(dir).filter((name) => name.startsWith('log.'));
    expect(names).toEqual(expect.arrayContaining(['log.db', 'log.db-wal', 'log.lock']));
    for (const name of names) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    await ledger.close();
  });

  // Goal: an empty log is a log. Method: open one, and check the checkpoint it signs.
  it('signs a checkpoint of nothing', async () => {
    const dir = tempFolder();
    const ledger = await open(dir, newKey());
    const { size, note } = await ledger.checkpoint();
    expect(size).toBe(0);
    expect(opened(note, ledger.vkey)).toEqual({
      origin: ORIGIN,
      size: 0,
      root: rootOfFirst(0),
    });
    expect(readFileSync(join(dir, 'checkpoint'), 'utf8')).toBe(note);
    expect(readFileSync(join(dir, 'vkey'), 'utf8')).toBe(`${ledger.vkey}\n`);
  });

  // Goal: what is acknowledged is signed, in order, and proved. Method: 600 entries in uneven batches across two
  // tiles; the root by plain recomputation, and a proof of each kind of place.
  it('covers every acknowledged entry by its checkpoint', async () => {
    const dir = tempFolder();
    const ledger = await open(dir, newKey());
    for (const [start, end] of [
      [0, 1],
      [1, 255],
      [255, 256],
      [256, 257],
      [257, 600],
    ] as const) {
      expect(await appendMany(ledger, start, end)).toEqual(
        Array.from({ length: end - start }, (_, n) => start + n),
      );
      const { size, note } = await ledger.checkpoint();
      expect(size).toBe(end);
      expect(opened(note, ledger.vkey).root).toEqual(rootOfFirst(end));
    }
    for (const index of [0, 254, 255, 256, 511, 512, 599]) {
      const proof = await ledger.prove(index);
      const claim = { entry: entry(index), vkey: ledger.vkey };
      expect(verifyTlogProof(proof, claim, nodeChecker)).toMatchObject({ index, size: 600 });
    }
    const root = (count: number): Uint8Array => fromHex(rootOfFirst(count));
    // Sizes that were never published, in tiles that have since become wider or full.
    for (const [from, to] of [
      [1, 2],
      [100, 300],
      [255, 257],
      [256, 511],
      [300, 600],
      [512, 599],
    ] as const) {
      const claim = { oldSize: from, newSize: to, oldRoot: root(from), newRoot: root(to) };
      const proof = await ledger.proveConsistency(from, to);
      expect(verifyConsistency(nodeChecker.sha256, { ...claim, proof })).toBe(true);
    }
    const read = await ledger.read(250, 520);
    expect(hex(read)).toEqual(hex(Array.from({ length: 270 }, (_, n) => entry(250 + n))));
    for (const { level, index, width } of tilesOf(600)) {
      expect(existsSync(join(dir, tilePath(level, index, width)))).toBe(true);
    }
  });

  // Goal: partial tiles go once the full one is there, and only then. Method: look at the folders.
  it('removes partial versions of a full tile', async () => {
    const dir = tempFolder();
    const ledger = await open(dir, newKey());
    await appendMany(ledger, 0, 100);
    await appendMany(ledger, 100, 255);
    expect(readdirSync(join(dir, 'tile/0/000.p')).toSorted()).toEqual(['100', '255']);
    await appendMany(ledger, 255, 258);
    expect(existsSync(join(dir, 'tile/0/000.p'))).toBe(false);
    expect(existsSync(join(dir, 'tile/entries/000.p'))).toBe(false);
    expect(readdirSync(join(dir, 'tile/0')).toSorted()).toEqual(['000', '001.p']);
    expect(readdirSync(join(dir, 'tmp'))).toEqual([]);
  });

  // Goal: the same key appends once, whatever happens around it. Method: twice in one batch, in a later one,
  // with other bytes, and after a restart.
  it('appends one key once', async () => {
    const dir = tempFolder();
    const key = newKey();
    const first = await open(dir, key);
    expect(await Promise.all([first.appendOnce('a', entry(1)), first.appendOnce('a', entry(1))])).toEqual([
      0, 0,
    ]);
    expect(await first.appendOnce('a', entry(2))).toBe(0);
    expect(await first.appendOnce('b', entry(1))).toBe(1);
    await first.close();
    const second = await open(dir, key);
    expect(await second.appendOnce('b', entry(9))).toBe(1);
    expect((await second.checkpoint()).size).toBe(2);
    expect(hex(await second.read(0, 2))).toEqual(hex([entry(1), entry(1)]));
  });

  // Goal: entries that come together share one batch. Method: count signatures for 50 appends in one window.
  it('signs one checkpoint for a window', async () => {
    const key = newKey();
    let signatures = 0;
    const sign = (message: Uint8Array): Uint8Array => {
      signatures += 1;
      return key.sign(message);
    };
    const delays: number[] = [];
    const clock = {
      after: (delayMs: number, wake: () => void): (() => void) => {
        delays.push(delayMs);
        return atOnce.after(delayMs, wake);
      },
    };
    const ledger = await open(tempFolder(), { ...key, sign }, { clock });
    signatures = 0;
    await appendMany(ledger, 0, 50);
    expect(signatures).toBe(1);
    expect(delays).toHaveLength(1);
    expect(Math.max(...delays)).toBeLessThanOrEqual(50);
  });

  // Goal: the caller may reuse its buffer. Method: change the bytes right after the call.
  it('keeps the entry as it was given', async () => {
    const ledger = await open(tempFolder(), newKey());
    const bytes = entry(1);
    const appended = ledger.appendOnce('a', bytes);
    bytes.fill(0);
    await appended;
    expect(hex(await ledger.read(0, 1))).toEqual(hex([entry(1)]));
  });

  // Goal: limits hold. Method: entries and keys just in and just out of range, and indices outside the log.
  it('refuses what does not fit', async () => {
    const ledger = await open(tempFolder(), newKey());
    expect(await ledger.appendOnce('largest', new Uint8Array(65_535))).toBe(0);
    expect(await ledger.appendOnce('empty', new Uint8Array())).toBe(1);
    expect(await codeOf(ledger.appendOnce('too large', new Uint8Array(65_536)))).toBe('LEDGER_ENTRY');
    expect(await codeOf(ledger.appendOnce('', entry(1)))).toBe('LEDGER_ENTRY');
    expect(await codeOf(ledger.appendOnce('k'.repeat(513), entry(1)))).toBe('LEDGER_ENTRY');
    for (const index of [2, -1, 0.5, Number.NaN])
      expect(await codeOf(ledger.prove(index))).toBe('LEDGER_INDEX');
    expect(await codeOf(ledger.read(0, 3))).toBe('LEDGER_INDEX');
    expect(await codeOf(ledger.read(2, 1))).toBe('LEDGER_INDEX');
    expect(await ledger.read(2, 2)).toEqual([]);
  });

  // Goal: closing publishes what waits. Method: close before the window ends, then look.
  it('publishes what is waiting when it closes', async () => {
    const dir = tempFolder();
    const key = newKey();
    const never = { after: () => () => undefined };
    const ledger = await open(dir, key, { clock: never });
    const appended = ledger.appendOnce('a', entry(1));
    await ledger.close();
    expect(await appended).toBe(0);
    expect(await codeOf(ledger.appendOnce('b', entry(2)))).toBe('LEDGER_CLOSED');
    expect((await (await open(dir, key)).checkpoint()).size).toBe(1);
  });
});

describe('opening a ledger', () => {
  // Goal: one writer. Method: open twice, then again after closing.
  it('refuses a second writer', async () => {
    const dir = tempFolder();
    const key = newKey();
    const ledger = await open(dir, key);
    expect(await codeOf(open(dir, key))).toBe('LEDGER_LOCKED');
    await ledger.close();
    await open(dir, key);
  });

  // Goal: one key and origin for one folder. Method: come back with others.
  it("refuses another key's folder", async () => {
    const dir = tempFolder();
    const key = newKey();
    await (await open(dir, key)).close();
    expect(await codeOf(open(dir, newKey()))).toBe('LEDGER_IDENTITY');
    expect(await codeOf(open(dir, key, { origin: 'holdfast.test/dock-2' }))).toBe('LEDGER_IDENTITY');
  });

  // Goal: a lost database comes back from the tiles, keys included. Method: delete it after 300 entries.
  it('rebuilds a lost database', async () => {
    const dir = tempFolder();
    const key = newKey();
    const first = await open(dir, key);
    await appendMany(first, 0, 300);
    await first.close();
    removeDatabase(dir);
    const second = await open(dir, key, { keyOf });
    expect((await second.checkpoint()).note).toBe(readFileSync(join(dir, 'checkpoint'), 'utf8'));
    expect(await second.appendOnce(keyFor(7), entry(7))).toBe(7);
    expect(await second.appendOnce(keyFor(299), entry(299))).toBe(299);
    expect(await appendMany(second, 300, 302)).toEqual([300, 301]);
    expect(opened((await second.checkpoint()).note, second.vkey).root).toEqual(rootOfFirst(302));
  });

  // Goal: nothing is appended to a folder that does not add up. Method: spoil one thing at a time, and open.
  it.each([
    ['a flipped bit in the newest tile', 'LEDGER_DAMAGED', flip('tile/0/001.p/44')],
    ['a flipped bit in the newest bundle', 'LEDGER_DAMAGED', flip('tile/entries/001.p/44')],
    ['a flipped bit in the checkpoint', 'LEDGER_DAMAGED', flip('checkpoint')],
    ['a missing tile', 'LEDGER_DAMAGED', remove('tile/0/001.p/44')],
    ['a missing upper tile', 'LEDGER_DAMAGED', remove('tile/1/000.p/1')],
    ['a missing bundle', 'LEDGER_DAMAGED', remove('tile/entries/001.p/44')],
    ['a missing checkpoint', 'LEDGER_DAMAGED', remove('checkpoint')],
    ['a missing checkpoint and database', 'LEDGER_DAMAGED', both(removeDatabase, remove('checkpoint'))],
    ['a cut bundle and no database', 'LEDGER_DAMAGED', both(removeDatabase, cut('tile/entries/000'))],
    [
      'a flipped bit in an old bundle and no database',
      'LEDGER_DAMAGED',
      both(removeDatabase, flip('tile/entries/000')),
    ],
    [
      'a database that is none',
      'LEDGER_DAMAGED',
      both(removeDatabase, (dir) => writeFileSync(join(dir, 'log.db'), 'x'.repeat(8192))),
    ],
  ] as const)('refuses %s', async (_what, code, spoil) => {
    const dir = tempFolder();
    const key = newKey();
    const ledger = await open(dir, key);
    await appendMany(ledger, 0, 256);
    await appendMany(ledger, 256, 300);
    await ledger.close();
    spoil(dir);
    expect(await codeOf(open(dir, key, { keyOf }))).toBe(code);
  });
});

function removeDatabase(dir: string): void {
  for (const name of readdirSync(dir)) if (name.startsWith('log.db')) rmSync(join(dir, name));
}

function flip(path: string): (dir: string) => void {
  return (dir) => {
    const bytes = readFileSync(join(dir, path));
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(join(dir, path), bytes);
  };
}

function cut(path: string): (dir: string) => void {
  return (dir) => writeFileSync(join(dir, path), readFileSync(join(dir, path)).subarray(0, -3));
}

function remove(...paths: readonly string[]): (dir: string) => void {
  return (dir) => paths.forEach((path) => rmSync(join(dir, path)));
}

function both(...spoils: readonly ((dir: string) => void)[]): (dir: string) => void {
  return (dir) => spoils.forEach((spoil) => spoil(dir));
}
