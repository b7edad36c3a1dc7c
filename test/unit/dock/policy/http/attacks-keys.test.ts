import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { OpenError } from '@hpke/core';
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { signGrant, type GrantClaims } from '../../../../../dock/policy/custodian/grant.ts';
import { hpkeOpen } from '../../../../../dock/policy/custodian/hpke.ts';
import { LedgerError } from '../../../../../dock/ledger/errors.ts';
import { fromBase64, toBase64, utf8 } from '../../../../../proto/bytes.ts';
import { encodeEntry } from '../../../../../proto/custody-entry.ts';
import { isRecordingId } from '../../../../../proto/ids.ts';
import { keysInfo } from '../../../../../proto/key-range.ts';
import { checked, LEDGER_VKEY, recordingId, testKey } from '../../../proto/fixture.ts';
import { fact, NOW_MS } from '../story.ts';
import { ASKED, AttackScene, onScene } from './attack-scene.ts';
import { attackTable, type Attack, type Refused, type Stage } from './attack-table.ts';
import { dockLedger, keyRequest, pagePair, registered, sealedRecording, type Opening } from './sealed.ts';
import { DOCK_TOKEN, ISSUER, RECORDER, TestPage } from './service.ts';

// Goal: the attack table of the release, part of the keys: whoever shows the custodian anything but a true grant, used by the page it
// binds, in a dock's ledger that only grew, gets no key, is told why, and leaves no giving on record. Method: the whole service over real
// databases; for each attack a scene of its own in which only that one thing is wrong.

type Keys = Attack<AttackScene>;
const BAD_GRANT = [403, 'bad-grant', /not one of ours/] as const;
const OTHER_RECORDING = checked('f0'.repeat(16), isRecordingId);

const claimsOf = (grant: string): Record<string, unknown> => decodeJwt(grant);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The page's opening with this grant in the place of the true one, and a ledger entry that fits it. */
async function withGrant(scene: AttackScene, grant: string): Promise<Opening> {
  const { jti, cnf } = claimsOf(grant) as { jti: string; cnf: { jkt: string } };
  const entry = encodeEntry({
    ...{ type: 'granted', at: '2026-11-21T08:00:00.000000Z', recording: recordingId },
    ...{ person: '0f'.repeat(32), purpose: ASKED.purpose, session: 'ee'.repeat(32) },
    ...{ keyThumbprint: cnf.jkt, grant: createHash('sha256').update(grant).digest('hex'), grantId: jti },
  });
  const index = await scene.ledger.appendOnce(grant, entry);
  return { grant, entry, proof: await scene.ledger.prove(index), index };
}

/** A true grant with these claims changed and its signature left alone. */
const changed =
  (claims: object): Keys =>
  async (scene) => {
    const { grant } = await scene.open();
    const [header, , signature] = grant.split('.');
    const forged = `${header}.${part({ ...claimsOf(grant), ...claims })}.${signature}`;
    return scene.withheld(await scene.askFor(await withGrant(scene, forged)), BAD_GRANT);
  };

/** What the service itself would sign, by this key. */
async function signed(scene: AttackScene, changes: Partial<GrantClaims>, foreign = false): Promise<Opening> {
  const { issuer } = scene.town.service;
  const claims: GrantClaims = {
    ...{ id: 'grant-1', kind: 'open', dock: 'dock-1', person: RECORDER, recording: recordingId },
    ...{ manifest: scene.sealed.manifestHash, purpose: ASKED.purpose, policySet: 'set', regime: 'doj' },
    ...{ newestFact: 1, nonce: ASKED.nonce, thumbprint: await scene.page.thumbprint(), chunks: [0, 3] },
    ...changes,
  };
  const { privateKey } = foreign ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : issuer.key;
  const by = { url: issuer.url, key: { ...issuer.key, privateKey } };
  return withGrant(scene, await signGrant(by, claims, scene.town.time.nowMs));
}

