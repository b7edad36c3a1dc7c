import { fromBase64 } from '../../../proto/bytes.ts';
import { isRecordingId } from '../../../proto/ids.ts';
import type { Missing, Opened } from './answers.ts';
import { ApiError, type Api, type Refused, refusedIn } from './api.ts';
import { peekClaims } from './base64url.ts';
import type { Evidence } from './evidence.ts';
import { signedByPage } from './jws.ts';
import type { PageKey, ReceivingKey } from './page-key.ts';
import { postSigned } from './policy-post.ts';
import { ChunkKeys } from './unseal.ts';

/** Who asks whom, about which opening. */
export interface Asking {
  readonly api: Pick<Api, 'consistency'>;
  readonly policyUrl: string;
  readonly key: PageKey;
  readonly opened: Opened;
  readonly evidence: Evidence;
  /** Made for this one answer, and for no other. */
  readonly receiving: ReceivingKey;
  /** So many entries the service was shown last, as far as this page knows; absent when it knows nothing. */
  readonly seen: number | undefined;
}

interface KnownGrowth {
  readonly from: number;
  readonly hashes: readonly string[];
}

/** The custodian's answers as this page uses them. */
interface Handed {
  readonly range: readonly [number, number];
  readonly enc: string;
  readonly ciphertext: string;
}

type Answer = { readonly handed: Handed } | { readonly needs: number } | { readonly refused: Refused };

// Every page that opens at the same moment may show the service a newer ledger while the proof of this one is on the way.
const PROOFS_MAX = 16;
const TRIES_MAX = 3;
const PAUSE_MS = 1_000;

/**
 * Asks the custodian for the keys of what was opened, past the dock: the answer is sealed to a key that this page has made for it.
 * Throws ApiError that says in words why no keys came.
 */
export async function fetchKeys(asking: Asking): Promise<ChunkKeys> {
  let consistency = await foreseen(asking);
  for (let proofs = 0; proofs <= PROOFS_MAX; proofs += 1) {
    const request = await requestFor(asking, consistency);
    const answer = await send(asking.policyUrl, request);
    if ('handed' in answer) return take(answer.handed, asking);
    if ('refused' in answer) throw refusal(answer.refused);
    consistency = await growthFor(asking, answer.needs);
  }
  throw notGiven("the dock's ledger is not the one that the policy service has seen before");
}

/** The proof that the service is going to want, unless somebody else has shown it a newer ledger; then it says what it wants. */
async function foreseen(asking: Asking): Promise<KnownGrowth | undefined> {
  if (asking.seen === undefined) return undefined;
  return growthFor(asking, asking.seen).catch(() => undefined);
}

function requestFor({ key, opened, receiving }: Asking, growth: KnownGrowth | undefined): Promise<string> {
  const { grant, entry, proof } = opened;
  // The service names itself in its grant; what the dock calls it may be another of its addresses.
  const aud = peekClaims(grant)?.['iss'];
  const consistency = growth === undefined ? {} : { consistency: growth };
  const claims = { grant, entry, proof, aud, ecdh: receiving.jwk, ...consistency };
  return signedByPage(key, 'holdfast-keys+jwt', claims);
}

/** The dock proves that what was seen before and what it shows now are one ledger, whichever is older. */
async function growthFor({ api, evidence }: Asking, seen: number): Promise<KnownGrowth> {
  const { grantedSize } = evidence;
  try {
    return await api.consistency(Math.min(seen, grantedSize), Math.max(seen, grantedSize));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw notGiven(`the dock does not prove that its ledger only grew (${error.message})`);
  }
}

/** The same request may be sent again within its minute: it still gives one set of keys. */
async function send(policyUrl: string, request: string): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const response = await postSigned(new URL('/v1/keys', policyUrl), request);
    const isLast = tries >= TRIES_MAX;
    if (response !== undefined && (response.status < 500 || isLast)) return answerIn(response);
    if (isLast)
      throw new ApiError('passing', 'The policy service did not give the keys: it cannot be reached.');
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function answerIn(response: Response): Promise<Answer> {
  if (response.status === 200) return { handed: (await response.json()) as Handed };
  const refused = await refusedIn(response);
  const isNeeded = refused.error?.code === 'consistency-needed' && refused.size !== undefined;
  return isNeeded ? { needs: refused.size } : { refused };
}

async function take(handed: Handed, { opened, evidence, receiving }: Asking): Promise<ChunkKeys> {
  const [start, end] = handed.range;
  const { recordingId: recording } = evidence.manifest;
  const [from, to] = opened.range;
  if (!isRecordingId(recording) || start > from || end < to) throw notGiven('they are for other chunks');
  try {
    const sealed = { enc: fromBase64(handed.enc), ciphertext: fromBase64(handed.ciphertext) };
    return await ChunkKeys.open({ recording, start, end }, sealed, receiving.pair);
  } catch {
    throw notGiven('what came is not sealed to this page, or not for these chunks');
  }
}

function refusal({ error, missing }: Refused): ApiError {
  return notGiven((error?.message ?? 'it gave no reason').replace(/\.$/, ''), missing);
}

function notGiven(why: string, missing: readonly Missing[] = []): ApiError {
  return new ApiError('withheld', `The policy service did not give the keys: ${why}.`, missing);
}
