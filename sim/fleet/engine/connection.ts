import { connect, type Socket } from 'node:net';
import { utf8 } from '../../../proto/bytes.ts';
import { encodeMessage } from '../../../proto/codec.ts';
import type { CameraId } from '../../../proto/ids.ts';
import { MQTT_KEEPALIVE_S } from '../../../proto/limits.ts';
import { clientIdOf, downTopic, upTopic } from '../../../proto/topic.ts';
import {
  connectPacket,
  DISCONNECT,
  PACKET_TYPE,
  PacketSplitter,
  payloadOf,
  PINGREQ,
  publishHead,
  subscribePacket,
} from './packet.ts';

const LAST_WORDS = encodeMessage({ type: 'bye', sessionId: new Uint8Array(), message: 'connection lost' });
const PACKET_IDS = 65_535;
const SUBSCRIPTION_ID = 1;
const REFUSED = 0x80;

/** What a connection tells of itself. */
export interface ConnectionEvents {
  /** Connected and subscribed. */
  ready(): void;
  heard(pdu: Uint8Array): void;
  /** The broker acknowledged a Data: there may be room for the next. */
  acknowledged(): void;
  /** It is over, and why: the system's word, or the broker's. Called once, not after `close`. */
  lost(code: string): void;
}

export interface ConnectionPlan {
  readonly host: string;
  readonly port: number;
  readonly site: string;
  readonly cameraId: CameraId;
}

/**
 * One camera's MQTT 3.1.1 on a bare socket. A client library copies each payload and keeps a store of what is unacknowledged,
 * which is more work than the dock has with it; here a chunk is written from where it lies.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #topic: Uint8Array;
  readonly #events: ConnectionEvents;
  #packetId = SUBSCRIPTION_ID;
  #unacknowledged = 0;
  #isOver = false;
  #isIn = false;

  constructor({ host, port, site, cameraId }: ConnectionPlan, events: ConnectionEvents) {
    const up = upTopic(site, cameraId);
    this.#topic = utf8(up);
    this.#events = events;
    this.#socket = connect({ host, port, noDelay: true });
    const splitter = new PacketSplitter(({ type, body }) =>
      this.#take(type, body, downTopic(site, cameraId)),
    );
    this.#socket.on('connect', () => {
      const clientId = clientIdOf(cameraId, 'load');
      this.#socket.write(
        connectPacket({ clientId, willTopic: up, will: LAST_WORDS, keepaliveS: MQTT_KEEPALIVE_S }),
      );
    });
    this.#socket.on('data', (bytes: Uint8Array) => splitter.add(bytes));
    this.#socket.on('error', (error) => this.#lost('code' in error ? String(error.code) : 'ESOCKET'));
    this.#socket.on('close', () => this.#lost('ECLOSED'));
  }

  /** Data without PUBACK. */
  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  /** Any message but Data. */
  control(pdu: Uint8Array): void {
    if (this.#isOver) return;
    this.#socket.cork();
    this.#socket.write(publishHead(this.#topic, pdu.length));
    this.#socket.write(pdu);
    this.#socket.uncork();
  }

  /** One Data PDU in three pieces, so that its payload is not copied. */
  data(header: Uint8Array, payload: Uint8Array, crc: Uint8Array): void {
    if (this.#isOver) return;
    this.#packetId = (this.#packetId % PACKET_IDS) + 1;
    this.#unacknowledged += 1;
    const bytes = header.length + payload.length + crc.length;
    this.#socket.cork();
    this.#socket.write(publishHead(this.#topic, bytes, this.#packetId));
    this.#socket.write(header);
    this.#socket.write(payload);
    this.#socket.write(crc);
    this.#socket.uncork();
  }

  /** Nothing before the broker has let it in: MQTT 3.1.1, 3.1: the first packet is CONNECT. */
  keepAlive(): void {
    if (this.#isIn && !this.#isOver) this.#socket.write(PINGREQ);
  }

  close(): void {
    this.#isOver = true;
    this.#socket.end(DISCONNECT);
  }

  /** Ends it as a camera does that is pulled out: without a word. */
  cut(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #take(type: number, body: Uint8Array, down: string): void {
    if (this.#isOver) return;
    if (type === PACKET_TYPE.publish) return this.#events.heard(payloadOf(body));
    if (type === PACKET_TYPE.puback) {
      this.#unacknowledged -= 1;
      return this.#events.acknowledged();
    }
    if (type === PACKET_TYPE.connack) {
      if (body[1] !== 0) return this.#lost(`CONNACK_${body[1]}`);
      this.#isIn = true;
      this.#socket.write(subscribePacket(down, SUBSCRIPTION_ID));
    }
    if (type === PACKET_TYPE.suback) {
      if (((body[2] ?? REFUSED) & REFUSED) !== 0) return this.#lost('SUBACK_REFUSED');
      this.#events.ready();
    }
  }

  #lost(code: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#events.lost(code);
  }
}
