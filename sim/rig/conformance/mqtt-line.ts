import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import { encodeMessage } from '../../../proto/codec.ts';
import type { CameraId } from '../../../proto/ids.ts';
import { MQTT_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { MESSAGE_TYPE } from '../../../proto/messages.ts';
import { connectOptions } from '../../../proto/mqtt.ts';
import { clientIdOf, downTopic, upTopic } from '../../../proto/topic.ts';
import { type Line, type LineEars, LineError } from './line.ts';

const REFUSED_SUBSCRIPTION = 128;
const SUFFIX_BYTES = 4;

export interface MqttPlace {
  readonly url: string;
  readonly site: string;
  readonly cameraId: CameraId;
  /** The side that the rig plays. */
  readonly side: 'camera' | 'dock';
}

/** Connects (3.1.1, clean session) and listens to the other side. Rejects with LineError LINE_OPEN. */
export async function openMqttLine(place: MqttPlace, ears: LineEars): Promise<Line> {
  const { url, site, cameraId, side } = place;
  const [from, to] = [downTopic(site, cameraId), upTopic(site, cameraId)];
  const client = connect(url, {
    clientId: clientIdOf(cameraId, `${side}${randomBytes(SUFFIX_BYTES).toString('hex')}`),
    ...connectOptions(4),
    ...(side === 'camera' ? { will: { topic: to, payload: lastWill(), qos: 0, retain: false } } : {}),
  });
  try {
    await listening(client, side === 'camera' ? from : to);
  } catch (cause) {
    client.end(true);
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new LineError('LINE_OPEN', `cannot use ${url}: ${why}`, { retry: 'later', cause });
  }
  return new MqttLine(client, {
    name: `mqtt ${new URL(url).host}`,
    topic: side === 'camera' ? to : from,
    ears,
  });
}

/** What the broker says for a camera that vanishes (section 13). */
function lastWill(): Buffer {
  return Buffer.from(encodeMessage({ type: 'bye', sessionId: new Uint8Array(), message: 'connection lost' }));
}

function listening(client: MqttClient, topic: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Also keeps later errors from ending the process; `close` follows each of them.
    client.on('error', reject);
    client.once('close', () => reject(new Error('the broker closed the connection')));
    client.once('connect', () => {
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

class MqttLine implements Line {
  readonly transport = 'mqtt';
  readonly name: string;
  readonly pduBytesMax = MQTT_PDU_BYTES_MAX;
  readonly #client: MqttClient;
  readonly #topic: string;

  constructor(client: MqttClient, at: { name: string; topic: string; ears: LineEars }) {
    this.name = at.name;
    this.#client = client;
    this.#topic = at.topic;
    client.on('message', (_topic, payload, { qos, retain }) => {
      at.ears.pdu(Uint8Array.from(payload), { qos, retain });
    });
    client.on('close', () => at.ears.closed('the broker is gone'));
    if (!client.connected) at.ears.closed('the broker is gone');
  }

  sendPdu(pdu: Uint8Array): void {
    const qos = pdu[0] === MESSAGE_TYPE.data ? 1 : 0;
    // Failures reach us as the connection's end.
    this.#client.publish(this.#topic, Buffer.from(pdu), { qos }, () => undefined);
  }

  sendBytes(): void {
    throw unable();
  }

  setBaud(): Promise<void> {
    return Promise.reject(unable());
  }

  drop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#client.once('close', () => resolve()));
    this.#client.stream.destroy();
    return closed;
  }

  async close(): Promise<void> {
    await this.#client.endAsync(!this.#client.connected);
  }
}

function unable(): LineError {
  return new LineError('LINE_UNABLE', 'only a serial line carries bytes without packets', { retry: 'never' });
}
