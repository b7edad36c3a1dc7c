import { Socket } from 'node:net';
import { connect, type MqttClient, type Packet } from 'mqtt';
import { utf8 } from '../../proto/bytes.ts';
import { encodeMessage } from '../../proto/codec.ts';
import { type BrokerTerms, connectOptions, isLevelRefusal, type LevelChoice } from '../../proto/mqtt.ts';
import type { Clock } from '../ports.ts';

const REFUSED_SUBSCRIPTION = 128;
const LAST_WORDS = encodeMessage({ type: 'bye', sessionId: utf8(''), message: 'connection lost' });

/** A connection that stands and is subscribed. */
export interface Standing {
  readonly client: MqttClient;
  readonly terms: BrokerTerms;
}

export interface Wanted {
  readonly url: string;
  readonly clientId: string;
  /** Subscribed to. */
  readonly topic: string;
  /** Where the broker says Bye for us when we vanish. */
  readonly willTopic: string;
  readonly keepaliveS: number | undefined;
  /** How long the broker may take from its greeting to its answer to the subscription. */
  readonly answerMs: number;
  readonly clock: Pick<Clock, 'after'>;
}

/**
 * Connects and subscribes at the first protocol level that the broker takes. Rejects with the reason, an Error of the
 * library or of this file, and leaves no connection behind.
 */
export async function connectTo(wanted: Wanted, choice: LevelChoice): Promise<Standing> {
  const levels = [...choice.tries];
  for (;;) {
    const level = levels.shift() ?? 4;
    const client = connect(wanted.url, {
      ...connectOptions(level, wanted.keepaliveS),
      clientId: wanted.clientId,
      will: { topic: wanted.willTopic, payload: Buffer.from(LAST_WORDS), qos: 0, retain: false },
    });
    const outcome = await subscribed(client, wanted);
    if ('terms' in outcome) {
      choice.stands(level);
      return { client, terms: outcome.terms };
    }
    client.end(true);
    if (!outcome.isLevelRefused || levels.length === 0) throw outcome.reason;
  }
}

type Outcome = { readonly terms: BrokerTerms } | { readonly reason: Error; readonly isLevelRefused: boolean };

function subscribed(client: MqttClient, { topic, answerMs, clock }: Wanted): Promise<Outcome> {
  return new Promise((resolve) => {
    let isReached = false;
    let terms: BrokerTerms | undefined;
    const fail = (reason: Error): void =>
      resolve({
        reason,
        isLevelRefused: isLevelRefusal(reason, { isReached, isAnswered: terms !== undefined }),
      });
    // Also keeps later errors from ending the process; whoever uses the client listens for itself.
    client.on('error', fail);
    client.once('close', () => fail(new Error('the broker closed the connection')));
    client.once('connect', (connack) => {
      terms = connack.properties ?? {};
      // Without this every small packet waits for the acknowledgement of the one before it.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      // The keepalive knows only whether the broker is there, and not whether it ever answers.
      const stopWaiting = clock.after(answerMs, () =>
        fail(new Error('the broker does not answer the subscription')),
      );
      client.once('close', stopWaiting);
      client.subscribe(topic, { qos: 1 }, (error, granted = []) => {
        stopWaiting();
        if (error !== null) return fail(error);
        if (granted.some(({ qos }) => qos >= REFUSED_SUBSCRIPTION))
          return fail(new Error(`${topic} was refused`));
        resolve({ terms: terms ?? {} });
      });
    });
    client.connect();
    client.stream.once('connect', () => {
      isReached = true;
    });
  });
}

/** What a broker says about itself in a packet of MQTT 5, for people; empty when it says nothing. */
export function reasonIn(packet: Packet | undefined): string {
  const properties = packet !== undefined && 'properties' in packet ? packet.properties : undefined;
  const isGiven = properties !== undefined && 'reasonString' in properties;
  return isGiven ? String(properties.reasonString) : '';
}
