import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../../../dock/store/changes.ts';
import { openHoldingIndex } from '../../../../dock/store/holding-index.ts';
import type { HoldingIndex } from '../../../../dock/store/holding-index.ts';
import type { ChunkRow, HoldingRow, NewHolding } from '../../../../dock/store/rows.ts';
import { sample, sha256, stampOf } from '../../../contract/stores.ts';

function holding(number: number, variant = 0): NewHolding {
  const { recordingId, manifestSha256, cameraId, transport, manifestBytes, contentBytes } = sample(
    number,
    [1],
    variant,
  );
  const offer = { recordingId, manifestSha256, cameraId, transport, manifestBytes, contentBytes };
  const folder = `recordings/${recordingId}-${variant}`;
  return { ...offer, state: 'incoming', conflict: false, folder, leaseEpoch: 1, hasManifest: false };
}

function chunk(index: number): ChunkRow {
  return {
    index,
    offset: index * 100,
    bytes: 100,
    sha256: sha256(Uint8Array.of(index)),
    stamp: stampOf(index),
  };
}

function add(index: HoldingIndex, added: NewHolding): HoldingRow {
  index.commit([{ change: 'add-holding', holding: added }]);
  const row = index.find(added);
  if (row === undefined) throw new TypeError('it was added');
  return row;
}

