import { Command, InvalidArgumentError } from 'commander';
import { toBase64 } from '../../proto/bytes.ts';
import { isCameraId, isDockId, type CameraId, type DockId } from '../../proto/ids.ts';
import { type Enrolled, enrolCamera, enrolDock, trustDock } from './enrolment.ts';

type Print = (line: string) => void;

interface EnrolOptions {
  readonly out: string;
  readonly registry: readonly string[];
  readonly origin?: string;
  readonly json?: true;
}

interface TrustOptions {
  readonly cameraKeys: string;
  readonly dock: string;
  readonly json?: true;
}

// A signed note separates the name from the rest by white space and plus signs (C2SP signed-note).
const ORIGIN = /^[^\s+]{1,200}$/u;

/**
 * `holdfast enrol camera|dock|trust`. Returns 0; throws KeyError when a file is in the way, and what commander
 * throws for a bad command line.
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
    .description('make a camera its key, and make docks know it; safe to repeat')
    .argument('<id>', 'lower-case letters, digits and hyphens, at most 32', cameraId)
    .requiredOption('--out <dir>', 'folder for camera.json, camera.key.pem and docks/')
    .option('--registry <dir...>', 'registry folder of a dock or policy service; repeat for several', [])
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  holdfast enrol camera cam-1 --out keys/cam-1 --registry registry')
    .action((id: CameraId, options: EnrolOptions) => {
      const enrolled = enrolCamera({ id, out: options.out, registries: options.registry });
      report(enrolled, options.json === true, print);
    });
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
