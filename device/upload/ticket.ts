import { equal } from '../../proto/bytes.ts';
import { openCheckpoint } from '../../proto/checkpoint.ts';
import type { Checker } from '../../proto/digest.ts';
import { ProofError } from '../../proto/errors.ts';
import { checkGrowth, type KeptHead } from '../../proto/growth.ts';
import type { Ticket } from '../../proto/messages.ts';
import { checkWitnesses } from '../../proto/receipt.ts';
import type { KeptTicket, TrustedDock } from '../ports.ts';
import type { Docked, UploadContext, UploadStep } from './state.ts';

/**
 * What this camera keeps of a dock's ledger, if the dock's key still says so. The file was only read so far: what is damaged,
 * or of a ledger that this dock no longer has, counts as none, and the text says why.
 */
export function recall(dock: TrustedDock, context: UploadContext): KeptTicket | string | undefined {
  const kept = context.kept(dock.dockId);
  if (kept === undefined) return undefined;
  try {
    const { size, root } = openCheckpoint(kept.note, dock.ledgerVkey, context);
    if (size === kept.size && equal(root, kept.root)) return kept;
    return `the checkpoint kept of dock ${dock.dockId} is not the one that was signed: it counts no more`;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return `the checkpoint kept of dock ${dock.dockId} counts no more: ${error.message}`;
  }
}

/** How much of the dock's ledger this camera has seen, as messages say it. */
export function saidSize(kept: KeptTicket | undefined): { readonly ledgerSize?: number } {
  return kept === undefined ? {} : { ledgerSize: kept.size };
}

/** What the ledger must have grown from, and how much of that the dock has surely been told. */
export function knownHead({ kept, session }: Docked): KeptHead | undefined {
  return kept === undefined ? undefined : { ...kept, toldSize: session.toldSize };
}

/**
 * Keeps a newer checkpoint of this session's dock. Nobody signs the message around the note, so one that does not hold shows
 * nothing about the dock: it is said to people once and not kept. Every receipt is judged by itself.
 */
export function takeTicket(state: Docked, ticket: Ticket, context: UploadContext): UploadStep {
  const { dock, sessionId } = state.session;
  if (!equal(ticket.sessionId, sessionId)) return [state, []];
  const head = openTicket(state, ticket, context);
  if (head === undefined) return [state, []];
  if (typeof head === 'string') return doubted(state, `dock ${dock.dockId}: ${head}`);
  const kept: KeptTicket = { dockId: dock.dockId, note: ticket.note, ...head };
  return [{ ...state, kept }, [{ effect: 'keep', ticket: kept }]];
}

/** The ticket's head when it is newer and holds, undefined when there is nothing to keep, or what is wrong with it. */
function openTicket(
  state: Docked,
  ticket: Ticket,
  checker: Checker,
): { readonly size: number; readonly root: Uint8Array } | string | undefined {
  const { dock } = state.session;
  try {
    const { size, root } = openCheckpoint(ticket.note, dock.ledgerVkey, checker);
    const checkpoint = { size, root };
    const grown = checkGrowth(knownHead(state), { checkpoint, growth: ticket }, checker);
    // An empty ledger looks the same for ever: it shows neither growth nor time.
    if (grown !== 'grown' || size === 0) return undefined;
    checkWitnesses(ticket.note, dock, checker);
    return checkpoint;
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    throw error;
  }
}

function doubted(state: Docked, why: string): UploadStep {
  if (state.doubt === why) return [state, []];
  return [{ ...state, doubt: why }, [{ effect: 'news', news: { news: 'distrust', why } }]];
}
