import { instant } from './clock.ts';
import type { RegimeLine } from './config.ts';
import { checkedRules, readTexts, REGIMES_DIRECTORY } from './decide/load.ts';
import { standingLines, TAKEN_BACK } from './decide/rule-book.ts';
import type { Rules } from './decide/rules.ts';
import type { FactBook } from './facts/book.ts';
import { OWN_SOURCE, type RegimeAdopted, type Source } from './facts/fact.ts';
import type { Adoption } from './facts/knowledge.ts';
import type { PolicyTexts } from './facts/policy-sets.ts';

const SELF: Source = { name: OWN_SOURCE, may: new Set(['regime.adopted']) };

/** A regime that passed every check, and the texts it was loaded from. */
export interface LoadedRegime {
  readonly rules: Rules;
  readonly texts: PolicyTexts;
}

/** Loads and checks each regime that a line names. Throws RegimeError; with it the service must not start. */
export function loadRegimes(
  lines: readonly RegimeLine[],
  directory: string = REGIMES_DIRECTORY,
): readonly LoadedRegime[] {
  return [...new Set(lines.map(({ regime }) => regime))].map((regime) => {
    const texts = readTexts(regime, directory);
    return { rules: checkedRules(texts), texts };
  });
}

/**
 * Asserts, all at once, every line that differs from what this service last said, and takes back those that are gone. Decisions
 * follow these facts, so a policy file that was edited holds from this fact on and not before. Returns in words what changed
 * against what was on file; nothing the first time.
 */
export function adoptRegimes(
  book: FactBook,
  { lines, loaded }: { readonly lines: readonly RegimeLine[]; readonly loaded: readonly LoadedRegime[] },
  nowMs: number,
): readonly string[] {
  const hashes = new Map(loaded.map(({ rules }) => [rules.regime, rules.hash]));
  const wanted = lines.map((line) => ({ ...line, policySet: hashes.get(line.regime) ?? '' }));
  const standing = standingLines(book.known.adoptions());
  const added = wanted.filter(
    (line) => !standing.some((one) => isSamePlace(one, line) && saysTheSame(one, line)),
  );
  const gone = standing.filter((one) => !wanted.some((line) => isSamePlace(one, line)));
  const takenBack = gone.map((line) => ({ ...line, regime: TAKEN_BACK, policySet: '' }));
  const changed = [...added, ...takenBack];
  if (changed.length === 0) return [];
  const at = instant(nowMs);
  // The index in the id tells a return to earlier rules from the fact that first gave them.
  const first = book.known.newest + 1;
  const facts = changed.map((line, place): RegimeAdopted => {
    const { agency, regime, policySet, fromMs } = line;
    const id = `regime/${first + place}`;
    return { id, type: 'regime.adopted', at, agency, regime, policySet, from: instant(fromMs) };
  });
  book.post(SELF, facts, at);
  return standing.length === 0 ? [] : [...editions(added, standing), ...changed.map(inWords)];
}

type Line = Omit<Adoption, 'index'>;

function isSamePlace(a: Line, b: Line): boolean {
  return a.agency === b.agency && a.fromMs === b.fromMs;
}

function saysTheSame(a: Line, b: Line): boolean {
  return a.regime === b.regime && a.policySet === b.policySet;
}

/** Regimes that keep their name and say something else. */
function editions(added: readonly Line[], standing: readonly Line[]): readonly string[] {
  const found = added.flatMap(({ regime, policySet }) => {
    const before = standing.filter((one) => one.regime === regime && one.policySet !== policySet).at(-1);
    if (before === undefined) return [];
    return [`THE RULES OF ${regime} HAVE CHANGED: policy set ${policySet}, before ${before.policySet}`];
  });
  return [...new Set(found)];
}

function inWords({ agency, regime, fromMs }: Line): string {
  const who = agency === '' ? 'everybody without a line of their own' : agency;
  const from = fromMs <= 0 ? '' : ` from ${instant(fromMs)}`;
  if (regime === TAKEN_BACK) return `the line of ${who}${from} is taken back`;
  return `${who}: ${regime}${from}`;
}
