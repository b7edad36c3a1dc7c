import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { RegimeError } from '../errors.ts';
import { cedarCall, cutDown, gateAnswer, type Gate, type GateAnswer } from './gate.ts';

export interface Policy {
  readonly id: string;
  /** For people; quoted in reasons. */
  readonly text: string;
  readonly effect: 'permit' | 'forbid';
  /** `base` or the regime: the file it stands in. */
  readonly file: string;
  /** Cedar source. */
  readonly source: string;
  /** Names of every attribute it looks at. */
  readonly reads: ReadonlySet<string>;
  /** The role that it is about, where its head names one; undefined for everybody. */
  readonly role?: string;
}

/** What a decision needs of a loaded policy set. */
export interface Rules {
  readonly regime: string;
  /** SHA-256, hex, over what schema and policies say; comments and white space do not change it. */
  readonly hash: string;
  readonly policies: ReadonlyMap<string, Policy>;
  /** Names of every attribute any policy looks at. */
  readonly reads: ReadonlySet<string>;
  evaluate(gate: Gate): GateAnswer;
  /** The same, asked of Cedar in any case: what is remembered is neither used nor added to. */
  ask(gate: Gate): GateAnswer;
}

export interface RulesParts {
  readonly regime: string;
  readonly hash: string;
  readonly policies: readonly Policy[];
  readonly reads: ReadonlySet<string>;
  readonly schema: string;
  /** No policy looks at a whole record: two gates that agree in all that is in `reads` have one answer. Checked by whoever says so. */
  readonly byAttribute?: boolean;
  /** Attributes that a gate is cut down to; all of them when absent. For rules of a time that knew fewer. */
  readonly declared?: ReadonlySet<string>;
}

// Answers are few (yes/no facts and a handful of roles); this only bounds what a hostile caller could add.
const REMEMBERED_MAX = 20_000;

/**
 * Hands policies and schema to Cedar once and answers gates from then on. The same gate has the same answer, so
 * answers are remembered: by all that the policies look at, where that is known. Throws RegimeError when Cedar cannot read them.
 */
export function prepareRules(parts: RulesParts): Rules {
  const { regime, hash, policies, reads, schema, declared } = parts;
  // V8 11.3 (Node 20) inlines hot calls into WebAssembly, and ends the process with "unreachable code" when such
  // code is deoptimised inside a call that returns an object, as Cedar's do (Deoptimizer::DoComputeBuiltinContinuation;
  // seen after some ten thousand decisions). The switch costs nothing measurable: a call takes hundreds of microseconds.
  setFlagsFromString('--no-turbo-inline-js-wasm-calls');
  // Cedar keeps what it parsed under this name for the whole process, so the schema is part of it.
  const name = `${regime}@${hash}@${createHash('sha256').update(schema).digest('hex')}`;
  const staticPolicies = Object.fromEntries(policies.map(({ id, source }) => [id, source]));
  for (const answer of [preparseSchema(name, schema), preparsePolicySet(name, { staticPolicies })]) {
    if (answer.type === 'success') continue;
    const why = answer.errors.map(({ message }) => message).join('; ');
    throw new RegimeError('BAD_POLICY', `Cedar cannot read the ${regime} policies: ${why}`, {
      retry: 'never',
    });
  }
  const remembered = new Map<string, GateAnswer>();
  const ask = (gate: Gate): GateAnswer => askCedar(name, gate, declared);
  const keyOf = parts.byAttribute === true ? keyBy(reads) : (gate: Gate): string => JSON.stringify(gate);
  return {
    regime,
    hash,
    policies: new Map(policies.map((policy) => [policy.id, policy])),
    reads,
    ask,
    evaluate(gate) {
      const key = keyOf(gate);
      const before = remembered.get(key);
      if (before !== undefined) return before;
      const answer = ask(gate);
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      remembered.set(key, answer);
      return answer;
    },
  };
}

/** What of a gate the policies look at. Roles and purpose are in the heads of policies, so they always count. */
function keyBy(reads: ReadonlySet<string>): (gate: Gate) => string {
  return ({ action, purpose, situation }) => {
    const { roles, recording, incident, person, recorderReportFiled, authorisedBy } = situation;
    const looked: unknown[] = [action, purpose, roles];
    for (const members of [recording, incident, person, { recorderReportFiled, authorisedBy }])
      for (const [name, value] of Object.entries(members)) if (reads.has(name)) looked.push(name, value);
    return JSON.stringify(looked);
  };
}

function askCedar(name: string, gate: Gate, declared: ReadonlySet<string> | undefined): GateAnswer {
  try {
    const call = cedarCall(gate);
    return gateAnswer(
      statefulIsAuthorized({
        ...(declared === undefined ? call : cutDown(call, declared)),
        preparsedPolicySetId: name,
        preparsedSchemaName: name,
        validateRequest: true,
      }),
    );
  } catch (error) {
    return {
      allowed: false,
      policies: [],
      errors: [error instanceof Error ? error.message : 'Cedar failed'],
    };
  }
}
