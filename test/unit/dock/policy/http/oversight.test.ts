import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signViewerToken } from '../../../../../dock/policy/custodian/token.ts';
import type { Cases } from '../../../../../dock/policy/oversight/cases.ts';
import type { PolicyChanges } from '../../../../../dock/policy/oversight/changes.ts';
import type { Comparison } from '../../../../../dock/policy/oversight/comparison.ts';
import { INCIDENT_FACTS_MAX } from '../../../../../dock/policy/oversight/incident.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { fact, INCIDENT } from '../story.ts';
import { ISSUER, LINKED, RECORDER, REGISTERED, TestPage, TestService } from './service.ts';

// Goal: whoever oversees learns of their own cases, of policy changes, and of what another regime would have allowed on their own
// cases; nobody learns of others', and a token without its key learns nothing. Method: the real edge; questions in the right and in
// every wrong way, by a reviewer, by officers, and after the case has ended.

const REVIEWER = 'ipr-1';
let town: TestService;
let page: TestPage;
beforeEach(async () => {
  town = await TestService.start();
  page = await TestPage.open(town);
  await town.tell(REGISTERED, LINKED, fact('officer.involved', { person: RECORDER }));
});
afterEach(() => town.stop());

type Answer = Awaited<ReturnType<TestService['post']>>;
const ASSIGNED = fact('case.assigned', { person: REVIEWER });
const ENDED = fact('case.unassigned', { person: REVIEWER });
const COMPARE = { kind: 'compare', incident: INCIDENT, regimes: ['doj', 'ppa'] };

async function ask(person: string, question: unknown, claims: object = {}): Promise<Answer> {
  const token = await page.token(person);
  const request = await page.sign('holdfast-oversight+jwt', { token, aud: ISSUER, ask: question, ...claims });
  return town.post('/v1/oversight', { request });
}
const casesOf = async (person: string): Promise<Cases> =>
  (await ask(person, { kind: 'cases' })).body as unknown as Cases;

const refused = (code: string, status = 401): object => ({ status, body: { error: { code } } });

describe('who may ask', () => {
  const question = { kind: 'changes' };

  test('nobody with a token alone, or with another key', async () => {
    const token = await page.token(REVIEWER);
    for (const request of [token, `${token}.`, 'no'])
      expect(await town.post('/v1/oversight', { request })).toMatchObject(refused('BAD_PROOF'));
    const thief = await TestPage.open(town);
    const request = await thief.sign('holdfast-oversight+jwt', { token, aud: ISSUER, ask: question });
    expect(await town.post('/v1/oversight', { request })).toMatchObject(refused('BAD_PROOF'));
  });

  test.each([
    ['for another service', { aud: 'https://other.example' }],
    ['made more than a minute ago', { iat: 1_700_000_000 }],
    ['without a token', { token: undefined }],
  ])('not with a request %s', async (_, claims) => {
    expect(await ask(REVIEWER, question, claims)).toMatchObject(refused('BAD_PROOF'));
  });

  test('not with what was signed for something else, nor the other way round', async () => {
    const token = await page.token(REVIEWER);
    const claims = { token, aud: ISSUER, ask: question };
    const renewal = await page.sign('holdfast-renew+jwt', claims);
    expect(await town.post('/v1/oversight', { request: renewal })).toMatchObject(refused('BAD_PROOF'));
    const request = await page.sign('holdfast-oversight+jwt', claims);
    expect(await town.post('/v1/renew', { request })).toMatchObject(refused('BAD_PROOF'));
  });

  test('not after the token, or with one of somebody else', async () => {
    const token = await page.token(REVIEWER);
    town.time.nowMs += 15 * 60_000;
    expect(await ask(REVIEWER, question, { token })).toMatchObject(refused('BAD_TOKEN'));
    const issuer = { ...town.service.issuer, url: 'http://other.test' };
    const viewer = { person: REVIEWER, name: '', roles: [], thumbprint: await page.thumbprint() };
    const forged = (await signViewerToken(issuer, viewer, town.time.nowMs)).token;
    expect(await ask(REVIEWER, question, { token: forged })).toMatchObject(refused('BAD_TOKEN'));
  });

  test('with a question that is one', async () => {
    const wrong = [undefined, {}, { kind: 'else' }, { kind: 'cases', person: '5522' }, { kind: 'compare' }];
    for (const one of wrong) expect(await ask(REVIEWER, one)).toMatchObject(refused('BAD_REQUEST', 400));
    expect((await town.post('/v1/oversight', {})).status).toBe(400);
  });

  test('sixty times a minute', async () => {
    const answers: number[] = [];
    const token = await page.token(REVIEWER);
    for (let asked = 0; asked < 61; asked += 1)
      answers.push((await ask(REVIEWER, question, { token })).status);
    expect(answers).toEqual([...Array.from({ length: 60 }, () => 200), 429]);
    expect((await ask(RECORDER, question)).status).toBe(200);
    town.time.nowMs += 61_000;
    expect((await ask(REVIEWER, question)).status).toBe(200);
  });
});

