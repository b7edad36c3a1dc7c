import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromBase64, toHex } from '../../../../proto/bytes.ts';
import { decodeEntry } from '../../../../proto/custody-entry.ts';
import { openManifest } from '../../../../proto/manifest.ts';
import { verifyTlogProof } from '../../../../proto/tlog-proof.ts';
import { CAMERA_KEY, checker, CHUNKS, LEDGER_VKEY, sha256 } from '../../proto/fixture.ts';
import { OFFICER, PARTNER, recording, STRANGER } from '../release/fixture.ts';
import { Front, hold } from './fixture.ts';

const R1 = recording(1);
const R2 = recording(2);
const REPORT = {
  fact: 'report.filed',
  incident: '24-118842',
  person: OFFICER,
  text: 'initial report of Officer 4411',
};
const NOTHING = '{"error":{"code":"not-found","message":"There is nothing here that you may see."}}';

interface Listed {
  readonly recordings: readonly Record<string, unknown>[];
  readonly quarantined: readonly Record<string, unknown>[];
}
interface Opened {
  readonly session: string;
  readonly grant: string;
  readonly entry: string;
  readonly proof: string;
  readonly accepted: { readonly entry: string; readonly proof: string };
  readonly manifest: string;
  readonly camera: { readonly publicKey: string };
  readonly chunks: number;
  readonly range: readonly number[];
  readonly mediaType: string;
}

let front: Front;
beforeEach(async () => {
  front = await Front.open(async (stage) => {
    await hold(stage, R1);
    await hold(stage, R2, PARTNER);
    stage.policy.deny(OFFICER, R1, [REPORT]);
    stage.policy.allow(PARTNER, R2);
  });
});
afterEach(() => front.close());

const list = async (person: string, roles?: readonly string[]): Promise<Listed> =>
  (await front.get('/v1/recordings', front.as(person, roles))).json() as Listed;
const open = async (
  headers: Record<string, string>,
  id: string,
  body: unknown = { purpose: 'write_report', proof: 'p' },
) =>
  front.app.inject({
    method: 'POST',
    url: `/v1/recordings/${id}/open`,
    headers,
    ...(body === null ? {} : { payload: body as object }),
  });

describe('the list', () => {
  // Goal: each person sees their own and what they were given, with what is missing; a stranger sees nothing.
  it('shows what concerns the person and nothing else', async () => {
    expect((await list(OFFICER)).recordings).toMatchObject([
      {
        id: R1,
        camera: 'cam-1',
        transport: 'serial',
        officer: OFFICER,
        incident: '24-118842',
        status: 'held',
        missing: [REPORT],
        bytes: 600,
        chunks: 3,
        uncertaintyUs: 500,
        basis: 'local',
        regime: 'scripted',
        policySet: 'script',
        viewed: false,
      },
    ]);
    expect((await list(PARTNER)).recordings).toMatchObject([{ id: R2, status: 'released' }]);
    expect((await list(STRANGER)).recordings).toEqual([]);
  });

  // Goal: what was refused is known to those who must ask why it never came, to nobody else.
  it('shows the quarantine to supervisors only', async () => {
    const holding = front.stage.holdings.add(recording(3));
    front.stage.holdings.put({ ...holding, state: 'quarantined', reason: 'bad-manifest' });
    expect((await list(OFFICER)).quarantined).toEqual([]);
    expect((await list('7001', ['supervisor'])).quarantined).toMatchObject([
      { id: recording(3), reason: 'bad-manifest' },
    ]);
    expect((await list('7001', ['supervisor'])).recordings).toEqual([]);
  });

  it.each([
    ['no token', {}],
    ['a token of nobody', { authorization: 'Bearer nobody' }],
    ['another scheme', { authorization: 'Basic NDQxMTp4' }],
    ['a token in pieces', { authorization: 'Bearer a b' }],
  ])('is for nobody with %s', async (_, headers) => {
    for (const url of ['/v1/recordings', `/v1/recordings/${R1}`, '/v1/bays', '/v1/updates']) {
      expect((await front.get(url, headers as Record<string, string>)).status).toBe(401);
    }
  });

  // Goal: a token ends when it says so.
  it('is for nobody whose token ran out', async () => {
    const headers = front.as(OFFICER);
    front.stage.clock.advance(900_000);
    expect((await front.get('/v1/recordings', headers)).status).toBe(401);
  });
});

