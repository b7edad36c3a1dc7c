import { createHash } from 'node:crypto';
import { generateKeyPair, type CryptoKey, type JWTPayload } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRetentionDesk, type RetentionDesk } from '../../../../dock/authzen/retention.ts';
import { canonicalJson } from '../../../../proto/canonical-json.ts';
import { isDockId } from '../../../../proto/ids.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { type Asked, denied, PolicyPeer } from '../../../contract/policy-peer.ts';
import { checked, recordingId } from '../../proto/fixture.ts';

// Goal: only a true grant for this very question lets anything be destroyed; whatever else the service says is a no or silence.
// Method: a real server whose answers can be wrong in every way.

const clock = new ManualClock();
const nowS = (): number => Math.floor(clock.wallUs() / 1_000_000);
const manifest = 'ab'.repeat(32);
const QUESTION = { recordingId, manifest, days: 180 };
const like = (words: RegExp): string => expect.stringMatching(words) as string;

let peer: PolicyPeer;
let desk: RetentionDesk;
beforeEach(async () => {
  peer = await PolicyPeer.start(nowS);
  desk = await openRetentionDesk({
    ...{ url: peer.url, policyKey: peer.publicJwk, token: 'dock-token', clock },
    keys: { dockId: checked('dock-1', isDockId), randomBytes: (count) => new Uint8Array(count) },
  });
});
afterEach(() => peer.close());

interface Wrong {
  readonly claims?: JWTPayload & Record<string, unknown>;
  readonly typ?: string;
  readonly key?: CryptoKey;
}

/** Answers with a grant as the service makes it, with one thing in it wrong. */
function allow({ claims = {}, typ = 'holdfast-grant+jwt', key }: Wrong = {}): void {
  peer.evaluate = async (asked: Asked) => {
    const { dock, nonce, purpose } = asked.context;
    const said = {
      ...{ iss: peer.url, aud: dock, sub: dock, jti: 'grant-1', iat: nowS(), exp: nowS() + 60 },
      ...{
        kind: 'delete',
        action: asked.action.name,
        recording: asked.resource.id,
        manifest,
        purpose,
        nonce,
      },
      ...claims,
    };
    const grant = await peer.sign(said, { header: { typ }, ...(key === undefined ? {} : { key }) });
    return { body: { decision: true, context: { reason: 'Its time is over.', missing: [], grant } } };
  };
}

describe('may it be destroyed?', () => {
  test('yes, by a true grant', async () => {
    allow();
    expect(await desk.mayDestroy(QUESTION)).toMatchObject({
      ...{ verdict: 'allow', reason: 'Its time is over.', grant: like(/^ey/) },
    });
  });

  test('asks as a dock, with its own rule', async () => {
    let asked: unknown;
    peer.evaluate = async (question) => {
      asked = question;
      return { body: denied('It is young.', []) };
    };
    expect(await desk.mayDestroy(QUESTION)).toEqual({ verdict: 'deny', reason: 'It is young.' });
    expect(asked).toEqual({
      subject: { type: 'dock', id: 'dock-1' },
      action: { name: 'delete' },
      resource: { type: 'recording', id: recordingId },
      context: { purpose: 'retention', dock: 'dock-1', nonce: '00'.repeat(16), days: 180 },
    });
  });

  test.each<readonly [string, () => Promise<Wrong> | Wrong, RegExp]>([
    ['to view', () => ({ claims: { kind: 'open', action: 'view' } }), /another kind/],
    ['for another recording', () => ({ claims: { recording: 'f'.repeat(32) } }), /another recording/],
    ['for another manifest', () => ({ claims: { manifest: 'f'.repeat(64) } }), /another manifest/],
    ['for another dock', () => ({ claims: { aud: 'dock-2' } }), /another aud/],
    ['for another question', () => ({ claims: { nonce: 'ff'.repeat(16) } }), /another nonce/],
    ['for another purpose', () => ({ claims: { purpose: 'oversight' } }), /another purpose/],
    ['that is old', () => ({ claims: { iat: nowS() - 200, exp: nowS() - 140 } }), /expired/],
    ['of another kind of paper', () => ({ typ: 'holdfast-viewer+jwt' }), /another kind/],
    ['of another key', async () => ({ key: (await generateKeyPair('ES256')).privateKey }), /unknown key/],
  ])('not by a grant %s', async (_, wrong, words) => {
    allow(await wrong());
    expect(await desk.mayDestroy(QUESTION)).toEqual({ verdict: 'unreachable', reason: like(words) });
  });

  test.each([
    ['a yes without a grant', { body: { decision: true, context: { reason: 'yes' } } }, /malformed/],
    ['a broken connection', 'hang-up' as const, /cannot be reached/],
    ['an error', { status: 500, body: {} }, /500/],
    ['a refusal', { status: 403, body: { error: { message: 'who are you?' } } }, /403: who are you/],
  ])('not by %s', async (_, answer, words) => {
    peer.evaluate = async () => answer;
    expect(await desk.mayDestroy(QUESTION)).toEqual({ verdict: 'unreachable', reason: like(words) });
  });
});

