import { BATTERY_PERCENT_DEFAULT } from './battery/battery.ts';
import type { HardwareConfig } from './hardware.ts';
import { Command } from 'commander';
import { FieldError } from '../proto/errors.ts';
import { BAUD_MAX, BAUD_MAX_DEFAULT, BAUD_MIN } from '../proto/baud.ts';
import { type CameraId, isCameraId, isPersonId } from '../proto/ids.ts';
import { BAUD_START } from '../proto/limits.ts';
import { isBrokerUrl, isMqttVersion, type MqttVersion } from '../proto/mqtt.ts';
import { COMMANDS, NO_PERSON } from './firmware/command.ts';
import { isTag } from './radio/call.ts';
import type { PeerCall } from './ports.ts';

/** A flag that cannot be used; the message says which and what to do. */
export class ConfigError extends FieldError<'CONFIG'> {
  constructor(message: string, cause?: unknown) {
    super('CONFIG', message, { retry: 'never', cause });
  }
}

export interface DeviceConfig extends HardwareConfig {
  readonly id: CameraId;
  readonly keys: string;
  readonly flash: string;
  readonly link:
    | {
        readonly over: 'serial';
        readonly path: string;
        /** The rate to begin at, bit/s. */
        readonly baud: number;
        /** The fastest rate to ask the dock for; equal to `baud`, none is asked for. */
        readonly baudMax: number;
        readonly rtsCts: boolean;
      }
    | { readonly over: 'mqtt'; readonly url: string; readonly site: string; readonly version: MqttVersion };
  readonly officer: string;
  readonly incident: string;
  /** Record this long on start, then dock; undefined waits for commands. */
  readonly recordMs: number | undefined;
  readonly preEventMs: number;
  /** How long a recording goes on after its stop. */
  readonly postEventMs: number;
  /** After this long a new file begins, without a gap. */
  readonly recordingMsMax: number;
  readonly whenFull: 'stop' | 'refuse';
  /** Cameras of one tag begin together. */
  readonly tag: string;
  /** A folder that cameras near each other share; undefined: it has no radio. */
  readonly radio: string | undefined;
  /** What it calls them for. */
  readonly callsFor: readonly PeerCall['cause'][];
  /** Path of a socket for commands. */
  readonly control: string | undefined;
  readonly markAtMs: number | undefined;
  readonly media: string | undefined;
  readonly fps: number;
  /** Room for footage; undefined: that of this machine. */
  readonly flashBytesMax: number | undefined;
  /** At the start: a whole number, 0 to 100. */
  readonly batteryPercent: number;
  /** It is switched on out of its bay, and looks for no dock before it is put into one. */
  readonly isUndocked: boolean;
  /** End once everything is uploaded and erased. */
  readonly once: boolean;
  readonly json: boolean;
}

const EXAMPLES = `
Commands on stdin, and on the socket of --control, one a line:
${COMMANDS.map(([usage, what]) => `  ${usage.padEnd(38)} ${what}`).join('\n')}

Examples:
  A camera on a serial line that records ten seconds, docks, uploads and ends:
    holdfast device --id cam-1 --keys cam-1/keys --flash cam-1/flash --serial /dev/ttyUSB1 \\
      --officer 4411 --incident 24-118842 --record 10 --once
  The same with a good cable that has all wires, at up to 3 Mbit/s:
    holdfast device … --serial /dev/ttyUSB1 --baud-max 3000000 --rtscts
  A camera over MQTT that replays a real file:
    holdfast device --id cam-2 --keys cam-2/keys --flash cam-2/flash --mqtt mqtt://127.0.0.1:1883 \\
      --officer 4412 --media patrol.mp4 --once
  A camera that is worn through a shift and told what happens to it, from anywhere on this machine:
    holdfast device … --post-event 30 --when-full refuse --control cam-1/control
    printf 'undock 4411\\ntaser\\ncategory use-of-force\\nstatus\\n' | nc -NU cam-1/control
  Two cameras of which one calls the other as a weapon is drawn:
    holdfast device --id cam-1 … --radio unit --tag north
    holdfast device --id cam-2 … --radio unit --tag north
  What its states are and what it answers in each, as Markdown:
    holdfast device --states
`;

const CAUSES: readonly PeerCall['cause'][] = ['holster', 'light-bar', 'taser', 'fall', 'button', 'command'];

