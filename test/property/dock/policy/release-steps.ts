import fc from 'fast-check';
import { RECORDER } from '../../../unit/dock/policy/http/service.ts';

const PARTNER = '5522';
export const REVIEWER = 'ipr-1';
const CHIEF = 'chief-1';
export const ATTORNEY = 'attorney-1';
const ASKERS = [RECORDER, PARTNER, REVIEWER, CHIEF] as const;
export const OFFICERS = [RECORDER, PARTNER] as const;
const OFFICER_PURPOSES = ['write_report', 'supplement_report', 'interview_preparation'];

export type Asker = (typeof ASKERS)[number];
type Plain =
  | 'accept'
  | 'link'
  | 'unlink'
  | 'seal'
  | 'unseal'
  | 'allege'
  | 'assign'
  | 'unassign'
  | 'restart'
  | 'involve'
  | 'revoke';
export type Op =
  | { readonly do: Plain }
  | { readonly do: 'file' | 'withdraw'; readonly who: (typeof OFFICERS)[number] }
  | { readonly do: 'authorise'; readonly by: string; readonly forMs: number }
  | { readonly do: 'classify'; readonly force: 'none' | 'non_deadly' | 'deadly' }
  | { readonly do: 'evaluate' | 'open'; readonly who: Asker; readonly purpose: string }
  | { readonly do: 'keys'; readonly nth: number }
  | { readonly do: 'clock'; readonly byMs: number };

const purposeOf = (who: Asker): string => (who === REVIEWER ? 'oversight' : 'supplement_report');
const asking = (what: 'evaluate' | 'open'): fc.Arbitrary<Op> =>
  fc.tuple(fc.constantFrom(...ASKERS), fc.integer({ min: 0, max: 9 })).map(([who, odd]) => ({
    do: what,
    who,
    purpose: ['disclosure', 'write_report'][odd] ?? purposeOf(who),
  }));
const plain = (...names: readonly Plain[]): fc.Arbitrary<Op> =>
  fc.constantFrom(...names).map((name) => ({ do: name }));

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: plain('accept') },
  { weight: 3, arbitrary: plain('link') },
  { weight: 4, arbitrary: plain('involve', 'assign', 'allege') },
  { weight: 2, arbitrary: plain('unlink', 'seal', 'unseal', 'restart', 'revoke', 'unassign') },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('file' as const), who: fc.constantFrom(...OFFICERS) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('withdraw' as const), who: fc.constantFrom(...OFFICERS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('authorise' as const),
      by: fc.constantFrom(ATTORNEY, ATTORNEY, CHIEF, REVIEWER),
      forMs: fc.constantFrom(20_000, 3_600_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('classify' as const),
      force: fc.constantFrom('none' as const, 'non_deadly' as const, 'deadly' as const),
    }),
  },
  { weight: 3, arbitrary: asking('evaluate') },
  { weight: 8, arbitrary: asking('open') },
  {
    weight: 9,
    arbitrary: fc.record({ do: fc.constant('keys' as const), nth: fc.integer({ min: 0, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('clock' as const),
      byMs: fc.constantFrom(1_000, 25_000, 70_000, 3_600_000, -3_600_000, -5_000),
    }),
  },
);
const start: readonly Op[] = [{ do: 'accept' }, { do: 'link' }, { do: 'involve' }, { do: 'assign' }];
const opening = (who: Asker): readonly Op[] => [
  { do: 'open', who, purpose: purposeOf(who) },
  { do: 'keys', nth: 0 },
];
/** What usually leads to keys, so that it is often there to be disturbed. */
const scene: fc.Arbitrary<readonly Op[]> = fc.constantFrom(
  [{ do: 'file', who: RECORDER } as const, ...opening(RECORDER)],
  [{ do: 'file', who: PARTNER } as const, ...opening(PARTNER)],
  [{ do: 'authorise', by: ATTORNEY, forMs: 3_600_000 } as const, ...opening(REVIEWER)],
  opening(RECORDER),
  opening(REVIEWER),
);
/** A scene with something else in the middle of it. */
const disturbed = fc
  .tuple(scene, op, fc.nat({ max: 3 }))
  .map(([ops, one, at]) => [...ops.slice(0, at), one, ...ops.slice(at)]);
/** Three in four begin as a shift usually does, or too little would come together. */
export const sequence = fc
  .tuple(
    fc.nat({ max: 3 }),
    fc.array(
      fc.oneof(
        op.map((one) => [one]),
        disturbed,
      ),
      { minLength: 3, maxLength: 8 },
    ),
  )
  .map(([unusual, parts]) => [...(unusual === 0 ? [] : start), ...parts.flat()]);

/** What DOJ's sentence says, by hand. */
export class Model {
  registered = false;
  linked = false;
  sealed = false;
  misconduct = false;
  force = 'unclassified';
  involved = false;
  assigned = false;
  readonly filed = new Set<string>();
  authorised: { readonly by: string; readonly untilMs: number }[] = [];

  mayView(who: Asker, purpose: string, nowMs: number): boolean {
    if (!this.registered || !this.linked || this.sealed) return false;
    const recorderFiled = this.filed.has(RECORDER);
    if (who === CHIEF) return false;
    if (who === REVIEWER) {
      const outside = this.authorised.some(({ by, untilMs }) => by === ATTORNEY && nowMs < untilMs);
      const concerns = this.misconduct || this.force !== 'none';
      return purpose === 'oversight' && this.assigned && concerns && (recorderFiled || outside);
    }
    const tookPart = who === RECORDER || this.involved;
    return tookPart && recorderFiled && this.filed.has(who) && OFFICER_PURPOSES.includes(purpose);
  }
}
