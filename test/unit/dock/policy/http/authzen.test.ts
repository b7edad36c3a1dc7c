import { rulesOfNobody } from '../../../../../dock/policy/http/service.ts';
import assert from 'node:assert/strict';
import { readEvaluation } from '../../../../../dock/authzen/answer.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordingId } from '../../../proto/fixture.ts';
import { fact } from '../story.ts';
import { evaluation, ISSUER, LINKED, RECORDER, REGISTERED, RECORDS_TOKEN, TestService } from './service.ts';

const PURPOSE = { purpose: 'supplement_report' };
const FILED = fact('report.filed', { person: RECORDER });

let town: TestService;
beforeEach(async () => {
  town = await TestService.start();
  await town.tell(REGISTERED, LINKED);
});
afterEach(() => town.stop());

const one = (body: unknown, headers: Record<string, string> = {}) =>
  town.post('/access/v1/evaluation', body, { headers });
const many = (body: unknown) => town.post('/access/v1/evaluations', body);

describe('evaluation (AuthZEN 1.0, section 6)', () => {
  // Goal: the whole shape of a deny and of an allow, as docks and pages use them.
  test('a deny says why and what is missing; an allow cites the rule', async () => {
    const denied = await one(evaluation(RECORDER, PURPOSE), { 'x-request-id': 'q-1' });
    expect(denied.status).toBe(200);
    expect(denied.body).toEqual({
      decision: false,
      context: {
        reason: expect.stringContaining(
          'Waiting for: initial report of Officer 4411 on 24-118842, not yet filed.',
        ) as string,
        missing: [
          {
            fact: 'report.filed',
            incident: '24-118842',
            person: '4411',
            text: 'initial report of Officer 4411 on 24-118842, not yet filed',
          },
        ],
        alternatives: [],
        policies: ['doj-own-report-first', 'doj-recorder-first'],
        regime: 'doj',
        policySet: rulesOfNobody(town.service).hash,
        newestFact: 6,
        standing: 'took-part',
        requestId: 'q-1',
      },
    });
    await town.tell(FILED);
    expect((await one(evaluation(RECORDER, PURPOSE))).body).toMatchObject({
      decision: true,
      context: { policies: ['doj-took-part'], missing: [], newestFact: 7 },
    });
  });

  // Goal: a recording that is part of very much is refused in an answer that a dock can read, and what is written down stays whole.
  // Method: seventy incidents, each without the officer's report.
  test('of very many missing facts the first are named, and how many more there are', async () => {
    for (let n = 1; n < 70; n += 1) {
      const incident = `24-9${String(n).padStart(5, '0')}`;
      await town.tell(fact('recording.linked', { incident, recording: recordingId }));
    }
    const { body } = await one(evaluation(RECORDER, PURPOSE));
    const evaluated = readEvaluation(body);
    assert(evaluated?.decision === false);
    expect(evaluated.missing).toHaveLength(64);
    expect(evaluated.reason).toMatch(/ \(\d+ more than the 64 that are listed\.\)$/);
    expect(evaluated.reason.length).toBeLessThanOrEqual(1_000);
    const [decided] = town.service.journal.about(recordingId);
    assert(decided !== undefined);
    const { missing } = decided.answer as { readonly missing: readonly unknown[] };
    expect(missing).toHaveLength(64 + Number(/\((\d+) more/.exec(evaluated.reason)?.[1]));
    expect(missing.slice(0, 64)).toEqual(evaluated.missing);
  });

  // Goal: nothing a caller claims beside the purpose is a fact. Method: claims that would open everything.
  test('claims of the caller are not facts', async () => {
    const body = {
      ...evaluation(RECORDER, {
        ...PURPOSE,
        reportFiled: true,
        recorderReportFiled: true,
        incident: { force: 'none' },
      }),
      subject: { type: 'person', id: RECORDER, properties: { roles: ['chief'], reportFiled: true } },
      resource: { type: 'recording', id: recordingId, properties: { sealed: false } },
    };
    expect((await one(body)).body).toMatchObject({ decision: false });
  });

  // Goal: what is unknown is a plain no with 200, as DESIGN section 6 says.
  test('unknown people, recordings, types, actions and purposes are denied with 200', async () => {
    await town.tell(FILED);
    const asked = evaluation(RECORDER, PURPOSE);
    for (const body of [
      evaluation('stranger', PURPOSE),
      { ...asked, resource: { type: 'recording', id: 'unknown' } },
      { ...asked, resource: { type: 'record', id: recordingId } },
      { ...asked, subject: { type: 'user', id: RECORDER } },
      { ...asked, action: { name: 'delete' } },
      evaluation(RECORDER),
      evaluation(RECORDER, {}),
      evaluation(RECORDER, { purpose: 'curiosity' }),
    ]) {
      const { status, body: answer } = await one(body);
      expect(status).toBe(200);
      expect(answer).toMatchObject({ decision: false });
      expect(JSON.stringify(answer)).toMatch(/"reason":"[^"]/);
    }
  });

  // Goal: unknown members are ignored and the decision does not change.
  test('unknown members are ignored', async () => {
    await town.tell(FILED);
    const body = {
      ...evaluation(RECORDER, { ...PURPOSE, time: 'now', ip: '::1' }),
      futureField: { nested: true },
    };
    expect((await one(body)).body).toMatchObject({ decision: true });
  });

  // Goal: every malformed request is a 400, as the certification scenario lists them.
  test.each([
    ['no subject', { subject: undefined }],
    ['no action', { action: undefined }],
    ['no resource', { resource: undefined }],
    ['a subject without type', { subject: { id: 'a' } }],
    ['a subject without id', { subject: { type: 'person' } }],
    ['an action without name', { action: {} }],
    ['a resource without type', { resource: { id: 'a' } }],
    ['a resource without id', { resource: { type: 'recording' } }],
    ['a subject that is text', { subject: 'alice' }],
    ['an action name that is a number', { action: { name: 123 } }],
    ['a context that is text', { context: 'x' }],
    ['a purpose that is a number', { context: { purpose: 7 } }],
    ['properties that are a list', { subject: { type: 'person', id: 'a', properties: [] } }],
  ])('%s is 400', async (_what, change) => {
    const { status, body } = await one({ ...evaluation(RECORDER, PURPOSE), ...change });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: 'BAD_REQUEST' } });
  });

  test.each([
    ['no JSON', '{', 'application/json'],
    ['an empty body', '', 'application/json'],
    ['another content type', JSON.stringify(evaluation(RECORDER, PURPOSE)), 'text/plain'],
    ['a form', 'subject=a', 'application/x-www-form-urlencoded'],
    ['a list', '[]', 'application/json'],
  ])('%s is 400', async (_what, body, type) => {
    expect((await one(body, { 'content-type': type })).status).toBe(400);
  });

  // Goal: it asks who asks, and echoes the request's id whatever happens.
  test('401 without a token; X-Request-ID is echoed always', async () => {
    const refused = await town.post(
      '/access/v1/evaluation',
      {},
      { token: 'x', headers: { 'x-request-id': 'q-2' } },
    );
    expect(refused).toMatchObject({ status: 401, headers: { 'x-request-id': 'q-2' } });
    expect(await one('{', { 'x-request-id': 'q-3' })).toMatchObject({
      status: 400,
      headers: { 'x-request-id': 'q-3' },
    });
    const without = await one(evaluation(RECORDER, PURPOSE));
    expect(without.status).toBe(200);
    expect(without.headers['content-type']).toContain('application/json');
    expect(without.body).toMatchObject({ context: { requestId: expect.stringMatching(/.+/) as string } });
  });

  // Goal: the id of a request that is kept with a decision is the caller's own or none. Method: ids that cannot be kept and echoed.
  test.each(['~'.repeat(257), 'a\tb', '\u00e9'])(
    'an X-Request-ID that cannot be echoed is 400',
    async (id) => {
      for (const ask of [
        one(evaluation(RECORDER, PURPOSE), { 'x-request-id': id }),
        town.post('/access/v1/evaluations', evaluation(RECORDER, PURPOSE), {
          headers: { 'x-request-id': id },
        }),
      ]) {
        expect(await ask).toMatchObject({ status: 400, body: { error: { field: 'x-request-id' } } });
      }
      expect(town.service.journal.about(recordingId)).toEqual([]);
    },
  );

  // Goal: every decision is on disk with its inputs before it is answered, deny and allow.
  test('each decision is written down with its inputs', async () => {
    await one(evaluation(RECORDER, PURPOSE), { 'x-request-id': 'q-4' });
    await town.tell(FILED);
    await one(evaluation(RECORDER, PURPOSE), { 'x-request-id': 'q-5' });
    expect(town.service.journal.about(recordingId)).toMatchObject([
      {
        requestId: 'q-4',
        source: 'records',
        person: RECORDER,
        allowed: false,
        newestFact: 6,
        regime: 'doj',
        policySet: rulesOfNobody(town.service).hash,
        request: { purpose: 'supplement_report', action: 'view' },
      },
      { requestId: 'q-5', allowed: true, newestFact: 7 },
    ]);
  });

  // Goal: an answer that cannot be written down is not given.
  test('no answer when it cannot be written down', async () => {
    await town.tell(FILED);
    town.database.exec(
      'CREATE TRIGGER full BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, "disk full"); END',
    );
    expect(await one(evaluation(RECORDER, PURPOSE))).toMatchObject({
      status: 503,
      body: { error: { code: 'STORE_IO' } },
    });
    expect(town.reported).toHaveLength(1);
  });
});

