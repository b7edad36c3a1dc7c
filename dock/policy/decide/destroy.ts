import { instant } from '../clock.ts';
import type { Knowledge, RecordingState } from '../facts/knowledge.ts';
import { classificationOf } from '../facts/situation.ts';
import { titled } from './candidate.ts';

/** The action that ends a recording, and the one purpose it may have. */
export const DESTROY = { action: 'delete', purpose: 'retention' } as const;

/** ORS 133.741, as press and agency summaries give it: at least 180 days, at most 30 months without a court case or investigation. */
export const RETAIN_DAYS = { min: 180, max: 913 } as const;

export interface DestroyQuestion {
  /** The dock that has authenticated. */
  readonly dock: string;
  readonly recording: string;
  readonly purpose: string;
  /** How long its own rule keeps recordings; absent when it did not say. */
  readonly days: number | undefined;
}

/** The answer to a dock that asks whether it may destroy a recording. */
export interface DestroyDecision {
  readonly allowed: boolean;
  /** For people: everything that stands against it, at most 1,000 characters. */
  readonly reason: string;
  /** Ids of the rules that decided. */
  readonly policies: readonly string[];
  /** Index of the newest fact that was taken into account. */
  readonly newestFact: number;
}

interface Objection {
  readonly id: string;
  readonly text: string;
}

const MS_PER_DAY = 86_400_000;
const REASON_CHARACTERS_MAX = 1_000;

/**
 * May this dock destroy this recording? Only when nothing stands against it. Every age is by this service's own clock, from
 * when it first heard of the recording from that dock. Pure.
 */
export function decideDestroy(known: Knowledge, question: DestroyQuestion, nowMs: number): DestroyDecision {
  const state = known.recording(question.recording);
  const objections = [
    ...askedWrongly(question),
    ...unregistered(state, question),
    ...ordered(known, state),
    ...investigated(known, state),
    ...young(state, question, nowMs),
  ];
  const allowed = objections.length === 0;
  return {
    allowed,
    reason: cut(allowed ? timeIsOver(state, question, nowMs) : objections.map(({ text }) => text).join(' ')),
    policies: allowed ? ['retention.over'] : objections.map(({ id }) => id),
    newestFact: known.newest,
  };
}

function askedWrongly({ purpose, days }: DestroyQuestion): readonly Objection[] {
  const found: Objection[] = [];
  if (purpose !== DESTROY.purpose)
    found.push({
      id: 'retention.purpose',
      text: 'Recordings are destroyed for retention and for nothing else.',
    });
  const isLawful = days !== undefined && days >= RETAIN_DAYS.min && days <= RETAIN_DAYS.max;
  if (!isLawful) {
    const text = `The dock must say how many days it keeps recordings, ${RETAIN_DAYS.min} to ${RETAIN_DAYS.max}.`;
    found.push({ id: 'retention.days', text });
  }
  return found;
}

function unregistered({ registration }: RecordingState, { dock }: DestroyQuestion): readonly Objection[] {
  if (registration === undefined)
    return [{ id: 'retention.unknown', text: 'Nobody has registered this recording.' }];
  if (registration.docks.has(dock)) return [];
  return [{ id: 'retention.registrar', text: `${dock} is not the dock that registered this recording.` }];
}

function ordered(known: Knowledge, { holds, sealedBy }: RecordingState): readonly Objection[] {
  const found: Objection[] = [];
  if (holds.size > 0) {
    const holders = [...holds.keys()].sort().map((by) => titled(known, by));
    found.push({
      id: 'retention.hold',
      text: `A legal hold is in force, placed by ${holders.join(', ')}, who must lift it.`,
    });
  }
  if (sealedBy.size > 0) found.push({ id: 'retention.sealed', text: 'A court has sealed the recording.' });
  return found;
}

function investigated(known: Knowledge, { incidents }: RecordingState): readonly Objection[] {
  return incidents.flatMap((incident) => {
    const found: Objection[] = [];
    // Also where the assignment has ended: that says that somebody does not have the case any more, not that there is none.
    if ([...known.incident(incident).parts.values()].some(({ cases }) => cases.size > 0))
      found.push({ id: 'retention.case', text: `A case about ${incident} was assigned to somebody.` });
    if (classificationOf(known, incident).force === 'unclassified')
      found.push({
        id: 'retention.unclassified',
        text: `The force used in ${incident} was never classified.`,
      });
    return found;
  });
}

function young(
  { registration }: RecordingState,
  { dock, days = 0 }: DestroyQuestion,
  nowMs: number,
): readonly Objection[] {
  const sinceMs = registration?.docks.get(dock);
  if (sinceMs === undefined) return [];
  const neededMs = Math.max(days, RETAIN_DAYS.min) * MS_PER_DAY;
  // Not the other way round: of a time that cannot be read nothing is old enough.
  if (nowMs - sinceMs >= neededMs) return [];
  const until = Number.isNaN(sinceMs) ? 'an unknown time' : instant(sinceMs + neededMs);
  return [{ id: 'retention.young', text: `It is to be kept until ${until} by this service's clock.` }];
}

function timeIsOver(
  { registration }: RecordingState,
  { dock, days }: DestroyQuestion,
  nowMs: number,
): string {
  const since = registration?.docks.get(dock) ?? nowMs;
  const age = Math.floor((nowMs - since) / MS_PER_DAY);
  const overdue = age > RETAIN_DAYS.max ? ` It is overdue: ${RETAIN_DAYS.max} days are the most.` : '';
  return `Kept for ${age} days of ${days ?? 0}, and nothing asks for more.${overdue}`;
}

function cut(sentence: string): string {
  return sentence.length <= REASON_CHARACTERS_MAX
    ? sentence
    : `${sentence.slice(0, REASON_CHARACTERS_MAX - 1)}…`;
}
