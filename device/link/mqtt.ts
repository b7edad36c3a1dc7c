import { Socket } from 'node:net';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { LinkError } from '../../proto/errors.ts';
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
} from '../../proto/limits.ts';
import { type Lane, Outbox } from '../../proto/outbox.ts';
import { clientIdOf, downTopic, isSite, upTopic } from '../../proto/topic.ts';
import type { Link } from '../ports.ts';

const CONNECT_TIMEOUT_MS = 5_000;
// The broker is noticed to be gone after one and a half of these; the session above has its own, quicker pulse.
const KEEPALIVE_S = 10;
const REFUSED_SUBSCRIPTION = 128;

/** Where a camera's dock listens. */
export interface MqttAddress {
  /** `mqtt://HOST:PORT`. */
  readonly url: string;
  readonly site: string;
  readonly cameraId: CameraId;
}

/**
 * Connects to the broker (MQTT 3.1.1, clean session) and subscribes to what the dock says to this camera. The link
 * never reconnects by itself: it ends, and whoever owns it opens another. Rejects with LinkError LINK_OPEN.
 */
export async function openMqttLink(address: MqttAddress): Promise<Link> {
  if (!isSite(address.site))
    throw cannotOpen(address, new Error(`"${address.site}" is not a site name`), 'never');
  const client = connect(address.url, optionsFor(address.cameraId));
  try {
    await subscribed(client, downTopic(address.site, address.cameraId));
  } catch (cause) {
    client.end(true);
    throw cannotOpen(address, cause, 'later');
  }
  return new MqttLink(client, address);
}

function optionsFor(cameraId: CameraId): IClientOptions {
  return {
    // One process is one camera: its next connection throws out what a broker still holds of the last one.
    clientId: clientIdOf(cameraId, process.pid.toString(36)),
    protocolVersion: 4,
    clean: true,
    manualConnect: true,
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: KEEPALIVE_S,
    timerVariant: 'native',
    writeCache: false,
  };
}

function subscribed(client: MqttClient, topic: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Also keeps later errors from ending the process; `close` follows each of them.
    client.on('error', reject);
    client.once('close', () => reject(new Error('the broker closed the connection')));
    client.once('connect', () => {
      // Without this every small packet waits for the acknowledgement of the one before it.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      client.subscribe(topic, { qos: 1 }, (error, granted = []) => {
        if (error !== null) return reject(error);
        if (granted.some(({ qos }) => qos >= REFUSED_SUBSCRIPTION))
          return reject(new Error(`${topic} was refused`));
        resolve();
      });
    });
    client.connect();
  });
}

function cannotOpen({ url, site }: MqttAddress, cause: unknown, retry: 'later' | 'never'): LinkError {
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new LinkError('LINK_OPEN', `cannot reach the dock through ${url}: ${why}`, {
    retry,
    facts: { url, site },
    cause,
  });
}

class MqttLink implements Link {
  readonly name: string;
  readonly transport = 'mqtt';
  readonly pduBytesMax = MQTT_PDU_BYTES_MAX;
  readonly fragmentBytes = {
    start: MQTT_FRAGMENT_BYTES_MAX,
    min: MQTT_FRAGMENT_BYTES_MAX,
    max: MQTT_FRAGMENT_BYTES_MAX,
  };
  readonly #client: MqttClient;
  readonly #topic: string;
  readonly #inbox = new Inbox({ packetsMax: LINK_INBOX_PACKETS_MAX, bytesMax: LINK_INBOX_BYTES_MAX });
  readonly #outbox = new Outbox<Uint8Array>(LINK_LANE_PACKETS_MAX);
  /** Published and not done with: data until its PUBACK, control until the socket took it. */
  readonly #inFlight: Record<Lane, number> = { control: 0, data: 0 };
  #released: Promise<void> | undefined;

  constructor(client: MqttClient, { url, site, cameraId }: MqttAddress) {
    this.name = `mqtt ${new URL(url).host}`;
    this.#client = client;
    this.#topic = upTopic(site, cameraId);
    client.on('message', (_topic, payload) => this.#inbox.post(payload));
    client.on('close', () => this.#end());
    // The connection may have gone between the subscription and here.
    if (!client.connected) this.#end();
  }

  wireUs(): number {
    return 0;
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.#inbox.packets();
  }

  send(pdu: Uint8Array, lane: Lane): Promise<void> {
    // A broker answers an oversize packet by cutting the connection, and the packet would be tried again for ever.
    if (pdu.length > MQTT_PDU_BYTES_MAX)
      return Promise.reject(LinkError.oversize(pdu.length, MQTT_PDU_BYTES_MAX));
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
    while (this.#inFlight.control < MQTT_CONTROL_IN_SOCKET_MAX) {
      const next = this.#outbox.take(this.#inFlight.data < MQTT_UNACKNOWLEDGED_MAX ? 'both' : 'control');
      if (next === undefined) return;
      this.#publish(next.packet, next.lane);
    }
  }

  #publish(pdu: Uint8Array, lane: Lane): void {
    const payload = Buffer.from(pdu.buffer, pdu.byteOffset, pdu.byteLength);
    this.#inFlight[lane] += 1;
    this.#client.publish(this.#topic, payload, { qos: lane === 'data' ? 1 : 0 }, (error) => {
      this.#inFlight[lane] -= 1;
      if (error === undefined || error === null) this.#publishNext();
      else void this.close();
    });
  }

  #end(): void {
    this.#outbox.close(LinkError.gone(this.name));
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
    client.end(this.#inFlight.control + this.#inFlight.data > 0);
    await closed;
  }
}
