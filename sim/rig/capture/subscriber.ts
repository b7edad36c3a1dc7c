import { randomBytes } from 'node:crypto';
import { Socket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import { crcHolds } from '../../../proto/crc32c.ts';
import { LinkError } from '../../../proto/errors.ts';
import { type CameraId, isCameraId } from '../../../proto/ids.ts';
import { connectOptions } from '../../../proto/mqtt.ts';
import type { Ears, Listening } from './bridge.ts';
import { type Direction, NOISE_BYTES_MAX } from './record.ts';
import type { Found } from './splitter.ts';

const REFUSED_SUBSCRIPTION = 128;
const SUFFIX_BYTES = 4;
const TOPIC = /^bwc\/v1\/[^/]+\/([^/]+)\/(up|down)$/;

/** Whose messages to listen to: one camera of a site, or all. */
export interface Place {
  /** `mqtt://HOST:PORT`. */
  readonly url: string;
  readonly site: string;
  readonly camera: CameraId | undefined;
}

/**
 * Subscribes to both directions of a site's cameras beside them and their dock, and says nothing itself. At QoS 1, so that
 * the broker keeps what this side is too slow for. Rejects with LinkError LINK_OPEN.
 */
export async function subscribeBoth(place: Place, ears: Ears): Promise<Listening> {
  const client = connect(place.url, {
    clientId: `capture-${randomBytes(SUFFIX_BYTES).toString('hex')}`,
    ...connectOptions(4),
  });
  let isClosing = false;
  client.on('message', (topic, payload) => {
    const [, camera = '', direction] = TOPIC.exec(topic) ?? [];
    if (!isDirection(direction) || !isCameraId(camera)) return;
    ears.heard(direction, foundIn(Uint8Array.from(payload)), camera);
  });
  try {
    await subscribed(client, place);
  } catch (cause) {
    client.end(true);
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new LinkError('LINK_OPEN', `cannot listen at ${place.url}: ${why}`, { retry: 'later', cause });
  }
  client.on('close', () => {
    if (!isClosing) ears.ended(`${place.url}: the broker closed the connection`);
  });
  return {
    close: async () => {
      isClosing = true;
      await client.endAsync(!client.connected);
    },
  };
}

function subscribed(client: MqttClient, { site, camera }: Place): Promise<void> {
  const topics = ['up', 'down'].map((direction) => `bwc/v1/${site}/${camera ?? '+'}/${direction}`);
  return new Promise((resolve, reject) => {
    // Also keeps later errors from ending the process; `close` follows each of them.
    client.on('error', reject);
    client.once('close', () => reject(new Error('the broker closed the connection')));
    client.once('connect', () => {
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      client.subscribe(topics, { qos: 1 }, (error, granted = []) => {
        if (error !== null) return reject(error);
        if (granted.some(({ qos }) => qos >= REFUSED_SUBSCRIPTION))
          return reject(new Error('the subscription was refused'));
        resolve();
      });
    });
    client.connect();
  });
}

function foundIn(payload: Uint8Array): Found {
  if (crcHolds(payload)) return { kind: 'pdu', pdu: payload };
  return { kind: 'noise', noise: payload.slice(0, NOISE_BYTES_MAX), bytes: payload.length };
}

const isDirection = (text: string | undefined): text is Direction => text === 'up' || text === 'down';
