import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checker } from '../../../../device/keys/checker.ts';
import { openKeys } from '../../../../device/keys/file-keys.ts';
import { utf8 } from '../../../../proto/bytes.ts';
import { type DockIdentity, formatIdentity } from '../../../../proto/identity.ts';
import type { CameraId, DockId } from '../../../../proto/ids.ts';
import { encodeWraps } from '../../../../proto/wraps.ts';
import { folder } from '../camera-kit.ts';
import { recipientOf, unwrap } from '../open-kit.ts';

const VKEY = 'holdfast.local/dock-1+0badcafe+AUFB';

const raw = (key: KeyObject): Uint8Array => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const dockIdentity = (id: string): DockIdentity => ({
  kind: 'dock',
  id: id as DockId,
  publicKey: new Uint8Array(32).fill(5),
  ledger: VKEY,
});
const dockFile = (id: string): string => formatIdentity(dockIdentity(id));

/** A keys folder as `holdfast enrol camera` leaves it. */
async function enrolled(): Promise<{ readonly path: string; readonly publicKey: Uint8Array }> {
  const path = join(await folder(), 'keys');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await mkdir(join(path, 'docks'), { recursive: true });
  const identity = formatIdentity({ kind: 'camera', id: 'cam-1' as CameraId, publicKey: raw(publicKey) });
  await writeFile(join(path, 'camera.json'), identity);
  await writeFile(join(path, 'camera.key.pem'), pem(privateKey), { mode: 0o600 });
  await writeFile(join(path, 'docks', 'dock-1.json'), dockFile('dock-1'));
  return { path, publicKey: raw(publicKey) };
}

