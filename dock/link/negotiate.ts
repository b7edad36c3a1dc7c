import { BAUD_RATES, baudUpTo } from '../../proto/baud.ts';
import { equal } from '../../proto/bytes.ts';
import { LINK_WATCHDOG_MS, PROBE_COUNT, SESSION_SILENCE_MS } from '../../proto/limits.ts';
import type { LinkMessage } from '../../proto/link-message.ts';
import type { LinkCommit, LinkProbe, LinkPropose } from '../../proto/messages.ts';
import { probePattern } from '../../proto/probe-pattern.ts';

// Probes follow each other without a pause, so after this long the rest is lost.
const PROBES_QUIET_US = 150_000;
// A lost Commit leaves the dock alone at the new rate until its watchdog; a second one costs less than that.
const COMMIT_COPIES = 2;

export interface AnswerContext {
  /** Where a camera looks for the dock, bit/s. */
  readonly baud: number;
  /** The fastest rate to agree to; equal to `baud`, the rate never changes. */
  readonly baudMax: number;
  readonly rtsCts: boolean;
  readonly fragmentBytesMax: number;
}

/** Every state has `ceiling`: the fastest rate that this port has not refused yet. */
type Kept = { readonly ceiling: number };
interface Trial extends Kept {
  readonly id: number;
  readonly home: number;
  readonly rate: number;
}

export type AnswerState =
  | ({ readonly at: 'steady'; readonly baud: number } & Kept)
  /** Committed, on the way to `rate`. */
  | ({ readonly at: 'switching' } & Trial)
  /** At `rate`; the camera has not said that it keeps it. */
  | ({
      readonly at: 'proving';
      readonly watchdogUs: number;
      /** When the probes that are missing are given up. */
      readonly quietUs: number;
      readonly arrived: readonly number[];
      readonly isReported: boolean;
    } & Trial)
  | ({ readonly at: 'returning'; readonly baud: number } & Kept);

export type AnswerEvent = { readonly nowUs: number } & (
  | { readonly event: 'message'; readonly message: LinkMessage }
  /** Any other good frame. */
  | { readonly event: 'frame' }
  /** `heardUs`: when the last good frame came. */
  | { readonly event: 'timer'; readonly heardUs: number }
  /** The switch that was asked for is done; or the port refused and has its old rate. */
  | { readonly event: 'switched'; readonly isDone: boolean }
);

export type AnswerEffect =
  | { readonly effect: 'send'; readonly message: LinkMessage }
  /** Drain, guard, change; answered by `switched`. One that is asked for meanwhile comes after it, and only the last is answered. */
  | { readonly effect: 'switch'; readonly baud: number }
  /** There is one timer; a new one replaces it. */
  | { readonly effect: 'timer'; readonly atUs: number }
  /** What the camera said about itself. */
  | { readonly effect: 'camera'; readonly rtsCts: boolean; readonly fragmentBytesMax: number }
  /** The line stays at this rate. */
  | { readonly effect: 'settled'; readonly baud: number }
  /** The port cannot go back to a rate it had: only opening it again can help. */
  | { readonly effect: 'broken' };

export type AnswerStep = readonly [AnswerState, readonly AnswerEffect[]];

type Given = { readonly nowUs: number; readonly context: AnswerContext };

/** A port that has just been opened at this rate. */
export function begin(baud: number, { nowUs, context }: Given): AnswerStep {
  return steady({ baud, ceiling: context.baudMax }, { nowUs, context });
}

/**
 * The dock's side of the link negotiation (docs/PROTOCOL.md, section 5), for as long as the port is open: a camera proposes
 * whenever it likes, also in the middle of what the dock takes for a conversation, as it may have restarted. Whatever gets
 * lost, the dock ends at a rate at which a camera was heard or at the one where cameras look for it. An event that does
 * not fit the state changes nothing.
 */
export function step(state: AnswerState, event: AnswerEvent, context: AnswerContext): AnswerStep {
  const given = { nowUs: event.nowUs, context };
  switch (event.event) {
    case 'message':
      return heard(state, event.message, given);
    case 'frame':
      return state.at === 'proving' ? keep(state, given) : [state, []];
    case 'timer':
      return rang(state, event.heardUs, given);
    case 'switched':
      return switched(state, event.isDone, given);
    default:
      event satisfies never;
      return [state, []];
  }
}

function heard(state: AnswerState, message: LinkMessage, given: Given): AnswerStep {
  if (message.type === 'link-propose') return proposed(state, message, given);
  if (state.at !== 'proving' || message.type === 'link-commit' || message.id !== state.id) return [state, []];
  if (message.type === 'link-probe') return probed(state, message, given);
  return message.keep ? keep(state, given) : goHome(state, given);
}

function proposed(state: AnswerState, proposal: LinkPropose, given: Given): AnswerStep {
  switch (state.at) {
    case 'steady':
      return commit({ home: state.baud, ceiling: state.ceiling }, proposal, given);
    case 'switching':
      // Not switched yet, and the camera asks again, or anew: both rates are still open.
      return commit(state, proposal, given);
    case 'proving':
      // It is heard at this rate, so this is where a new round begins.
      return commit({ home: state.rate, ceiling: state.ceiling }, proposal, given);
    case 'returning':
      return [state, []];
    default:
      state satisfies never;
      return [state, []];
  }
}

