import { createHash } from 'node:crypto';
import { toHex } from '../../proto/bytes.ts';
import { canonicalJson } from '../../proto/canonical-json.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { readEvaluation } from './answer.ts';
import { call, type Answer, type Endpoint } from './call.ts';
import { isPosted } from './fact.ts';
import { openJws, pinKeys, wrongTime, type PinnedKeys } from './jws.ts';
import type { AuthzenOptions } from './policy.ts';
import { isCount, isFields, isText, type Fields } from './shape.ts';

/** May this dock destroy this recording, which its own rule keeps for so many days? */
export interface DestroyQuestion {
  readonly recordingId: RecordingId;
  /** Hex. */
  readonly manifest: string;
  readonly days: number;
}

/** `unreachable` covers down, slow, malformed and wrongly signed, as in every question to the service. */
export type DestroyVerdict =
  | { readonly verdict: 'allow'; readonly grant: string; readonly reason: string }
  | { readonly verdict: 'deny' | 'unreachable'; readonly reason: string };

/** A fact on file about one recording. */
export interface NotedFact {
  readonly index: number;
  readonly type: string;
  readonly recording: string;
  /** The person who ordered it. */
  readonly by?: string;
  /** Of the fact as it is on file: SHA-256, hex, over its canonical JSON. */
  readonly digest: string;
}

/** What this dock destroyed, and where its ledger says so. */
export interface Destroyed {
  readonly recordingId: RecordingId;
  /** Hex. */
  readonly manifest: string;
  readonly entry: number;
  /** Of that entry. */
  readonly at: string;
}

const ANSWER_MS_MAX = 5_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const NONCE_BYTES = 16;
const GRANT_LIFE_S_MAX = 120;
// A thousand facts, whose reasons may be a thousand characters each.
const LIST_BYTES_MAX = 8 * 1024 * 1024;

/** Throws AuthzenError BAD_POLICY_KEY for a `policyKey` that cannot be pinned. Does not connect yet. */
export async function openRetentionDesk(options: AuthzenOptions): Promise<RetentionDesk> {
  return new RetentionDesk(options, await pinKeys(options.policyKey));
}

/** The policy service as the end of a recording needs it. Never throws for what the service does wrong. */
export class RetentionDesk {
  readonly #options: AuthzenOptions;
  readonly #pinned: PinnedKeys;
  readonly #endpoint: Endpoint;

  /** Use {@link openRetentionDesk}. */
  constructor(options: AuthzenOptions, pinned: PinnedKeys) {
    this.#options = options;
    this.#pinned = pinned;
    this.#endpoint = { url: options.url.replace(/\/+$/, ''), token: options.token, clock: options.clock };
  }

