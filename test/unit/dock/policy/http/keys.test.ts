import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpenError } from '@hpke/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hpkeOpen, type KeyPair } from '../../../../../dock/policy/custodian/hpke.ts';
import type { Fact } from '../../../../../dock/policy/facts/fact.ts';
import { fromBase64, toBase64, toHex, utf8 } from '../../../../../proto/bytes.ts';
import { chunkKey, chunkSecret } from '../../../../../proto/chunk-key.ts';
import { openPlan, openSegments } from '../../../../../proto/cobblestone.ts';
import { keysInfo } from '../../../../../proto/key-range.ts';
import { parseTlogProof } from '../../../../../proto/tlog-proof.ts';
import type { MemoryLedger } from '../../../../../sim/fault/memory-ledger.ts';
import { CHUNKS, LEDGER_VKEY, recordingId, testKey } from '../../../proto/fixture.ts';
import { decrypt, hmacSha256, hmacSha512 } from '../../../proto/seal-fixture.ts';
import { fact } from '../story.ts';
import {
  dockLedger,
  keyRequest,
  openAt,
  pagePair,
  RECORDING_KEY,
  registered,
  sealedRecording,
  type Opening,
  type SealedRecording,
} from './sealed.ts';
import { DOCK_TOKEN, LINKED, RECORDER, REGISTERED, TestPage, TestService } from './service.ts';

// Goal: keys leave only for a request whose every part belongs to every other, only once, and never without a row on disk.
// Method: the whole service over a real database; a sealed recording; a dock's ledger in memory. One right request, and for each
// thing it rests on the same request with that one thing wrong.

let town: TestService;
let page: TestPage;
let ledger: MemoryLedger;
let sealed: SealedRecording;
let mine: { pair: KeyPair; jwk: object };

beforeEach(async () => {
  town = await TestService.start();
  page = await TestPage.open(town);
  ledger = dockLedger();
  mine = await pagePair();
  sealed = await sealedRecording(town.service.custodian);
  await release(registered(sealed));
});
afterEach(() => town.stop());

async function release(registration: Fact): Promise<void> {
  await town.post('/v1/facts', registration, { token: DOCK_TOKEN });
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
}

/** A service that knows of nothing yet. */
async function restart(): Promise<void> {
  await town.stop();
  town = await TestService.start();
  page = await TestPage.open(town);
}

const open = (changes = {}): Promise<Opening> => openAt({ town, page, ledger }, changes);
const sign = (opening: Opening, changes = {}): Promise<string> =>
  keyRequest({ page, jwk: mine.jwk }, opening, changes);
const ask = (request: string) => town.post('/v1/keys', { request }, { token: '' });
const askFor = async (opening: Opening, changes = {}) => ask(await sign(opening, changes));
const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });

/** The chunk keys in an answer, one after the other. */
async function keysIn(body: Record<string, unknown>, pair = mine.pair): Promise<readonly Uint8Array[]> {
  const { range, enc, ciphertext } = body as { range: [number, number]; enc: string; ciphertext: string };
  const [start, end] = range;
  const info = keysInfo({ recording: recordingId, start, end });
  const keys = await hpkeOpen({ enc: fromBase64(enc), ciphertext: fromBase64(ciphertext) }, { pair, info });
  return Array.from({ length: end - start }, (_, at) => keys.slice(at * 32, at * 32 + 32));
}

describe('POST /v1/keys', () => {
  // Goal: the keys open every chunk, and the row that says so was there first.
  test('gives the keys of the granted chunks, sealed to the page', async () => {
    const { status, body } = await askFor(await open());
    expect(status).toBe(200);
    expect(body['range']).toEqual([0, 3]);
    const keys = await keysIn(body);
    const plain = sealed.chunks.map((stored, index) => {
      const secret = chunkSecret(keys[index] ?? new Uint8Array(), { recording: recordingId, index });
      return openSegments(openPlan(secret, stored, hmacSha512), stored, decrypt);
    });
    expect(plain).toEqual(CHUNKS);
    const [row] = town.service.keyBook.about(recordingId);
    expect(row).toMatchObject({
      given: true,
      person: RECORDER,
      request: {
        dock: 'dock-1',
        manifest: sealed.manifestHash,
        chunks: [0, 3],
        ledger: { index: 0, size: 1 },
      },
    });
  });

  // Goal: nobody but the page that asked can open the answer, and no answer opens as another range's.
  test('opens for no other key, and as no other range', async () => {
    const { body } = await askFor(await open());
    const other = await pagePair();
    await expect(keysIn(body, other.pair)).rejects.toThrow(OpenError);
    await expect(keysIn({ ...body, range: [0, 2] })).rejects.toThrow(OpenError);
  });

  // Goal: a page that did not hear the answer asks again, also of a service that crashed in between; nobody else does.
  test('the same request again is answered again, also after a crash; another one is not', async () => {
    const opening = await open();
    const request = await sign(opening);
    const first = await ask(request);
    await town.stop({ keepFolder: true });
    town = await TestService.start({ folder: town.folder });
    const again = await ask(request);
    expect(again.status).toBe(200);
    expect(await keysIn(again.body)).toEqual(await keysIn(first.body));
    expect(await askFor(opening)).toMatchObject(refusal(409, 'grant-used'));
    expect(town.service.keyBook.about(recordingId).map(({ given }) => given)).toEqual([true]);
    town.time.nowMs += 61_000;
    expect((await ask(request)).status).toBe(400);
  });

  // Goal: two pages asking at once with one grant: one of them gets keys.
  test('two requests at once under one grant: one is answered', async () => {
    const opening = await open();
    const answers = await Promise.all([askFor(opening), askFor(opening), askFor(opening)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409]);
  });
});