describe('cases', () => {
  test('are those that are assigned to who asks, with what is on file and what waits', async () => {
    await town.tell(ASSIGNED, fact('misconduct.alleged'));
    await town.tell(fact('statement.given', { person: RECORDER, kind: 'candid', recorded: false }));
    const { cases, more } = await casesOf(REVIEWER);
    expect(more).toBe(0);
    expect(cases).toEqual([
      {
        ...{ case: 'case-1', incident: INCIDENT, since: '2026-11-21T08:00:00.000Z' },
        ...{ force: 'unclassified', deathInCustody: false, injury: 'none', vulnerable: false },
        ...{ misconduct: true, barred: false, more: 0 },
        participants: [
          { person: RECORDER, report: 'none', statements: [{ kind: 'candid', recorded: false }] },
        ],
        recordings: [
          {
            ...{ recording: recordingId, officer: RECORDER, purpose: 'oversight', allowed: false },
            reason: expect.stringContaining('report') as string,
            missing: [expect.objectContaining({ fact: 'report.filed', person: RECORDER })],
          },
        ],
      },
    ]);
  });

  test('say what may be viewed as soon as it may', async () => {
    await town.tell(ASSIGNED, fact('report.filed', { person: RECORDER }));
    const [one] = (await casesOf(REVIEWER)).cases;
    expect(one?.participants[0]?.report).toBe('filed');
    expect(one?.recordings[0]).toMatchObject({ allowed: true, missing: [] });
  });

  test('are nobody else’s, and end when they end', async () => {
    await town.tell(ASSIGNED);
    expect(await casesOf('5522')).toMatchObject({ cases: [] });
    await town.tell(ENDED);
    expect(await casesOf(REVIEWER)).toMatchObject({ cases: [] });
    town.time.nowMs += 60_000;
    await town.tell(ASSIGNED);
    town.time.nowMs += 60_000;
    // Said again while it holds, it is no newer.
    await town.tell(ASSIGNED);
    expect((await casesOf(REVIEWER)).cases.map(({ since }) => since)).toEqual(['2026-11-21T08:01:00.000Z']);
  });

  test('tell nothing of an incident to one who took part in it', async () => {
    await town.tell(ASSIGNED, fact('officer.involved', { person: REVIEWER }));
    const [one] = (await casesOf(REVIEWER)).cases;
    expect(one).toMatchObject({ barred: true, participants: [], recordings: [] });
  });

  test('leave nothing in the journal', async () => {
    await town.tell(ASSIGNED);
    await casesOf(REVIEWER);
    expect(town.database.prepare('SELECT * FROM decisions').all()).toEqual([]);
  });
});

