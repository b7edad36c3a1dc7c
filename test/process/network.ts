import { connect, createServer, type Server, type Socket } from 'node:net';

/** A network between a client and a server on this machine, which can stop carrying without closing anything. */
export class Network {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  private constructor(server: Server, port: number) {
    const address = server.address();
    this.url = `mqtt://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    this.#server = server;
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1');
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.pipe(far).pipe(near);
      this.#sockets.push(near, far);
    });
  }

  /** In front of what listens on this port; `url` is the way in. */
  static async before({ port }: { readonly port: number }): Promise<Network> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Network(server, port);
  }

  /** From here on nothing passes over the connections that are there; new ones work. */
  freeze(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
