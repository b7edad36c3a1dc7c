import { Command, InvalidArgumentError } from 'commander';
import { toBase64 } from '../../proto/bytes.ts';
import { FieldError } from '../../proto/errors.ts';
import { isCameraId, isDockId, type CameraId, type DockId } from '../../proto/ids.ts';
import { type Enrolled, enrolCamera, enrolDock, enrolOutsideCamera, trustDock } from './enrolment.ts';
import { readPublicKey } from './public-key.ts';

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
  readonly publicKey?: string;
  readonly registry: readonly string[];
  readonly json?: true;
}

interface TrustOptions {
  readonly cameraKeys: string;
  readonly dock: string;
  readonly json?: true;
}

const CAMERA_EXAMPLES = `
Examples:
  holdfast enrol camera cam-1 --out keys/cam-1 --registry registry
  A camera that made its own key, which never leaves it:
    holdfast enrol camera cam-7 --public-key tdrIB5VqYeoCcBYLLJV0eYxCjsDtdI1FYJJVzHXPUpc= --registry registry
    holdfast enrol camera cam-8 --public-key cam-8.pub.pem --registry registry`;

// A signed note separates the name from the rest by white space and plus signs (C2SP signed-note).
const ORIGIN = /^[^\s+]{1,200}$/u;

/**
 * `holdfast enrol camera|dock|trust`. Returns 0; throws KeyError when a file is in the way or no key, CONFIG when options do not
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
    .option('--registry <dir...>', 'registry folder of a dock or policy service; repeat for several', [])
    .option('--json', 'print one JSON object')
    .addHelpText('after', CAMERA_EXAMPLES)
    .action((id: CameraId, options: CameraOptions) => {
      report(enrolOneCamera(id, options), options.json === true, print);
    });
}

/** Either we make the key, or the camera did and only its public half ever comes here. */
function enrolOneCamera(id: CameraId, { out, publicKey, registry }: CameraOptions): Enrolled {
  if (publicKey === undefined) {
    if (out === undefined)
      throw new EnrolConfigError('give --out DIR to make a key, or --public-key for a camera that has one');
    return enrolCamera({ id, out, registries: registry });
  }
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
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  holdfast enrol trust --camera-keys keys/cam-1 --dock keys/dock-1/dock.json',
    )
    .action((options: TrustOptions) => {
      const trusted = trustDock({ cameraKeys: options.cameraKeys, dockFile: options.dock });
      report(trusted, options.json === true, print);
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

function origin(text: string): string {
  if (ORIGIN.test(text)) return text;
  throw new InvalidArgumentError('Use at most 200 characters without white space or plus signs.');
}