const GRANTS: Readonly<Record<string, Keys>> = {
  'forged grant: not signed (alg none)': async (scene) => {
    const { grant } = await scene.open();
    const forged = `${part({ alg: 'none', typ: 'holdfast-grant+jwt' })}.${grant.split('.')[1]}.`;
    return scene.withheld(await scene.askFor(await withGrant(scene, forged)), BAD_GRANT);
  },
  'forged grant: the public key taken for a shared secret (HS256)': async (scene) => {
    const { grant } = await scene.open();
    const said = `${part({ alg: 'HS256', typ: 'holdfast-grant+jwt' })}.${grant.split('.')[1]}`;
    const secret = JSON.stringify(scene.town.service.issuer.key.jwk);
    const forged = `${said}.${createHmac('sha256', secret).update(said).digest('base64url')}`;
    return scene.withheld(await scene.askFor(await withGrant(scene, forged)), BAD_GRANT);
  },
  'wrong key: a grant by another service': async (scene) => {
    expect((await scene.askFor(await signed(scene, { id: 'honest' }))).status).toBe(200);
    const answer = await scene.askFor(await signed(scene, {}, true));
    return scene.withheld(answer, BAD_GRANT, [true]);
  },
  'forged grant: made out to another person': changed({ sub: '5522' }),
  'forged grant: made out for another recording': changed({ recording: OTHER_RECORDING }),
  'forged grant: made out for another range': changed({ chunks: [0, 99] }),
  'forged grant: made out to another viewer key': async (scene) => {
    const { grant } = await scene.open();
    const [header, , signature] = grant.split('.');
    const thief = await TestPage.open(scene.town);
    const claims = { ...claimsOf(grant), cnf: { jkt: await thief.thumbprint() } };
    const opening = await withGrant(scene, `${header}.${part(claims)}.${signature}`);
    const request = await keyRequest({ page: thief, jwk: scene.mine.jwk }, opening);
    return scene.withheld(await scene.ask(request), BAD_GRANT);
  },
  'forged grant: with the hash of another policy set': changed({ policySet: 'f'.repeat(64) }),
  'grant for another viewer key: used by this page': async (scene) => {
    const opening = await scene.open();
    const thief = await TestPage.open(scene.town);
    const request = await keyRequest({ page: thief, jwk: scene.mine.jwk }, opening);
    return scene.withheld(await scene.ask(request), [
      403,
      'other-signer',
      /another key than the one the grant/,
    ]);
  },
  'grant for another person: true, but they may not view': async (scene) => {
    const answer = await scene.askFor(await signed(scene, { person: '5522' }));
    return scene.withheld(answer, [403, 'withheld', /no part in/], [false]);
  },
  "grant for another recording: with this one's ledger entry": async (scene) => {
    const answer = await scene.askFor(await signed(scene, { recording: OTHER_RECORDING }));
    return scene.withheld(answer, [403, 'bad-entry', /does not say that this grant was used/]);
  },
  'grant for another manifest of the recording': async (scene) => {
    const answer = await scene.askFor(await signed(scene, { manifest: 'f'.repeat(64) }));
    return scene.withheld(answer, [403, 'bad-grant', /another manifest than the one on file/]);
  },
  'the answer overheard: keys for one page opened with the key of another': async (scene) => {
    const { status, body } = await scene.askFor(await scene.open());
    expect(status).toBe(200);
    const { enc, ciphertext } = body as { enc: string; ciphertext: string };
    const info = keysInfo({ recording: recordingId, start: 0, end: 3 });
    const { pair } = await pagePair();
    const opened = hpkeOpen({ enc: fromBase64(enc), ciphertext: fromBase64(ciphertext) }, { pair, info });
    const failure: unknown = await opened.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenError);
    return { by: 'HPKE', reason: 'the keys are sealed to the page that asked and open for no other' };
  },
  'grant of kind release': async (scene) => {
    const answer = await scene.askFor(await signed(scene, { kind: 'release' }));
    return scene.withheld(answer, [403, 'bad-grant', /opens nothing/]);
  },
  'grant for another range: wider, under the true signature': async (scene) => {
    const answer = await scene.askFor(await signed(scene, { chunks: [0, 4] }));
    return scene.withheld(answer, [403, 'bad-grant', /chunks that no grant is for/]);
  },
  'expired grant': async (scene) => {
    const opening = await scene.open();
    scene.town.time.nowMs += 60_000;
    return scene.withheld(await scene.askFor(opening), [403, 'grant-expired', /older than a minute/]);
  },
  'replayed grant: a second request': async (scene) => {
    const opening = await scene.open();
    expect((await scene.askFor(opening)).status).toBe(200);
    return scene.withheld(await scene.askFor(opening), [409, 'grant-used', /another request/], [true]);
  },
  'replayed grant: a second request, after a restart': async (scene) => {
    const opening = await scene.open();
    expect((await scene.askFor(opening)).status).toBe(200);
    const request = await scene.sign(opening);
    await scene.restart();
    return scene.withheld(await scene.ask(request), [409, 'grant-used', /another request/], [true]);
  },
  'replayed request: the very same one, a minute later': async (scene) => {
    const request = await scene.sign(await scene.open());
    expect((await scene.ask(request)).status).toBe(200);
    scene.town.time.nowMs += 61_000;
    return scene.withheld(
      await scene.ask(request),
      [400, 'bad-key-request', /within the last minute/],
      [true],
    );
  },
};

