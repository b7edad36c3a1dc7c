import { toHex } from '../../proto/bytes.ts';
import type {
  Clock,
  Keys,
  Policy,
  PolicyEvent,
  Question,
  RegisteredRecording,
  Verdict,
  Viewer,
} from '../ports.ts';
import { readEvaluation } from './answer.ts';
import { call, type Answer, type Request } from './call.ts';
import { isPosted, registeredFact } from './fact.ts';
import { openGrant } from './grant.ts';
import { openJws, pinKeys, type OpenJws } from './jws.ts';
import { listen } from './listen.ts';
import { openToken } from './token.ts';

export interface AuthzenOptions {
  /** Where the policy service listens, e.g. `http://127.0.0.1:8700`. */
  readonly url: string;
  /** Parsed JSON of the service's public key file (a P-256 JWK, or a JWK Set of such keys), brought here by a person. */
  readonly policyKey: unknown;
  /** Bearer token under which the service knows this dock as a source. */
  readonly token: string;
  /** Expected `iss` of grants and tokens; not checked when absent, as the key is pinned anyway. */
  readonly issuer?: string;
  readonly clock: Clock;
  readonly keys: Pick<Keys, 'dockId' | 'randomBytes'>;
  /** Told once that the service signs with a key that is not pinned here, and what is to be done. */
  readonly warn?: (text: string) => void;
}

/** What lies between this adapter and the service: HTTP and ES256, or in a world without real time what stands for them. */
export interface PolicyWire {
  /** Never throws: what goes wrong is a sentence. */
  call(this: void, request: Request): Promise<Answer>;
  /** Until `stop`, and over as many connections as that takes; each begins with `reconnected`. */
  listen(this: void, stop: AbortSignal): AsyncIterable<PolicyEvent>;
  readonly openJws: OpenJws;
}

type Asker = Pick<AuthzenOptions, 'issuer' | 'clock' | 'keys' | 'warn'>;

// A person is waiting, and a slow service must not look like an undecided one.
const DECIDE_MS_MAX = 2_000;
// A registration carries the manifest, which for a long recording is megabytes: a second more for each.
const REGISTER_BYTES_PER_MS = 1_000;
// A thousand missing facts in plain words.
const ANSWER_BYTES_MAX = 256 * 1024;
const NONCE_BYTES = 16;

/** Throws AuthzenError BAD_POLICY_KEY for a `policyKey` that cannot be pinned. Does not connect yet. */
export async function openAuthzen(options: AuthzenOptions): Promise<Policy> {
  const pinned = await pinKeys(options.policyKey);
  const endpoint = { url: options.url.replace(/\/+$/, ''), token: options.token, clock: options.clock };
  return policyOver(options, {
    call: (request) => call(endpoint, request),
    listen: (stop) => listen(endpoint, stop),
    openJws: (jws, typ) => openJws(jws, typ, pinned),
  });
}

/** The same over any wire. */
export function policyOver(asker: Asker, wire: PolicyWire): Policy {
  return new AuthzenPolicy(asker, wire);
}

/** The policy service over OpenID AuthZEN 1.0, believed only as far as its signature under the pinned key. */
class AuthzenPolicy implements Policy {
  readonly #options: Asker;
  readonly #wire: PolicyWire;
  readonly #stop = new AbortController();
  #warned = '';

  constructor(options: Asker, wire: PolicyWire) {
    this.#options = options;
    this.#wire = wire;
  }

  async decide(question: Question): Promise<Verdict> {
    const nonce = toHex(this.#options.keys.randomBytes(NONCE_BYTES));
    const answer = await this.#wire.call({
      path: '/access/v1/evaluation',
      body: evaluationRequest(question, this.#options.keys.dockId, nonce),
      deadlineMs: DECIDE_MS_MAX,
      answerBytesMax: ANSWER_BYTES_MAX,
    });
    return this.#judge(question, nonce, answer);
  }

  async register(recording: RegisteredRecording): Promise<boolean> {
    const answer = await this.#wire.call({
      path: '/v1/facts',
      body: registeredFact(recording),
      deadlineMs: DECIDE_MS_MAX + Math.ceil(recording.signedManifest.length / REGISTER_BYTES_PER_MS),
      answerBytesMax: ANSWER_BYTES_MAX,
    });
    return isPosted(answer);
  }

  events(): AsyncIterable<PolicyEvent> {
    return this.#wire.listen(this.#stop.signal);
  }

  async viewer(token: string): Promise<Viewer | { readonly refused: string }> {
    return openToken(token, this.#wire.openJws, {
      issuer: this.#options.issuer,
      nowUs: this.#options.clock.wallUs(),
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
  }

  async #judge(question: Question, nonce: string, answer: Answer): Promise<Verdict> {
    if ('failed' in answer) return { verdict: 'unreachable', reason: answer.failed };
    if (answer.status === 401 || answer.status === 403) {
      return { verdict: 'unreachable', reason: `policy service does not know this dock (${answer.status})` };
    }
    if (answer.status !== 200)
      return { verdict: 'unreachable', reason: `policy service answered ${answer.status}` };
    const evaluation = readEvaluation(answer.body);
    if (evaluation === undefined)
      return { verdict: 'unreachable', reason: 'policy service answered with something malformed' };
    if (!evaluation.decision) {
      const { reason, missing, regime, policySet, concerns, isStranger } = evaluation;
      const rules = policySet === undefined ? { regime } : { regime, policySet };
      return { verdict: 'deny', reason, missing, ...rules, concerns, isStranger };
    }
    const grant = await openGrant(evaluation.grant, this.#wire.openJws, {
      question,
      dockId: this.#options.keys.dockId,
      nonce,
      issuer: this.#options.issuer,
      nowUs: this.#options.clock.wallUs(),
    });
    if (!('refused' in grant)) return { verdict: 'allow', grant, reason: evaluation.reason };
    const reason = `policy service answered with ${grant.refused}`;
    if (grant.isUnknownKey === true) this.#warnOnce(reason);
    return { verdict: 'unreachable', reason };
  }

  #warnOnce(text: string): void {
    if (this.#warned !== text) this.#options.warn?.(text);
    this.#warned = text;
  }
}

/** OpenID AuthZEN 1.0, section 6: subject, action, resource, context. */
function evaluationRequest(
  { person, recordingId, action, purpose, opening }: Question,
  dock: string,
  nonce: string,
): unknown {
  return {
    subject: { type: 'person', id: person },
    action: { name: action },
    resource: { type: 'recording', id: recordingId },
    context: {
      purpose,
      dock,
      nonce,
      ...(opening === undefined ? {} : { opening: { token: opening.token, proof: opening.proof } }),
      ...(opening?.chunks === undefined ? {} : { chunks: opening.chunks }),
    },
  };
}
