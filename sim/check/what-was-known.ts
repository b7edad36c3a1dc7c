import { gates } from '../../dock/policy/decide/missing.ts';
import { ruleBook } from '../../dock/policy/decide/rule-book.ts';
import type { Entry } from '../../dock/policy/facts/fact.ts';
import { Knowledge } from '../../dock/policy/facts/knowledge.ts';
import { isPurpose } from '../../dock/policy/facts/situation.ts';
import { loadedOnce } from '../world/office-rules.ts';

/** Who wants to see what, and why. */
export interface Wish {
  readonly person: string;
  readonly recordingId: string;
  readonly purpose: string;
}

/**
 * The facts of a run in their order, and what the rules say of anybody with the first so many of them, at any moment. It asks
 * the rules gate by gate, and so shares with the service what the rules are and what facts mean, and nothing of how it answers.
 */
export class WhatWasKnown {
  readonly #entries: Entry[] = [];
  readonly #known = new Map<number, Knowledge>();
  readonly #regimes = new Set<string>();

  add(entry: Entry): void {
    this.#entries.push(entry);
    if (entry.fact.type === 'regime.adopted' && entry.fact.regime !== '')
      this.#regimes.add(entry.fact.regime);
  }

  /** Index of the newest fact. */
  get newest(): number {
    return this.#entries.length;
  }

  /** Do the rules that hold at this moment allow it, by the first `facts` facts? */
  isAllowed({ person, recordingId: recording, purpose }: Wish, facts: number, nowMs: number): boolean {
    if (!isPurpose(purpose)) return false;
    const known = this.#after(facts);
    const book = ruleBook(
      loadedOnce([...this.#regimes].map((regime) => ({ regime }))).map((one) => one.rules),
    );
    const rules = book.inForce(known, { recording, nowMs });
    const question = { person, recording, purpose, action: 'view' } as const;
    return gates({ rules, known, question, nowMs }).every((gate) => rules.evaluate(gate).allowed);
  }

  #after(facts: number): Knowledge {
    const before = this.#known.get(facts);
    if (before !== undefined) return before;
    const known = new Knowledge();
    for (const entry of this.#entries.slice(0, facts)) known.apply(entry);
    this.#known.set(facts, known);
    return known;
  }
}
