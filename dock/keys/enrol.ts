import { Command, InvalidArgumentError } from 'commander';
import { toBase64 } from '../../proto/bytes.ts';
import { FieldError } from '../../proto/errors.ts';
import { isCameraId, isDockId, type CameraId, type DockId } from '../../proto/ids.ts';
import { enrolTestCameras } from './enrol-test.ts';
import {
  type Enrolled,
  enrolCamera,
  enrolDock,
  enrolOutsideCamera,
  enrolRecovery,
  trustDock,
  type Witnessing,
} from './enrolment.ts';
import { readPublicKey } from './public-key.ts';
import { readPassphrase } from './recipient-key.ts';
import { readWitness } from './witness-key.ts';

type Print = (line: string) => void;

/** Options that say too little or contradict each other. */
class EnrolConfigError extends FieldError<'CONFIG'> {
  constructor(message: string) {
    super('CONFIG', message, { retry: 'never' });
  }
}

interface EnrolOptions {
  readonly out: string;
  readonly registry: readonly string[];
  readonly origin?: string;
  readonly json?: true;
}

interface CameraOptions {
  readonly out?: string;
  readonly custodian?: string;
  readonly recovery?: string;
  readonly publicKey?: string;
  readonly registry: readonly string[];
  readonly json?: true;
}

interface RecoveryOptions {
  readonly out: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

interface TestOptions {
  readonly data: string;
  readonly keys: string;
  readonly count: number;
  readonly out: string;
  readonly json?: true;
}

interface TrustOptions {
  readonly cameraKeys: string;
  readonly dock: string;
  readonly witness: readonly string[];
  readonly quorum?: number;
  readonly json?: true;
}

const CAMERA_EXAMPLES = `
Examples:
  holdfast enrol camera cam-1 --out keys/cam-1 --registry registry
  A camera that seals what it records:
    holdfast enrol camera cam-1 --out keys/cam-1 --custodian policy/custodian.json --recovery keys/recovery/recovery.json
  A camera that made its own key, which never leaves it:
    holdfast enrol camera cam-7 --public-key tdrIB5VqYeoCcBYLLJV0eYxCjsDtdI1FYJJVzHXPUpc= --registry registry
    holdfast enrol camera cam-8 --public-key cam-8.pub.pem --registry registry`;

// A signed note separates the name from the rest by white space and plus signs (C2SP signed-note).
const ORIGIN = /^[^\s+]{1,200}$/u;

/**
 * `holdfast enrol camera|dock|trust|recovery|test-cameras`. Returns 0; throws KeyError when a file is in the way or no key, CONFIG when options do not
 * go together, and what commander throws for a bad command line.
 */
export async function main(argv: readonly string[]): Promise<number> {
  await command((line) => process.stdout.write(`${line}\n`)).parseAsync([...argv], { from: 'user' });
  return 0;
}

function command(print: Print): Command {
  const enrol = new Command('holdfast enrol').description('keys and identities of cameras and docks');
  addCamera(enrol.command('camera'), print);
  addDock(enrol.command('dock'), print);
  addTrust(enrol.command('trust'), print);
  addRecovery(enrol.command('recovery'), print);
  addTestCameras(enrol.command('test-cameras'), print);
  for (const each of [enrol, ...enrol.commands]) each.exitOverride().showHelpAfterError();
  return enrol;
}

function addCamera(camera: Command, print: Print): void {
  camera
    .description(
      'make a camera its key, or take the public key of one that has its own, and make docks know it; safe to repeat',
    )
    .argument('<id>', 'lower-case letters, digits and hyphens, at most 32', cameraId)
    .option('--out <dir>', 'folder for camera.json, camera.key.pem and docks/')
    .option(
      '--public-key <key>',
      'instead of --out: the public key of a camera that made its own; base64, or a file (PEM, raw or base64)',
    )
    .option(
      '--custodian <file>',
      'custodian.json of who keeps the keys of its footage: it seals what it records',
    )
    .option('--recovery <file>', 'recovery.json of an offline key that can open it too')
    .option('--registry <dir...>', 'registry folder of a dock or policy service; repeat for several', [])
    .option('--json', 'print one JSON object')
    .addHelpText('after', CAMERA_EXAMPLES)
    .action((id: CameraId, options: CameraOptions) => {
      report(enrolOneCamera(id, options), options.json === true, print);
    });
}

/** Either we make the key, or the camera did and only its public half ever comes here. */
function enrolOneCamera(id: CameraId, options: CameraOptions): Enrolled {
  const { out, publicKey, registry, custodian, recovery } = options;
  if (publicKey === undefined) {
    if (out === undefined)
      throw new EnrolConfigError('give --out DIR to make a key, or --public-key for a camera that has one');
    const asked = {
      ...(custodian === undefined ? {} : { custodian }),
      ...(recovery === undefined ? {} : { recovery }),
    };
    return enrolCamera({ id, out, registries: registry, ...asked });
  }
  if (custodian !== undefined || recovery !== undefined)
    throw new EnrolConfigError(
      '--custodian and --recovery go with --out: an outside camera is given its own copy',
    );
  if (out !== undefined)
    throw new EnrolConfigError(
      'give --out or --public-key, not both: the key of an outside camera stays in it',
    );
  if (registry.length === 0)
    throw new EnrolConfigError('--public-key: give --registry DIR, the dock that shall know it');
  return enrolOutsideCamera({ id, publicKey: readPublicKey(publicKey), registries: registry });
}

function addDock(dock: Command, print: Print): void {
  dock
    .description("make a dock its key, its ledger's key and its pseudonym key; safe to repeat")
    .argument('<id>', 'lower-case letters, digits and hyphens, at most 32', dockId)
    .requiredOption('--out <dir>', 'folder for dock.json, dock.key.pem, ledger.key.pem and pseudonym.key')
    .option('--origin <name>', 'name of its ledger (default: holdfast.local/ID)', origin)
    .option('--registry <dir...>', 'registry folder of a policy service; repeat for several', [])
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  holdfast enrol dock dock-1 --out keys/dock-1')
    .action((id: DockId, options: EnrolOptions) => {
      const name = options.origin ?? `holdfast.local/${id}`;
      const enrolled = enrolDock({ id, out: options.out, origin: name, registries: options.registry });
      report(enrolled, options.json === true, print);
    });
}

function addTrust(trust: Command, print: Print): void {
  trust
    .description("make a camera believe a dock's receipts; safe to repeat")
    .requiredOption('--camera-keys <dir>', "the camera's key folder")
    .requiredOption('--dock <file>', "the dock's dock.json")
    .option('--witness <vkey...>', "a witness of that dock's ledger: its verifier key, or a file with it", [])
    .option('--quorum <n>', 'how many of the witnesses must have cosigned before the camera erases', count)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  holdfast enrol trust --camera-keys keys/cam-1 --dock keys/dock-1/dock.json --witness witness-1.vkey --quorum 1',
    )
    .action((options: TrustOptions) => {
      const { cameraKeys, dock: dockFile } = options;
      const witnessing = witnessingOf(options);
      const asked = witnessing === undefined ? {} : { witnessing };
      report(trustDock({ cameraKeys, dockFile, ...asked }), options.json === true, print);
    });
}