async function grow({ ledger }: AttackScene, count: number): Promise<void> {
  const { size } = await ledger.checkpoint();
  for (let at = size; at < size + count; at += 1) await ledger.appendOnce(`more/${at}`, utf8(`entry ${at}`));
}

/** Keys were given on a tree of three entries; then the dock shows another history. */
async function forked(scene: AttackScene, more: number): Promise<Refused> {
  await grow(scene, 2);
  expect((await scene.askFor(await scene.open())).status).toBe(200);
  scene.ledger = dockLedger();
  await scene.ledger.appendOnce('other', utf8('another history'));
  await grow(scene, 1 + more);
  const opening = await scene.open();
  const hashes = (await scene.ledger.proveConsistency(3)).map(toBase64);
  const answer = await scene.askFor(opening, { claims: { consistency: { from: 3, hashes } } });
  const refused = scene.withheld(answer, [403, 'ledger-forked', /./], [true, false]);
  const rows = scene.town.service.keyBook.about(recordingId);
  expect(rows[1]?.answer).toMatchObject({ code: 'LEDGER_FORKED', seenBefore: { size: 3 } });
  expect(scene.town.reported).toMatchObject([{ code: 'LEDGER_FORKED' }]);
  expect(scene.town.service.keyBook.head(LEDGER_VKEY)?.size).toBe(3);
  return refused;
}

const BAD_ENTRY = [403, 'bad-entry', /does not say that this grant was used by this page/] as const;
const entrySaying =
  (changes: object): Keys =>
  async (scene) =>
    scene.withheld(await scene.askFor(await scene.open({ ...changes })), BAD_ENTRY);

