import { generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthzen } from '../../../../dock/authzen/policy.ts';
import type { Policy, Question } from '../../../../dock/ports.ts';
import { isDockId, isPersonId, isRecordingId } from '../../../../proto/ids.ts';
import {
  denied,
  PolicyPeer,
  THUMBPRINT,
  type Asked,
  type PeerAnswer,
} from '../../../contract/policy-peer.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { checked } from '../../proto/fixture.ts';

const like = (words: RegExp): unknown => expect.stringMatching(words);

const clock = new ManualClock();
const nowS = (): number => Math.floor(clock.wallUs() / 1_000_000);
let peer: PolicyPeer;
let policy: Policy;

const question: Question = {
  person: checked('4411', isPersonId),
  recordingId: checked('00112233445566778899aabbccddeeff', isRecordingId),
  manifestSha256: new Uint8Array(32).fill(7),
  action: 'view',
  purpose: 'supplement_report',
};
const WISH = { token: 't', proof: 'p', keyThumbprint: THUMBPRINT, within: [0, 12] } as const;
const opening: Question = { ...question, opening: WISH };

beforeEach(async () => {
  peer = await PolicyPeer.start(nowS);
  peer.manifest = '07'.repeat(32);
  policy = await openAuthzen({
    url: peer.url,
    policyKey: peer.publicJwk,
    token: 'dock-token',
    issuer: 'https://policy.example',
    clock,
    keys: { dockId: checked('dock-1', isDockId), randomBytes: (count) => new Uint8Array(count).fill(9) },
  });
  const signed = peer.grant.bind(peer);
  peer.grant = async (asked, how) =>
    signed(asked, { ...how, claims: { iss: 'https://policy.example', ...how?.claims } });
});
afterEach(async () => {
  await policy.close();
  await peer.close();
});

describe('a verdict', () => {
  // Goal: a true grant is believed, with every field the dock needs. Method: the peer signs what was asked.
  it('is allow for a grant that answers the question', async () => {
    peer.evaluate = (asked) => peer.allowed(asked);
    const verdict = await policy.decide(question);
    expect(verdict).toMatchObject({
      verdict: 'allow',
      reason: 'permitted',
      grant: {
        id: `grant-${'09'.repeat(16)}`,
        regime: 'doj',
        policySet: 'set-1',
        newestFact: 7,
        chunkStart: 0,
        chunkEnd: 12,
      },
    });
  });

  // Goal: when the authorisation ends is told in what is left of it, whatever this dock's clock says.
  it('is allow until an authorisation ends', async () => {
    const untilS = nowS() + 90;
    peer.evaluate = (asked) => peer.allowed(asked, { claims: { authorisedUntil: untilS } });
    const authorised = { untilS, leftUs: 90_000_000 };
    expect(await policy.decide(question)).toMatchObject({ grant: { authorised } });
  });

  // Goal: an opening needs a grant of kind "open", bound to the page's key. Method: as above, with an opening.
  it('is allow for an opening that is bound to the key', async () => {
    peer.evaluate = (asked) => peer.allowed(asked);
    expect(await policy.decide(opening)).toMatchObject({ verdict: 'allow' });
  });

  // Goal: a deny comes through with its missing facts and nothing that we did not agree on.
  it('is deny with what is missing', async () => {
    const missing = [
      {
        fact: 'report.filed',
        incident: '24-118842',
        person: '4411',
        text: 'initial report of Officer 4411',
        html: '<b>',
      },
    ];
    peer.evaluate = async () => ({ body: denied('Waiting.', missing) });
    expect(await policy.decide(question)).toEqual({
      verdict: 'deny',
      reason: 'Waiting.',
      missing: [
        {
          fact: 'report.filed',
          incident: '24-118842',
          person: '4411',
          text: 'initial report of Officer 4411',
        },
      ],
      regime: 'doj',
      policySet: 'set-1',
      concerns: true,
      isStranger: false,
    });
  });

  // Goal: a person who waits for very much is told no, and the beginning of why, instead of "the service cannot be asked".
  it.each([
    [64, 64, 'Waiting.'],
    [65, 64, 'Waiting. And 1 more.'],
    [1_000, 64, 'Waiting. And 936 more.'],
  ])('is deny with %i facts missing: %i are kept', async (count, kept, reason) => {
    const missing = Array.from({ length: count }, (_, n) => ({
      fact: 'report.filed',
      incident: `24-${n}`,
      text: `initial report of Officer 4411 on incident 24-${n}, not yet filed`,
    }));
    peer.evaluate = async () => ({ body: denied('Waiting.', missing) });
    expect(await policy.decide(question)).toMatchObject({
      verdict: 'deny',
      reason,
      missing: missing.slice(0, kept),
    });
  });

  it('is no longer than a reason may be, with what more is missing at its end', async () => {
    const missing = Array.from({ length: 70 }, () => ({ fact: 'report.filed', text: 'r' }));
    peer.evaluate = async () => ({ body: denied('x'.repeat(1_000), missing) });
    const verdict = await policy.decide(question);
    expect(verdict).toMatchObject({ verdict: 'deny', reason: like(/^x{985,}… And 6 more\.$/) });
    expect(verdict.reason).toHaveLength(1_000);
  });

  // Goal: waiting to become a party is not being one, unless the service says so itself.
  it.each([
    { fact: 'officer.involved', standing: 'took-part', said: { concerns: true, isStranger: false } },
    { fact: 'report.filed', standing: 'none', said: { concerns: false, isStranger: true } },
    { fact: 'report.filed', standing: undefined, said: { concerns: true, isStranger: false } },
    { fact: 'officer.involved', standing: undefined, said: { concerns: false, isStranger: false } },
  ])('with $fact missing and standing $standing: $said', async ({ fact, standing, said }) => {
    peer.evaluate = async () => ({ body: denied('Waiting.', [{ fact, text: 'x' }], standing) });
    expect(await policy.decide(question)).toMatchObject(said);
  });
});

