import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newReceivingKey, newViewerKey } from '../../../../dock/keys/viewer-key.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { Findings } from '../../../../dock/ledger/verify/finding.ts';
import type { RecordingFolder } from '../../../../dock/package/folder.ts';
import { openFootage, type Opener, type OpenedFootage } from '../../../../dock/package/opener.ts';
import { checkOpening } from '../../../../dock/package/opening.ts';
import { sealChunk } from '../../../../device/seal/seal-chunk.ts';
import { hpkeSeal } from '../../../../dock/policy/custodian/hpke.ts';
import { openSigningKey } from '../../../../dock/policy/custodian/keys.ts';
import { announceKey, switchKey } from '../../../../dock/policy/custodian/signing.ts';
import { concat, toBase64, toHex } from '../../../../proto/bytes.ts';
import { decodeEntry, encodeEntry } from '../../../../proto/custody-entry.ts';
import type { EntryOf } from '../../../../proto/custody-fields.ts';
import { encodeManifestHeader, type Manifest, signManifest } from '../../../../proto/manifest.ts';
import { recordingRoot } from '../../../../proto/merkle.ts';
import { encodeWraps, wrapInfo } from '../../../../proto/wraps.ts';
import type { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { CAMERA_KEY, manifestOf, recordingId, sha256 } from '../../proto/fixture.ts';
import { fact } from '../policy/story.ts';
import { dockLedger, type SealedRecording, registered } from '../policy/http/sealed.ts';
import { DOCK_TOKEN, ISSUER, LINKED, PASSWORD, RECORDER, TestService } from '../policy/http/service.ts';

// Goal: a recording that takes several grants is opened whole, each part with its grant, decision and keys, and the exporter takes
// nothing that whoever checks the package will not take. Method: the real policy service in memory, a dock that passes requests on
// as the real one does, both behind `fetch`; a sealed recording of three fragments and grants of one fragment each.

const DOCK = 'http://dock.test';
const PURPOSE = 'supplement_report';
const RECORDING_KEY = new Uint8Array(32).fill(7);
const PLAIN = [100, 300, 200, 400, 250, 150].map((size, at) => new Uint8Array(size).fill(at + 1));
const MINUTE_MS = 60_000;

let town: TestService;
let ledger: MemoryLedger;
let recording: SealedRecording;
/** What the services answer in place of what they should, by path. */
let spoilt: Map<string, (answer: Record<string, unknown>, times: number) => object>;
let asked: string[];
let paused: number[];

beforeEach(async () => {
  town = await TestService.start();
  Object.assign(town.service, { grantMediaMs: MINUTE_MS });
  ledger = dockLedger();
  recording = await sealed();
  spoilt = new Map();
  [asked, paused] = [[], []];
  await town.post('/v1/facts', registered(recording), { token: DOCK_TOKEN });
  await town.tell(LINKED, fact('report.filed', { person: RECORDER }));
  vi.stubGlobal('fetch', serve);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await town.stop();
});

/** An initialisation segment and three fragments of a minute, the second of two chunks. */
async function sealed(): Promise<SealedRecording> {
  const draft = { ...manifestOf(PLAIN), suite: 1 as const };
  const salt = new Uint8Array(24).fill(7);
  const chunks = PLAIN.map((plain, index) =>
    sealChunk({ recordingKey: RECORDING_KEY, recording: recordingId, index }, plain, salt),
  );
  const [starts, ends] = [
    [0, 0, 1, 1, 2, 2],
    [true, true, false, true, false, true],
  ];
  const infos = draft.chunks.map((info, index) => ({
    ...info,
    sha256: sha256(chunks[index] ?? new Uint8Array()),
    storedBytes: chunks[index]?.length ?? 0,
    mediaStartMs: (starts[index] ?? 0) * MINUTE_MS,
    mediaMs: index === 0 ? 0 : MINUTE_MS,
    endOfFragment: ends[index] ?? true,
  }));
  const { custodian } = town.service;
  const info = wrapInfo(encodeManifestHeader(draft), sha256);
  const wrap = await hpkeSeal(RECORDING_KEY, { point: custodian.identity.publicKey, info });
  const wraps = encodeWraps([{ recipient: custodian.thumbprint, ...wrap }]);
  const manifest: Manifest = {
    ...draft,
    chunks: infos,
    root: recordingRoot(
      sha256,
      infos.map((one) => one.sha256),
    ),
    contentBytes: infos.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    wrapsSha256: sha256(wraps),
  };
  const signed = signManifest(manifest, CAMERA_KEY.sign);
  return { manifest, signed, manifestHash: toHex(sha256(signed)), wraps, chunks };
}

/** Both services. */
const serve: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const body =
    typeof init?.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : undefined;
  asked.push(`${url.pathname}${body?.['chunks'] === undefined ? '' : ` ${JSON.stringify(body['chunks'])}`}`);
  const times = asked.filter((one) => one.startsWith(url.pathname)).length;
  const spoil = spoilt.get(url.pathname);
  const bearer = new Headers(init?.headers).get('authorization') ?? '';
  const { status, said, text } = await served(url, body, bearer);
  if (Object.keys(said).length === 0) return new Response(text, { status });
  return answered(spoil === undefined ? said : spoil(said, times), status);
};

