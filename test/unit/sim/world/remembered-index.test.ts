import { expect, it } from 'vitest';
import type { Change } from '../../../../dock/store/changes.ts';
import { openHoldingIndex } from '../../../../dock/store/holding-index.ts';
import type { ChunkRow, NewHolding } from '../../../../dock/store/rows.ts';
import { RememberedIndex } from '../../../../sim/world/remembered-index.ts';
import { sample, sha256, stampOf } from '../../../contract/stores.ts';

const OFFERED: NewHolding = {
  ...sample(1, [1]),
  ...{ state: 'incoming', conflict: false, folder: 'recordings/1', leaseEpoch: 1, hasManifest: false },
};
const CHUNK: ChunkRow = {
  ...{ index: 0, offset: 0, bytes: 100 },
  ...{ sha256: sha256(Uint8Array.of(1)), stamp: stampOf(1) },
};

/*
 * Goal: what is remembered is never older than the index.
 * Method: after each kind of change, one that is asked all the time beside the index that it stands before.
 */
it('says what the index says, after whatever change', () => {
  const index = openHoldingIndex(':memory:');
  const remembered = new RememberedIndex(index);
  const { recordingId } = OFFERED;
  const same = (): void => {
    expect(remembered.find(OFFERED)).toEqual(index.find(OFFERED));
    expect(remembered.rivals(recordingId)).toEqual(index.rivals(recordingId));
  };
  const change = (one: Change): void => {
    same();
    remembered.commit([one]);
    same();
  };
  change({ change: 'add-holding', holding: OFFERED });
  const row = index.find(OFFERED);
  if (row === undefined) throw new TypeError('it was added');
  change({ change: 'add-chunk', holding: row.id, chunk: CHUNK });
  change({ change: 'set-stamp', holding: row.id, chunk: { ...CHUNK, stamp: stampOf(2) } });
  change({ change: 'forget-chunks', holding: row.id, from: 0 });
  change({ change: 'set-holding', holding: { ...row, leaseEpoch: 2 } });
  const second = { ...sample(1, [1], 1), conflict: true, folder: 'quarantine/1' };
  change({ change: 'add-holding', holding: { ...OFFERED, ...second } });
  expect(remembered.rivals(recordingId)).toHaveLength(2);
});
