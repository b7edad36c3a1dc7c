import type { Knowledge } from '../facts/knowledge.ts';
import { situationOf, type Question } from '../facts/situation.ts';
import {
  generalCandidates,
  groundwork,
  incidentCandidates,
  SOME_INCIDENT,
  type Candidate,
  type MissingFact,
} from './candidate.ts';
import type { Action, Gate, GateAnswer } from './gate.ts';
import type { Purpose } from '../facts/fact.ts';
import type { Rules } from './rules.ts';

/** A question whose action and purpose exist, at one moment. */
export interface Inquiry {
  readonly rules: Rules;
  readonly known: Knowledge;
  readonly question: Question & { readonly action: Action; readonly purpose: Purpose };
  readonly nowMs: number;
}

/** A smallest set of facts that would turn the deny into an allow, and the policies that would then permit. */
export interface Remedy {
  readonly missing: readonly MissingFact[];
  readonly policies: readonly string[];
}

// Nobody waits for more facts than this about one incident, and more together than that of a general kind.
const PER_INCIDENT_MAX = 4;
const GENERAL_MAX = 3;
const REMEDIES_MAX = 4;

/** Each gate of the recording: one for every incident it is linked to, or a single one for none. */
export function gates({ known, question, nowMs }: Inquiry): readonly Gate[] {
  const { incidents } = known.recording(question.recording);
  const { action, purpose } = question;
  return (incidents.length === 0 ? [undefined] : incidents).map((incident) => ({
    action,
    purpose,
    situation: situationOf(known, question, { incident, nowMs }),
  }));
}

/**
 * All the smallest sets of facts whose arrival turns this deny into an allow, the usual course of things first;
 * none when nothing that could arrive would. Found by asking the rules again as if the facts had arrived.
 */
export function remedies(inquiry: Inquiry): readonly Remedy[] {
  const { known, question, rules } = inquiry;
  const ground = groundwork(known, question);
  const laid = assume(inquiry, ground);
  const general = generalCandidates(known, question).filter((one) => mayMatter(one, rules));
  let best: { facts: number; remedies: readonly Remedy[] } | undefined;
  for (const chosen of subsets(general, GENERAL_MAX)) {
    if (best !== undefined && ground.length + chosen.length > best.facts) break;
    // More than the best so far would be of no use, so it is not looked for.
    const costMax =
      best === undefined ? Number.POSITIVE_INFINITY : best.facts - ground.length - chosen.length;
    const ways = overIncidents(assume(laid, chosen), { groundMissing: ground.length > 0, costMax });
    if (ways === undefined) continue;
    const found = ways.map(({ missing, policies }) => ({
      missing: [...ground, ...chosen].flatMap((one) => one.missing).concat(missing),
      policies,
    }));
    const facts = ways[0].cost + ground.length + chosen.length;
    if (best === undefined || facts < best.facts) best = { facts, remedies: found };
    else if (facts === best.facts) best = { facts, remedies: [...best.remedies, ...found] };
  }
  return best?.remedies.slice(0, REMEDIES_MAX) ?? [];
}

interface Way extends Remedy {
  /** Facts assumed, shown or not. */
  readonly cost: number;
}

/** Smallest ways through all gates at once, or undefined when none costs so little. What one incident lacks does not depend on another. */
function overIncidents(
  inquiry: Inquiry,
  { groundMissing, costMax }: { readonly groundMissing: boolean; readonly costMax: number },
): readonly [Way, ...Way[]] | undefined {
  let whole: readonly [Way, ...Way[]] = [{ missing: [], policies: [], cost: 0 }];
  for (const incident of inquiry.known.recording(inquiry.question.recording).incidents) {
    const ways = throughOne(inquiry, incident, costMax - whole[0].cost);
    const [first, ...others] = ways;
    if (first === undefined) return undefined;
    // Before the groundwork is there nobody knows which incident this will be, so only its passability counts.
    const shown: readonly [Way, ...Way[]] =
      groundMissing || incident === SOME_INCIDENT ? [{ ...first, missing: [] }] : [first, ...others];
    whole = combine(whole, shown);
  }
  return whole;
}

function combine(left: readonly [Way, ...Way[]], right: readonly [Way, ...Way[]]): readonly [Way, ...Way[]] {
  const join = (a: Way, b: Way): Way => ({
    missing: [...a.missing, ...b.missing],
    policies: [...new Set([...a.policies, ...b.policies])],
    cost: a.cost + b.cost,
  });
  const all = left.flatMap((a) => right.map((b) => join(a, b)));
  return [join(left[0], right[0]), ...all.slice(1, REMEDIES_MAX)];
}

