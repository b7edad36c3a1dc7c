import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signGrant, type GrantClaims } from '../../../../../dock/policy/custodian/grant.ts';
import { toBase64 } from '../../../../../proto/bytes.ts';
import { encodeEntry } from '../../../../../proto/custody-entry.ts';
import { signManifest } from '../../../../../proto/manifest.ts';
import { CAMERA_KEY, fill, manifestOf, recordingId } from '../../../proto/fixture.ts';
import { fact } from '../story.ts';
import { dockLedger, keyRequest, pagePair, registered, sealedRecording } from './sealed.ts';
import { DOCK_TOKEN, LINKED, RECORDER, REGISTERED, TestPage, TestService } from './service.ts';

// Goal: a grant covers ten minutes and no more, and only what the page itself asked for; keys come for that alone.
// Method: the whole service; a recording of seven fragments of four minutes; openings with every kind of range.

const ASKED = { purpose: 'supplement_report', dock: 'dock-1', nonce: 'ab'.repeat(16) };
const FOUR_MINUTES_MS = 240_000;

let town: TestService;
let page: TestPage;
beforeEach(async () => {
  town = await TestService.start();
  page = await TestPage.open(town);
});
afterEach(() => town.stop());

/** The officer's report is filed, and a recording of an initialisation segment and fragments of two chunks is on file. */
async function held(): Promise<void> {
  const whole = manifestOf(Array.from({ length: 15 }, (_, index) => fill(100, index)));
  const chunks = whole.chunks.map((info, index) => ({
    ...info,
    mediaStartMs: index === 0 ? 0 : Math.floor((index - 1) / 2) * FOUR_MINUTES_MS,
    mediaMs: index === 0 ? 0 : FOUR_MINUTES_MS,
    endOfFragment: index % 2 === 0,
  }));
  const signed = signManifest({ ...whole, chunks }, CAMERA_KEY.sign);
  const manifestHash = createHash('sha256').update(signed).digest('hex');
  const registration = { ...REGISTERED, manifestHash, manifest: toBase64(signed) };
  await town.post('/v1/facts', registration, { token: DOCK_TOKEN });
  await released();
}

const released = (): Promise<void> => town.tell(LINKED, fact('report.filed', { person: RECORDER }));

/** What comes of asking for `chunks`, when the page has signed `signed`. */
async function open(chunks: unknown, signed: unknown = chunks) {
  const proof = await page.proof(signed === undefined ? {} : { chunks: signed });
  const opening = { token: await page.token(RECORDER), proof };
  const context = { ...ASKED, opening, ...(chunks === undefined ? {} : { chunks }) };
  const answer = await town.evaluate(RECORDER, context, DOCK_TOKEN);
  const grant = answer.context?.['grant'];
  return { ...answer, chunks: typeof grant === 'string' ? decodeJwt(grant)['chunks'] : undefined };
}

describe('an opening', () => {
  beforeEach(held);

  test.each([
    ['nothing in particular', undefined, [0, 5]],
    ['everything', [0, 15], [0, 5]],
    ['the next ten minutes', [5, 15], [5, 9]],
    ['the last ones', [13, 15], [13, 15]],
    ['one fragment', [3, 5], [3, 5]],
    ['a part of a fragment', [4, 5], [3, 5]],
    ['less than a fragment', [3, 4], [3, 5]],
    ['nothing', [3, 3], [3, 5]],
    ['only the initialisation segment', [0, 1], [0, 3]],
    ['what lies past the end', [99, 200], [13, 15]],
    ['more than there is', [9, 200], [9, 13]],
    ['an end before the start', [9, 3], [9, 11]],
  ])('for %s covers whole fragments of at most ten minutes', async (_what, chunks, granted) => {
    expect(await open(chunks)).toMatchObject({ decision: true, chunks: granted });
  });

  // Goal: an operator may grant less.
  test('covers no more than this service was told to', async () => {
    Object.assign(town.service, { grantMediaMs: FOUR_MINUTES_MS });
    expect((await open([1, 15])).chunks).toEqual([1, 3]);
  });

  // Goal: who carries the request can change nothing in it.
  test.each([
    ['wider than signed', [0, 15], [0, 3]],
    ['narrower than signed', [0, 3], [0, 15]],
    ['somewhere else', [5, 7], [3, 5]],
    ['that nobody signed', [3, 5], null],
    ['that was signed as something else', [3, 5], '3-5'],
    ['of three', [3, 5], [3, 5, 7]],
  ])('for a range %s is refused', async (_what, chunks, signed) => {
    const answer = await open(chunks, signed);
    expect(answer).toMatchObject({ decision: false, chunks: undefined });
    expect(answer.context['reason']).toContain('other chunks');
  });

  test('for everything, of a page that asked for a part, is refused', async () => {
    const proof = await page.proof({ chunks: [3, 5] });
    const opening = { token: await page.token(RECORDER), proof };
    const answer = await town.evaluate(RECORDER, { ...ASKED, opening }, DOCK_TOKEN);
    expect(answer).toMatchObject({ decision: false });
    expect(answer.context['reason']).toContain('other chunks');
  });

  test.each([[[-1, 3]], [[0.5, 3]], [[3]], ['3-5'], [[1, 2, 3]]])(
    'for %j is not understood',
    async (chunks) => {
      const opening = { token: await page.token(RECORDER), proof: await page.proof({ chunks }) };
      const context = { ...ASKED, opening, chunks };
      const subject = { type: 'person', id: RECORDER };
      const resource = { type: 'recording', id: recordingId };
      const body = { subject, resource, action: { name: 'view' }, context };
      expect((await town.post('/access/v1/evaluation', body, { token: DOCK_TOKEN })).status).toBe(400);
    },
  );
});

describe('keys', () => {
  // Goal: no keys for anything that this service would not grant. Method: its own signature under other ranges.
  test.each([
    [[0, 3], 200],
    [[0, 2], 403],
    [[1, 2], 403],
    [[0, 4], 403],
    [[2, 3], 403],
    [[3, 3], 403],
    [[0, 1], 403],
    [[-1, 3], 403],
  ] as const)('for chunks %j: %i', async (chunks, status) => {
    const sealed = await sealedRecording(town.service.custodian);
    await town.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
    await released();
    const { jkt } = decodeJwt(await page.token(RECORDER))['cnf'] as { jkt: string };
    const claims: GrantClaims = {
      ...{ id: 'grant-1', kind: 'open', dock: 'dock-1', person: RECORDER, recording: recordingId },
      ...{ manifest: sealed.manifestHash, purpose: ASKED.purpose, policySet: 'set', regime: 'doj' },
      ...{ newestFact: 1, nonce: ASKED.nonce, thumbprint: jkt, chunks },
    };
    const grant = await signGrant(town.service.issuer, claims, town.time.nowMs);
    const entry = encodeEntry({
      ...{ type: 'granted', at: '2026-11-21T08:00:00.000000Z', recording: recordingId },
      ...{ person: '0f'.repeat(32), purpose: ASKED.purpose, session: 'ee'.repeat(32), keyThumbprint: jkt },
      ...{ grant: createHash('sha256').update(grant).digest('hex'), grantId: claims.id },
    });
    const ledger = dockLedger();
    const index = await ledger.appendOnce('granted/grant-1', entry);
    const opening = { grant, entry, proof: await ledger.prove(index), index };
    const { jwk } = await pagePair();
    const answer = await town.post(
      '/v1/keys',
      { request: await keyRequest({ page, jwk }, opening) },
      { token: '' },
    );
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.body['range']).toEqual(chunks);
    else expect(answer.body).toMatchObject({ error: { code: 'bad-grant' } });
  });
});
