import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { fromBase64, toHex, utf8 } from '../../proto/bytes.ts';
import { chunkSecret } from '../../proto/chunk-key.ts';
import { parseCheckpoint } from '../../proto/checkpoint.ts';
import {
  type DecryptSegment,
  openPlan,
  openSegments,
  SEAL_KEY_BYTES,
  TAG_BYTES,
} from '../../proto/cobblestone.ts';
import { SealError } from '../../proto/errors.ts';
import { keysInfo } from '../../proto/key-range.ts';
import type { Manifest } from '../../proto/manifest.ts';
import { splitNote } from '../../proto/note.ts';
import { parseTlogProof } from '../../proto/tlog-proof.ts';
import type { OpenedPart } from './build.ts';
import { PackageError } from './errors.ts';
import type { RecordingFolder } from './folder.ts';
import { decisionText } from './grant.ts';
import { PATHS } from './layout.ts';

/** Who opens a recording for a package, and where. Keys are made for this one opening. */
export interface Opener {
  readonly dockUrl: string;
  readonly policyUrl: string;
  readonly person: string;
  readonly password: string;
  readonly purpose: string;
  readonly nowS: () => number;
  readonly key: {
    readonly jwk: Readonly<Record<string, unknown>>;
    sign(typ: string, claims: Readonly<Record<string, unknown>>, nowS: number): string;
  };
  readonly receiver: {
    readonly jwk: Readonly<Record<string, unknown>>;
    open(
      sealed: { readonly enc: Uint8Array; readonly ciphertext: Uint8Array },
      info: Uint8Array,
    ): Promise<Uint8Array>;
  };
}

/** Footage that may be opened now, and under which grant. */
export interface OpenedFootage extends OpenedPart {
  /** SHA-256 of the grant, as the ledger names it. */
  readonly grantDigest: string;
}

type Answer = Readonly<Record<string, unknown>>;

/**
 * Opens a recording by the road that every viewer goes: sign-in, a fresh decision, the grant in the ledger, keys from the
 * custodian; then decrypts what is in the folder. Throws PackageError: PACKAGE_REFUSED when the rules or a password say no,
 * PACKAGE_BUSY when a service cannot be reached, PACKAGE_BAD for an answer that does not hold.
 */
export async function openFootage(folder: RecordingFolder, opener: Opener): Promise<OpenedFootage> {
  const { manifest } = folder.recording;
  const signIn = { person: opener.person, password: opener.password, jwk: opener.key.jwk };
  const { token } = await post(`${opener.policyUrl}/v1/sign-in`, signIn);
  const { dock } = await get(`${opener.dockUrl}/v1/config`);
  const claims = { recording: manifest.recordingId, purpose: opener.purpose, aud: dock };
  const proof = opener.key.sign('holdfast-open+jwt', claims, opener.nowS());
  const opened = await post(
    `${opener.dockUrl}/v1/recordings/${manifest.recordingId}/open`,
    { purpose: opener.purpose, proof },
    { authorization: `Bearer ${word(token)}` },
  );
  const grant = word(opened['grant']);
  const whole = JSON.stringify([0, manifest.chunks.length]);
  if (JSON.stringify(claimsOf(grant)['chunks']) !== whole) throw bad('the grant is not for every chunk');
  const keys = manifest.suite === 0 ? undefined : await fetchKeys(manifest, opened, opener);
  const { keys: published } = await get(`${opener.policyUrl}/.well-known/jwks.json`);
  const video = (): AsyncGenerator<Uint8Array> => footage(folder, keys);
  return {
    video,
    ...(await measured(video())),
    files: policyFiles(grant, published),
    grantDigest: sha256Hex(utf8(grant)),
  };
}

