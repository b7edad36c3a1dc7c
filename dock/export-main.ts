import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { encodeEntry, entryKey } from '../proto/custody-entry.ts';
import type { EntryOf } from '../proto/custody-fields.ts';
import { isRecordingId, type RecordingId } from '../proto/ids.ts';
import { formatInstant } from '../proto/instant.ts';
import { parseDecimal } from '../proto/checkpoint.ts';
import { SystemClock } from './clock/system.ts';
import { type FileKeys, openFileKeys } from './keys/file-keys.ts';
import { readPassphrase } from './keys/recipient-key.ts';
import { refuseTestData } from './keys/test-data.ts';
import { newReceivingKey, newViewerKey } from './keys/viewer-key.ts';
import { readWitness } from './keys/witness-key.ts';
import { LedgerError } from './ledger/errors.ts';
import { httpCosigner } from './ledger/http-cosigner.ts';
import { openLedger } from './ledger/log.ts';
import { readLedger } from './ledger/reader.ts';
import { findAcceptance, ledgerPart } from './package/about.ts';
import { mustBeSealed, type PackageSource, type PackageSummary, writePackage } from './package/build.ts';
import { PackageError } from './package/errors.ts';
import { openRecording, type RecordingFolder } from './package/folder.ts';
import { openFootage, type OpenedFootage } from './package/opener.ts';
import { independentCheck, madeAfter } from './package/sealed.ts';
import { tellDock } from './package/tell.ts';
import { growthFromTicket } from './package/ticket.ts';

// An unsealed recording can be watched by whoever may read the package.
const OWNER_ONLY = 0o600;

interface Flags {
  readonly out: string;
  readonly data: string;
  readonly keys: string;
  readonly witness: readonly Witness[];
  readonly quorum: number;
  readonly dock?: string;
  readonly policy?: string;
  readonly person?: string;
  readonly passwordFile?: string;
  readonly purpose: string;
  readonly json?: true;
}

/** What only an opened package needs, and needs all of. */
const OPENING = ['dock', 'policy', 'person', 'passwordFile'] as const;

interface Witness {
  readonly vkey: string;
  readonly url: string;
}

/** `holdfast export`. Returns 0 once the package is on disk. Throws PackageError, KeyError, LedgerError, and what commander throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = command();
  const parsed = program.parse([...argv], { from: 'user' });
  const flags = parsed.opts<Flags>();
  refuseTestData(flags.data);
  const given = OPENING.filter((name) => flags[name] !== undefined);
  if (given.length > 0 && given.length < OPENING.length)
    program.error('error: an opened package needs --dock, --policy, --person and --password-file');
  const [recording = ''] = parsed.args;
  if (!isRecordingId(recording)) throw absent(recording, 'a recording is named by 32 hexadecimal digits');
  const summary = await exportRecording(recording, flags);
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
    .optionsGroup('For a package with the footage opened, all of these:')
    .option('--dock <url>', 'the running dock, as viewers reach it')
    .option('--policy <url>', 'the policy service, which decides and gives the keys')
    .option('--person <id>', 'who opens it')
    .option('--password-file <file>', 'the first line is their password')
    .option('--purpose <purpose>', 'why, as a viewer would say', 'oversight')
    .addHelpText(
      'after',
      `
The export is in the ledger before the first byte is written: through DATA/control.sock while the dock runs, directly
while it does not. The package holds the recording as the dock stores it, so a sealed one stays sealed; footage, also that of
a recording which no camera sealed, goes in only where the policy service allows that person to open it.

Examples:
  holdfast export 0123456789abcdef0123456789abcdef -o evidence.zip --data /var/lib/holdfast --keys /etc/holdfast/keys
  holdfast verify evidence.zip --vkey "$(cat pinned.vkey)"`,
    )
    .exitOverride()
    .showHelpAfterError();
}

/** Everything is checked before the export is recorded, and recorded before anything leaves. */
async function exportRecording(recording: RecordingId, flags: Flags): Promise<PackageSummary> {
  if (existsSync(flags.out))
    throw new PackageError('PACKAGE_IO', `${flags.out} is there already`, { retry: 'never' });
  const keys = openFileKeys({ dir: flags.keys, registry: flags.keys });
  const log = { dir: join(flags.data, 'ledger'), vkey: keys.identity.ledger };
  const before = await readLedger(log);
  const found = await findAcceptance(recording, before);
  if (found === undefined) throw absent(recording, 'the ledger of this dock never accepted it');
  if (found.destroyedAt !== undefined)
    throw absent(recording, `its content was destroyed at ${found.destroyedAt}`);
  const folder = await openRecording(join(flags.data, 'recordings'), found);
  try {
    const clock = new SystemClock();
    const { manifest: said } = folder.recording;
    if (flags.dock === undefined) mustBeSealed(said);
    await growthFromTicket(said, before);
    const opened = await openedPart(folder, clock, flags);
    const { recording: id, manifest } = found.placed.entry;
    const what: Exported =
      opened === undefined
        ? { recording: id, manifest, form: 'sealed' }
        : {
            recording: id,
            manifest,
            form: 'opened',
            person: keys.pseudonym(flags.person ?? ''),
            grant: opened.grantDigest,
          };
    await record(what, { at: formatInstant(clock.wallUs()), clock, keys, grants: opened?.grants }, flags);
    const ledger = await ledgerPart(
      { accepted: found.placed.entry, epochs: folder.epochs, manifest: said },
      await readLedger(log),
      flags.witness.map(({ vkey }) => vkey),
    );
    const source = {
      ...folder,
      madeAt: madeAfter(ledger, formatInstant(clock.wallUs())),
      accepted: found.placed.entry,
      ledger,
      dock: { identity: keys.identity, sign: (message: Uint8Array) => keys.sign(message) },
      check: await independentCheck(),
      ...(opened === undefined ? {} : { opened }),
    };
    return await writeFile(flags.out, source);
  } finally {
    await folder.close();
  }
}

