import type { ByteBudget } from '../../proto/budget.ts';
import type { BytePort } from '../../proto/byte-port.ts';
import { LinkError } from '../../proto/errors.ts';
import { FramedStream } from '../../proto/framed-stream.ts';
import { SERIAL_FRAGMENT_BYTES_MAX, SERIAL_PDU_BYTES_MAX } from '../../proto/limits.ts';
import { linkMessageIn } from '../../proto/link-message.ts';
import type { Lane } from '../../proto/outbox.ts';
import { serialWireUs } from '../../proto/wire-time.ts';
import type { Clock, Link } from '../ports.ts';
import { Negotiation } from './negotiation.ts';

export interface SerialLinkOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Where a camera looks for the dock, bit/s; the port may be open at another rate. */
  readonly baudRate: number;
  /** The fastest rate to agree to. */
  readonly baudMax: number;
  readonly rtsCts: boolean;
  /** Shared with the dock's other links: what waits in all of their inboxes together. */
  readonly budget?: ByteBudget | undefined;
  /** Called with what is worth knowing about the line, for people. */
  readonly tell?: ((text: string) => void) | undefined;
}

/** Packets over one open serial port, until the port vanishes or `close`; its rate is the camera's to propose at any time. */
export class SerialLink implements Link {
  readonly name: string;
  readonly transport = 'serial';
  readonly pduBytesMax = SERIAL_PDU_BYTES_MAX;
  /** Resolves when the port is released, whoever closed it. */
  readonly ended: Promise<void>;
  readonly #release: () => void;
  readonly #port: BytePort;
  readonly #framed: FramedStream;
  readonly #negotiation: Negotiation;
  #fragmentBytesMax = SERIAL_FRAGMENT_BYTES_MAX;
  #baudKept: number;

  constructor(port: BytePort, options: SerialLinkOptions) {
    let released = (): void => {};
    this.ended = new Promise((resolve) => {
      released = resolve;
    });
    this.#release = released;
    this.name = options.name;
    this.#port = port;
    this.#baudKept = port.baud;
    this.#framed = new FramedStream((frame) => port.write(frame, () => this.#framed.written()), {
      see: (pdu) => this.#see(pdu),
      budget: options.budget,
    });
    this.#negotiation = this.#negotiating(options);
    port.listen({
      bytes: (bytes) => this.#framed.receive(bytes),
      closed: () => void this.close(),
    });
  }

  /** Did a camera ever say anything? */
  get heard(): boolean {
    return this.#framed.received > 0;
  }

  /** The last rate that was agreed on, bit/s, and when a camera was heard last. */
  get lastGood(): { readonly baud: number; readonly heardUs: number } {
    return { baud: this.#baudKept, heardUs: this.#negotiation.heardUs };
  }

  get spoiledFrames(): number {
    const { cobs, crc, oversize } = this.#framed.dropped;
    return cobs + crc + oversize;
  }

  get fragmentBytesMax(): number {
    return this.#fragmentBytesMax;
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
    this.#framed.end(LinkError.gone(this.name));
    this.#negotiation.end();
    void this.#port.close().then(this.#release);
    return this.ended;
  }

  #negotiating(options: SerialLinkOptions): Negotiation {
    const { name, clock, baudRate, baudMax, rtsCts, tell } = options;
    const fragmentBytesMax = SERIAL_FRAGMENT_BYTES_MAX;
    const line = { port: this.#port, framed: this.#framed, clock };
    const context = { baud: baudRate, baudMax, rtsCts, fragmentBytesMax };
    return new Negotiation(line, context, {
      camera: (camera) => {
        this.#fragmentBytesMax = Math.min(fragmentBytesMax, camera.fragmentBytesMax);
        if (camera.rtsCts === rtsCts) return;
        const [has, lacks] = rtsCts ? ['dock', 'camera'] : ['camera', 'dock'];
        tell?.(`${name}: the ${has} uses RTS/CTS and the ${lacks} does not`);
      },
      settled: (baud) => {
        if (baud !== this.#baudKept) tell?.(`${name}: ${baud} bit/s`);
        this.#baudKept = baud;
      },
      broken: () => void this.close(),
    });
  }

  #see(pdu: Uint8Array): boolean {
    const message = linkMessageIn(pdu);
    this.#negotiation.hear(message);
    return message !== undefined;
  }
}