/** The chunk keys, all of them: a grant for a part opens no whole video. */
async function fetchKeys(manifest: Manifest, opened: Answer, opener: Opener): Promise<Uint8Array> {
  const [grant, entry, proof] = [word(opened['grant']), word(opened['entry']), word(opened['proof'])];
  const aud = claimsOf(grant)['iss'];
  const ask = async (more: object): Promise<{ readonly status: number; readonly body: Answer }> => {
    const claims = { grant, entry, proof, aud, ecdh: opener.receiver.jwk, ...more };
    const request = opener.key.sign('holdfast-keys+jwt', claims, opener.nowS());
    return send(`${opener.policyUrl}/v1/keys`, { request });
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
  const { range, enc, ciphertext } = answer.body;
  const end = manifest.chunks.length;
  if (JSON.stringify(range) !== JSON.stringify([0, end])) throw bad('the keys are not those of every chunk');
  const sealed = { enc: fromBase64(word(enc)), ciphertext: fromBase64(word(ciphertext)) };
  const keys = await opener.receiver.open(
    sealed,
    keysInfo({ recording: manifest.recordingId, start: 0, end }),
  );
  if (keys.length !== end * SEAL_KEY_BYTES) throw bad('the keys are not as many as the chunks');
  return keys;
}

async function* footage(folder: RecordingFolder, keys: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  const { recordingId, chunks } = folder.recording.manifest;
  for (const [index, { sha256 }] of chunks.entries()) {
    const stored = await folder.readChunk(index);
    if (sha256Hex(stored) !== toHex(sha256)) throw bad(`chunk ${index} is not what its camera signed`);
    if (keys === undefined) yield stored;
    else {
      const key = keys.subarray(index * SEAL_KEY_BYTES, (index + 1) * SEAL_KEY_BYTES);
      yield unsealed(key, { recording: recordingId, index }, stored);
    }
  }
}

function unsealed(key: Uint8Array, place: Parameters<typeof chunkSecret>[1], stored: Uint8Array): Uint8Array {
  try {
    return openSegments(openPlan(chunkSecret(key, place), stored, hmacSha512), stored, decrypt);
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

/** What the policy service said: the grant as it signed it, the same for reading, and the key it signs with. */
function policyFiles(grant: string, published: unknown): ReadonlyMap<string, Uint8Array> {
  const [jwk] = Array.isArray(published) ? (published as readonly unknown[]) : [];
  return new Map([
    [PATHS.grant, utf8(grant)],
    [PATHS.decision, decisionText(claimsOf(grant))],
    [PATHS.policyKey, utf8(`${JSON.stringify(jwk, null, 2)}\n`)],
  ]);
}

const ANSWER_MS_MAX = 30_000;

async function send(
  url: string,
  body: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Answer }> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const json = { ...headers, 'content-type': 'application/json' };
  const request =
    body === undefined ? { signal } : { signal, method: 'POST', headers: json, body: JSON.stringify(body) };
  try {
    const answer = await fetch(url, { redirect: 'error', ...request });
    const said: unknown = await answer.json();
    if (typeof said !== 'object' || said === null) throw new TypeError('it is no JSON object');
    return { status: answer.status, body: Object.fromEntries(Object.entries(said)) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PackageError('PACKAGE_BUSY', `${url} gave no answer: ${why}`, { retry: 'later', cause });
  }
}

async function get(url: string): Promise<Answer> {
  const answer = await send(url, undefined);
  if (answer.status === 200) return answer.body;
  throw refusal(url, answer);
}

async function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await send(url, body, headers);
  if (answer.status === 200) return answer.body;
  throw refusal(url, answer);
}

function refusal(
  what: string,
  { status, body }: { readonly status: number; readonly body: Answer },
): PackageError {
  const said = JSON.stringify(body['error'] ?? body).slice(0, 500);
  return new PackageError('PACKAGE_REFUSED', `${what}: ${status} ${said}`, {
    retry: 'never',
    facts: { status },
  });
}

function claimsOf(jws: string): Answer {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString());
    if (typeof claims === 'object' && claims !== null) return Object.fromEntries(Object.entries(claims));
  } catch {
    // Falls through to the one error.
  }
  throw bad('the grant is no JWS');
}

function word(value: unknown): string {
  if (typeof value === 'string') return value;
  throw bad('an answer lacks what it must have');
}

function bad(message: string): PackageError {
  return new PackageError('PACKAGE_BAD', message, { retry: 'never' });
}

const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const hmacSha512 = (key: Uint8Array, message: Uint8Array): Uint8Array =>
  createHmac('sha512', key).update(message).digest();

const decrypt: DecryptSegment = (key, nonce, { body, tag }) => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(tag);
  const plain = decipher.update(body);
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
};
