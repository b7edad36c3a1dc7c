import { Socket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import { LinkError } from '../../proto/errors.ts';
import { isSite, upTopic } from '../../proto/topic.ts';
import type { Clock, LinkSource } from '../ports.ts';
import { CameraLinks } from './camera-links.ts';
import { keepTrying } from './retry.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const KEEPALIVE_S = 10;
const REFUSED_SUBSCRIPTION = 128;

export interface BrokerAddress {
  /** `mqtt://HOST:PORT`. */
  readonly url: string;
  readonly site: string;
  /** Must be this dock's alone: a broker throws out the older of two connections with one id. */
  readonly clientId: string;
  readonly clock: Clock;
  /** Called when the connection is made, and when it fails, once for each new reason. */
  readonly tell?: (text: string) => void;
}

/**
 * Cameras behind an outside broker, one link each. While the broker is away all links end; it is tried again for ever,
 * every 1 to 5 s, and each camera's next packet makes a new link. A broker says nothing of cameras that vanish, so a
 * link may stay silent for ever: the conversation above it decides when to close it.
 *
 * The broker should send without delay (mosquitto: `set_tcp_nodelay true`) and let only a camera itself use its
 * topics. Who a camera is, is proved by its signed handshake and never by the broker.
 */
export function mqttLinks(address: BrokerAddress): LinkSource {
  if (!isSite(address.site)) {
    throw new LinkError('LINK_OPEN', `"${address.site}" is not a site name`, { retry: 'never' });
  }
  const connection = new BrokerConnection(address);
  const running = connection.run();
  return {
    name: `mqtt ${new URL(address.url).host}`,
    links: () => connection.links(),
    close: async () => {
      connection.stop();
      await running;
    },
  };
}

class BrokerConnection {
  readonly #address: BrokerAddress;
  readonly #stop = new AbortController();
  readonly #cameras: CameraLinks;
  #client: MqttClient | undefined;
  #state = 'never connected';

  constructor(address: BrokerAddress) {
    this.#address = address;
    this.#cameras = new CameraLinks(address.site, (...packet) => this.#publish(...packet));
  }

  links(): ReturnType<CameraLinks['links']> {
    return this.#cameras.links();
  }

  run(): Promise<void> {
    return keepTrying(() => this.#serve(), { clock: this.#address.clock, stopped: this.#stop.signal });
  }

  stop(): void {
    this.#stop.abort();
    this.#cameras.close();
    this.#client?.end(true);
  }

  /** One connection, from opening to its end; true when it worked for a while. A new client each time starts with nothing queued. */
  async #serve(): Promise<boolean> {
    const client = connect(this.#address.url, {
      clientId: this.#address.clientId,
      protocolVersion: 4,
      clean: true,
      manualConnect: true,
      reconnectPeriod: 0,
      resubscribe: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: KEEPALIVE_S,
      timerVariant: 'native',
      writeCache: false,
    });
    this.#client = client;
    const trouble = await this.#lifeOf(client);
    this.#cameras.endAll();
    client.end(true);
    if (!this.#stop.signal.aborted) this.#tell(trouble.message);
    return trouble.worked;
  }

  #lifeOf(client: MqttClient): Promise<{ readonly worked: boolean; readonly message: string }> {
    return new Promise((resolve) => {
      let worked = false;
      const ended = (message: string): void => resolve({ worked, message });
      client.on('error', (error) => ended(error.message || error.name));
      client.on('close', () => ended('connection closed'));
      client.on('message', (topic, payload) => this.#cameras.receive(topic, payload));
      client.on('connect', () => {
        if (client.stream instanceof Socket) client.stream.setNoDelay(true);
        client.subscribe(upTopic(this.#address.site, '+'), { qos: 1 }, (error, granted = []) => {
          if (error !== null) return ended(error.message);
          if (granted.some(({ qos }) => qos >= REFUSED_SUBSCRIPTION)) return ended('subscription refused');
          worked = true;
          this.#tell('connected');
        });
      });
      client.connect();
    });
  }

  #publish(topic: string, pdu: Uint8Array, qos: 0 | 1): Promise<void> {
    const client = this.#client;
    if (client === undefined || !client.connected) return Promise.reject(LinkError.gone('broker'));
    const payload = Buffer.from(pdu.buffer, pdu.byteOffset, pdu.byteLength);
    return new Promise((resolve, reject) => {
      client.publish(topic, payload, { qos }, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(LinkError.gone('broker'));
      });
    });
  }

  #tell(state: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#address.tell?.(`broker ${this.#address.url}: ${state}`);
  }
}