describe('keys from files', () => {
  // Goal: the camera signs as who it is. Method: check with the key in its identity, and with a changed message.
  it('sign as the enrolled camera', async () => {
    const { path, publicKey } = await enrolled();
    const keys = openKeys(path);
    const signature = keys.sign(utf8('manifest'));
    expect(keys.cameraId).toBe('cam-1');
    expect(checker.verify(publicKey, utf8('manifest'), signature)).toBe(true);
    expect(checker.verify(publicKey, utf8('Manifest'), signature)).toBe(false);
    expect(checker.verify(new Uint8Array(31), utf8('manifest'), signature)).toBe(false);
    expect(keys.randomBytes(16)).toHaveLength(16);
  });

  // Goal: only enrolled docks are trusted, and a new one needs no restart. Method: known, unknown, added later,
  // renamed, half written, and names that lead elsewhere.
  it('know the docks that were enrolled', async () => {
    const { path } = await enrolled();
    const keys = openKeys(path);
    expect(keys.dock('dock-1')).toEqual({
      dockId: 'dock-1',
      publicKey: new Uint8Array(32).fill(5),
      ledgerVkey: VKEY,
    });
    expect(keys.dock('dock-2')).toBeUndefined();
    await writeFile(join(path, 'docks', 'dock-2.json'), dockFile('dock-2'));
    expect(keys.dock('dock-2')).toMatchObject({ dockId: 'dock-2' });
    await writeFile(join(path, 'docks', 'dock-3.json'), dockFile('dock-1'));
    expect(keys.dock('dock-3')).toBeUndefined();
    await writeFile(join(path, 'docks', 'dock-4.json'), '{');
    expect(keys.dock('dock-4')).toBeUndefined();
    expect(keys.dock('../camera')).toBeUndefined();
    await rm(join(path, 'docks'), { recursive: true });
    expect(keys.dock('dock-1')).toBeUndefined();
  });

  // Goal: witnesses and quorum of a trusted dock are handed on. Method: a dock file with them.
  it('know who must have cosigned', async () => {
    const { path } = await enrolled();
    const witnesses = ['witness-1+0badcafe+BAUF', 'witness-2+0badcafe+BAUG'];
    const dock = formatIdentity({ ...dockIdentity('dock-2'), witnesses, quorum: 2 });
    await writeFile(join(path, 'docks', 'dock-2.json'), dock);
    expect(openKeys(path).dock('dock-2')).toMatchObject({ witnesses, quorum: 2 });
    expect(openKeys(path).dock('dock-1')).not.toHaveProperty('quorum');
  });

  // Goal: who is enrolled as custodian can open, and so can the recovery key when there is one; without a custodian there is no
  // sealing to be had. Method: none, one, both.
  it('seal to custodian and recovery', async () => {
    const { path } = await enrolled();
    const [custodian, recovery] = [recipientOf('custodian'), recipientOf('recovery')];
    expect(openKeys(path)).not.toHaveProperty('sealer');
    for (const [count, { identity }] of [custodian, recovery].entries()) {
      await writeFile(join(path, `${identity.kind}.json`), formatIdentity(identity));
      const key = new Uint8Array(32).fill(3);
      const wraps = (await openKeys(path).sealer?.wrap(key, utf8('info'))) ?? [];
      expect(wraps).toHaveLength(count + 1);
      for (const to of [custodian, recovery].slice(0, count + 1))
        expect(await unwrap(encodeWraps(wraps), utf8('info'), to)).toEqual(key);
    }
  });

  // Goal: a camera that cannot speak for itself does not start, and the message says which file and what to do.
  // Method: one fault each.
  it.each<
    readonly [string, { readonly code: string; readonly message: RegExp }, (path: string) => Promise<void>]
  >([
    [
      'no identity',
      { code: 'KEYS_MISSING', message: /camera\.json: enrol the camera/ },
      (path) => rm(join(path, 'camera.json')),
    ],
    [
      'no key',
      { code: 'KEYS_MISSING', message: /camera\.key\.pem/ },
      (path) => rm(join(path, 'camera.key.pem')),
    ],
    [
      'a key open to others',
      { code: 'KEYS_MODE', message: /mode 0640\): run chmod 600/ },
      (path) => chmod(join(path, 'camera.key.pem'), 0o640),
    ],
    [
      'an identity that is no JSON',
      { code: 'KEYS_MALFORMED', message: /camera\.json/ },
      (path) => writeFile(join(path, 'camera.json'), '{'),
    ],
    [
      'a dock in its place',
      { code: 'KEYS_MALFORMED', message: /of a dock, not of a camera/ },
      (path) => writeFile(join(path, 'camera.json'), dockFile('dock-1')),
    ],
    [
      'a key that is none',
      { code: 'KEYS_MALFORMED', message: /PKCS#8/ },
      (path) => writeFile(join(path, 'camera.key.pem'), 'none'),
    ],
    [
      'a key of another kind',
      { code: 'KEYS_MALFORMED', message: /type ec, not ed25519/ },
      (path) =>
        writeFile(
          join(path, 'camera.key.pem'),
          pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
        ),
    ],
    [
      'a key of another camera',
      { code: 'KEYS_MISMATCH', message: /not of one pair/ },
      (path) => writeFile(join(path, 'camera.key.pem'), pem(generateKeyPairSync('ed25519').privateKey)),
    ],
    [
      'a recovery key without its custodian',
      { code: 'KEYS_MISSING', message: /custodian\.json.*--custodian/ },
      (path) => writeFile(join(path, 'recovery.json'), formatIdentity(recipientOf('recovery').identity)),
    ],
    [
      'a custodian of another kind',
      { code: 'KEYS_MALFORMED', message: /of a recovery, not of a custodian/ },
      (path) => writeFile(join(path, 'custodian.json'), formatIdentity(recipientOf('recovery').identity)),
    ],
    [
      'a custodian whose key is no point of the curve',
      { code: 'KEYS_MALFORMED', message: /custodian\.json.*not a point of P-256/ },
      (path) => {
        const publicKey = Uint8Array.from({ length: 65 }, (_, at) => (at === 0 ? 4 : at));
        const identity = formatIdentity({ kind: 'custodian', id: 'city', publicKey });
        return writeFile(join(path, 'custodian.json'), identity);
      },
    ],
    [
      'a recovery key that is the custodian',
      { code: 'KEYS_MALFORMED', message: /recovery\.json.*that of custodian\.json/ },
      async (path) => {
        const { identity } = recipientOf('custodian');
        await writeFile(join(path, 'custodian.json'), formatIdentity(identity));
        await writeFile(join(path, 'recovery.json'), formatIdentity({ ...identity, kind: 'recovery' }));
      },
    ],
    [
      'a bad dock',
      { code: 'KEYS_MALFORMED', message: /dock-1\.json/ },
      (path) => writeFile(join(path, 'docks', 'dock-1.json'), '[]'),
    ],
  ])('refuse %s', async (_fault, { code, message }, spoil) => {
    const { path } = await enrolled();
    await spoil(path);
    expect(() => openKeys(path)).toThrow(
      expect.objectContaining({
        name: 'KeysError',
        code,
        message: expect.stringMatching(message) as unknown,
      }) as Error,
    );
  });
});
