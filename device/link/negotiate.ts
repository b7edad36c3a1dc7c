import { baudUpTo } from '../../proto/baud.ts';
import { equal } from '../../proto/bytes.ts';
import type { LinkMessage } from '../../proto/link-message.ts';
import {
  GUARD_MS,
  LINK_WATCHDOG_MS,
  PROBE_COUNT,
  PROBES_GOOD_MIN,
  PROPOSE_RETRY_MS,
  PROPOSE_TRIES,
} from '../../proto/limits.ts';
import type { LinkCommit, LinkPropose, LinkReport } from '../../proto/messages.ts';
import { probePattern } from '../../proto/probe-pattern.ts';

// At a rate that only memory speaks for, a dock that is there answers at once.
const REMEMBERED_TRIES = 2;
// A dock that answered before and is silent now is on its way back from a rate that failed: two rounds outlast its watchdog.
const ROUNDS_MAX = 2;

export interface NegotiateContext {
  /** Where a dock waits that does not know better, bit/s. */
  readonly baud: number;
  readonly rtsCts: boolean;
  readonly fragmentBytesMax: number;
  /** A random number from 1 to 2^32-1 for each negotiation. */
  readonly newId: () => number;
}

/** Where this round began and may have to go back to, and what it aims at; bit/s. */
interface Round {
  readonly home: number;
  readonly target: number;
  /** The dock has answered a proposal on this line. */
  readonly isKnown: boolean;
}

/** A rate on trial. */
interface Trial extends Round {
  readonly id: number;
  readonly rate: number;
}

export type NegotiateState =
  | { readonly at: 'idle' }
  | ({ readonly at: 'proposing'; readonly id: number; readonly sent: number; readonly round: number } & Round)
  | ({ readonly at: 'switching' } & Trial)
  /** At the new rate; the guard runs. */
  | ({ readonly at: 'settling'; readonly watchdogUs: number } & Trial)
  | ({ readonly at: 'probing'; readonly watchdogUs: number; readonly arrived: readonly number[] } & Trial)
  /** On the way back; then the next proposal. */
  | ({ readonly at: 'returning' } & Round)
  | ({ readonly at: 'resting' } & Round)
  | { readonly at: 'over' };

type Timed = { readonly nowUs: number };
export type NegotiateEvent = Timed &
  (
    | { readonly event: 'begin'; readonly home: number; readonly target: number }
    | { readonly event: 'message'; readonly message: LinkMessage }
    | { readonly event: 'timer' }
    /** The switch that was asked for is done; or the port refused and has its old rate. */
    | { readonly event: 'switched'; readonly isDone: boolean }
  );

export type NegotiateEffect =
  | { readonly effect: 'send'; readonly message: LinkMessage }
  /** Drain, guard, change; answered by `switched`. */
  | { readonly effect: 'switch'; readonly baud: number }
  /** There is one timer; a new one replaces it. */
  | { readonly effect: 'timer'; readonly atUs: number }
  /** What the dock said about itself. */
  | { readonly effect: 'dock'; readonly rtsCts: boolean; readonly fragmentBytesMax: number }
  /** The camera may greet. `isAgreed`: the dock knows this rate; otherwise it did not answer. */
  | { readonly effect: 'over'; readonly isAgreed: boolean }
  /** The port cannot go back to a rate it had: only opening it again can help. */
  | { readonly effect: 'broken' };

export type NegotiateStep = readonly [NegotiateState, readonly NegotiateEffect[]];

/**
 * The camera's side of the link negotiation (docs/PROTOCOL.md, section 5): propose, switch with the dock, prove the new
 * rate both ways, and otherwise go back and try a slower one. It always ends, with a rate at which the dock was heard or at
 * which it waits. An event that does not fit the state changes nothing.
 */
export function step(state: NegotiateState, event: NegotiateEvent, context: NegotiateContext): NegotiateStep {
  switch (event.event) {
    case 'begin':
      return propose({ home: event.home, target: event.target, isKnown: false }, 1, { event, context });
    case 'message':
      return heard(state, event, context);
    case 'timer':
      return rang(state, event, context);
    case 'switched':
      return switched(state, event, context);
    default:
      event satisfies never;
      return [state, []];
  }
}

type Given = { readonly event: Timed; readonly context: NegotiateContext };

function propose({ home, target, isKnown }: Round, round: number, given: Given): NegotiateStep {
  const id = given.context.newId();
  return proposeAgain({ at: 'proposing', home, target, isKnown, round, id, sent: 0 }, given);
}

type Proposing = Extract<NegotiateState, { at: 'proposing' }>;

function proposeAgain(state: Proposing, { event, context }: Given): NegotiateStep {
  const { rtsCts, fragmentBytesMax } = context;
  const message: LinkPropose = {
    type: 'link-propose',
    id: state.id,
    baud: state.target,
    rtsCts,
    fragmentBytesMax,
  };
  const atUs = event.nowUs + PROPOSE_RETRY_MS * 1_000;
  return [
    { ...state, sent: state.sent + 1 },
    [
      { effect: 'send', message },
      { effect: 'timer', atUs },
    ],
  ];
}

