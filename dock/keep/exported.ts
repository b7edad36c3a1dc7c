import { equal, fromHex } from '../../proto/bytes.ts';
import { decodeEntry, encodeEntry, entryKey } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import { ProofError } from '../../proto/errors.ts';
import { formatInstant } from '../../proto/instant.ts';
import { peekManifest } from '../../proto/manifest.ts';
import type { Clock, Holding, Holdings, Ledger } from '../ports.ts';
import { entriesFrom } from '../release/history.ts';
import { ControlError } from './control.ts';

export interface ExportedPorts {
  readonly holdings: Pick<Holdings, 'find' | 'list'>;
  readonly ledger: Pick<Ledger, 'appendOnce' | 'checkpoint' | 'read'>;
  readonly clock: Pick<Clock, 'wallUs'>;
}

type Exported = EntryOf<'exported'>;

// Whatever else is asked for does not become part of the entry.
const FIELDS = ['recording', 'form', 'manifest', 'person', 'grant'];

/**
 * Puts `exported` into the ledger for a program beside the dock that is about to make a package. The entry is the dock's word, so it
 * is written only about what the dock holds, and about opened footage only under a grant that the ledger has named for this
 * recording and this person. Resolves when it is in a published checkpoint. Throws ControlError, LedgerError.
 */
export async function recordExport(body: unknown, ports: ExportedPorts): Promise<{ readonly index: number }> {
  const { ledger, clock } = ports;
  const entry = exportedIn(body, formatInstant(clock.wallUs()));
  const holding = await heldAs(entry, ports);
  if (entry.form === 'sealed') mustBeSealed(entry, holding);
  else await mustBeGranted(entry, holding, ports);
  return { index: await ledger.appendOnce(entryKey(entry), encodeEntry(entry)) };
}

function exportedIn(body: unknown, at: string): Exported {
  const given = Object.entries(typeof body === 'object' && body !== null ? body : {});
  const fields = Object.fromEntries(given.filter(([name]) => FIELDS.includes(name)));
  try {
    // Encoding and decoding check that every field is there and is what it must be.
    const entry = decodeEntry(encodeEntry({ ...fields, type: 'exported', at } as Exported));
    if (entry.type === 'exported') return entry;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new ControlError('BAD_REQUEST', error.message);
  }
  throw new ControlError('BAD_REQUEST', 'an export is told with recording, manifest and form');
}

async function heldAs({ recording, manifest }: Exported, { holdings }: ExportedPorts): Promise<Holding> {
  const holding = await holdings.find(recording);
  if (holding === undefined) {
    const others = (await holdings.list()).filter(({ recordingId }) => recordingId === recording);
    if (others.some(({ state }) => state === 'destroyed'))
      throw new ControlError('DESTROYED', `recording ${recording} was destroyed at the end of its time`);
    throw new ControlError('NOT_HELD', `recording ${recording} is not in custody here: look at its id`);
  }
  if (equal(holding.manifestSha256, fromHex(manifest))) return holding;
  const message = `recording ${recording} is held with another manifest: make the package anew from this dock's files`;
  throw new ControlError('OTHER_MANIFEST', message);
}

function mustBeSealed({ recording, person, grant }: Exported, { signedManifest }: Holding): void {
  if (person !== undefined || grant !== undefined)
    throw new ControlError('BAD_REQUEST', 'a sealed export names no person and no grant');
  // What cannot be read now may be footage that anybody could watch.
  if (signedManifest !== undefined && peekManifest(signedManifest).suite !== 0) return;
  const message = `recording ${recording} is not sealed, so it leaves under a grant alone: export it opened`;
  throw new ControlError('NOT_SEALED', message);
}

/** The digest that `granted` names, for this recording and this person. */
async function mustBeGranted(
  { recording, person, grant }: Exported,
  { entryIndex = 0 }: Holding,
  { ledger }: ExportedPorts,
): Promise<void> {
  if (person === undefined || grant === undefined)
    throw new ControlError('BAD_REQUEST', 'an opened export names its person and its grant');
  for await (const { entry } of entriesFrom(ledger, entryIndex)) {
    if (entry.type !== 'granted' || entry.grant !== grant) continue;
    if (entry.recording === recording && entry.person === person) return;
  }
  const message = `the ledger names no such grant of recording ${recording} to that person: open it at this dock first`;
  throw new ControlError('NO_GRANT', message);
}