describe('HoldingIndex', () => {
  // Goal: every field comes back as it went in. Method: a full row and its chunks, through a file.
  it('keeps rows', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-index-'));
    const first = openHoldingIndex(join(dir, 'index.db'));
    const row = add(first, holding(1));
    const stamps = { sha256: sha256(Uint8Array.of(1)), chunks: 2 };
    const settled = {
      state: 'quarantined',
      movingTo: 'quarantine/x',
      hasManifest: true,
      wrapsSha256: sha256(Uint8Array.of(2)),
      entryIndex: 2 ** 40,
      reason: 'no',
    } as const;
    const changed = { ...row, ...settled, transport: 'serial', leaseEpoch: 9, stamps } as const;
    first.commit([
      { change: 'set-holding', holding: changed },
      { change: 'add-chunk', holding: row.id, chunk: chunk(0) },
      { change: 'add-chunk', holding: row.id, chunk: chunk(1) },
    ]);
    first.close();
    const second = openHoldingIndex(join(dir, 'index.db'));
    expect(second.holdings()).toEqual([{ ...changed, last: chunk(1) }]);
    expect(second.rivals(row.recordingId)).toHaveLength(1);
    expect(second.chunks(row.id, 0, 10)).toEqual([chunk(0), chunk(1)]);
    expect(second.chunk(row.id, 1)).toEqual(chunk(1));
    expect(second.chunk(row.id, 2)).toBeUndefined();
    second.commit([{ change: 'forget-chunks', holding: row.id, from: 1 }]);
    expect(second.find(row)?.last).toEqual(chunk(0));
    second.close();
    await rm(dir, { recursive: true });
  });

  // Goal: what is committed later is what would be committed at once, whatever text is in it. Method: the same changes both ways, to two
  // files, with quotes, question marks, nothing and everything in their fields.
  it('commits the same, later', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-index-'));
    const [now, later] = ['now', 'later'].map((name) => openHoldingIndex(join(dir, `${name}.db`)));
    if (now === undefined || later === undefined) throw new TypeError('two of them');
    const both = async (...changes: readonly Change[]): Promise<void> => {
      now.commit(changes);
      await later.commitLater(changes);
    };
    await both({ change: 'add-holding', holding: holding(1) });
    const row = later.find(holding(1));
    if (row === undefined) throw new TypeError('it was added');
    const reason = `'); DROP TABLE holdings; -- ? ?? "x" ünï ${'?'.repeat(3)}`;
    const stamps = { sha256: sha256(Uint8Array.of(3)), chunks: 2 ** 31 };
    const set = {
      ...row,
      state: 'quarantined',
      reason,
      stamps,
      rotFrom: 2 ** 40,
      healing: 'mirror',
    } as const;
    await both(
      { change: 'set-holding', holding: set },
      { change: 'add-chunk', holding: row.id, chunk: chunk(0) },
    );
    const bare = { receivedAtUs: 7, uncertaintyUs: 8, basis: 'local' } as const;
    await both(
      { change: 'add-chunk', holding: row.id, chunk: chunk(1) },
      { change: 'add-chunk', holding: row.id, chunk: chunk(2) },
      { change: 'forget-chunks', holding: row.id, from: 2 },
      { change: 'set-stamp', holding: row.id, chunk: { ...chunk(1), stamp: bare } },
      { change: 'scrubbed', holding: row.id, atUs: 5 },
    );
    await both({ change: 'add-holding', holding: holding(2), chunks: [chunk(0)] });
    expect(later.holdings()).toEqual(now.holdings());
    expect(later.find(row)?.reason).toBe(reason);
    expect(later.chunks(row.id, 0, 9)).toEqual(now.chunks(row.id, 0, 9));
    expect(later.byTurn()).toEqual(now.byTurn());
    now.close();
    later.close();
    await rm(dir, { recursive: true });
  });

  // Goal: later, too, all or nothing, and the next one works. Method: a commit whose last change cannot be.
  it('commits all or nothing, later', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-index-'));
    const index = openHoldingIndex(join(dir, 'index.db'));
    const row = add(index, holding(1));
    const add0 = { change: 'add-chunk', holding: row.id, chunk: chunk(0) } as const;
    const bad = index.commitLater([add0, { ...add0, chunk: chunk(1) }, add0]);
    await expect(bad).rejects.toThrow(/UNIQUE/);
    expect(index.chunks(row.id, 0, 10)).toEqual([]);
    await index.commitLater([add0]);
    index.commit([{ ...add0, chunk: chunk(1) }]);
    expect(index.find(row)?.last).toEqual(chunk(1));
    index.close();
    await rm(dir, { recursive: true });
  });

  // Goal: all changes of a commit or none, and the next commit works. Method: a commit whose last change cannot be.
  it('commits all or nothing', () => {
    const index = openHoldingIndex(':memory:');
    const row = add(index, holding(1));
    const add0 = { change: 'add-chunk', holding: row.id, chunk: chunk(0) } as const;
    expect(() => index.commit([add0, { ...add0, chunk: chunk(1) }, add0])).toThrow(/UNIQUE/);
    expect(index.chunks(row.id, 0, 10)).toEqual([]);
    index.commit([add0]);
    expect(index.find(row)?.last).toEqual(chunk(0));
    index.close();
  });

  // Goal: the index itself refuses what must never be. Method: a second held manifest, a held conflict, one folder twice.
  it('cannot hold two manifests of one recording', () => {
    const index = openHoldingIndex(':memory:');
    const [first, second] = [add(index, holding(1)), add(index, holding(1, 1))];
    const hold = (row: HoldingRow): void =>
      index.commit([{ change: 'set-holding', holding: { ...row, state: 'held' } }]);
    hold(first);
    expect(() => hold(second)).toThrow(/UNIQUE/);
    // Nor one whose time is over beside one that is not.
    index.commit([{ change: 'set-holding', holding: { ...first, state: 'destroyed' } }]);
    expect(() => hold(second)).toThrow(/UNIQUE/);
    expect(() => add(index, { ...holding(2), state: 'held', conflict: true })).toThrow(/CHECK/);
    expect(() => add(index, { ...holding(3), folder: first.folder })).toThrow(/UNIQUE/);
    index.close();
  });

  // Goal: a dock knows which cameras have sealed, and nobody's refused offer makes it believe so. Method: rows in each state.
  it('remembers who sealed', () => {
    const index = openHoldingIndex(':memory:');
    const row = add(index, { ...holding(1), wrapsSha256: sha256(Uint8Array.of(1)) });
    const set = (change: Partial<NewHolding>): boolean => {
      index.commit([{ change: 'set-holding', holding: { ...row, ...change } }]);
      return index.sealed(row.cameraId).length === 1;
    };
    expect(set({ state: 'incoming' })).toBe(false);
    expect(set({ state: 'quarantined', entryIndex: 1, reason: 'no' })).toBe(false);
    expect(set({ state: 'destroyed', entryIndex: 1, reason: 'no' })).toBe(false);
    expect(set({ state: 'held', entryIndex: 1 })).toBe(true);
    expect(set({ state: 'quarantined', entryIndex: 1, reason: 'rot', rotFrom: 0 })).toBe(true);
    expect(set({ state: 'incoming', entryIndex: 1, healing: 'camera' })).toBe(true);
    expect(set({ state: 'destroyed', entryIndex: 1 })).toBe(true);
    index.close();
  });

  // Goal: two docks never share a folder, and a refused one leaves no lock behind. Method: open twice, then again.
  it('lets one in at a time', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-index-'));
    const path = join(dir, 'index.db');
    const index = openHoldingIndex(path);
    for (let i = 0; i < 3; i++) expect(() => openHoldingIndex(path)).toThrow('is another dock using it?');
    index.close();
    openHoldingIndex(path).close();
    await rm(dir, { recursive: true });
  });
});
