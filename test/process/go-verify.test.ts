import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../dock/ledger/log.ts';
import { atOnce, entry, keyFor, newKey, ORIGIN } from '../unit/dock/ledger/rig.ts';
import { buildGoVerifier, goWithModules } from './go-ledger.ts';
import { flipByte } from '../unit/dock/ledger/verify/rig.ts';

const ENTRIES = 600;

const go = goWithModules();

describe.skipIf(go === undefined)('golang.org/x/mod reads our ledger', () => {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-go-'));
  const dir = join(work, 'ledger');
  const older: string[] = [];
  let vkey = '';

  let verify: ReturnType<typeof buildGoVerifier>;

  beforeAll(async () => {
    verify = buildGoVerifier(go ?? '', work);
    const ledger = await openLedger({ dir, origin: ORIGIN, clock: atOnce, ...newKey() });
    ({ vkey } = ledger);
    for (let n = 0; n < ENTRIES; n++) {
      const appended = ledger.appendOnce(keyFor(n), entry(n));
      if (n % 37 !== 0) continue;
      await appended;
      const path = join(work, `checkpoint-${n}`);
      writeFileSync(path, (await ledger.checkpoint()).note);
      older.push('-older', path);
    }
    await ledger.close();
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  // Goal: tools that we did not write agree with every byte of the log. Method: the checkpoint opened with x/mod/note; every
  // entry authenticated and proved, and consistency of every size and every older checkpoint, with x/mod/tlog.
  it('and finds it whole', () => {
    const said = verify('-vkey', vkey, ...older, dir);
    expect(said.text).toBe(
      `ok: ${ORIGIN}, ${ENTRIES} entries, ${ENTRIES} inclusion proofs, ${ENTRIES} consistency proofs, ${older.length / 2} older checkpoints\n`,
    );
    expect(said.status).toBe(0);
    expect(verify(dir).status).toBe(0);
  });

  // Goal: the same tools see a single changed byte anywhere. Method: flip one in each current file.
  it('and sees a flipped byte', () => {
    const current = ['checkpoint', 'tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2'];
    const bundles = ['tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/88'];
    for (const path of [...current, ...bundles]) {
      flipByte(join(dir, path), 40);
      expect({ path, status: verify('-vkey', vkey, dir).status }).toEqual({ path, status: 1 });
      flipByte(join(dir, path), 40);
    }
    expect(verify('-vkey', vkey, dir).status).toBe(0);
  });

  // Goal: another log's key and another log's checkpoint do not pass. Method: an empty log of another key.
  it('and tells logs apart', async () => {
    const other = await openLedger({ dir: join(work, 'other'), origin: ORIGIN, clock: atOnce, ...newKey() });
    await other.close();
    expect(verify('-vkey', other.vkey, join(work, 'other'))).toMatchObject({ status: 0 });
    expect(verify('-vkey', other.vkey, dir).status).toBe(1);
    expect(verify('-older', join(work, 'other/checkpoint'), dir).status).toBe(1);
    expect(readdirSync(join(work, 'other'))).not.toContain('tile');
  });
});
