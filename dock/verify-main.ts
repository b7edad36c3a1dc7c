import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { parseDecimal } from '../proto/checkpoint.ts';
import type { Quorum } from '../proto/cosignature.ts';
import { isCameraId } from '../proto/ids.ts';
import { readPolicyKey, readPublicKey } from './keys/public-key.ts';
import { readIdentity } from './keys/registry.ts';
import { readRecipient } from './keys/recipient.ts';
import { readWitness } from './keys/witness-key.ts';
import { nodeChecker } from './ledger/checker.ts';
import { codeOf, LedgerError } from './ledger/errors.ts';
import type { Finding } from './ledger/verify/finding.ts';
import { type Report, verifyLedger } from './ledger/verify/verify.ts';
import { type PackageReport, verifyPackage } from './package/verify.ts';

interface Flags {
  readonly vkey?: string;
  readonly store?: string;
  readonly since: readonly string[];
  readonly camera: readonly string[];
  readonly witness: readonly string[];
  readonly quorum?: number;
  readonly recipient: readonly string[];
  readonly ledgerOnly?: true;
  readonly cameraKey: readonly string[];
  readonly dockKey?: Uint8Array;
  readonly policyKey?: ReturnType<typeof readPolicyKey>;
  readonly policyLedger?: string;
  readonly json?: true;
}

type Print = (line: string) => void;

/**
 * `holdfast verify`. Returns 0 when everything that is there holds, 1 when something does not. Throws LedgerError when there is
 * nothing to look at, and what commander throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = command();
  const parsed = program.parse([...argv], { from: 'user' });
  const flags = parsed.opts<Flags>();
  const [path = ''] = parsed.args;
  const kind = await kindOf(path);
  if (kind === undefined) {
    const message = `${path} is not there; name the ledger folder of a dock, or an evidence package`;
    throw new LedgerError('LEDGER_IO', message, { retry: 'never' });
  }
  const print: Print = (line) => process.stdout.write(`${line}\n`);
  for (const name of kind === 'file' ? LEDGER_ONLY : PACKAGE_ONLY) {
    if (parsed.getOptionValueSource(name) === 'cli')
      program.error(
        `error: --${name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)} does not go with a ${kind}`,
      );
  }
  if (flags.ledgerOnly === true && flags.recipient.length > 0)
    program.error('error: --recipient does not go with --ledger-only, which reads no wraps');
  checkCameraKeys(program, kind, flags);
  const report = kind === 'file' ? await checkPackage(path, flags) : await checkLedger(path, flags);
  if (flags.json === true) print(JSON.stringify(report));
  else printReport(report, print);
  return report.ok ? 0 : 1;
}

/** One that is passed over would seem to have been obeyed. */
function checkCameraKeys(program: Command, kind: 'folder' | 'file', { cameraKey, ledgerOnly }: Flags): void {
  if (ledgerOnly === true && cameraKey.length > 0)
    program.error('error: --camera-key does not go with --ledger-only, which reads no manifests');
  if (kind === 'file' && cameraKey.length > 1)
    program.error('error: a package is of one camera: give --camera-key once');
  if (kind === 'folder' && !cameraKey.every((given) => isCameraId(CAMERA_PIN.exec(given)?.[1] ?? '')))
    program.error('error: for a ledger, give --camera-key as ID=KEY');
}

/** A camera and its key. A key alone has nothing behind its only `=`. */
const CAMERA_PIN = /^([^=]+)=(.+)$/;

/** Options that mean nothing for the other kind; passed over, they would seem to have been obeyed. */
const LEDGER_ONLY = ['store', 'since', 'camera', 'ledgerOnly'];
const PACKAGE_ONLY = ['dockKey', 'policyKey', 'policyLedger'];

