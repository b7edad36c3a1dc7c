import type { BytePort } from '../../proto/byte-port.ts';
import { LinkError } from '../../proto/errors.ts';
import { FramedStream } from '../../proto/framed-stream.ts';
import {
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_FRAGMENT_BYTES_MIN,
  SERIAL_FRAGMENT_BYTES_START,
  SERIAL_PDU_BYTES_MAX,
} from '../../proto/limits.ts';
import { linkMessageIn } from '../../proto/link-message.ts';
import type { Lane } from '../../proto/outbox.ts';
import { serialWireUs } from '../../proto/wire-time.ts';
import type { Clock, FragmentBytes, Link } from '../ports.ts';
import type { NegotiateContext } from './negotiate.ts';
import { Negotiation, type Negotiated } from './negotiation.ts';

/** Packets over one open serial port, until the port vanishes or `close`. */
export class SerialLink implements Link {
  readonly name: string;
  readonly transport = 'serial';
  readonly pduBytesMax = SERIAL_PDU_BYTES_MAX;
  readonly #port: BytePort;
  readonly #framed: FramedStream;
  #fragmentBytesMax = SERIAL_FRAGMENT_BYTES_MAX;
  #negotiation: Negotiation | undefined;
  #heard: () => void = () => undefined;

  constructor(name: string, port: BytePort) {
    this.name = name;
    this.#port = port;
    this.#framed = new FramedStream((frame) => port.write(frame, () => this.#framed.written()), {
      see: (pdu) => this.#see(pdu),
    });
    port.listen({
      bytes: (bytes) => this.#framed.receive(bytes),
      closed: () => this.#end(),
    });
  }

  /** The present line rate, bit/s. */
  get baud(): number {
    return this.#port.baud;
  }

  get fragmentBytes(): FragmentBytes {
    const max = this.#fragmentBytesMax;
    return {
      start: Math.min(SERIAL_FRAGMENT_BYTES_START, max),
      min: Math.min(SERIAL_FRAGMENT_BYTES_MIN, max),
      max,
    };
  }

  /** Calls `heard` for every good frame from now on. */
  onHeard(heard: () => void): void {
    this.#heard = heard;
  }

  /** Agrees with the dock on a rate, before anything else is sent; `target` is the rate to ask for. */
  async negotiate(target: number, clock: Clock, context: NegotiateContext): Promise<Negotiated> {
    const negotiation = new Negotiation({ port: this.#port, framed: this.#framed }, clock, context);
    this.#negotiation = negotiation;
    const negotiated = await negotiation.run(target);
    this.#negotiation = undefined;
    this.#fragmentBytesMax = Math.min(
      SERIAL_FRAGMENT_BYTES_MAX,
      negotiated.dock?.fragmentBytesMax ?? SERIAL_FRAGMENT_BYTES_MAX,
    );
    return negotiated;
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
    this.#end();
    return this.#port.close();
  }

  #end(): void {
    this.#framed.end(LinkError.gone(this.name));
    this.#negotiation?.end();
  }

  /** What comes before the rate is agreed on belongs to no session of this link. */
  #see(pdu: Uint8Array): boolean {
    this.#heard();
    const message = linkMessageIn(pdu);
    if (message !== undefined) this.#negotiation?.hear(message);
    return message !== undefined || this.#negotiation !== undefined;
  }
}
