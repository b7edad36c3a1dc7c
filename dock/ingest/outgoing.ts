import { encodeMessage } from '../../proto/codec.ts';
import type { Message } from '../../proto/messages.ts';
import type { Link } from '../ports.ts';

// Acks are repeated by us and everything else is asked for again: when a link cannot take it, dropping loses nothing.
const UNSENT_MAX = 64;

/** What goes to a camera, one after another as its link takes it. */
export class Outgoing {
  readonly #link: Link;
  #ack: Uint8Array | undefined;
  readonly #unsent: (() => Uint8Array)[] = [];
  #isSending = false;

  constructor(link: Link) {
    this.#link = link;
  }

  send(message: Message): void {
    const pdu = encodeMessage(message);
    if (message.type === 'ack') this.#sendAck(pdu);
    else this.#queue(() => pdu);
  }

  /** Acks are absolute: while one waits for the link, a newer one takes its place. */
  #sendAck(pdu: Uint8Array): void {
    const isQueued = this.#ack !== undefined || this.#queue(() => this.#takeAck(pdu));
    if (isQueued) this.#ack = pdu;
  }

  #takeAck(first: Uint8Array): Uint8Array {
    const newest = this.#ack ?? first;
    this.#ack = undefined;
    return newest;
  }

  #queue(pdu: () => Uint8Array): boolean {
    if (this.#unsent.length >= UNSENT_MAX) return false;
    this.#unsent.push(pdu);
    if (this.#isSending) return true;
    this.#isSending = true;
    // Not at once: what becomes durable in one sync is told with one Ack.
    queueMicrotask(this.#next);
    return true;
  }

  readonly #next = (): void => {
    const pdu = this.#unsent.shift();
    if (pdu === undefined) this.#isSending = false;
    else this.#link.send(pdu(), 'control').then(this.#next, this.#next);
  };
}