type Wrong = (asked: Asked) => Promise<PeerAnswer>;

const claiming =
  (claims: Record<string, unknown>): Wrong =>
  (asked) =>
    peer.allowed(asked, { claims });
const answering =
  (answer: PeerAnswer): Wrong =>
  async () =>
    answer;

/** Each way in which an answer can be wrong, and what a person is told. */
const WRONG: Readonly<Record<string, readonly [Wrong, RegExp]>> = {
  'another key': [
    async (asked) => peer.allowed(asked, { key: (await generateKeyPair('ES256')).privateKey }),
    /signature by an unknown key/,
  ],
  'another key id': [
    async (asked) => peer.allowed(asked, { header: { kid: 'other' } }),
    /signature by an unknown key/,
  ],
  'another kind of statement': [
    async (asked) => peer.allowed(asked, { header: { typ: 'holdfast-viewer+jwt' } }),
    /signed statement of another kind/,
  ],
  'no signature at all': [
    async (asked) => {
      const [, claims] = (await peer.grant(asked)).split('.');
      const grant = `${Buffer.from('{"alg":"none","typ":"holdfast-grant+jwt"}').toString('base64url')}.${claims}.`;
      return { body: { decision: true, context: { reason: '', regime: 'doj', grant } } };
    },
    /signed statement|not allowed/,
  ],
  'a changed claim under a true signature': [
    async (asked) => {
      const [header, , signature] = (await peer.grant(asked)).split('.');
      const claims = Buffer.from(JSON.stringify({ sub: asked.subject.id })).toString('base64url');
      return {
        body: {
          decision: true,
          context: { reason: '', regime: 'doj', grant: `${header}.${claims}.${signature}` },
        },
      };
    },
    /signature by an unknown key/,
  ],
  'another issuer': [claiming({ iss: 'https://elsewhere.example' }), /another issuer/],
  'another dock': [claiming({ aud: 'dock-2' }), /another dock/],
  'another person': [claiming({ sub: '4412' }), /another person/],
  'another recording': [claiming({ recording: 'ff'.repeat(16) }), /another recording/],
  'another manifest': [claiming({ manifest: 'ff'.repeat(32) }), /another manifest/],
  'another action': [claiming({ action: 'export' }), /another action/],
  'another purpose': [claiming({ purpose: 'oversight' }), /another purpose/],
  'an older question': [claiming({ nonce: '00'.repeat(16) }), /another question/],
  'no nonce': [claiming({ nonce: undefined }), /another question/],
  'the other kind of use': [claiming({ kind: 'open' }), /another kind of use/],
  'an expired grant': [claiming({ iat: nowS() - 100, exp: nowS() - 40 }), /expired/],
  'a grant from the future': [claiming({ iat: nowS() + 60, exp: nowS() + 100 }), /not yet valid/],
  'a grant for a year': [claiming({ exp: nowS() + 31_536_000 }), /unbelievable age/],
  'a grant without an end': [claiming({ exp: undefined }), /unbelievable age/],
  'a grant without an id': [claiming({ jti: undefined }), /malformed grant/],
  'a grant with an id of spaces': [claiming({ jti: 'a b' }), /malformed grant/],
  'a grant of chunks backwards': [claiming({ chunks: [5, 1] }), /malformed grant/],
  'a grant with an end that is no time': [claiming({ authorisedUntil: 'soon' }), /malformed grant/],
  'a grant of no chunks': [claiming({ chunks: undefined }), /malformed grant/],
  'an allow without a grant': [
    answering({ body: { decision: true, context: { reason: 'yes' } } }),
    /malformed/,
  ],
  'a deny with a grant': [
    async (asked) => ({
      body: {
        ...Object(denied('no', [])),
        decision: false,
        context: { reason: 'no', missing: [], regime: 'doj', grant: await peer.grant(asked) },
      },
    }),
    /malformed/,
  ],
  'a decision that is text': [
    answering({ body: { decision: 'true', context: { reason: 'yes' } } }),
    /malformed/,
  ],
  'no context': [answering({ body: { decision: false } }), /malformed/],
  'more missing facts than anybody waits for': [
    answering({ body: denied('no', Array.from({ length: 1_001 }).fill({ fact: 'report.filed', text: '' })) }),
    /malformed/,
  ],
  'missing facts that are none': [answering({ body: denied('no', ['report.filed']) }), /malformed/],
  'a list': [answering({ body: [] }), /malformed/],
  'not JSON': [answering({ body: '<html>' }), /not JSON/],
  'far too much': [answering({ body: 'x'.repeat(300_000) }), /more than it should/],
  'an error of its own': [answering({ status: 500, body: {} }), /answered 500/],
  'not knowing this dock': [answering({ status: 401, body: {} }), /does not know this dock/],
  'a redirect': [answering({ status: 302, body: {} }), /answered 302|cannot be reached/],
  'hanging up': [answering('hang-up'), /cannot be reached/],
};

