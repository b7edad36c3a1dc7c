import type { Link as CameraLink } from '../../device/ports.ts';
import type { Link as DockLink } from '../../dock/ports.ts';
import type { BytePort } from '../../proto/byte-port.ts';
import { LinkError } from '../../proto/errors.ts';
import { FramedStream } from '../../proto/framed-stream.ts';
import {
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_FRAGMENT_BYTES_MIN,
  SERIAL_FRAGMENT_BYTES_START,
  SERIAL_PDU_BYTES_MAX,
} from '../../proto/limits.ts';
import type { Lane } from '../../proto/outbox.ts';
import { serialWireUs } from '../../proto/wire-time.ts';
import { makeUartCable, type UartCable, type UartCableOptions } from './uart-port.ts';
import type { Wire } from './wire.ts';

/** A wire that is a serial line: real frames, parts and lanes at both ends of a modelled UART. */
export interface UartWire extends Wire {
  readonly cable: UartCable;
  /** What the deframers of both ends threw away. */
  readonly dropped: Readonly<Record<'camera' | 'dock', FramedStream['dropped']>>;
}

/** Joins the links of a camera and a dock by a UART line each way, in memory. */
export function makeUartWire(options: UartCableOptions): UartWire {
  const cable = makeUartCable(options);
  const camera = new UartEnd('uart to dock', cable.camera);
  const dock = new UartEnd('uart to camera', cable.dock);
  return {
    camera,
    dock,
    cable,
    get dropped() {
      return { camera: camera.dropped, dock: dock.dropped };
    },
    cut: () => cable.hangUp(),
  };
}

/** The `Link` of both programs over one port. */
class UartEnd implements CameraLink, DockLink {
  readonly name: string;
  readonly transport = 'serial';
  readonly pduBytesMax = SERIAL_PDU_BYTES_MAX;
  readonly fragmentBytes = {
    start: SERIAL_FRAGMENT_BYTES_START,
    min: SERIAL_FRAGMENT_BYTES_MIN,
    max: SERIAL_FRAGMENT_BYTES_MAX,
  };
  readonly fragmentBytesMax = SERIAL_FRAGMENT_BYTES_MAX;
  readonly #port: BytePort;
  readonly #framed: FramedStream;

  constructor(name: string, port: BytePort) {
    this.name = name;
    this.#port = port;
    this.#framed = new FramedStream((frame) => port.write(frame, () => this.#framed.written()));
    port.listen({
      bytes: (bytes) => this.#framed.receive(bytes),
      closed: () => this.#framed.end(LinkError.gone(name)),
    });
  }

  get dropped(): FramedStream['dropped'] {
    return this.#framed.dropped;
  }

  wireUs(pduBytes: number): number {
    return serialWireUs(pduBytes, this.#port.baud);
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.#framed.packets();
  }

  send(pdu: Uint8Array, lane: Lane): Promise<void> {
    return this.#framed.send(pdu, lane);
  }

  close(): Promise<void> {
    return this.#port.close();
  }
}
