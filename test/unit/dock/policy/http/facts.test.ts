import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toBase64 } from '../../../../../proto/bytes.ts';
import { manifestOf, recordingId, testKey } from '../../../proto/fixture.ts';
import { signManifest } from '../../../../../proto/manifest.ts';
import { FACT_TYPES } from '../../../../../dock/policy/facts/fact.ts';
import { fact, INCIDENT } from '../story.ts';
import { DOCK_TOKEN, MANIFEST_HASH, RECORDER, RECORDS_TOKEN, REGISTERED, TestService } from './service.ts';

let town: TestService;
beforeEach(async () => {
  town = await TestService.start();
});
afterEach(() => town.stop());

describe('POST /v1/facts', () => {
  // Goal: one fact, again, and another under the same id, as DESIGN section 6 says.
  test('201 with an index, then 200 with the same, then 409', async () => {
    const filed = fact('report.filed', {}, 'r1');
    const first = await town.post('/v1/facts', filed);
    expect(first).toMatchObject({ status: 201, body: { index: 5 } });
    expect(await town.post('/v1/facts', filed)).toMatchObject({ status: 200, body: { index: 5 } });
    const other = await town.post('/v1/facts', { ...filed, person: '5522' });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'ID_TAKEN' } } });
  });

  // Goal: an array answers for each of its facts; a bad one takes none and says which.
  test('an array is taken whole or not at all', async () => {
    await town.post('/v1/facts', fact('incident.opened', {}, 'a'));
    const both = [fact('incident.opened', {}, 'a'), fact('report.filed', {}, 'b')];
    expect((await town.post('/v1/facts', both)).body).toEqual({
      results: [
        { id: 'a', index: 5, status: 200 },
        { id: 'b', index: 6, status: 201 },
      ],
    });
    const bad = [fact('report.filed', {}, 'c'), { ...fact('statement.given', {}, 'd'), kind: 'casual' }];
    expect(await town.post('/v1/facts', bad)).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_REQUEST', field: '[1].kind' } },
    });
    const mixed = [fact('report.filed', {}, 'c'), fact('recording.linked', {}, 'e')];
    const refused = await town.post('/v1/facts', mixed, { token: DOCK_TOKEN });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'MAY_NOT_ASSERT', field: '[0]' } } });
    expect(town.service.book.known.newest).toBe(6);
    expect(await town.post('/v1/facts', [])).toMatchObject({ status: 400 });
  });

  // Goal: every type of DESIGN section 6 passes the schema as written there. Two speak of something that must have been
  // before, and one is for the service alone to say: they are refused for that and not for how they are written.
  test.each(FACT_TYPES)('takes %s', async (type) => {
    const refusals: Readonly<Record<string, number>> = {
      'hold.lifted': 409,
      'recording.destroyed': 403,
      'regime.adopted': 403,
    };
    expect((await town.post('/v1/facts', fact(type))).status).toBe(refusals[type] ?? 201);
  });

  // Goal: what is not exactly a fact is refused and the field named.
  test.each([
    ['type', { type: 'report.drafted' }],
    ['person', { person: undefined }],
    ['person', { person: 'somebody else' }],
    ['at', { at: 'yesterday' }],
    ['at', { at: '2026-11-21 08:00:00' }],
    ['id', { id: '' }],
    ['incident', { incident: 7 }],
    ['reportHash', { reportHash: undefined }],
    ['draft', { draft: true }],
    ['case', { type: 'case.unassigned', reportHash: undefined }],
    ['reportHash', { type: 'case.unassigned', case: 'c-1' }],
    ['kind', { type: 'statement.withdrawn', reportHash: undefined }],
    ['recorded', { type: 'statement.withdrawn', reportHash: undefined, kind: 'candid', recorded: true }],
  ])('refuses a wrong %s', async (field, change) => {
    const { status, body } = await town.post('/v1/facts', { ...fact('report.filed'), ...change });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(field);
  });

  // Goal: who is nobody, or may not, is told so before anything is looked at.
  test('401 without a known token, 403 for what a source may not', async () => {
    const filed = fact('report.filed');
    expect(await town.post('/v1/facts', filed, { token: 'x' })).toMatchObject({
      status: 401,
      body: { error: { code: 'UNAUTHENTICATED' } },
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
    expect((await town.app.inject({ method: 'POST', url: '/v1/facts', payload: filed })).statusCode).toBe(
      401,
    );
    expect((await town.post('/v1/facts', filed, { token: DOCK_TOKEN })).status).toBe(403);
    const link = await town.post('/v1/facts', fact('recording.linked'), { token: DOCK_TOKEN });
    expect(link).toMatchObject({ status: 403, body: { error: { code: 'NOT_RECORDS_SOURCE' } } });
    expect((await town.post('/v1/facts', fact('force.classified', { by: '4411' }))).status).toBe(201);
    await town.post('/v1/facts', fact('officer.involved', { person: '5522' }));
    const own = await town.post('/v1/facts', fact('force.classified', { by: '5522', force: 'deadly' }));
    expect(own).toMatchObject({ status: 403, body: { error: { code: 'SELF_CLASSIFICATION' } } });
  });

  // Goal: transport faults are 4xx with the one shape of error.
  test('what is no JSON, too large or of another kind is refused', async () => {
    expect(await town.post('/v1/facts', '{"id":')).toMatchObject({ status: 400, body: { error: {} } });
    expect((await town.post('/v1/facts', 'a=b', { headers: { 'content-type': 'text/plain' } })).status).toBe(
      400,
    );
    expect((await town.post('/v1/facts', '')).status).toBe(400);
    const large = { ...REGISTERED, manifest: 'A'.repeat(17 * 1024 * 1024) };
    expect(await town.post('/v1/facts', large)).toMatchObject({ status: 413 });
    expect((await town.get('/v1/nothing')).status).toBe(404);
    expect(town.reported).toEqual([]);
  });
});