const LEDGERS: Readonly<Record<string, Keys>> = {
  "grant not in the dock's ledger": async (scene) => {
    const [first, second] = [await scene.open(), await scene.open()];
    const answer = await scene.askFor({ ...second, proof: first.proof });
    return scene.withheld(answer, [403, 'bad-ledger-proof', /./]);
  },
  'grant in a ledger under another key': async (scene) => {
    scene.ledger = dockLedger(testKey(9));
    return scene.withheld(await scene.askFor(await scene.open()), [403, 'bad-ledger-proof', /./]);
  },
  'entry about another grant': entrySaying({ grant: 'ab'.repeat(32) }),
  'entry about another recording': entrySaying({ recording: OTHER_RECORDING }),
  'entry that names another viewer key': entrySaying({ keyThumbprint: 'another' }),
  'ledger of a dock that is not enrolled': async (scene) => {
    const answer = await scene.askFor(await signed(scene, { dock: 'dock-9' }));
    return scene.withheld(answer, [403, 'unknown-dock', /no dock dock-9/]);
  },
  "dock's ledger rolled back": async (scene) => {
    await grow(scene, 5);
    expect((await scene.askFor(await scene.open())).status).toBe(200);
    scene.ledger.setBack(3);
    const hashes = [toBase64(new Uint8Array(32))];
    const opening = await scene.open();
    const answer = await scene.askFor(opening, { claims: { consistency: { from: 4, hashes } } });
    const refused = scene.withheld(answer, [409, 'consistency-needed', /the one of 6 entries/], [true]);
    expect(scene.town.service.keyBook.head(LEDGER_VKEY)?.size).toBe(6);
    return refused;
  },
  "dock's ledger forked, at the same size": (scene) => forked(scene, 0),
  "dock's ledger forked, and longer": (scene) => forked(scene, 2),
};

const RULES_LATER = [
  { agency: '', regime: 'doj', fromMs: 0 },
  { agency: '', regime: 'city', fromMs: NOW_MS + 30_000 },
] as const;

const RECORDINGS: Readonly<Record<string, Keys>> = {
  'wraps registered under another recording': async ({ town, sealed }) => {
    const other = await sealedRecording(town.service.custodian, { recording: OTHER_RECORDING });
    const newest = town.service.book.known.newest;
    const body = registered(other, { wraps: toBase64(sealed.wraps) });
    const answer = await town.post('/v1/facts', body, { token: DOCK_TOKEN });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'BAD_WRAPS' } } });
    expect(town.service.book.known.newest).toBe(newest);
    const place = { recording: OTHER_RECORDING, manifestHash: other.manifestHash };
    expect(town.service.shelf.find(place)).toBeUndefined();
    return { by: 'admission of facts, 400 BAD_WRAPS', reason: errorOf(answer) };
  },
  'wraps of another recording that the camera itself signed': () => {
    const moved: typeof sealedRecording = (custodian) =>
      sealedRecording(custodian, { wrapFor: { counter: 9 } });
    return onScene(AttackScene.start({}, moved), async (scene) => {
      const answer = await scene.askFor(await scene.open());
      return scene.withheld(answer, [409, 'not-keyed', /does not open for this recording/]);
    });
  },
  'wraps on file swapped for those of another recording': async (scene) => {
    const { shelf, custodian } = scene.town.service;
    const place = { recording: recordingId, manifestHash: scene.sealed.manifestHash };
    const opening = await scene.open();
    shelf.destroy(place);
    shelf.keep(place, (await sealedRecording(custodian, { recording: OTHER_RECORDING })).wraps);
    return scene.withheld(await scene.askFor(opening), [
      409,
      'not-keyed',
      /not those that its manifest names/,
    ]);
  },
};

const SINCE: Readonly<Record<string, Keys>> = {
  "a court's seal between grant and keys": async (scene) => {
    const opening = await scene.open();
    await scene.town.tell(fact('recording.sealed', { recording: recordingId }));
    return scene.withheld(await scene.askFor(opening), [403, 'withheld', /seal/], [false]);
  },
  'the report withdrawn between grant and keys': async (scene) => {
    const opening = await scene.open();
    await scene.town.tell(fact('report.withdrawn', { person: RECORDER }));
    return scene.withheld(await scene.askFor(opening), [403, 'withheld', /report/], [false]);
  },
  'grant opened before a change of regime, keys asked after it': () =>
    onScene(AttackScene.start({ lines: RULES_LATER }), async (scene) => {
      const opening = await scene.open();
      expect(claimsOf(opening.grant)['regime']).toBe('doj');
      scene.town.time.nowMs = NOW_MS + 30_000;
      const refused = scene.withheld(await scene.askFor(opening), [403, 'withheld', /./], [false]);
      expect(scene.town.service.keyBook.about(recordingId)[0]?.answer).toMatchObject({ regime: 'city' });
      return refused;
    }),
  'the giving of keys cannot be written down in public': async (scene) => {
    const busy = new LedgerError('LEDGER_BUSY', 'no witness', { retry: 'later' });
    const { log } = scene.town.service;
    Object.assign(scene.town.service, { log: { ...log, published: () => Promise.reject(busy) } });
    const answer = await scene.askFor(await scene.open());
    // Written down, not given: a crash here must leave an entry without keys, never keys without an entry.
    return scene.withheld(answer, [503, 'ledger-waiting', /no keys yet/], [true]);
  },
};

