import { createServer, type Server } from 'node:net';
import { Aedes, type AedesOptions, type AedesPublishPacket, type Client } from 'aedes';
import { ByteBudget } from '../../proto/budget.ts';
import { LinkError } from '../../proto/errors.ts';
import type { CameraId } from '../../proto/ids.ts';
import { INBOXES_BYTES_MAX, MQTT_PDU_BYTES_MAX } from '../../proto/limits.ts';
import { cameraOfClientId, downTopic, isSite, upTopic } from '../../proto/topic.ts';
import type { Clock, LinkSource } from '../ports.ts';
import { type BrokerPort, CameraLinks } from './camera-links.ts';
import { CameraSockets } from './camera-sockets.ts';
import type { Slots } from './slots.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const DRAIN_TIMEOUT_MS = 5_000;
const KEEPALIVE_S_MAX = 120;
const IDENTIFIER_REJECTED = 2;

export interface BrokerOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly site: string;
  /** A client that takes nothing in for this long is cut off; 5,000 when absent. */
  readonly drainTimeoutMs?: number;
  /** Bytes that wait to be read on all links, with those of other sources that share it; 64 MiB of its own when absent. */
  readonly budget?: ByteBudget;
  /** Memory for what cameras send; of its own when absent. */
  readonly slots?: Slots;
  readonly clock: Pick<Clock, 'monoUs' | 'after'>;
}

export interface Broker {
  readonly url: string;
  readonly source: LinkSource;
  close(): Promise<void>;
}

/**
 * An MQTT 3.1.1 broker in this process, for cameras of one site and nobody else. A client's id says which camera it is
 * (`holdfast-<camera>-<suffix>`); it may publish to that camera's `up` topic and subscribe to its `down` topic,
 * nothing more. That keeps honest cameras apart and is no authentication: anybody may choose an id, and who really
 * speaks is proved by the signed handshake above. A connection that ends, ends the camera's link.
 *
 * Rejects with LinkError LINK_OPEN when the port cannot be had. Its PUBACK says nothing about custody.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  if (!isSite(options.site)) {
    throw new LinkError('LINK_OPEN', `"${options.site}" is not a site name`, { retry: 'never' });
  }
  const { site, clock, slots, drainTimeoutMs = DRAIN_TIMEOUT_MS } = options;
  const port: { publish: BrokerPort['publish'] } = {
    publish: () => Promise.reject(LinkError.gone('broker')),
  };
  const budget = options.budget ?? new ByteBudget(INBOXES_BYTES_MAX);
  const cameras = new CameraLinks({
    site,
    budget,
    broker: { pduBytesMax: () => MQTT_PDU_BYTES_MAX, publish: (...packet) => port.publish(...packet) },
  });
  const sockets = new CameraSockets({ site, cameras, clock, drainTimeoutMs, budget, slots });
  const aedes = await Aedes.createBroker(rules({ site, drainTimeoutMs }, sockets));
  port.publish = publishing(aedes, sockets);
  sockets.follow(aedes);
  followPresence(aedes, cameras);
  await new Promise<void>((resolve) =>
    aedes.subscribe(upTopic(site, '+'), (packet, done) => deliver(cameras, packet, done), resolve),
  );
  // Without noDelay every acknowledgement waits some 40 ms for the one before it.
  const server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: true }, (accepted) => {
    const socket = sockets.take(accepted);
    if (socket !== undefined) aedes.handle(socket);
  });
  const close = async (): Promise<void> => {
    cameras.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => aedes.close(resolve));
    await Promise.all([closed, sockets.close()]);
  };
  const url = await listen(server, options).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { url, source: { name: `broker ${url}`, links: () => cameras.links(), close }, close };
}

function rules(
  { site, drainTimeoutMs }: { readonly site: string; readonly drainTimeoutMs: number },
  sockets: CameraSockets,
): AedesOptions {
  const { preConnect, start } = sockets.keepalive();
  return {
    ...(preConnect && { preConnect }),
    // One slow client must not hold up messages to others; what may wait for each is bounded by its link.
    concurrency: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: drainTimeoutMs,
    keepaliveLimit: KEEPALIVE_S_MAX,
    authenticate: (client, ...[, , done]) => {
      start(client);
      if (cameraOfClientId(client.id) !== undefined) return done(null, true);
      done(Object.assign(new Error('not a camera of Holdfast'), { returnCode: IDENTIFIER_REJECTED }), false);
    },
    authorizePublish: (client, packet, done) => {
      // The will of a connection that is gone: its end has been seen already, and a newer one may have come since.
      if (client?.closed === true) return done(new Error(`${client.id} has left`));
      const own = client === null ? undefined : topicsOf(client, site);
      const allowed = own?.up === packet.topic && !packet.retain && packet.qos < 2;
      done(allowed ? null : new Error(`${client?.id ?? 'nobody'} may not publish to ${packet.topic}`));
    },
    authorizeSubscribe: (client, subscription, done) => {
      done(null, topicsOf(client, site)?.down === subscription.topic ? subscription : null);
    },
  };
}

function topicsOf({ id }: Client, site: string): { readonly up: string; readonly down: string } | undefined {
  const cameraId = cameraOfClientId(id);
  return cameraId && { up: upTopic(site, cameraId), down: downTopic(site, cameraId) };
}

/** To a camera that listens, past the library; it is asked where nobody does, or where a delivery is to be acknowledged. */
function publishing(aedes: Aedes, sockets: CameraSockets): BrokerPort['publish'] {
  return (topic, pdu, qos) => {
    const sent = qos === 0 ? sockets.publish(topic, pdu) : undefined;
    if (sent !== undefined) return sent;
    return new Promise((resolve, reject) => {
      const payload = Buffer.from(pdu.buffer, pdu.byteOffset, pdu.byteLength);
      const packet = { cmd: 'publish', topic, payload, qos, retain: false, dup: false } as const;
      aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  };
}

function deliver(cameras: CameraLinks, { topic, payload }: AedesPublishPacket, done: () => void): void {
  if (typeof payload !== 'string') cameras.receive(topic, payload);
  done();
}

/** A camera's newest connection owns its link: the link ends when that connection does, or when a newer one comes. */
function followPresence(aedes: Aedes, cameras: CameraLinks): void {
  const newest = new Map<CameraId, Client>();
  aedes.on('client', (client) => {
    const cameraId = cameraOfClientId(client.id);
    if (cameraId === undefined) return;
    newest.set(cameraId, client);
    cameras.end(cameraId);
  });
  aedes.on('clientDisconnect', (client) => {
    const cameraId = cameraOfClientId(client.id);
    if (cameraId === undefined || newest.get(cameraId) !== client) return;
    newest.delete(cameraId);
    cameras.end(cameraId);
  });
}

function listen(server: Server, { host, port }: BrokerOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause) =>
      reject(
        new LinkError('LINK_OPEN', `cannot listen on ${host}:${port}: ${cause.message}`, {
          retry: 'later',
          cause,
        }),
      ),
    );
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`mqtt://${host}:${bound}`);
    });
  });
}
