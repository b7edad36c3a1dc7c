import { type Command, InvalidArgumentError, Option } from 'commander';
import { openKeys } from '../../../device/keys/file-keys.ts';
import { openFileKeys } from '../../../dock/keys/file-keys.ts';
import { FieldError } from '../../../proto/errors.ts';
import { type CameraId, isCameraId } from '../../../proto/ids.ts';
import { BAUD_START } from '../../../proto/limits.ts';
import { isBrokerUrl } from '../../../proto/mqtt.ts';
import { isSite } from '../../../proto/topic.ts';
import type { Line, LineEars } from '../conformance/line.ts';
import { openMqttLine } from '../conformance/mqtt-line.ts';
import { printableLine } from '../printable.ts';
import { openSerialLine } from '../conformance/serial-line.ts';
import { CameraPlayer } from './camera-player.ts';
import { DockPlayer } from './dock-player.ts';
import { Live, Pace, ReplayError } from './live.ts';
import { playPlain } from './plain-player.ts';
import { readScript, type Script, type Side } from './script.ts';
import { showAsJson, showForPeople } from './show.ts';
import type { Told } from './story.ts';
import { openTape } from './tape.ts';

/** A flag that cannot be used; the message says which and what to do. */
class ReplayConfigError extends FieldError<'CONFIG'> {
  constructor(message: string) {
    super('CONFIG', message, { retry: 'never' });
  }
}

interface ReplayOptions {
  readonly as: Side;
  readonly serial?: string;
  readonly baud: number;
  readonly mqtt?: string;
  readonly site: string;
  readonly camera?: CameraId;
  readonly keys?: string;
  readonly registry?: string;
  readonly fast?: true;
  readonly json?: true;
}

const HELP = `
What comes back is printed as "holdfast rig decode" prints it. The exit code is 0 when the live conversation got as far as the
recorded one: the same recordings accepted and given the same receipts, or the same recordings offered and finished. Otherwise
it is 1, and what was not reached is named.

Without --keys the PDUs are sent exactly as they were; an honest peer refuses them, since nonces and signatures belong to another
session. With --keys the handshake is made anew, and session, stream numbers, tx_seq and credit are those of the live session.
The rate of a serial line is not negotiated.

Examples:
  A recorded upload, once more, to another dock that knows the same camera:
    holdfast rig replay cam-1.capture --as camera --serial /dev/ttyUSB0 --keys keys/cam-1
  As it was, to see that a dock refuses it:
    holdfast rig replay cam-1.capture --as camera --mqtt mqtt://127.0.0.1:1883 --site yard --fast
  The dock's side, to a camera that still has the recording:
    holdfast rig replay cam-1.capture --as dock --serial /dev/ttyUSB0 --keys keys/dock-1 --registry enrolled
`;

/** `holdfast rig replay`. */
export function addReplay(replay: Command, ended: (exitCode: number) => void): void {
  replay
    .description('plays one side of a capture to a live camera or dock')
    .argument('<file>', 'made by "holdfast rig capture"; all of it is held in memory')
    .addOption(
      new Option('--as <side>', 'the side to play').choices(['camera', 'dock']).makeOptionMandatory(),
    )
    .option('--serial <path>', 'serial port to the other side')
    .option('--baud <rate>', 'line rate of the serial port', rate, BAUD_START)
    .option('--mqtt <url>', 'broker to the other side, mqtt://HOST:PORT')
    .option('--site <name>', 'MQTT topic level of the site', 'site')
    .option('--camera <id>', 'which camera, when the capture holds several', cameraId)
    .option('--keys <dir>', "the recorded camera's keys, or the dock's: makes the handshake anew")
    .option('--registry <dir>', 'with --as dock: identities of cameras, to check their signatures', '.')
    .option('--fast', 'as fast as the other side allows, not at the recorded pace')
    .option('--json', 'one JSON object a line on stdout')
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .action(async (file: string, options: ReplayOptions) => ended(await replayFile(file, options)));
}

async function replayFile(file: string, options: ReplayOptions): Promise<number> {
  const script = await readScript(await openTape(file), { side: options.as, camera: options.camera });
  // Keys and flags are looked at before anything is said.
  const play = playerFor(options, script);
  const live = await Live.open({
    side: options.as,
    open: opener(options, script),
    tell: (told) => show(told, options),
  });
  let stopped: ReplayError | undefined;
  try {
    await play(live, new Pace(live, options.fast === true));
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    stopped = error;
  } finally {
    await live.close();
  }
  const missing = script.milestones.missing(live.milestones);
  finish({ reached: [...live.milestones.reached], missing, stopped: stopped?.message }, options);
  return missing.length === 0 ? 0 : 1;
}

type Play = (live: Live, pace: Pace) => Promise<void>;

function playerFor({ as, keys, registry = '.' }: ReplayOptions, script: Script): Play {
  if (keys === undefined) return (live, pace) => playPlain(live, script, pace);
  if (as === 'dock') {
    const dockKeys = openFileKeys({ dir: keys, registry });
    return (live, pace) => new DockPlayer(live, dockKeys).play(script, pace);
  }
  const cameraKeys = openKeys(keys);
  if (script.cameraId !== undefined && cameraKeys.cameraId !== script.cameraId)
    throw new ReplayConfigError(
      `--keys: they are those of ${cameraKeys.cameraId}; the manifests in the capture are signed by ${script.cameraId}`,
    );
  return (live, pace) => new CameraPlayer(live, cameraKeys).play(script, pace);
}

function opener(options: ReplayOptions, script: Script): (ears: LineEars) => Promise<Line> {
  const { as, serial, mqtt = '', site, baud } = options;
  if ((serial === undefined) === (mqtt === ''))
    throw new ReplayConfigError('give exactly one of --serial PATH and --mqtt URL');
  if (serial !== undefined) return (ears) => openSerialLine({ path: serial, baud }, ears);
  if (!isBrokerUrl(mqtt)) throw new ReplayConfigError(`--mqtt: "${mqtt}" is not mqtt://HOST:PORT`);
  const id = script.cameraId;
  if (id === undefined)
    throw new ReplayConfigError('the capture has no Hello; say with --camera which topic it is');
  if (!isSite(site)) throw new ReplayConfigError(`--site: "${site}" is not a site name`);
  return (ears) => openMqttLine({ url: mqtt, site, cameraId: id, side: as }, ears);
}

function show(told: Told, { json }: ReplayOptions): void {
  const lines = json === true ? [showAsJson(told)] : showForPeople(told);
  process.stdout.write(`${lines.join('\n')}\n`);
}

interface End {
  readonly reached: readonly string[];
  readonly missing: readonly string[];
  readonly stopped: string | undefined;
}

function finish({ reached, missing, stopped }: End, { json }: ReplayOptions): void {
  if (json === true) {
    process.stdout.write(
      `${JSON.stringify({ type: 'end', reached, missing, ...(stopped === undefined ? {} : { stopped }) })}\n`,
    );
    return;
  }
  if (stopped !== undefined) process.stdout.write(`stopped: ${printableLine(stopped)}\n`);
  const far =
    missing.length === 0 ? 'as far as the recorded conversation' : `not reached: ${missing.join(', ')}`;
  process.stdout.write(`${far}\n`);
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
