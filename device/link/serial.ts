import { LinkError } from '../../proto/errors.ts';
import { SERIAL_FRAGMENT_BYTES_MAX } from '../../proto/limits.ts';
import type { Clock, Link } from '../ports.ts';
import type { BaudMemory } from './baud-memory.ts';
import type { BytePort } from '../../proto/byte-port.ts';
import { openPort, type PortSettings } from './port.ts';
import { SerialLink } from './serial-link.ts';

export interface SerialOptions {
  readonly path: string;
  /** The rate to begin at, bit/s; 115,200 is where a dock waits. */
  readonly baudRate: number;
  /** The wires RTS and CTS are there and obeyed. */
  readonly rtsCts?: boolean;
  /** Opens the port; this machine's own when absent. Rejects with LinkError. */
  readonly open?: (settings: PortSettings) => Promise<BytePort>;
  /** Without it the link has its rate and says nothing about it. */
  readonly negotiation?: {
    /** The fastest rate to ask for, bit/s. */
    readonly baudMax: number;
    readonly clock: Clock;
    readonly randomBytes: (count: number) => Uint8Array;
    readonly memory: BaudMemory;
    /** Called with what is worth knowing about the line, for people. */
    readonly tell?: (text: string) => void;
  };
}

/**
 * Opens the serial port to a dock, eight bits, no parity, no flow control by characters, and agrees on a rate with it.
 * The port is locked: a second program that opens it the same way is refused. A dock that does not negotiate costs
 * a second. Rejects with LinkError LINK_OPEN, or LINK_GONE when the port vanished meanwhile.
 */
export async function openSerialLink(options: SerialOptions): Promise<Link> {
  const { path, baudRate, rtsCts = false, open = openPort, negotiation } = options;
  const remembered = negotiation?.memory.recall(path, negotiation.clock.monoUs());
  const port = await open({ path, baudRate: remembered ?? baudRate, rtsCts });
  const link = new SerialLink(`serial ${path}`, port);
  if (negotiation !== undefined && negotiation.baudMax > baudRate) {
    await agree(link, remembered ?? negotiation.baudMax, { path, baudRate, rtsCts, negotiation });
  }
  return link;
}

type Negotiating = Required<Omit<SerialOptions, 'open'>>;

/** Agrees on a rate, and keeps the memory of the port. */
async function agree(link: SerialLink, target: number, options: Negotiating): Promise<void> {
  const { path, baudRate, rtsCts, negotiation } = options;
  const { clock, memory, randomBytes, tell } = negotiation;
  memory.forget(path);
  const { outcome, dock } = await link.negotiate(target, clock, {
    baud: baudRate,
    rtsCts,
    fragmentBytesMax: SERIAL_FRAGMENT_BYTES_MAX,
    newId: () => idFrom(randomBytes(4)),
  });
  if (outcome === 'broken') {
    await link.close();
    throw LinkError.gone(link.name);
  }
  if (dock !== undefined && dock.rtsCts !== rtsCts) {
    const [has, lacks] = rtsCts ? ['camera', 'dock'] : ['dock', 'camera'];
    tell?.(`${path}: the ${has} uses RTS/CTS and the ${lacks} does not`);
  }
  if (outcome !== 'agreed') return;
  tell?.(`${path}: ${link.baud} bit/s`);
  const note = (): void => memory.note(path, link.baud, clock.monoUs());
  note();
  link.onHeard(note);
}

function idFrom(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0) || 1;
}
