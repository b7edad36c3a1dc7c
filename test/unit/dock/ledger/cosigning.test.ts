import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { LedgerError } from '../../../../dock/ledger/errors.ts';
import type { OpenLedger } from '../../../../dock/ledger/log.ts';
import type { Cosigner } from '../../../../dock/ledger/witness.ts';
import { cosign, formatCosignerVkey } from '../../../../proto/cosignature.ts';
import { parseTlogProof } from '../../../../proto/tlog-proof.ts';
import { appendMany, entry, type Key, keyFor, newKey, open, tempFolder } from './rig.ts';
import { cosigned, signersOf, soon, TestWitness } from './witnesses.ts';

// Goal: nobody sees a checkpoint that too few witnesses know, a witness that is down costs nothing that was not promised
// to depend on it, and a log that an outsider remembers otherwise appends nothing. Method: real witnesses without HTTP, a
// clock that the test moves.
const PATIENCE_MS = 10_000;
const said = async (work: Promise<unknown>): Promise<LedgerError> => {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof LedgerError) return error;
  throw new Error('no LedgerError was thrown', { cause: error });
};
const onDisk = (dir: string): string => readFileSync(join(dir, 'checkpoint'), 'utf8');
const sizeOf = async (ledger: OpenLedger): Promise<number> => (await ledger.checkpoint()).size;

async function two(key: Key): Promise<readonly [TestWitness, TestWitness]> {
  return [await TestWitness.of(key, 'witness.test/w1'), await TestWitness.of(key, 'witness.test/w2')];
}

/** A key that remembers for which sizes it signed. */
function listened(key: Key): { readonly key: Key; readonly sizes: Set<number> } {
  const sizes = new Set<number>();
  const sign = (message: Uint8Array): Uint8Array => {
    sizes.add(Number(new TextDecoder().decode(message).split('\n')[1]));
    return key.sign(message);
  };
  return { key: { ...key, sign }, sizes };
}

