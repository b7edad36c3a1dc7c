import { toHex } from '../../../proto/bytes.ts';
import { decodePdu, encodeMessage } from '../../../proto/codec.ts';
import { PduError } from '../../../proto/errors.ts';
import { MQTT_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { type Message, MESSAGE_TYPE } from '../../../proto/messages.ts';
import { CaseFailure, type Transport } from './case.ts';
import { describe } from './describe.ts';
import { type Carriage, type Line, type LineEars, LineError } from './line.ts';
import { cutInParts, goesInParts, PartCollector } from './parts.ts';

const LOG_LINES_KEPT = 400;
const KEPT_MAX = 4_096;
const BYTES_SHOWN = 24;
// Twice the limit: whether the device keeps to it is for a case to say.
const HEARD_PDU_BYTES_MAX = 2 * MQTT_PDU_BYTES_MAX;
const US_PER_MS = 1_000;

export type MessageType = Message['type'];
export type MessageOf<T extends MessageType> = Extract<Message, { readonly type: T }>;

/** A message that arrived, the PDU it was in, and when. */
export interface Heard<M extends Message = Message> {
  readonly message: M;
  readonly pdu: Uint8Array;
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  /** How it travelled, over MQTT. */
  readonly carriage?: Carriage;
}

export interface LogLine {
  readonly atMs: number;
  readonly way: 'sent' | 'heard';
  readonly text: string;
}

/** What the rig answers by itself, so that a case need not; each may be switched off by the case that is about it. */
export interface Manners {
  /** Ping with Pong. */
  pong: boolean;
  /** As a dock, LinkPropose with the present rate. */
  linkCommit: boolean;
}

/**
 * One side of one line, raw: sends whatever it is told to, keeps what it hears until a case asks for it. Parts are put
 * together on the way in, and cut on the way out on a serial line as section 4 says.
 */
export class Wire {
  readonly side: 'camera' | 'dock';
  readonly manners: Manners = { pong: true, linkCommit: true };
  readonly log: LogLine[] = [];
  /** Present rate of a serial line, bits a second. */
  baud: number;
  readonly #parts = new PartCollector();
  #line: Line | undefined;
  #unread: Heard[] = [];
  #history: Heard[] = [];
  #waiting = new Set<() => void>();
  #closedBecause: string | undefined;
  #heardBytes = 0;

  private constructor(side: 'camera' | 'dock', baud: number) {
    this.side = side;
    this.baud = baud;
  }

  /** Rejects with LineError LINE_OPEN. */
  static async open(
    at: { readonly side: 'camera' | 'dock'; readonly baud: number },
    open: (ears: LineEars) => Promise<Line>,
  ): Promise<Wire> {
    const wire = new Wire(at.side, at.baud);
    wire.#line = await open({
      pdu: (pdu, carriage) => wire.#arrived(pdu, carriage),
      bytes: (bytes) => (wire.#heardBytes += bytes.length),
      closed: (why) => wire.#end(why),
    });
    return wire;
  }

  get transport(): Transport {
    return this.#opened().transport;
  }

  get name(): string {
    return this.#opened().name;
  }

  get pduBytesMax(): number {
    return this.#opened().pduBytesMax;
  }

  get isClosed(): boolean {
    return this.#closedBecause !== undefined;
  }

  /** Bytes read from a serial port so far, noise included. */
  get heardBytes(): number {
    return this.#heardBytes;
  }

  send(message: Message): void {
    const pdu = encodeMessage(message);
    this.#note('sent', describe(message));
    const line = this.#opened();
    if (line.transport === 'serial' && goesInParts(pdu))
      for (const part of cutInParts(pdu)) line.sendPdu(part);
    else line.sendPdu(pdu);
  }

  /** A PDU as it is, good or bad, in one frame or packet. `what` is for the log. */
  sendPdu(pdu: Uint8Array, what = `a PDU of ${pdu.length} B, ${shown(pdu)}`): void {
    this.#note('sent', what);
    this.#opened().sendPdu(pdu);
  }

  /** Serial only: bytes without a frame. Throws LineError LINE_UNABLE elsewhere. */
  sendBytes(bytes: Uint8Array, what = `${bytes.length} bytes, ${shown(bytes)}`): void {
    this.#note('sent', what);
    this.#opened().sendBytes(bytes);
  }

  /** Serial only: waits until all is sent, then changes the rate. Rejects with LineError LINE_UNABLE elsewhere. */
  async setBaud(baud: number): Promise<void> {
    await this.#opened().setBaud(baud);
    this.baud = baud;
  }

  /**
   * The first unread message of this type that fits, or undefined when none comes in time. It is read then, and so is
   * what came of that type before it. Rejects with LineError LINE_GONE.
   */
  async hearIfAny<T extends MessageType>(
    type: T,
    withinMs: number,
    fits: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<Heard<MessageOf<T>> | undefined> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = this.#take(type, fits);
      if (found !== undefined) return found;
      this.#refuseClosed();
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return undefined;
      await this.#news(leftMs);
    }
  }

  /** As {@link hearIfAny}, but throws a CaseFailure when none comes. */
  async hear<T extends MessageType>(
    type: T,
    withinMs: number,
    fits?: (message: MessageOf<T>) => boolean,
  ): Promise<Heard<MessageOf<T>>> {
    const heard = await this.hearIfAny(type, withinMs, fits);
    if (heard !== undefined) return heard;
    const others = this.#unread.map(({ message }) => message.type);
    const seen = others.length === 0 ? 'nothing' : `only ${[...new Set(others)].join(', ')}`;
    throw new CaseFailure(`a fitting ${type} within ${Math.round(withinMs)} ms`, seen);
  }

  /** As {@link hear}, the message alone. */
  async expect<T extends MessageType>(
    type: T,
    withinMs: number,
    fits?: (message: MessageOf<T>) => boolean,
  ): Promise<MessageOf<T>> {
    return (await this.hear(type, withinMs, fits)).message;
  }

  /** Watches for `forMs` and throws a CaseFailure when a message of this type that fits is unread or comes. */
  async expectNone<T extends MessageType>(
    type: T,
    forMs: number,
    fits: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<void> {
    const found = await this.hearIfAny(type, forMs, fits);
    if (found !== undefined) throw new CaseFailure(`no such ${type}`, describe(found.message));
  }

  /** Lets time pass while messages are kept. */
  async pause(forMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, forMs));
    this.#refuseClosed();
  }

  /** Everything unread of this type, oldest first; it is read then. */
  drain<T extends MessageType>(type: T): readonly MessageOf<T>[] {
    const found = this.#unread.map(({ message }) => message).filter((message) => isOf(message, type));
    this.#unread = this.#unread.filter(({ message }) => message.type !== type);
    return found;
  }

  /** Everything of this type since the last {@link forget}, read or not, oldest first. */
  history<T extends MessageType>(type: T): readonly Heard<MessageOf<T>>[] {
    return this.#history.filter((heard) => isHeardOf(heard, type));
  }

  /** Nothing that came before now counts. */
  forget(): void {
    this.#unread = [];
    this.#history = [];
  }

  /** Nothing that came before this message counts. */
  forgetBefore(heard: Heard): void {
    this.#history = this.#history.slice(this.#history.indexOf(heard));
    this.#unread = this.#unread.filter((other) => this.#history.includes(other));
  }

  /** The last lines of the log, both ways. */
  recent(count: number): readonly LogLine[] {
    return this.log.slice(-count);
  }

  /** MQTT: breaks the connection so that the broker says the last will. */
  async drop(): Promise<void> {
    await this.#line?.drop();
  }

  async close(): Promise<void> {
    this.#end('closed by the rig');
    await this.#line?.close();
  }

  #take<T extends MessageType>(
    type: T,
    fits: (message: MessageOf<T>) => boolean,
  ): Heard<MessageOf<T>> | undefined {
    for (const [index, heard] of this.#unread.entries()) {
      if (!isHeardOf(heard, type) || !fits(heard.message)) continue;
      this.#unread = this.#unread.filter((other, at) => at > index || other.message.type !== type);
      return heard;
    }
    return undefined;
  }

  #arrived(pdu: Uint8Array, carriage: Carriage | undefined): void {
    const message = decodePdu(pdu, HEARD_PDU_BYTES_MAX);
    if (message instanceof PduError) {
      this.#note('heard', `no message (${message.message}): ${shown(pdu)}`);
      return;
    }
    if (message.type === 'part') {
      const whole = this.#parts.take(message);
      if (whole !== undefined) this.#arrived(whole, carriage);
      return;
    }
    this.#note('heard', describe(message));
    const heard = { message, pdu, atMs: performance.now(), ...(carriage === undefined ? {} : { carriage }) };
    this.#answer(message);
    for (const kept of [this.#unread, this.#history]) {
      kept.push(heard);
      if (kept.length > KEPT_MAX) kept.shift();
    }
    this.#wake();
  }

  #answer(message: Message): void {
    if (message.type === 'ping' && this.manners.pong) {
      const nowUs = this.clockUs();
      const wallUs = Date.now() * US_PER_MS;
      this.send({
        type: 'pong',
        pingSentUs: message.sentUs,
        receivedUs: nowUs,
        sentUs: nowUs,
        wallUs,
      });
    }
    if (message.type === 'link-propose' && this.side === 'dock' && this.manners.linkCommit) {
      this.send({ ...message, type: 'link-commit', baud: this.baud, rtsCts: false });
    }
  }

  /** The clock that this side's messages speak of: monotonic for a camera, UTC for a dock; whole microseconds. */
  clockUs(): number {
    return this.side === 'dock' ? Date.now() * US_PER_MS : Math.round(performance.now() * US_PER_MS);
  }

  #note(way: LogLine['way'], text: string): void {
    this.log.push({ atMs: performance.now(), way, text });
    if (this.log.length > LOG_LINES_KEPT) this.log.shift();
  }

  #news(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #end(why: string): void {
    this.#closedBecause ??= why;
    this.#wake();
  }

  #refuseClosed(): void {
    if (this.#closedBecause === undefined) return;
    throw new LineError('LINE_GONE', `the rig's line ended: ${this.#closedBecause}`, { retry: 'later' });
  }

  #opened(): Line {
    if (this.#line === undefined)
      throw new LineError('LINE_GONE', 'the line is not open yet', { retry: 'later' });
    return this.#line;
  }
}

function isOf<T extends MessageType>(message: Message, type: T): message is MessageOf<T> {
  return message.type === type;
}

function isHeardOf<T extends MessageType>(heard: Heard, type: T): heard is Heard<MessageOf<T>> {
  return heard.message.type === type;
}

function shown(bytes: Uint8Array): string {
  const [type] = bytes;
  const name = Object.entries(MESSAGE_TYPE).find(([, value]) => value === type)?.[0];
  const hex = `${toHex(bytes.subarray(0, BYTES_SHOWN))}${bytes.length > BYTES_SHOWN ? '…' : ''}`;
  return name === undefined ? hex : `${name}? ${hex}`;
}
