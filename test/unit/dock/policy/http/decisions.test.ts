import { createHash } from 'node:crypto';
import { compactVerify, decodeJwt, importJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHANGES } from '../../../../../dock/policy/decide/basis.ts';
import type { Fact } from '../../../../../dock/policy/facts/fact.ts';
import { Knowledge } from '../../../../../dock/policy/facts/knowledge.ts';
import { rulesOfNobody } from '../../../../../dock/policy/http/service.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { city, fact } from '../story.ts';
import {
  DOCK_TOKEN,
  ISSUER,
  LINKED,
  MANIFEST_HASH,
  RECORDER,
  REGISTERED,
  TestPage,
  TestService,
} from './service.ts';

// Goal: whoever opened footage, and nobody else, gets the decision that allowed it, with its policies and facts, as it was made.
// Method: the whole service over a real database; a page that opens a recording at a dock, and asks.

const PURPOSE = 'supplement_report';
let town: TestService;
let page: TestPage;

beforeEach(async () => {
  town = await TestService.start();
  page = await TestPage.open(town);
  await town.post('/v1/facts', REGISTERED, { token: DOCK_TOKEN });
  await town.tell(
    LINKED,
    fact('officer.involved', { person: '5522' }),
    fact('report.filed', { person: RECORDER }),
  );
});
afterEach(() => town.stop());

async function granted(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const opening = { token: await page.token(RECORDER), proof: await page.proof() };
  const context = { purpose: PURPOSE, dock: 'dock-1', nonce: 'ab'.repeat(16), opening, ...more };
  const { context: answer } = await town.evaluate(RECORDER, context, DOCK_TOKEN);
  const { grant } = answer;
  if (typeof grant !== 'string') throw new Error(JSON.stringify(answer));
  return grant;
}

async function ask(
  grant: string,
  changes: { readonly claims?: object; readonly header?: object; readonly by?: TestPage } = {},
) {
  const claims = { grant, aud: ISSUER, ...changes.claims };
  const request = await (changes.by ?? page).sign('holdfast-decision-request+jwt', claims, {
    ...changes.header,
  });
  return town.post('/v1/decision', { request }, { token: '' });
}

interface Said {
  readonly facts: readonly { readonly index: number; readonly source: string; readonly fact: Fact }[];
  readonly [claim: string]: unknown;
}

async function told(grant: string): Promise<{ readonly header: object; readonly claims: Said }> {
  const { status, body } = await ask(grant);
  const jws = String(body['decision']);
  expect({ status, members: Object.keys(body) }).toEqual({ status: 200, members: ['decision'] });
  const key = await importJWK({ ...town.service.issuer.key.jwk }, 'ES256');
  const { protectedHeader } = await compactVerify(jws, key);
  return { header: protectedHeader, claims: decodeJwt(jws) };
}