  /** An allow is a grant of kind `delete` whose every field was checked against this very question. */
  async mayDestroy(question: DestroyQuestion): Promise<DestroyVerdict> {
    const { dockId, randomBytes } = this.#options.keys;
    const nonce = toHex(randomBytes(NONCE_BYTES));
    const answer = await call(this.#endpoint, {
      path: '/access/v1/evaluation',
      body: {
        subject: { type: 'dock', id: dockId },
        action: { name: 'delete' },
        resource: { type: 'recording', id: question.recordingId },
        context: { purpose: 'retention', dock: dockId, nonce, days: question.days },
      },
      deadlineMs: ANSWER_MS_MAX,
      answerBytesMax: ANSWER_BYTES_MAX,
    });
    const problem = problemOf(answer);
    if (problem !== undefined || 'failed' in answer) return unreachable(problem ?? 'no answer');
    const evaluation = readEvaluation(answer.body);
    if (evaluation === undefined) return unreachable('policy service answered with something malformed');
    const { reason } = evaluation;
    if (!evaluation.decision) return { verdict: 'deny', reason };
    const refused = await this.#notGranted(evaluation.grant, question, nonce);
    if (refused !== undefined) return unreachable(`policy service answered with ${refused}`);
    return { verdict: 'allow', grant: evaluation.grant, reason };
  }

  /** Undefined once the service has it on file and has destroyed its wraps; else why not. Idempotent. */
  async destroyed({ recordingId, manifest, entry, at }: Destroyed): Promise<string | undefined> {
    const fact = {
      id: `destroyed/${recordingId}`,
      type: 'recording.destroyed',
      at,
      recording: recordingId,
      manifestHash: manifest,
      entry,
    };
    const answer = await call(this.#endpoint, {
      path: '/v1/facts',
      body: fact,
      deadlineMs: ANSWER_MS_MAX,
      answerBytesMax: ANSWER_BYTES_MAX,
    });
    const problem = problemOf(answer, [200, 201]);
    return (
      problem ?? (isPosted(answer) ? undefined : 'policy service answered without the index of the fact')
    );
  }

  /** Facts of these types after that index, in order; up to as many as the service gives at once. */
  async listed(
    types: readonly string[],
    after: number,
  ): Promise<readonly NotedFact[] | { readonly failed: string }> {
    const query = types.map((type) => `type=${encodeURIComponent(type)}`).join('&');
    const answer = await call(this.#endpoint, {
      path: `/v1/facts?${query}&after=${after}`,
      deadlineMs: ANSWER_MS_MAX,
      answerBytesMax: LIST_BYTES_MAX,
    });
    const problem = problemOf(answer);
    if (problem !== undefined || 'failed' in answer) return { failed: problem ?? 'no answer' };
    const facts = isFields(answer.body) ? answer.body['facts'] : undefined;
    const read = Array.isArray(facts) ? facts.map(readFact) : [undefined];
    const whole = read.filter((one) => one !== undefined);
    // One that cannot be read may be the hold that matters.
    const isGood = whole.length === read.length && whole.every((one) => types.includes(one.type));
    return isGood ? whole : { failed: 'policy service listed facts that cannot be read' };
  }

  async #notGranted(jws: string, question: DestroyQuestion, nonce: string): Promise<string | undefined> {
    const opened = await openJws(jws, 'holdfast-grant+jwt', this.#pinned);
    if ('refused' in opened) return opened.refused;
    const { dockId } = this.#options.keys;
    const wanted: Fields = {
      ...(this.#options.issuer === undefined ? {} : { iss: this.#options.issuer }),
      ...{ aud: dockId, sub: dockId, kind: 'delete', action: 'delete', purpose: 'retention' },
      ...{ recording: question.recordingId, manifest: question.manifest, nonce },
    };
    const wrong = Object.keys(wanted).find((claim) => opened.claims[claim] !== wanted[claim]);
    if (wrong !== undefined) return `a grant with another ${wrong}`;
    const time = wrongTime(opened.claims, this.#options.clock.wallUs(), GRANT_LIFE_S_MAX);
    return time === undefined ? undefined : `a grant that is ${time}`;
  }
}

function unreachable(reason: string): DestroyVerdict {
  return { verdict: 'unreachable', reason };
}

/** In words, unless the answer has one of these statuses. */
function problemOf(answer: Answer, good: readonly number[] = [200]): string | undefined {
  if ('failed' in answer) return answer.failed;
  if (good.includes(answer.status)) return undefined;
  const error = isFields(answer.body) ? answer.body['error'] : undefined;
  const said = isFields(error) && isText(error['message'], 500) ? `: ${error['message']}` : '';
  return `policy service answered ${answer.status}${said}`;
}

function readFact(entry: unknown): NotedFact | undefined {
  if (!isFields(entry) || !isCount(entry['index']) || !isFields(entry['fact'])) return undefined;
  const { type, recording, by } = entry['fact'];
  if (!isText(type, 64) || !isText(recording, 128) || !(by === undefined || isText(by, 128)))
    return undefined;
  return {
    index: entry['index'],
    type,
    recording,
    ...(by === undefined ? {} : { by }),
    digest: createHash('sha256').update(canonicalJson(entry)).digest('hex'),
  };
}
