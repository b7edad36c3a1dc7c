import { checker } from '../../../device/keys/checker.ts';
import { equal } from '../../../proto/bytes.ts';
import { openCheckpoint } from '../../../proto/checkpoint.ts';
import { ProofError } from '../../../proto/errors.ts';
import { checkGrowth, type KeptHead } from '../../../proto/growth.ts';
import type { Ticket } from '../../../proto/messages.ts';
import { ANSWER_MS, CaseFailure, CaseNotRun, demand } from './case.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { refused, SMALL, WATCH_MS } from './dock-proofs.ts';
import type { PuppetSession } from './puppet-camera.ts';

// No log grows to this size while the rig looks on.
const FAR_AHEAD = 1_000_000_000;

/** Section 11: a camera can see that the dock's ledger only grew. */
export const GROWTH_CASES: readonly DockCase[] = [
  {
    name: 'ticket-after-greeting',
    rule: 'A Ticket is of this session, signed by the ledger, and proves growth from the size that HelloConfirm said.',
    section: '11',
    run: async ({ camera }) => {
      const first = await camera.dock();
      const kept = await ticketOf(first);
      // Something is entered in the ledger in between.
      await first.upload(camera.record([400]));
      const again = await camera.dock(ANSWER_MS, { ledgerSize: kept.size });
      const now = await ticketOf(again, kept);
      demand(now.size > kept.size, `a checkpoint of more than ${kept.size} entries`, String(now.size));
    },
  },
  {
    name: 'receipt-shows-growth',
    rule: 'A Receipt proves growth from the ledger_size of the Fin or Offer that asked for it, and another size gets another Receipt.',
    section: '11',
    run: receiptShowsGrowth,
  },
  {
    name: 'no-receipt-from-a-shrunk-ledger',
    rule: 'A dock that is told a larger ledger_size than its ledger has gives no Receipt: Abort storage-fault (retry).',
    section: '11',
    run: async ({ camera, wire }) => {
      const session = await camera.dock();
      const upload = await session.offer(camera.record([...SMALL]));
      await upload.sendUpTo(upload.recording.layout.totalBytes);
      upload.sayFin(FAR_AHEAD);
      const abort = await refused(wire, 'storage-fault', 'retry');
      const { recordingId } = upload.recording;
      demand(abort.recordingId === recordingId, 'it about this recording', abort.recordingId ?? 'none');
      await wire.expectNone('receipt', WATCH_MS);
      // It has all the bytes, and takes custody as soon as it is asked by somebody it can answer.
      await (await session.offer(upload.recording)).fin();
    },
  },
];

async function receiptShowsGrowth({ camera, wire }: DockBench): Promise<void> {
  const session = await camera.dock();
  const first = await session.upload(camera.record([500]));
  const { size, root } = first.check((await first.fin()).receipt);
  const kept: KeptHead = { size, root };
  const upload = await session.offer(camera.record([700]));
  await upload.sendUpTo(upload.recording.layout.totalBytes);
  const { body } = await upload.fin('accepted', kept);
  demandFrom(body.consistencyFrom, kept.size);
  demand(body.size > kept.size, `a checkpoint of more than ${kept.size} entries`, String(body.size));
  wire.drain('receipt');
  upload.sayFin();
  demandFrom(upload.check(await wire.expect('receipt', ANSWER_MS)).consistencyFrom, undefined);
  wire.send(session.offerOf(upload.recording, { ledgerSize: kept.size }));
  const again = upload.check(await wire.expect('receipt', ANSWER_MS), 'accepted', kept);
  demandFrom(again.consistencyFrom, kept.size);
}

function demandFrom(found: number | undefined, expected: number | undefined): void {
  demand(found === expected, `consistency_from ${expected ?? 0}`, String(found ?? 0));
}

/** The Ticket of a session that has just begun, judged as a camera judges it; the head that is kept then. */
async function ticketOf(session: PuppetSession, kept?: KeptHead): Promise<KeptHead> {
  const heard = await session.camera.wire.hearIfAny('ticket', ANSWER_MS);
  // Section 7 asks for it with SHOULD.
  if (heard === undefined) throw new CaseNotRun('this dock hands out no Ticket');
  const ticket = heard.message;
  demand(equal(ticket.sessionId, session.id), 'a Ticket of this session', 'one of another');
  return headOf(ticket, session, kept);
}

function headOf(ticket: Ticket, { camera, greeting }: PuppetSession, kept?: KeptHead): KeptHead {
  try {
    const { ledgerVkey } = camera.trusted(greeting.body);
    const { size, root } = openCheckpoint(ticket.note, ledgerVkey, checker);
    const grown = checkGrowth(kept, { checkpoint: { size, root }, growth: ticket }, checker);
    demand(grown !== 'other-start', `growth from ${kept?.size ?? 0}`, `from ${ticket.consistencyFrom ?? 0}`);
    return { size, root };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new CaseFailure('a Ticket that holds', error.message);
  }
}
