import { encodeMessage } from '../../proto/codec.ts';
import { changeRate, type Line } from '../../proto/line-rate.ts';
import type { LinkMessage } from '../../proto/link-message.ts';
import type { Cancel, Clock } from '../ports.ts';
import {
  type AnswerContext,
  type AnswerEffect,
  type AnswerEvent,
  type AnswerState,
  type AnswerStep,
  begin,
  step,
} from './negotiate.ts';

export interface NegotiationNews {
  /** What the camera said about itself, each time it proposes. */
  camera(camera: { readonly rtsCts: boolean; readonly fragmentBytesMax: number }): void;
  /** The line has this rate for good, until a camera proposes again or is silent; said at the start too. */
  settled(baud: number): void;
  /** The port has to be opened again. */
  broken(): void;
}

type Untimed = AnswerEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'nowUs'>
    : never
  : never;

/** Drives the dock's side of link negotiation over an open port, from its opening to `end`. */
export class Negotiation {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #context: AnswerContext;
  readonly #news: NegotiationNews;
  #state: AnswerState;
  #heardUs: number;
  #cancel: Cancel = () => undefined;
  /** The newest packet that was handed to the port. */
  #sent: Promise<unknown> = Promise.resolve();
  #switches: Promise<void> = Promise.resolve();
  #switchesAsked = 0;
  #isEnded = false;

  constructor(
    line: Omit<Line, 'after'> & { readonly clock: Clock },
    context: AnswerContext,
    news: NegotiationNews,
  ) {
    const { clock } = line;
    this.#line = { ...line, after: (delayMs, wake) => clock.after(delayMs, wake) };
    this.#clock = clock;
    this.#context = context;
    this.#news = news;
    const nowUs = clock.monoUs();
    this.#heardUs = nowUs;
    this.#state = { at: 'steady', baud: line.port.baud, ceiling: context.baudMax };
    this.#take(begin(line.port.baud, { nowUs, context }));
  }

  /** When the last good frame came, microseconds as the clock's `monoUs` counts. */
  get heardUs(): number {
    return this.#heardUs;
  }

  /** A good frame came in, with what it says about the line, if it does. */
  hear(message: LinkMessage | undefined): void {
    this.#heardUs = this.#clock.monoUs();
    if (message !== undefined) this.#handle({ event: 'message', message });
    else if (this.#state.at === 'proving') this.#handle({ event: 'frame' });
  }

  /** The port is gone. */
  end(): void {
    this.#isEnded = true;
    this.#cancel();
  }

  #handle(event: Untimed): void {
    if (this.#isEnded) return;
    this.#take(step(this.#state, { ...event, nowUs: this.#clock.monoUs() }, this.#context));
  }

  #take([state, effects]: AnswerStep): void {
    if (state.at !== this.#state.at) this.#cancel();
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: AnswerEffect): void {
    switch (effect.effect) {
      case 'send':
        // What the port cannot take any more is lost, as on any line; the port says itself when it is gone.
        this.#sent = this.#line.framed.sendUrgent(encodeMessage(effect.message)).catch(() => undefined);
        return;
      case 'switch':
        this.#switch(effect.baud);
        return;
      case 'timer': {
        this.#cancel();
        const delayMs = (effect.atUs - this.#clock.monoUs()) / 1_000;
        this.#cancel = this.#clock.after(delayMs, () =>
          this.#handle({ event: 'timer', heardUs: this.#heardUs }),
        );
        return;
      }
      case 'camera':
        this.#news.camera(effect);
        return;
      case 'settled':
        this.#news.settled(effect.baud);
        return;
      case 'broken':
        this.#news.broken();
        return;
      default:
        effect satisfies never;
    }
  }

  /** One after the other, since the port can do one at a time. */
  #switch(baud: number): void {
    this.#switchesAsked += 1;
    const number = this.#switchesAsked;
    const sent = this.#sent;
    this.#switches = this.#switches.then(async () => {
      if (number !== this.#switchesAsked || this.#isEnded) return;
      const isDone = await changeRate(this.#line, baud, sent);
      if (number === this.#switchesAsked) this.#handle({ event: 'switched', isDone });
    });
  }
}
