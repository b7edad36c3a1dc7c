import { equal } from '../../proto/bytes.ts';
import { TICKET_EVERY_MS } from '../../proto/limits.ts';
import type { Ticket } from '../../proto/messages.ts';
import type { Docked, IngestEffect, IngestEvent, IngestState, IngestStep, Session } from './state.ts';

/** What one session's camera has of this dock's log, as far as we know. */
export interface Ticketing {
  /** Size of the checkpoint that the camera keeps, by its own word or because we sent it; 0: none. */
  readonly keptSize: number;
  readonly askedUs: number;
}

/** The first ticket of a session goes out even when the camera has it: a log with two histories shows here first. */
export function startTicketing(
  keptSize: number,
  { session, nowUs }: { readonly session: Session; readonly nowUs: number },
): readonly [Ticketing, IngestEffect] {
  return [{ keptSize, askedUs: nowUs }, ticket(session, { from: keptSize, onlyGrown: false })];
}

/** While nothing is under way the camera gets a newer ticket now and then; what it records next is surely younger. */
export function ticketDue(state: Docked, nowUs: number): readonly [Docked, readonly IngestEffect[]] {
  const { ticketing, session } = state;
  if (nowUs < ticketDueUs(state)) return [state, []];
  const next: Docked = { ...state, ticketing: { ...ticketing, askedUs: nowUs } };
  return [next, [ticket(session, { from: ticketing.keptSize, onlyGrown: true })]];
}

/** When that is; Infinity while something is under way. */
export function ticketDueUs({ work, ticketing }: Docked): number {
  const isIdle = work.doing === 'nothing' || work.doing === 'settled';
  return isIdle ? ticketing.askedUs + TICKET_EVERY_MS * 1000 : Number.POSITIVE_INFINITY;
}

/** The log has answered: what it has is the camera's new ticket. */
export function ticketReady(
  state: IngestState,
  { sessionId, checkpoint, growth }: Extract<IngestEvent, { event: 'ticket' }>,
): IngestStep {
  if (state.at !== 'docked' || !equal(state.session.sessionId, sessionId)) return [state, []];
  // The camera has said meanwhile that it keeps another one, which this proof does not begin with.
  if ((growth.consistencyFrom ?? 0) !== state.ticketing.keptSize) return [state, []];
  const message: Ticket = { type: 'ticket', sessionId, note: checkpoint.note, ...growth };
  return [keeps(state, checkpoint.size), [{ effect: 'send', message }]];
}

/** The camera keeps a checkpoint of that size now. */
export function keeps(state: Docked, keptSize: number): Docked {
  return { ...state, ticketing: { ...state.ticketing, keptSize } };
}

function ticket(
  { sessionId, cameraId }: Session,
  asked: { readonly from: number; readonly onlyGrown: boolean },
): IngestEffect {
  return { effect: 'ticket', sessionId, cameraId, ...asked };
}
