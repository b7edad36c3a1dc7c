import { createHash } from 'node:crypto';
import { fromBase64, toHex, utf8 } from '../../proto/bytes.ts';
import { parseCheckpoint } from '../../proto/checkpoint.ts';
import { SEAL_KEY_BYTES } from '../../proto/cobblestone.ts';
import { SealError } from '../../proto/errors.ts';
import { keysInfo } from '../../proto/key-range.ts';
import type { Manifest } from '../../proto/manifest.ts';
import { splitNote } from '../../proto/note.ts';
import { parseTlogProof } from '../../proto/tlog-proof.ts';
import type { OpenedPart } from './build.ts';
import { DECISION_TYP, decisionProblem } from './decision.ts';
import { PackageError } from './errors.ts';
import type { RecordingFolder } from './folder.ts';
import { chunksOf, GRANT_TYP } from './grant.ts';
import { claimsText, type Fields, fieldsOf, peekJws, readSigned } from './jws.ts';
import {
  custodyPath,
  custodyProofPath,
  decisionPath,
  decisionTextPath,
  grantPath,
  OPENINGS_MAX,
  PATHS,
} from './layout.ts';
import { type Answer, bad, get, getLine, post, refusal, send, word } from './services.ts';
import { unseal } from './unseal.ts';

/** Who opens a recording for a package, and where. Keys are made for this one opening. */
export interface Opener {
  readonly dockUrl: string;
  readonly policyUrl: string;
  readonly person: string;
  readonly password: string;
  readonly purpose: string;
  readonly nowS: () => number;
  /** Resolves after so many seconds. */
  readonly pause: (seconds: number) => Promise<void>;
  readonly key: {
    readonly jwk: Fields;
    sign(typ: string, claims: Fields, nowS: number): string;
  };
  readonly receiver: {
    readonly jwk: Fields;
    open(
      sealed: { readonly enc: Uint8Array; readonly ciphertext: Uint8Array },
      info: Uint8Array,
    ): Promise<Uint8Array>;
  };
}

/** What is needed of a recording's folder. */
type Content = Pick<RecordingFolder, 'recording' | 'readChunk'>;

/** Footage that may be opened now, and under which grants. */
export interface OpenedFootage extends OpenedPart {
  /** SHA-256 over the grants, as the ledger names them. */
  readonly grantDigest: string;
  readonly grants: readonly string[];
}

/** One grant of several: none covers more than the service gives at once. */
interface Opening {
  readonly grant: string;
  readonly claims: Fields;
  readonly range: readonly [number, number];
  readonly answer: Answer;
}

/** The keys of an opening, and the custodian's own ledger entry about them. */
interface Keys {
  readonly keys: Uint8Array;
  readonly custody: Answer | undefined;
}

/**
 * Opens a recording by the road that every viewer goes: sign-in, then for one part after the other a fresh decision, the grant in
 * the ledger, the decision behind it, keys from the custodian; then decrypts what is in the folder. Throws PackageError:
 * PACKAGE_REFUSED when the rules or a password say no, PACKAGE_BUSY when a service cannot be reached, PACKAGE_BAD for an
 * answer that does not hold.
 */