describe('policy changes', () => {
  test('are told to anybody who is signed in, newest first', async () => {
    await town.stop();
    const line = (regime: string, agency: string, fromMs: number) => ({ regime, agency, fromMs });
    const lines = [line('doj', '', 0), line('city', 'ppb', 0), line('ppa', 'ppb', Date.parse('2027-01-01'))];
    town = await TestService.start({ lines });
    page = await TestPage.open(town);
    const { body } = await ask('5522', { kind: 'changes' });
    const { changes, regimes, earlier } = body as unknown as PolicyChanges & { regimes: string[] };
    expect(regimes).toEqual(['city', 'doj', 'osp', 'portland-2023', 'ppa']);
    expect(earlier).toBeUndefined();
    expect(changes.map(({ adopted, agency, state }) => [adopted?.regime, agency, state])).toEqual([
      ['ppa', 'ppb', 'waiting'],
      ['city', 'ppb', 'in-force'],
      ['doj', '', 'in-force'],
    ]);
    expect(changes[0]).toMatchObject({
      ...{ from: '2027-01-01T00:00:00.000Z', filedAt: '2026-11-21T08:00:00.000Z' },
      adopted: { policySet: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    const before = changes[1]?.index;
    const older = (await ask('5522', { kind: 'changes', before })).body as unknown as PolicyChanges;
    expect(older.changes).toEqual(changes.slice(2));
  });
});

describe('a comparison', () => {
  const compared = async (person: string): Promise<Comparison> => {
    const { status, body } = await ask(person, COMPARE);
    expect(status, JSON.stringify(body)).toBe(200);
    return body['comparison'] as Comparison;
  };

  test('names the time in which one regime shows what the other keeps', async () => {
    await town.tell(ASSIGNED);
    town.time.nowMs += 60_000;
    await town.tell(fact('report.filed', { person: RECORDER }));
    const { regimes, windows, rows, facts, recordings } = await compared(REVIEWER);
    expect(regimes.map(({ regime }) => regime)).toEqual(['doj', 'ppa']);
    // Registered, linked, involved, assigned, filed; enrolments are not counted.
    expect(facts).toBe(5);
    expect(recordings).toEqual([{ recording: recordingId, officer: RECORDER, elsewhere: false }]);
    expect(windows).toMatchObject([
      {
        ...{ recording: recordingId, person: RECORDER, part: 'made it', under: 'ppa' },
        from: { at: '2026-11-21T08:00:00.000Z' },
        until: { at: '2026-11-21T08:01:00.000Z', cause: expect.stringContaining('report.filed') as string },
      },
    ]);
    expect(rows.map(({ person }) => person)).toContain(REVIEWER);
  });

  // One body, so that nobody learns which incidents there are.
  test('is for nobody without a case on it', async () => {
    const nowhere = await ask(REVIEWER, { ...COMPARE, incident: 'no-such' });
    expect(nowhere).toMatchObject(refused('NOT_FOUND', 404));
    await town.tell(fact('person.enrolled', { person: '5522', roles: ['doj_monitor', 'internal_affairs'] }));
    for (const person of [REVIEWER, RECORDER, '5522', 'chief-1']) {
      const { status, body } = await ask(person, COMPARE);
      expect([person, status, body]).toEqual([person, 404, nowhere.body]);
    }
    await town.tell(ASSIGNED);
    expect((await ask(REVIEWER, COMPARE)).status).toBe(200);
    await town.tell(ENDED);
    expect((await ask(REVIEWER, COMPARE)).body).toEqual(nowhere.body);
    await town.tell(ASSIGNED, fact('officer.involved', { person: REVIEWER }));
    expect((await ask(REVIEWER, COMPARE)).body).toEqual(nowhere.body);
  });

  test('looks at no other incident, and says where there is one', async () => {
    await town.tell(ASSIGNED, fact('recording.linked', { recording: recordingId, incident: 'other-1' }));
    await town.tell(fact('report.filed', { person: RECORDER, incident: 'other-1' }));
    const comparison = await compared(REVIEWER);
    expect(comparison.recordings).toMatchObject([{ elsewhere: true }]);
    expect(comparison.facts).toBe(4);
    expect(JSON.stringify(comparison)).not.toContain('other-1');
  });

  test.each([
    ['of one that does not exist', ['doj', 'nowhere']],
    ['of a file beside the regimes', ['doj', 'base']],
    ['of one with itself', ['doj', 'doj']],
  ])('is not made %s', async (_, regimes) => {
    await town.tell(ASSIGNED);
    expect(await ask(REVIEWER, { ...COMPARE, regimes })).toMatchObject(refused('BAD_REQUEST', 400));
  });

  test('is not made of more facts than it may take', async () => {
    await town.tell(ASSIGNED);
    const many = Array.from({ length: 1_000 }, (_, at) => fact('incident.opened', {}, `many-${at}`));
    for (let batch = 0; batch < INCIDENT_FACTS_MAX / 1_000; batch += 1) {
      const facts = many.map((one) => ({ ...one, id: `${one.id}-${batch}` }));
      expect((await town.post('/v1/facts', facts)).status).toBe(201);
    }
    const { status, body } = await ask(REVIEWER, COMPARE);
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('holdfast policy diff')]);
  });
});
