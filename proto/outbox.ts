/** Control: everything small that steers. Data: the bytes of a recording. */
export type Lane = 'control' | 'data';

interface Waiting<Packet> {
  readonly packets: readonly Packet[];
  /** How many of them the transport has. */
  sent: number;
  readonly taken: () => void;
  readonly refused: (reason: Error) => void;
}

/**
 * Packets that wait for a transport which takes few at a time: a serial port writes what it holds in one piece, so
 * an acknowledgement could not overtake anything once it is in there. Control goes ahead of data; inside a
 * lane the order stays. Whoever owns the transport calls `take` when there is room in it.
 */
export class Outbox<Packet> {
  readonly #lanes: Readonly<Record<Lane, Waiting<Packet>[]>> = { control: [], data: [] };
  readonly #laneMax: number;
  #refusal: Error | undefined;
  #dropped = 0;

  /** `laneMax`: packets that may wait in each lane; those that were put together count as one. */
  constructor(laneMax: number) {
    this.#laneMax = laneMax;
  }

  /** Packets pushed out of a full lane. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Resolves when the transport has taken the packet, or when a full lane pushed it out; rejects once closed. */
  put(packet: Packet, lane: Lane): Promise<void> {
    return this.putTogether([packet], lane);
  }

  /** The same for packets that are worth nothing without each other: they follow each other, and leave or stay together. */
  putTogether(packets: readonly Packet[], lane: Lane): Promise<void> {
    return new Promise((taken, refused) => {
      if (this.#refusal !== undefined) return refused(this.#refusal);
      const waiting = this.#lanes[lane];
      waiting.push({ packets, sent: 0, taken, refused });
      // The oldest goes: acknowledgements are absolute, so the newest says all that it said. A link may lose.
      // One that is under way stays, or what has left of it would have been for nothing.
      const oldest = waiting[0]?.sent === 0 ? 0 : 1;
      if (waiting.length > this.#laneMax + oldest) {
        this.#dropped += 1;
        waiting.splice(oldest, 1)[0]?.taken();
      }
    });
  }

  /** The next packet to send; `control` leaves data waiting, because the transport's window for it is full. */
  take(lanes: 'both' | 'control'): { readonly packet: Packet; readonly lane: Lane } | undefined {
    const lane = this.#lanes.control.length > 0 || lanes === 'control' ? 'control' : 'data';
    const next = this.#lanes[lane][0];
    const packet = next?.packets[next.sent];
    if (next === undefined || packet === undefined) return undefined;
    next.sent += 1;
    if (next.sent === next.packets.length) {
      this.#lanes[lane].shift();
      next.taken();
    }
    return { packet, lane };
  }

  /** Refuses all that waits and all that comes; the first reason stays. */
  close(reason: Error): void {
    this.#refusal ??= reason;
    for (const waiting of Object.values(this.#lanes)) {
      for (const { refused } of waiting.splice(0)) refused(this.#refusal);
    }
  }
}
