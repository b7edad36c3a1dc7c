import { randomBytes } from 'node:crypto';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { FieldError } from '../../../proto/errors.ts';
import { type CameraId, isCameraId } from '../../../proto/ids.ts';
import { BAUD_START } from '../../../proto/limits.ts';
import { isBrokerUrl } from '../../../proto/mqtt.ts';
import { isSite } from '../../../proto/topic.ts';
import { CAMERA_SUITE } from './camera-cases.ts';
import { DOCK_SUITE } from './dock-cases.ts';
import { needsMet, shellHooks } from './hooks.ts';
import { junit, row, type Subject, summary, totalsOf } from './report.ts';
import type { CaseResult } from './run.ts';
import { type CaseFacts, type Setup, suits } from './suite.ts';

const SEED_BYTES = 8;
const MS_PER_S = 1_000;

/** A command line that says too little or contradicts itself. */
class RigConfigError extends FieldError<'CONFIG'> {
  constructor(message: string) {
    super('CONFIG', message, { retry: 'never' });
  }
}

interface Options {
  readonly as: 'camera' | 'dock';
  readonly serial?: string;
  readonly baud: number;
  readonly mqtt?: string;
  readonly site: string;
  readonly keys?: string;
  readonly registry?: string;
  readonly camera?: CameraId;
  readonly secondKeys?: string;
  readonly case?: readonly string[];
  readonly list?: true;
  readonly json?: true;
  readonly junit?: string;
  readonly strict?: true;
  readonly storageOff?: string;
  readonly storageOn?: string;
  readonly reset?: string;
  readonly seed?: string;
  readonly deadline: number;
}

const EXAMPLES = `
Ctrl-C ends the case under way, gives storage back if it was taken, and still writes the report; the exit code is 1 then.
As a camera: everything it records is named "conformance" and stays in the custody of the dock: use one that holds nothing else.
As a dock: the camera has four closed recordings of three seconds or more, which are erased in the end, and stands in its
cradle. Make the rig keys of its own: with those of a dock at work it would sign a second history of that dock's ledger.

Examples:
  A dock on a serial port, tested by the rig as a camera that is enrolled there:
    holdfast enrol camera rig-1 --out keys/rig-1 --registry /etc/holdfast/enrolled
    holdfast enrol trust --camera-keys keys/rig-1 --dock dock.json
    holdfast rig conformance --as camera --serial /dev/ttyUSB0 --keys keys/rig-1
  The same through a broker, with a second camera and ways to take storage and power from the dock:
    holdfast rig conformance --as camera --mqtt mqtt://127.0.0.1:1883 --site yard --keys keys/rig-1 \\
      --second-keys keys/rig-2 --storage-off 'prlimit --pid 4711 --fsize=0:' --storage-on 'prlimit --pid 4711 --fsize=unlimited:' \\
      --reset 'systemctl kill -s KILL holdfast-dock' --strict --junit conformance.xml
  A camera on a serial port, tested by the rig as a dock that it trusts:
    holdfast enrol dock rig-dock --out keys/rig-dock
    holdfast enrol trust --camera-keys keys/cam-1 --dock keys/rig-dock/dock.json
    holdfast rig conformance --as dock --serial /dev/ttyUSB0 --keys keys/rig-dock --registry enrolled --camera cam-1
  What would be tested:
    holdfast rig conformance --as camera --list
`;

/** Adds `conformance` to `holdfast rig`; `ended` takes the exit code: 0 only when all that ran passed. */
export function addConformance(command: Command, ended: (exitCode: number) => void): void {
  command
    .description('plays one side against a real device and says which rules of the protocol it keeps')
    .addOption(
      new Option('--as <side>', 'the side that the rig plays: as a camera it tests a dock')
        .choices(['camera', 'dock'])
        .makeOptionMandatory(),
    )
    .option('--serial <path>', 'serial port that leads to the device')
    .option('--baud <rate>', 'rate of that port', wholeNumber, BAUD_START)
    .option('--mqtt <url>', 'broker that the device uses, mqtt://HOST:PORT')
    .option('--site <name>', 'MQTT topic level of the site', 'site')
    .option('--keys <dir>', "the rig's own keys, made by `holdfast enrol camera` or `holdfast enrol dock`")
    .option(
      '--registry <dir>',
      "identity files of the device's side (as a camera: what the rig's keys trust)",
    )
    .option('--camera <id>', 'as a dock: the camera under test', cameraId)
    .option('--second-keys <dir>', 'as a camera: keys of a second camera that the dock knows')
    .option('--case <name...>', 'only these cases')
    .option('--list', 'print the cases and run none')
    .option('--json', 'one JSON object a case on stdout, and one for all at the end')
    .option('--junit <file>', 'also write JUnit XML')
    .option('--strict', 'a case that could not be run is a failure')
    .option('--storage-off <command>', 'shell command after which the device can store nothing')
    .option('--storage-on <command>', 'shell command that gives storage back')
    .option('--reset <command>', "shell command that takes the device's power away and gives it back")
    .option(
      '--seed <text>',
      'names the recordings of this run; a dock that took them once refuses them again',
    )
    .option('--deadline <seconds>', 'begin no case after so long', wholeNumber, 600)
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => ended(await conformance(options)));
}

