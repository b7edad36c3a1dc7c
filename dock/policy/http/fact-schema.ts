import { z } from 'zod';
import type { Fact } from '../facts/fact.ts';
import { badRequest } from './failure.ts';
import { sentFact } from './fact-kinds.ts';

const FACTS_MAX = 1_000;

/** What {@link parseFacts} takes, for those who read about it: it goes through a list itself, so that it can name the fact at fault. */
export const factsBody = z.union([sentFact, z.array(sentFact).min(1).max(FACTS_MAX)]);

/** A body that is one fact or an array of them. Throws RequestError BAD_REQUEST that names the field. */
export function parseFacts(body: unknown): { readonly facts: readonly Fact[]; readonly isBatch: boolean } {
  if (!Array.isArray(body)) return { facts: [parseFact(body, '')], isBatch: false };
  if (body.length === 0 || body.length > FACTS_MAX)
    throw badRequest(`an array of facts holds 1 to ${FACTS_MAX}`);
  return { facts: body.map((one, index) => parseFact(one, `[${index}]`)), isBatch: true };
}

function parseFact(body: unknown, place: string): Fact {
  const result = sentFact.safeParse(body);
  // The schema's optional members may be `undefined`, which JSON cannot say; ours may only be absent.
  if (result.success) return result.data as Fact;
  const issue = result.error.issues[0];
  const field = [place, ...(issue?.path.map(String) ?? [])].filter((part) => part !== '').join('.');
  throw badRequest(
    `not a fact: ${field === '' ? '' : `${field}: `}${issue?.message ?? 'not as it should be'}`,
    field,
  );
}
