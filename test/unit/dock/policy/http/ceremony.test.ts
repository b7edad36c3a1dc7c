import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRecipientKey } from '../../../../../dock/keys/recipient-key.ts';
import { openCustodianKey, thumbprintOf } from '../../../../../dock/policy/custodian/custodian-key.ts';
import { rotateCustodianKey } from '../../../../../dock/policy/custodian/rotate.ts';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import { thumbprintText } from '../../../../../dock/policy/facts/wraps.ts';
import { decodePolicyEntry } from '../../../../../proto/policy-entry.ts';
import { toHex } from '../../../../../proto/bytes.ts';
import { parseIdentity } from '../../../../../proto/identity.ts';
import { fact } from '../story.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { keys } from './keys-command.ts';
import { dockLedger, keyRequest, openAt, pagePair, registered, sealedRecording } from './sealed.ts';
import { DOCK_TOKEN, LINKED, RECORDER, TestPage, TestService } from './service.ts';

// Goal: a custodian key can be renewed, and footage comes back after the key was lost, for whoever has the recovery key and for
// nobody else. Method: a recording sealed to the custodian and to a recovery key; the commands of the ceremony on the real folder;
// after each the service is asked for the keys of that recording.

let folder: string;
let away: string;
let recoveryPoint: Uint8Array;
beforeEach(() => {
  [folder, away] = ['holdfast-ceremony-', 'holdfast-vault-'].map((name) =>
    mkdtempSync(join(tmpdir(), name)),
  ) as [string, string];
  writeFileSync(join(away, 'passphrase'), 'kept in a safe\n');
  recoveryPoint = createRecipientKey(join(away, 'recovery.key.pem'), 'kept in a safe');
});
afterEach(() => {
  for (const made of [folder, away]) rmSync(made, { recursive: true });
});

/** The service on the folder, for as long as `work` takes. */
async function serving<Result>(work: (town: TestService) => Promise<Result>): Promise<Result> {
  const town = await TestService.start({ folder });
  try {
    return await work(town);
  } finally {
    await town.stop({ keepFolder: true });
  }
}

/** Registers the shared recording, sealed to the key that the custodian has at that moment. */
async function seal(town: TestService): Promise<void> {
  const sealed = await sealedRecording(town.service.custodian, { points: [recoveryPoint] });
  await town.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
}

const ledger = dockLedger();

/** What the service answers to a page that asks for the keys, in a minute of its own. */
async function answer(town: TestService): Promise<number | string> {
  town.time.nowMs += 120_000;
  const page = await TestPage.open(town);
  const mine = await pagePair();
  const opening = await openAt({ town, page, ledger });
  const { grantedAt } = { grantedAt: ledger };
  const request = async (claims: object): Promise<{ status: number; body: Record<string, unknown> }> =>
    town.post(
      '/v1/keys',
      { request: await keyRequest({ page, jwk: mine.jwk }, opening, { claims }) },
      { token: '' },
    );
  let got = await request({});
  const { size } = got.body;
  if (typeof size === 'number') {
    const hashes = await grantedAt.proveConsistency(size, opening.index + 1);
    got = await request({
      consistency: { from: size, hashes: hashes.map((hash) => Buffer.from(hash).toString('base64')) },
    });
  }
  const error = got.body['error'] as { readonly code: string } | undefined;
  return error?.code ?? got.status;
}

const rewrapTo = (file: string): ReturnType<typeof keys> =>
  keys(
    ...['rewrap', '--data', folder, '--recovery-key', join(away, 'recovery.key.pem')],
    ...['--recovery-passphrase-file', join(away, 'passphrase')],
    ...['--to', join(folder, 'custodian.json'), '-o', file],
  );