async function conformance(options: Options): Promise<number> {
  const suite = options.as === 'camera' ? DOCK_SUITE : CAMERA_SUITE;
  if (options.list === true) return list(suite.cases, options);
  const hooks = shellHooks(options);
  const setup = setupOf(options, hooks);
  refuseUnknown(options.case ?? [], suite.cases);
  if (options.junit !== undefined) refuseUnwritable(options.junit);
  const subject: Subject = { as: options.as, line: options.serial ?? options.mqtt ?? '' };
  const nameWidth = Math.max(...suite.cases.map(({ name }) => name.length));
  const stopper = new AbortController();
  const stop = (): void => stopper.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { signal: stopped } = stopper;
  let results: readonly CaseResult[];
  try {
    results = await suite.run(setup, {
      only: options.case,
      deadlineMs: options.deadline * MS_PER_S,
      stopped,
      tell: (result) => say(options.json === true ? jsonLine(result) : row(result, nameWidth)),
    });
  } finally {
    await hooks.giveBack();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
  if (options.junit !== undefined) writeFileSync(options.junit, junit(results, subject));
  const totals = totalsOf(results);
  if (options.json === true) say(JSON.stringify({ event: 'finished', ...totals, seed: setup.seed }));
  else process.stdout.write(summary(results, subject));
  return stopped.aborted || totals.failed > 0 || (options.strict === true && totals.notRun > 0) ? 1 : 0;
}

function setupOf(options: Options, hooks: Setup['hooks']): Setup {
  const { as, keys, registry, camera, secondKeys, site } = options;
  if (keys === undefined) throw new RigConfigError("--keys: give the rig's own keys folder");
  const given = new Set(needsMet(options));
  if (secondKeys !== undefined) given.add('second-camera');
  return {
    ...{ as, keys, registry, secondKeys, given },
    place: placeOf(options, site),
    cameraId: camera,
    seed: options.seed ?? randomBytes(SEED_BYTES).toString('hex'),
    hooks,
  };
}

function placeOf({ serial, baud, mqtt }: Options, site: string): Setup['place'] {
  if (!isSite(site))
    throw new RigConfigError('--site: a site is 1 to 32 lower-case letters, digits and hyphens');
  if ((serial === undefined) === (mqtt === undefined))
    throw new RigConfigError('give either --serial PATH or --mqtt URL');
  if (mqtt !== undefined && !isBrokerUrl(mqtt))
    throw new RigConfigError(`--mqtt: "${mqtt}" is not mqtt://HOST:PORT`);
  return serial === undefined ? { url: mqtt ?? '', site } : { path: serial, baud };
}

/** A misspelt name would be a case that silently does not run. */
function refuseUnknown(names: readonly string[], cases: readonly CaseFacts[]): void {
  const unknown = names.find((name) => !cases.some((one) => one.name === name));
  if (unknown !== undefined) throw new RigConfigError(`--case: there is no case "${unknown}"; see --list`);
}

/** A run takes minutes, and its report comes last. */
function refuseUnwritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw new RigConfigError(`--junit: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function list(cases: readonly CaseFacts[], { json, serial, mqtt }: Options): number {
  const transport = serial === undefined ? 'mqtt' : 'serial';
  const isEither = serial === undefined && mqtt === undefined;
  for (const one of cases.filter((each) => isEither || suits(each, transport))) {
    const { name, rule, section, transports = ['serial', 'mqtt'], needs, erases } = one;
    if (json === true) say(JSON.stringify({ event: 'case', name, rule, section, transports, needs, erases }));
    else say(`${name}\n    ${rule} (section ${section}${remarks(one)})`);
  }
  return 0;
}

function remarks({ transports, needs, erases }: CaseFacts): string {
  return [
    transports === undefined ? '' : `; only over ${transports.join(' and ')}`,
    needs === undefined ? '' : `; needs the operator: ${needs}`,
    erases === undefined ? '' : `; erases ${erases} recording`,
  ].join('');
}

function jsonLine({ messages, ...result }: CaseResult): string {
  return JSON.stringify({
    event: 'case',
    ...result,
    messages: messages.map(({ way, text }) => `${way} ${text}`),
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Use a whole number above 0.');
}

function cameraId(text: string): CameraId {
  if (isCameraId(text)) return text;
  throw new InvalidArgumentError('Use 1 to 32 lower-case letters, digits and hyphens.');
}
