import { encodeFrame } from '../../../proto/frame.ts';
import type { Message } from '../../../proto/messages.ts';
import { Ranges } from '../conformance/ranges.ts';
import type { CaptureRecord, Direction } from './record.ts';
import type { Told } from './story.ts';

// Two delimiters and one code byte for every 254: what a frame adds whose bytes were left out of the capture.
const FRAME_BYTES = 2;
const BLOCK_BYTES = 254;

/** What a whole capture comes to. */
export interface Summary {
  readonly messages: Readonly<Record<Direction, Readonly<Record<string, number>>>>;
  /** Bytes that crossed the link each way: frames and noise on a serial line, PDUs at a broker. */
  readonly wireBytes: Readonly<Record<Direction, number>>;
  readonly noiseBytes: Readonly<Record<Direction, number>>;
  /** Payload bytes of all Data, repeats counted once. */
  readonly payloadBytes: number;
  readonly repeatedBytes: number;
  /** `wireBytes.up / payloadBytes`; null when there was no Data. */
  readonly wireRatio: number | null;
  /** `wireBytes.down / payloadBytes`. */
  readonly ackRatio: number | null;
  readonly damagedLines: number;
}

export class Tally {
  readonly #transport: 'serial' | 'mqtt';
  readonly #messages: Readonly<Record<Direction, Map<string, number>>> = { up: new Map(), down: new Map() };
  readonly #wireBytes = { up: 0, down: 0 };
  readonly #noiseBytes = { up: 0, down: 0 };
  readonly #streams = new Map<string, Ranges>();
  #sentBytes = 0;
  damagedLines = 0;

  constructor(transport: 'serial' | 'mqtt') {
    this.#transport = transport;
  }

  add(told: Told): void {
    const { record } = told;
    this.#wireBytes[record.direction] += this.#sizeOf(record);
    if (record.kind === 'noise') this.#noiseBytes[record.direction] += record.bytes;
    this.#count(record.direction, nameOf(told));
    if (told.whole !== undefined) this.#count(record.direction, nameOf(told.whole));
    const { message } = told;
    if (message?.type !== 'data') return;
    const { payloadBytes = 0 } = told;
    const key = `${record.camera ?? ''}/${message.stream}`;
    const sent = this.#streams.get(key) ?? new Ranges();
    sent.add(message.offset, message.offset + payloadBytes);
    this.#streams.set(key, sent);
    this.#sentBytes += payloadBytes;
  }

  summary(): Summary {
    const payloadBytes = [...this.#streams.values()].reduce((sum, sent) => sum + sent.bytes, 0);
    const ratio = (bytes: number): number | null =>
      payloadBytes === 0 ? null : Math.round((bytes / payloadBytes) * 1e5) / 1e5;
    return {
      messages: { up: Object.fromEntries(this.#messages.up), down: Object.fromEntries(this.#messages.down) },
      wireBytes: { ...this.#wireBytes },
      noiseBytes: { ...this.#noiseBytes },
      payloadBytes,
      repeatedBytes: this.#sentBytes - payloadBytes,
      wireRatio: ratio(this.#wireBytes.up),
      ackRatio: ratio(this.#wireBytes.down),
      damagedLines: this.damagedLines,
    };
  }

  #count(direction: Direction, name: string): void {
    const counts = this.#messages[direction];
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  #sizeOf(record: CaptureRecord): number {
    if (record.kind === 'noise') return record.bytes;
    if (this.#transport === 'mqtt') return record.kind === 'pdu' ? record.pdu.length : record.pduBytes;
    if (record.kind === 'pdu') return encodeFrame(record.pdu).length;
    return record.pduBytes + Math.ceil(record.pduBytes / BLOCK_BYTES) + FRAME_BYTES;
  }
}

/** The type of message, or what it is instead. */
export function nameOf({ record, message }: Told): Message['type'] | 'noise' | 'undecodable' {
  return message?.type ?? (record.kind === 'noise' ? 'noise' : 'undecodable');
}
