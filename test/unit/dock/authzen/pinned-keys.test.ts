import { calculateJwkThumbprint, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthzen } from '../../../../dock/authzen/policy.ts';
import type { Policy, Question, Verdict } from '../../../../dock/ports.ts';
import { isDockId, isPersonId, isRecordingId } from '../../../../proto/ids.ts';
import { PolicyPeer } from '../../../contract/policy-peer.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { checked } from '../../proto/fixture.ts';

// Goal: a dock believes the keys in the file that a person brought it, each under its own name, and no other; what is no such file stops
// its start. Method: a peer that signs with real keys of the test's choice.

const like = (words: RegExp): unknown => expect.stringMatching(words);

const clock = new ManualClock();
let peer: PolicyPeer;

const question: Question = {
  person: checked('4411', isPersonId),
  recordingId: checked('00112233445566778899aabbccddeeff', isRecordingId),
  manifestSha256: new Uint8Array(32).fill(7),
  action: 'view',
  purpose: 'supplement_report',
};

beforeEach(async () => {
  peer = await PolicyPeer.start(() => Math.floor(clock.wallUs() / 1_000_000));
  peer.manifest = '07'.repeat(32);
});
afterEach(() => peer.close());

/** A key pair as one of a set: named by its thumbprint. */
async function named(): Promise<{ readonly jwk: JWK; readonly key: CryptoKey; readonly kid: string }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { jwk: { ...jwk, kid, alg: 'ES256', use: 'sig' }, key: privateKey, kid };
}

const keys = { dockId: checked('dock-1', isDockId), randomBytes: (count: number) => new Uint8Array(count) };
const pinning = (policyKey: unknown, warn: (text: string) => void = () => undefined): Promise<Policy> =>
  openAuthzen({ url: peer.url, policyKey, token: 'dock-token', clock, keys, warn });

describe('the pinned key', () => {
  // Goal: a dock does not start with a key that proves nothing.
  it.each([
    ['a private key', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' }],
    ['another curve', { kty: 'EC', crv: 'P-384', x: 'AA', y: 'AA' }],
    ['a shared secret', { kty: 'oct', k: 'AAAA' }],
    ['no point of the curve', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }],
    ['no key', 'key'],
    ['a set of none', { keys: [] }],
    ['a set that is none', { keys: 'all' }],
  ])('is not %s', async (_, policyKey) => {
    await expect(pinning(policyKey)).rejects.toMatchObject({ code: 'BAD_POLICY_KEY' });
  });
});

describe('a pinned set of keys', () => {
  // Goal: while the service changes its key, what either signs is believed, and nothing else is. Method: real keys; each signs a grant.
  it('believes each of its keys under its own name', async () => {
    const [old, next, stranger] = [await named(), await named(), await named()];
    const both = await pinning({ keys: [old.jwk, next.jwk] });
    const verdictOn = async (key: CryptoKey, kid: string | undefined): Promise<Verdict> => {
      // The name of a header that has none is left out.
      const header = { kid } as { readonly kid?: string };
      peer.evaluate = (asked) => peer.allowed(asked, { key, header });
      return both.decide(question);
    };
    expect(await verdictOn(old.key, old.kid)).toMatchObject({ verdict: 'allow' });
    expect(await verdictOn(next.key, next.kid)).toMatchObject({ verdict: 'allow' });
    const unknown = { verdict: 'unreachable', reason: like(/unknown key/) };
    expect(await verdictOn(old.key, next.kid)).toMatchObject(unknown);
    expect(await verdictOn(stranger.key, stranger.kid)).toMatchObject(unknown);
    expect(await verdictOn(stranger.key, old.kid)).toMatchObject(unknown);
    expect(await verdictOn(old.key, undefined)).toMatchObject(unknown);
  });

  it('believes tokens of each of its keys', async () => {
    const [old, next, stranger] = [await named(), await named(), await named()];
    const both = await pinning({ keys: [old.jwk, next.jwk] });
    const token = ({ key, kid }: typeof old): Promise<string> => peer.token({}, { key, header: { kid } });
    expect(await both.viewer(await token(old))).toMatchObject({ person: '4411' });
    expect(await both.viewer(await token(next))).toMatchObject({ person: '4411' });
    expect(await both.viewer(await token(stranger))).toEqual({ refused: like(/unknown key/) });
  });

  it.each([
    [
      'five keys',
      async () => Promise.all([1, 2, 3, 4, 5].map(async () => (await named()).jwk)),
      /holds 5 keys/,
    ],
    ['a private key', async () => [(await named()).jwk, { ...(await named()).jwk, d: 'AA' }], /public P-256/],
    ['a key without a name', async () => [{ ...(await named()).jwk, kid: undefined }], /not its thumbprint/],
    [
      'a name of its own',
      async () => [(await named()).jwk, { ...(await named()).jwk, kid: 'key-2' }],
      /key 2 .* not its thumbprint/,
    ],
    [
      'a key under the name of another',
      async () => [{ ...(await named()).jwk, kid: (await named()).kid }],
      /not its thumbprint/,
    ],
    ['one key twice', async () => Array.from({ length: 2 }).fill((await named()).jwk), /twice/],
  ])('is not %s', async (_, jwks, words) => {
    await expect(pinning({ keys: await jwks() })).rejects.toMatchObject({
      code: 'BAD_POLICY_KEY',
      message: like(words),
    });
  });

  it('of four keys is pinned', async () => {
    const four = await Promise.all([1, 2, 3, 4].map(() => named()));
    const all = await pinning({ keys: four.map(({ jwk }) => jwk) });
    const [, , , last] = four;
    peer.evaluate = (asked) =>
      peer.allowed(asked, last === undefined ? {} : { key: last.key, header: { kid: last.kid } });
    expect(await all.decide(question)).toMatchObject({ verdict: 'allow' });
  });

  // Goal: a dock that nobody gave the new key says what to do, to whoever asks and once to whoever keeps the dock.
  it('that lacks the key in use names it and the remedy', async () => {
    const [old, next] = [await named(), await named()];
    const said: string[] = [];
    const behind = await pinning(old.jwk, (text) => said.push(text));
    peer.evaluate = (asked) => peer.allowed(asked, { key: next.key, header: { kid: next.kid } });
    const remedy = `unknown key ${next.kid}: if the service has a new one, bring its policy.jwk.json to this dock (--policy-key)`;
    for (let times = 0; times < 2; times += 1)
      expect(await behind.decide(question)).toMatchObject({
        verdict: 'unreachable',
        reason: expect.stringContaining(remedy) as unknown,
      });
    expect(said).toEqual([expect.stringContaining(remedy)]);
    // A token may be anybody's work, and so may the name in it.
    const forged = await peer.token({}, { key: next.key, header: { kid: 'call 555-0100' } });
    expect(await behind.viewer(forged)).toEqual({ refused: like(/unknown key: if/) });
    expect(said).toHaveLength(1);
  });
});
