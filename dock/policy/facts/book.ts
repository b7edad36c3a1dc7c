import { FactError } from '../errors.ts';
import { admit, type Decided, type Enrolled } from './admit.ts';
import type { Entry, Fact, Source } from './fact.ts';
import { Knowledge } from './knowledge.ts';
import { saidOf, type FactStore } from './store.ts';
import { detachWraps, type Recipients, recipientTrouble, type WrapsShelf } from './wraps.ts';

export interface Posted {
  readonly id: string;
  readonly index: number;
  /** False when the same fact was there already. */
  readonly added: boolean;
}

const REBUILD_PAGE = 1_000;

export interface BookParts {
  readonly store: FactStore;
  readonly enrolled: Enrolled;
  readonly shelf: WrapsShelf;
  readonly decided: Decided;
  readonly recipients: Recipients;
  /** Told, once it is on file, what is odd about whom a recording is sealed for. */
  report(this: void, trouble: string): void;
}

/** The facts on disk and what they say, kept in step: a fact counts from the moment it is durable. */
export class FactBook {
  readonly store: FactStore;
  readonly known: Knowledge = new Knowledge();
  readonly #enrolled: Enrolled;
  readonly #shelf: WrapsShelf;
  readonly #decided: Decided;
  readonly #recipients: Recipients;
  readonly #report: BookParts['report'];
  readonly #listeners = new Set<() => void>();

  /** Reads every stored fact. Throws StoreError STORE_DAMAGED when one cannot be read. */
  constructor({ store, enrolled, shelf, decided, recipients, report }: BookParts) {
    this.store = store;
    this.#enrolled = enrolled;
    this.#shelf = shelf;
    this.#decided = decided;
    this.#recipients = recipients;
    this.#report = report;
    for (;;) {
      const page = store.list({ after: this.known.newest, limit: REBUILD_PAGE });
      for (const entry of page) this.known.apply(entry);
      if (page.length < REBUILD_PAGE) return;
    }
  }

  /**
   * Takes facts of one source, all of them or, when one is refused, none. On return they are durable and count, and so are
   * the wraps that came with them; those of what was destroyed are gone.
   * Throws FactError; `facts.position` says which one it was about.
   */
  post(source: Source, facts: readonly Fact[], receivedAt: string): readonly Posted[] {
    const draft = this.known.draft();
    const added = new Map<string, Entry>();
    const posted: Posted[] = [];
    const shelving: (() => void)[] = [];
    for (const [position, sent] of facts.entries()) {
      const { fact, wraps } = atPosition(position, () => detachWraps(sent, this.#recipients));
      const before = added.get(fact.id) ?? this.store.find(source.name, fact.id);
      if (before !== undefined) {
        posted.push(repeated(before, fact, position));
        continue;
      }
      const from = { source, enrolled: this.#enrolled, decided: this.#decided };
      atPosition(position, () => admit(draft, fact, from));
      // What was destroyed does not come back by being registered again.
      if (
        fact.type === 'recording.registered' &&
        wraps !== undefined &&
        !draft.recording(fact.recording).destroyed
      )
        shelving.push(() => this.#shelf.keep(fact, wraps));
      if (fact.type === 'recording.destroyed') shelving.push(() => this.#shelf.destroy(fact));
      const entry = { index: draft.newest + 1, source: source.name, receivedAt, fact };
      draft.apply(entry);
      added.set(fact.id, entry);
      posted.push({ id: fact.id, index: entry.index, added: true });
    }
    // Wraps first: a fact that says they are here, or gone, must not outlive a crash without them, or with them.
    for (const act of shelving) act();
    if (added.size > 0) this.#commit([...added.values()], draft);
    return posted;
  }

  /** Calls `wake` after facts were added, until the returned function is called. */
  subscribe(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => void this.#listeners.delete(wake);
  }

  #commit(entries: readonly Entry[], draft: Knowledge): void {
    const moved = entries.flatMap(({ fact }) => agencyTrouble(this.known, fact));
    this.store.append(entries);
    this.known.absorb(draft);
    for (const wake of this.#listeners) wake();
    for (const { fact } of entries)
      for (const trouble of recipientTrouble(fact, this.#recipients)) this.#report(trouble);
    for (const trouble of moved) this.#report(trouble);
  }
}

/** All that somebody recorded is under the rules of their agency, so another agency is worth a look even where it is right. */
function agencyTrouble(known: Knowledge, fact: Fact): readonly string[] {
  if (fact.type !== 'person.enrolled') return [];
  const before = known.person(fact.person);
  const org = fact.org ?? '';
  if (before === undefined || before.org === org) return [];
  const [from, to] = [before.org, org].map((name) => (name === '' ? 'no agency' : name));
  return [
    `${fact.person} was enrolled with ${from} and now is with ${to}: what they recorded is under its rules from now on`,
  ];
}

function repeated(before: Entry, fact: Fact, position: number): Posted {
  if (saidOf(before.fact) === saidOf(fact)) return { id: fact.id, index: before.index, added: false };
  throw new FactError('ID_TAKEN', `this source has already said something else under id "${fact.id}"`, {
    retry: 'never',
    facts: { position },
  });
}

/** Says which fact of the batch was refused. */
function atPosition<Result>(position: number, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof FactError)) throw error;
    throw new FactError(error.code, error.message, {
      retry: error.retry,
      facts: { ...error.facts, position },
      cause: error,
    });
  }
}
