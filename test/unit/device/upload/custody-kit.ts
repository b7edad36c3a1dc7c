import type { ClosedRecording, KeptTicket, TrustedDock } from '../../../../device/ports.ts';
import type {
  Docked,
  UploadContext,
  UploadEvent,
  UploadState,
  UploadStep,
  Work,
} from '../../../../device/upload/state.ts';
import { step } from '../../../../device/upload/step.ts';
import type { Message, Receipt, ReceiptBody, Ticket } from '../../../../proto/messages.ts';
import { signReceipt } from '../../../../proto/receipt.ts';
import { checker, DOCK_KEY, LEDGER_VKEY, sha256 } from '../../proto/fixture.ts';
import type { TestLog, TestWitness } from '../../proto/log-kit.ts';
import { contextOver, docked, recordingOf, SESSION_ID, STREAM } from './upload-kit.ts';

export const DOCK: TrustedDock = {
  dockId: 'dock-1',
  publicKey: DOCK_KEY.publicKey,
  ledgerVkey: LEDGER_VKEY,
};
export const custodyContext: UploadContext = { ...contextOver('serial'), ...checker };
export const recording: ClosedRecording = recordingOf('a');

/** What the ledger says about a recording's name. */
export function named(of: ClosedRecording = recording) {
  return { recordingId: of.recordingId, manifestSha256: sha256(of.signedManifest) };
}

export function ticketOf(log: TestLog, size = log.size, witnesses: readonly TestWitness[] = []): KeptTicket {
  return { dockId: DOCK.dockId, note: log.note(size, witnesses), ...log.head(size) };
}

export const finishing: Work = {
  doing: 'finishing',
  recording,
  stream: STREAM,
  sinceUs: 0,
  dueUs: 1_000_000,
};

/** A session with a dock of whose ledger this is kept; it was kept when the session began, unless said otherwise. */
export function knowing(
  kept: KeptTicket | undefined,
  {
    work = finishing,
    dock = DOCK,
    toldSize = kept?.size ?? 0,
  }: {
    readonly work?: Work;
    readonly dock?: TrustedDock;
    readonly toldSize?: number;
  } = {},
): Docked {
  return { ...docked(work), session: { sessionId: SESSION_ID, dock, toldSize }, kept };
}

export function hear(state: UploadState, message: Message, nowUs = 5): UploadStep {
  const event: UploadEvent = { event: 'message', nowUs, wallUs: 0, nonce: new Uint8Array(32), message };
  return step(state, event, custodyContext);
}

export const signed = (body: ReceiptBody): Receipt => signReceipt(body, DOCK_KEY.sign);

/** What an honest dock hands to a camera that keeps `from` entries. */
export function ticketMessage(log: TestLog, from: number, witnesses: readonly TestWitness[] = []): Ticket {
  return { type: 'ticket', sessionId: SESSION_ID, note: log.note(log.size, witnesses), ...log.growth(from) };
}
