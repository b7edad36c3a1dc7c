import type { AuthorizationAnswer, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { Purpose } from '../facts/fact.ts';
import type { Situation } from '../facts/situation.ts';

export const ACTIONS = ['view', 'export'] as const;
export type Action = (typeof ACTIONS)[number];

/** One request to the rules: one person, one recording, one of its incidents. */
export interface Gate {
  readonly action: Action;
  readonly purpose: Purpose;
  readonly situation: Situation;
}

export interface GateAnswer {
  readonly allowed: boolean;
  /** Ids of the policies that decided: the permits of an allow, the forbids of a deny; none when nothing permits. */
  readonly policies: readonly string[];
  /** What went wrong inside the evaluation. With any entry the answer is a deny. */
  readonly errors: readonly string[];
}

// Rules may name no person and no recording (checked when they load), so the ids do not matter to an answer.
const PERSON = { type: 'Person', id: 'asking' } as const;
const RECORDING = { type: 'Recording', id: 'asked-for' } as const;

/** The gate as Cedar takes it. */
export function cedarCall({
  action,
  purpose,
  situation,
}: Gate): Omit<
  StatefulAuthorizationCall,
  'preparsedPolicySetId' | 'preparsedSchemaName' | 'validateRequest'
> {
  const { roles, recording, incident, person, recorderReportFiled, authorisedBy } = situation;
  return {
    principal: PERSON,
    action: { type: 'Action', id: action },
    resource: RECORDING,
    context: {
      purpose: entity('Purpose', purpose),
      incident: {
        ...incident,
        force: entity('Force', incident.force),
        injury: entity('Injury', incident.injury),
      },
      person: { ...person },
      recorderReportFiled,
      authorisedBy: authorisedBy.map((role) => entity('Role', role)),
    },
    entities: [
      { uid: PERSON, attrs: {}, parents: roles.map((id) => ({ type: 'Role', id })) },
      { uid: RECORDING, attrs: { ...recording }, parents: [] },
    ],
  };
}

type Call = ReturnType<typeof cedarCall>;

/** The call without the attributes that a schema does not know: strict validation refuses what is too much as well. */
export function cutDown(call: Call, declared: ReadonlySet<string>): Call {
  const known = <Members extends object>(members: Members): Members =>
    Object.fromEntries(
      Object.entries(members)
        .filter(([name]) => declared.has(name))
        .map(([name, value]) => [name, isRecord(value) ? known(value) : value]),
    ) as Members;
  const entities = Array.isArray(call.entities) ? call.entities : [];
  return {
    ...call,
    context: known(call.context),
    entities: entities.map((one) => ({ ...one, attrs: known(one.attrs) })),
  };
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('__entity' in value);
}

/**
 * Cedar's answer as ours. Cedar skips a forbid that fails and may then allow (it reports the failure beside the
 * decision), so any error at all is a deny here.
 */
export function gateAnswer(answer: AuthorizationAnswer): GateAnswer {
  if (answer.type === 'failure') {
    return { allowed: false, policies: [], errors: answer.errors.map(({ message }) => message) };
  }
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`);
  const policies = [...diagnostics.reason].sort();
  return { allowed: decision === 'allow' && errors.length === 0, policies, errors };
}

function entity(
  type: string,
  id: string,
): { readonly __entity: { readonly type: string; readonly id: string } } {
  return { __entity: { type, id } };
}
