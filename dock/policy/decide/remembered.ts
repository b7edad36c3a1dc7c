import type { Knowledge } from '../facts/knowledge.ts';
import { type Inquiry, type Remedy, remedies } from './missing.ts';
import type { Rules } from './rules.ts';

interface Memory {
  readonly newest: number;
  readonly rules: Rules;
  readonly found: Map<string, readonly Remedy[]>;
}

const REMEMBERED_MAX = 1_000;
const memories = new WeakMap<Knowledge, Memory>();

/**
 * {@link remedies}, looked for once as long as no fact comes and the same rules hold: pages and docks ask the same again and again.
 * Time has a say only in which authorisations count.
 */
export function remediesOnce(inquiry: Inquiry): readonly Remedy[] {
  const { known, question, nowMs } = inquiry;
  const { person, recording, action, purpose } = question;
  const { found } = memoryOf(inquiry);
  const counting = known.recording(recording).authorisations.map(({ expiresAtMs }) => nowMs < expiresAtMs);
  const key = JSON.stringify([person, recording, action, purpose, counting]);
  const before = found.get(key);
  if (before !== undefined) return before;
  const ways = remedies(inquiry);
  if (found.size >= REMEMBERED_MAX) found.clear();
  found.set(key, ways);
  return ways;
}

function memoryOf({ known, rules }: Inquiry): Memory {
  const { newest } = known;
  const before = memories.get(known);
  if (before !== undefined && before.newest === newest && before.rules === rules) return before;
  const memory: Memory = { newest, rules, found: new Map() };
  memories.set(known, memory);
  return memory;
}