function program(): Command {
  return new Command('holdfast device')
    .description(
      'One simulated body camera: records, keeps its footage on a flash folder, uploads when docked, erases only against a checked receipt.',
    )
    .requiredOption('--id <camera>', 'camera id, as enrolled')
    .requiredOption(
      '--keys <dir>',
      'its keys, made by `holdfast enrol camera`; with --custodian there, it seals',
    )
    .requiredOption('--flash <dir>', 'its memory; survives restarts')
    .option('--serial <path>', 'serial port to the dock')
    .option('--baud <rate>', 'line rate to begin with, bit/s', String(BAUD_START))
    .option(
      '--baud-max <rate>',
      `fastest line rate to ask the dock for; equal to --baud, the rate is fixed (default: ${BAUD_MAX_DEFAULT})`,
    )
    .option('--rtscts', 'the cable has RTS and CTS: use them for flow control')
    .option('--mqtt <url>', 'broker to the dock, mqtt://HOST:PORT')
    .option('--mqtt-version <version>', 'towards the broker: auto (5, then 3.1.1), 3 or 5', 'auto')
    .option('--site <name>', 'MQTT topic level of the site', 'site')
    .option('--officer <id>', 'officer the camera is assigned to', '')
    .option('--incident <tag>', 'incident tag, a hint for the records system', '')
    .option('--record <seconds>', 'record this long, then dock')
    .option('--pre-event <seconds>', 'length of the pre-event buffer', '2')
    .option('--post-event <seconds>', 'how long a recording goes on after its stop', '0')
    .option('--file-limit <seconds>', 'after this long a new file begins, without a gap', '14400')
    .option(
      '--when-full <what>',
      'little room: stop (record until the memory is full) or refuse (begin nothing that could be cut short); nothing is ever overwritten',
      'stop',
    )
    .option('--tag <name>', 'cameras with the same tag begin together, when they hear of each other', '')
    .option('--radio <dir>', 'a folder that cameras near each other share: there they hear of each other')
    .option(
      '--call-for <list>',
      `what it calls them for, of ${CAUSES.join(', ')}; or nothing`,
      'holster,light-bar,taser,fall',
    )
    .option('--control <path>', 'a local socket for commands, one a line, each answered by a line')
    .option('--mark-at <seconds>', 'with --record: set a mark this long after the start')
    .option('--media <file>', 'replay this MP4 as the recording')
    .option('--fps <n>', 'frames a second', '10')
    .option('--battery <percent>', 'what is in its battery at the start', String(BATTERY_PERCENT_DEFAULT))
    .option('--clock-ppm <n>', 'how much faster its crystal runs, parts per million', '0')
    .option(
      '--clock-unset',
      'nobody has set its clock yet: it counts from 1970 until a dock or a command does',
    )
    .option('--flash-mib <n>', 'room in its memory for footage; without it, that of this machine')
    .option('--flash-write-kibs <n>', 'how fast its memory takes what is written, KiB a second')
    .option('--flash-bad-blocks <list>', 'blocks that fail when first written, by number: 3,17,40')
    .option('--flash-cycles <n>', 'how often a block can be written before it fails')
    .option('--flash-spares <n>', 'blocks that stand in for failed ones; then it can only be read', '8')
    .option('--track <file>', 'places it goes along, a JSON array; or walk, to go on foot by itself')
    .option('--undocked', 'it is out of its bay: talk to no dock before the command dock')
    .option('--once', 'end when everything is uploaded and erased')
    .option('--json', 'one JSON object a line on stdout')
    .option('--states', 'alone: print its states and what it answers in each, as Markdown, and end')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .allowExcessArguments(false);
}

/**
 * Reads the flags. Throws ConfigError with the flag's name for a value that cannot be used; an unknown flag, and
 * help that was asked for, leave as commander's own error after it has printed what there is to say.
 */
export function readConfig(argv: readonly string[]): DeviceConfig {
  const command = program();
  command.parse(argv, { from: 'user' });
  return fromFlags(command.opts<Flags>());
}

type Flags = Readonly<Record<string, string | boolean | undefined>>;

function fromFlags(given: Flags): DeviceConfig {
  const textOf = (name: string): string => String(given[name] ?? '');
  const id = textOf('id');
  if (!isCameraId(id))
    throw new ConfigError(`--id: "${id}" is not 1 to 32 lower-case letters, digits and hyphens`);
  if ((given.serial === undefined) === (given.mqtt === undefined))
    throw new ConfigError('give exactly one of --serial PATH and --mqtt URL');
  const recordMs = given.record === undefined ? undefined : milliseconds('--record', textOf('record'));
  if (recordMs !== undefined && given.media !== undefined)
    throw new ConfigError('give --record or --media, not both');
  return {
    id,
    keys: textOf('keys'),
    flash: textOf('flash'),
    link:
      given.serial === undefined
        ? {
            over: 'mqtt',
            url: brokerOf(textOf('mqtt')),
            site: textOf('site'),
            version: versionOf(textOf('mqttVersion')),
          }
        : { over: 'serial', path: textOf('serial'), ...ratesOf(given), rtsCts: given.rtscts === true },
    officer: officerOf(textOf('officer')),
    incident: textOf('incident'),
    recordMs,
    preEventMs: milliseconds('--pre-event', textOf('preEvent')),
    postEventMs: milliseconds('--post-event', textOf('postEvent')),
    recordingMsMax: atLeastOneSecond('--file-limit', textOf('fileLimit')),
    whenFull: whenFullOf(textOf('whenFull')),
    tag: tagOf(textOf('tag')),
    radio: given.radio === undefined ? undefined : textOf('radio'),
    callsFor: causesOf(textOf('callFor')),
    control: given.control === undefined ? undefined : textOf('control'),
    markAtMs: given.markAt === undefined ? undefined : milliseconds('--mark-at', textOf('markAt')),
    media: given.media === undefined ? undefined : textOf('media'),
    fps: count('--fps', textOf('fps'), { min: 1, max: 60 }),
    batteryPercent: count('--battery', textOf('battery'), { min: 0, max: 100 }),
    ...hardwareOf(given),
    isUndocked: given.undocked === true,
    once: given.once === true,
    json: given.json === true,
  };
}

