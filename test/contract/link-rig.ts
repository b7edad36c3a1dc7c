import { systemClock } from '../../device/clock/system.ts';
import { openMqttLink } from '../../device/link/mqtt.ts';
import { openSerialLink } from '../../device/link/serial.ts';
import type { Link as CameraSide } from '../../device/ports.ts';
import { SystemClock } from '../../dock/clock/system.ts';
import { startBroker } from '../../dock/link/broker.ts';
import { mqttLinks } from '../../dock/link/mqtt.ts';
import { serialBays } from '../../dock/link/serial.ts';
import type { Link as DockSide, LinkSource } from '../../dock/ports.ts';
import { writeCrc } from '../../proto/crc32c.ts';
import { type CameraId, isCameraId } from '../../proto/ids.ts';
import type { MqttVersion } from '../../proto/mqtt.ts';
import { Chance } from '../../sim/fault/chance.ts';
import { makeWire } from '../../sim/fault/wire.ts';
import { startMosquitto } from '../../sim/rig/mosquitto.ts';
import { type CableFaults, openPtyPair } from '../../sim/rig/pty.ts';

export const BAUD = 115_200;
const SITE = 'hall-1';

/** A camera's link and the dock's link to it, joined and heard, over one kind of transport. */
export interface Joined {
  readonly camera: CameraSide;
  readonly dock: DockSide;
  /** What the camera sent, read by one reader. */
  readonly atDock: AsyncIterator<Uint8Array>;
  readonly atCamera: AsyncIterator<Uint8Array>;
  /** Takes away what joins them, as a pulled adapter or a dead broker does. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** A packet that links carry: these bytes and their CRC. */
export function pduOf(bytes: Uint8Array): Uint8Array {
  const pdu = new Uint8Array(bytes.length + 4);
  pdu.set(bytes);
  return writeCrc(pdu);
}

export function cameraIdOf(text: string): CameraId {
  if (!isCameraId(text)) throw new TypeError(`${text} is no camera id`);
  return text;
}

export async function joinedBySerial(faults: CableFaults = {}): Promise<Joined> {
  const cable = await openPtyPair(faults);
  const bays = serialBays([cable.dockPath], { baudRate: BAUD, clock: new SystemClock() });
  const [camera, dock] = await Promise.all([
    openSerialLink({ path: cable.cameraPath, baudRate: BAUD }),
    nextLink(bays),
  ]);
  const close = async (): Promise<void> => {
    await Promise.all([camera.close(), bays.close()]);
    await cable.close();
  };
  return { ...bothRead(camera, dock), cut: () => cable.close(), close };
}

export async function joinedByBroker(): Promise<Joined> {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, site: SITE, clock: new SystemClock() });
  const camera = await openMqttLink({
    clock: systemClock(),
    url: broker.url,
    site: SITE,
    cameraId: cameraIdOf('cam-1'),
  });
  const close = async (): Promise<void> => {
    await camera.close();
    await broker.close();
  };
  return { ...(await heard(camera, broker.source)), cut: () => broker.close(), close };
}

export async function joinedByMosquitto(binary: string, version: MqttVersion): Promise<Joined> {
  const mosquitto = await startMosquitto({ binary });
  const { url } = mosquitto;
  const source = await connected({ url, version });
  const camera = await openMqttLink({
    clock: systemClock(),
    url,
    site: SITE,
    cameraId: cameraIdOf('cam-1'),
    version,
  });
  const close = async (): Promise<void> => {
    await Promise.all([camera.close(), source.close()]);
    await mosquitto.close();
  };
  return { ...(await heard(camera, source)), cut: () => mosquitto.close(), close };
}

/** The dock's side of an outside broker, once it listens: what a camera says before that is lost. */
function connected(broker: { readonly url: string; readonly version: MqttVersion }): Promise<LinkSource> {
  return new Promise((resolve) => {
    const clock = new SystemClock();
    const tell = (): void => resolve(source);
    const source = mqttLinks({ ...broker, site: SITE, clientId: 'dock-1', clock, tell });
  });
}

export function joinedByWire(): Promise<Joined> {
  const wire = makeWire({ clock: new SystemClock(), chance: new Chance('contract') });
  const cut = (): Promise<void> => Promise.resolve(wire.cut());
  return Promise.resolve({ ...bothRead(wire.camera, wire.dock), cut, close: cut });
}

type Pair = Pick<Joined, 'camera' | 'dock' | 'atCamera' | 'atDock'>;

function bothRead(camera: CameraSide, dock: DockSide): Pair {
  const reader = (link: CameraSide | DockSide): AsyncIterator<Uint8Array> =>
    link.packets()[Symbol.asyncIterator]();
  return { camera, dock, atCamera: reader(camera), atDock: reader(dock) };
}

/** An MQTT camera gets its link at the dock with its first packet, which is read away here. */
async function heard(camera: CameraSide, source: LinkSource): Promise<Pair> {
  const [dock] = await Promise.all([nextLink(source), camera.send(pduOf(new Uint8Array(1)), 'control')]);
  const pair = bothRead(camera, dock);
  await pair.atDock.next();
  return pair;
}

/** The next link a source finds. */
export async function nextLink(source: LinkSource): Promise<DockSide> {
  const found = await source.links()[Symbol.asyncIterator]().next();
  if (found.done === true) throw new Error(`${source.name} has ended`);
  return found.value;
}
