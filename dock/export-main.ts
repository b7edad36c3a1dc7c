import { createWriteStream, existsSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { encodeEntry, entryKey } from '../proto/custody-entry.ts';
import type { EntryOf } from '../proto/custody-fields.ts';
import { isRecordingId, type RecordingId } from '../proto/ids.ts';
import { formatInstant } from '../proto/instant.ts';
import { parseDecimal } from '../proto/checkpoint.ts';
import { SystemClock } from './clock/system.ts';
import { type FileKeys, openFileKeys } from './keys/file-keys.ts';
import { readWitness } from './keys/witness-key.ts';
import { LedgerError } from './ledger/errors.ts';
import { httpCosigner } from './ledger/http-cosigner.ts';
import { openLedger } from './ledger/log.ts';
import { readLedger } from './ledger/reader.ts';
import { type Acceptance, findAcceptance, ledgerPart } from './package/about.ts';
import { type PackageSource, type PackageSummary, writePackage } from './package/build.ts';
import { PackageError } from './package/errors.ts';
import { openRecording } from './package/folder.ts';
import { PATHS } from './package/layout.ts';
import { tellDock } from './package/tell.ts';

interface Flags {
  readonly out: string;
  readonly data: string;
  readonly keys: string;
  readonly witness: readonly Witness[];
  readonly quorum: number;
  readonly json?: true;
}

interface Witness {
  readonly vkey: string;
  readonly url: string;
}

/** `holdfast export`. Returns 0 once the package is on disk. Throws PackageError, KeyError, LedgerError, and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = command().parse([...argv], { from: 'user' });
  const flags = parsed.opts<Flags>();
  const [recording = ''] = parsed.args;
  if (!isRecordingId(recording)) throw absent(recording, 'a recording is named by 32 hexadecimal digits');
  const summary = await exportSealed(recording, flags);
  const said = { recording, file: flags.out, ...summary };
  if (flags.json === true) process.stdout.write(`${JSON.stringify(said)}\n`);
  else
    process.stdout.write(`${flags.out}: ${summary.files} files, ${summary.bytes} bytes (${summary.form})\n`);
  return 0;
}

function command(): Command {
  return new Command('holdfast export')
    .description('make an evidence package of one recording: a ZIP that anybody can check')
    .argument('<recording>', 'its id, 32 hexadecimal digits')
    .requiredOption('-o, --out <file>', 'the ZIP to write; it must not be there yet')
    .requiredOption('--data <dir>', "the dock's data folder")
    .requiredOption('--keys <dir>', "the dock's keys")
    .option('--witness <vkey=url>', 'as the dock is started with; repeat for more', addWitness, [])
    .option('--quorum <n>', 'as the dock is started with', count, 0)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The export is in the ledger before the first byte is written: through DATA/control.sock while the dock runs, directly
while it does not. The package holds the recording as the dock stores it, so a sealed one stays sealed.

Examples:
  holdfast export 0123456789abcdef0123456789abcdef -o evidence.zip --data /var/lib/holdfast --keys /etc/holdfast/keys
  holdfast verify evidence.zip --vkey "$(cat pinned.vkey)"`,
    )
    .exitOverride()
    .showHelpAfterError();
}

/** The recording as it is stored. Everything is checked before the export is recorded, and recorded before anything leaves. */
async function exportSealed(recording: RecordingId, flags: Flags): Promise<PackageSummary> {
  if (existsSync(flags.out))
    throw new PackageError('PACKAGE_IO', `${flags.out} is there already`, { retry: 'never' });
  const keys = openFileKeys({ dir: flags.keys, registry: flags.keys });
  const log = { dir: join(flags.data, 'ledger'), vkey: keys.identity.ledger };
  const found = await findAcceptance(recording, await readLedger(log));
  if (found === undefined) throw absent(recording, 'the ledger of this dock never accepted it');
  if (found.destroyedAt !== undefined)
    throw absent(recording, `its content was destroyed at ${found.destroyedAt}`);
  const folder = await openRecording(join(flags.data, 'recordings'), found);
  try {
    const clock = new SystemClock();
    const madeAt = formatInstant(clock.wallUs());
    await record({ at: madeAt, found, clock }, keys, flags);
    const ledger = await ledgerPart(
      { accepted: found.placed.entry, epochs: folder.epochs },
      await readLedger(log),
      flags.witness.map(({ vkey }) => vkey),
    );
    const source = {
      ...folder,
      madeAt,
      accepted: found.placed.entry,
      ledger,
      dock: { identity: keys.identity, sign: (message: Uint8Array) => keys.sign(message) },
      check: await checkFiles(),
    };
    return await writeFile(flags.out, source);
  } finally {
    await folder.close();
  }
}

/** Puts `exported` into the ledger: whoever asks later learns that this left, even if the disk fails a moment after. */
async function record(
  what: { readonly at: string; readonly found: Acceptance; readonly clock: SystemClock },
  keys: FileKeys,
  flags: Flags,
): Promise<void> {
  const { recording, manifest } = what.found.placed.entry;
  const exported: EntryOf<'exported'> = {
    type: 'exported',
    at: what.at,
    recording,
    manifest,
    form: 'sealed',
  };
  const socket = join(flags.data, 'control.sock');
  try {
    const witnesses = flags.witness.map((witness) => httpCosigner(witness, what.clock));
    const ledger = await openLedger({
      dir: join(flags.data, 'ledger'),
      ...keys.ledgerSigner,
      clock: what.clock,
      cosigners: { witnesses, quorum: flags.quorum },
    });
    try {
      await ledger.appendOnce(entryKey(exported), encodeEntry(exported));
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'LEDGER_LOCKED') throw error;
    await tellDock(socket, { recording, manifest, form: 'sealed' });
  }
}

/** Whole or not at all: written beside its name, synced, renamed. */
async function writeFile(path: string, source: PackageSource): Promise<PackageSummary> {
  const temporary = `${path}.partial`;
  try {
    const summary = await writePackage(source, createWriteStream(temporary, { flags: 'w', flush: true }));
    await rename(temporary, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync();
    await folder.close();
    return summary;
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof PackageError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PackageError('PACKAGE_IO', `${path} could not be written: ${why}`, { retry: 'later', cause });
  }
}

/** The check that needs nothing of ours, as it lies beside this program. */
async function checkFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const beside = (name: string): URL => new URL(`package/check/${name}`, import.meta.url);
  return new Map([
    [PATHS.checkReadme, await readFile(beside('README.md'))],
    [PATHS.checkProgram, await readFile(beside('check.go'))],
  ]);
}

function addWitness(given: string, before: readonly Witness[]): readonly Witness[] {
  const [, vkey = '', url = ''] = /^(.*?)=(https?:.*)$/.exec(given) ?? [];
  if (!URL.canParse(url)) throw new InvalidArgumentError('must be VKEY=URL');
  return [...before, { vkey: readWitness(vkey), url }];
}

function count(digits: string): number {
  const value = parseDecimal(digits);
  if (value === undefined) throw new InvalidArgumentError('must be a number');
  return value;
}

function absent(recording: string, why: string): PackageError {
  return new PackageError('PACKAGE_ABSENT', `no package of "${recording}": ${why}`, { retry: 'never' });
}