describe('a ledger with a quorum', () => {
  it('shows only what the quorum has cosigned', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const witnesses = await two(key);
    const ledger = await open(dir, key, cosigned(witnesses, 2).options);
    for (const [start, end] of [
      [0, 1],
      [1, 4],
      [4, 300],
    ] as const) {
      await appendMany(ledger, start, end);
      const { size, note } = await ledger.checkpoint();
      expect(size).toBe(end);
      expect(onDisk(dir)).toBe(note);
      expect(signersOf(note, witnesses)).toEqual(['witness.test/w1', 'witness.test/w2']);
      expect(parseTlogProof(await ledger.prove(end - 1)).checkpoint).toBe(note);
    }
    // The newest size is known from the answer before: nobody is asked twice.
    expect(witnesses[0].asked).toEqual([0, 0, 1, 4]);
  });

  it('keeps a batch to itself while a witness is missing, and says which and why', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const witnesses = await two(key);
    const { options, clock, news } = cosigned(witnesses, 2);
    const ledger = await open(dir, key, options);
    await appendMany(ledger, 0, 2);
    const before = onDisk(dir);
    witnesses[1].mood = 'down';
    const waiting = said(ledger.appendOnce(keyFor(2), entry(2)));
    // Once for nothing, once for the first two, and now for the third.
    await soon(() => expect([news.length, witnesses[0].cosigned]).toEqual([1, 3]));
    clock.pass(PATIENCE_MS - 1);
    const later = said(ledger.appendOnce(keyFor(3), entry(3)));
    clock.pass(1);
    const error = await waiting;
    expect(error).toMatchObject({ code: 'LEDGER_BUSY', retry: 'later' });
    expect(error.message).toMatch(/1 of 2 witnesses.*missing witness\.test\/w2 \(.*ECONNREFUSED/);
    expect(news).toEqual([
      { news: 'witness-missing', witness: 'witness.test/w2', why: 'cannot be reached: ECONNREFUSED' },
    ]);
    expect([await sizeOf(ledger), onDisk(dir)]).toEqual([2, before]);
    expect((await said(ledger.prove(2))).code).toBe('LEDGER_INDEX');
    clock.pass(PATIENCE_MS);
    expect((await later).code).toBe('LEDGER_BUSY');
    // The witness is back: nobody needs to ask again for the batch to be published, and asking again gives its index.
    witnesses[1].mood = 'up';
    await soon(async () => {
      clock.pass(PATIENCE_MS / 2);
      expect(await sizeOf(ledger)).toBe(3);
    });
    expect(await ledger.appendOnce(keyFor(2), entry(2))).toBe(2);
    expect(await ledger.appendOnce(keyFor(3), entry(3))).toBe(3);
    expect(signersOf(onDisk(dir), witnesses)).toHaveLength(2);
    expect(news.at(-1)).toEqual({ news: 'witness-back', witness: 'witness.test/w2' });
  });

  it('asks each witness from what that one has seen', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const [w1, w2] = await two(key);
    const first = await open(dir, key, cosigned([w1], 1).options);
    await appendMany(first, 0, 7);
    await first.close();
    const both = await open(dir, key, cosigned([w1, w2], 2).options);
    await appendMany(both, 7, 9);
    expect(signersOf(onDisk(dir), [w1, w2])).toHaveLength(2);
    // w1 names 7 after the restart; w2 has never heard of the log, and takes 7 from nothing.
    expect([w1.asked.slice(-3), w2.asked]).toEqual([
      [0, 7, 7],
      [0, 7],
    ]);
  });

  it('does not wait for more than the quorum, and adds who comes late', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const witnesses = await two(key);
    const { options, clock } = cosigned(witnesses, 1);
    witnesses[1].mood = 'down';
    const ledger = await open(dir, key, options);
    await appendMany(ledger, 0, 3);
    expect(signersOf(onDisk(dir), witnesses)).toEqual(['witness.test/w1']);
    witnesses[1].mood = 'up';
    await soon(async () => {
      clock.pass(PATIENCE_MS / 2);
      const { note } = await ledger.checkpoint();
      expect([signersOf(note, witnesses).length, onDisk(dir)]).toEqual([2, note]);
    });
  });

  it.each([
    ['no cosignature', () => ({ status: 200, body: '' }), /without its cosignature/],
    ['an answer that is no line', () => ({ status: 200, body: 'yes\n' }), /malformed/],
    ['another status', () => ({ status: 503, body: 'later\n' }), /answered 503 later/],
    ['no size', () => ({ status: 409, body: 'what\n' }), /409 without a size/],
    [
      'a size that never fits',
      (body: string) => ({ status: 409, body: body.startsWith('old 0') ? '1\n' : '0\n' }),
      /another size each time/,
    ],
  ])('is not fooled by %s', async (_what, mood, why) => {
    const key = newKey();
    const witnesses = await two(key);
    const { options, clock, news } = cosigned(witnesses, 2);
    const ledger = await open(tempFolder(), key, options);
    await appendMany(ledger, 0, 3);
    witnesses[1].mood = mood;
    const waiting = said(ledger.appendOnce(keyFor(3), entry(3)));
    await soon(() => expect(news).toHaveLength(1));
    clock.pass(PATIENCE_MS);
    expect((await waiting).message).toMatch(why);
    expect(await sizeOf(ledger)).toBe(3);
  });

  it('is not fooled by its last cosignature, nor by that of a stranger with the same name', async () => {
    const key = newKey();
    const witnesses = await two(key);
    const stranger = await TestWitness.of(key, 'witness.test/w2');
    const { options, clock } = cosigned(witnesses, 2);
    const ledger = await open(tempFolder(), key, options);
    await appendMany(ledger, 0, 3);
    const { note } = await ledger.checkpoint();
    const last = note.split('\n').find((line) => line.includes('w2')) ?? '';
    const other = await open(tempFolder(), key, cosigned([stranger], 1).options);
    await appendMany(other, 0, 4);
    const strange = (await other.checkpoint()).note;
    for (const [body, why] of [
      [`${last}\n`, /cosignature by witness\.test\/w2 does not hold/],
      [strange.slice(strange.indexOf('\u2014 witness')), /without its cosignature/],
    ] as const) {
      witnesses[1].mood = () => ({ status: 200, body });
      // It may have been asked about the batch before this one, and is asked again after a pause.
      const before = witnesses[1].asked.length;
      const first = said(ledger.appendOnce(keyFor(3), entry(3)));
      await soon(() => {
        clock.pass(PATIENCE_MS / 2);
        expect(witnesses[1].asked.length).toBeGreaterThan(before + 1);
      });
      await first;
      const waiting = said(ledger.appendOnce(keyFor(3), entry(3)));
      clock.pass(PATIENCE_MS);
      expect((await waiting).message).toMatch(why);
    }
    expect(await sizeOf(ledger)).toBe(3);
  });
});