async function checkLedger(dir: string, flags: Flags): Promise<Report> {
  return verifyLedger({
    dir,
    ...(flags.ledgerOnly === true ? {} : { store: flags.store ?? join(dir, '..', 'recordings') }),
    ...(flags.vkey === undefined ? {} : { vkey: flags.vkey }),
    since: flags.since,
    cameras: await Promise.all(flags.camera.map(flashFolder)),
    witnesses: witnessesOf(flags),
    cameraKeys: pinsOf(flags),
    ...recipientsOf(flags),
  });
}

function checkPackage(file: string, flags: Flags): Promise<PackageReport> {
  const [cameraKey] = flags.cameraKey;
  return verifyPackage({
    file,
    checker: nodeChecker,
    ...(flags.vkey === undefined ? {} : { vkey: flags.vkey }),
    ...(cameraKey === undefined ? {} : { cameraKey: publicKey(cameraKey) }),
    ...(flags.dockKey === undefined ? {} : { dockKey: flags.dockKey }),
    ...(flags.policyKey === undefined ? {} : { policyKey: flags.policyKey }),
    ...(flags.policyLedger === undefined ? {} : { policyLedger: flags.policyLedger }),
    witnesses: witnessesOf(flags),
    ...recipientsOf(flags),
  });
}

function command(): Command {
  return new Command('holdfast verify')
    .description(
      'check a ledger and the recordings it accepted, or an evidence package, without the dock that wrote it',
    )
    .argument('<path>', 'folder with checkpoint, vkey and tile/, or the ZIP of a package')
    .option('--vkey <key>', 'verifier key of the log, from a place you trust (default: the one found there)')
    .option('--witness <vkey>', 'verifier key of a witness, or a file with it; repeat for more', also, [])
    .option(
      '--quorum <n>',
      'how many of the witnesses must have cosigned (default: all that are named)',
      count,
    )
    .option(
      '--recipient <key>',
      'who may open recordings: an identity file or a thumbprint; every wrap must be for one named; repeat for more',
      also,
      [],
    )
    .option(
      '--camera-key <key>',
      "public key of a package's camera: base64, PEM or an identity file; for a ledger ID=KEY, and repeat for more",
      also,
      [],
    )
    .option('--json', 'print one JSON object')
    .optionsGroup('For a ledger:')
    .option('--store <dir>', 'folder with the recordings (default: recordings beside the ledger folder)')
    .option(
      '--since <file>',
      'an older checkpoint: check that the log has only grown since; repeat for more',
      also,
      [],
    )
    .option(
      '--camera <flash-dir>',
      "a camera's memory: the checkpoints it keeps, as with --since; repeat for more",
      also,
      [],
    )
    .option('--ledger-only', 'check the log alone')
    .optionsGroup('For a package:')
    .option('--dock-key <key>', 'public key of its dock: base64, PEM or an identity file', publicKey)
    .option(
      '--policy-key <file>',
      'public key of the policy service (policy.jwk.json), for opened footage',
      readPolicyKey,
    )
    .option(
      '--policy-ledger <vkey>',
      "verifier key of the policy service's own ledger, for opened footage of a sealed recording",
    )
    .addHelpText(
      'after',
      `
Exit code: 0 when everything that is there holds (notes do not count), 1 when something does not, 2 for a
bad command line.

Examples:
  holdfast verify dock/ledger --vkey "$(cat /safe/dock-1.vkey)"
  holdfast verify copy/ledger --ledger-only --since /safe/checkpoint-of-last-month
  holdfast verify evidence.zip --vkey "$(cat /safe/dock-1.vkey)" --dock-key /safe/dock.json`,
    )
    .exitOverride()
    .showHelpAfterError();
}

const also = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function count(digits: string): number {
  const value = parseDecimal(digits);
  if (value === undefined) throw new InvalidArgumentError('must be a number');
  return value;
}

function publicKey(given: string): Uint8Array {
  const identity = given.endsWith('.json') ? readIdentity(given) : undefined;
  return identity === undefined ? readPublicKey(given) : identity.publicKey;
}