async function served(
  url: URL,
  body: Record<string, unknown> | undefined,
  bearer: string,
): Promise<{ readonly status: number; readonly said: Record<string, unknown>; readonly text: string }> {
  if (url.href.startsWith(DOCK)) return { status: 200, said: await dock(url, body, bearer), text: '' };
  if (body !== undefined) {
    const { status, body: said } = await town.post(url.pathname, body);
    return { status, said, text: '' };
  }
  const { status, body: said, text } = await town.get(url.pathname);
  return { status, said, text };
}

function answered(answer: object, status = 200): Response {
  const { httpStatus = status, ...body } = answer as { readonly httpStatus?: number };
  const headers = httpStatus === 429 ? { 'retry-after': '3' } : {};
  return Response.json(body, { status: httpStatus, headers });
}

async function dock(
  url: URL,
  body: Record<string, unknown> | undefined,
  bearer: string,
): Promise<Record<string, unknown>> {
  if (url.pathname === '/v1/config') return { dock: 'dock-1' };
  if (url.pathname === '/v1/ledger/consistency') {
    const [from, to] = ['from', 'to'].map((name) => Number(url.searchParams.get(name)));
    return { hashes: (await ledger.proveConsistency(from ?? 0, to ?? 0)).map(toBase64) };
  }
  const { proof, chunks } = body ?? {};
  const opening = { token: bearer.replace('Bearer ', ''), proof };
  const context = { purpose: PURPOSE, dock: 'dock-1', nonce: 'ab'.repeat(16), opening };
  const said = await town.evaluate(
    RECORDER,
    { ...context, ...(chunks === undefined ? {} : { chunks }) },
    DOCK_TOKEN,
  );
  const grant = String(said.context['grant']);
  const claims = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()) as {
    jti: string;
    cnf: { jkt: string };
  };
  const entry = encodeEntry({
    ...{
      type: 'granted',
      at: '2026-11-21T08:00:00.000000Z',
      recording: recordingId,
      person: '0f'.repeat(32),
    },
    ...{ grant: digest(grant), grantId: claims.jti, purpose: PURPOSE, session: 'ee'.repeat(32) },
    keyThumbprint: claims.cnf.jkt,
  });
  const index = await ledger.appendOnce(`granted/${claims.jti}`, entry);
  return { grant, entry: toBase64(entry), proof: await ledger.prove(index) };
}

function open(): Promise<OpenedFootage> {
  const opener: Opener = {
    ...{ dockUrl: DOCK, policyUrl: ISSUER, person: RECORDER, password: PASSWORD, purpose: PURPOSE },
    nowS: () => town.time.nowMs / 1_000,
    pause: (seconds) => {
      paused.push(seconds);
      return Promise.resolve();
    },
    ...{ key: newViewerKey(), receiver: newReceivingKey() },
  };
  const folder: Pick<RecordingFolder, 'recording' | 'readChunk'> = {
    recording: { signed: recording.signed, manifest: recording.manifest, cameraKey: CAMERA_KEY.publicKey },
    readChunk: (index) => Promise.resolve(recording.chunks[index] ?? new Uint8Array()),
  };
  return openFootage(folder, opener);
}

const digest = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
const names = ({ files }: OpenedFootage): readonly string[] => [...files.keys()].toSorted();

