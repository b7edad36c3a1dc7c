import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openCustodianKey } from '../../../../../dock/policy/custodian/custodian-key.ts';
import { hpkeOpen, hpkeSeal } from '../../../../../dock/policy/custodian/hpke.ts';
import { TrustError } from '../../../../../dock/policy/errors.ts';
import { toBase64, utf8 } from '../../../../../proto/bytes.ts';
import { parseIdentity } from '../../../../../proto/identity.ts';
import { TestService } from './service.ts';

// Goal: the custodian's key is made once, kept as secrets are, and known to whoever enrols cameras; and only viewers' pages may
// read what the custodian answers. Method: the key on a folder of its own; the whole service asked as browsers ask.

let town: TestService;
beforeEach(async () => {
  town = await TestService.start();
});
afterEach(() => town.stop());

describe('the key', () => {
  test('is made once, for its user alone, and is not the signing key', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-custodian-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const first = await openCustodianKey(folder, { id: 'county', passphrase: 'a long one' });
    const info = utf8('info');
    const sealed = await hpkeSeal(utf8('key'), { point: first.identity.publicKey, info });
    const again = await openCustodianKey(folder, { id: 'county', passphrase: 'a long one' });
    expect(await hpkeOpen(sealed, { pair: again.pair, info })).toEqual(utf8('key'));
    const pem = join(folder, 'custodian.key.pem');
    expect(statSync(pem).mode & 0o077).toBe(0);
    expect(readFileSync(pem, 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
    expect(parseIdentity(readFileSync(join(folder, 'custodian.json'), 'utf8'))).toEqual(again.identity);
    await expect(openCustodianKey(folder, { id: 'county', passphrase: 'another' })).rejects.toThrow(
      TrustError,
    );
    expect(readFileSync(join(town.folder, 'custodian.key.pem'), 'utf8')).not.toBe(
      readFileSync(join(town.folder, 'policy.key.pem'), 'utf8'),
    );
  });
});

// Goal: the key that cameras seal to is never replaced unnoticed. Method: the key of a folder is lost, or another one lies in its
// place; what was made on purpose, and a lost public half, start.
describe('a key that cameras were enrolled with', () => {
  const open = (folder: string) => openCustodianKey(folder, { id: 'county', passphrase: undefined });
  const made = async (): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-custodian-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await open(folder);
    return folder;
  };

  test.each([
    ['lost', async (folder: string) => rmSync(join(folder, 'custodian.key.pem'))],
    [
      'exchanged',
      async (folder: string) =>
        copyFileSync(join(await made(), 'custodian.key.pem'), join(folder, 'custodian.key.pem')),
    ],
  ])('and is %s starts no service', async (_how, spoil) => {
    const folder = await made();
    const before = readFileSync(join(folder, 'custodian.json'), 'utf8');
    await spoil(folder);
    const files = readdirSync(folder);
    await expect(open(folder)).rejects.toMatchObject({
      code: 'BAD_KEY',
      message: expect.stringMatching(/bring the key of .*custodian\.json back/) as unknown,
    });
    expect(readFileSync(join(folder, 'custodian.json'), 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(files);
  });

  test('is published again, and made anew where nothing is left of it', async () => {
    const folder = await made();
    const before = (await open(folder)).identity;
    rmSync(join(folder, 'custodian.json'));
    expect((await open(folder)).identity).toEqual(before);
    for (const name of ['custodian.json', 'custodian.key.pem']) rmSync(join(folder, name));
    expect((await open(folder)).identity).not.toEqual(before);
  });
});

describe('the browser in between', () => {
  const preflight = (origin: string) =>
    town.app.inject({ method: 'OPTIONS', url: '/v1/keys', headers: { origin } });

  // Goal: viewers' pages may ask and read refusals too; nobody else's page may.
  test.each([
    ['http://127.0.0.1:4321', true],
    ['http://localhost:8080', true],
    ['https://viewer.example', true],
    ['https://viewer.example.evil.test', false],
    ['http://evil.test', false],
    ['null', false],
  ])('%s: %s', async (origin, may) => {
    const allowed = may ? origin : undefined;
    const { statusCode, headers } = await preflight(origin);
    expect(statusCode).toBe(204);
    expect(headers['access-control-allow-origin']).toBe(allowed);
    const answer = await town.post('/v1/keys', { request: 'x' }, { headers: { origin } });
    expect(answer.status).toBe(400);
    expect(answer.headers['access-control-allow-origin']).toBe(allowed);
  });

  test('the custodian is known by its public key', async () => {
    const { body } = await town.get('/v1/custodian', '');
    const { publicKey } = town.service.custodian.identity;
    expect(body).toEqual({
      format: 'holdfast/identity@1',
      kind: 'custodian',
      id: 'custodian',
      publicKey: toBase64(publicKey),
    });
  });
});
