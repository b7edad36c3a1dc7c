import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verifyLedger } from '../../../../../dock/ledger/verify/verify.ts';
import { newKey, open, tempFolder } from '../rig.ts';
import { failures, livedIn, notes, tempDock } from './rig.ts';

const lived = livedIn();

describe('verifying a whole dock folder', () => {
  // Goal: what is right passes. Method: a folder with everything in it, written by the real writer.
  it('finds nothing where nothing is wrong', async () => {
    const dock = tempDock(lived);
    const report = await dock.verify();
    expect(report.findings.filter(({ severity }) => severity === 'failure')).toEqual([]);
    // The refused recording took a place in its camera's numbering, and its entry says which.
    expect(notes(report)).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      ledger: { origin: 'holdfast.test/dock-1', size: 303, pinned: true },
      entries: { 'device.enrolled': 2, accepted: 5, denied: 290, viewed: 1 },
      store: { recordings: 5, bytes: 5 * 3600 },
    });
  });

  // Goal: logs of every awkward size pass. Method: around the edges of bundles, empty included.
  it.each([0, 1, 2, 255, 256, 257, 511, 512, 513])('passes a log of %i entries', async (size) => {
    const dock = tempDock();
    await dock.fill(size);
    mkdirSync(dock.store);
    expect((await dock.verify()).findings).toEqual([]);
  });

  // Goal: an unpinned key is said to be so. Method: no --vkey.
  it('says that the key is not pinned', async () => {
    const dock = tempDock(lived);
    const report = await verifyLedger({ dir: dock.ledgerDir, store: dock.store });
    expect(report.ok).toBe(true);
    expect(report.ledger.pinned).toBe(false);
    expect(notes(report)).toContain('vkey-unpinned');
  });

  // Goal: somebody else's key does not pass. Method: pin another one.
  it('refuses a checkpoint by another key', async () => {
    const dock = tempDock(lived);
    const other = await open(tempFolder(), newKey());
    expect(failures(await dock.verify({ vkey: other.vkey }))).toEqual(['checkpoint-signature']);
    expect(failures(await dock.verify({ vkey: 'nonsense' }))).toEqual(['vkey-invalid']);
  });
});
