import type { PairCell } from './roster.ts';

const MINUTE_US = 60_000_000;
// Every answer is a row in the policy service's book for ever. What changes an answer is announced, and a gap in the
// announcements is noticed, so these are for the fault that nobody has thought of.
const CONCERNS_US = 60 * MINUTE_US;
const STRANGER_US = 24 * 60 * MINUTE_US;

/** Whether a sweep asks about a pair that nothing was announced about: at once where no answer stands, else when the last one is old. */
export function isDue(pair: PairCell, nowUs: number): boolean {
  const { known, stake, item, person, answeredAtUs } = pair;
  if (known.at === 'unasked' || answeredAtUs === undefined || isFault(pair)) return true;
  const concerns = stake || known.at === 'released' || item.officer === person;
  return nowUs - answeredAtUs >= (concerns ? CONCERNS_US : STRANGER_US);
}

/** Withheld because the dock could not find out, or could not write down what it found. */
export function isFault({ known }: Pick<PairCell, 'known'>): boolean {
  return (
    known.at === 'withheld' && (known.because === 'policy-unreachable' || known.because === 'ledger-fault')
  );
}
