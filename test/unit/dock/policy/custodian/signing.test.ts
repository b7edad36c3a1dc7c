import { createPrivateKey } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pinKeys } from '../../../../../dock/authzen/jws.ts';
import { JWK_FILE, openSigningKey, SIGNING_FILES } from '../../../../../dock/policy/custodian/keys.ts';
import { changePassphrase } from '../../../../../dock/policy/custodian/rotate.ts';
import {
  announceKey,
  retireKey,
  RETIRED_JWKS,
  switchKey,
} from '../../../../../dock/policy/custodian/signing.ts';

// Goal: the key that the service signs with changes in three steps, none of which leaves a moment in which a dock that pins what the
// folder publishes does not believe it; whatever is cut short is finished by running it again. Method: the steps on a real folder; after
// each, what is signed with, what is published, and whether a dock takes the published file; the states that a crash can leave, made by
// putting files back.

const SECRET = 'known to two';
let folder: string;
const recorded: string[][] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-signing-'));
  recorded.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (...names: readonly string[]): string => join(folder, ...names);
const keyFiles = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.key.pem'));

const announce = (passphrase?: string): ReturnType<typeof announceKey> => announceKey(folder, passphrase);
const change = (
  how: { readonly back?: boolean; readonly passphrase?: string } = {},
): ReturnType<typeof switchKey> =>
  switchKey(folder, {
    ...{ passphrase: how.passphrase, back: how.back === true },
    record: (from, to) => void recorded.push([from, to]),
  });
const retire = (passphrase?: string): ReturnType<typeof retireKey> => retireKey(folder, passphrase);

/** What the service signs with when it starts now, and what a dock believes that pins what lies there then. */
async function started(
  passphrase?: string,
): Promise<{ readonly signs: string; readonly believed: readonly string[] }> {
  const key = await openSigningKey(folder, passphrase);
  const pinned = await pinKeys(JSON.parse(readFileSync(at(JWK_FILE), 'utf8')));
  const believed = [...pinned.named.keys()];
  expect(believed).toEqual(key.known.map(({ jwk }) => jwk.kid));
  expect(believed).toContain(key.jwk.kid);
  return { signs: key.jwk.kid, believed };
}

test('a key is announced, used and retired, and the one before is believed until then', async () => {
  const { signs: old, believed } = await started();
  expect(believed).toEqual([old]);
  const { signing, next } = await announce();
  expect(signing).toBe(old);
  expect(next).not.toBe(old);
  expect(await started()).toEqual({ signs: old, believed: [old, next] });
  expect(await change()).toEqual({ from: old, to: next });
  expect(await started()).toEqual({ signs: next, believed: [next, old] });
  expect(await retire()).toEqual({ signing: next, retired: old });
  expect(await started()).toEqual({ signs: next, believed: [next] });
  // What lies there again is one JWK, as before the first change, and the private half of the old key is gone.
  expect(JSON.parse(readFileSync(at(JWK_FILE), 'utf8'))).toMatchObject({ kid: next });
  expect(keyFiles()).toEqual([SIGNING_FILES.signing]);
  const archived: unknown = JSON.parse(readFileSync(at(RETIRED_JWKS, `${old}.jwk.json`), 'utf8'));
  expect([...(await pinKeys(archived)).named.keys()]).toEqual([old]);
  expect(recorded).toEqual([[old, next]]);
});

test('each step done twice is done once', async () => {
  const { signs: old } = await started();
  const { next } = await announce();
  expect(await announce()).toEqual({ signing: old, next });
  await change();
  expect(await change()).toEqual({ from: old, to: next });
  expect(recorded).toEqual([[old, next]]);
  await retire();
  expect(await retire()).toEqual({ signing: next });
  expect(readdirSync(at(RETIRED_JWKS))).toEqual([`${old}.jwk.json`]);
});

test('steps out of order are refused and change nothing', async () => {
  await expect(announce()).rejects.toMatchObject({ code: 'BAD_KEY' });
  const { signs: old } = await started();
  await expect(change()).rejects.toThrow(/no key is announced/);
  await expect(change({ back: true })).rejects.toThrow(/no key before/);
  const { next } = await announce();
  // Nothing that signed is before the announced one yet.
  expect(await retire()).toEqual({ signing: old });
  await expect(change({ back: true })).resolves.toEqual({ from: next, to: old });
  await change();
  await expect(announce()).rejects.toThrow(/not retired yet/);
  expect(await started()).toEqual({ signs: next, believed: [next, old] });
});