function witnessesOf({ witness, quorum }: Flags): Quorum {
  return { witnesses: witness.map(readWitness), quorum: quorum ?? witness.length };
}

function pinsOf({ cameraKey }: Flags): ReadonlyMap<string, readonly Uint8Array[]> {
  const pins = new Map<string, readonly Uint8Array[]>();
  for (const given of cameraKey) {
    const [, camera = '', key = ''] = CAMERA_PIN.exec(given) ?? [];
    pins.set(camera, [...(pins.get(camera) ?? []), publicKey(key)]);
  }
  return pins;
}

function recipientsOf({ recipient }: Flags): { readonly recipients?: readonly string[] } {
  return recipient.length === 0 ? {} : { recipients: recipient.map(readRecipient) };
}

/** Throws LedgerError LEDGER_IO for a folder that is no camera's memory: passed over, it would seem to agree. */
async function flashFolder(path: string): Promise<string> {
  if ((await kindOf(join(path, 'tickets'))) === 'folder') return path;
  const message = `${path} is no memory of a camera that keeps checkpoints: it has no folder tickets`;
  throw new LedgerError('LEDGER_IO', message, { retry: 'never' });
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined;
    throw cause;
  }
}

function printReport(report: Report | PackageReport, print: Print): void {
  const { ledger, findings } = report;
  if ('package' in report) printPackage(report, print);
  else printLedger(report, print);
  if (ledger.cosigned.length > 0)
    print(
      `witnesses ${ledger.cosigned.map((name) => `${name} at ${ledger.cosignedAt[name] ?? 'an unknown time'}`).join(', ')}`,
    );
  for (const severity of ['failure', 'note'] as const) {
    for (const finding of findings) if (finding.severity === severity) printFinding(finding, print);
  }
  if (report.unlisted > 0) print(`          and ${report.unlisted} more findings`);
  const failures = findings.filter(({ severity }) => severity === 'failure').length;
  print(report.ok ? 'result    everything holds' : `result    DOES NOT HOLD (${failures} failures)`);
}

function printLedger({ ledger, entries, store }: Report, print: Print): void {
  print(
    `ledger    ${ledger.origin ?? 'unknown origin'}, ${ledger.size ?? 'unknown number of'} entries, ${ledger.dir}`,
  );
  print(`key       ${ledger.vkey ?? 'none'}${ledger.pinned ? '' : ' (not pinned)'}`);
  const types = Object.entries(entries).map(([type, of]) => `${type} ${of}`);
  print(`entries   ${types.join(', ') || 'none'}`);
  if (store === null) print('store     not checked');
  else print(`store     ${store.recordings} recordings, ${store.bytes} bytes hashed, ${store.dir}`);
  for (const recording of store?.destroyed ?? [])
    print(`destroyed ${recording} at the end of its time: manifest and stamps are left`);
}

function printPackage({ package: packed, ledger }: PackageReport, print: Print): void {
  print(`package   ${packed.files} files, ${packed.bytes} bytes, ${packed.file}`);
  print(`recording ${packed.recording ?? 'unknown'} (${packed.form ?? 'unknown form'})`);
  print(`made      ${packed.madeAt ?? 'at an unknown time'} by dock ${packed.dock ?? 'unknown'}`);
  print(
    `ledger    ${ledger.origin ?? 'unknown origin'}, ${ledger.entries} entries proved in ${ledger.size ?? 'an unknown number'}`,
  );
  print(`key       ${ledger.vkey ?? 'none'}${ledger.pinned ? '' : ' (not pinned)'}`);
}

function printFinding({ severity, code, file, index, message, advice }: Finding, print: Print): void {
  const place = index === undefined ? file : `${file} [${index}]`;
  print(`${severity === 'failure' ? 'FAILURE  ' : 'note     '} ${code}: ${place} ${message}`);
  print(`          ${advice}`);
}