describe('registration with a manifest', () => {
  // Goal: the camera's own signed word is checked before the fact counts.
  test('one that verifies makes the recording known with its officer', async () => {
    expect((await town.post('/v1/facts', REGISTERED, { token: DOCK_TOKEN })).status).toBe(201);
    expect((await town.post('/v1/facts', REGISTERED, { token: DOCK_TOKEN })).status).toBe(200);
    expect(town.service.book.known.recording(recordingId).registration).toMatchObject({
      verified: true,
      manifestHash: MANIFEST_HASH,
    });
  });

  // Goal: every way in which fact and manifest can disagree is refused.
  test.each([
    ['another hash', { manifestHash: '0'.repeat(64) }],
    ['another recording', { recording: 'f'.repeat(32) }],
    ['a camera nobody enrolled', { camera: 'cam-9' }],
    ['another officer', { officer: '5522' }],
    ['no base64', { manifest: 'not base64' }],
    ['a dock for a camera', { camera: 'dock-1' }],
    ['a path for a camera', { camera: '../cam-1' }],
  ])('with %s it is refused', async (_what, change) => {
    const { status } = await town.post('/v1/facts', { ...REGISTERED, ...change }, { token: DOCK_TOKEN });
    expect(status).toBe(400);
    expect(town.service.book.known.newest).toBe(4);
  });

  // Goal: another key's signature is not the camera's.
  test('signed with another key it is refused', async () => {
    const forged = signManifest(manifestOf(), testKey(9).sign);
    const { createHash } = await import('node:crypto');
    const manifestHash = createHash('sha256').update(forged).digest('hex');
    const body = { ...REGISTERED, manifest: toBase64(forged), manifestHash };
    expect(await town.post('/v1/facts', body, { token: DOCK_TOKEN })).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_MANIFEST' } },
    });
  });

  // Goal: nobody who may say so shuts a recording for ever by registering it falsely before its dock does.
  test('one that verifies stands against a false word said first', async () => {
    const unsigned = { ...REGISTERED, manifest: undefined };
    await town.post('/v1/facts', { ...unsigned, id: 'false', officer: '5522', manifestHash: 'b'.repeat(64) });
    expect(town.service.book.known.recording(recordingId).registration?.officer).toBe('5522');
    expect((await town.post('/v1/facts', REGISTERED, { token: DOCK_TOKEN })).status).toBe(201);
    const { registration } = town.service.book.known.recording(recordingId);
    expect(registration).toMatchObject({ officer: RECORDER, verified: true });
    expect((await town.post('/v1/facts', { ...unsigned, id: 'again', officer: '5522' })).status).toBe(409);
  });

  // Goal: the manifest may come later, and then counts; another one never does.
  test('a manifest may be handed in later', async () => {
    const early = { ...REGISTERED, id: 'early', manifest: undefined };
    await town.post('/v1/facts', early, { token: DOCK_TOKEN });
    expect(town.service.book.known.recording(recordingId).registration?.verified).toBe(false);
    await town.post('/v1/facts', REGISTERED, { token: DOCK_TOKEN });
    expect(town.service.book.known.recording(recordingId).registration?.verified).toBe(true);
    const other = await town.post('/v1/facts', { ...early, id: 'other', manifestHash: '1'.repeat(64) });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'ALREADY_REGISTERED' } } });
  });
});

describe('GET /v1/facts', () => {
  // Goal: what is on file comes back as it was said, with who said it and when it arrived.
  test('lists facts of an incident, with source and time of arrival', async () => {
    const filed = fact('report.filed', {}, 'r1');
    await town.post('/v1/facts', [fact('report.filed', { incident: 'other' }, 'r0'), filed]);
    expect((await town.get(`/v1/facts?incident=${INCIDENT}`)).body).toEqual({
      facts: [{ index: 6, source: 'records', receivedAt: '2026-11-21T08:00:00.000Z', fact: filed }],
    });
    await town.post('/v1/facts', REGISTERED, { token: DOCK_TOKEN });
    const registered = await town.get(`/v1/facts?recording=${recordingId}`);
    expect(registered.body).toMatchObject({ facts: [{ source: 'dock-1', fact: REGISTERED }] });
    expect((await town.get('/v1/facts?after=6')).body['facts']).toHaveLength(1);
    expect((await town.get('/v1/facts?after=x')).status).toBe(400);
    expect((await town.get('/v1/facts', 'nobody')).status).toBe(401);
  });
});

