import { rm } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { FieldError } from '../../../proto/errors.ts';
import { type CameraId, isCameraId } from '../../../proto/ids.ts';
import { BAUD_START } from '../../../proto/limits.ts';
import { isBrokerUrl } from '../../../proto/mqtt.ts';
import { isSite } from '../../../proto/topic.ts';
import { bridgeSerial, type Ears, type Listening } from './bridge.ts';
import { CAPTURE_FORMAT } from './record.ts';
import { type Counted, Recorder } from './recorder.ts';
import { subscribeBoth } from './subscriber.ts';
import { Tape } from './tape.ts';

/** A flag that cannot be used; the message says which and what to do. */
class CaptureConfigError extends FieldError<'CONFIG'> {
  constructor(message: string) {
    super('CONFIG', message, { retry: 'never' });
  }
}

interface CaptureOptions {
  readonly out: string;
  readonly serial?: readonly string[];
  readonly baud: number;
  readonly mqtt?: string;
  readonly site: string;
  readonly camera?: CameraId;
  readonly payload: boolean;
  readonly json?: true;
}

const HELP = `
A capture holds the footage itself, as bytes in Data: keep it as you would keep the footage, or leave it out with --no-payload.
The file must not be there yet, and only its owner may read it. Ctrl-C ends the capture.

Examples:
  Everything that cam-1 and its dock say through a broker:
    holdfast rig capture --out cam-1.capture --mqtt mqtt://127.0.0.1:1883 --site yard --camera cam-1
  A serial line, cut in two; the camera is at the first port, the dock at the second:
    holdfast rig capture --out bay-3.capture --serial /dev/ttyUSB0 --serial /dev/ttyUSB1
`;

/** `holdfast rig capture`: listens until it is told to stop, or the link ends, which is exit code 1. */
export function addCapture(command: Command, ended: (exitCode: number) => void): void {
  command
    .description('records what a camera and a dock say to each other into a file, one line a message')
    .requiredOption('--out <file>', 'the capture; JSON, one object a line')
    .option(
      '--serial <path>',
      'stand between two serial ports: first towards the camera, then towards the dock',
      collect,
    )
    .option('--baud <rate>', 'line rate to begin with; what the two negotiate is followed', rate, BAUD_START)
    .option('--mqtt <url>', 'listen at a broker, mqtt://HOST:PORT')
    .option('--site <name>', 'MQTT topic level of the site', 'site')
    .option('--camera <id>', 'only this camera (default: every camera of the site)', cameraId)
    .option(
      '--no-payload',
      'leave the bytes of Data out: only where they belong, how many, and their CRC-32C',
    )
    .option('--json', 'one JSON object a line on stdout')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (options: CaptureOptions) => ended(await capture(options)));
}

async function capture(options: CaptureOptions): Promise<number> {
  const link = linkOf(options);
  const tape = await Tape.create(options.out, {
    format: CAPTURE_FORMAT,
    transport: link.transport,
    link: link.name,
    startedAt: new Date().toISOString(),
    payload: options.payload,
  });
  let finish: (why: string | undefined) => void = () => undefined;
  const finished = new Promise<string | undefined>((resolve) => {
    finish = resolve;
  });
  const recorder = new Recorder({ tape, keepPayload: options.payload, ended: (why) => finish(why) });
  const stop = (): void => finish(undefined);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const listening = await openOrRemove(link, recorder, options.out);
    say(options, { event: 'capturing', link: link.name, file: options.out });
    const why = await finished;
    await listening.close();
    if (why !== undefined) say(options, { event: 'ended', why });
    say(options, { event: 'captured', records: tape.records, ...recorder.counted });
    return why === undefined ? 0 : 1;
  } finally {
    await tape.close();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** A capture of nothing would be in the way of the next attempt. */
async function openOrRemove(link: LinkChoice, ears: Ears, file: string): Promise<Listening> {
  try {
    return await link.open(ears);
  } catch (error) {
    await rm(file);
    throw error;
  }
}

interface LinkChoice {
  readonly transport: 'serial' | 'mqtt';
  readonly name: string;
  open(ears: Ears): Promise<Listening>;
}

function linkOf({ serial = [], mqtt, site, camera, baud }: CaptureOptions): LinkChoice {
  if ((serial.length === 0) === (mqtt === undefined))
    throw new CaptureConfigError('give either --mqtt URL or --serial PATH twice');
  if (mqtt !== undefined) {
    if (!isBrokerUrl(mqtt)) throw new CaptureConfigError(`--mqtt: "${mqtt}" is not mqtt://HOST:PORT`);
    if (!isSite(site)) throw new CaptureConfigError(`--site: "${site}" is not a site name`);
    const name = `mqtt ${mqtt} ${site}/${camera ?? '+'}`;
    return { transport: 'mqtt', name, open: (ears) => subscribeBoth({ url: mqtt, site, camera }, ears) };
  }
  const [cameraPath, dockPath, more] = serial;
  if (cameraPath === undefined || dockPath === undefined || more !== undefined)
    throw new CaptureConfigError(
      'give --serial twice: the port towards the camera, then the one towards the dock',
    );
  return {
    transport: 'serial',
    name: `serial ${cameraPath} ${dockPath}`,
    open: (ears) => bridgeSerial({ cameraPath, dockPath, baud }, ears),
  };
}

type CaptureEvent =
  | { readonly event: 'capturing'; readonly link: string; readonly file: string }
  | { readonly event: 'ended'; readonly why: string }
  | { readonly event: 'captured'; readonly records: number; readonly up: Counted; readonly down: Counted };

function say({ json }: CaptureOptions, event: CaptureEvent): void {
  process.stdout.write(`${json === true ? JSON.stringify(event) : plain(event)}\n`);
}

function plain(event: CaptureEvent): string {
  switch (event.event) {
    case 'capturing':
      return `capturing ${event.link} into ${event.file}; Ctrl-C ends it`;
    case 'ended':
      return `the link ended: ${event.why}`;
    case 'captured':
      return [
        `${event.records} records`,
        `up ${counts(event.up)} (camera to dock)`,
        `down ${counts(event.down)} (dock to camera)`,
      ].join('\n');
    default:
      return event satisfies never;
  }
}

const counts = ({ pdus, pduBytes, noises, noiseBytes }: Counted): string =>
  `${pdus} PDUs, ${pduBytes} B${noises === 0 ? '' : `; ${noises} stretches of noise, ${noiseBytes} B`}`;

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function rate(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 300 && value <= 4_000_000) return value;
  throw new InvalidArgumentError('Use a whole number from 300 to 4000000.');
}

function cameraId(text: string): CameraId {
  if (isCameraId(text)) return text;
  throw new InvalidArgumentError('Use 1 to 32 lower-case letters, digits and hyphens.');
}