describe('a request that is not as it must be', () => {
  test.each([
    ['of another type', { header: { typ: 'JWT' } }],
    ['for another service', { claims: { aud: 'http://elsewhere.test' } }],
    ['from two minutes ago', { claims: { iat: Date.parse('2026-11-21T07:58:00Z') / 1_000 } }],
    ['from the future', { claims: { iat: Date.parse('2026-11-21T08:02:00Z') / 1_000 } }],
    ['without a time', { claims: { iat: undefined } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['with a short nonce', { claims: { nonce: 'x' } }],
    ['without a grant', { claims: { grant: undefined } }],
    ['without an entry', { claims: { entry: undefined } }],
    ['with an entry that is no base64', { claims: { entry: '!' } }],
    ['without a proof', { claims: { proof: 7 } }],
    ['without a key to seal to', { claims: { ecdh: undefined } }],
    ['with a point that is on no curve', { claims: { ecdh: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } } }],
    ['with a consistency that is none', { claims: { consistency: { from: -1, hashes: [] } } }],
    ['with too many hashes', { claims: { consistency: { from: 1, hashes: Array(64).fill('') } } }],
  ])('%s is refused', async (_what, changes) => {
    expect(await askFor(await open(), changes)).toMatchObject(refusal(400, 'bad-key-request'));
    expect(town.service.keyBook.about(recordingId)).toEqual([]);
  });

  test('with a private key in it is refused', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ecdh = privateKey.export({ format: 'jwk' });
    expect(await askFor(await open(), { claims: { ecdh } })).toMatchObject(refusal(400, 'bad-key-request'));
  });

  test('with a broken signature, too long, or no request at all is refused', async () => {
    const request = await sign(await open());
    expect(await ask(`${request.slice(0, -8)}AAAAAAAA`)).toMatchObject(refusal(400, 'bad-key-request'));
    expect(await ask('a'.repeat(50_000))).toMatchObject(refusal(400, 'bad-key-request'));
    expect((await ask('a'.repeat(70_000))).status).toBe(413);
    expect(await town.post('/v1/keys', { other: request })).toMatchObject(refusal(400, 'BAD_REQUEST'));
  });

  test('signed by another page is refused', async () => {
    const opening = await open();
    const thief = await TestPage.open(town);
    const request = await keyRequest({ page: thief, jwk: mine.jwk }, opening);
    expect(await ask(request)).toMatchObject(refusal(403, 'other-signer'));
  });
});

describe('a grant that is not as it must be', () => {
  test('older than a minute, it is refused', async () => {
    const opening = await open();
    town.time.nowMs += 60_000;
    expect(await askFor(opening)).toMatchObject(refusal(403, 'grant-expired'));
    town.time.nowMs -= 61_000;
    expect(await askFor(opening)).toMatchObject(refusal(403, 'bad-grant'));
  });

  test('of kind release, it opens nothing', async () => {
    const context = { purpose: 'supplement_report', dock: 'dock-1', nonce: 'ab'.repeat(16) };
    const { context: said } = await town.evaluate(RECORDER, context, DOCK_TOKEN);
    const opening = { ...(await open()), grant: String(said['grant']) };
    expect(await askFor(opening)).toMatchObject(refusal(403, 'bad-grant'));
  });

  test('by another service, it is refused', async () => {
    const elsewhere = await TestService.start();
    const foreign = await TestPage.open(elsewhere);
    await elsewhere.post('/v1/facts', registered(sealed), { token: DOCK_TOKEN });
    await elsewhere.tell(LINKED, fact('report.filed', { person: RECORDER }));
    const opening = await openAt({ town: elsewhere, page: foreign, ledger });
    const request = await keyRequest({ page: foreign, jwk: mine.jwk }, opening);
    expect(await ask(request)).toMatchObject(refusal(403, 'bad-grant'));
    await elsewhere.stop();
  });
});

