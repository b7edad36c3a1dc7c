import {
  DATA_OVERHEAD_BYTES_MAX,
  INBOXES_BYTES_MAX,
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_KEEPALIVE_S,
  MQTT_PDU_BYTES_MAX,
  MQTT_PUBLISH_OVERHEAD_BYTES,
  MQTT_UNACKNOWLEDGED_MAX,
} from './limits.ts';

/** A broker that has not answered for so long is not waited for, neither to connect nor to subscribe. */
export const BROKER_ANSWER_MS = 5_000;
// Room for a topic of this protocol in front of the largest PDU.
const TOPIC_BYTES_MAX = 256;

/** Protocol levels on the wire: 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type ProtocolLevel = 4 | 5;
/** What a person may ask for; `auto` tries 5 and takes 3.1.1 where the broker does not know 5. */
export type MqttVersion = 'auto' | '3' | '5';

export const isMqttVersion = (text: string): text is MqttVersion => ['auto', '3', '5'].includes(text);

/** `mqtt://HOST:PORT` and nothing else: without the scheme the client library goes where nobody meant it to. */
export const isBrokerUrl = (text: string): boolean => /^mqtt:\/\/[^/]/.test(text) && URL.canParse(text);

/** Which protocol levels to try with a broker, in this order. A broker that refused 5 once is not asked again. */
export class LevelChoice {
  #tries: readonly ProtocolLevel[];

  constructor(version: MqttVersion) {
    this.#tries = version === 'auto' ? [5, 4] : [version === '5' ? 5 : 4];
  }

  get tries(): readonly ProtocolLevel[] {
    return this.#tries;
  }

  /** A connection stands at this level: what came before it in the order was refused. */
  stands(level: ProtocolLevel): void {
    this.#tries = this.#tries.slice(this.#tries.indexOf(level));
  }
}

// "Unacceptable protocol version" of 3.1.1 (3.2.2.3), "Unsupported Protocol Version" of 5 (3.2.2.2).
const LEVEL_REFUSALS: readonly unknown[] = [1, 132];
// Where the network says why, a broken connection has one of these; a malformed answer to our CONNECT has none.
const NETWORK_TROUBLES = /^(E(?!CONNRESET|PIPE)[A-Z]+|connack timeout)$/;

/**
 * Whether a connection that failed for this reason may stand at an older protocol level: the broker said so, or it was
 * reached and answered CONNECT by nothing but the end of the connection, as brokers did that knew no later level.
 */
export function isLevelRefusal(
  reason: Error,
  { isReached, isAnswered }: { readonly isReached: boolean; readonly isAnswered: boolean },
): boolean {
  const code = 'code' in reason ? reason.code : undefined;
  if (LEVEL_REFUSALS.includes(code)) return true;
  if (!isReached || isAnswered || typeof code === 'number') return false;
  return !NETWORK_TROUBLES.test(typeof code === 'string' ? code : reason.message);
}

/** The part of a CONNACK of MQTT 5 (3.2.2.3) that binds a sender. */
export interface BrokerTerms {
  /** QoS 1 packets that may be unacknowledged; absent: 65,535. */
  readonly receiveMaximum?: number | undefined;
  /** Bytes of a whole packet; absent: no limit is told. */
  readonly maximumPacketSize?: number | undefined;
}

/** What one sender may do on one topic under a broker's terms. */
export interface SenderLimits {
  /** Data without PUBACK at any time. */
  readonly unacknowledgedMax: number;
  /** Longest PDU that fits a PUBLISH on the topic. */
  readonly pduBytesMax: number;
  /** Longest Data payload; may be less than the protocol's minimum, and the broker is then of no use. */
  readonly fragmentBytesMax: number;
}

export function senderLimits(topic: string, terms: BrokerTerms): SenderLimits {
  const room = (terms.maximumPacketSize ?? Infinity) - MQTT_PUBLISH_OVERHEAD_BYTES - topic.length;
  const pduBytesMax = Math.max(0, Math.min(MQTT_PDU_BYTES_MAX, room));
  return {
    unacknowledgedMax: Math.min(MQTT_UNACKNOWLEDGED_MAX, terms.receiveMaximum ?? MQTT_UNACKNOWLEDGED_MAX),
    pduBytesMax,
    fragmentBytesMax: Math.min(MQTT_FRAGMENT_BYTES_MAX, pduBytesMax - DATA_OVERHEAD_BYTES_MAX),
  };
}

/** The part of a client library's options that is the same at both ends. */
export interface ConnectOptions {
  readonly protocolVersion: ProtocolLevel;
  readonly clean: true;
  readonly manualConnect: true;
  readonly reconnectPeriod: 0;
  readonly resubscribe: false;
  readonly connectTimeout: number;
  readonly keepalive: number;
  readonly timerVariant: 'native';
  readonly writeCache: false;
  readonly properties?: {
    readonly sessionExpiryInterval: 0;
    readonly receiveMaximum: number;
    readonly maximumPacketSize: number;
  };
}

/**
 * How both ends connect: a clean session that ends with the connection, no queue and no reconnecting in the client
 * library, and, in version 5, what our own inbox takes.
 */
export function connectOptions(level: ProtocolLevel, keepaliveS = MQTT_KEEPALIVE_S): ConnectOptions {
  return {
    protocolVersion: level,
    clean: true,
    manualConnect: true,
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: BROKER_ANSWER_MS,
    keepalive: keepaliveS,
    timerVariant: 'native',
    writeCache: false,
    ...(level === 5 && {
      properties: {
        sessionExpiryInterval: 0,
        receiveMaximum: Math.floor(INBOXES_BYTES_MAX / MQTT_PDU_BYTES_MAX),
        maximumPacketSize: MQTT_PDU_BYTES_MAX + MQTT_PUBLISH_OVERHEAD_BYTES + TOPIC_BYTES_MAX,
      },
    }),
  };
}
