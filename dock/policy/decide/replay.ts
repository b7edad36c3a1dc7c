import { archivedAt, placesIn, type Archived, type DecisionRange } from '../facts/archive.ts';
import { canonical } from '../facts/canonical.ts';
import type { Database } from '../facts/database.ts';
import { Knowledge } from '../facts/knowledge.ts';
import { findPolicySet } from '../facts/policy-sets.ts';
import { list } from '../facts/store.ts';
import { RegimeError } from '../errors.ts';
import { decide } from './decide.ts';
import { DESTROY } from './destroy.ts';
import { rulesOf } from './load.ts';
import { agencyOf, lineInForce } from './rule-book.ts';
import type { Rules } from './rules.ts';
import {
  answerOf,
  asksForGrant,
  settle,
  settleDestruction,
  type Heard,
  type OpeningOutcome,
} from './settle.ts';

/** One respect in which an answer on file is not the answer that its inputs give. */
export interface Difference {
  readonly what: string;
  readonly was: unknown;
  readonly is: unknown;
}

export interface Differing {
  readonly table: 'decisions' | 'keys';
  readonly index: number;
  readonly at: string;
  readonly person: string;
  readonly recording: string;
  readonly differs: readonly Difference[];
}

export interface Replayed {
  readonly decisions: number;
  /** Requests for keys, about which the rules were asked once more. */
  readonly keys: number;
  readonly facts: number;
  readonly policySets: number;
  readonly differing: readonly Differing[];
}

const PAGE = 1_000;

/**
 * Gives every answer on file again, from the facts it rested on, its moment and the stored texts of its policy set, and compares.
 * One pass over the facts; nothing of the installation is read but this database. Throws StoreError STORE_DAMAGED.
 */
export function replay(database: Database, range: DecisionRange): Replayed {
  const places = placesIn(database, range);
  const past = new Past(database);
  const sets = new Sets(database);
  const differing: Differing[] = [];
  for (const place of places) {
    const one = archivedAt(database, place);
    const differs = again(one, past.upTo(one.newestFact), sets);
    const { table, index, at, person, recording } = one;
    if (differs.length > 0) differing.push({ table, index, at, person, recording, differs });
  }
  const decisions = places.filter(({ table }) => table === 'decisions').length;
  const keys = places.length - decisions;
  return { decisions, keys, facts: past.known.newest, policySets: sets.size, differing };
}

/** What was known, one fact after another. It only goes forward. */
class Past {
  readonly known = new Knowledge();
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  upTo(newest: number): Knowledge {
    while (this.known.newest < newest) {
      const limit = Math.min(PAGE, newest - this.known.newest);
      const page = list(this.#database, { after: this.known.newest, limit }, false);
      for (const entry of page) this.known.apply(entry);
      if (page.length < limit) break;
    }
    return this.known;
  }
}

/** Policy sets by name and hash, from the texts on file and only when the hash is theirs. */
class Sets {
  readonly #database: Database;
  readonly #found = new Map<string, Rules | string>();

  constructor(database: Database) {
    this.#database = database;
  }

  get size(): number {
    return this.#found.size;
  }

  /** The rules, or in words why there are none. */
  find(regime: string, hash: string): Rules | string {
    const name = `${regime} ${hash}`;
    const found = this.#found.get(name) ?? this.#load(regime, hash);
    this.#found.set(name, found);
    return found;
  }

