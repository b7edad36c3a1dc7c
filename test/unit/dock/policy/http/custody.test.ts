import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { LedgerError } from '../../../../../dock/ledger/errors.ts';
import { nodeChecker } from '../../../../../dock/ledger/checker.ts';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import { openOwnLog, type OwnLog } from '../../../../../dock/policy/ledger/open.ts';
import { fromBase64 } from '../../../../../proto/bytes.ts';
import { decodePolicyEntry } from '../../../../../proto/policy-entry.ts';
import { verifyTlogProof } from '../../../../../proto/tlog-proof.ts';
import { recordingId } from '../../../proto/fixture.ts';
import { atOnce } from '../../ledger/rig.ts';
import { fact } from '../story.ts';
import { dockLedger, keyRequest, openAt, pagePair, registered, sealedRecording } from './sealed.ts';
import { DOCK_TOKEN, LINKED, RECORDER, TestPage, TestService } from './service.ts';

// Goal: no key leaves before everybody can see that it does, and the ledger is there for everybody. Method: the whole service; its log
// held up, or real on a disk; one right request for keys.

let town: TestService;
let page: TestPage;
let mine: object;

beforeEach(async () => {
  town = await TestService.start();
  await prepare();
});
afterEach(() => town.stop());

async function prepare(): Promise<void> {
  page = await TestPage.open(town);
  mine = (await pagePair()).jwk;
  await town.post('/v1/facts', registered(await sealedRecording(town.service.custodian)), {
    token: DOCK_TOKEN,
  });
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
}

const request = async (): Promise<string> =>
  keyRequest({ page, jwk: mine }, await openAt({ town, page, ledger: dockLedger() }));
const ask = (signed: string) => town.post('/v1/keys', { request: signed }, { token: '' });
const released = () =>
  openOutbox(town.database)
    .list(0, 1_000)
    .map(({ entry }) => decodePolicyEntry(entry))
    .filter(({ type }) => type === 'keys.released');

/** Lets something else stand where the service looks for its ledger. */
function replace(published: OwnLog['published']): () => void {
  const before = town.service.log;
  Object.assign(town.service, { log: { ...before, published } });
  return () => void Object.assign(town.service, { log: before });
}

describe('keys and the own ledger', () => {
  test('the answer carries the entry and its proof, which anybody can check', async () => {
    const signed = await request();
    const { status, body } = await ask(signed);
    expect(status).toBe(200);
    const { entry, proof } = body['custody'] as { entry: string; proof: string };
    const claim = { entry: fromBase64(entry), vkey: town.service.log.vkey };
    expect(verifyTlogProof(proof, claim, nodeChecker).index).toBeGreaterThan(0);
    const said = decodePolicyEntry(claim.entry);
    expect(said).toMatchObject({
      ...{ type: 'keys.released', recording: recordingId, chunks: [0, 3], dock: 'dock-1', regime: 'doj' },
      ...{ dockLedger: { index: 0, size: 1 }, newestFact: town.service.book.known.newest },
    });
    expect(JSON.stringify(said)).not.toContain(RECORDER);
    expect([said]).toEqual(released());
    const again = await ask(signed);
    expect((again.body['custody'] as { entry: string }).entry).toBe(entry);
    expect(released()).toHaveLength(1);
  });

  // Goal: while the entry cannot be published, nothing that opens anything leaves; the same request gets its keys once it can.
  test('nothing is given before it is published', async () => {
    const signed = await request();
    const undo = replace(() =>
      Promise.reject(new LedgerError('LEDGER_BUSY', 'no witness', { retry: 'later' })),
    );
    const waiting = await ask(signed);
    expect(waiting).toMatchObject({ status: 503, body: { error: { code: 'ledger-waiting' } } });
    expect(waiting.body).not.toHaveProperty('ciphertext');
    expect(released()).toHaveLength(1);
    undo();
    expect((await ask(signed)).status).toBe(200);
    expect(released()).toHaveLength(1);
  });

  // Goal: publishing may take seconds; a court's seal that arrives in them counts.
  test('what arrives while it is published still counts', async () => {
    const signed = await request();
    const { log } = town.service;
    const undo = replace(async (entry) => {
      const custody = await log.published(entry);
      await town.tell(fact('recording.sealed', { recording: recordingId }));
      return custody;
    });
    const { status, body } = await ask(signed);
    expect(status).toBe(403);
    expect(body).toMatchObject({ error: { code: 'withheld' } });
    expect(body).not.toHaveProperty('ciphertext');
    undo();
    expect(town.service.keyBook.about(recordingId).map(({ given }) => given)).toEqual([true, false]);
  });

  // Goal: whoever waits may repeat the same request, though the dock's ledger was seen to grow meanwhile by another. Method: one that
  // waits, one of a longer ledger that gets its keys, and the first once more.
  test('a request that waited is heard again after a later one', async () => {
    const ledger = dockLedger();
    const [first, second] = [await openAt({ town, page, ledger }), await openAt({ town, page, ledger })];
    const signed = await keyRequest({ page, jwk: mine }, first);
    const undo = replace(() =>
      Promise.reject(new LedgerError('LEDGER_BUSY', 'no witness', { retry: 'later' })),
    );
    expect((await ask(signed)).status).toBe(503);
    undo();
    const hashes = (await ledger.proveConsistency(1, 2)).map((hash) => Buffer.from(hash).toString('base64'));
    const claims = { consistency: { from: 1, hashes } };
    expect((await ask(await keyRequest({ page, jwk: mine }, second, { claims }))).status).toBe(200);
    expect((await ask(signed)).status).toBe(200);
    expect(released()).toHaveLength(2);
  });

  // Goal: what a dock has destroyed while its keys wait for the ledger is gone everywhere.
  test('wraps that are destroyed while it is published open nothing any more', async () => {
    const signed = await request();
    const { log, shelf, book } = town.service;
    const undo = replace(async (entry) => {
      const custody = await log.published(entry);
      const manifestHash = book.known.recording(recordingId).registration?.manifestHash ?? '';
      shelf.destroy({ recording: recordingId, manifestHash });
      return custody;
    });
    const { status, body } = await ask(signed);
    expect([status, body]).toMatchObject([409, { error: { code: 'not-keyed' } }]);
    expect(body).not.toHaveProperty('ciphertext');
    undo();
  });

  test('a bug in the ledger is not taken for waiting', async () => {
    const signed = await request();
    const undo = replace(() => Promise.reject(new TypeError('a bug')));
    expect((await ask(signed)).status).toBe(500);
    expect(town.reported.splice(0)).toMatchObject([{ message: 'a bug' }]);
    undo();
  });
});