function hardwareOf(given: Flags): Omit<HardwareConfig, 'flash' | 'batteryPercent'> & {
  readonly flashBytesMax: number | undefined;
} {
  const maybe = (flag: string, name: string): number | undefined =>
    given[name] === undefined ? undefined : count(flag, String(given[name]), { min: 1, max: 1_000_000 });
  const mebibytes = maybe('--flash-mib', 'flashMib');
  const writeKibs = maybe('--flash-write-kibs', 'flashWriteKibs');
  const cyclesMax = maybe('--flash-cycles', 'flashCycles');
  const blocks = given.flashBadBlocks;
  const badBlocks =
    blocks === undefined
      ? undefined
      : String(blocks)
          .split(',')
          .map((one) => count('--flash-bad-blocks', one, { min: 0, max: 1_000_000 }));
  const chip = {
    ...(writeKibs === undefined ? {} : { writeKibs }),
    ...(cyclesMax === undefined ? {} : { cyclesMax }),
    ...(badBlocks === undefined ? {} : { badBlocks }),
  };
  const spares = count('--flash-spares', String(given.flashSpares), { min: 0, max: 1_000_000 });
  return {
    clockPpm: count('--clock-ppm', String(given.clockPpm), { min: -100_000, max: 100_000 }),
    clockUnset: given.clockUnset === true,
    chip: Object.keys(chip).length === 0 ? undefined : { ...chip, spares },
    flashBytesMax: mebibytes === undefined ? undefined : mebibytes * 1024 ** 2,
    track: given.track === undefined ? undefined : String(given.track),
  };
}

function ratesOf(given: Flags): { readonly baud: number; readonly baudMax: number } {
  const baud = rate('--baud', given.baud);
  const baudMax =
    given.baudMax === undefined ? Math.max(baud, BAUD_MAX_DEFAULT) : rate('--baud-max', given.baudMax);
  if (baudMax < baud) throw new ConfigError(`--baud-max: ${baudMax} is less than --baud ${baud}`);
  return { baud, baudMax };
}

function rate(flag: string, text: string | boolean | undefined): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < BAUD_MIN || value > BAUD_MAX)
    throw new ConfigError(
      `${flag}: "${String(text)}" is not a line rate from ${BAUD_MIN} to ${BAUD_MAX} bit/s`,
    );
  return value;
}

function brokerOf(text: string): string {
  if (!isBrokerUrl(text)) throw new ConfigError(`--mqtt: "${text}" is not mqtt://HOST:PORT`);
  return text;
}

function officerOf(text: string): string {
  if (text !== '' && !isPersonId(text))
    throw new ConfigError(`--officer: "${text}" ${NO_PERSON}; without the flag nobody is assigned`);
  return text;
}

function versionOf(text: string): MqttVersion {
  if (!isMqttVersion(text)) throw new ConfigError(`--mqtt-version: "${text}" is none of auto, 3 and 5`);
  return text;
}

function milliseconds(flag: string, text: string): number {
  const seconds = Number(text);
  if (text === '' || !Number.isFinite(seconds) || seconds < 0 || seconds > 4 * 3600)
    throw new ConfigError(`${flag}: "${text}" is not a number of seconds from 0 to 14400`);
  return Math.round(seconds * 1000);
}

function atLeastOneSecond(flag: string, text: string): number {
  const ms = milliseconds(flag, text);
  if (ms < 1000) throw new ConfigError(`${flag}: "${text}" is less than a second`);
  return ms;
}

function tagOf(text: string): string {
  if (!isTag(text)) throw new ConfigError(`--tag: "${text}" is not up to 32 letters, digits and ._-`);
  return text;
}

function causesOf(text: string): readonly PeerCall['cause'][] {
  if (text === 'nothing') return [];
  return text.split(',').map((word) => {
    const cause = CAUSES.find((one) => one === word);
    if (cause === undefined)
      throw new ConfigError(`--call-for: "${word}" is none of ${CAUSES.join(', ')}; or give nothing alone`);
    return cause;
  });
}

function whenFullOf(text: string): 'stop' | 'refuse' {
  if (text !== 'stop' && text !== 'refuse')
    throw new ConfigError(`--when-full: "${text}" is none of stop and refuse`);
  return text;
}

function count(
  flag: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < min || value > max)
    throw new ConfigError(`${flag}: "${text}" is not a whole number from ${min} to ${max}`);
  return value;
}