describe('a decision record', () => {
  // Goal: exactly the agreed claims, under the published key; manifests stay where they are.
  test('says who, why, by which rule, and on which facts of whom', async () => {
    const grant = await granted();
    const { iat, jti } = decodeJwt(grant);
    const { header, claims } = await told(grant);
    const { hash, policies } = rulesOfNobody(town.service);
    expect(header).toEqual({
      alg: 'ES256',
      kid: town.service.issuer.key.jwk.kid,
      typ: 'holdfast-decision+jwt',
    });
    const { facts, ...rest } = claims;
    const text = policies.get('doj-took-part')?.text;
    expect(rest).toEqual({
      ...{
        iss: ISSUER,
        sub: RECORDER,
        jti,
        iat,
        decision: true,
        action: 'view',
        purpose: PURPOSE,
        regime: 'doj',
      },
      grant: createHash('sha256').update(grant).digest('hex'),
      at: new Date(town.time.nowMs).toISOString(),
      ...{ recording: recordingId, manifest: MANIFEST_HASH, policySet: hash },
      ...{ newestFact: town.service.book.known.newest, reason: text },
      policies: [{ id: 'doj-took-part', text, effect: 'permit' }],
    });
    expect(facts.map(({ source, fact: one }) => [source, one.type])).toEqual([
      ['policy', 'person.enrolled'],
      ['dock-1', 'recording.registered'],
      ['records', 'recording.linked'],
      ['records', 'report.filed'],
    ]);
    const registered = facts[1]?.fact;
    expect(registered).toMatchObject({ manifestHash: MANIFEST_HASH, hasManifest: true });
    expect(registered).not.toHaveProperty('manifest');
    const types = facts.map(({ fact: one }) => one.type);
    expect(types.every((type) => type in CHANGES)).toBe(true);
  });

  // Goal: each fact is what its row says, byte for byte in canonical form, so that it can be held against a commitment to it.
  test('gives each fact as it is stored', async () => {
    const { claims } = await told(await granted());
    const bodies = town.database.prepare('SELECT idx, body FROM facts').all() as readonly {
      idx: number;
      body: string;
    }[];
    for (const { index, fact: one } of claims.facts)
      expect(JSON.stringify(one)).toBe(bodies.find(({ idx }) => idx === index)?.body);
  });

  // Goal: it is what was decided then. Method: facts that would make it a deny arrive before it is asked for.
  test('does not change with what arrives after it', async () => {
    const grant = await granted();
    const before = (await told(grant)).claims;
    await town.tell(
      fact('report.withdrawn', { person: RECORDER }),
      fact('recording.sealed', { recording: recordingId }),
    );
    expect((await told(grant)).claims).toEqual(before);
    const known = new Knowledge();
    for (const one of before.facts) known.apply({ receivedAt: '', ...one });
    expect(known.recording(recordingId).sealedBy.size).toBe(0);
  });
});

describe('a request for a decision record', () => {
  test.each([
    ['of another type', { header: { typ: 'holdfast-keys+jwt' } }],
    ['for another service', { claims: { aud: 'http://elsewhere.test' } }],
    ['from two minutes ago', { claims: { iat: Date.parse('2026-11-21T07:58:00Z') / 1_000 } }],
    ['without a nonce', { claims: { nonce: 'short' } }],
    ['without a grant', { claims: { grant: undefined } }],
  ])('%s is not believed', async (_what, changes) => {
    expect(await ask(await granted(), changes)).toMatchObject({
      status: 400,
      body: { error: { code: 'bad-decision-request' } },
    });
  });

  // Goal: the grant alone opens nothing: a dock holds it too. Method: another page's signature.
  test('by another page than the grant binds is refused', async () => {
    const by = await TestPage.open(town);
    expect(await ask(await granted(), { by })).toMatchObject({
      status: 403,
      body: { error: { code: 'other-signer' } },
    });
  });

  // Goal: only an open grant, and only for a minute. Method: a release, a changed one, an old one.
  test('under a grant that opens nothing is refused', async () => {
    const release = await granted({ opening: undefined });
    expect(await ask(release)).toMatchObject({ status: 403, body: { error: { code: 'bad-grant' } } });
    const grant = await granted();
    const spoilt = `${grant.slice(0, -6)}AAAAAA`;
    expect(await ask(spoilt)).toMatchObject({ status: 403, body: { error: { code: 'bad-grant' } } });
    town.time.nowMs += 60_000;
    expect(await ask(grant)).toMatchObject({ status: 403, body: { error: { code: 'grant-expired' } } });
  });

  // Goal: nothing is quoted from rules that did not decide. Method: other rules are in force by now.
  test('after other rules came into force is refused', async () => {
    const grant = await granted();
    Object.assign(town.service, { ruleBook: { inForce: () => city } });
    expect(await ask(grant)).toMatchObject({ status: 409, body: { error: { code: 'rules-changed' } } });
  });

  test('that is no request is refused', async () => {
    expect(await town.post('/v1/decision', { grant: 'x' }, { token: '' })).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_REQUEST', field: 'request' } },
    });
  });
});
