import type { Clock, Policy, Question, RegisteredRecording, Verdict } from '../ports.ts';

type Asking = Pick<Policy, 'decide' | 'register'>;

const FAILURES_MAX = 3;
const REST_US = 1_000_000;

/**
 * Asks through `policy`, but stops asking for a second after three failures in a row and answers `unreachable`
 * itself: a thousand questions at two seconds each would keep the news of a recovered service waiting.
 * One success resets the count, so a single question that always fails does not silence the others.
 */
export function sparing(policy: Asking, clock: Clock): Asking & { retry(): void } {
  let failures = 0;
  let signs = 0;
  let restUntilUs = 0;
  let reason = '';
  const resting = (): boolean => failures >= FAILURES_MAX && clock.monoUs() < restUntilUs;
  return {
    async decide(question: Question): Promise<Verdict> {
      if (resting()) return { verdict: 'unreachable', reason };
      const before = signs;
      const verdict = await policy.decide(question);
      if (verdict.verdict === 'unreachable') {
        // A question that failed before the last sign of life says nothing about what comes after it.
        if (signs !== before) return verdict;
        failures += 1;
        reason = verdict.reason;
        restUntilUs = clock.monoUs() + REST_US;
      } else {
        failures = 0;
      }
      return verdict;
    },
    async register(recording: RegisteredRecording): Promise<boolean> {
      return resting() ? false : policy.register(recording);
    },
    /** There is a sign of life: the next question is asked again. */
    retry(): void {
      signs += 1;
      failures = 0;
    },
  };
}
