import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toBase64, toHex, utf8 } from '../../../../../proto/bytes.ts';
import { encodeWraps } from '../../../../../proto/wraps.ts';
import { recordingId, sha256 } from '../../../proto/fixture.ts';
import { registered, sealedRecording, type SealedRecording } from './sealed.ts';
import { DOCK_TOKEN, RECOVERY, TestService } from './service.ts';

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

type Recipient = Parameters<typeof sealedRecording>[0];

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

// Goal: a key planted in a camera shows. Method: registrations sealed for custodian and recovery, for a stranger besides, and not
// for the custodian at all, each posted twice.
test.each<readonly [string, (own: Recipient) => readonly [Recipient, ...Uint8Array[]], RegExp | undefined]>([
  ['custodian and recovery', (own) => [own, Buffer.from(RECOVERY, 'base64url')], undefined],
  ['a stranger besides', (own) => [own, Buffer.alloc(32, 9)], /is sealed for CQkJ.* whom nobody named/],
  [
    'not the custodian',
    (own) => [{ ...own, thumbprint: Buffer.from(RECOVERY, 'base64url') }],
    /not sealed for this service/,
  ],
])('a registration sealed for %s is taken, and shows it', async (_what, choose, trouble) => {
  await town.stop();
  town = await TestService.start();
  const { custodian } = town.service;
  const [first, ...others] = choose(custodian);
  const body = registered(await sealedRecording(first, { others }));
  for (const status of [201, 200])
    expect((await town.post('/v1/facts', body, { token: DOCK_TOKEN })).status).toBe(status);
  const { text } = await town.get(`/v1/facts?recording=${recordingId}`);
  const names = [first.thumbprint, ...others].map((name) => Buffer.from(name).toString('base64url'));
  const known = [Buffer.from(custodian.thumbprint).toString('base64url'), RECOVERY];
  const strangers = names.filter((name) => !known.includes(name));
  expect(JSON.parse(text)).toMatchObject({ facts: [{ fact: { recipients: names } }] });
  expect(text.includes('unknownRecipients')).toBe(strangers.length > 0);
  // Once: a registration that is repeated says nothing new.
  expect(town.reported).toEqual(trouble === undefined ? [] : [expect.stringMatching(trouble)]);
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
