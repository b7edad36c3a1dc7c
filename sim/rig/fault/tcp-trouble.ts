import { createServer, connect, type Server, type Socket } from 'node:net';
import { Chance } from '../../fault/chance.ts';
import { type Pipe, type PipeWay, TcpManner, joinSockets } from './tcp-pipe.ts';

/** What came through a troubled line, and what did not. */
export interface TcpCounts {
  /** Connections taken, whatever became of them. */
  connections: number;
  /** Connections that this proxy reset. */
  resets: number;
  /** Connections that were taken and heard nothing. */
  hung: number;
  bytes: Record<PipeWay, number>;
  /** The most bytes that any one direction held at a time. */
  heldBytesMax: number;
}

/** A TCP line that can be troubled while it carries. Everything starts, and after `mend` is, as if it were not there. */
export interface TcpTrouble {
  /** Loopback. */
  readonly port: number;
  readonly counts: Readonly<TcpCounts>;
  /** Resets what is open, and whatever comes is reset at once. */
  cut(): void;
  /** Resets what is open and takes new connections. */
  drop(): void;
  /** Half-open: what is open carries nothing more, and what comes is accepted and hears nothing. */
  hang(): void;
  /** Nothing more comes through in this direction; the other goes on. */
  stall(way: PipeWay): void;
  /** Everything takes `ms` longer, and by chance up to `jitterMs` more; order stays. */
  delay(ms: number, jitterMs?: number): void;
  /** So many bytes a second in each direction of each connection. */
  limit(bytesPerSecond: number): void;
  /** Each connection is reset once it has carried `bytes` more, both directions together. */
  dropAfter(bytes: number): void;
  /** No trouble from now on; whoever was left hanging is reset and has to call again. */
  mend(): void;
  /** Gives the port up, so that a connection is refused, until `listen`. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a proxy on a free port of this machine before `target`. The seed decides the jitter. */
export async function openTcpTrouble(
  target: { readonly host: string; readonly port: number },
  seed = 'tcp-trouble',
): Promise<TcpTrouble> {
  const line = new TroubledLine(target, seed);
  await line.listen();
  return line;
}

type Mood = 'carry' | 'hang' | 'cut';

class TroubledLine implements TcpTrouble {
  readonly counts: TcpCounts = {
    ...{ connections: 0, resets: 0, hung: 0, heldBytesMax: 0 },
    bytes: { toTarget: 0, toClient: 0 },
  };
  readonly #target: { readonly host: string; readonly port: number };
  readonly #manner = new TcpManner();
  readonly #chance: Chance;
  readonly #joined = new Set<Pipe>();
  readonly #hung = new Set<Socket>();
  #server: Server | undefined;
  #mood: Mood = 'carry';
  #port = 0;

  constructor(target: { readonly host: string; readonly port: number }, seed: string) {
    this.#target = target;
    this.#chance = new Chance(seed);
  }

  get port(): number {
    return this.#port;
  }

  cut(): void {
    this.#mood = 'cut';
    this.drop();
  }

  drop(): void {
    for (const pipe of this.#joined) pipe.reset();
    for (const socket of this.#hung) this.#reset(socket);
  }

  hang(): void {
    this.#mood = 'hang';
    this.stall('toTarget');
    this.stall('toClient');
  }

  stall(way: PipeWay): void {
    this.#manner.change({ stalled: new Set([...this.#manner.now.stalled, way]) });
  }

  delay(ms: number, jitterMs = 0): void {
    this.#manner.change({ delayMs: ms, jitterMs });
  }

  limit(bytesPerSecond: number): void {
    this.#manner.change({ bytesPerSecond });
  }

  dropAfter(bytes: number): void {
    for (const pipe of this.#joined) pipe.carriedBytes = 0;
    this.#manner.change({ dropAfterBytes: bytes });
  }

  mend(): void {
    this.#mood = 'carry';
    for (const socket of this.#hung) this.#reset(socket);
    this.#manner.mend();
  }

  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
    this.drop();
    await closed;
  }

  async listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#take(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  async close(): Promise<void> {
    await this.refuse();
    this.#manner.mend();
  }

  #take(client: Socket): void {
    this.counts.connections++;
    client.on('error', () => undefined);
    switch (this.#mood) {
      case 'cut':
        return this.#reset(client);
      case 'hang':
        this.counts.hung++;
        this.#hung.add(client);
        client.once('close', () => this.#hung.delete(client));
        return;
      case 'carry':
        return this.#join(client);
      default:
        this.#mood satisfies never;
    }
  }

  #join(client: Socket): void {
    const target = connect({ ...this.#target, allowHalfOpen: true });
    const pipe = joinSockets(client, target, {
      manner: this.#manner,
      chance: this.#chance.split(String(this.counts.connections)),
      counts: this.counts,
    });
    this.#joined.add(pipe);
    void pipe.ended.then(() => this.#joined.delete(pipe));
  }

  #reset(socket: Socket): void {
    this.counts.resets++;
    this.#hung.delete(socket);
    socket.resetAndDestroy();
  }
}