function witnessingOf({ witness, quorum }: TrustOptions): Witnessing | undefined {
  if (witness.length === 0 && quorum === undefined) return undefined;
  if (quorum === undefined)
    throw new EnrolConfigError('--witness: give --quorum N too, how many must have cosigned');
  if (quorum > witness.length)
    throw new EnrolConfigError(`--quorum: ${quorum} is more than the ${witness.length} witnesses given`);
  const witnesses = witness.map(readWitness);
  // A witness under two names would count twice.
  const keys = witnesses.map((vkey) => vkey.split('+').slice(2).join('+'));
  const twice = witnesses.find((_, index) => keys.indexOf(keys[index] ?? '') !== index);
  if (twice !== undefined) throw new EnrolConfigError(`--witness: the key of ${twice} is given twice`);
  return { witnesses, quorum };
}

function addRecovery(recovery: Command, print: Print): void {
  recovery
    .description('make an offline key that can open what cameras seal; safe to repeat')
    .argument('<id>', 'lower-case letters, digits and hyphens, at most 32', dockId)
    .requiredOption('--out <dir>', 'folder for recovery.json and recovery.key.pem; keep the key offline')
    .option('--passphrase-file <file>', 'encrypt the key with the first line of this file')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  holdfast enrol recovery vault-1 --out /media/usb/recovery --passphrase-file passphrase.txt',
    )
    .action((id: DockId, options: RecoveryOptions) => {
      const { passphraseFile } = options;
      const passphrase = passphraseFile === undefined ? undefined : readPassphrase(passphraseFile);
      report(enrolRecovery({ id, out: options.out, passphrase }), options.json === true, print);
    });
}

function addTestCameras(cameras: Command, print: Print): void {
  cameras
    .description(
      'make cameras whose recordings a dock keeps apart: they are never evidence, and go with one command; safe to repeat',
    )
    .requiredOption('--data <dir>', 'data folder of the dock; it may run')
    .requiredOption('--keys <dir>', "the dock's keys")
    .requiredOption('--count <n>', 'how many, test-0001 and on; more than there are adds the rest', many)
    .requiredOption('--out <dir>', 'one key folder for each camera is made in it')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  holdfast enrol test-cameras --data data/dock-1 --keys keys/dock-1 --count 200 --out test-crew
  Their recordings, keys and ledger go again, while the dock is stopped:
    holdfast dock purge-test --data data/dock-1`,
    )
    .action(({ json, ...asked }: TestOptions) => {
      const { dock, cameras: count, made } = enrolTestCameras(asked);
      if (json === true)
        return print(
          JSON.stringify({ kind: 'test-cameras', count, made, dock: dock.id, ledger: dock.ledger }),
        );
      print(`${count} test cameras in ${asked.out}, ${made} of them new`);
      print(`dock ${dock.id}  ${dock.ledger}`);
    });
}

function report({ identity, created, wrote }: Enrolled, json: boolean, print: Print): void {
  const publicKey = toBase64(identity.publicKey);
  const ledger = identity.kind === 'dock' ? { ledger: identity.ledger } : {};
  if (json) {
    print(JSON.stringify({ kind: identity.kind, id: identity.id, publicKey, ...ledger, created, wrote }));
    return;
  }
  print(`${identity.kind} ${identity.id}  ${publicKey}`);
  if (identity.kind === 'dock') print(`ledger  ${identity.ledger}`);
  for (const path of wrote) print(`wrote ${path}`);
  if (!created) print('nothing to do: everything was there already');
}

function cameraId(text: string): CameraId {
  if (isCameraId(text)) return text;
  throw new InvalidArgumentError('Use 1 to 32 lower-case letters, digits and hyphens.');
}

function dockId(text: string): DockId {
  if (isDockId(text)) return text;
  throw new InvalidArgumentError('Use 1 to 32 lower-case letters, digits and hyphens.');
}

function count(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1 on.');
}

function many(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1 to 9999.');
}

function origin(text: string): string {
  if (ORIGIN.test(text)) return text;
  throw new InvalidArgumentError('Use at most 200 characters without white space or plus signs.');
}