export async function openFootage(folder: Content, opener: Opener): Promise<OpenedFootage> {
  const { manifest } = folder.recording;
  const signIn = { person: opener.person, password: opener.password, jwk: opener.key.jwk };
  const { token } = await post(`${opener.policyUrl}/v1/sign-in`, signIn);
  const { dock } = await get(`${opener.dockUrl}/v1/config`);
  const { keys: published } = await get(`${opener.policyUrl}/.well-known/jwks.json`);
  const files = new Map<string, Uint8Array>();
  const [grants, decisions, keys]: [string[], Fields[], Uint8Array[]] = [[], [], []];
  let kid: unknown;
  for (let next = 0; next < manifest.chunks.length; ) {
    const number = grants.length;
    if (number >= OPENINGS_MAX) throw bad(`the grants are for too little: ${number} do not open it all`);
    const opening = await openFrom(manifest, next, { opener, token: word(token), dock });
    const jwk = keyOf(opening.grant, published);
    // A package names one key, and everything in it must be verified with that one.
    if (decisions.length > 0 && jwk['kid'] !== kid) throw keyChanged();
    kid = jwk['kid'];
    const decision = await fetchDecision(opening, jwk, opener);
    files.set(grantPath(number), utf8(opening.grant));
    files.set(decisionPath(number), utf8(decision.jws));
    files.set(decisionTextPath(number), claimsText(decision.claims));
    files.set(PATHS.policyKey, utf8(`${JSON.stringify(jwk, null, 2)}\n`));
    if (manifest.suite !== 0) {
      const given = await fetchKeys(manifest, opening, opener);
      keys.push(given.keys);
      for (const [path, bytes] of custodyFiles(number, given)) files.set(path, bytes);
    }
    grants.push(opening.grant);
    decisions.push(decision.claims);
    [, next] = opening.range;
  }
  if (files.has(custodyPath(0)))
    files.set(PATHS.policyLedger, utf8(`${await getLine(`${opener.policyUrl}/v1/ledger/vkey`)}\n`));
  const all = manifest.suite === 0 ? undefined : Buffer.concat(keys);
  const video = (): AsyncGenerator<Uint8Array> => footage(folder, all);
  const measure = await measured(video());
  return { video, ...measure, files, decisions, grants, grantDigest: sha256Hex(utf8(grants.join(''))) };
}

function keyChanged(): PackageError {
  const message = 'the policy service began to sign with another key meanwhile: export once more';
  return new PackageError('PACKAGE_BUSY', message, { retry: 'later' });
}

// Enough for a dock that lets a person open one part a second.
const TRIES_MAX = 20;
const PAUSE_S_MAX = 60;

/** Opens the recording from this chunk on, as far as the service lets it. */
async function openFrom(
  { recordingId: recording, chunks }: Manifest,
  start: number,
  by: { readonly opener: Opener; readonly token: string; readonly dock: unknown },
): Promise<Opening> {
  const { dockUrl, purpose, key, nowS, pause } = by.opener;
  const wanted = start === 0 ? {} : { chunks: [start, chunks.length] };
  const url = `${dockUrl}/v1/recordings/${recording}/open`;
  for (let tries = 1; ; tries += 1) {
    const claims = { recording, purpose, aud: by.dock, ...wanted };
    const proof = key.sign('holdfast-open+jwt', claims, nowS());
    const headers = { authorization: `Bearer ${by.token}` };
    const { status, body, retryAfterS } = await send(url, { purpose, proof, ...wanted }, headers);
    if (status === 429 && tries < TRIES_MAX) {
      await pause(Math.min(Math.max(1, retryAfterS), PAUSE_S_MAX));
      continue;
    }
    if (status !== 200) throw refusal(url, { status, body });
    const grant = word(body['grant']);
    const granted = peekJws(grant)?.claims;
    const range = granted && chunksOf(granted);
    if (granted === undefined || range === undefined) throw bad('the grant is no JWS, or names no chunks');
    if (range[0] !== start || range[1] > chunks.length)
      throw bad(`the grant is for chunks ${range.join(' to ')}, and those from ${start} on were asked for`);
    return { grant, claims: granted, range, answer: body };
  }
}

/** The key that signed the grant, of those that the service publishes. */
function keyOf(grant: string, published: unknown): Fields {
  const keys: readonly unknown[] = Array.isArray(published) ? published : [];
  const kid = peekJws(grant)?.header['kid'];
  const jwk = keys.map(fieldsOf).find((key) => key !== undefined && key['kid'] === kid);
  if (typeof kid !== 'string' || jwk === undefined)
    throw bad(`the policy service publishes no key ${String(kid)}, which its grant is signed with`);
  if (readSigned(utf8(grant), { typ: GRANT_TYP, jwk }) === undefined)
    throw bad(`the grant is not signed with the key ${kid} that the policy service publishes`);
  return jwk;
}

