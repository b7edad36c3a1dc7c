import { rulesOfNobody } from '../../../../../dock/policy/http/service.ts';
import { compactVerify, decodeJwt, importJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordingId } from '../../../proto/fixture.ts';
import { fact, INCIDENT, LATER, RECORDING } from '../story.ts';
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

const PURPOSE = 'supplement_report';
const ASKED = { purpose: PURPOSE, dock: 'dock-1', nonce: 'ab'.repeat(16) };

let town: TestService;
let page: TestPage;
beforeEach(async () => {
  town = await TestService.start();
  page = await TestPage.open(town);
  await town.post('/v1/facts', REGISTERED, { token: DOCK_TOKEN });
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
});
afterEach(() => town.stop());

/** The claims of a grant whose signature holds under the published key. */
async function opened(answer: { context: Record<string, unknown> }) {
  const grant = answer.context['grant'];
  if (typeof grant !== 'string') throw new Error(`no grant: ${JSON.stringify(answer)}`);
  const { protectedHeader } = await compactVerify(
    grant,
    await importJWK({ ...town.service.issuer.key.jwk }, 'ES256'),
  );
  return { header: protectedHeader, claims: decodeJwt(grant) };
}

describe('a release grant', () => {
  // Goal: exactly the agreed claims, under the published key, for a minute.
  test('says who may view what, for a minute, and opens nothing', async () => {
    const { header, claims } = await opened(await town.evaluate(RECORDER, ASKED, DOCK_TOKEN));
    const iat = Math.floor(town.time.nowMs / 1_000);
    expect(header).toEqual({ alg: 'ES256', kid: town.service.issuer.key.jwk.kid, typ: 'holdfast-grant+jwt' });
    expect(claims).toEqual({
      iss: ISSUER,
      aud: 'dock-1',
      sub: RECORDER,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/) as string,
      iat,
      exp: iat + 60,
      kind: 'release',
      recording: recordingId,
      manifest: MANIFEST_HASH,
      action: 'view',
      purpose: PURPOSE,
      policySet: rulesOfNobody(town.service).hash,
      regime: 'doj',
      newestFact: town.service.book.known.newest,
      nonce: ASKED.nonce,
      chunks: [0, 0],
    });
  });

  // Goal: a grant that rests on an authorisation says when that ends. Method: the recorder's report is withdrawn.
  test('says until when it was authorised', async () => {
    await town.tell(
      fact('report.withdrawn', { person: RECORDER }),
      fact('misconduct.alleged'),
      fact('case.assigned', { person: 'ipr-1' }),
      fact('person.enrolled', { person: 'city-1', roles: ['city_attorney'] }),
      fact('access.authorised', { recording: recordingId, person: 'ipr-1', by: 'city-1', expiresAt: LATER }),
    );
    const { claims } = await opened(
      await town.evaluate('ipr-1', { ...ASKED, purpose: 'oversight' }, DOCK_TOKEN),
    );
    expect(claims['authorisedUntil']).toBe(Date.parse(LATER) / 1_000);
  });

  // Goal: only the dock itself gets one, and never with a deny. Method: each condition taken away.
  test('is made only for the dock that asks, and only with an allow', async () => {
    const without = async (context: Record<string, unknown>, token?: string) =>
      (await town.evaluate(RECORDER, context, token)).context['grant'];
    expect(await without(ASKED)).toBeUndefined();
    expect(await without({ ...ASKED, dock: 'dock-2' }, DOCK_TOKEN)).toBeUndefined();
    expect(await without({ purpose: PURPOSE, dock: 'dock-1' }, DOCK_TOKEN)).toBeUndefined();
    expect(await without({ purpose: PURPOSE }, DOCK_TOKEN)).toBeUndefined();
    const denied = await town.evaluate('5522', ASKED, DOCK_TOKEN);
    expect(denied.decision).toBe(false);
    expect(denied.context['grant']).toBeUndefined();
  });

  // Goal: each grant has its own id, and the journal knows it.
  test('has an id of its own, which is written down', async () => {
    const ids = [];
    for (let round = 0; round < 3; round += 1) {
      const { claims } = await opened(await town.evaluate(RECORDER, ASKED, DOCK_TOKEN));
      ids.push(claims.jti);
    }
    expect(new Set(ids).size).toBe(3);
    expect(town.service.journal.about(recordingId).map(({ grantId }) => grantId)).toEqual(ids);
  });
});

