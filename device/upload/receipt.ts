import type { Receipt } from '../../proto/messages.ts';
import { openReceipt } from '../../proto/receipt.ts';
import { ProofError } from '../../proto/errors.ts';
import { mayErase } from '../vault/vault.ts';
import type { Docked, UploadContext, UploadEffect, UploadEvent, UploadStep, Work } from './state.ts';
import { parked } from './work.ts';

/**
 * The one place that lets footage go. The receipt must be signed by this session's dock, carry proof that its
 * ledger holds the entry, and name this recording and this manifest; anything else erases nothing.
 */
export function takeReceipt(state: Docked, receipt: Receipt, context: UploadContext): UploadStep {
  const { work } = state;
  if (work.doing !== 'finishing' && work.doing !== 'offering' && work.doing !== 'sending') return [state, []];
  const recording = work.doing === 'sending' ? work.sending.recording : work.recording;
  try {
    const body = openReceipt(receipt, state.session.dock, { sha256: context.sha256, verify: context.verify });
    const verdict = mayErase(recording, context.sha256(recording.signedManifest), body);
    if (verdict.verdict === 'stale') return [state, []];
    if (verdict.verdict === 'keep') return refuse(state, verdict.why, recording.recordingId);
    const { recordingId } = recording;
    const { outcome, reason } = body;
    const news: UploadEffect = { effect: 'news', news: { news: 'receipt', recordingId, outcome, reason } };
    if (outcome === 'quarantined') {
      const examining: Work = { doing: 'examining', recording, receipt };
      return [{ ...state, work: examining }, [news, { effect: 'examine', recording }]];
    }
    const erasing: Work = { doing: 'erasing', recording };
    return [{ ...state, work: erasing }, [news, { effect: 'erase', recordingId, receipt, outcome }]];
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return refuse(state, error.message, recording.recordingId);
  }
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

function refuse(
  state: Docked,
  why: string,
  recordingId: Extract<Work, { doing: 'offering' }>['recording']['recordingId'],
): UploadStep {
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
