import { Socket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import { ByteBudget } from '../../proto/budget.ts';
import { LinkError } from '../../proto/errors.ts';
import { INBOXES_BYTES_MAX } from '../../proto/limits.ts';
import {
  BROKER_ANSWER_MS,
  type BrokerTerms,
  connectOptions,
  isLevelRefusal,
  LevelChoice,
  type MqttVersion,
  type ProtocolLevel,
  senderLimits,
} from '../../proto/mqtt.ts';
import { isSite, upTopic } from '../../proto/topic.ts';
import type { Cancel, Clock, LinkSource } from '../ports.ts';
import { type BrokerPort, CameraLinks } from './camera-links.ts';
import { keepTrying } from './retry.ts';

const REFUSED_SUBSCRIPTION = 128;

export interface BrokerAddress {
  /** `mqtt://HOST:PORT`. */
  readonly url: string;
  readonly site: string;
  /** Must be this dock's alone: a broker throws out the older of two connections with one id. */
  readonly clientId: string;
  /** `auto` when absent. */
  readonly version?: MqttVersion;
  readonly clock: Clock;
  /** Bytes that wait to be read on all links, with those of other sources that share it; 64 MiB of its own when absent. */
  readonly budget?: ByteBudget;
  /** Called when the connection is made, and when it fails, once for each new reason. */
  readonly tell?: (text: string) => void;
}

/**
 * Cameras behind an outside broker, one link each. While the broker is away all links end; it is tried again for ever,
 * every 1 to 5 s, and each camera's next packet makes a new link. A link ends with the last will of its camera; a camera that left
 * none may stay silent for ever, and the conversation above decides when to close its link.
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

/** How one connection ended. A level that was refused is no end yet: the next one is tried at once. */
interface End {
  readonly worked: boolean;
  readonly message: string;
  readonly isLevelRefused: boolean;
}

class BrokerConnection implements BrokerPort {
  readonly #address: BrokerAddress;
  readonly #choice: LevelChoice;
  readonly #stop = new AbortController();
  readonly #cameras: CameraLinks;
  #client: MqttClient | undefined;
  #terms: BrokerTerms = {};
  #state = 'never connected';

  constructor(address: BrokerAddress) {
    const { site, budget = new ByteBudget(INBOXES_BYTES_MAX), version } = address;
    this.#address = address;
    this.#choice = new LevelChoice(version ?? 'auto');
    this.#cameras = new CameraLinks({ site, budget, broker: this });
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

  pduBytesMax(topic: string): number {
    return senderLimits(topic, this.#terms).pduBytesMax;
  }

  publish(topic: string, pdu: Uint8Array, qos: 0 | 1): Promise<void> {
    const client = this.#client;
    if (client === undefined || !client.connected) return Promise.reject(LinkError.gone('broker'));
    const payload = Buffer.from(pdu.buffer, pdu.byteOffset, pdu.byteLength);
    return new Promise((resolve, reject) => {
      client.publish(topic, payload, { qos }, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(LinkError.gone('broker', error.message));
      });
    });
  }

  /** One connection, from opening to its end, at the newest level that the broker takes; true when it worked for a while. */
  async #serve(): Promise<boolean> {
    let end: End | undefined;
    for (const level of this.#choice.tries) {
      end = await this.#lifeAt(level);
      if (!end.isLevelRefused || this.#stop.signal.aborted) break;
    }
    if (end !== undefined && !this.#stop.signal.aborted) this.#tell(end.message);
    return end?.worked ?? false;
  }

  /** A new client each time starts with nothing queued. */
  async #lifeAt(level: ProtocolLevel): Promise<End> {
    const client = connect(this.#address.url, {
      ...connectOptions(level),
      clientId: this.#address.clientId,
    });
    this.#client = client;
    const end = await this.#lifeOf(client, level);
    this.#cameras.endAll();
    client.end(true);
    return end;
  }

  #lifeOf(client: MqttClient, level: ProtocolLevel): Promise<End> {
    return new Promise((resolve) => {
      const is = { isReached: false, isAnswered: false, worked: false };
      let stopWaiting: Cancel = () => undefined;
      const ended = (reason: Error): void => {
        stopWaiting();
        resolve({
          worked: is.worked,
          message: reason.message || reason.name,
          isLevelRefused: isLevelRefusal(reason, is),
        });
      };
      client.on('error', ended);
      client.on('close', () => ended(new Error('connection closed')));
      client.on('disconnect', (packet) =>
        ended(new Error(`disconnected: ${packet.properties?.reasonString ?? `code ${packet.reasonCode}`}`)),
      );
      client.on('message', (topic, payload) => this.#cameras.receive(topic, payload));
      client.on('connect', (connack) => {
        is.isAnswered = true;
        this.#choice.stands(level);
        this.#terms = connack.properties ?? {};
        // Without this every acknowledgement waits some 40 ms for the one before it.
        if (client.stream instanceof Socket) client.stream.setNoDelay(true);
        // The keepalive knows only whether the broker is there, and not whether it ever answers.
        stopWaiting = this.#address.clock.after(BROKER_ANSWER_MS, () =>
          ended(new Error('the broker does not answer the subscription')),
        );
        client.subscribe(upTopic(this.#address.site, '+'), { qos: 1 }, (error, granted = []) => {
          stopWaiting();
          if (error !== null) return ended(error);
          if (granted.some(({ qos }) => qos >= REFUSED_SUBSCRIPTION))
            return ended(new Error('subscription refused'));
          is.worked = true;
          this.#tell('connected');
        });
      });
      client.connect();
      client.stream.once('connect', () => {
        is.isReached = true;
      });
    });
  }

  #tell(state: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#address.tell?.(`broker ${this.#address.url}: ${state}`);
  }
}
