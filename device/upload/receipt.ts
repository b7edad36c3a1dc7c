import { ProofError } from '../../proto/errors.ts';
import type { Receipt } from '../../proto/messages.ts';
import { type OpenedReceipt, openReceipt } from '../../proto/receipt.ts';
import type { ClosedRecording, KeptTicket } from '../ports.ts';
import { mayErase } from '../vault/vault.ts';
import type { Docked, UploadContext, UploadEvent, UploadStep, Work } from './state.ts';
import { knownHead } from './ticket.ts';
import { parked } from './work.ts';

// A receipt that was on its way when a newer checkpoint came is of no use, and the next one is. On the worst of lines that takes
// some tries; a dock that never says from where its ledger grew is another matter.
const LATE_US_MAX = 30_000_000;

/**
 * The one place that lets footage go. The receipt must be signed by this session's dock, carry proof that its ledger holds the
 * entry and has grown from what this camera keeps of it, be cosigned as the camera was told to ask, and name this recording
 * and this manifest; anything else erases nothing.
 */
export function takeReceipt(
  state: Docked,
  receipt: Receipt,
  { nowUs, context }: { readonly nowUs: number; readonly context: UploadContext },
): UploadStep {
  const { work, session } = state;
  if (work.doing !== 'finishing' && work.doing !== 'offering' && work.doing !== 'sending') return [state, []];
  const recording = work.doing === 'sending' ? work.sending.recording : work.recording;
  const kept = knownHead(state);
  try {
    const opened = openReceipt(
      receipt,
      kept === undefined ? session.dock : { ...session.dock, kept },
      context,
    );
    const verdict = mayErase(recording, context.sha256(recording.signedManifest), opened);
    if (verdict.verdict === 'stale') return [state, []];
    if (verdict.verdict === 'keep') return refuse(state, verdict.why, recording.recordingId);
    if (opened.grown !== 'other-start') return believed(state, { recording, receipt, opened });
    // The next Offer or Fin says the kept size again.
    if (work.doing === 'sending' || nowUs - work.sinceUs < LATE_US_MAX) return [state, []];
    const why = `no receipt shows that the ledger of ${session.dock.dockId} grew from the ${kept?.size ?? 0} entries that were kept`;
    return refuse(state, why, recording.recordingId);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return refuse(state, error.message, recording.recordingId);
  }
}

/** First the checkpoint goes into the flash: without it a dock could take the entry out of its ledger once the footage is gone. */
function believed(
  state: Docked,
  {
    recording,
    receipt,
    opened,
  }: { readonly recording: ClosedRecording; readonly receipt: Receipt; readonly opened: OpenedReceipt },
): UploadStep {
  const { recordingId } = recording;
  const { outcome, reason, note, size, root } = opened;
  const ticket: KeptTicket = { dockId: state.session.dock.dockId, note, size, root };
  return [
    { ...state, kept: ticket, work: { doing: 'keeping', recording, receipt, outcome, ticket } },
    [
      { effect: 'news', news: { news: 'receipt', recordingId, outcome, reason } },
      { effect: 'keep', ticket, recordingId },
    ],
  ];
}

/** The checkpoint is in the flash: now the content may go, or its copy be examined. */
export function ticketKept(state: Docked, event: Extract<UploadEvent, { event: 'kept' }>): UploadStep {
  const { work } = state;
  const isThis =
    work.doing === 'keeping' &&
    work.recording.recordingId === event.recordingId &&
    work.ticket.size === event.size;
  if (!isThis) return [state, []];
  const { recording, receipt, outcome } = work;
  const { recordingId } = recording;
  if (outcome === 'quarantined')
    return [
      { ...state, work: { doing: 'examining', recording, receipt } },
      [{ effect: 'examine', recording }],
    ];
  const erasing: Work = { doing: 'erasing', recording };
  return [{ ...state, work: erasing }, [{ effect: 'erase', recordingId, receipt, outcome }]];
}

/**
 * A quarantine says that what the dock got is bad. Nobody signs Data, so a stranger on the line may have spoiled it: the
 * camera frees only what is bad in its own flash too. A sound copy stays, and the next recording has its turn.
 */
export function examined(state: Docked, event: Extract<UploadEvent, { event: 'examined' }>): UploadStep {
  const { work } = state;
  if (work.doing !== 'examining' || work.recording.recordingId !== event.recordingId) return [state, []];
  const { recording, receipt } = work;
  const { recordingId } = recording;
  if (!event.isSound) {
    const erasing: Work = { doing: 'erasing', recording };
    return [{ ...state, work: erasing }, [{ effect: 'erase', recordingId, receipt, outcome: 'quarantined' }]];
  }
  const why = `the dock quarantined ${recordingId}, whose copy in this camera is sound: it is kept`;
  return [
    parked(state, recordingId),
    [
      { effect: 'send', message: { type: 'receipt-ack', recordingId, erased: false } },
      { effect: 'news', news: { news: 'distrust', why } },
      { effect: 'list' },
    ],
  ];
}

function refuse(state: Docked, why: string, recordingId: ClosedRecording['recordingId']): UploadStep {
  const abort = {
    type: 'abort',
    stream: 0,
    code: 'bad-receipt',
    class: 'never',
    message: why,
    recordingId,
  } as const;
  return [
    parked(state, recordingId),
    [
      { effect: 'send', message: abort },
      { effect: 'news', news: { news: 'distrust', why } },
      { effect: 'list' },
    ],
  ];
}