describe('the timeline', () => {
  // Goal: custody in plain words; people by their part, not by name.
  it('tells what happened to a recording', async () => {
    const session = JSON.parse((await open(front.as(PARTNER), R2)).body) as Opened;
    const headers = { ...front.as(PARTNER), 'holdfast-session': session.session };
    expect((await list(PARTNER)).recordings).toMatchObject([{ id: R2, viewed: false }]);
    await front.get(`/v1/recordings/${R2}/chunks/0`, headers);
    expect((await list(PARTNER)).recordings).toMatchObject([{ id: R2, viewed: true }]);
    const { timeline } = (await front.get(`/v1/recordings/${R2}`, headers)).json() as {
      timeline: { index: number; type: string; text: string }[];
    };
    expect(timeline.map(({ type }) => type)).toEqual(['accepted', 'released', 'granted', 'viewed']);
    expect(timeline[1]?.text).toBe('Released to you (regime scripted).');
    expect(timeline[2]?.text).toBe('Opened by you to write a report.');
    expect(JSON.stringify(timeline)).not.toContain(PARTNER);
  });
});

describe('an opening', () => {
  // Goal: everything a page needs to check for itself is in the answer. Method: check it as the page does.
  it('answers with proofs that hold', async () => {
    const answer = await open(front.as(PARTNER), R2);
    expect(answer.statusCode).toBe(200);
    const opened = JSON.parse(answer.body) as Opened;
    const manifestBytes = fromBase64(opened.manifest);
    const manifest = openManifest(manifestBytes, fromBase64(opened.camera.publicKey), checker);
    expect(fromBase64(opened.camera.publicKey)).toEqual(CAMERA_KEY.publicKey);
    for (const { entry, proof } of [opened, opened.accepted]) {
      verifyTlogProof(proof, { entry: fromBase64(entry), vkey: LEDGER_VKEY }, checker);
    }
    expect(decodeEntry(fromBase64(opened.accepted.entry))).toMatchObject({
      type: 'accepted',
      recording: R2,
      manifest: toHex(sha256(manifestBytes)),
    });
    expect(decodeEntry(fromBase64(opened.entry))).toMatchObject({
      type: 'granted',
      session: toHex(sha256(Buffer.from(opened.session))),
    });
    expect(opened).toMatchObject({ chunks: 3, range: [0, 3], mediaType: manifest.mediaType });
  });

  // Goal: a person with a stake learns why not; the same words as in the list.
  it('of what is withheld says what is missing', async () => {
    const answer = await open(front.as(OFFICER), R1);
    expect(answer.statusCode).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'withheld' }, missing: [REPORT] });
    front.stage.policy.silence('policy service cannot be reached');
    const silent = await open(front.as(OFFICER), R1);
    expect(silent.statusCode).toBe(403);
    expect(JSON.parse(silent.body)).toMatchObject({
      error: { code: 'policy-unreachable' },
      reason: 'policy service cannot be reached',
    });
  });

  // Goal: a stranger's attempt looks like one at nothing, and is on record all the same.
  it('by a stranger finds nothing and leaves a trace', async () => {
    const answer = await open(front.as(STRANGER), R1);
    const nothing = await open(front.as(STRANGER), recording(9));
    expect([answer.statusCode, answer.body]).toEqual([404, NOTHING]);
    expect([nothing.statusCode, nothing.body]).toEqual([404, NOTHING]);
    expect(await front.stage.story()).toContain('denied 5120');
  });

  it.each([
    ['no body', null],
    ['no proof', { purpose: 'write_report' }],
    ['an unknown purpose', { purpose: 'curiosity', proof: 'p' }],
    ['more than was asked', { purpose: 'write_report', proof: 'p', person: '4412' }],
    ['chunks that are none', { purpose: 'write_report', proof: 'p', chunks: [1] }],
    ['chunks backwards', { purpose: 'write_report', proof: 'p', chunks: [3, 1] }],
    ['no chunk', { purpose: 'write_report', proof: 'p', chunks: [1, 1] }],
    ['more chunks than can be', { purpose: 'write_report', proof: 'p', chunks: [0, 1e9] }],
    ['a proof without end', { purpose: 'write_report', proof: 'p'.repeat(9_000) }],
  ])('with %s is a bad request', async (_, body) => {
    expect((await open(front.as(PARTNER), R2, body)).statusCode).toBe(400);
  });

  it('with a body without end is cut off', async () => {
    expect((await open(front.as(PARTNER), R2, { proof: 'p'.repeat(20_000) })).statusCode).toBe(413);
  });
});

