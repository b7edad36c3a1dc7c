import { createHash } from 'node:crypto';
import { equal, fromHex, utf8 } from '../../proto/bytes.ts';
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
 * is written only about what the dock holds, and about opened footage only under grants that the ledger has named for this
 * recording and this person. Of several grants the entry has one digest over all, so the body brings them along as `grants`. Resolves when it is in a published checkpoint. Throws ControlError, LedgerError.
 */
export async function recordExport(body: unknown, ports: ExportedPorts): Promise<{ readonly index: number }> {
  const { ledger, clock } = ports;
  const fields = fieldsOf(body);
  const entry = exportedIn(fields, formatInstant(clock.wallUs()));
  const grants = grantsIn(fields, entry);
  const holding = await heldAs(entry, ports);
  if (entry.form === 'sealed') mustBeSealed(entry, holding);
  else await mustBeGranted({ ...entry, grants }, holding, ports);
  return { index: await ledger.appendOnce(entryKey(entry), encodeEntry(entry)) };
}

function fieldsOf(body: unknown): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(typeof body === 'object' && body !== null ? body : {}));
}

function exportedIn(given: ReadonlyMap<string, unknown>, at: string): Exported {
  const fields = Object.fromEntries([...given].filter(([name]) => FIELDS.includes(name)));
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

/** Digests of the grants that the entry speaks of, each as `granted` names it. */
function grantsIn(given: ReadonlyMap<string, unknown>, { grant }: Exported): readonly string[] {
  const grants = given.get('grants');
  if (grants === undefined) return grant === undefined ? [] : [grant];
  const isText = (one: unknown): one is string => typeof one === 'string';
  if (Array.isArray(grants) && grants.every(isText) && grants.length > 0 && sha256(grants.join('')) === grant)
    return grants.map(sha256);
  throw new ControlError(
    'BAD_REQUEST',
    'the grants of an export are those that its digest is over, in order',
  );
}

const sha256 = (text: string): string => createHash('sha256').update(utf8(text)).digest('hex');

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

/** Each of the grants stands in the ledger, for this recording and this person. */
async function mustBeGranted(
  { recording, person, grants }: Exported & { readonly grants: readonly string[] },
  { entryIndex = 0 }: Holding,
  { ledger }: ExportedPorts,
): Promise<void> {
  if (person === undefined || grants.length === 0)
    throw new ControlError('BAD_REQUEST', 'an opened export names its person and its grant');
  const wanted = new Set(grants);
  for await (const { entry } of entriesFrom(ledger, entryIndex)) {
    if (entry.type !== 'granted' || entry.recording !== recording || entry.person !== person) continue;
    if (wanted.delete(entry.grant) && wanted.size === 0) return;
  }
  const message = `the ledger names no such grant of recording ${recording} to that person: open it at this dock first`;
  throw new ControlError('NO_GRANT', message);
}