function heard(
  state: NegotiateState,
  event: Extract<NegotiateEvent, { event: 'message' }>,
  context: NegotiateContext,
): NegotiateStep {
  const { message } = event;
  if (state.at === 'proposing' && message.type === 'link-commit' && message.id === state.id)
    return committed(state, message);
  if (state.at !== 'probing' || message.type === 'link-commit' || message.id !== state.id) return [state, []];
  if (message.type === 'link-probe') {
    const isGood = equal(message.pattern, probePattern(message.id, message.seq));
    if (!isGood || state.arrived.includes(message.seq)) return [state, []];
    return [{ ...state, arrived: [...state.arrived, message.seq] }, []];
  }
  return message.type === 'link-report' ? decide(state, message, { event, context }) : [state, []];
}

function committed(state: Proposing, { id, baud, rtsCts, fragmentBytesMax }: LinkCommit): NegotiateStep {
  // More than was asked for is no answer to it. Nor is another rate once nothing slower is left, or one that never works would be tried for ever.
  const isLast = state.isKnown && state.target === state.home;
  if (baud !== state.home && (isLast || baud > state.target)) return [state, []];
  const dock: NegotiateEffect = { effect: 'dock', rtsCts, fragmentBytesMax };
  if (baud === state.home) return [{ at: 'over' }, [dock, { effect: 'over', isAgreed: true }]];
  const { home, target } = state;
  return [
    { at: 'switching', home, target, isKnown: true, id, rate: baud },
    [dock, { effect: 'switch', baud }],
  ];
}

type Probing = Extract<NegotiateState, { at: 'probing' }>;

/** The dock's probes are in when its report is: the line keeps their order. */
function decide(state: Probing, { received }: LinkReport, given: Given): NegotiateStep {
  const keep = received >= PROBES_GOOD_MIN && state.arrived.length >= PROBES_GOOD_MIN;
  if (!keep) return giveUp(state, given);
  return [
    { at: 'over' },
    [
      { effect: 'send', message: reportOf(state, true) },
      { effect: 'over', isAgreed: true },
    ],
  ];
}

function reportOf({ id, arrived }: Probing, keep: boolean): LinkReport {
  return { type: 'link-report', id, received: arrived.length, keep };
}

/** Says so, for what it is worth on such a line, and goes back. */
function giveUp(state: Probing, { context }: Given): NegotiateStep {
  return [
    { at: 'returning', ...slower(state, context) },
    [
      { effect: 'send', message: reportOf(state, false) },
      { effect: 'switch', baud: state.home },
    ],
  ];
}

/** The round after one whose rate failed. With nothing left to try it asks for the present rate, and so finds the dock again. */
function slower({ home, rate }: Trial, context: NegotiateContext): Round {
  const isAbove = rate > context.baud;
  const target = isAbove ? Math.max(baudUpTo(rate - 1) ?? home, context.baud) : home;
  return { home, target, isKnown: true };
}

function rang(state: NegotiateState, event: Timed, context: NegotiateContext): NegotiateStep {
  const given = { event, context };
  switch (state.at) {
    case 'proposing':
      return unanswered(state, given);
    case 'settling':
      return [{ ...state, at: 'probing', arrived: [] }, probes(state)];
    case 'probing':
      return giveUp(state, given);
    case 'resting':
      return propose(state, 1, given);
    case 'idle':
    case 'switching':
    case 'returning':
    case 'over':
      return [state, []];
    default:
      state satisfies never;
      return [state, []];
  }
}

function unanswered(state: Proposing, given: Given): NegotiateStep {
  const { home, target, isKnown, round } = state;
  const isRemembered = home !== given.context.baud;
  if (state.sent < (isRemembered && !isKnown ? REMEMBERED_TRIES : PROPOSE_TRIES))
    return proposeAgain(state, given);
  if (isKnown && round < ROUNDS_MAX) return propose(state, round + 1, given);
  if (!isRemembered) return [{ at: 'over' }, [{ effect: 'over', isAgreed: false }]];
  const { baud } = given.context;
  return [{ at: 'returning', home: baud, target, isKnown }, [{ effect: 'switch', baud }]];
}

function probes({ id, watchdogUs }: Extract<NegotiateState, { at: 'settling' }>): readonly NegotiateEffect[] {
  const sent = Array.from({ length: PROBE_COUNT }, (_, seq): NegotiateEffect => {
    const pattern = probePattern(id, seq);
    return { effect: 'send', message: { type: 'link-probe', id, seq, count: PROBE_COUNT, pattern } };
  });
  return [...sent, { effect: 'timer', atUs: watchdogUs }];
}

function switched(
  state: NegotiateState,
  { nowUs, isDone }: Extract<NegotiateEvent, { event: 'switched' }>,
  context: NegotiateContext,
): NegotiateStep {
  const guard: NegotiateEffect = { effect: 'timer', atUs: nowUs + GUARD_MS * 1_000 };
  if (state.at === 'switching' && isDone) {
    return [{ ...state, at: 'settling', watchdogUs: nowUs + LINK_WATCHDOG_MS * 1_000 }, [guard]];
  }
  if (state.at === 'switching') {
    // This port cannot do it and the dock is there already, until its watchdog brings it back.
    const atUs = nowUs + (LINK_WATCHDOG_MS + 2 * GUARD_MS) * 1_000;
    return [{ at: 'resting', ...slower(state, context) }, [{ effect: 'timer', atUs }]];
  }
  if (state.at !== 'returning') return [state, []];
  return isDone ? [{ ...state, at: 'resting' }, [guard]] : [{ at: 'over' }, [{ effect: 'broken' }]];
}
