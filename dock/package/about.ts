import { type CustodyEntry, decodeEntry } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Placed } from '../ledger/verify/placed.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { Ledger } from '../ports.ts';
import { growthFromTicket } from './ticket.ts';

/** An entry as the log holds it, and the proof that it does. */
export interface ProvenBytes {
  readonly index: number;
  readonly bytes: Uint8Array;
  /** C2SP tlog-proof. */
  readonly proof: string;
}

/** What of a ledger goes into a package. */
export interface LedgerPart {
  readonly vkey: string;
  /** Signed note, with the cosignatures that it carries. */
  readonly checkpoint: string;
  /** Verifier keys of the witnesses that the dock asks. */
  readonly witnesses: readonly string[];
  readonly entries: readonly ProvenBytes[];
  /** RFC 6962 proof from the checkpoint that the camera had seen to this one; undefined unless it was of this log. */
  readonly growth: readonly Uint8Array[] | undefined;
}

type ReadLedger = Pick<Ledger, 'vkey' | 'prove' | 'read' | 'checkpoint'>;

const STEP = 256;

/** The entry that took a recording into custody, and the enrolments of its camera. */
export interface Acceptance {
  readonly placed: Placed<EntryOf<'accepted'>>;
  readonly enrolled: readonly Placed<EntryOf<'device.enrolled'>>[];
  /** When its content was destroyed. */
  readonly destroyedAt: string | undefined;
}

/** Looks for a recording in the ledger; undefined when it was never accepted. */
export async function findAcceptance(
  recording: RecordingId,
  ledger: ReadLedger,
): Promise<Acceptance | undefined> {
  const enrolled: Placed<EntryOf<'device.enrolled'>>[] = [];
  let placed: Placed<EntryOf<'accepted'>> | undefined;
  let destroyedAt: string | undefined;
  for await (const { index, entry } of entriesOf(ledger)) {
    if (entry.type === 'device.enrolled') enrolled.push({ index, entry });
    if (entry.type === 'accepted' && entry.recording === recording) placed ??= { index, entry };
    if (entry.type === 'destroyed' && entry.manifest === placed?.entry.manifest) destroyedAt = entry.at;
  }
  return placed && { placed, enrolled, destroyedAt };
}

/**
 * Every entry about a recording, with its proof: those that name it, the enrolments of its camera, what was missing around it,
 * and where the epochs of its stamps begin. All proofs are against one checkpoint. Throws PackageError PACKAGE_DAMAGED.
 */
export async function ledgerPart(
  about: {
    readonly accepted: EntryOf<'accepted'>;
    readonly epochs: ReadonlySet<number>;
    readonly manifest: Manifest;
  },
  ledger: ReadLedger & Pick<Ledger, 'proveConsistency'>,
  witnesses: readonly string[],
): Promise<LedgerPart> {
  const { note } = await ledger.checkpoint();
  const entries: ProvenBytes[] = [];
  for await (const { index, entry, bytes } of entriesOf(ledger)) {
    if (isAbout(entry, about)) entries.push({ index, bytes, proof: await ledger.prove(index) });
  }
  const growth = await growthFromTicket(about.manifest, ledger);
  return { vkey: ledger.vkey, checkpoint: note, witnesses, entries, growth };
}

function isAbout(
  entry: ReturnType<typeof decodeEntry>,
  { accepted, epochs }: { readonly accepted: EntryOf<'accepted'>; readonly epochs: ReadonlySet<number> },
): boolean {
  const { recording, camera, counter } = accepted;
  switch (entry.type) {
    case 'unknown':
      return entry.fields['recording'] === recording;
    case 'device.enrolled':
      return entry.camera === camera;
    case 'started':
    case 'clock.stepped':
      return epochs.has(entry.epoch);
    case 'missing':
    case 'found': {
      const { counterFrom = counter + 1, counterTo = counterFrom } = entry;
      const isNear = entry.camera === camera && counterFrom <= counter && counter <= counterTo;
      return entry.recording === recording || isNear;
    }
    default:
      return isOf(entry, recording);
  }
}

function isOf(entry: CustodyEntry, recording: RecordingId): boolean {
  return 'recording' in entry && entry.recording === recording;
}

async function* entriesOf(ledger: ReadLedger): AsyncGenerator<{
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly entry: ReturnType<typeof decodeEntry>;
}> {
  const { size } = await ledger.checkpoint();
  for (let start = 0; start < size; start += STEP) {
    const read = await ledger.read(start, Math.min(size, start + STEP));
    for (const [at, bytes] of read.entries()) yield { index: start + at, bytes, entry: decodeEntry(bytes) };
  }
}
