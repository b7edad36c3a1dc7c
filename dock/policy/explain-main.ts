import { Command, Option } from 'commander';
import { instant, systemClock } from './clock.ts';
import { badConfig } from './config.ts';
import { loadRules, rulesOf } from './decide/load.ts';
import { agencyOf, lineInForce, oneRegime, ruleBook, type RuleBook } from './decide/rule-book.ts';
import type { GateAnswer } from './decide/gate.ts';
import type { Rules } from './decide/rules.ts';
import { RegimeError } from './errors.ts';
import { PURPOSES, type Entry, type Purpose } from './facts/fact.ts';
import type { Adoption, Knowledge } from './facts/knowledge.ts';
import { findPolicySet } from './facts/policy-sets.ts';
import { decisionsAbout, entriesIn, keysAbout, lastRegime, readFactsFile } from './facts/read-only.ts';
import type { Database } from './facts/row.ts';
import { explain, type Explanation } from './shift/explanation.ts';
import { explanationJson, explanationPage } from './shift/explanation-page.ts';

interface Flags {
  readonly data: string;
  readonly purpose?: Purpose;
  readonly regime?: string;
  readonly at?: string;
  readonly json?: true;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
/** Ids are random: where so many digits are the same, so should be the others. */
const ID_START = 8;
const NEAR_MAX = 3;
/** Where no regime is in force nothing is permitted, and no policy says why. */
const NOTHING: GateAnswer = { allowed: false, policies: [], errors: [] };
const NO_RULES: Rules = {
  ...{ regime: 'absent', hash: '', policies: new Map(), reads: new Set() },
  ...{ evaluate: () => NOTHING, ask: () => NOTHING },
};

/**
 * `holdfast policy explain RECORDING PERSON`. Returns 0, whatever the answer. Throws ConfigError and RegimeError for what the
 * command line names wrongly, a recording included that nobody speaks of, StoreError when the facts cannot be read, and what commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = command().parse([...argv], { from: 'user' });
  const [recording = '', person = ''] = parsed.args;
  const { data, purpose, regime, at, json } = parsed.opts<Flags>();
  const nowMs = at === undefined ? systemClock.nowMs() : momentOf(at);
  const explained = readFactsFile(data, (database) => {
    const entries = entriesIn(database);
    const decisions = decisionsAbout(database, { recording, person });
    const keys = keysAbout(database, { recording, person });
    if (decisions.length + keys.length === 0) checkRecording(recording, entries);
    const book = bookFor(database, entries, regime);
    const explanation = explain(entries, book.book, { recording, person, purpose, nowMs });
    return { explanation, because: book.because(explanation), decisions, keys };
  });
  const lines = json === true ? [JSON.stringify(explanationJson(explained))] : explanationPage(explained);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** What nobody speaks of cannot be explained; mostly its id is mistyped. */
function checkRecording(recording: string, entries: readonly Entry[]): void {
  const known = new Set(entries.flatMap(({ fact }) => ('recording' in fact ? [fact.recording] : [])));
  if (known.has(recording)) return;
  const start = recording.slice(0, ID_START).toLowerCase();
  const near = start.length < ID_START ? [] : [...known].filter((id) => id.startsWith(start)).sort();
  const hint =
    near.length === 0 ? 'look for a mistyped digit' : `did you mean ${near.slice(0, NEAR_MAX).join(' or ')}?`;
  throw badConfig(`no fact names a recording ${recording}: ${hint}`);
}

interface Reasoned {
  readonly book: RuleBook;
  /** Why these rules and no others. */
  because(this: void, explanation: Explanation): string;
}

/** The rules named, or else those that the facts say are in force, or else those of the newest decision. */
function bookFor(database: Database, entries: readonly Entry[], regime: string | undefined): Reasoned {
  if (regime !== undefined)
    return { book: oneRegime(loadRules(regime)), because: () => 'named on the command line' };
  const adopted = adoptedSets(database, entries);
  if (adopted !== undefined) return { book: lenient(ruleBook(adopted)), because: adoptionInWords };
  const newest = lastRegime(database);
  if (newest === undefined)
    throw badConfig('no regime was adopted and nothing was decided here yet: name one with --regime');
  return { book: oneRegime(loadRules(newest)), because: () => 'the regime of the newest decision' };
}

/** The sets behind every adoption on file; undefined when there is none. */
function adoptedSets(database: Database, entries: readonly Entry[]): readonly Rules[] | undefined {
  const adoptions = new Map(
    entries.flatMap(({ fact }) =>
      fact.type === 'regime.adopted' && fact.policySet !== ''
        ? [[`${fact.regime} ${fact.policySet}`, fact] as const]
        : [],
    ),
  );
  if (adoptions.size === 0) return undefined;
  return [...adoptions.values()].flatMap(({ regime, policySet }) => {
    const texts = findPolicySet(database, policySet, regime);
    return texts === undefined ? [] : [rulesOf(texts)];
  });
}

/** Before the first adoption nothing is allowed; that is an answer here, and no error. */
function lenient(book: RuleBook): RuleBook {
  return {
    inForce(known, at) {
      try {
        return book.inForce(known, at);
      } catch (error) {
        if (error instanceof RegimeError && error.code === 'NONE_IN_FORCE') return NO_RULES;
        throw error;
      }
    },
  };
}

function adoptionInWords({ known, recording, nowMs, rules }: Explanation): string {
  const line = lineFor(known, recording, nowMs);
  if (line !== undefined && rules === NO_RULES)
    return `${line.regime} ${line.policySet} is in force, but its texts are not on file`;
  if (line === undefined) return 'no regime is in force at this moment, so nothing is allowed';
  const whom = line.agency === '' ? 'for every agency without a line of its own' : `for ${line.agency}`;
  return `in force ${whom} from ${instant(line.fromMs)}, by fact #${line.index}`;
}

function lineFor(known: Knowledge, recording: string, nowMs: number): Adoption | undefined {
  return lineInForce(known.adoptions(), agencyOf(known, recording), nowMs);
}

function momentOf(text: string): number {
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw badConfig(
    `--at ${text}: must be an RFC 3339 date and time with an offset, such as 2026-11-21T08:00:00Z`,
  );
}

function command(): Command {
  return new Command('holdfast policy explain')
    .description(
      'Explains why somebody may or may not view a recording: the rules in force, the answer for each purpose, what decided it, what ' +
        'is missing, when it was otherwise, and what is on record about the two.',
    )
    .argument('<RECORDING>', 'id of the recording')
    .argument('<PERSON>', 'id of the person')
    .requiredOption('--data <dir>', 'data folder of a policy service, running or not; it is only read')
    .addOption(new Option('--purpose <purpose>', 'only this purpose').choices(PURPOSES))
    .option('--regime <name>', 'as this regime would have it; default is the one in force')
    .option('--at <time>', 'as things stood then, RFC 3339; default is now')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError();
}

const EXAMPLES = `
Examples:
  holdfast policy explain 00112233445566778899aabbccddeeff 4411 --data ./policy
  holdfast policy explain 00112233445566778899aabbccddeeff 4411 --data ./policy --purpose write_report --at 2026-11-21T08:00:00Z
`;
