import type { IPublishPacket, MqttClient, Packet } from 'mqtt';
import { LinkError } from '../../proto/errors.ts';
import type { CameraId } from '../../proto/ids.ts';
import { Inbox } from '../../proto/inbox.ts';
import {
  LINK_INBOX_BYTES_MAX,
  LINK_INBOX_PACKETS_MAX,
  LINK_LANE_PACKETS_MAX,
  MQTT_CONTROL_IN_SOCKET_MAX,
  MQTT_FRAGMENT_BYTES_MIN,
  MQTT_PDU_BYTES_MAX,
} from '../../proto/limits.ts';
import {
  BROKER_ANSWER_MS,
  LevelChoice,
  type MqttVersion,
  type SenderLimits,
  senderLimits,
} from '../../proto/mqtt.ts';
import { type Lane, Outbox } from '../../proto/outbox.ts';
import { clientIdOf, downTopic, isSite, upTopic } from '../../proto/topic.ts';
import type { Clock, FragmentBytes, Link } from '../ports.ts';
import { FragmentMemory } from './fragment-memory.ts';
import { connectTo, reasonIn, type Standing } from './mqtt-connect.ts';

// Reason codes of MQTT 5, 2.4.
const NO_MATCHING_SUBSCRIBERS = 0x10;
const PACKET_TOO_LARGE = 0x95;

/** Where a camera's dock listens. */
export interface MqttAddress {
  /** `mqtt://HOST:PORT`. */
  readonly url: string;
  readonly site: string;
  readonly cameraId: CameraId;
  /** `auto` when absent. */
  readonly version?: MqttVersion;
  /** Seconds; 10 when absent. */
  readonly keepaliveS?: number;
  readonly clock: Pick<Clock, 'after'>;
  /** How long the broker may take from its greeting to its answer to the subscription; 5,000 when absent. */
  readonly answerMs?: number;
  /** News about the broker, for people; each is said once until it has changed. */
  readonly tell?: (text: string) => void;
}

/**
 * Connects to the broker (MQTT 5 or 3.1.1, clean session) and subscribes to what the dock says to this camera. The link
 * never reconnects by itself: it ends, and whoever owns it opens another. Rejects with LinkError LINK_OPEN, and
 * LINK_OVERSIZE when the broker's Maximum Packet Size leaves no room for a fragment of 8 KiB.
 */
export function openMqttLink(address: MqttAddress): Promise<Link> {
  return mqttDialer(address)();
}

/**
 * What opens one link after another to the same broker. Which protocol level it speaks and how long a packet it takes is
 * remembered from one link to the next.
 */
export function mqttDialer(address: MqttAddress): () => Promise<Link> {
  const choice = new LevelChoice(address.version ?? 'auto');
  const memory = new FragmentMemory();
  const tell = onceEach(address.tell);
  return async () => {
    const { url, site, cameraId, keepaliveS, clock, answerMs = BROKER_ANSWER_MS } = address;
    if (!isSite(site)) throw cannotOpen(address, new Error(`"${site}" is not a site name`), 'never');
    const topic = upTopic(site, cameraId);
    const standing = await connectTo(
      {
        url,
        // One process is one camera: its next connection throws out what a broker still holds of the last one.
        clientId: clientIdOf(cameraId, process.pid.toString(36)),
        topic: downTopic(site, cameraId),
        willTopic: topic,
        keepaliveS,
        answerMs,
        clock,
      },
      choice,
    ).catch((cause: unknown) => {
      throw cannotOpen(address, cause, 'later');
    });
    const limits = senderLimits(topic, standing.terms);
    if (limits.fragmentBytesMax < MQTT_FRAGMENT_BYTES_MIN) {
      standing.client.end(true);
      throw tooNarrow(address, limits);
    }
    return new MqttLink(standing, { name: `mqtt ${new URL(url).host}`, topic, limits, memory, tell });
  };
}

/** Says a text unless it was the last one said. */
function onceEach(tell: (text: string) => void = () => undefined): (text: string) => void {
  let last = '';
  return (text) => {
    if (text === last) return;
    last = text;
    if (text !== '') tell(text);
  };
}

function cannotOpen({ url, site }: MqttAddress, cause: unknown, retry: 'later' | 'never'): LinkError {
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new LinkError('LINK_OPEN', `cannot reach the dock through ${url}: ${why}`, {
    retry,
    facts: { url, site },
    cause,
  });
}

function tooNarrow({ url, site }: MqttAddress, { pduBytesMax }: SenderLimits): LinkError {
  const message = `the broker ${url} takes packets of ${pduBytesMax} B; fragments of ${MQTT_FRAGMENT_BYTES_MIN} B do not fit`;
  return new LinkError('LINK_OVERSIZE', message, { retry: 'never', facts: { url, site, pduBytesMax } });
}

interface LinkParts {
  readonly name: string;
  readonly topic: string;
  readonly limits: SenderLimits;
  readonly memory: FragmentMemory;
  readonly tell: (text: string) => void;
}

