import type { Entry, Fact } from '../facts/fact.ts';
import type { FactFilter, FactStore } from '../facts/store.ts';
import { peopleIn } from '../decide/timeline.ts';

/** More are compared on the service's own machine, where nobody waits for a decision meanwhile: `holdfast policy diff`. */
export const INCIDENT_FACTS_MAX = 2_000;

/** All that is on file of one incident. */
export interface Dossier {
  /** In index order: its own facts, those of its recordings, and the enrolments of everybody whom these name. */
  readonly entries: readonly Entry[];
  /** Its own and its recordings' among them. */
  readonly own: readonly Entry[];
  /** Recordings of it that are linked to another incident as well, whose gate is not looked at. */
  readonly elsewhere: ReadonlySet<string>;
}

/**
 * The facts that concern an incident and no other. Undefined when there are more than {@link INCIDENT_FACTS_MAX}. Throws what
 * the store throws.
 */
export function dossierOf(store: Pick<FactStore, 'list'>, incident: string): Dossier | undefined {
  const found = new Map<number, Entry>();
  const take = (filter: Omit<FactFilter, 'limit'>): boolean => {
    const room = INCIDENT_FACTS_MAX - found.size;
    const page = store.list({ ...filter, limit: INCIDENT_FACTS_MAX + 1 });
    for (const entry of page) found.set(entry.index, entry);
    return page.length <= INCIDENT_FACTS_MAX && found.size <= INCIDENT_FACTS_MAX && room >= 0;
  };
  if (!take({ incident })) return undefined;
  const recordings = new Set(
    [...found.values()].flatMap(({ fact }) => ('recording' in fact ? [fact.recording] : [])),
  );
  for (const recording of recordings) if (!take({ recording })) return undefined;
  const elsewhere = new Set<string>();
  for (const [index, { fact }] of found) {
    if (!isOfAnother(fact, incident)) continue;
    found.delete(index);
    if ('recording' in fact) elsewhere.add(fact.recording);
  }
  const own = inOrder(found);
  for (const person of namedIn(own)) if (!take({ person, types: ['person.enrolled'] })) return undefined;
  return { entries: inOrder(found), own, elsewhere };
}

function isOfAnother(fact: Fact, incident: string): boolean {
  return 'incident' in fact && fact.incident !== incident;
}

function inOrder(found: ReadonlyMap<number, Entry>): readonly Entry[] {
  return [...found.values()].toSorted((a, b) => a.index - b.index);
}

/** Everybody who might view, and everybody whose office gives weight to what they signed. */
function namedIn(entries: readonly Entry[]): ReadonlySet<string> {
  const signed = entries.flatMap(({ fact }) => ('by' in fact ? [fact.by] : []));
  return new Set([...peopleIn(entries), ...signed]);
}
