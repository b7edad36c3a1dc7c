import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenError } from '@hpke/core';
import { describe, expect, it } from 'vitest';
import { openKeys } from '../../device/keys/file-keys.ts';
import type { Sealer } from '../../device/ports.ts';
import { toHex, utf8 } from '../../proto/bytes.ts';
import { formatIdentity, recipientThumbprint } from '../../proto/identity.ts';
import { isCameraId } from '../../proto/ids.ts';
import { encodeWraps } from '../../proto/wraps.ts';
import { seededSealer } from '../../sim/fault/sealer.ts';
import { folder, sha256 } from '../unit/device/camera-kit.ts';
import { recipientOf, unwrap } from '../unit/device/open-kit.ts';
import { checked } from '../unit/proto/fixture.ts';

const custodian = recipientOf('custodian');
const recovery = recipientOf('recovery');
const key = Uint8Array.from({ length: 32 }, (_, at) => at + 1);
const info = utf8('which recording');

/** The sealer of a keys folder, as the camera's program gets it. */
async function fromFiles(): Promise<Sealer> {
  const path = join(await folder(), 'keys');
  await mkdir(path);
  const pair = generateKeyPairSync('ed25519');
  const publicKey = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const id = checked('cam-1', isCameraId);
  await writeFile(join(path, 'camera.json'), formatIdentity({ kind: 'camera', id, publicKey }));
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(join(path, 'camera.key.pem'), pem, { mode: 0o600 });
  for (const { identity } of [custodian, recovery])
    await writeFile(join(path, `${identity.kind}.json`), formatIdentity(identity));
  const { sealer } = openKeys(path);
  if (!sealer) throw new TypeError('the camera does not seal');
  return sealer;
}

const recipients = [custodian.identity, recovery.identity];
const sealers: readonly (readonly [string, () => Promise<Sealer>])[] = [
  ['keys from files', fromFiles],
  ['a seed', () => Promise.resolve(seededSealer(recipients, 'contract'))],
];

describe.each(sealers)('Sealer of %s', (_name, make) => {
  // Goal: each recipient gets the key, under its own name, and nobody else does. Method: open every wrap with every key.
  it('wraps for each recipient', async () => {
    const wraps = await (await make()).wrap(key, info);
    const names = [custodian, recovery].map(({ identity }) =>
      recipientThumbprint(identity.publicKey, sha256),
    );
    expect(wraps.map(({ recipient }) => toHex(recipient))).toEqual(names.map(toHex));
    const encoded = encodeWraps(wraps);
    for (const recipient of [custodian, recovery]) {
      expect(toHex(await unwrap(encoded, info, recipient))).toBe(toHex(key));
      const { identity } = recipient;
      const thief = { identity, privateKey: recipientOf().privateKey };
      await expect(unwrap(encoded, info, thief)).rejects.toThrow(OpenError);
    }
  });

  // Goal: a wrap belongs to one recording. Method: open it under another info.
  it('ties the wraps to their info', async () => {
    const encoded = encodeWraps(await (await make()).wrap(key, info));
    await expect(unwrap(encoded, utf8('another recording'), custodian)).rejects.toThrow(OpenError);
  });

  // Goal: the key stays as it was for the caller to overwrite, and no two wraps of it are alike. Method: wrap it twice.
  it('draws anew each time', async () => {
    const sealer = await make();
    const mine = key.slice();
    const [one, other] = [await sealer.wrap(mine, info), await sealer.wrap(mine, info)];
    expect(mine).toEqual(key);
    expect(new Set([...one, ...other].map(({ enc }) => toHex(enc))).size).toBe(4);
  });
});

// Goal: a run with a seed can be replayed. Method: the same seed twice, and another.
it('gives the same wraps for the same seed', async () => {
  const of = async (seed: string): Promise<string> =>
    toHex(encodeWraps(await seededSealer(recipients, seed).wrap(key, info)));
  expect(await of('a')).toBe(await of('a'));
  expect(await of('a')).not.toBe(await of('b'));
});