describe('a witness that lies', () => {
  const key = { name: 'witness.test/liar', ...newKey(), sha256: nodeChecker.sha256 };
  const vkey = formatCosignerVkey(key.name, key.publicKey, key.sha256);

  // What it signed would be in the checkpoint, and nobody could check the checkpoint any more.
  it('cannot bring in a cosignature of another text', async () => {
    const liar: Cosigner = {
      vkey,
      add: async (body) => {
        const more = 'and more\n';
        const signed = body.slice(body.indexOf('\n\n') + 2) + more;
        return { status: 200, body: `${more}\n${cosign(signed, { ...key, timeS: 1 })}` };
      },
    };
    const { options, clock, news } = cosigned([liar], 1);
    const ledger = await open(tempFolder(), newKey(), options);
    const waiting = said(ledger.appendOnce(keyFor(0), entry(0)));
    await soon(() => expect(news).toHaveLength(1));
    clock.pass(PATIENCE_MS);
    expect((await waiting).message).toMatch(/has cosigned another text/);
    expect(await sizeOf(ledger)).toBe(0);
  });

  it('is not two for having two names', async () => {
    const add: Cosigner['add'] = () => Promise.reject(new Error('is not asked'));
    const other = formatCosignerVkey('witness.test/other', key.publicKey, key.sha256);
    const { options } = cosigned(
      [vkey, other].map((each) => ({ vkey: each, add })),
      2,
    );
    await expect(open(tempFolder(), newKey(), options)).rejects.toThrow(/have one key/);
  });
});

describe('a ledger whose witnesses are down', () => {
  it('opens with what is published and finishes the batch when they are back', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const witnesses = await two(key);
    const first = cosigned(witnesses, 2);
    const hurt = await open(dir, key, first.options);
    await appendMany(hurt, 0, 3);
    witnesses[0].mood = 'silent';
    const lost = said(hurt.appendOnce(keyFor(3), entry(3)));
    await soon(() => expect(witnesses[0].asked).toHaveLength(3));
    const closing = hurt.close();
    first.clock.pass(2_000);
    await closing;
    expect((await lost).code).toBe('LEDGER_BUSY');
    for (const witness of witnesses) witness.mood = 'down';
    const { options, clock, news } = cosigned(witnesses, 2);
    const next = await open(dir, key, options);
    expect(await sizeOf(next)).toBe(3);
    expect(await next.appendOnce(keyFor(2), entry(2))).toBe(2);
    expect(parseTlogProof(await next.prove(2)).checkpoint).toBe(onDisk(dir));
    await soon(() => expect(news).toHaveLength(2));
    const later = said(next.appendOnce(keyFor(4), entry(4)));
    clock.pass(PATIENCE_MS);
    expect((await later).message).toMatch(/0 of 2 witnesses.*w1 \(.*w2 \(/);
    for (const witness of witnesses) witness.mood = 'up';
    await soon(async () => {
      clock.pass(PATIENCE_MS / 2);
      expect(await sizeOf(next)).toBe(4);
    });
    // The batch that was intended came first, as it was; nobody waited for the other entry any more.
    expect([await next.appendOnce(keyFor(4), entry(4)), await next.appendOnce(keyFor(3), entry(3))]).toEqual([
      4, 3,
    ]);
  });

  it('closes soon, whatever waits', async () => {
    const key = newKey();
    const witnesses = await two(key);
    const { options, clock } = cosigned(witnesses, 2);
    for (const witness of witnesses) witness.mood = 'silent';
    const ledger = await open(tempFolder(), key, options);
    const waiting = [0, 1, 2].map((n) => said(ledger.appendOnce(keyFor(n), entry(n))));
    let isClosed = false;
    void ledger.close().then(() => (isClosed = true));
    await soon(() => {
      clock.pass(2_000);
      expect(isClosed).toBe(true);
    });
    for (const each of waiting) expect((await each).code).toBe('LEDGER_BUSY');
  });
});

describe('a ledger without a quorum', () => {
  it('publishes at once and adds what its witnesses say', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const witnesses = await two(key);
    const { options, clock } = cosigned(witnesses, 0);
    for (const witness of witnesses) witness.mood = 'silent';
    const ledger = await open(dir, key, options);
    expect(await appendMany(ledger, 0, 4)).toEqual([0, 1, 2, 3]);
    expect(signersOf(onDisk(dir), witnesses)).toEqual([]);
    witnesses[0].mood = 'up';
    witnesses[1].mood = 'down';
    expect(await ledger.appendOnce(keyFor(4), entry(4))).toBe(4);
    await soon(() => expect(signersOf(onDisk(dir), witnesses)).toEqual(['witness.test/w1']));
    witnesses[1].mood = 'up';
    await soon(async () => {
      clock.pass(PATIENCE_MS / 2);
      const { size, note } = await ledger.checkpoint();
      expect([size, signersOf(note, witnesses).length, onDisk(dir)]).toEqual([5, 2, note]);
    });
    await ledger.close();
    // What the checkpoint carries stays, also when nobody answers after the next start.
    for (const witness of witnesses) witness.mood = 'down';
    const next = await open(dir, key, cosigned(witnesses, 0).options);
    expect(signersOf((await next.checkpoint()).note, witnesses)).toHaveLength(2);
  });

  it('adds nothing to a checkpoint that is no longer the newest', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const [witness] = await two(key);
    const { options, clock } = cosigned([witness], 0);
    const ledger = await open(dir, key, options);
    for (let n = 0; n < 40; n++) {
      await ledger.appendOnce(keyFor(n), entry(n));
      expect(onDisk(dir).split('\n')[1]).toBe(String(n + 1));
      // Some cosignatures come in time, some after the next batch has begun.
      for (let turns = 0; turns < n % 5; turns++) await new Promise((resolve) => setImmediate(resolve));
      expect(onDisk(dir).split('\n')[1]).toBe(String(n + 1));
    }
    // A slow witness still answers about the trees before, each with another size; then it is asked again after a pause.
    await soon(() => {
      clock.pass(PATIENCE_MS / 2);
      expect(signersOf(onDisk(dir), [witness])).toHaveLength(1);
    });
  });
});