describe('a ledger entry that is not as it must be', () => {
  test.each([
    ['is about another grant', { grant: 'ab'.repeat(32) }],
    ['is about another recording', { recording: 'f'.repeat(32) }],
    ['names another id', { grantId: 'another' }],
    ['names another page', { keyThumbprint: 'another' }],
  ])('that %s is refused', async (_what, changes) => {
    expect(await askFor(await open(changes))).toMatchObject(refusal(403, 'bad-entry'));
  });

  test('of another type, or no entry, is refused', async () => {
    const opening = await open();
    const entry = utf8('{"v":1}');
    expect(await askFor({ ...opening, entry })).toMatchObject(refusal(403, 'bad-entry'));
  });

  // Goal: a dock that writes nothing down, or into another book, opens nothing.
  test('that the ledger does not hold is refused', async () => {
    const first = await open();
    const second = await open();
    expect(await askFor({ ...second, proof: first.proof })).toMatchObject(refusal(403, 'bad-ledger-proof'));
    expect(await askFor({ ...second, proof: 'nothing' })).toMatchObject(refusal(403, 'bad-ledger-proof'));
  });

  test('in a ledger with another key is refused', async () => {
    ledger = dockLedger(testKey(9));
    expect(await askFor(await open())).toMatchObject(refusal(403, 'bad-ledger-proof'));
  });

  test('of a dock that is not enrolled any more is refused', async () => {
    const opening = await open();
    const { service } = town;
    const ledgerOf = (): undefined => undefined;
    const before = service.ledgerOf;
    Object.assign(service, { ledgerOf });
    expect(await askFor(opening)).toMatchObject(refusal(403, 'unknown-dock'));
    Object.assign(service, { ledgerOf: before });
    expect((await askFor(opening)).status).toBe(200);
  });
});

describe("the dock's ledger only grows", () => {
  const grow = async (count: number): Promise<void> => {
    const { size } = await ledger.checkpoint();
    for (let at = 0; at < count; at += 1)
      await ledger.appendOnce(`more/${size + at}`, utf8(`entry ${size + at}`));
  };
  const consistency = async (from: number, to?: number) => ({
    claims: { consistency: { from, hashes: (await ledger.proveConsistency(from, to)).map(toBase64) } },
  });
  const needed = (size: number) => ({ status: 409, body: { error: { code: 'consistency-needed' }, size } });

  // Goal: the newest tree is kept through restarts, and a longer one is believed with its proof only.
  test('a longer one needs the proof from what was seen, also after a restart', async () => {
    await grow(2);
    expect((await askFor(await open())).status).toBe(200);
    await grow(3);
    await town.stop({ keepFolder: true });
    town = await TestService.start({ folder: town.folder });
    page = await TestPage.open(town);
    const opening = await open();
    expect(await askFor(opening)).toMatchObject(needed(3));
    expect(await askFor(opening, await consistency(2))).toMatchObject(needed(3));
    expect((await askFor(opening, await consistency(3))).status).toBe(200);
  });

  test('one that was forked is refused, at any size', async () => {
    await grow(2);
    const opening = await open();
    expect((await askFor(opening)).status).toBe(200);
    ledger = dockLedger();
    await grow(1);
    await ledger.appendOnce('other', utf8('another history'));
    const same = await open();
    expect(await askFor(same)).toMatchObject(refusal(403, 'ledger-forked'));
    const longer = await open();
    expect(await askFor(longer, await consistency(3))).toMatchObject(refusal(403, 'ledger-forked'));
    expect(await askFor(same)).toMatchObject(refusal(403, 'ledger-forked'));
    // What was shown is signed and may never be shown again.
    const rows = town.service.keyBook.about(recordingId);
    expect(rows.map(({ given }) => given)).toEqual([true, false, false]);
    const { checkpoint } = parseTlogProof(same.proof);
    expect(rows[1]?.answer).toMatchObject({ code: 'LEDGER_FORKED', checkpoint, seenBefore: { size: 3 } });
    expect(town.reported.splice(0)).toMatchObject(Array(3).fill({ code: 'LEDGER_FORKED' }));
    expect(town.service.keyBook.head(LEDGER_VKEY)?.size).toBe(3);
  });

  test('one that was rolled back is refused, whatever it shows', async () => {
    await grow(5);
    expect((await askFor(await open())).status).toBe(200);
    ledger = dockLedger();
    await grow(2);
    const opening = await open();
    expect(await askFor(opening)).toMatchObject(needed(6));
    const lie = { claims: { consistency: { from: 3, hashes: [toBase64(new Uint8Array(32))] } } };
    expect(await askFor(opening, lie)).toMatchObject(needed(6));
  });

  // Goal: two pages whose requests overtake each other on the way are both honest.
  test('an earlier state of the same one is believed with its proof', async () => {
    await grow(2);
    const early = await open();
    await grow(2);
    expect((await askFor(await open())).status).toBe(200);
    expect(await askFor(early)).toMatchObject(needed(6));
    expect((await askFor(early, await consistency(3, 6))).status).toBe(200);
    expect((await askFor(await open(), await consistency(6))).status).toBe(200);
  });

  // Goal: whoever was told a size is not too late because others came in between; a proof to a tree that was never shown is none.
  test('an earlier state is believed with its proof to any that was the newest', async () => {
    await grow(2);
    const early = await open();
    await grow(2);
    expect((await askFor(await open())).status).toBe(200);
    expect(await askFor(early)).toMatchObject(needed(6));
    await grow(2);
    expect((await askFor(await open(), await consistency(6))).status).toBe(200);
    expect(await askFor(early, await consistency(3, 7))).toMatchObject(needed(9));
    expect((await askFor(early, await consistency(3, 6))).status).toBe(200);
  });
});

