import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toBase64, toHex, utf8 } from '../../../../../proto/bytes.ts';
import { encodeWraps } from '../../../../../proto/wraps.ts';
import { recordingId, sha256 } from '../../../proto/fixture.ts';
import { registered, sealedRecording, type SealedRecording } from './sealed.ts';
import { DOCK_TOKEN, TestService } from './service.ts';

// Goal: wraps are taken with the registration that they belong to, kept apart from the facts, and can be destroyed.
// Method: the whole service over real databases; its answers, and what stands in its files.

let town: TestService;
let sealed: SealedRecording;
beforeEach(async () => {
  town = await TestService.start();
  sealed = await sealedRecording(town.service.custodian);
  await town.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
});
afterEach(() => town.stop());

const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

// Goal: the fact that everybody may read names the wraps and does not hold them.
test('facts show the hash of the wraps, and take them again', async () => {
  const again = await town.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
  expect(again.status).toBe(200);
  const { text } = await town.get(`/v1/facts?recording=${recordingId}`);
  expect(text).toContain(createHash('sha256').update(sealed.wraps).digest('hex'));
  expect(text).not.toContain(toBase64(sealed.wraps));
  const other = await town.post('/v1/facts', registered(sealed, { wraps: undefined }), { token: DOCK_TOKEN });
  expect(other).toMatchObject(refusal(409, 'ID_TAKEN'));
});

// Goal: wraps come with the manifest that names them, or not at all.
test('wraps that are not the manifest’s are refused', async () => {
  const post = async (changes: Record<string, unknown>) =>
    town.post('/v1/facts', { ...registered(sealed, changes), id: 'new' }, { token: DOCK_TOKEN });
  const foreign = (await sealedRecording(town.service.custodian)).wraps;
  expect(await post({ wraps: toBase64(foreign) })).toMatchObject(refusal(400, 'BAD_WRAPS'));
  expect(await post({ wraps: 'AAAA' })).toMatchObject(refusal(400, 'BAD_WRAPS'));
  expect(await post({ wraps: '!' })).toMatchObject(refusal(400, 'BAD_WRAPS'));
  expect(await post({ manifest: undefined })).toMatchObject(refusal(400, 'BAD_WRAPS'));
  expect(await post({ wrapsHash: toHex(sha256(foreign)), wraps: undefined })).toMatchObject(
    refusal(400, 'BAD_REQUEST'),
  );
});

test('destroyed wraps are in no file any more', async () => {
  const { shelf } = town.service;
  const place = { recording: recordingId, manifestHash: sealed.manifestHash };
  const held = (): boolean =>
    readdirSync(town.folder).some((name) =>
      readFileSync(join(town.folder, name)).includes(Buffer.from(sealed.wraps.subarray(40, 140))),
    );
  expect(held()).toBe(true);
  shelf.destroy(place);
  expect(shelf.find(place)).toBeUndefined();
  expect(held()).toBe(false);
  shelf.keep(
    place,
    encodeWraps([{ recipient: sha256(utf8('')), enc: new Uint8Array(65), ciphertext: new Uint8Array(48) }]),
  );
  expect(shelf.find(place)).toBeDefined();
});