type Exported = Omit<EntryOf<'exported'>, 'type' | 'at'>;

/** The footage, by the road of every viewer; undefined for a sealed package. */
async function openedPart(
  folder: RecordingFolder,
  clock: SystemClock,
  { dock, policy, person, passwordFile, purpose }: Flags,
): Promise<OpenedFootage | undefined> {
  if (dock === undefined || policy === undefined || person === undefined || passwordFile === undefined)
    return undefined;
  return openFootage(folder, {
    dockUrl: dock.replace(/\/+$/, ''),
    policyUrl: policy.replace(/\/+$/, ''),
    person,
    password: readPassphrase(passwordFile),
    purpose,
    nowS: () => clock.wallUs() / 1_000_000,
    pause: (seconds) => new Promise((resolve) => void clock.after(seconds * 1_000, resolve)),
    key: newViewerKey(),
    receiver: newReceivingKey(),
  });
}

/** Puts `exported` into the ledger: whoever asks later learns that this left, even if the disk fails a moment after. */
async function record(
  what: Exported,
  by: {
    readonly at: string;
    readonly clock: SystemClock;
    readonly keys: FileKeys;
    readonly grants: readonly string[] | undefined;
  },
  flags: Flags,
): Promise<void> {
  const exported: EntryOf<'exported'> = { type: 'exported', at: by.at, ...what };
  try {
    const witnesses = flags.witness.map((witness) => httpCosigner(witness, by.clock));
    const ledger = await openLedger({
      dir: join(flags.data, 'ledger'),
      ...by.keys.ledgerSigner,
      clock: by.clock,
      cosigners: { witnesses, quorum: flags.quorum },
    });
    try {
      await ledger.appendOnce(entryKey(exported), encodeEntry(exported));
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'LEDGER_LOCKED') throw error;
    const { grants } = by;
    await tellDock(join(flags.data, 'control.sock'), grants === undefined ? what : { ...what, grants });
  }
}

/** Whole or not at all: written beside its name, synced, renamed. */
async function writeFile(path: string, source: PackageSource): Promise<PackageSummary> {
  const temporary = `${path}.partial`;
  try {
    // What an export that was cut short left, or what somebody else laid there.
    await rm(temporary, { force: true });
    const summary = await writePackage(
      source,
      createWriteStream(temporary, { flags: 'wx', mode: OWNER_ONLY, flush: true }),
    );
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
