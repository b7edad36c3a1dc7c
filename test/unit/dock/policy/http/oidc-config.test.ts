import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseOptions } from '../../../../../dock/policy/config.ts';
import { readOidc } from '../../../../../dock/policy/http/oidc-config.ts';

// Goal: an operator who writes something wrong into the file of `--oidc` is told where and what before the service starts.
// Method: the file as the page shows it, then with one thing wrong at a time.

const folder = mkdtempSync(join(tmpdir(), 'holdfast-oidc-'));
const path = join(folder, 'oidc.json');
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'secret'), 'hush\n');
writeFileSync(join(folder, 'empty'), '\n');

const FILE = {
  issuer: 'https://login.agency.example',
  clientId: 'holdfast',
  clientSecretFile: 'secret',
  label: 'the agency’s login',
  person: { claim: 'badge' },
  roles: { claim: ['realm_access', 'roles'], map: { 'bwc-officer': ['officer'] } },
};

function read(change: object = {}, environment: Readonly<Record<string, string>> = {}) {
  writeFileSync(path, JSON.stringify({ ...FILE, ...change }));
  return readOidc(path, environment);
}

describe('the file of --oidc', () => {
  test('is read with what it leaves out', () => {
    expect(read()).toMatchObject({
      issuer: FILE.issuer,
      credential: { kind: 'basic', secret: 'hush' },
      scopes: ['openid', 'profile'],
      person: { claim: ['badge'] },
      name: ['name'],
      roles: { claim: ['realm_access', 'roles'], map: new Map([['bwc-officer', ['officer']]]) },
      userinfo: false,
      requireAuthTime: false,
    });
  });

  test('takes the secret from the environment too, or does without', () => {
    const named = {
      clientSecretFile: undefined,
      clientSecretEnv: 'OIDC_SECRET',
      clientAuthentication: 'post',
    };
    expect(read(named, { OIDC_SECRET: 'hush' }).credential).toEqual({ kind: 'post', secret: 'hush' });
    const none = { clientSecretFile: undefined, clientAuthentication: 'none' };
    expect(read(none).credential).toEqual({ kind: 'none' });
  });

  test('may name a provider on this machine in the clear', () => {
    expect(read({ issuer: 'http://127.0.0.1:9000/realm' }).issuer).toBe('http://127.0.0.1:9000/realm');
  });

  test.each([
    ['plain http elsewhere', { issuer: 'http://login.agency.example' }, 'issuer: an https URL'],
    ['a name that only begins like this machine', { issuer: 'http://localhost.example' }, 'issuer:'],
    ['a query', { issuer: 'https://login.agency.example?a=b' }, 'issuer:'],
    ['a password in it', { issuer: 'https://u:p@login.agency.example' }, 'issuer:'],
    ['the secret itself', { clientSecret: 'hush' }, 'clientSecret'],
    ['two secrets', { clientSecretEnv: 'X' }, 'one of them'],
    ['no secret', { clientSecretFile: undefined }, 'one of them'],
    ['an empty secret', { clientSecretFile: 'empty' }, 'no client secret in empty'],
    ['a file that is not there', { clientSecretFile: 'gone' }, 'cannot read'],
    ['an unset variable', { clientSecretFile: undefined, clientSecretEnv: 'UNSET' }, 'variable UNSET'],
    ['a secret that is not sent', { clientAuthentication: 'none' }, 'sends no secret'],
    ['no openid', { scopes: ['profile'] }, 'scopes: must have "openid"'],
    ['two scopes in one', { scopes: ['openid profile'] }, 'scopes.0'],
    ['a role that is none', { roles: { claim: 'groups', map: { all: ['admin'] } } }, 'roles.map.all.0'],
    ['a person who is none', { person: { claim: 'sub', ids: { a: 'no/body' } } }, 'person.ids.a'],
    ['no person', { person: undefined }, 'person:'],
    ['a word that means nothing', { requireauthtime: true }, 'requireauthtime'],
  ])('is refused with %s', (_, change, said) => {
    expect(() => read(change)).toThrow(said);
  });

  test('is JSON, and there', () => {
    writeFileSync(path, 'issuer: https://login.agency.example');
    expect(() => readOidc(path, {})).toThrow('is not JSON');
    expect(() => readOidc(join(folder, 'none.json'), {})).toThrow('cannot read');
  });
});

test('the flag is one of the service', () => {
  const flags = ['--data', 'd', '--sources', 's', '--registry', 'r', '--oidc', 'o.json'];
  expect(parseOptions(flags)).toMatchObject({ oidc: 'o.json' });
});