describe('a ledger that an outsider remembers otherwise', () => {
  /** A folder of five entries, put back after the witness has seen nine. */
  async function putBack(quorum: number): Promise<{ dir: string; key: Key; witness: TestWitness }> {
    const [dir, old, key] = [tempFolder(), tempFolder(), newKey()];
    const witness = await TestWitness.of(key, 'witness.test/w1');
    const first = await open(dir, key, cosigned([witness], quorum).options);
    await appendMany(first, 0, 5);
    await soon(() => expect(signersOf(onDisk(dir), [witness])).toHaveLength(1));
    await first.close();
    cpSync(dir, old, { recursive: true });
    const second = await open(dir, key, cosigned([witness], quorum).options);
    await appendMany(second, 5, 9);
    await soon(() => expect(signersOf(onDisk(dir), [witness])).toHaveLength(1));
    return { dir: old, key, witness };
  }

  it('signs nothing new after it was put back to an older copy', async () => {
    const { dir, key, witness } = await putBack(1);
    const { key: watched, sizes } = listened(key);
    const { options, news } = cosigned([witness], 1);
    const ledger = await open(dir, watched, options);
    const error = await said(ledger.appendOnce('another', entry(99)));
    expect(error).toMatchObject({ code: 'LEDGER_DISAGREES', retry: 'never' });
    expect(error.message).toMatch(/witness\.test\/w1 has cosigned 9 entries, we have only 5/);
    expect([...sizes]).toEqual([5]);
    expect(news).toEqual([{ news: 'disagrees', error }]);
    // It stays refused, and stays readable.
    expect(await said(ledger.appendOnce('yet another', entry(98)))).toBe(error);
    expect([await sizeOf(ledger), await ledger.appendOnce(keyFor(4), entry(4))]).toEqual([5, 4]);
  });

  it('appends no more once the witness has answered, where nobody waits for it', async () => {
    const { dir, key, witness } = await putBack(0);
    const { options, news } = cosigned([witness], 0);
    const ledger = await open(dir, key, options);
    await soon(() => expect(news).toMatchObject([{ news: 'disagrees' }]));
    expect((await said(ledger.appendOnce('another', entry(99)))).code).toBe('LEDGER_DISAGREES');
  });

  it.each([
    ['of the same size', 9, /another tree of 9 entries/],
    ['that has outgrown it', 12, /has cosigned 9 entries that are not the first 9 of our 12/],
  ])('is refused with a history %s', async (_what, size, message) => {
    const { dir, key, witness } = await putBack(1);
    const alone = await open(dir, key, { lowerQuorum: true });
    for (let n = 5; n < size; n++) await alone.appendOnce(`forged ${n}`, entry(100 + n));
    await alone.close();
    const ledger = await open(dir, key, cosigned([witness], 1).options);
    expect((await said(ledger.appendOnce('another', entry(99)))).message).toMatch(message);
    expect(signersOf(onDisk(dir), [witness])).toEqual([]);
  });
});
