import type { Clock, Link as CameraLink } from '../../device/ports.ts';
import type { Link as DockLink } from '../../dock/ports.ts';
import { LinkError } from '../../proto/errors.ts';
import type { CameraId } from '../../proto/ids.ts';
import { Inbox } from '../../proto/inbox.ts';
import {
  LINK_INBOX_BYTES_MAX,
  LINK_INBOX_PACKETS_MAX,
  LINK_LANE_PACKETS_MAX,
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_FRAGMENT_BYTES_MIN,
  SERIAL_FRAGMENT_BYTES_START,
  SERIAL_PDU_BYTES_MAX,
} from '../../proto/limits.ts';
import { type Lane, Outbox } from '../../proto/outbox.ts';
import type { Chance } from './chance.ts';

/** How a wire behaves; without any of these it is perfect and takes no time. */
export interface WireFaults {
  /** Probability that a packet vanishes. */
  readonly loss?: number;
  /** Probability that a packet arrives twice. */
  readonly repeat?: number;
  /** Probability that a packet, or its repetition, is held back and overtaken by later ones. */
  readonly reorder?: number;
  /** Time on the wire; a packet held back takes up to eight times as long. */
  readonly delayMs?: number;
  /** Time for which what goes to the dock is held back besides. */
  readonly heldMs?: number;
  /** Packets on the wire at once, each way; 16 when absent. */
  readonly windowPackets?: number;
}

/** What a wire does to a packet. */
export type WireHarm = 'loss' | 'repeat' | 'reorder' | 'delay';

export interface WireOptions extends WireFaults {
  readonly clock: Pick<Clock, 'after'>;
  readonly chance: Chance;
  /** Hears of each packet that was harmed, as it was put on the wire. */
  readonly met?: (harm: WireHarm, pdu: Uint8Array) => void;
  /** As the dock's transport would say; without it the wire is anybody's, like a serial bay. */
  readonly cameraId?: CameraId;
}

export interface Wire {
  readonly camera: CameraLink;
  readonly dock: DockLink;
  /** Both links end at once, and what was on the wire is lost. */
  cut(): void;
  /**
   * Another link for the dock in place of one that it has ended, as a dock makes one of whatever a camera goes on sending through a broker.
   * Absent where the dock's end is a port.
   */
  again?(): DockLink;
}

/** Stand-in for a serial line or a broker between one camera and one dock: no I/O, and the same faults for the same seed. */
export function makeWire(options: WireOptions): Wire {
  const camera = new WireEnd('wire to dock', false, options);
  let made = 0;
  const makeDock = (): WireEnd => {
    made += 1;
    const dock = new WireEnd(made === 1 ? 'wire to camera' : `wire to camera ${made}`, true, options);
    camera.join(dock);
    dock.join(camera);
    return dock;
  };
  const first = makeDock();
  let dock = first;
  return {
    camera,
    dock: first,
    cut: () => {
      camera.end();
      dock.end();
    },
    again: () => {
      dock.end();
      dock = makeDock();
      return dock;
    },
  };
}

/** One end of it; it fits the `Link` of both programs. */
class WireEnd implements CameraLink, DockLink {
  readonly name: string;
  readonly transport: 'serial' | 'mqtt';
  readonly pduBytesMax = SERIAL_PDU_BYTES_MAX;
  readonly fragmentBytes = {
    start: SERIAL_FRAGMENT_BYTES_START,
    min: SERIAL_FRAGMENT_BYTES_MIN,
    max: SERIAL_FRAGMENT_BYTES_MAX,
  };
  readonly fragmentBytesMax = SERIAL_FRAGMENT_BYTES_MAX;
  readonly cameraId?: CameraId;
  readonly #isDock: boolean;
  readonly #options: WireOptions;
  readonly #chance: Chance;
  readonly #outbox = new Outbox<Uint8Array>(LINK_LANE_PACKETS_MAX);
  readonly #inbox = new Inbox({ packetsMax: LINK_INBOX_PACKETS_MAX, bytesMax: LINK_INBOX_BYTES_MAX });
  #peer: WireEnd | undefined;
  #onWire = 0;

  constructor(name: string, isDock: boolean, options: WireOptions) {
    this.name = name;
    this.#isDock = isDock;
    this.transport = options.cameraId === undefined ? 'serial' : 'mqtt';
    if (options.cameraId !== undefined) this.cameraId = options.cameraId;
    this.#options = options;
    this.#chance = options.chance.split(name);
  }

  join(peer: WireEnd): void {
    this.#peer = peer;
  }

  wireUs(): number {
    return 0;
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.#inbox.packets();
  }

  send(pdu: Uint8Array, lane: Lane): Promise<void> {
    if (pdu.length > this.pduBytesMax)
      return Promise.reject(LinkError.oversize(pdu.length, this.pduBytesMax));
    const taken = this.#outbox.put(Uint8Array.from(pdu), lane);
    this.#sendNext();
    return taken;
  }

  /** Like a closed port, the other side is not told: it hears nothing more. */
  close(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  end(): void {
    this.#outbox.close(LinkError.gone(this.name));
    this.#inbox.close();
  }

  #sendNext(): void {
    while (this.#onWire < (this.#options.windowPackets ?? 16)) {
      const next = this.#outbox.take('both');
      if (next === undefined) return;
      this.#put(next.packet);
    }
  }

  #put(packet: Uint8Array): void {
    const { loss = 0, repeat = 0, delayMs = 0, met } = this.#options;
    const copies = this.#chance.happens(loss) ? 0 : 1 + Number(this.#chance.happens(repeat));
    const delaysMs = Array.from({ length: copies }, () => this.#delayMs());
    if (copies === 0) met?.('loss', packet);
    if (copies === 2) met?.('repeat', packet);
    if (copies > 0 && delayMs > 0) met?.('delay', packet);
    if (delaysMs.some((ms) => ms > delayMs)) met?.('reorder', packet);
    this.#onWire += 1;
    this.#options.clock.after(this.#options.delayMs ?? 0, () => {
      this.#onWire -= 1;
      this.#sendNext();
    });
    const heldMs = this.#isDock ? 0 : (this.#options.heldMs ?? 0);
    for (const delayMs of delaysMs)
      this.#options.clock.after(delayMs + heldMs, () => this.#peer?.arrived(packet));
  }

  arrived(packet: Uint8Array): void {
    this.#inbox.post(Uint8Array.from(packet));
  }

  #delayMs(): number {
    const { reorder = 0, delayMs = 0 } = this.#options;
    if (!this.#chance.happens(reorder)) return delayMs;
    return delayMs + 1 + this.#chance.below(7 * Math.max(1, delayMs));
  }
}
