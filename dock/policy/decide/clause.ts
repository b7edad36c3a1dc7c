import { policyToJson, policyToText, type Expr, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { RegimeError } from '../errors.ts';
import type { Policy } from './rules.ts';

/** One of the conditions that must all hold for a policy to apply. */
export interface Clause {
  /** Cedar source of a permit that applies exactly when the condition holds. */
  readonly source: string;
  /** `action`, `principal` and the attributes that it looks at: nothing else can change its answer. */
  readonly reads: ReadonlySet<string>;
}

type Condition = PolicyJson['conditions'][number];

const ANYTHING = { op: 'All' } as const;

/**
 * A policy as the conditions that make it up: whom and what it is about, and every part of its `when` and `unless`.
 * Each by itself reads little, so that all its answers can be asked for. Throws RegimeError when Cedar cannot take it apart.
 */
export function clausesOf({ id, source }: Policy): readonly Clause[] {
  const parsed = policyToJson(source);
  if (parsed.type === 'failure') throw apart(id);
  const { principal, action, resource, conditions } = parsed.json;
  const parts: readonly Pick<PolicyJson, 'principal' | 'action' | 'resource' | 'conditions'>[] = [
    { principal, action, resource, conditions: [] },
    ...conditions.flatMap(split).map((one) => ({
      principal: ANYTHING,
      action: ANYTHING,
      resource: ANYTHING,
      conditions: [one],
    })),
  ];
  return parts.map((part) => {
    const json: PolicyJson = { ...part, effect: 'permit', annotations: {} };
    const text = policyToText(json);
    if (text.type === 'failure') throw apart(id);
    return { source: text.text, reads: readsOf(json) };
  });
}

/** `when a && b` is both; `unless a || b` is neither. */
function split({ kind, body }: Condition): readonly Condition[] {
  const joined = kind === 'when' ? sides(body, '&&') : sides(body, '||');
  return joined === undefined ? [{ kind, body }] : joined.flatMap((side) => split({ kind, body: side }));
}

function sides(body: Expr, operator: '&&' | '||'): readonly Expr[] | undefined {
  const found: unknown = Object.entries(body).find(([name]) => name === operator)?.[1];
  if (typeof found !== 'object' || found === null || !('left' in found) || !('right' in found))
    return undefined;
  return [found.left as Expr, found.right as Expr];
}

function readsOf({ principal, action, conditions }: PolicyJson): ReadonlySet<string> {
  const text = JSON.stringify(conditions);
  const attributes = [...text.matchAll(/"attr":"([A-Za-z]+)"/g)].map(([, name]) => name ?? '');
  const asks = (variable: string): boolean => text.includes(`{"Var":"${variable}"}`);
  return new Set([
    ...attributes,
    ...(principal.op !== 'All' || asks('principal') ? ['principal'] : []),
    ...(action.op !== 'All' || asks('action') ? ['action'] : []),
  ]);
}

function apart(id: string): RegimeError {
  return new RegimeError('BAD_POLICY', `policy ${id} cannot be taken apart into its conditions`, {
    retry: 'never',
  });
}
