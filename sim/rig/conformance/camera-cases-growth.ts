import { equal, toHex } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import type { Offer } from '../../../proto/messages.ts';
import { decodeWraps } from '../../../proto/wraps.ts';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { MemoryLedger } from '../../fault/memory-ledger.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { stillThere } from './camera-cases-custody.ts';
import { demand } from './case.ts';
import { type PuppetDock, type Session, SOON_MS, spoilt } from './puppet-dock.ts';
import { acceptedReceipt, growthFrom } from './puppet-receipt.ts';

// A ticket has no answer; a flash that is slow has it after so long, and the next session says so.
const KEPT_MS = 500;
const KEPT_MS_MAX = 10_000;

/** Sections 7 and 11: what a camera keeps of a dock's ledger, and what it never believes again. None of these erases anything. */
export const GROWTH_CASES: readonly CameraCase[] = [
  {
    name: 'keeps-ticket',
    rule: 'A Ticket that holds is kept: HelloConfirm, Offer and Fin say its size from then on. One that nobody signed is not.',
    section: '11',
    run: keepsTicket,
  },
  refusesLedger('refuses-shrunk-ledger', 'from a ledger with fewer entries than the camera has seen', 1),
  refusesLedger('refuses-forked-ledger', 'from a longer ledger that does not begin as the camera saw it', 4),
  {
    name: 'offers-wraps',
    rule: 'The Offer of a sealed recording carries the wraps that its manifest names, and no other Offer carries any.',
    section: '7',
    run: async ({ dock }) => {
      const { offer, manifest } = await dock.introduced();
      demandWraps(offer, manifest);
    },
  },
];

async function keepsTicket({ dock, wire }: CameraBench): Promise<void> {
  const { size } = await handTicket(dock, await dock.docked());
  const { session, offer } = await dock.introduced();
  demandSaid('HelloConfirm', wire.history('hello-confirm').at(-1)?.message.ledgerSize, size);
  demandSaid('Offer', offer.ledgerSize, size);
  await dock.rig.ledger.appendOnce(`after/${size}`, new Uint8Array([size & 0xff]));
  const { note } = await dock.rig.ledger.checkpoint();
  const signature = note.lastIndexOf(' ');
  const bytes = spoilt(Buffer.from(note.slice(signature + 1), 'base64'));
  const forged = `${note.slice(0, signature + 1)}${Buffer.from(bytes).toString('base64')}\n`;
  const growth = await growthFrom(size, dock.rig.ledger);
  wire.send({ type: 'ticket', sessionId: session.body.sessionId, note: forged, ...growth });
  const { fin } = await dock.finished(session, offer);
  demandSaid('Fin', fin.ledgerSize, size);
}

function demandSaid(where: string, found: number | undefined, expected: number): void {
  demand(found === expected, `ledger_size ${expected} in ${where}`, String(found ?? 0));
}

/**
 * Gives the camera the newest checkpoint of the rig's ledger, with proof from the one that it said it keeps, and waits until it
 * says that it keeps this one; for so long.
 */
async function handTicket(dock: PuppetDock, { body }: Session): Promise<{ readonly size: number }> {
  const { rig, wire } = dock;
  const said = keptSize(dock);
  const { size, note } = await rig.ledger.checkpoint();
  wire.send({ type: 'ticket', sessionId: body.sessionId, note, ...(await growthFrom(said, rig.ledger)) });
  const deadline = performance.now() + KEPT_MS_MAX;
  do {
    await wire.pause(KEPT_MS);
    await dock.docked();
  } while (keptSize(dock) !== size && performance.now() < deadline);
  return { size };
}

/** The size that the camera said last. */
function keptSize({ wire }: PuppetDock): number | undefined {
  return wire.history('hello-confirm').at(-1)?.message.ledgerSize;
}

/** A receipt that holds in every part, from a ledger of the right name and key with another past. */
function refusesLedger(name: string, which: string, entries: number): CameraCase {
  return {
    name,
    rule: `A Receipt ${which} is answered with Abort bad-receipt (never), and nothing is erased.`,
    section: '11',
    run: async ({ dock, wire }) => {
      const { size } = await handTicket(dock, await dock.docked());
      // The next session says the size, so that the dock has surely been told.
      const { session, offer, manifest } = await dock.introduced();
      await dock.finished(session, offer);
      const other = new MemoryLedger({ ...dock.rig.ledgerSigner, sha256: nodeChecker.sha256 });
      const before = entries > 1 ? size + entries : entries;
      for (let count = 0; count < before; count += 1)
        await other.appendOnce(`other/${count}`, new Uint8Array([count & 0xff, 1]));
      const grown = {
        proveConsistency: (from: number) =>
          from <= before ? other.proveConsistency(from) : Promise.resolve([]),
      };
      wire.forget();
      const subject = { offer, manifest, transport: wire.transport };
      wire.send(await acceptedReceipt(dock.rig, subject, { ledger: other, grown }));
      const abort = await wire.expect('abort', SOON_MS);
      const isRight = abort.code === 'bad-receipt' && abort.class === 'never';
      demand(isRight, 'Abort bad-receipt (never)', `Abort ${abort.code} (${abort.class})`);
      await stillThere({ dock, wire }, offer);
    },
  };
}

function demandWraps({ wraps }: Offer, { suite, wrapsSha256 }: Manifest): void {
  if (suite === 0)
    return demand(wraps === undefined, 'no wraps of an unsealed recording', `${wraps?.length} B of them`);
  demand(wraps !== undefined && wrapsSha256 !== undefined, 'the wraps of a sealed recording', 'none');
  const digest = nodeChecker.sha256(wraps);
  demand(equal(digest, wrapsSha256), `wraps with the hash ${toHex(wrapsSha256)}`, toHex(digest));
  try {
    demand(decodeWraps(wraps).length > 0, 'at least one wrap', 'none');
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    demand(false, 'wraps in their one encoding', error.message);
  }
}