test('back, when a dock was forgotten', async () => {
  const { signs: old } = await started();
  const { next } = await announce();
  await change();
  expect(await change({ back: true })).toEqual({ from: next, to: old });
  expect(await started()).toEqual({ signs: old, believed: [old, next] });
  expect(await change()).toEqual({ from: old, to: next });
  expect(recorded).toEqual([
    [old, next],
    [next, old],
    [old, next],
  ]);
});

describe('a change that was cut short', () => {
  /** The folder as it lies after some of the writes of a change. */
  async function cutShort(done: readonly ('previous' | 'signing')[]): Promise<{ old: string; next: string }> {
    const { signs: old } = await started();
    const { next } = await announce();
    const before = mkdtempSync(join(tmpdir(), 'holdfast-signing-before-'));
    cpSync(folder, before, { recursive: true });
    await change();
    recorded.length = 0;
    for (const slot of ['signing', 'next'] as const)
      if (slot === 'next' || !done.includes('signing'))
        cpSync(join(before, SIGNING_FILES[slot]), at(SIGNING_FILES[slot]));
    if (!done.includes('previous')) rmSync(at(SIGNING_FILES.previous));
    cpSync(join(before, JWK_FILE), at(JWK_FILE));
    rmSync(before, { recursive: true });
    return { old, next };
  }

  test.each([
    { done: [], signs: 'old' },
    { done: ['previous'], signs: 'old' },
    { done: ['previous', 'signing'], signs: 'next' },
  ] as const)(
    'after $done starts, believed by every dock, and is finished by running it again',
    async ({ done, signs }) => {
      const kids = await cutShort(done);
      const { old, next } = kids;
      const now = await started();
      expect(now.signs).toBe(kids[signs]);
      expect(new Set(now.believed)).toEqual(new Set([old, next]));
      expect(await change()).toEqual({ from: old, to: next });
      expect(await started()).toEqual({ signs: next, believed: [next, old] });
      expect(recorded).toEqual([[old, next]]);
      expect(existsSync(at(SIGNING_FILES.next))).toBe(false);
    },
  );

  test('half way is not retired', async () => {
    const { old, next } = await cutShort(['previous']);
    expect(await retire()).toEqual({ signing: old });
    expect((await started()).believed).toEqual([old, next]);
  });

  // Goal: the public half is in the archive before the private half goes. Method: a retirement whose end did not happen.
  test('before the old key went is finished', async () => {
    await started();
    await announce();
    const { from: old, to: next } = await change();
    const pem = readFileSync(at(SIGNING_FILES.previous));
    await retire();
    writeFileSync(at(SIGNING_FILES.previous), pem);
    expect((await started()).believed).toEqual([next, old]);
    expect(await retire()).toEqual({ signing: next, retired: old });
    expect((await started()).believed).toEqual([next]);
  });

  test('with a third key in the way is refused before anything is written or recorded', async () => {
    await started();
    await announce();
    const { from: old } = await change();
    const third = readFileSync(at(SIGNING_FILES.previous));
    await retire();
    const { signing } = await announce();
    writeFileSync(at(SIGNING_FILES.previous), third);
    recorded.length = 0;
    await expect(change()).rejects.toThrow(/third key/);
    expect(recorded).toEqual([]);
    expect(await started()).toMatchObject({ signs: signing });
    expect(readFileSync(at(SIGNING_FILES.previous))).toEqual(third);
    expect(old).not.toBe(signing);
  });
});

describe('at rest', () => {
  test('every key is encrypted as the one in use is, for its owner alone, and changes its passphrase with it', async () => {
    await started(SECRET);
    const { next } = await announce(SECRET);
    const sealed = (): void => {
      for (const name of keyFiles()) {
        expect(readFileSync(at(name), 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
        expect(statSync(at(name)).mode & 0o777).toBe(0o600);
        expect(() => createPrivateKey({ key: readFileSync(at(name)), passphrase: 'wrong' })).toThrow(
          /decrypt/,
        );
      }
    };
    expect(keyFiles()).toHaveLength(2);
    sealed();
    await change({ passphrase: SECRET });
    expect(keyFiles()).toHaveLength(2);
    sealed();
    expect(changePassphrase(folder, { before: SECRET, after: 'another' })).toHaveLength(2);
    expect(await started('another')).toMatchObject({ signs: next });
    await expect(retire(SECRET)).rejects.toMatchObject({ code: 'BAD_KEY' });
    expect(keyFiles()).toHaveLength(2);
  });

  // A passphrase that the key in use is not under would be one that only the new key needs.
  test('a passphrase for a key that is under none does not split the two', async () => {
    await started();
    await announce('given by mistake');
    expect((await started()).believed).toHaveLength(2);
  });
});