describe('a new key', () => {
  test('is given to cameras, and what was sealed to the old one opens as before', async () => {
    const before = await serving(async (town) => {
      await seal(town);
      return town.service.custodian;
    });
    const { code, out } = await keys('rotate', '--data', folder, '--json');
    expect([code, JSON.parse(out)]).toMatchObject([0, { from: toHex(before.thumbprint) }]);
    await serving(async (town) => {
      const { custodian } = town.service;
      expect(custodian.identity.publicKey).not.toEqual(before.identity.publicKey);
      expect(custodian.identity.id).toBe(before.identity.id);
      expect((await town.get('/v1/custodian')).text).toBe(
        readFileSync(join(folder, 'custodian.json'), 'utf8'),
      );
      expect(await answer(town)).toBe(200);
    });
    expect(await keys('rotate', '--data', folder)).toMatchObject({ code: 0 });
    await serving(async (town) => {
      expect(town.service.custodian.retired).toHaveLength(2);
      expect(await answer(town)).toBe(200);
    });
  });

  test('is not made while a service uses the folder, nor of a key that somebody calls lost and is there', async () => {
    await serving(seal);
    expect(await keys('rotate', '--data', folder, '--lost')).toMatchObject({
      code: 1,
      err: expect.stringContaining('leave --lost out') as unknown,
    });
    expect(await keys('rotate', '--data', join(folder, 'nowhere'))).toMatchObject({ code: 2 });
  });

  // Goal: a crash in the middle of a rotation leaves a folder that starts, on the old key or on the new one, and opens what is there.
  // Method: the states in which a crash can leave the folder, made by doing all of it and putting one file back.
  test.each(['custodian.json', 'custodian.key.pem'])('interrupted before %s was written', async (behind) => {
    const before = await serving(async (town) => {
      await seal(town);
      return town.service.custodian;
    });
    const files = ['custodian.json', 'custodian.key.pem'].map((name) => join(folder, name));
    const old = files.map((path) => readFileSync(path));
    await rotateCustodianKey(folder, { id: before.identity.id, passphrase: undefined, lost: false });
    // The key is written before the identity: before the identity only that one is old, before the key both are.
    for (const [at, path] of files.entries())
      if (behind === 'custodian.key.pem' || path.endsWith(behind)) writeFileSync(path, old[at] ?? '');
    await serving(async (town) => expect(await answer(town)).toBe(200));
    const again = await openCustodianKey(folder, { id: 'custodian', passphrase: undefined });
    const published = parseIdentity(readFileSync(join(folder, 'custodian.json'), 'utf8'));
    expect(published).toEqual(again.identity);
  });
});

describe('another passphrase', () => {
  test('encrypts every key, also after it was interrupted, and nothing when the old one is wrong', async () => {
    await serving(seal);
    await keys('rotate', '--data', folder);
    const next = join(away, 'next');
    writeFileSync(next, 'another\n');
    const change = ['passphrase', '--data', folder, '--new-passphrase-file', next] as const;
    expect(await keys(...change)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^[3-9] keys/) as unknown,
    });
    const pems = [folder, join(folder, 'custodian-retired')].flatMap((from) =>
      readdirSync(from)
        .filter((name) => name.endsWith('.key.pem'))
        .map((name) => join(from, name)),
    );
    for (const pem of pems) expect(readFileSync(pem, 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
    await openCustodianKey(folder, { id: 'custodian', passphrase: 'another' });
    // As after a crash: once more, from the passphrase that most of them no longer have.
    expect(await keys(...change)).toMatchObject({ code: 0 });
    writeFileSync(join(away, 'wrong'), 'wrong\n');
    const before = pems.map((pem) => readFileSync(pem, 'utf8'));
    expect(
      await keys(
        ...['passphrase', '--data', folder, '--key-passphrase-file', join(away, 'wrong')],
        ...['--new-passphrase-file', join(away, 'passphrase')],
      ),
    ).toMatchObject({ code: 1, err: expect.stringContaining('passphrase') as unknown });
    expect(pems.map((pem) => readFileSync(pem, 'utf8'))).toEqual(before);
  });
});

// Goal: a copy from which a file was left out does not pass for one in which there is nothing to do.
test.each(['facts.db', 'wraps.db'])('recovery refuses a copy without %s', async (missing) => {
  await serving(seal);
  rmSync(join(folder, missing));
  const { code, err } = await rewrapTo(join(away, 'rewraps.jsonl'));
  expect([code, err]).toEqual([2, expect.stringContaining(missing)]);
  expect(existsSync(join(folder, missing))).toBe(false);
});

