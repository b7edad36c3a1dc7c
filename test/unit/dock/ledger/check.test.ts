import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendMany, entry, newKey, open, tempFolder } from './rig.ts';
import { cosigned, signersOf, soon, TestWitness } from './witnesses.ts';

// Goal: what everybody may see of a log is what its dock published, or the dock says so while it runs; witnesses are asked again,
// and no second checkpoint of one size is ever signed. Method: real folders that are changed behind the log's back, real witnesses
// without HTTP, a key that counts what it signs.

const LONG_AGO = 0;
const NOW = Number.MAX_SAFE_INTEGER;

describe('a look at the published log', () => {
  it('finds nothing where nothing is wrong', async () => {
    const ledger = await open(tempFolder(), newKey());
    expect(await ledger.check(NOW)).toEqual({ size: 0, pending: 0, cosigned: [] });
    await appendMany(ledger, 0, 300);
    expect(await ledger.check(NOW)).toEqual({ size: 300, pending: 0, cosigned: [] });
    await appendMany(ledger, 300, 301);
    expect((await ledger.checkpoint()).size).toBe(301);
  });

  it.each<readonly [string, (dir: string) => void]>([
    ['is gone', (dir) => rmSync(join(dir, 'checkpoint'))],
    [
      'is signed by nobody',
      (dir) => {
        const path = join(dir, 'checkpoint');
        writeFileSync(path, readFileSync(path, 'utf8').replace(/^3$/m, '2'));
      },
    ],
    ['is an older one', (dir) => renameSync(join(dir, 'older'), join(dir, 'checkpoint'))],
  ])('names a checkpoint that %s', async (_how, harm) => {
    const dir = tempFolder();
    const ledger = await open(dir, newKey());
    await appendMany(ledger, 0, 2);
    writeFileSync(join(dir, 'older'), readFileSync(join(dir, 'checkpoint')));
    await appendMany(ledger, 2, 3);
    await ledger.check(NOW);
    harm(dir);
    await expect(ledger.check(NOW)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });

  it('names a tile that does not make its root', async () => {
    const dir = tempFolder();
    const ledger = await open(dir, newKey());
    await appendMany(ledger, 0, 3);
    const path = join(dir, 'tile/0/000.p/3');
    const bytes = readFileSync(path);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await expect(ledger.check(NOW)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });

  it('asks the witnesses again and signs nothing', async () => {
    const key = newKey();
    let signed = 0;
    const counting = {
      ...key,
      sign: (message: Uint8Array) => {
        signed += 1;
        return key.sign(message);
      },
    };
    const witnesses = [
      await TestWitness.of(key, 'witness.test/w1'),
      await TestWitness.of(key, 'witness.test/w2'),
    ];
    const { options } = cosigned(witnesses, 1);
    const dir = tempFolder();
    const ledger = await open(dir, counting, options);
    await appendMany(ledger, 0, 3);
    const both = ['witness.test/w1', 'witness.test/w2'];
    await soon(async () => expect((await ledger.check(LONG_AGO)).cosigned).toEqual(both));
    const [before, asked] = [signed, witnesses.map((one) => one.cosigned)];
    const { note } = await ledger.checkpoint();
    // Fresh enough: nobody is asked.
    await ledger.check(LONG_AGO);
    expect(witnesses.map((one) => one.cosigned)).toEqual(asked);
    await ledger.check(NOW);
    await soon(() => {
      for (const [at, one] of witnesses.entries()) expect(one.cosigned).toBeGreaterThan(asked[at] ?? 0);
    });
    expect(signed).toBe(before);
    await soon(async () => expect(signersOf((await ledger.checkpoint()).note, witnesses)).toEqual(both));
    const textOf = (whole: string): string => whole.split('\n').slice(0, 5).join('\n');
    expect(textOf((await ledger.checkpoint()).note)).toBe(textOf(note));
    expect(readFileSync(join(dir, 'checkpoint'), 'utf8')).toBe((await ledger.checkpoint()).note);
    // The log goes on as before.
    await appendMany(ledger, 3, 4);
    expect((await ledger.checkpoint()).size).toBe(4);
  });

  it('keeps the lines that are there while a witness is away', async () => {
    const key = newKey();
    const witness = await TestWitness.of(key, 'witness.test/w1');
    const { options, news } = cosigned([witness], 1);
    const ledger = await open(tempFolder(), key, options);
    await appendMany(ledger, 0, 1);
    witness.mood = 'down';
    await ledger.check(NOW);
    await soon(() => expect(news.map((one) => one.news)).toContain('witness-missing'));
    expect(await ledger.check(NOW)).toEqual({ size: 1, pending: 0, cosigned: ['witness.test/w1'] });
    witness.mood = 'up';
    await appendMany(ledger, 1, 2);
  });

  it('says what waits for witnesses, and publishes it once they are back', async () => {
    const key = newKey();
    const witness = await TestWitness.of(key, 'witness.test/w1');
    const { options, clock } = cosigned([witness], 1);
    const ledger = await open(tempFolder(), key, options);
    await appendMany(ledger, 0, 1);
    witness.mood = 'down';
    const waiting = ledger.appendOnce('late', entry(1)).catch((error: unknown) => error);
    await soon(async () =>
      expect(await ledger.check(NOW)).toMatchObject({
        size: 1,
        pending: 1,
        lacking: expect.stringContaining('w1') as string,
      }),
    );
    clock.pass(10_000);
    expect(await waiting).toMatchObject({ code: 'LEDGER_BUSY' });
    witness.mood = 'up';
    clock.pass(10_000);
    await soon(async () => expect(await ledger.check(NOW)).toMatchObject({ size: 2, pending: 0 }));
  });

  // Goal: what a fault left behind is not left until the next entry comes. Method: a disk that fails once, between batch and tiles.
  it('publishes what a fault has left waiting', async () => {
    let isFaulty = false;
    const probe = (step: string): void => {
      if (isFaulty && step === 'sign') throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    };
    const ledger = await open(tempFolder(), newKey(), { probe });
    await appendMany(ledger, 0, 1);
    isFaulty = true;
    await expect(ledger.appendOnce('late', entry(1))).rejects.toMatchObject({ code: 'LEDGER_FULL' });
    isFaulty = false;
    expect(await ledger.check(NOW)).toMatchObject({ size: 1, pending: 1 });
    await soon(async () => expect(await ledger.check(NOW)).toMatchObject({ size: 2, pending: 0 }));
  });

  it('is refused once a witness remembers another history, and when it is closed', async () => {
    const key = newKey();
    const witness = await TestWitness.of(key, 'witness.test/w1');
    const { options } = cosigned([witness], 0);
    const ledger = await open(tempFolder(), key, options);
    await appendMany(ledger, 0, 2);
    await soon(async () => expect((await ledger.check(LONG_AGO)).cosigned).toHaveLength(1));
    witness.mood = () => ({ status: 422, body: '' });
    await ledger.check(NOW);
    await soon(() => expect(ledger.check(LONG_AGO)).rejects.toMatchObject({ code: 'LEDGER_DISAGREES' }));
    await ledger.close();
    await expect(ledger.check(NOW)).rejects.toMatchObject({ code: 'LEDGER_CLOSED' });
  });
});