/** The decision behind a grant, checked as whoever reads the package will. */
async function fetchDecision(
  { grant, claims }: Opening,
  jwk: Fields,
  opener: Opener,
): Promise<{ readonly jws: string; readonly claims: Fields }> {
  const { policyUrl, key, nowS } = opener;
  const request = key.sign('holdfast-decision-request+jwt', { grant, aud: claims['iss'] }, nowS());
  const url = `${policyUrl}/v1/decision`;
  const answer = await heardOut(url, request, opener);
  if (answer.status !== 200) throw refusal(url, answer);
  const jws = word(answer.body['decision']);
  const decided = readSigned(utf8(jws), { typ: DECISION_TYP, jwk });
  if (decided === undefined) throw bad('the decision is not signed with the key of its grant');
  const problem = decisionProblem(decided, { claims, digest: sha256Hex(utf8(grant)) });
  if (problem !== undefined) throw bad(`the decision behind the grant ${problem}`);
  return { jws, claims: decided };
}

/** The answer to a signed request, whatever its status, once what is given by it is where everybody can see it. */
async function heardOut(url: string, request: string, { pause }: Opener): ReturnType<typeof send> {
  for (let tries = 1; ; tries += 1) {
    const answer = await send(url, { request });
    // It is written down there and not yet witnessed: the very same request is heard again, of keys no other one is.
    if (answer.status !== 503 || tries >= TRIES_MAX) return answer;
    await pause(Math.min(Math.max(1, answer.retryAfterS), 2));
  }
}

/** The keys of the chunks that the grant is for. */
async function fetchKeys(manifest: Manifest, opening: Opening, opener: Opener): Promise<Keys> {
  const { grant, answer: opened, range } = opening;
  const [entry, proof] = [word(opened['entry']), word(opened['proof'])];
  const ask = async (more: object): ReturnType<typeof send> => {
    const claims = { grant, entry, proof, aud: opening.claims['iss'], ecdh: opener.receiver.jwk, ...more };
    const request = opener.key.sign('holdfast-keys+jwt', claims, opener.nowS());
    return heardOut(`${opener.policyUrl}/v1/keys`, request, opener);
  };
  let answer = await ask({});
  const seen = answer.body['size'];
  // The custodian remembers how far this log had come, and wants to see that it only grew.
  if (answer.status === 409 && typeof seen === 'number') {
    const { size } = parseCheckpoint(splitNote(parseTlogProof(proof).checkpoint).text);
    const [from, to] = [Math.min(seen, size), Math.max(seen, size)];
    const { hashes } = await get(`${opener.dockUrl}/v1/ledger/consistency?from=${from}&to=${to}`);
    answer = await ask({ consistency: { from, hashes } });
  }
  if (answer.status !== 200) throw refusal('the custodian gives no keys', answer);
  const { enc, ciphertext, custody } = answer.body;
  if (JSON.stringify(answer.body['range']) !== JSON.stringify(range))
    throw bad('the keys are not those of the chunks that the grant is for');
  const [start, end] = range;
  const sealed = { enc: fromBase64(word(enc)), ciphertext: fromBase64(word(ciphertext)) };
  const info = keysInfo({ recording: manifest.recordingId, start, end });
  const keys = await opener.receiver.open(sealed, info);
  if (keys.length !== (end - start) * SEAL_KEY_BYTES) throw bad('the keys are not as many as the chunks');
  return { keys, custody: fieldsOf(custody) };
}

function custodyFiles(number: number, { custody }: Keys): readonly (readonly [string, Uint8Array])[] {
  if (custody === undefined) return [];
  return [
    [custodyPath(number), fromBase64(word(custody['entry']))],
    [custodyProofPath(number), utf8(word(custody['proof']))],
  ];
}

async function* footage(folder: Content, keys: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  const { recordingId: recording, chunks } = folder.recording.manifest;
  for (const [index, { sha256 }] of chunks.entries()) {
    const stored = await folder.readChunk(index);
    if (sha256Hex(stored) !== toHex(sha256)) throw bad(`chunk ${index} is not what its camera signed`);
    if (keys === undefined) yield stored;
    else {
      const key = keys.subarray(index * SEAL_KEY_BYTES, (index + 1) * SEAL_KEY_BYTES);
      yield opened(key, { recording, index }, stored);
    }
  }
}

function opened(key: Uint8Array, place: Parameters<typeof unseal>[1], stored: Uint8Array): Uint8Array {
  try {
    return unseal(key, place, stored);
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    throw bad(`chunk ${place.index} does not open with the custodian's key: ${cause.message}`);
  }
}

async function measured(
  video: AsyncIterable<Uint8Array>,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of video) {
    hash.update(part);
    bytes += part.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
