import { encodeMessage } from '../../proto/codec.ts';
import { changeRate, type Line } from '../../proto/line-rate.ts';
import type { LinkMessage } from '../../proto/link-message.ts';
import type { Cancel, Clock } from '../ports.ts';
import {
  type NegotiateContext,
  type NegotiateEffect,
  type NegotiateEvent,
  type NegotiateState,
  step,
} from './negotiate.ts';

/** What came of a negotiation. `broken`: the port has to be opened again. */
export interface Negotiated {
  readonly outcome: 'agreed' | 'unanswered' | 'broken';
  /** What the dock said about itself, if it said anything. */
  readonly dock: { readonly rtsCts: boolean; readonly fragmentBytesMax: number } | undefined;
}

type Untimed = NegotiateEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'nowUs'>
    : never
  : never;

/** Drives the camera's side of one link negotiation over an open port. */
export class Negotiation {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #context: NegotiateContext;
  #state: NegotiateState = { at: 'idle' };
  #cancel: Cancel = () => undefined;
  /** The newest packet that was handed to the port. */
  #sent: Promise<unknown> = Promise.resolve();
  #dock: Negotiated['dock'];
  #finish: (outcome: Negotiated['outcome']) => void = () => undefined;

  constructor(line: Omit<Line, 'after'>, clock: Clock, context: NegotiateContext) {
    this.#line = { ...line, after: (delayMs, wake) => clock.after(delayMs, wake) };
    this.#clock = clock;
    this.#context = context;
  }

  /** Resolves when the camera may greet, or need not try; the port has the rate to go on with then. `target`: the rate to ask for. */
  async run(target: number): Promise<Negotiated> {
    const finished = new Promise<Negotiated['outcome']>((resolve) => {
      this.#finish = resolve;
    });
    this.#handle({ event: 'begin', home: this.#line.port.baud, target });
    return { outcome: await finished, dock: this.#dock };
  }

  hear(message: LinkMessage): void {
    this.#handle({ event: 'message', message });
  }

  /** The port is gone. */
  end(): void {
    this.#state = { at: 'over' };
    this.#cancel();
    this.#finish('broken');
  }

  #handle(event: Untimed): void {
    const nowUs = this.#clock.monoUs();
    const [state, effects] = step(this.#state, { ...event, nowUs }, this.#context);
    if (state.at !== this.#state.at) this.#cancel();
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: NegotiateEffect): void {
    switch (effect.effect) {
      case 'send':
        // What the port cannot take any more is lost, as on any line; the port says itself when it is gone.
        this.#sent = this.#line.framed.sendUrgent(encodeMessage(effect.message)).catch(() => undefined);
        return;
      case 'switch':
        void changeRate(this.#line, effect.baud, this.#sent).then((isDone) =>
          this.#handle({ event: 'switched', isDone }),
        );
        return;
      case 'timer': {
        this.#cancel();
        const delayMs = (effect.atUs - this.#clock.monoUs()) / 1_000;
        this.#cancel = this.#clock.after(delayMs, () => this.#handle({ event: 'timer' }));
        return;
      }
      case 'dock':
        this.#dock = effect;
        return;
      case 'over':
        this.#finish(effect.isAgreed ? 'agreed' : 'unanswered');
        return;
      case 'broken':
        this.#finish('broken');
        return;
      default:
        effect satisfies never;
    }
  }
}
