import type { ByteBudget } from '../../proto/budget.ts';
import { decodePdu } from '../../proto/codec.ts';
import { LinkError, PduError } from '../../proto/errors.ts';
import type { CameraId } from '../../proto/ids.ts';
import { Inbox } from '../../proto/inbox.ts';
import {
  LINK_INBOX_BYTES_MAX,
  LINK_INBOX_PACKETS_MAX,
  LINK_LANE_PACKETS_MAX,
  MQTT_CONTROL_IN_SOCKET_MAX,
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_PDU_BYTES_MAX,
  MQTT_UNACKNOWLEDGED_MAX,
  SESSIONS_MAX,
} from '../../proto/limits.ts';
import { MESSAGE_TYPE } from '../../proto/messages.ts';
import { Mailbox } from '../../proto/mailbox.ts';
import { type Lane, Outbox } from '../../proto/outbox.ts';
import { cameraOfUpTopic, downTopic } from '../../proto/topic.ts';
import type { Link } from '../ports.ts';

/** The broker as the links of its cameras use it. */
export interface BrokerPort {
  /** Gives one packet to the broker for one camera; resolves when the broker's side took it, rejects when it cannot. */
  publish(topic: string, pdu: Uint8Array, qos: 0 | 1): Promise<void>;
  /** Longest PDU that the broker takes on this topic now. */
  pduBytesMax(topic: string): number;
}

export interface CameraLinksOptions {
  readonly site: string;
  readonly broker: BrokerPort;
  /** What waits to be read on all links, with those of other sources that share it. */
  readonly budget: ByteBudget;
}

/**
 * One link for each camera that speaks on a site's topics, made by its first packet. What a camera sends
 * beyond the bounds is dropped and counted, never waited for: a broker's message handler must not block.
 */
export class CameraLinks {
  readonly #options: CameraLinksOptions;
  readonly #links = new Map<CameraId, CameraLink>();
  readonly #found = new Mailbox<Link>(SESSIONS_MAX);

  constructor(options: CameraLinksOptions) {
    this.#options = options;
  }

  /** Every link, once, as its camera is first heard. */
  links(): AsyncIterable<Link> {
    return this.#found;
  }

  /** A message of the broker. Topics of nobody, oversize packets and cameras beyond SESSIONS_MAX are ignored. */
  receive(topic: string, payload: Uint8Array): void {
    const cameraId = cameraOfUpTopic(this.#options.site, topic);
    if (cameraId !== undefined) this.receiveOf(cameraId, payload);
  }

  /** The same for who knows which camera it is from. */
  receiveOf(cameraId: CameraId, payload: Uint8Array): void {
    if (payload.length > MQTT_PDU_BYTES_MAX) return;
    // A camera that has vanished needs no link, and what it left must not be taken for its coming.
    if (isLastWill(payload)) return this.end(cameraId);
    const link = this.#links.get(cameraId) ?? this.#begin(cameraId);
    link?.receive(compact(payload));
  }

  /** That camera's connection is gone, or the link to the broker. */
  end(cameraId: CameraId): void {
    void this.#links.get(cameraId)?.close();
  }

  endAll(): void {
    for (const link of this.#links.values()) void link.close();
  }

  /** Ends all links and the finding of links. */
  close(): void {
    this.endAll();
    this.#found.close();
  }

  #begin(cameraId: CameraId): CameraLink | undefined {
    if (this.#links.size >= SESSIONS_MAX) return undefined;
    const { site, broker, budget } = this.#options;
    const topic = downTopic(site, cameraId);
    const link = new CameraLink(cameraId, {
      publish: (pdu, lane) => broker.publish(topic, pdu, lane === 'data' ? 1 : 0),
      sendBytesMax: () => broker.pduBytesMax(topic),
      budget,
      ended: () => {
        if (this.#links.get(cameraId) === link) this.#links.delete(cameraId);
      },
    });
    if (!this.#found.post(link)) return undefined;
    this.#links.set(cameraId, link);
    return link;
  }
}

interface CameraLinkPorts {
  readonly publish: (pdu: Uint8Array, lane: Lane) => Promise<void>;
  readonly sendBytesMax: () => number;
  readonly budget: ByteBudget;
  readonly ended: () => void;
}

class CameraLink implements Link {
  readonly name: string;
  readonly transport = 'mqtt';
  readonly pduBytesMax = MQTT_PDU_BYTES_MAX;
  readonly fragmentBytesMax = MQTT_FRAGMENT_BYTES_MAX;
  readonly cameraId: CameraId;
  readonly #ports: CameraLinkPorts;
  readonly #inbox: Inbox;
  readonly #outbox = new Outbox<Uint8Array>(LINK_LANE_PACKETS_MAX);
  readonly #inFlight: Record<Lane, number> = { control: 0, data: 0 };

  constructor(cameraId: CameraId, ports: CameraLinkPorts) {
    this.name = `mqtt ${cameraId}`;
    this.cameraId = cameraId;
    this.#ports = ports;
    this.#inbox = new Inbox({
      packetsMax: LINK_INBOX_PACKETS_MAX,
      bytesMax: LINK_INBOX_BYTES_MAX,
      budget: ports.budget,
    });
  }

  wireUs(): number {
    return 0;
  }

  receive(pdu: Uint8Array): void {
    this.#inbox.post(pdu);
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.#inbox.packets();
  }

  send(pdu: Uint8Array, lane: Lane): Promise<void> {
    const bytesMax = this.#ports.sendBytesMax();
    if (pdu.length > bytesMax) return Promise.reject(LinkError.oversize(pdu.length, bytesMax));
    const taken = this.#outbox.put(pdu, lane);
    this.#publishNext();
    return taken;
  }

  /** The connection to the broker is shared and stays; the camera's next packet makes a new link. */
  close(): Promise<void> {
    this.#outbox.close(LinkError.gone(this.name));
    this.#inbox.close();
    this.#ports.ended();
    return Promise.resolve();
  }

  #publishNext(): void {
    while (this.#inFlight.control < MQTT_CONTROL_IN_SOCKET_MAX) {
      const next = this.#outbox.take(this.#inFlight.data < MQTT_UNACKNOWLEDGED_MAX ? 'both' : 'control');
      if (next === undefined) return;
      this.#publish(next.packet, next.lane);
    }
  }

  #publish(pdu: Uint8Array, lane: Lane): void {
    this.#inFlight[lane] += 1;
    this.#ports.publish(pdu, lane).then(
      () => {
        this.#inFlight[lane] -= 1;
        this.#publishNext();
      },
      () => void this.close(),
    );
  }
}

/** A Bye for no session in particular: the broker says it for a camera that went without a word. */
function isLastWill(pdu: Uint8Array): boolean {
  if (pdu[0] !== MESSAGE_TYPE.bye) return false;
  const message = decodePdu(pdu, MQTT_PDU_BYTES_MAX);
  return !(message instanceof PduError) && message.type === 'bye' && message.sessionId.length === 0;
}

/** A small view into a large receive buffer would keep all of it alive while it waits. */
function compact(payload: Uint8Array): Uint8Array {
  return payload.buffer.byteLength > 2 * payload.length ? Uint8Array.from(payload) : payload;
}
