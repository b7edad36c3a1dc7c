import { equal, fromBase64, text, toBase64, utf8 } from '../../proto/bytes.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import { hasGrown, ticketOf } from '../ledger/verify/older.ts';
import type { Placed } from '../ledger/verify/placed.ts';
import type { Ledger } from '../ports.ts';
import { PackageError } from './errors.ts';
import { PATHS } from './layout.ts';
import type { PackedFile } from './read.ts';

type Head = NonNullable<ReturnType<typeof ticketOf>>;

/**
 * RFC 6962 proof that the ledger grew from the checkpoint which a camera had seen before it recorded; undefined when it had seen
 * none, or one of another log. Throws PackageError PACKAGE_DAMAGED when this ledger did not grow from it.
 */
export async function growthFromTicket(
  { ticket, recordingId }: Pick<Manifest, 'ticket' | 'recordingId'>,
  ledger: Pick<Ledger, 'vkey' | 'checkpoint' | 'proveConsistency'>,
): Promise<readonly Uint8Array[] | undefined> {
  const seen = ticket === undefined ? undefined : ticketOf(ticket, ledger.vkey);
  if (seen === undefined) return undefined;
  const now = ticketOf((await ledger.checkpoint()).note, ledger.vkey);
  if (now !== undefined && seen.size <= now.size) {
    const hashes = await ledger.proveConsistency(seen.size, now.size);
    if (hasGrown(seen, now, hashes)) return hashes;
  }
  const message = `the camera of ${recordingId} had seen ${seen.size} entries of this ledger that are not in it; "holdfast verify" says more`;
  throw new PackageError('PACKAGE_DAMAGED', message, { retry: 'never', facts: { size: seen.size } });
}

/** `ledger/ticket.consistency`: one hash a line, in base64; nothing at all where sizes are equal. */
export function formatGrowth(hashes: readonly Uint8Array[]): Uint8Array {
  return utf8(hashes.map((hash) => `${toBase64(hash)}\n`).join(''));
}

/** Did the ledger of a package only grow since the checkpoint that the camera had signed into the manifest? */
export function checkTicket(
  about: {
    readonly files: ReadonlyMap<string, PackedFile>;
    readonly manifest: Manifest;
    readonly accepted: Placed<EntryOf<'accepted'>>;
    readonly log: { readonly vkey: string | null; readonly head: Head | undefined };
  },
  findings: Findings,
): void {
  const { files, manifest, accepted, log } = about;
  const proof = files.get(PATHS.growth)?.content;
  const seen =
    manifest.ticket === undefined || log.vkey === null ? undefined : ticketOf(manifest.ticket, log.vkey);
  const bad = (message: string): void =>
    findings.add({ code: 'ticket-mismatch', file: PATHS.growth, index: accepted.index, message });
  if (seen === undefined) {
    if (proof !== undefined) bad('is there, and the camera had seen no checkpoint of this log');
  } else if (seen.size > accepted.index)
    bad(
      `cannot hold: the camera had seen ${seen.size} entries, and the recording is entry ${accepted.index}`,
    );
  else if (proof === undefined) bad(`is missing: the camera had seen ${seen.size} entries of this log`);
  else if (log.head !== undefined && !provesGrowth(proof, seen, log.head))
    bad(`does not show that this log grew from the ${seen.size} entries that the camera had seen`);
}

function provesGrowth(proof: Uint8Array, seen: Head, now: Head): boolean {
  try {
    const hashes = text(proof).split('\n').slice(0, -1).map(fromBase64);
    return equal(formatGrowth(hashes), proof) && hasGrown(seen, now, hashes);
  } catch {
    return false;
  }
}
