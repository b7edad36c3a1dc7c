import type { MissingFact, Policy, Question } from '../ports.ts';

/** What the policy service says of one purpose. `unreachable`: nobody answered, and nothing opens for it either. */
export type PurposeAnswer =
  | { readonly purpose: string; readonly answer: 'allowed'; readonly reason: string }
  | {
      readonly purpose: string;
      readonly answer: 'refused';
      readonly reason: string;
      readonly missing: readonly MissingFact[];
      readonly regime: string;
    }
  | { readonly purpose: string; readonly answer: 'unreachable'; readonly reason: string };

/**
 * Asks about each of these purposes now, in their order. Every answer is a decision in the policy service's book; none of them opens
 * anything, as an opening is asked about afresh. Never rejects for what the service does.
 */
export async function askPurposes(
  policy: Pick<Policy, 'decide'>,
  about: Pick<Question, 'person' | 'recordingId' | 'manifestSha256'>,
  purposes: readonly string[],
): Promise<readonly PurposeAnswer[]> {
  return Promise.all(
    purposes.map(async (purpose): Promise<PurposeAnswer> => {
      const verdict = await policy.decide({ ...about, action: 'view', purpose });
      const { reason } = verdict;
      switch (verdict.verdict) {
        case 'allow':
          return { purpose, answer: 'allowed', reason };
        case 'deny':
          return { purpose, answer: 'refused', reason, missing: verdict.missing, regime: verdict.regime };
        case 'unreachable':
          return { purpose, answer: 'unreachable', reason };
        default:
          return verdict satisfies never;
      }
    }),
  );
}