describe('an opening', () => {
  const open = async (
    change: { context?: object; claims?: object; header?: object; token?: string; person?: string } = {},
  ) => {
    const token = change.token ?? (await page.token(change.person ?? RECORDER));
    const proof = await page.proof({ ...change.claims }, { ...change.header });
    return town.evaluate(
      change.person ?? RECORDER,
      { ...ASKED, opening: { token, proof }, ...change.context },
      DOCK_TOKEN,
    );
  };

  // Goal: with token and proof the grant opens, for that page's key and all chunks of the manifest.
  test('gives a grant that opens, bound to the key of the page', async () => {
    const { claims } = await opened(await open());
    const { cnf } = decodeJwt(await page.token(RECORDER));
    expect(claims).toMatchObject({ kind: 'open', cnf, chunks: [0, 3], sub: RECORDER });
  });

  // Goal: the attack table of openings. Each is refused, with its reason, and nothing is granted.
  test.each([
    ['for another recording', { claims: { recording: 'f'.repeat(32) } }, 'another recording'],
    ['for another purpose', { claims: { purpose: 'oversight' } }, 'another purpose'],
    ['for another dock', { claims: { aud: 'dock-2' } }, 'another dock'],
    [
      'two minutes old',
      { claims: { iat: Date.parse('2026-11-21T07:58:00Z') / 1_000 } },
      'within the last minute',
    ],
    [
      'from the future',
      { claims: { iat: Date.parse('2026-11-21T08:02:00Z') / 1_000 } },
      'within the last minute',
    ],
    ['without a time', { claims: { iat: undefined } }, 'within the last minute'],
    ['without a nonce', { claims: { nonce: undefined } }, 'nonce'],
    ['with a short nonce', { claims: { nonce: 'x' } }, 'nonce'],
    ['of another type', { header: { typ: 'JWT' } }, 'signature'],
    ['with a token that is none', { token: 'abc' }, 'token'],
  ])('%s is refused', async (_what, change, reason) => {
    const answer = await open(change);
    expect(answer.decision).toBe(false);
    expect(answer.context['grant']).toBeUndefined();
    expect(answer.context['reason']).toContain(reason);
  });

  // Goal: the token binds the key: another page's proof, or another person's token, opens nothing.
  test('with another page or another person it is refused', async () => {
    const other = await TestPage.open(town);
    const stolen = await town.evaluate(
      RECORDER,
      { ...ASKED, opening: { token: await page.token(RECORDER), proof: await other.proof() } },
      DOCK_TOKEN,
    );
    expect(stolen.context['reason']).toContain('another key');
    const somebodyElse = await open({ token: await page.token('5522') });
    expect(somebodyElse.context['reason']).toContain('somebody else');
    expect(somebodyElse.decision).toBe(false);
  });

  // Goal: a token of another signer, or one that has expired, is no token.
  test('with a forged or expired token it is refused', async () => {
    const elsewhere = await TestService.start();
    const foreign = await TestPage.open(elsewhere);
    const forged = await open({ token: await foreign.token(RECORDER) });
    expect(forged.context['reason']).toContain('not one of ours');
    await elsewhere.stop();
    const token = await page.token(RECORDER);
    town.time.nowMs += 16 * 60_000;
    expect((await open({ token })).context['reason']).toContain('has expired');
  });

  // Goal: a proof works once, whatever came of it, also after a restart.
  test('used twice is refused, also after a restart', async () => {
    const token = await page.token(RECORDER);
    const context = { ...ASKED, opening: { token, proof: await page.proof() } };
    expect((await town.evaluate(RECORDER, context, DOCK_TOKEN)).decision).toBe(true);
    const replayed = await town.evaluate(RECORDER, context, DOCK_TOKEN);
    expect(replayed.decision).toBe(false);
    expect(replayed.context['reason']).toContain('used before');
    await town.stop({ keepFolder: true });
    town = await TestService.start({ folder: town.folder });
    expect((await town.evaluate(RECORDER, context, DOCK_TOKEN)).context['reason']).toContain('used before');
    expect(town.service.journal.about(recordingId).map(({ allowed }) => allowed)).toEqual([
      true,
      false,
      false,
    ]);
  });

  // Goal: who opens is the dock, under its own name; nobody else's word makes a grant.
  test('by anybody but the dock it is refused', async () => {
    const opening = { token: await page.token(RECORDER), proof: await page.proof() };
    expect((await town.evaluate(RECORDER, { ...ASKED, opening })).decision).toBe(false);
    expect((await open({ context: { nonce: undefined } })).decision).toBe(false);
  });

  // Goal: the person decides nothing: an opening by somebody who may not view stays a deny with its reason.
  test('by somebody who may not view is a deny like any other', async () => {
    const answer = await open({ person: '5522' });
    expect(answer.decision).toBe(false);
    expect(answer.context['reason']).toContain(
      'An officer does not view the footage of an incident they had no part in.',
    );
  });

  // Goal: without a verified manifest a recording can be decided about, never opened.
  test('of a recording without a verified manifest is refused', async () => {
    await town.tell(
      fact('recording.registered', { recording: RECORDING, officer: RECORDER }),
      fact('recording.linked', { recording: RECORDING, incident: INCIDENT }),
    );
    const asked = {
      subject: { type: 'person', id: RECORDER },
      action: { name: 'view' },
      resource: { type: 'recording', id: RECORDING },
    };
    const status = await town.post(
      '/access/v1/evaluation',
      { ...asked, context: ASKED },
      { token: DOCK_TOKEN },
    );
    expect(status.body).toMatchObject({ decision: true });
    const opening = { token: await page.token(RECORDER), proof: await page.proof({ recording: RECORDING }) };
    const answer = await town.post(
      '/access/v1/evaluation',
      { ...asked, context: { ...ASKED, opening } },
      { token: DOCK_TOKEN },
    );
    expect(answer.body).toMatchObject({
      decision: false,
      context: { missing: [{ fact: 'recording.registered' }] },
    });
  });
});