describe('content', () => {
  // Goal: the bytes exactly as stored, and nothing that a cache could keep.
  it('comes chunk by chunk under a session', async () => {
    const headers = front.as(PARTNER);
    const { session } = JSON.parse((await open(headers, R2)).body) as Opened;
    for (const [index, expected] of CHUNKS.entries()) {
      const answer = await front.app.inject({
        method: 'GET',
        url: `/v1/recordings/${R2}/chunks/${index}`,
        headers: { ...headers, 'holdfast-session': session },
      });
      expect(answer.statusCode).toBe(200);
      expect(new Uint8Array(answer.rawPayload)).toEqual(expected);
      expect(answer.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  // Goal: whatever is wrong, the answer is the same to the byte. Method: a live session, and every way round it.
  it('is not reachable in any other way, and always by the same answer', async () => {
    const own = front.as(PARTNER);
    const { session } = JSON.parse((await open(own, R2)).body) as Opened;
    const mine = { ...own, 'holdfast-session': session };
    const tries: readonly (readonly [string, Record<string, string>])[] = [
      [`/v1/recordings/${R2}/chunks/0`, own],
      [`/v1/recordings/${R2}/chunks/0`, { 'holdfast-session': session }],
      [`/v1/recordings/${R2}/chunks/0?session=${session}`, own],
      [`/v1/recordings/${R2}/chunks/0`, { ...own, 'holdfast-session': `${session.slice(1)}0` }],
      [`/v1/recordings/${R2}/chunks/0`, { ...front.as(OFFICER), 'holdfast-session': session }],
      [
        `/v1/recordings/${R2}/chunks/0`,
        { ...front.as('7001', ['chief', 'custodian']), 'holdfast-session': session },
      ],
      [`/v1/recordings/${R1}/chunks/0`, mine],
      [`/v1/recordings/${recording(9)}/chunks/0`, mine],
      [`/v1/recordings/${R2}/chunks/3`, mine],
      [`/v1/recordings/${R2}/chunks/-1`, mine],
      [`/v1/recordings/${R2}/chunks/00`, mine],
      [`/v1/recordings/${R2}/chunks/0.0`, mine],
      [`/v1/recordings/${R2}/chunks/1e0`, mine],
      [`/v1/recordings/${R2}/chunks/99999`, mine],
      [`/v1/recordings/${R2}/chunks/0/`, mine],
      [`/v1/recordings/${R2}/chunks`, mine],
      [`/v1/recordings/${R2}/chunks/%2e%2e%2f0`, mine],
      [`/v1/recordings/${R2.toUpperCase()}x/chunks/0`, mine],
      [`/v1/recordings/${R2}/content`, mine],
      [`/v1/recordings/${R2}.mp4`, mine],
      [`/v1/recordings/${R2}/manifest`, mine],
      [`/recordings/${R2}/chunks`, mine],
      [`/ledger/../recordings/${R2}/chunks`, mine],
      ['/ledger/log.db', mine],
      ['/ledger/tile/%2e%2e/log.db', mine],
      ['/ledger/vkey', mine],
      ['/assets/../../secret.txt', mine],
      ['/assets/%2e%2e%2f%2e%2e%2fsecret.txt', mine],
      [`/v1/recordings/${R2}%zz`, mine],
      [`/v1/recordings/${R2}%c0%80/chunks/0`, mine],
      [`/v1/recordings/${R2.repeat(9)}/chunks/0`, mine],
    ];
    for (const [url, headers] of tries) {
      const { status, body, headers: sent } = await front.get(url, headers);
      expect([url, status, body]).toEqual([url, 404, NOTHING]);
      expect(sent).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    }
    const head = await front.app.inject({
      method: 'HEAD',
      url: `/v1/recordings/${R2}/chunks/0`,
      headers: mine,
    });
    expect(head.statusCode).toBe(404);
  });

  // Goal: a range request cannot slice round a check: the whole chunk or nothing.
  it('ignores ranges', async () => {
    const own = front.as(PARTNER);
    const { session } = JSON.parse((await open(own, R2)).body) as Opened;
    const answer = await front.app.inject({
      method: 'GET',
      url: `/v1/recordings/${R2}/chunks/1`,
      headers: { ...own, 'holdfast-session': session, range: 'bytes=0-1' },
    });
    expect([answer.statusCode, answer.rawPayload.length]).toEqual([200, CHUNKS[1]?.length]);
  });

  // Goal: rot is said to be rot, to the one who may watch, and nothing of it is sent.
  it('that rotted on disk is refused', async () => {
    const own = front.as(PARTNER);
    const { session } = JSON.parse((await open(own, R2)).body) as Opened;
    front.stage.holdings.beforeRead = async () =>
      Promise.reject(Object.assign(new Error('digest'), { code: 'STORE_ROT' }));
    const { status, body } = await front.get(`/v1/recordings/${R2}/chunks/0`, {
      ...own,
      'holdfast-session': session,
    });
    expect([status, JSON.parse(body)]).toMatchObject([500, { error: { code: 'content-damaged' } }]);
    expect(front.problems).toHaveLength(1);
  });
});

describe('the open files', () => {
  it('are the page, the config and the read path of the ledger', async () => {
    expect((await front.get('/')).body).toContain('<title>page</title>');
    expect((await front.get('/assets/main-abc123.js')).headers['cache-control']).toMatch(/immutable/);
    expect((await front.get('/v1/config')).json()).toEqual({
      dock: 'dock-1',
      policyUrl: 'http://127.0.0.1:8700',
      origin: 'holdfast.local/dock-1',
      vkey: LEDGER_VKEY,
    });
    expect((await front.get('/ledger/checkpoint')).headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect((await front.get('/ledger/tile/0/000.p/3')).body).toBe('hashes');
    expect((await front.get('/ledger/tile/entries/x001/234')).body).toBe('entries');
    expect((await front.get('/healthz')).status).toBe(200);
  });

  // Goal: a tile that is not there yet is no fault of the dock, which would be logged for every stranger who asks.
  it('are not found where there are none', async () => {
    for (const url of ['/ledger/tile/0/999', '/ledger/tile/entries/x009/999', '/assets/none.js'])
      expect(await front.get(url)).toMatchObject({ status: 404, body: NOTHING });
    expect(front.problems).toEqual([]);
  });

  // Goal: the page runs its own script and nothing else.
  it('carry a policy without inline script', async () => {
    const { headers } = await front.get('/');
    const csp = String(headers['content-security-policy']);
    expect(csp).toContain("script-src 'self'");
    expect(csp).toContain('media-src blob:');
    expect(csp).toContain("connect-src 'self' http://127.0.0.1:8700");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).not.toContain('unsafe');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });
});

describe('bays', () => {
  it('show progress to all, the recording to those who answer for the dock', async () => {
    front.bays.push({
      name: 'bay 1',
      transport: 'serial',
      state: 'receiving',
      sinceUs: 0,
      recording: R1,
      durableBytes: 10,
      totalBytes: 20,
    });
    const seen = async (roles: readonly string[]): Promise<unknown> =>
      (await front.get('/v1/bays', front.as('7001', roles))).json();
    expect(await seen(['officer'])).toEqual({
      bays: [
        {
          ...{ name: 'bay 1', transport: 'serial', state: 'receiving', since: '1970-01-01T00:00:00.000000Z' },
          ...{ durableBytes: 10, totalBytes: 20 },
        },
      ],
    });
    expect(await seen(['dock_operator'])).toMatchObject({ bays: [{ recording: R1 }] });
  });
});
