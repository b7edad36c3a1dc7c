import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { hpkeOpen, hpkePair, hpkeSeal } from '../../../../dock/policy/custodian/hpke.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { recipientThumbprint, type RecipientIdentity } from '../../../../proto/identity.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { openWrap, promptSealer, type WrapPair, wrapPair } from '../../../../sim/fault/hpke.ts';

// Goal: a world seals and opens as the product does. Method: what its sealer makes is opened by the product's own opener and
// by its own, and what the product seals is opened by it; wrong keys, wrong infos and spoiled wraps open nowhere.

const chance = new Chance('hpke');
const pair = wrapPair(chance.split('custodian'));
const stranger = wrapPair(chance.split('stranger'));
const recordingKey = chance.bytes(32);
const info = chance.bytes(44);

function identityOf({ point }: WrapPair): RecipientIdentity {
  return { kind: 'custodian', id: 'custodian', publicKey: point };
}

function keyOf({ secret, point }: WrapPair): ReturnType<typeof hpkePair> {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const [x, y] = [text(point.subarray(1, 33)), text(point.subarray(33))];
  return hpkePair(
    createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d: text(secret) }, format: 'jwk' }),
  );
}

test('what it seals, the product opens, for each recipient in order', async () => {
  const recipients = [pair, stranger];
  const wraps = await promptSealer(recipients.map(identityOf), chance.split('wraps')).wrap(
    recordingKey,
    info,
  );
  for (const [index, recipient] of recipients.entries()) {
    const wrap = wraps[index];
    if (wrap === undefined) throw new Error('a recipient has no wrap');
    expect(wrap.recipient).toEqual(recipientThumbprint(recipient.point, nodeChecker.sha256));
    expect(await hpkeOpen(wrap, { pair: await keyOf(recipient), info })).toEqual(recordingKey);
    expect(openWrap(wrap, info, recipient)).toEqual(recordingKey);
  }
});

test('what the product seals, it opens', async () => {
  const sealed = await hpkeSeal(recordingKey, { point: pair.point, info });
  expect(openWrap({ recipient: new Uint8Array(32), ...sealed }, info, pair)).toEqual(recordingKey);
});

test('another key, another info, another byte: nothing opens', async () => {
  const [wrap] = await promptSealer([identityOf(pair)], chance.split('wrong')).wrap(recordingKey, info);
  if (wrap === undefined) throw new Error('there is no wrap');
  expect(openWrap(wrap, info, stranger)).toBeUndefined();
  expect(openWrap(wrap, info.slice(1), pair)).toBeUndefined();
  const spoiled = wrap.ciphertext.slice();
  spoiled[0] = (spoiled[0] ?? 0) ^ 1;
  expect(openWrap({ ...wrap, ciphertext: spoiled }, info, pair)).toBeUndefined();
});

test('the same chance gives the same wraps', async () => {
  const make = (seed: string): Promise<unknown> =>
    promptSealer([identityOf(pair)], new Chance(seed)).wrap(recordingKey, info);
  expect(await make('one')).toEqual(await make('one'));
  expect(await make('one')).not.toEqual(await make('another'));
});
