import { readFile } from 'node:fs/promises';
import { decodeEntry } from '../../proto/custody-entry.ts';
import type { Sign } from '../../proto/digest.ts';
import { fromHex } from '../../proto/bytes.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { DockIdentity } from '../../proto/identity.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Clock, Ledger } from '../ports.ts';
import { type Acceptance, findAcceptance, type LedgerPart, ledgerPart } from './about.ts';
import { mustBeSealed, writePackage } from './build.ts';
import { PackageError } from './errors.ts';
import { openRecording, type RecordingFolder } from './folder.ts';
import { PATHS } from './layout.ts';
import { growthFromTicket } from './ticket.ts';

/** An evidence package that can be made: everything that goes into it was held against the ledger. Close it in the end. */
export interface SealedPackage {
  readonly manifestSha256: Uint8Array;
  /**
   * Writes the ZIP, one chunk in memory at a time, with the ledger as it is now. `tellBytes` hears its length before the first byte is
   * written. Rejects with PackageError when a chunk is not what was accepted; what was written is then no package.
   */
  write(output: NodeJS.WritableStream, tellBytes: (bytes: number) => void): Promise<unknown>;
  close(): Promise<void>;
}

/** Makes sealed evidence packages of what the dock holds. */
export interface Packages {
  /** Reads all of the recording once. Throws PackageError: PACKAGE_ABSENT, PACKAGE_DAMAGED, PACKAGE_REFUSED for what no camera sealed, PACKAGE_IO. */
  prepare(recordingId: RecordingId): Promise<SealedPackage>;
}

/** What making packages takes of a running dock. */
export interface PackingPorts {
  /** Folder of the recordings. */
  readonly store: string;
  /** The ledger as one checkpoint of this moment shows it: the proofs of a package all lead to one. */
  readonly readLedger: () => Promise<
    Pick<Ledger, 'vkey' | 'prove' | 'proveConsistency' | 'read' | 'checkpoint'>
  >;
  /** Verifier keys of the witnesses that the dock asks. */
  readonly witnesses: readonly string[];
  readonly dock: { readonly identity: DockIdentity; readonly sign: Sign };
  readonly clock: Pick<Clock, 'wallUs'>;
}

/** Packages of a dock that runs, in the sealed form alone: the opened one needs keys that no dock has. */
export class SealedPackages implements Packages {
  readonly #ports: PackingPorts;

  constructor(ports: PackingPorts) {
    this.#ports = ports;
  }

  /** See `Packages.prepare`. */
  async prepare(recordingId: RecordingId): Promise<SealedPackage> {
    const { readLedger, store } = this.#ports;
    const ledger = await readLedger();
    const found = await findAcceptance(recordingId, ledger);
    if (found === undefined || found.destroyedAt !== undefined)
      throw new PackageError('PACKAGE_ABSENT', `recording ${recordingId} is not held here`, {
        retry: 'never',
      });
    const folder = await openRecording(store, found);
    try {
      mustBeSealed(folder.recording.manifest);
      await growthFromTicket(folder.recording.manifest, ledger);
    } catch (error) {
      await folder.close();
      throw error;
    }
    return {
      manifestSha256: fromHex(found.placed.entry.manifest),
      write: (output, tellBytes) => this.#write({ folder, found }, output, tellBytes),
      close: () => folder.close(),
    };
  }

  async #write(
    { folder, found }: { readonly folder: RecordingFolder; readonly found: Acceptance },
    ...[output, tellBytes]: Parameters<SealedPackage['write']>
  ): Promise<void> {
    const { readLedger, witnesses, clock, dock } = this.#ports;
    const accepted = found.placed.entry;
    const { epochs, recording } = folder;
    const ledger = await ledgerPart(
      { accepted, epochs, manifest: recording.manifest },
      await readLedger(),
      witnesses,
    );
    const madeAt = madeAfter(ledger, formatInstant(clock.wallUs()));
    const check = await independentCheck();
    await writePackage({ ...folder, madeAt, accepted, ledger, dock, check }, output, tellBytes);
  }
}

/** Now, by a clock that may have been set back since the ledger recorded this export; instants sort as text. */
export function madeAfter({ entries }: Pick<LedgerPart, 'entries'>, now: string): string {
  const times = entries.map(({ bytes }) => decodeEntry(bytes)).filter(({ type }) => type === 'exported');
  return [now, ...times.map(({ at }) => at)].toSorted().at(-1) ?? now;
}

/** The check that needs nothing of ours, as it lies beside this program: `check/…` of a package. */
export async function independentCheck(): Promise<ReadonlyMap<string, Uint8Array>> {
  const beside = (name: string): URL => new URL(`check/${name}`, import.meta.url);
  return new Map([
    [PATHS.checkReadme, await readFile(beside('README.md'))],
    [PATHS.checkProgram, await readFile(beside('check.go'))],
  ]);
}
