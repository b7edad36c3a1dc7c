/** Control: everything small that steers. Data: the bytes of a recording. */
export type Lane = 'control' | 'data';

interface Waiting<Packet> {
  readonly packet: Packet;
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

  /** `laneMax`: packets that may wait in each lane. */
  constructor(laneMax: number) {
    this.#laneMax = laneMax;
  }

  /** Packets pushed out of a full lane. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Resolves when the transport has taken the packet, or when a full lane pushed it out; rejects once closed. */
  put(packet: Packet, lane: Lane): Promise<void> {
    return new Promise((taken, refused) => {
      if (this.#refusal !== undefined) return refused(this.#refusal);
      const waiting = this.#lanes[lane];
      waiting.push({ packet, taken, refused });
      // The oldest goes: acknowledgements are absolute, so the newest says all that it said. A link may lose.
      if (waiting.length > this.#laneMax) {
        this.#dropped += 1;
        waiting.shift()?.taken();
      }
    });
  }

  /** The next packet to send; `control` leaves data waiting, because the transport's window for it is full. */
  take(lanes: 'both' | 'control'): { readonly packet: Packet; readonly lane: Lane } | undefined {
    const lane = this.#lanes.control.length > 0 || lanes === 'control' ? 'control' : 'data';
    const next = this.#lanes[lane].shift();
    if (next === undefined) return undefined;
    next.taken();
    return { packet: next.packet, lane };
  }

  /** Refuses all that waits and all that comes; the first reason stays. */
  close(reason: Error): void {
    this.#refusal ??= reason;
    for (const waiting of Object.values(this.#lanes)) {
      for (const { refused } of waiting.splice(0)) refused(this.#refusal);
    }
  }
}
