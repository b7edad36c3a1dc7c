import { decodeReceiptBody } from '../../../proto/codec.ts';
import { PduError } from '../../../proto/errors.ts';
import type { Message } from '../../../proto/messages.ts';

/**
 * How far a conversation brought the side that is not played: what it said that could only come of getting so far.
 * Two conversations are compared by these, since no two have the same nonces, stream numbers and counts of Acks.
 */
export class Milestones {
  readonly #played: 'camera' | 'dock';
  readonly #reached = new Set<string>();
  readonly #recordings = new Map<number, string>();

  constructor(played: 'camera' | 'dock') {
    this.#played = played;
  }

  get reached(): ReadonlySet<string> {
    return this.#reached;
  }

  take(message: Message): void {
    if (message.type === 'accept') this.#recordings.set(message.stream, message.recordingId);
    const reached = this.#played === 'camera' ? ofDock(message) : this.#ofCamera(message);
    if (reached !== undefined) this.#reached.add(reached);
  }

  /** What was reached there and not here. A recording that is settled at once needs no Accept. */
  missing(live: Milestones): readonly string[] {
    const settled = [...live.#reached].flatMap((one) =>
      one.startsWith('receipt ') ? [one.split(' ')[1]] : [],
    );
    return [...this.#reached].filter(
      (one) => !live.#reached.has(one) && !(one.startsWith('accept ') && settled.includes(one.split(' ')[1])),
    );
  }

  #ofCamera(message: Message): string | undefined {
    switch (message.type) {
      case 'hello':
      case 'hello-confirm':
        return message.type;
      case 'offer':
      case 'receipt-ack':
        return `${message.type} ${message.recordingId}`;
      case 'fin':
        return `fin ${this.#recordings.get(message.stream) ?? message.stream}`;
      default:
        return undefined;
    }
  }
}

function ofDock(message: Message): string | undefined {
  switch (message.type) {
    case 'hello-ack':
      return 'hello-ack';
    case 'accept':
      return `accept ${message.recordingId}`;
    case 'receipt':
      return receiptOf(message.body);
    default:
      return undefined;
  }
}

function receiptOf(body: Uint8Array): string | undefined {
  try {
    const { recordingId, outcome } = decodeReceiptBody(body);
    return `receipt ${recordingId} ${outcome}`;
  } catch (error) {
    // A receipt that says nothing brings nobody further.
    if (error instanceof PduError) return undefined;
    throw error;
  }
}