describe('evaluations (AuthZEN 1.0, section 7)', () => {
  const item = (person: string) => ({ subject: { type: 'person', id: person } });
  const defaults = { ...evaluation(RECORDER, PURPOSE), subject: undefined };
  const decisions = ({ body }: { body: Record<string, unknown> }): readonly boolean[] =>
    (body['evaluations'] as { decision: boolean }[]).map(({ decision }) => decision);

  // Goal: answers in order, members missing in an item taken from the top.
  test('items take what they leave out from the top, in order', async () => {
    await town.tell(FILED);
    const answer = await many({ ...defaults, evaluations: [item(RECORDER), item('5522'), item(RECORDER)] });
    expect(answer.body['decision']).toBeUndefined();
    expect(decisions(answer)).toEqual([true, false, true]);
    const override = { ...item(RECORDER), context: {} };
    expect(decisions(await many({ ...defaults, evaluations: [item(RECORDER), override] }))).toEqual([
      true,
      false,
    ]);
    const typed = {
      ...defaults,
      resource: { type: 'recording' },
      evaluations: [{ ...item(RECORDER), resource: { id: recordingId } }],
    };
    expect(decisions(await many(typed))).toEqual([true]);
    expect(
      decisions(await many({ evaluations: [evaluation(RECORDER, PURPOSE), evaluation('5522', PURPOSE)] })),
    ).toEqual([true, false]);
  });

  // Goal: one bad item is its own problem.
  test('an item that cannot be heard is denied in its place', async () => {
    await town.tell(FILED);
    const answer = await many({ ...defaults, evaluations: [item(RECORDER), {}, 7, item(RECORDER)] });
    expect(answer.status).toBe(200);
    expect(decisions(answer)).toEqual([true, false, false, true]);
    expect(answer.body['evaluations']).toMatchObject([{}, { context: { error: { status: 400 } } }, {}, {}]);
  });

  // Goal: the two short circuits stop where they should.
  test('deny_on_first_deny and permit_on_first_permit stop early', async () => {
    await town.tell(FILED);
    const asked = { ...defaults, evaluations: [item('5522'), item(RECORDER), item('5522')] };
    const by = async (evaluations_semantic: string) =>
      many({ ...asked, options: { evaluations_semantic, other: 1 } });
    expect(decisions(await by('execute_all'))).toEqual([false, true, false]);
    expect(decisions(await by('deny_on_first_deny'))).toEqual([false]);
    expect(decisions(await by('permit_on_first_permit'))).toEqual([false, true]);
    expect((await by('anyhow')).status).toBe(400);
  });

  // Goal: without items it is a single evaluation.
  test('missing and empty evaluations are a single evaluation', async () => {
    await town.tell(FILED);
    expect((await many(evaluation(RECORDER, PURPOSE))).body).toMatchObject({ decision: true });
    expect((await many({ ...evaluation(RECORDER, PURPOSE), evaluations: [] })).body).toMatchObject({
      decision: true,
    });
    expect((await many({ ...defaults, evaluations: [] })).status).toBe(400);
    expect((await many({ ...defaults, evaluations: 'all' })).status).toBe(400);
    expect((await many({ subject: 'alice', evaluations: [evaluation(RECORDER, PURPOSE)] })).status).toBe(400);
  });
});

describe('discovery', () => {
  // Goal: a client finds everything from the well-known address, without a token.
  test('metadata, key set and health are public', async () => {
    const metadata = await town.get('/.well-known/authzen-configuration', '');
    expect(metadata).toMatchObject({
      status: 200,
      body: {
        policy_decision_point: ISSUER,
        access_evaluation_endpoint: `${ISSUER}/access/v1/evaluation`,
        access_evaluations_endpoint: `${ISSUER}/access/v1/evaluations`,
      },
    });
    const keys = await town.get('/.well-known/jwks.json', '');
    expect(keys.body).toEqual({ keys: [town.service.issuer.key.jwk] });
    expect(JSON.stringify(keys.body)).not.toContain('"d"');
    expect((await town.get('/healthz', '')).body).toMatchObject({ ok: true, regime: 'doj' });
    expect((await town.get('/v1/facts', RECORDS_TOKEN)).headers['cache-control']).toBe('no-store');
  });
});