describe('opening footage for a package', () => {
  // Goal: three grants, side by side, open all of it, and what comes out passes every check of whoever reads it.
  it('asks for one part after the other, and packs what each rested on', async () => {
    const opened = await open();
    const parts: Uint8Array[] = [];
    for await (const part of opened.video()) parts.push(part);
    expect(Buffer.from(concat(...parts)).equals(concat(...PLAIN))).toBe(true);
    expect([opened.bytes, opened.sha256]).toEqual([1_400, digest(concat(...PLAIN))]);
    expect(asked.filter((one) => one.includes('/open'))).toEqual(
      ['', ' [2,6]', ' [4,6]'].map((chunks) => `/v1/recordings/${recordingId}/open${chunks}`),
    );
    expect(names(opened)).toEqual([
      ...['000.json', '000.tlog-proof', '001.json', '001.tlog-proof', '002.json', '002.tlog-proof'].map(
        (name) => `policy/custody/${name}`,
      ),
      ...['000.json', '000.jws', '001.json', '001.jws', '002.json', '002.jws'].map(
        (name) => `policy/decisions/${name}`,
      ),
      ...['000.jws', '001.jws', '002.jws'].map((name) => `policy/grants/${name}`),
      ...['policy/key.jwk.json', 'policy/ledger.vkey'],
    ]);
    expect(await findingsOf(opened)).toEqual([]);
    expect(opened.decisions.map(({ facts }) => (facts as readonly object[]).length)).toEqual([4, 4, 4]);
  });

  // Goal: the custodian's own ledger says what was given, under its key, for these chunks and this grant. Method: another key pinned; the
  // entries of two parts exchanged; one left out; an entry that is changed.
  it('packs what the custodian said of the keys, and nothing else passes for it', async () => {
    const opened = await open();
    const custody = (number: number): string => `policy/custody/00${number}.json`;
    const harmed = async (change: (files: Map<string, Uint8Array>) => void): Promise<readonly string[]> => {
      const files = new Map(opened.files);
      change(files);
      return findingsOf({ ...opened, files });
    };
    const at = (files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array =>
      files.get(path) ?? new Uint8Array();
    expect(
      await harmed((files) => {
        for (const path of ['policy/custody/000.json', 'policy/custody/000.tlog-proof'])
          files.set(path, at(files, path.replace('000', '001')));
      }),
    ).toEqual([`custody-mismatch ${custody(0)}`]);
    expect(await harmed((files) => void files.delete(custody(1)))).toEqual([
      `custody-mismatch ${custody(1)}`,
    ]);
    const other = Buffer.from(
      at(opened.files, custody(2)).map((byte, index) => (index === 40 ? byte ^ 1 : byte)),
    );
    expect(await harmed((files) => void files.set(custody(2), other))).toEqual([
      `custody-mismatch ${custody(2)}`,
    ]);
    const before = await open();
    const replayed = await harmed((files) => {
      for (const path of ['policy/custody/000.json', 'policy/custody/000.tlog-proof'])
        files.set(path, at(before.files, path));
    });
    expect(replayed).toEqual([`custody-mismatch ${custody(0)}`]);
    const foreign = dockLedger().vkey;
    expect(await findingsOf(opened, foreign)).toEqual([
      'custody-mismatch policy/ledger.vkey',
      ...[0, 1, 2].map((number) => `custody-mismatch ${custody(number)}`),
    ]);
    expect(await findingsOf(opened, null)).toEqual(['policy-ledger-unpinned policy/ledger.vkey']);
    const none = await harmed((files) => {
      for (const path of [...files.keys()]) if (/custody|vkey/.test(path)) files.delete(path);
    });
    expect(none).toHaveLength(4);
  });

  // Goal: a dock that is busy is asked again, a custodian whose witnesses are late is asked the same again. Method: one such answer each.
  it('waits where it is told to', async () => {
    spoilt.set(`/v1/recordings/${recordingId}/open`, (answer, times) =>
      times === 2 ? { httpStatus: 429 } : answer,
    );
    for (const path of ['/v1/keys', '/v1/decision'])
      spoilt.set(path, (answer, times) => (times === 1 ? { httpStatus: 503, error: {} } : answer));
    expect(await findingsOf(await open())).toEqual([]);
    expect(paused).toEqual([1, 1, 3]);
  });

  // Goal: the exporter packs no decision or key that would not hold. Method: an answer of each service that is another one.
  it.each<readonly [string, string, (answer: Record<string, unknown>, times: number) => object]>([
    [
      '/.well-known/jwks.json',
      'publishes no key',
      () => ({ keys: [{ ...newViewerKey().jwk, kid: 'other' }] }),
    ],
    [
      '/.well-known/jwks.json',
      'is not signed with the key',
      ({ keys }) => ({ keys: [{ ...newViewerKey().jwk, kid: (keys as { kid: string }[])[0]?.kid }] }),
    ],
    [
      '/v1/decision',
      'is not signed with the key of its grant',
      ({ decision }) => ({ decision: `${String(decision).slice(0, -8)}AAAAAAAA` }),
    ],
    ['/v1/decision', 'is about another', (answer, times) => (times === 1 ? keep(answer) : kept)],
    ['/v1/keys', 'not those of the chunks', (answer) => ({ ...answer, range: [0, 6] })],
    [
      `/v1/recordings/${recordingId}/open`,
      'from 2 on were asked for',
      (answer, times) => (times === 1 ? keep(answer) : kept),
    ],
  ])('packs nothing when %s gives what %s', async (path, message, spoil) => {
    spoilt.set(path, spoil);
    await expect(open()).rejects.toMatchObject({
      code: 'PACKAGE_BAD',
      message: expect.stringContaining(message) as string,
    });
  });

  // Goal: a package names one key. Method: the service announces its next key, and signs with it from the second part on.
  it('packs nothing when the service begins to sign with another key in between', async () => {
    const { folder, service } = town;
    await announceKey(folder, undefined);
    const key = await openSigningKey(folder, undefined);
    Object.assign(service.issuer, { key });
    const switched = async (): Promise<void> => {
      await switchKey(folder, { passphrase: undefined, back: false, record: () => undefined });
      Object.assign(service.issuer, { key: await openSigningKey(folder, undefined) });
    };
    let done: Promise<void> | undefined;
    spoilt.set('/v1/keys', (answer) => {
      done ??= switched();
      return answer;
    });
    await expect(open()).rejects.toMatchObject({
      code: 'PACKAGE_BUSY',
      retry: 'later',
      message: expect.stringContaining('another key meanwhile') as string,
    });
    await done;
    expect(await findingsOf(await open())).toEqual([]);
  });

  // Goal: the key that signed is taken wherever it stands. Method: another key in front of it.
  it('takes the key that signed', async () => {
    spoilt.set('/.well-known/jwks.json', ({ keys }) => ({
      keys: [{ ...newViewerKey().jwk, kid: 'older' }, ...(keys as object[])],
    }));
    expect(await findingsOf(await open())).toEqual([]);
  });
});

let kept: Record<string, unknown> = {};
function keep(answer: Record<string, unknown>): Record<string, unknown> {
  kept = answer;
  return answer;
}

/** What whoever checks the package finds wrong in what was opened, with every key pinned unless it is null. */
async function findingsOf(opened: OpenedFootage, pin?: string | null): Promise<readonly string[]> {
  const files = new Map(
    [...opened.files].map(([path, content]) => [
      path,
      { bytes: content.length, sha256: digest(content), content },
    ]),
  );
  files.set('opened/recording.mp4', {
    bytes: opened.bytes,
    sha256: opened.sha256,
    content: new Uint8Array(),
  });
  const { size } = await ledger.checkpoint();
  const entries = await ledger.read(0, size);
  const proven = entries.map((bytes, index) => ({ index, entry: decodeEntry(bytes) }));
  const findings = new Findings();
  const policyLedger =
    pin === undefined ? (await town.get('/v1/ledger/vkey')).text.trim() : (pin ?? undefined);
  checkOpening(
    {
      ...{
        files,
        manifest: recording.manifest,
        dock: 'dock-1',
        policyKey: { ...town.service.issuer.key.jwk },
      },
      accepted: { recording: recordingId, manifest: recording.manifestHash } as EntryOf<'accepted'>,
      proven: proven.flatMap(({ index, entry }) => (entry.type === 'unknown' ? [] : [{ index, entry }])),
    },
    { checker: nodeChecker, policyLedger },
    findings,
  );
  return findings.list.map(({ code, file }) => `${code} ${file}`);
}