describe('GET /v1/ledger', () => {
  let log: OwnLog;
  let data = '';

  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'holdfast-own-log-'));
    onTestFinished(() => rmSync(data, { recursive: true }));
    log = await openOwnLog({
      ...{ data, passphrase: undefined, isNew: true, origin: undefined, defaultOrigin: 'policy.test/policy' },
      ...{ outbox: openOutbox(town.database), timers: atOnce, nowMs: () => town.time.nowMs },
      ...{ report: () => undefined, witnesses: [], quorum: 0, lowerQuorum: false },
    });
    Object.assign(town.service.log, log);
    log.wake();
    await log.published(openOutbox(town.database).newest());
  });

  test('gives checkpoint, key and tiles to everybody', async () => {
    const { note, size } = await log.checkpoint();
    const checkpoint = await town.get('/v1/ledger/checkpoint', '');
    expect(checkpoint).toMatchObject({ status: 200, text: note });
    expect(checkpoint.headers).toMatchObject({
      ...{ 'cache-control': 'no-cache', 'content-type': 'text/plain; charset=utf-8' },
      'access-control-allow-origin': '*',
    });
    expect((await town.get('/v1/ledger/vkey', '')).text).toBe(`${log.vkey}\n`);
    for (const tile of [`entries/000.p/${size}`, `0/000.p/${size}`]) {
      const { status, headers } = await town.get(`/v1/ledger/tile/${tile}`, '');
      expect([tile, status]).toEqual([tile, 200]);
      expect(headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'cache-control': 'public, max-age=31536000, immutable',
      });
    }
  });

  // Goal: nothing but published tiles. Method: a file that lies there and is no part of the checkpoint; ways out of the folder.
  test('gives nothing else', async () => {
    const { size } = await log.checkpoint();
    writeFileSync(join(data, 'ledger', 'tile', 'entries', '000.p', String(size + 1)), 'not yet');
    writeFileSync(join(data, 'ledger', 'tile', 'secret'), 'secret');
    const paths = [
      ...[
        `entries/000.p/${size + 1}`,
        'entries/000',
        '0/001',
        '64/000',
        'secret',
        'log.db',
        'entries/000.p/0',
      ],
      ...['../log.db', '..%2flog.db', '%2e%2e/log.db', 'entries/../../log.db', '..%2f..%2fledger.key.pem'],
      ...['entries/0', 'entries/x000/000', '00/000', `0/000.p/${size}/`, ''],
    ];
    for (const path of paths) {
      const { status, text } = await town.get(`/v1/ledger/tile/${path}`, '');
      expect([path, status]).toEqual([path, 404]);
      expect(text).not.toContain('secret');
    }
    expect((await town.post('/v1/ledger/checkpoint', {})).status).toBe(405);
  });
});
