import { describe, expect, test } from 'vitest';
import {
  admit,
  identify,
  type ClaimRules,
  type Claims,
} from '../../../../../dock/policy/custodian/oidc-claims.ts';
import { SignInError } from '../../../../../dock/policy/errors.ts';

// Goal: what a provider says of somebody names one person that facts know, and never more roles than both sides say.
// Method: claims as providers send them, and as they should not.

const NOW_S = 1_800_000_000;
const RULES: ClaimRules = {
  person: { claim: ['badge'] },
  name: ['name'],
  roles: {
    claim: ['realm_access', 'roles'],
    map: new Map([
      ['bwc-officer', ['officer']],
      ['bwc-command', ['supervisor', 'chief']],
    ]),
  },
  requireAuthTime: false,
};
const CLAIMS: Claims = {
  badge: '4411',
  name: ' A. Ruiz ',
  realm_access: { roles: ['bwc-officer', 'staff'] },
};

const read = (claims: Claims, rules: Partial<ClaimRules> = {}) =>
  identify({ ...CLAIMS, ...claims }, { ...RULES, ...rules }, NOW_S * 1_000 + 999);

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SignInError) return error.code;
    throw error;
  }
  return 'nothing wrong';
}

describe('a person', () => {
  test('is named by a claim, with roles by their groups', () => {
    expect(read({})).toEqual({ person: '4411', name: 'A. Ruiz', roles: ['officer'], signedInAtS: NOW_S });
    expect(read({ realm_access: { roles: ['bwc-command', 'bwc-officer', 'bwc-command'] } }).roles).toEqual([
      'supervisor',
      'chief',
      'officer',
    ]);
  });

  test('may be a number, may have no name, and one group may stand alone', () => {
    const alone = { ...RULES.roles, claim: ['groups'], map: RULES.roles?.map ?? new Map() } as const;
    const claims = { badge: 4411, name: '  ', groups: 'bwc-officer' };
    expect(read(claims, { roles: alone })).toMatchObject({
      person: '4411',
      name: '4411',
      roles: ['officer'],
    });
  });

  test('is looked up where the provider calls people otherwise', () => {
    const person = { claim: ['sub'], ids: new Map([['auth0|17', '4411']]) } as const;
    expect(read({ sub: 'auth0|17' }, { person }).person).toBe('4411');
    expect(codeOf(() => read({ sub: 'auth0|18' }, { person }))).toBe('UNKNOWN_PERSON');
    expect(codeOf(() => read({ sub: '4411' }, { person }))).toBe('UNKNOWN_PERSON');
  });

  test.each([
    ['no claim', { badge: undefined }],
    ['a list', { badge: ['4411'] }],
    ['an object', { badge: { id: '4411' } }],
    ['what cannot name a person', { badge: '44/11' }],
    ['a fraction', { badge: 44.11 }],
    ['nothing', { badge: '' }],
  ])('is not %s', (_, claims) => {
    expect(codeOf(() => read(claims))).toBe('UNKNOWN_PERSON');
  });

  test('is not found in what every object has', () => {
    for (const claim of [
      ['toString', 'name'],
      ['__proto__', 'constructor', 'name'],
      ['constructor', 'name'],
    ])
      expect(codeOf(() => read({}, { person: { claim: [claim[0] ?? '', ...claim.slice(1)] } }))).toBe(
        'UNKNOWN_PERSON',
      );
  });

  test('is named by an address only when the provider has verified it', () => {
    const person = { claim: ['email'] } as const;
    const email = 'a.ruiz@agency.example';
    expect(read({ email, email_verified: true }, { person }).person).toBe(email);
    for (const verified of [undefined, false, 'true'])
      expect(codeOf(() => read({ email, email_verified: verified }, { person }))).toBe('UNKNOWN_PERSON');
  });
});

describe('the time of the sign-in', () => {
  test('is what the provider says, or now', () => {
    expect(read({ auth_time: NOW_S - 1_800 }).signedInAtS).toBe(NOW_S - 1_800);
    expect(read({ auth_time: NOW_S + 30 }).signedInAtS).toBe(NOW_S);
    expect(read({}).signedInAtS).toBe(NOW_S);
  });

  test.each([
    ['two hours ago', NOW_S - 7_200, 'OTHER_ASSURANCE'],
    ['in the future', NOW_S + 61, 'NOT_BELIEVED'],
    ['no number', '1', 'NOT_BELIEVED'],
    ['none', Number.NaN, 'NOT_BELIEVED'],
  ])('is not believed when it is %s', (_, saidS, code) => {
    expect(codeOf(() => read({ auth_time: saidS }))).toBe(code);
  });

  test('may be asked for', () => {
    expect(codeOf(() => read({}, { requireAuthTime: true }))).toBe('NOT_BELIEVED');
  });
});

describe('how somebody signed in', () => {
  test('is one of the ways that are asked for', () => {
    const acr = ['urn:mfa', 'urn:card'];
    expect(read({ acr: 'urn:card' }, { acr }).person).toBe('4411');
    for (const met of [undefined, 'urn:password', ['urn:card']])
      expect(codeOf(() => read({ acr: met }, { acr }))).toBe('OTHER_ASSURANCE');
  });

  test('is with the agency that is asked for', () => {
    expect(read({ hd: 'agency.example' }, { hd: 'agency.example' }).person).toBe('4411');
    expect(codeOf(() => read({}, { hd: 'agency.example' }))).toBe('OTHER_ASSURANCE');
    expect(codeOf(() => read({ hd: 'AGENCY.example.evil' }, { hd: 'agency.example' }))).toBe(
      'OTHER_ASSURANCE',
    );
  });
});

describe('roles', () => {
  const onFile = { roles: ['officer', 'supervisor'], org: '' } as const;

  test('are those on file that the provider gives as well', () => {
    expect(admit({ person: '4411', roles: ['officer', 'chief'] }, onFile)).toEqual(['officer']);
  });

  test('are those on file where the provider is not asked', () => {
    expect(admit({ person: '4411', roles: undefined }, onFile)).toEqual(['officer', 'supervisor']);
  });

  test('are none without both', () => {
    expect(codeOf(() => admit({ person: '4411', roles: ['chief'] }, onFile))).toBe('NO_ROLE');
    expect(codeOf(() => admit({ person: '4411', roles: [] }, onFile))).toBe('NO_ROLE');
    expect(codeOf(() => admit({ person: '4411', roles: undefined }, { roles: [], org: '' }))).toBe('NO_ROLE');
    expect(codeOf(() => admit({ person: '4411', roles: ['chief'] }, undefined))).toBe('UNKNOWN_PERSON');
  });

  test('come from the groups that the operator has named, whatever else a claim holds', () => {
    for (const held of [
      ['__proto__', 'toString'],
      [17, null, ['bwc-officer']],
      { 'bwc-officer': true },
      undefined,
    ])
      expect(read({ realm_access: { roles: held } }).roles).toEqual([]);
  });
});