const HOUR_S = 3_600;
const pageAhead =
  (seconds: number): Keys =>
  async (scene) => {
    const iat = Math.floor(scene.town.time.nowMs / 1_000) + seconds;
    const answer = await scene.askFor(await scene.open(), { claims: { iat } });
    return scene.withheld(answer, [400, 'bad-key-request', /within the last minute/]);
  };

const CLOCKS: Readonly<Record<string, Keys>> = {
  "page's clock an hour ahead": pageAhead(HOUR_S),
  "page's clock an hour behind": pageAhead(-HOUR_S),
  "custodian's clock set an hour forward after the grant": async (scene) => {
    const opening = await scene.open();
    scene.town.time.nowMs += HOUR_S * 1_000;
    return scene.withheld(await scene.askFor(opening), [403, 'grant-expired', /older than a minute/]);
  },
  "custodian's clock set an hour back after the grant": async (scene) => {
    const opening = await scene.open();
    scene.town.time.nowMs -= HOUR_S * 1_000;
    return scene.withheld(await scene.askFor(opening), [403, 'bad-grant', /from the future/]);
  },
};

const askRecord = async (scene: AttackScene, grant: string, by = scene.page) => {
  const request = await by.sign('holdfast-decision-request+jwt', { grant, aud: ISSUER });
  return scene.town.post('/v1/decision', { request }, { token: '' });
};

function notTold(answer: { status: number; body: Record<string, unknown> }, code: string): Refused {
  expect(answer.body).toMatchObject({ error: { code } });
  expect(Object.keys(answer.body)).toEqual(['error']);
  return { by: `decision records, ${answer.status} ${code}`, reason: errorOf(answer) };
}

const RECORDS: Readonly<Record<string, Keys>> = {
  'decision record asked for by another page': async (scene) => {
    const { grant } = await scene.open();
    expect((await askRecord(scene, grant)).status).toBe(200);
    return notTold(await askRecord(scene, grant, await TestPage.open(scene.town)), 'other-signer');
  },
  'decision record asked for with a forged grant': async (scene) => {
    const { grant } = await signed(scene, {}, true);
    return notTold(await askRecord(scene, grant), 'bad-grant');
  },
  'decision record asked for an hour later': async (scene) => {
    const { grant } = await scene.open();
    scene.town.time.nowMs += HOUR_S * 1_000;
    return notTold(await askRecord(scene, grant), 'grant-expired');
  },
};

function errorOf({ body }: { readonly body: Record<string, unknown> }): string {
  return (body['error'] as { readonly message: string }).message;
}

const STAGE: Stage<AttackScene> = {
  start: () => AttackScene.start(),
  stop: (scene) => scene.stop(),
  honest: async (scene) => {
    expect((await scene.askFor(await scene.open())).status).toBe(200);
    expect(scene.keyRows()).toEqual([true]);
  },
};

attackTable('attacks on keys', STAGE, {
  ...GRANTS,
  ...LEDGERS,
  ...RECORDINGS,
  ...SINCE,
  ...CLOCKS,
  ...RECORDS,
});