class MqttLink implements Link {
  readonly name: string;
  readonly transport = 'mqtt';
  /** What may arrive; what may be sent is the broker's business and may be less. */
  readonly pduBytesMax = MQTT_PDU_BYTES_MAX;
  readonly fragmentBytes: FragmentBytes;
  readonly #client: MqttClient;
  readonly #parts: LinkParts;
  readonly #inbox = new Inbox({ packetsMax: LINK_INBOX_PACKETS_MAX, bytesMax: LINK_INBOX_BYTES_MAX });
  readonly #outbox = new Outbox<Uint8Array>(LINK_LANE_PACKETS_MAX);
  /** Sizes of what is published and not done with: data until its PUBACK, control until the socket took it. */
  readonly #inFlight: Record<Lane, Set<{ readonly bytes: number }>> = { control: new Set(), data: new Set() };
  #longestAcknowledged = 0;
  /** Why the broker ended the connection, as far as it said. */
  #reason: { readonly code?: number | undefined; readonly text: string } | undefined;
  #isEnded = false;
  #released: Promise<void> | undefined;

  constructor({ client }: Standing, parts: LinkParts) {
    this.name = parts.name;
    this.#client = client;
    this.#parts = parts;
    const bytes = Math.min(parts.memory.bytes, parts.limits.fragmentBytesMax);
    this.fragmentBytes = { start: bytes, min: MQTT_FRAGMENT_BYTES_MIN, max: bytes, isNoiseless: true };
    client.on('message', (_topic, payload) => this.#inbox.post(payload));
    client.on('packetreceive', (packet) => this.#heard(packet));
    client.on('disconnect', (packet) => {
      this.#reason = {
        code: packet.reasonCode,
        text: reasonIn(packet) || `reason code ${packet.reasonCode}`,
      };
    });
    client.on('error', (error) => this.#broken(error));
    client.on('close', () => this.#lost());
    // The connection may have gone between the subscription and here.
    if (!client.connected) this.#lost();
  }

  wireUs(): number {
    return 0;
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.#inbox.packets();
  }

  send(pdu: Uint8Array, lane: Lane): Promise<void> {
    // A broker answers an oversize packet by cutting the connection, and the packet would be tried again for ever.
    const { pduBytesMax } = this.#parts.limits;
    if (pdu.length > pduBytesMax) return Promise.reject(LinkError.oversize(pdu.length, pduBytesMax));
    const taken = this.#outbox.put(pdu, lane);
    this.#publishNext();
    return taken;
  }

  close(): Promise<void> {
    this.#end();
    this.#released ??= this.#release();
    return this.#released;
  }

  #publishNext(): void {
    const { unacknowledgedMax } = this.#parts.limits;
    while (this.#inFlight.control.size < MQTT_CONTROL_IN_SOCKET_MAX) {
      const next = this.#outbox.take(this.#inFlight.data.size < unacknowledgedMax ? 'both' : 'control');
      if (next === undefined) return;
      this.#publish(next.packet, next.lane);
    }
  }

  #publish(pdu: Uint8Array, lane: Lane): void {
    const payload = Buffer.from(pdu.buffer, pdu.byteOffset, pdu.byteLength);
    const sent = { bytes: pdu.byteLength };
    this.#inFlight[lane].add(sent);
    this.#client.publish(this.#parts.topic, payload, { qos: lane === 'data' ? 1 : 0 }, (error, packet) => {
      if (error === undefined || error === null) {
        this.#inFlight[lane].delete(sent);
        if (lane === 'data') this.#acknowledged(sent.bytes);
        this.#publishNext();
      } else {
        this.#broken(error, packet);
      }
    });
  }

  #acknowledged(bytes: number): void {
    this.#longestAcknowledged = Math.max(this.#longestAcknowledged, bytes);
    this.#parts.memory.acknowledged(bytes);
  }

  /** A broker of version 5 may say that nobody gets what it took: then it is the dock that is not there. */
  #heard(packet: Packet): void {
    if (packet.cmd !== 'puback') return;
    const isHeard = packet.reasonCode !== NO_MATCHING_SUBSCRIBERS;
    this.#parts.tell(isHeard ? '' : `no dock listens on ${this.#parts.topic}`);
  }

  /** The broker refused a packet or said what no broker may say; the library goes on, and we do not. */
  #broken(error: Error, packet?: IPublishPacket | Packet): void {
    if (this.#isEnded) return;
    const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
    this.#reason ??= { text: [error.message, reasonIn(packet)].filter((text) => text !== '').join(': ') };
    if (code !== undefined && code !== PACKET_TOO_LARGE) this.#reason = { ...this.#reason, code };
    this.#lost();
    void this.close();
  }

  /** The connection ended without us. Where no other reason was given, it may be the length of what was on its way. */
  #lost(): void {
    if (this.#isEnded) return;
    const { memory, tell } = this.#parts;
    const unacknowledged = Math.max(0, ...[...this.#inFlight.data].map(({ bytes }) => bytes));
    const code = this.#reason?.code;
    const isAboutLength = code === undefined || code === PACKET_TOO_LARGE;
    if (isAboutLength && memory.lost({ unacknowledged, acknowledged: this.#longestAcknowledged })) {
      tell(
        `${this.name} ended at a packet of ${unacknowledged} B: fragments of ${memory.bytes} B from now on`,
      );
    }
    this.#end();
  }

  #end(): void {
    this.#isEnded = true;
    this.#outbox.close(LinkError.gone(this.name, this.#reason?.text));
    this.#inbox.close();
  }

  /**
   * With nothing under way the broker is told (DISCONNECT), so that a last goodbye still leaves. Otherwise the socket is
   * destroyed: a broker that takes nothing in would hold this process for ever.
   */
  async #release(): Promise<void> {
    const client = this.#client;
    if (!client.connected) return;
    const { stream } = client;
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    stream.once('finish', () => stream.destroy());
    client.end(this.#inFlight.control.size + this.#inFlight.data.size > 0);
    await closed;
  }
}