describe('recovery', () => {
  async function lose(): Promise<void> {
    await serving(seal);
    rmSync(join(folder, 'custodian.key.pem'));
    expect(await keys('rotate', '--data', folder)).toMatchObject({
      code: 1,
      err: expect.stringContaining('--lost') as unknown,
    });
    expect(await keys('rotate', '--data', folder, '--lost')).toMatchObject({ code: 0 });
    await serving(async (town) => expect(await answer(town)).toBe('not-keyed'));
  }

  test('gives back what was sealed to a lost key', async () => {
    await lose();
    const file = join(away, 'rewraps.jsonl');
    expect(await rewrapTo(file)).toMatchObject({ code: 0, out: '1 recordings done, 0 not\n' });
    // What travels between the two machines opens nothing by itself.
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
    expect(await keys('take', file, '--data', folder)).toMatchObject({
      code: 0,
      out: '1 recordings done, 0 not\n',
    });
    await serving(async (town) => {
      expect(await answer(town)).toBe(200);
      // Whoever reads the service's own ledger sees that a recovery key was used.
      const rows = openOutbox(town.database).list(0, 1_000);
      const said = rows.map(({ entry }) => decodePolicyEntry(entry));
      const to = thumbprintText(town.service.custodian.thumbprint);
      const from = thumbprintText(thumbprintOf(recoveryPoint));
      expect(said).toContainEqual(expect.objectContaining({ type: 'custodian.recovered', from, to }));
    });
  });

  test('with another key than the recovery key gives nothing', async () => {
    await lose();
    rmSync(join(away, 'recovery.key.pem'));
    createRecipientKey(join(away, 'recovery.key.pem'), 'kept in a safe');
    const made = await rewrapTo(join(away, 'rewraps.jsonl'));
    expect(made).toMatchObject({ code: 1, out: '0 recordings done, 1 not\n' });
    expect(made.err).toContain(recordingId);
  });

  test('refuses wraps for another key, of another recording, and of what was destroyed', async () => {
    await lose();
    const file = join(away, 'rewraps.jsonl');
    await rewrapTo(file);
    const [header = '', line = ''] = readFileSync(file, 'utf8').split('\n');
    const take = async (text: string): ReturnType<typeof keys> => {
      writeFileSync(file, text);
      return keys('take', file, '--data', folder);
    };
    const foreign = JSON.stringify({ ...(JSON.parse(header) as object), to: 'ab'.repeat(32) });
    expect(await take(`${foreign}\n${line}\n`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('another key') as unknown,
    });
    const fields = JSON.parse(line) as { ciphertext: string };
    const broken = Buffer.from(fields.ciphertext, 'base64').fill(0, 0, 1).toString('base64');
    expect(await take(`${header}\n${JSON.stringify({ ...fields, ciphertext: broken })}\n`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('does not open') as unknown,
    });
    const elsewhere = JSON.stringify({ ...fields, recording: '00'.repeat(16) });
    expect(await take(`${header}\n${elsewhere}\n`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('not on file') as unknown,
    });
    await serving(async (town) => expect(await answer(town)).toBe('not-keyed'));
    await serving(async (town) => {
      const place = town.service.book.known.recording(recordingId).registration?.manifestHash ?? '';
      town.service.shelf.destroy({ recording: recordingId, manifestHash: place });
    });
    expect(await take(`${header}\n${line}\n`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('destroyed') as unknown,
    });
  });

  test('destroys what it gave back when the recording is destroyed', async () => {
    await lose();
    const file = join(away, 'rewraps.jsonl');
    await rewrapTo(file);
    await keys('take', file, '--data', folder);
    await serving(async (town) => {
      const { shelf, book } = town.service;
      const place = {
        recording: recordingId,
        manifestHash: book.known.recording(recordingId).registration?.manifestHash ?? '',
      };
      const [kept] = shelf.rewraps(place);
      expect(kept).toBeDefined();
      shelf.destroy(place);
      expect(shelf.rewraps(place)).toEqual([]);
      const left = readFileSync(join(folder, 'wraps.db'));
      expect(left.includes(Buffer.from(kept?.ciphertext ?? []))).toBe(false);
    });
    expect(existsSync(join(folder, 'wraps.db-wal'))).toBe(false);
  });

  test('does not work on what is no folder, no key or no file of wraps', async () => {
    await serving(seal);
    writeFileSync(join(away, 'empty'), '');
    expect(await keys('take', join(away, 'nothing'), '--data', folder)).toMatchObject({ code: 2 });
    expect(await keys('take', join(away, 'empty'), '--data', folder)).toMatchObject({ code: 1 });
    expect(
      await keys(
        ...['rewrap', '--data', folder, '--recovery-key', join(away, 'passphrase')],
        ...['--to', join(folder, 'custodian.json'), '-o', '-'],
      ),
    ).toMatchObject({ code: 1 });
  });
});