describe('GET /v1/events', () => {
  // Goal: from an index on, every fact once and in order, then each new one at once, with nothing in between lost.
  test('replays after an index and goes on', async () => {
    await town.app.listen({ port: 0, host: '127.0.0.1' });
    const address = town.app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await town.post('/v1/facts', fact('report.filed', {}, 'r1'));
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/v1/events?after=4`, {
      headers: { authorization: `Bearer ${RECORDS_TOKEN}` },
      signal: abort.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    let posted = false;
    for await (const part of response.body ?? []) {
      text += Buffer.from(part as Uint8Array).toString();
      if (text.includes('id: 5') && !posted) {
        posted = true;
        await town.post('/v1/facts', fact('recording.linked', {}, 'l1'));
      }
      if (text.includes('id: 6')) break;
    }
    abort.abort();
    expect(text.split('\n\n').filter((event) => event.startsWith('id:'))).toEqual([
      `id: 5\nevent: fact\ndata: {"index":5,"type":"report.filed","incident":"${INCIDENT}","person":"4411","recordings":[]}`,
      `id: 6\nevent: fact\ndata: {"index":6,"type":"recording.linked","incident":"${INCIDENT}","recording":"0123456789abcdef0123456789abcdef","recordings":["0123456789abcdef0123456789abcdef"]}`,
    ]);
  });

  // Goal: a dock asks about what a fact can change, and about nothing else. Method: two incidents; what each kind of fact names.
  test('names the recordings whose answers a fact can change', async () => {
    const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
    const [one = '', two = '', other = ''] = ids;
    for (const [at, recording] of ids.entries())
      await town.post(
        '/v1/facts',
        fact('recording.linked', { recording, incident: at < 2 ? '24-1' : '24-2' }, `l${at}`),
      );
    const { newest } = town.service.book.known;
    const told = [
      fact('report.filed', { incident: '24-1' }, 't1'),
      fact('access.revoked', { recording: one }, 't2'),
      fact('recording.unlinked', { recording: two, incident: '24-1' }, 't3'),
      fact('person.enrolled', { person: '7733' }, 't4'),
      fact('report.filed', { incident: '24-2' }, 't5'),
      fact('case.unassigned', { incident: '24-1' }, 't6'),
      fact('statement.withdrawn', { incident: '24-2' }, 't7'),
    ];
    await town.app.listen({ port: 0, host: '127.0.0.1' });
    const address = town.app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/v1/events?after=${newest}`, {
      headers: { authorization: `Bearer ${RECORDS_TOKEN}` },
      signal: abort.signal,
    });
    let text = '';
    let posted = 0;
    for await (const part of response.body ?? []) {
      text += Buffer.from(part as Uint8Array).toString();
      if (text.includes(`id: ${newest + told.length}`)) break;
      // One at a time: each event tells of the facts as they are when it leaves.
      if (posted === 0 || text.includes(`id: ${newest + posted}`)) {
        const next = told[posted];
        posted += 1;
        if (next !== undefined) await town.post('/v1/facts', next);
      }
    }
    abort.abort();
    const named = text
      .split('\n')
      .flatMap((line) =>
        line.startsWith('data: ') ? [JSON.parse(line.slice(6)) as { recordings?: string[] }] : [],
      )
      .map(({ recordings }) => recordings?.toSorted());
    expect(named).toEqual([[one, two], [one, two], [one, two], undefined, [other], [one], [other]]);
  });

  // Goal: a service that is back from a backup knows fewer facts than its readers; they still hear each new one.
  test('a reader that is ahead hears what is new', async () => {
    await town.app.listen({ port: 0, host: '127.0.0.1' });
    const address = town.app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/v1/events?after=900`, {
      headers: { authorization: `Bearer ${RECORDS_TOKEN}` },
      signal: AbortSignal.any([abort.signal, AbortSignal.timeout(5_000)]),
    });
    await town.post('/v1/facts', fact('report.withdrawn', {}, 'w1'));
    let text = '';
    for await (const part of response.body ?? []) {
      text += Buffer.from(part as Uint8Array).toString();
      if (text.includes('report.withdrawn')) break;
    }
    abort.abort();
    expect(text).toContain('id: 5\nevent: fact\n');
  });

  // Goal: it is for sources only, and a wrong index is told.
  test('needs a token and a number', async () => {
    expect((await town.get('/v1/events', 'x')).status).toBe(401);
    expect((await town.get('/v1/events?after=-1')).status).toBe(400);
  });
});