describe('a recording that cannot be keyed', () => {
  const wrapsGone = (): void =>
    town.service.shelf.destroy({ recording: recordingId, manifestHash: sealed.manifestHash });

  test('whose wraps are not on file', async () => {
    const opening = await open();
    wrapsGone();
    expect(await askFor(opening)).toMatchObject(refusal(409, 'not-keyed'));
  });

  test.each([
    [
      'other wraps than the manifest names',
      async () => (await sealedRecording(town.service.custodian)).wraps,
    ],
    ['something that is no wraps', async () => utf8('no wraps')],
  ])('with %s on file', async (_what, other) => {
    const opening = await open();
    wrapsGone();
    town.service.shelf.keep({ recording: recordingId, manifestHash: sealed.manifestHash }, await other());
    expect(await askFor(opening)).toMatchObject(refusal(409, 'not-keyed'));
  });

  // Goal: a wrap for somebody else, or one that was moved here from another recording, opens nothing, though the camera signed it.
  test.each([
    ['sealed to another custodian', { thumbprint: new Uint8Array(32) }, {}],
    ['with a wrap of another recording', {}, { counter: 9 }],
  ])('%s', async (_what, custodian, wrapFor) => {
    await restart();
    sealed = await sealedRecording({ ...town.service.custodian, ...custodian }, { wrapFor });
    await release(registered(sealed));
    expect(await askFor(await open())).toMatchObject(refusal(409, 'not-keyed'));
  });

  test('that is stored as recorded', async () => {
    await restart();
    await release(REGISTERED);
    expect(await askFor(await open())).toMatchObject(refusal(409, 'not-sealed'));
  });
});

describe('a decision that has changed since', () => {
  // Goal: what happened between grant and keys counts. Method: each fact that ends a release arrives in between.
  test.each([
    ["a court's seal", fact('recording.sealed', { recording: recordingId })],
    ['a withdrawal', fact('report.withdrawn', { person: RECORDER })],
    ['an unlinking', fact('recording.unlinked', { recording: recordingId })],
  ])('%s in between is a deny with its reason, on record', async (_what, change) => {
    const opening = await open();
    await town.tell(change);
    const { status, body } = await askFor(opening);
    expect(status).toBe(403);
    expect(body).toMatchObject({ error: { code: 'withheld' }, reason: expect.any(String) as string });
    expect(body['ciphertext']).toBeUndefined();
    expect(town.service.keyBook.about(recordingId).map(({ given }) => given)).toEqual([false]);
  });
});

// Goal: no key stands in the open in anything this service writes. Method: keys are given, then every file is searched.
test('no recording key and no chunk key is ever written down', async () => {
  expect((await askFor(await open())).status).toBe(200);
  const keys = [RECORDING_KEY, chunkKey(RECORDING_KEY, { recording: recordingId, index: 1 }, hmacSha256)];
  const files = readdirSync(town.folder).map((name) => readFileSync(join(town.folder, name)));
  for (const key of keys) {
    for (const spelt of [Buffer.from(key), toHex(key), toBase64(key)])
      expect(files.some((file) => file.includes(spelt))).toBe(false);
  }
});