describe('anything off is unreachable, in words', () => {
  // Goal: no answer but a true one opens anything, and a person learns what was wrong. Method: a table of lies.
  it.each(Object.entries(WRONG))('%s', async (_, [wrong, words]) => {
    peer.evaluate = wrong;
    const verdict = await policy.decide(question);
    expect(verdict.verdict).toBe('unreachable');
    expect(verdict.reason).toMatch(/^policy service /);
    expect(verdict.reason).toMatch(words);
  });

  // Goal: an opening opens what was asked for and is held, at most. Method: every way to be wider, or to be nothing.
  it.each([
    [[0, 13], /other chunks/],
    [[2, 12], undefined],
    [[1, 12], /other chunks/],
    [[2, 13], /other chunks/],
    [[4, 6], undefined],
    [[12, 13], /other chunks/],
    [[0, 0], /other chunks/],
    [[5, 5], /other chunks/],
    [[2, 4_000_000_000], /other chunks/],
    [[2.5, 6], /malformed/],
  ])('a grant for chunks %j where 2 to 12 were asked for', async (chunks, words) => {
    peer.evaluate = (asked) => peer.allowed(asked, { claims: { chunks } });
    const part = { ...opening, opening: { ...WISH, chunks: [3, 12], within: [2, 12] } } as const;
    const verdict = await policy.decide(part);
    if (words === undefined) {
      expect(verdict).toMatchObject({ grant: { chunkStart: chunks[0], chunkEnd: chunks[1] } });
      return;
    }
    expect(verdict).toMatchObject({ verdict: 'unreachable', reason: like(words) });
  });

  // Goal: what the page signed is what the service hears.
  it('asks for the very chunks that were asked for', async () => {
    const heard: unknown[] = [];
    peer.evaluate = (asked) => {
      heard.push(asked.context);
      return peer.allowed(asked);
    };
    await policy.decide({ ...opening, opening: { ...WISH, chunks: [3, 12] } });
    await policy.decide(opening);
    expect(heard).toMatchObject([{ chunks: [3, 12] }, {}]);
    expect(heard[1]).not.toHaveProperty('chunks');
  });

  // Goal: the token of one page cannot be used with the grant of another.
  it.each([[{ cnf: { jkt: 'x'.repeat(43) } }], [{ cnf: undefined }], [{ kind: 'release' }]])(
    'an opening with %o',
    async (claims) => {
      peer.evaluate = claiming(claims);
      expect(await policy.decide(opening)).toMatchObject({ verdict: 'unreachable' });
    },
  );

  // Goal: slow is down. Method: the peer never answers; two seconds of manual time pass once it was asked.
  it('a service that does not answer within 2 s', async () => {
    const asked = new Promise<void>((resolve) => {
      peer.evaluate = async () => {
        resolve();
        return 'hang';
      };
    });
    const verdict = policy.decide(question);
    await asked;
    clock.advance(1_999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await verdict).toEqual({
      verdict: 'unreachable',
      reason: 'policy service did not answer within 2 s',
    });
    expect(clock.pending).toBe(0);
  });

  it('nobody listening', async () => {
    await peer.close();
    expect(await policy.decide(question)).toMatchObject({
      verdict: 'unreachable',
      reason: like(/cannot be reached/),
    });
  });
});