function throughOne(inquiry: Inquiry, incident: string, costMax: number): readonly Way[] {
  const { known, question, rules } = inquiry;
  const asIs = costMax < 0 ? undefined : askOne(inquiry, incident);
  // What waits for nothing is the only way that costs nothing, so nobody has to know what else could arrive.
  if (asIs?.allowed === true) return [{ missing: [], policies: asIs.policies, cost: 0 }];
  if (costMax < 1) return [];
  const candidates = incidentCandidates(known, question, incident).filter((one) => mayMatter(one, rules));
  const found: (Way & { readonly chosen: readonly Candidate[] })[] = [];
  for (const chosen of byCost(candidates, PER_INCIDENT_MAX)) {
    const missing = chosen.flatMap((one) => one.missing);
    const cost = missing.length;
    if (cost > (found[0]?.cost ?? costMax)) break;
    if (found.some((way) => asksForLess(way.chosen, chosen))) continue;
    const answer = askOne(assume(inquiry, chosen), incident);
    if (answer.allowed) found.push({ chosen, missing, policies: answer.policies, cost });
  }
  return found;
}

/** Is one set the other with something lesser in it? */
function asksForLess(one: readonly Candidate[], other: readonly Candidate[]): boolean {
  return (
    one.length === other.length &&
    one.some((candidate, at) => candidate === other[at]?.lesser) &&
    one.every((candidate, at) => candidate === other[at] || candidate === other[at]?.lesser)
  );
}

/** Sets of at least one, fewest facts first, else as {@link subsets} has them: most searches end before the larger ones are made. */
function* byCost(
  candidates: readonly Candidate[],
  sizeMax: number,
): Generator<readonly Candidate[], void, void> {
  const costs = candidates.map(costOf).sort((a, b) => b - a);
  const costMax = costs.slice(0, sizeMax).reduce((sum, cost) => sum + cost, 0);
  for (let cost = 1; cost <= costMax; cost++) {
    for (let size = 1; size <= Math.min(sizeMax, candidates.length, cost); size++)
      yield* chooseFor(candidates, size, cost);
  }
}

/** Of {@link choose}, those that cost exactly this much. */
function* chooseFor(
  candidates: readonly Candidate[],
  size: number,
  cost: number,
): Generator<readonly Candidate[], void, void> {
  if (size === 0) {
    if (cost === 0) yield [];
    return;
  }
  for (const [position, one] of candidates.entries()) {
    const left = cost - costOf(one);
    // Each of the others costs one fact or more.
    if (left < size - 1) continue;
    for (const rest of chooseFor(candidates.slice(position + 1), size - 1, left)) yield [one, ...rest];
  }
}

function costOf({ missing }: Candidate): number {
  return missing.length;
}

function askOne({ rules, known, question, nowMs }: Inquiry, incident: string): GateAnswer {
  const { action, purpose } = question;
  return rules.evaluate({ action, purpose, situation: situationOf(known, question, { incident, nowMs }) });
}

/** The same inquiry in a world in which these facts have arrived. */
function assume(inquiry: Inquiry, candidates: readonly Candidate[]): Inquiry {
  if (candidates.length === 0) return inquiry;
  const known = inquiry.known.draft();
  for (const fact of candidates.flatMap(({ facts }) => facts)) {
    known.apply({ index: known.newest + 1, source: '', receivedAt: '', fact });
  }
  return { ...inquiry, known };
}

function mayMatter({ touches }: Candidate, { reads }: Rules): boolean {
  return touches.length === 0 || touches.some((attribute) => reads.has(attribute));
}

/** Subsets by rising size, each keeping the order of the whole. */
function* subsets<Item>(items: readonly Item[], sizeMax: number): Generator<readonly Item[], void, void> {
  for (let size = 0; size <= Math.min(sizeMax, items.length); size++) yield* choose(items, size);
}

function* choose<Item>(items: readonly Item[], size: number): Generator<readonly Item[], void, void> {
  if (size === 0) return yield [];
  for (const [position, item] of items.entries()) {
    for (const rest of choose(items.slice(position + 1), size - 1)) yield [item, ...rest];
  }
}
