import { FieldError } from '../../../proto/errors.ts';
import type { Transport } from './case.ts';

/** The rig's own end of the line is in the way: no such port, no broker, or it went away. Says nothing about the device. */
export class LineError extends FieldError<'LINE_OPEN' | 'LINE_GONE' | 'LINE_UNABLE'> {}

/** How one PDU travelled, where the transport knows. */
export interface Carriage {
  readonly qos: number;
  readonly retain: boolean;
}

/** What comes out of a line, as it comes. */
export interface LineEars {
  pdu(pdu: Uint8Array, carriage?: Carriage): void;
  /** Bytes on a serial line as they were read, frames or not. */
  bytes(bytes: Uint8Array): void;
  closed(why: string): void;
}

/** One side's end of a transport, without any manners of its own. */
export interface Line {
  readonly transport: Transport;
  /** For people: `serial /dev/ttyUSB0`. */
  readonly name: string;
  /** Section 2's limits of this transport, bytes. */
  readonly pduBytesMax: number;
  sendPdu(pdu: Uint8Array): void;
  /** Serial only: bytes as they are, no frame around them. Throws LineError LINE_UNABLE elsewhere. */
  sendBytes(bytes: Uint8Array): void;
  /** Serial only: waits until all is sent, then changes the rate. Rejects with LineError LINE_UNABLE elsewhere. */
  setBaud(baud: number): Promise<void>;
  /** MQTT only: breaks the connection without a word, so that the broker says the last will. On serial as `close`. */
  drop(): Promise<void>;
  close(): Promise<void>;
}