function commit(
  { home, ceiling }: { readonly home: number; readonly ceiling: number },
  { id, baud, rtsCts, fragmentBytesMax }: LinkPropose,
  { nowUs, context }: Given,
): AnswerStep {
  const rate = chosen(Math.min(baud, ceiling), home);
  const answer: LinkCommit = {
    type: 'link-commit',
    id,
    baud: rate,
    rtsCts: context.rtsCts,
    fragmentBytesMax: Math.min(context.fragmentBytesMax, fragmentBytesMax),
  };
  const camera: AnswerEffect = { effect: 'camera', rtsCts, fragmentBytesMax };
  const trial = { id, home, rate, ceiling };
  if (rate === home) {
    const [state, effects] = proving(trial, nowUs);
    return [state, [camera, { effect: 'send', message: answer }, ...effects]];
  }
  const copies = Array.from(
    { length: COMMIT_COPIES },
    (): AnswerEffect => ({ effect: 'send', message: answer }),
  );
  return [{ at: 'switching', ...trial }, [camera, ...copies, { effect: 'switch', baud: rate }]];
}

/** The fastest rate up to `max` that both sides can have: a usual one, or the present one. */
function chosen(max: number, home: number): number {
  if (max === home || BAUD_RATES.includes(max)) return max;
  return baudUpTo(max) ?? home;
}

type Proving = Extract<AnswerState, { at: 'proving' }>;

function proving(trial: Trial, nowUs: number): AnswerStep {
  const watchdogUs = nowUs + LINK_WATCHDOG_MS * 1_000;
  const state: Proving = {
    ...trial,
    at: 'proving',
    watchdogUs,
    quietUs: watchdogUs,
    arrived: [],
    isReported: false,
  };
  return [state, [{ effect: 'timer', atUs: watchdogUs }]];
}

function probed(state: Proving, { id, seq, count, pattern }: LinkProbe, { nowUs }: Given): AnswerStep {
  if (state.isReported || state.arrived.includes(seq) || !equal(pattern, probePattern(id, seq)))
    return [state, []];
  const quietUs = nowUs + PROBES_QUIET_US;
  const next = { ...state, arrived: [...state.arrived, seq], quietUs };
  if (seq === count - 1) return report(next);
  return [next, [{ effect: 'timer', atUs: Math.min(quietUs, state.watchdogUs) }]];
}

function report(state: Proving): AnswerStep {
  const { id, arrived, watchdogUs } = state;
  const probes = Array.from({ length: PROBE_COUNT }, (_, seq): AnswerEffect => {
    const pattern = probePattern(id, seq);
    return { effect: 'send', message: { type: 'link-probe', id, seq, count: PROBE_COUNT, pattern } };
  });
  return [
    { ...state, isReported: true },
    [
      ...probes,
      { effect: 'send', message: { type: 'link-report', id, received: arrived.length, keep: false } },
      { effect: 'timer', atUs: watchdogUs },
    ],
  ];
}

function keep({ rate, ceiling }: Proving, given: Given): AnswerStep {
  return steady({ baud: rate, ceiling }, given);
}

function goHome(state: Proving, given: Given): AnswerStep {
  const { home, rate, ceiling } = state;
  if (home === rate) return keep(state, given);
  return [{ at: 'returning', baud: home, ceiling }, [{ effect: 'switch', baud: home }]];
}

function steady(state: { readonly baud: number } & Kept, { nowUs, context }: Given): AnswerStep {
  const effects: AnswerEffect[] = [{ effect: 'settled', baud: state.baud }];
  if (state.baud !== context.baud)
    effects.push({ effect: 'timer', atUs: nowUs + SESSION_SILENCE_MS * 1_000 });
  return [{ ...state, at: 'steady' }, effects];
}

function rang(state: AnswerState, heardUs: number, given: Given): AnswerStep {
  const { nowUs, context } = given;
  if (state.at === 'proving') {
    if (nowUs >= state.watchdogUs) return goHome(state, given);
    return state.isReported || nowUs < state.quietUs ? [state, []] : report(state);
  }
  if (state.at !== 'steady' || state.baud === context.baud) return [state, []];
  const silentUs = heardUs + SESSION_SILENCE_MS * 1_000;
  if (nowUs < silentUs) return [state, [{ effect: 'timer', atUs: silentUs }]];
  const { baud } = context;
  return [{ at: 'returning', baud, ceiling: state.ceiling }, [{ effect: 'switch', baud }]];
}

function switched(state: AnswerState, isDone: boolean, given: Given): AnswerStep {
  if (state.at === 'switching') {
    if (isDone) return proving(state, given.nowUs);
    // This port cannot do it: the camera's watchdog brings it back, and then it is told a slower one.
    const ceiling = Math.max(baudUpTo(state.rate - 1) ?? state.home, state.home);
    return steady({ baud: state.home, ceiling }, given);
  }
  if (state.at !== 'returning') return [state, []];
  if (!isDone) return [state, [{ effect: 'broken' }]];
  return steady({ baud: state.baud, ceiling: state.ceiling }, given);
}
