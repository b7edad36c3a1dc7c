import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../dock/ledger/log.ts';
import { atOnce, entry, keyFor, newKey, ORIGIN } from '../unit/dock/ledger/rig.ts';
import { TestWitness } from '../unit/dock/ledger/witnesses.ts';
import { buildGoVerifier, goWithModules } from './go-ledger.ts';
import { flipByte } from '../unit/dock/ledger/verify/rig.ts';

const ENTRIES = 600;
const systemClock = {
  after: (delayMs: number, wake: () => void): (() => void) => {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};

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

  // Goal: cosignatures are what another program takes for such, and a quorum is counted as it would. Method: a log that two
  // real witnesses cosigned, checked with crypto/ed25519; then too few of them, and one flipped byte in a line.
  it('and counts its witnesses', async () => {
    const key = newKey();
    const names = ['witness.test/w1', 'witness.test/w2'];
    const witnesses = await Promise.all(names.map((name) => TestWitness.of(key, name)));
    const stranger = await TestWitness.of(key, 'witness.test/w3');
    const path = join(work, 'cosigned');
    const cosigners = { witnesses, quorum: 2 };
    const ledger = await openLedger({ dir: path, origin: ORIGIN, clock: systemClock, cosigners, ...key });
    for (let n = 0; n < 5; n++) await ledger.appendOnce(keyFor(n), entry(n));
    await ledger.close();
    const asked = [...witnesses, stranger].flatMap((each) => ['-witness', each.vkey]);
    const said = verify('-vkey', ledger.vkey, ...asked, '-quorum', '2', path);
    expect(said.text).toMatch(/^ok: .* 5 entries, .*, 2 of 3 witnesses\n$/);
    expect(said.status).toBe(0);
    expect(verify('-vkey', ledger.vkey, path).status).toBe(0);
    const short = verify('-vkey', ledger.vkey, ...asked, '-quorum', '3', path);
    expect([short.status, short.text]).toEqual([
      1,
      expect.stringContaining('2 of 3 witnesses have cosigned, want 3'),
    ]);
    const note = readFileSync(join(path, 'checkpoint'), 'utf8');
    // A letter of the signature proper, past name, key id and time.
    const at = note.indexOf('w1 ') + 'w1 '.length + 40;
    const other = note[at] === 'A' ? 'B' : 'A';
    writeFileSync(join(path, 'checkpoint'), note.slice(0, at) + other + note.slice(at + 1));
    const bad = verify('-vkey', ledger.vkey, ...asked, path);
    expect([bad.status, bad.text]).toEqual([1, expect.stringContaining('w1 does not hold')]);
    expect(verify('-vkey', ledger.vkey, path).status).toBe(0);
  });
});