describe('telling that it was destroyed', () => {
  const told = { recordingId, manifest, entry: 9, at: '2026-11-21T08:00:00.000000Z' };

  test('sends the same fact each time', async () => {
    expect(await desk.destroyed(told)).toBeUndefined();
    peer.factStatus = 200;
    expect(await desk.destroyed(told)).toBeUndefined();
    expect(peer.facts[0]).toEqual(peer.facts[1]);
    expect(peer.facts[0]).toEqual({
      ...{ id: `destroyed/${recordingId}`, type: 'recording.destroyed', at: told.at },
      ...{ recording: recordingId, manifestHash: manifest, entry: 9 },
    });
  });

  test.each([400, 403, 409, 500])('is not done when the service answers %d', async (status) => {
    peer.factStatus = status;
    expect(await desk.destroyed(told)).toMatch(String(status));
  });

  // Goal: a recording counts as told of only when the service says where the fact is.
  test.each([{}, { ok: true }, { index: 'last' }, []])('is not done when the answer is %j', async (body) => {
    peer.factBody = () => body;
    expect(await desk.destroyed(told)).toMatch(/without the index/);
  });
});

describe('listing facts', () => {
  const entry = (index: number, fact: object): object => ({
    ...{ index, source: 'records', receivedAt: '2026-11-21T08:00:00Z' },
    fact: {
      id: `h-${index}`,
      type: 'hold.placed',
      recording: recordingId,
      by: 'court',
      reason: 'x',
      ...fact,
    },
  });

  test('gives each with its digest', async () => {
    peer.list = { facts: [entry(4, {}), entry(9, { type: 'hold.lifted' })] };
    const [placed, lifted] = (await desk.listed(['hold.placed', 'hold.lifted'], 3)) as readonly object[];
    const digest = createHash('sha256')
      .update(canonicalJson(entry(4, {})))
      .digest('hex');
    expect(placed).toEqual({ index: 4, type: 'hold.placed', recording: recordingId, by: 'court', digest });
    expect(lifted).toMatchObject({ index: 9, type: 'hold.lifted' });
    expect(peer.requests).toEqual(['GET /v1/facts?type=hold.placed&type=hold.lifted&after=3']);
  });

  test.each([
    ['a fact that cannot be read', { facts: [entry(4, {}), { index: 5 }] }],
    ['a fact that was not asked for', { facts: [entry(4, { type: 'report.filed' })] }],
    ['something else', { error: 'no' }],
  ])('takes %s for silence', async (_, list) => {
    peer.list = list;
    expect(await desk.listed(['hold.placed'], 0)).toEqual({ failed: like(/cannot be read/) });
  });
});
