import { decodePdu } from '../../../proto/codec.ts';
import { PduError } from '../../../proto/errors.ts';
import type { CameraId, RecordingId } from '../../../proto/ids.ts';
import { MQTT_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import type { Message } from '../../../proto/messages.ts';
import { Reassembly } from '../../../proto/parts.ts';
import { Milestones } from './milestones.ts';
import type { CaptureRecord, Direction } from './record.ts';
import { CaptureError, type OpenedTape } from './tape.ts';

/** The side that is played. */
export type Side = 'camera' | 'dock';

/** Which way the messages of a side go. */
export const DIRECTION: Readonly<Record<Side, Direction>> = { camera: 'up', dock: 'down' };

// All of it is held in memory, so that what a line loses can be said again.
const SCRIPT_BYTES_MAX = 1024 * 1024 * 1024;
const LINK_TYPES: ReadonlySet<string> = new Set(['link-propose', 'link-commit', 'link-probe', 'link-report']);

/** One recorded message: parts are put together, and what negotiates the rate of a line is left out. */
export interface Line {
  readonly us: number;
  readonly direction: Direction;
  readonly message: Message;
}

/** One recorded conversation, ready to be played. */
export interface Script {
  readonly lines: readonly Line[];
  /** PDUs of the side that is played, exactly as they travelled. */
  readonly pdus: readonly { readonly us: number; readonly pdu: Uint8Array }[];
  /** How far the other side was brought in the recorded conversation. */
  readonly milestones: Milestones;
  readonly cameraId: CameraId | undefined;
}

/** Reads all of a tape. Throws CaptureError CAPTURE_FORMAT when it cannot be played. */
export async function readScript(
  { header, lines }: OpenedTape,
  as: { readonly side: Side; readonly camera: CameraId | undefined },
): Promise<Script> {
  if (!header.payload)
    throw unplayable('its payloads were left out (--no-payload), so there is nothing to send');
  const building = new Building(as.side);
  for await (const one of lines) {
    if ('problem' in one) throw unplayable(`line ${one.line} ${one.problem}`);
    const { record } = one;
    if (as.camera === undefined || record.camera === undefined || record.camera === as.camera)
      building.add(record);
  }
  return building.script(as.camera);
}

class Building {
  readonly #side: Side;
  readonly #lines: Line[] = [];
  readonly #pdus: { readonly us: number; readonly pdu: Uint8Array }[] = [];
  readonly #parts: Readonly<Record<Direction, Reassembly>> = { up: new Reassembly(), down: new Reassembly() };
  readonly #milestones: Milestones;
  readonly #cameras = new Set<CameraId>();
  #topic: string | undefined;
  #bytes = 0;

  constructor(side: Side) {
    this.#side = side;
    this.#milestones = new Milestones(side);
  }

  add(record: CaptureRecord): void {
    this.#topic ??= record.camera;
    if (record.camera !== undefined && record.camera !== this.#topic)
      throw unplayable('it holds several cameras; say which with --camera');
    if (record.kind !== 'pdu') return;
    this.#bytes += record.pdu.length;
    if (this.#bytes > SCRIPT_BYTES_MAX) throw unplayable('it is larger than 1 GiB');
    const message = decodePdu(record.pdu, MQTT_PDU_BYTES_MAX);
    const isOurs = record.direction === DIRECTION[this.#side];
    if (message instanceof PduError) {
      if (isOurs) this.#pdus.push(record);
      return;
    }
    if (LINK_TYPES.has(message.type)) return;
    if (isOurs) this.#pdus.push(record);
    if (message.type !== 'part') return this.#addMessage(record, message);
    const whole = this.#parts[record.direction].push(message);
    const joined = whole === undefined ? undefined : decodePdu(whole, MQTT_PDU_BYTES_MAX);
    if (joined !== undefined && !(joined instanceof PduError)) this.#addMessage(record, joined);
  }

  #addMessage({ us, direction }: CaptureRecord, message: Message): void {
    if (message.type === 'hello') this.#cameras.add(message.cameraId);
    this.#lines.push({ us, direction, message });
    this.#milestones.take(message);
  }

  script(camera: CameraId | undefined): Script {
    const [first, second] = this.#cameras;
    if (second !== undefined && camera === undefined)
      throw unplayable('several cameras say Hello in it; say which with --camera');
    if (this.#pdus.length === 0) throw unplayable(`the ${this.#side} says nothing in it`);
    return { lines: this.#lines, pdus: this.#pdus, milestones: this.#milestones, cameraId: camera ?? first };
  }
}

function unplayable(why: string): CaptureError {
  return new CaptureError('CAPTURE_FORMAT', `the capture cannot be played: ${why}`, { retry: 'never' });
}

/** Which recording a stream is about, in the order in which Accepts went by. */
export class Streams {
  readonly #recordings = new Map<number, RecordingId>();

  take(message: Message): void {
    if (message.type === 'accept') this.#recordings.set(message.stream, message.recordingId);
  }

  recordingOf(stream: number): RecordingId | undefined {
    return this.#recordings.get(stream);
  }
}
