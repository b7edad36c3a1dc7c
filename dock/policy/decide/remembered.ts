import { type IncidentState, Knowledge, type PersonState, type RecordingState } from '../facts/knowledge.ts';
import type { Question } from '../facts/situation.ts';
import { decide, type Decision } from './decide.ts';
import type { Rules } from './rules.ts';

interface Remembered {
  readonly rules: Rules;
  /** All that was looked at, and what it was then. A state is never changed: what a fact changes is another object afterwards. */
  readonly people: ReadonlyMap<string, PersonState | undefined>;
  readonly incidents: ReadonlyMap<string, IncidentState>;
  readonly recordings: ReadonlyMap<string, RecordingState>;
  readonly decision: Decision;
}

// A few kilobytes each.
const REMEMBERED_MAX = 4_096;
const memories = new WeakMap<Knowledge, Map<string, Remembered>>();

/**
 * {@link decide}, once as long as the same rules hold and nothing has changed of what it looked at: pages and docks ask the same
 * again and again, and few facts concern a question. Time has a say only in which authorisations for the recording count.
 */
export function decideOnce(
  rules: Rules,
  known: Knowledge,
  asked: { readonly question: Question; readonly nowMs: number },
): Decision {
  const memory = memoryOf(known);
  const key = keyOf(known, asked);
  const before = memory.get(key);
  if (before?.rules === rules && isAsBefore(before, known))
    return { ...before.decision, newestFact: known.newest };
  const notes = new Notes(known);
  const decision = decide(rules, notes, asked);
  const { people, incidents, recordings } = notes;
  memory.delete(key);
  memory.set(key, { rules, people, incidents, recordings, decision });
  const [oldest] = memory.keys();
  if (memory.size > REMEMBERED_MAX && oldest !== undefined) memory.delete(oldest);
  return decision;
}

function memoryOf(known: Knowledge): Map<string, Remembered> {
  const before = memories.get(known);
  if (before !== undefined) return before;
  const memory = new Map<string, Remembered>();
  memories.set(known, memory);
  return memory;
}

function keyOf(
  known: Knowledge,
  { question, nowMs }: { readonly question: Question; readonly nowMs: number },
): string {
  const { person, recording, action, purpose } = question;
  const counting = known.recording(recording).authorisations.map(({ expiresAtMs }) => nowMs < expiresAtMs);
  return JSON.stringify([person, recording, action, purpose, counting]);
}

function isAsBefore({ people, incidents, recordings }: Remembered, known: Knowledge): boolean {
  for (const [id, state] of people) if (known.person(id) !== state) return false;
  for (const [id, state] of incidents) if (known.incident(id) !== state) return false;
  for (const [id, state] of recordings) if (known.recording(id) !== state) return false;
  return true;
}

/** The same knowledge, which notes what is looked at, by drafts of it as well. */
class Notes extends Knowledge {
  readonly people = new Map<string, PersonState | undefined>();
  readonly incidents = new Map<string, IncidentState>();
  readonly recordings = new Map<string, RecordingState>();

  override person(id: string): PersonState | undefined {
    const state = super.person(id);
    this.people.set(id, state);
    return state;
  }

  override incident(id: string): IncidentState {
    const state = super.incident(id);
    this.incidents.set(id, state);
    return state;
  }

  override recording(id: string): RecordingState {
    const state = super.recording(id);
    this.recordings.set(id, state);
    return state;
  }

  /** Which rules hold is decided before; a decision that read more than it notes would be remembered wrongly. */
  override adoptions(): never {
    throw new Error('a decision reads no adoptions');
  }
}