  #load(regime: string, hash: string): Rules | string {
    const texts = findPolicySet(this.#database, hash, regime);
    if (texts === undefined) return 'no texts on file';
    try {
      const rules = rulesOf(texts);
      return rules.hash === hash ? rules : `the texts on file are those of ${rules.hash}`;
    } catch (error) {
      if (!(error instanceof RegimeError)) throw error;
      return error.message;
    }
  }
}

function again(one: Archived, known: Knowledge, sets: Sets): readonly Difference[] {
  const nowMs = Date.parse(one.at);
  const line = lineInForce(known.adoptions(), agencyOf(known, one.recording), nowMs);
  const before = compared([
    ['at', one.at, Number.isNaN(nowMs) ? 'no time' : one.at],
    ['newestFact', one.newestFact, known.newest],
    ['regime', one.regime, line?.regime],
    ['policySet', one.policySet, line?.policySet],
  ]);
  const rules = sets.find(one.regime, one.policySet);
  if (typeof rules === 'string') return [...before, { what: 'policy texts', was: one.policySet, is: rules }];
  const at = { rules, known, nowMs };
  return [...before, ...(one.table === 'keys' ? keysAgain(one, at) : decisionAgain(one, at))];
}

interface At {
  readonly rules: Rules;
  readonly known: Knowledge;
  readonly nowMs: number;
}

function keysAgain(one: Archived, { rules, known, nowMs }: At): readonly Difference[] {
  const { person, recording, request, answer } = one;
  const question = { person, action: 'view', recording, purpose: text(request['purpose']) };
  const { allowed, reason, missing, policies } = decide(rules, known, { question, nowMs });
  return compared([
    ['decision', one.allowed, allowed],
    ['reason', answer['reason'], reason],
    ['missing', answer['missing'], missing],
    ['policies', answer['policies'], policies],
  ]);
}

function decisionAgain(one: Archived, at: At): readonly Difference[] {
  const heard = heardIn(one);
  if (heard === undefined) return [{ what: 'request', was: one.request, is: 'not understood' }];
  const { person, recording } = heard.question;
  const asked = compared([
    ['person', one.person, person],
    ['recording', one.recording, recording],
  ]);
  if (heard.question.action === DESTROY.action) return [...asked, ...destructionAgain(one, heard, at)];
  const settled = settle(heard, at);
  const { allowed } = settled.decision;
  const is = answerOf(settled);
  const members = [
    'reason',
    'missing',
    'alternatives',
    'policies',
    'standing',
    'authorised',
    'rules',
  ] as const;
  return [
    ...asked,
    ...compared([
      ['decision', one.allowed, allowed],
      ['grant', one.hasGrant, allowed && asksForGrant(heard)],
      ...members.map((member) => [member, one.answer[member], is[member]] as const),
    ]),
  ];
}

function destructionAgain(one: Archived, heard: Heard, at: At): readonly Difference[] {
  const { allowed, reason, policies } = settleDestruction(heard, at);
  return compared([
    ['decision', one.allowed, allowed],
    ['grant', one.hasGrant, allowed],
    ['reason', one.answer['reason'], reason],
    ['policies', one.answer['policies'], policies],
  ]);
}

function compared(pairs: readonly (readonly [string, unknown, unknown])[]): readonly Difference[] {
  return pairs
    .filter(([, was, is]) => canonical(was ?? null) !== canonical(is ?? null))
    .map(([what, was, is]) => ({ what, was: was ?? null, is: is ?? null }));
}

/** The request as it was understood; undefined when the row does not say all of it. */
function heardIn({ source, request }: Archived): Heard | undefined {
  const opening = openingIn(request['opening']);
  if (opening === undefined) return undefined;
  const { days } = request;
  return {
    question: {
      person: text(request['person']),
      action: text(request['action']),
      recording: text(request['recording']),
      purpose: text(request['purpose']),
    },
    subjectType: text(request['subjectType']),
    resourceType: text(request['resourceType']),
    source,
    dock: optional(request['dock']),
    nonce: optional(request['nonce']),
    days: typeof days === 'number' ? days : undefined,
    opening,
  };
}

function openingIn(found: unknown): OpeningOutcome | undefined {
  // Docks that ask whether to destroy open nothing, and their rows do not speak of it.
  if (found === undefined) return { outcome: 'none' };
  if (typeof found !== 'object' || found === null || !('outcome' in found)) return undefined;
  const { outcome } = found;
  if (outcome === 'none' || outcome === 'checked' || outcome === 'used') return { outcome };
  const isRefused = outcome === 'refused' && 'reason' in found && typeof found.reason === 'string';
  return isRefused ? { outcome, reason: String(found.reason) } : undefined;
}

function text(found: unknown): string {
  return optional(found) ?? '';
}

function optional(found: unknown): string | undefined {
  return typeof found === 'string' ? found : undefined;
}
