import { peekClaims } from './base64url.ts';
import { signedByPage } from './jws.ts';
import type { Answers, Comparison, ToldCases, ToldChanges } from './oversight-answers.ts';
import type { Login } from './sign-in.ts';

interface Policy {
  readonly policyUrl: string;
  readonly login: Login;
}

export async function askCases(policy: Policy): Promise<ToldCases> {
  return ask(policy, { kind: 'cases' });
}

/** Newest first; `before` gives those in front of that fact. */
export async function askChanges(policy: Policy, before?: number): Promise<ToldChanges> {
  return ask(policy, { kind: 'changes', ...(before === undefined ? {} : { before }) });
}

export async function askComparison(
  policy: Policy,
  of: { readonly incident: string; readonly regimes: readonly [string, string] },
): Promise<Comparison> {
  return (await ask(policy, { kind: 'compare', ...of })).comparison;
}

/**
 * Asks the policy service, past the dock, with the key that only this page has: a dock that sees the token can ask nothing with it.
 * Throws an Error in words for the person.
 */
async function ask<Kind extends keyof Answers>(
  { policyUrl, login }: Policy,
  question: { readonly kind: Kind },
): Promise<Answers[Kind]> {
  const { token, key } = login;
  const aud = peekClaims(token)?.['iss'];
  const request = await signedByPage(key, 'holdfast-oversight+jwt', { token, aud, ask: question });
  const response = await post(policyUrl, request);
  const body = (await response.json().catch(() => ({}))) as { error?: { message?: string } };
  if (response.status !== 200)
    throw new Error(`The policy service says: ${body.error?.message ?? `error ${response.status}`}.`);
  return body as Answers[Kind];
}

async function post(policyUrl: string, request: string): Promise<Response> {
  try {
    return await fetch(new URL('/v1/oversight', policyUrl), {
      method: 'POST',
      cache: 'no-store',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ request }),
    });
  } catch {
    throw new Error('The policy service cannot be reached.');
  }
}
