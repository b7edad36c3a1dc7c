import { createServer, type Server, type Socket } from 'node:net';

const CONNECT = 0x10;
const PUBLISH = 0x30;
const SUBSCRIBE = 0x80;

/** What a broker answers; everything else it takes in silence. */
export interface Script {
  /** Bytes that answer a CONNECT of this protocol level; none cuts the connection. */
  readonly connack: (level: number) => readonly number[];
  /** Reason code of every PUBACK of version 5; without one nothing is acknowledged. */
  readonly puback?: number;
  /** Answers no SUBSCRIBE. */
  readonly isDeaf?: boolean;
  /** Acknowledges so many and no more. */
  readonly pubacksMax?: number;
  /** Cuts the connection at a PUBLISH above this length. */
  readonly cutsAbove?: number;
}

/** A broker of a few lines, for what a good one never does. Speaks enough to subscribe and to publish. */
export class ScriptedBroker {
  readonly url: string;
  /** Protocol level of each CONNECT. */
  readonly levels: number[] = [];
  /** Length of each PUBLISH of QoS 1. */
  readonly published: number[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, script: Script) {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    this.url = `mqtt://127.0.0.1:${port}`;
    this.#server = server;
    server.on('connection', (socket) => this.#serve(socket, script));
  }

  static async start(script: Script): Promise<ScriptedBroker> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ScriptedBroker(server, script);
  }

  /** Cuts all connections and takes new ones. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket, script: Script): void {
    let level = 0;
    let waiting = Buffer.alloc(0);
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      for (let packet = firstOf(waiting); packet !== undefined; packet = firstOf(waiting)) {
        waiting = waiting.subarray(packet.bytes);
        if (packet.kind === CONNECT) level = packet.body[6] ?? 0;
        this.#answer(socket, packet, { ...script, level });
      }
    });
  }

  #answer(socket: Socket, { kind, head, body }: Packet, script: Script & { readonly level: number }): void {
    const { level, puback, pubacksMax = Infinity } = script;
    if (kind === CONNECT) {
      this.levels.push(level);
      const answer = script.connack(level);
      if (answer.length === 0) socket.destroy();
      else socket.write(Uint8Array.from(answer));
    } else if (kind === SUBSCRIBE && script.isDeaf !== true) {
      const id = [body[0] ?? 0, body[1] ?? 0];
      socket.write(Uint8Array.from(level === 5 ? [0x90, 4, ...id, 0, 1] : [0x90, 3, ...id, 1]));
    } else if (kind === PUBLISH && (head & 0x06) !== 0) {
      this.published.push(body.length);
      if (body.length > (script.cutsAbove ?? Infinity)) socket.destroy();
      const at = 2 + body.readUInt16BE(0);
      const id = [body[at] ?? 0, body[at + 1] ?? 0];
      if (puback !== undefined && this.published.length <= pubacksMax)
        socket.write(Uint8Array.from([0x40, 3, ...id, puback]));
    }
  }
}

interface Packet {
  readonly kind: number;
  readonly head: number;
  readonly body: Buffer;
  /** Of the whole packet. */
  readonly bytes: number;
}

function firstOf(stream: Buffer): Packet | undefined {
  const head = stream[0] ?? 0;
  let length = 0;
  for (let at = 1; at < stream.length; at += 1) {
    const byte = stream[at] ?? 0;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (byte >= 0x80) continue;
    const bytes = at + 1 + length;
    if (stream.length < bytes) return undefined;
    return { kind: head & 0xf0, head, body: stream.subarray(at + 1, bytes), bytes };
  }
  return undefined;
}
