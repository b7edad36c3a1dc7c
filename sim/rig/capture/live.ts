import { decodePdu, encodeMessage } from '../../../proto/codec.ts';
import { FieldError, PduError } from '../../../proto/errors.ts';
import type { Message } from '../../../proto/messages.ts';
import { inParts, Reassembly } from '../../../proto/parts.ts';
import type { Line, LineEars } from '../conformance/line.ts';
import { Milestones } from './milestones.ts';
import type { CaptureRecord } from './record.ts';
import { DIRECTION, type Side } from './script.ts';
import { Story, type Told } from './story.ts';

const CHECK_MS = 20;

/** The live conversation cannot go on as the recorded one did; the message says at which point and why. */
export class ReplayError extends FieldError<
  'REPLAY_REFUSED' | 'REPLAY_STUCK' | 'REPLAY_DIFFERENT' | 'REPLAY_GONE'
> {
  constructor(code: ReplayError['code'], message: string) {
    super(code, message, { retry: 'never' });
  }
}

export interface LiveOptions {
  readonly side: Side;
  readonly open: (ears: LineEars) => Promise<Line>;
  /** What came back, as decode tells it. */
  readonly tell: (told: Told) => void;
}

/** One side's end of a live link: says what it is told to, hands on what it hears, and waits for things to happen. */
export class Live {
  readonly side: Side;
  readonly milestones: Milestones;
  readonly #options: LiveOptions;
  readonly #story = new Story();
  readonly #parts = new Reassembly();
  readonly #startMs = performance.now();
  #line: Line | undefined;
  #listener: (message: Message) => void = () => undefined;
  #gone: string | undefined;
  #heardMs = performance.now();

  private constructor(options: LiveOptions) {
    this.#options = options;
    this.side = options.side;
    this.milestones = new Milestones(options.side);
  }

  /** Rejects with LineError LINE_OPEN. */
  static async open(options: LiveOptions): Promise<Live> {
    const live = new Live(options);
    live.#line = await options.open({
      pdu: (pdu) => live.#heard(pdu),
      bytes: () => undefined,
      closed: (why) => {
        live.#gone ??= why;
      },
    });
    return live;
  }

  get pduBytesMax(): number {
    return this.#opened().pduBytesMax;
  }

  get transport(): 'serial' | 'mqtt' {
    return this.#opened().transport;
  }

  /** Milliseconds since anything was heard. */
  get silenceMs(): number {
    return performance.now() - this.#heardMs;
  }

  /** Microseconds since this link was opened. */
  get us(): number {
    return Math.round((performance.now() - this.#startMs) * 1000);
  }

  /** Called for each message that arrives, in order; parts are put together first. */
  onMessage(listener: (message: Message) => void): void {
    this.#listener = listener;
  }

  send(message: Message): void {
    // An Accept that is sent says which recording a later Fin is about.
    this.milestones.take(message);
    const pdu = encodeMessage(message);
    for (const one of this.transport === 'serial' ? inParts(pdu) : [pdu]) this.sendPdu(one);
  }

  /** A PDU as it is. */
  sendPdu(pdu: Uint8Array): void {
    // Told to the story only so that it knows what the other side's answers are about.
    this.#story.take(this.#recordOf(pdu, DIRECTION[this.side]));
    this.#opened().sendPdu(pdu);
  }

  /** Resolves when `holds`, with false when it does not within `withinMs`. Rejects with ReplayError REPLAY_GONE when the link ends. */
  async until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!holds()) {
      if (this.#gone !== undefined) throw new ReplayError('REPLAY_GONE', `the link ended: ${this.#gone}`);
      if (performance.now() >= deadline) return false;
      await this.pause(Math.min(CHECK_MS, deadline - performance.now()));
    }
    return true;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, Math.max(0, ms));
    });
  }

  async close(): Promise<void> {
    await this.#line?.close();
  }

  #heard(pdu: Uint8Array): void {
    this.#heardMs = performance.now();
    const direction = DIRECTION[this.side === 'camera' ? 'dock' : 'camera'];
    this.#options.tell(this.#story.take(this.#recordOf(pdu, direction)));
    const message = decodePdu(pdu, this.pduBytesMax);
    if (message instanceof PduError) return;
    if (message.type !== 'part') return this.#arrived(message);
    const whole = this.#parts.push(message);
    const joined = whole === undefined ? undefined : decodePdu(whole, this.pduBytesMax);
    if (joined !== undefined && !(joined instanceof PduError)) this.#arrived(joined);
  }

  #arrived(message: Message): void {
    this.milestones.take(message);
    this.#listener(message);
  }

  #recordOf(pdu: Uint8Array, direction: 'up' | 'down'): CaptureRecord {
    return { kind: 'pdu', us: this.us, at: new Date().toISOString(), direction, pdu };
  }

  #opened(): Line {
    if (this.#line === undefined) throw new ReplayError('REPLAY_GONE', 'the link is not open yet');
    return this.#line;
  }
}

/** Waits so that messages follow each other as they did when they were recorded; what a wait for an answer took is not made up for. */
export class Pace {
  readonly #live: Live;
  readonly #isFast: boolean;
  #lastUs: number | undefined;

  constructor(live: Live, isFast: boolean) {
    this.#live = live;
    this.#isFast = isFast;
  }

  async reach(us: number): Promise<void> {
    const gapUs = us - (this.#lastUs ?? us);
    this.#lastUs = us;
    if (!this.#isFast && gapUs > 0) await this.#live.pause(gapUs / 1000);
  }
}
