import type { Socket } from 'node:net';
import type { Aedes, AedesOptions, Client } from 'aedes';
import { utf8 } from '../../proto/bytes.ts';
import type { ByteBudget } from '../../proto/budget.ts';
import { MQTT_PDU_BYTES_MAX, SESSIONS_MAX } from '../../proto/limits.ts';
import { cameraOfClientId, downTopic, upTopic } from '../../proto/topic.ts';
import type { Cancel, Clock } from '../ports.ts';
import type { CameraLinks } from './camera-links.ts';
import { CameraSocket, type SocketPorts } from './camera-socket.ts';
import { Slots } from './slots.ts';

// The topic and packet id in front of a payload, rounded up.
const PACKET_BYTES_MAX = MQTT_PDU_BYTES_MAX + 1024;
const CONNECTIONS_MAX = SESSIONS_MAX + 64;
const SLOTS_BYTES_MAX = 32 * 1024 * 1024;
const CHECK_MS = 1_000;
// A PUBACK says only that the packet came, and no camera waits for a single one: most of them leave with the Ack of what they brought.
const PUBACK_DELAY_MS = 5;

export interface CameraSocketsOptions {
  readonly site: string;
  readonly cameras: CameraLinks;
  readonly clock: Pick<Clock, 'monoUs' | 'after'>;
  readonly drainTimeoutMs: number;
  /** What waits to be read; what is still coming counts as well. */
  readonly budget: ByteBudget;
  /** Memory for what cameras send; of its own when absent. */
  readonly slots?: Slots | undefined;
}

/** Every connection of one broker. What passes between a camera and its link goes past the broker's library. */
export class CameraSockets {
  readonly #site: string;
  readonly #cameras: CameraLinks;
  readonly #ports: SocketPorts;
  readonly #all = new Map<unknown, CameraSocket>();
  /** Who has subscribed to what is for it, by the topic. */
  readonly #listening = new Map<string, { readonly camera: CameraSocket; readonly topic: Uint8Array }>();
  /** Seconds that each client says it is silent at the most. */
  readonly #keepalives = new WeakMap<Client, number>();
  #stopChecking: Cancel = () => undefined;
  #stopSettling: Cancel | undefined;
  readonly #owing = new Set<CameraSocket>();
  readonly #corked: CameraSocket[] = [];

  constructor({ site, cameras, clock, drainTimeoutMs, budget, slots }: CameraSocketsOptions) {
    this.#site = site;
    this.#cameras = cameras;
    this.#ports = {
      slots: slots ?? new Slots(SLOTS_BYTES_MAX),
      arriving: budget,
      freed: () => this.#resume(),
      held: new Set(),
      owing: { add: (camera) => this.#owes(camera) },
      corked: { add: (camera) => this.#holds(camera) },
      packetBytesMax: PACKET_BYTES_MAX,
      drainTimeoutMs,
      clock,
    };
    this.#check();
  }

  /** Of an accepted connection; undefined when there are too many. */
  take(accepted: Socket): Socket | undefined {
    if (this.#all.size >= CONNECTIONS_MAX) {
      accepted.destroy();
      return undefined;
    }
    const camera = new CameraSocket(accepted, this.#ports);
    const { socket } = camera;
    this.#all.set(socket, camera);
    socket.once('close', () => this.#all.delete(socket));
    return socket;
  }

  /** Has the library keep no time for its clients: it does not see most of what they send. */
  keepalive(): Pick<AedesOptions, 'preConnect'> & { readonly start: (client: Client) => void } {
    const packets = new WeakMap<Client, { keepalive?: number }>();
    return {
      preConnect: (client, packet, done) => {
        packets.set(client, packet);
        done(null, true);
      },
      start: (client) => {
        const packet = packets.get(client);
        this.#keepalives.set(client, packet?.keepalive ?? 0);
        if (packet !== undefined) packet.keepalive = 0;
      },
    };
  }

  /** Follows who comes in, and who listens. */
  follow(aedes: Aedes): void {
    aedes.on('clientReady', (client) => this.#admit(client));
    aedes.on('subscribe', (subscriptions, client) => {
      const [topic, camera] = [this.#down(client), this.#all.get(client.conn)];
      if (topic === undefined || camera === undefined) return;
      if (subscriptions.some((subscription) => subscription.topic === topic))
        this.#listening.set(topic, { camera, topic: utf8(topic) });
    });
    aedes.on('unsubscribe', (topics, client) => {
      if (topics.includes(this.#down(client) ?? '')) this.#deaf(client);
    });
    aedes.on('clientDisconnect', (client) => this.#deaf(client));
  }

  /** To whoever listens to this topic; undefined when nobody does. */
  publish(topic: string, pdu: Uint8Array): Promise<void> | undefined {
    const listener = this.#listening.get(topic);
    return listener?.camera.publish(listener.topic, pdu);
  }

  async close(): Promise<void> {
    this.#stopChecking();
    this.#stopSettling?.();
    const closed = [...this.#all.values()].map(
      ({ socket }) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const { socket } of this.#all.values()) socket.destroy();
    await Promise.all(closed);
  }

  #admit(client: Client): void {
    const [cameraId, camera] = [cameraOfClientId(client.id), this.#all.get(client.conn)];
    if (cameraId === undefined || camera === undefined) return;
    camera.admit(utf8(upTopic(this.#site, cameraId)), {
      keepaliveS: this.#keepalives.get(client) ?? 0,
      pdu: (pdu) => this.#cameras.receiveOf(cameraId, pdu),
    });
  }

  #deaf(client: Client): void {
    const topic = this.#down(client);
    if (topic === undefined || this.#listening.get(topic)?.camera !== this.#all.get(client.conn)) return;
    this.#listening.delete(topic);
  }

  #down(client: Client): string | undefined {
    const cameraId = cameraOfClientId(client.id);
    return cameraId && downTopic(this.#site, cameraId);
  }

  #check(): void {
    for (const camera of this.#all.values()) camera.check();
    // Memory comes free at other places too.
    this.#resume();
    this.#stopChecking = this.#ports.clock.after(CHECK_MS, () => this.#check());
  }

  /** First come, first served, as far as the memory goes. */
  #resume(): void {
    for (const camera of [...this.#ports.held]) camera.resume();
  }

  #holds(camera: CameraSocket): void {
    this.#corked.push(camera);
    if (this.#corked.length > 1) return;
    setImmediate(() => {
      for (const each of this.#corked.splice(0)) each.uncork();
    });
  }

  #owes(camera: CameraSocket): void {
    this.#owing.add(camera);
    this.#stopSettling ??= this.#ports.clock.after(PUBACK_DELAY_MS, () => {
      this.#stopSettling = undefined;
      const owing = [...this.#owing];
      this.#owing.clear();
      for (const each of owing) each.settleUp();
    });
  }
}
