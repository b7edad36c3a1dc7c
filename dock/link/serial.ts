import { SerialPort } from 'serialport';
import { SESSIONS_MAX } from '../../proto/limits.ts';
import { Mailbox } from '../../proto/mailbox.ts';
import type { Clock, Link, LinkSource } from '../ports.ts';
import { keepTrying } from './retry.ts';
import { SerialLink } from './serial-link.ts';

export interface BayOptions {
  readonly baudRate: number;
  readonly clock: Clock;
  /** Called when a bay's port cannot be opened, once for each new reason, and when it opens. */
  readonly tell?: (text: string) => void;
}

/**
 * One bay for each port path. A bay yields a link each time its port opens. When the link has ended, because the port
 * vanished or its reader closed it, the port is opened again: after 1 s, then every 1 to 5 s while that fails.
 */
export function serialBays(paths: readonly string[], options: BayOptions): LinkSource {
  const stop = new AbortController();
  const found = new Mailbox<Link>(SESSIONS_MAX);
  const bays = paths.map((path) => new Bay(path, { ...options, stopped: stop.signal, found }));
  const running = Promise.all(bays.map((bay) => bay.run()));
  return {
    name: `serial ${paths.join(' ')}`,
    links: () => found,
    close: async () => {
      stop.abort();
      found.close();
      await Promise.all(bays.map((bay) => bay.close()));
      await running;
    },
  };
}

interface BayPorts extends BayOptions {
  readonly stopped: AbortSignal;
  readonly found: Mailbox<Link>;
}

class Bay {
  readonly #path: string;
  readonly #ports: BayPorts;
  #link: SerialLink | undefined;
  #state = 'closed';

  constructor(path: string, ports: BayPorts) {
    this.#path = path;
    this.#ports = ports;
  }

  run(): Promise<void> {
    return keepTrying(() => this.#serve(), this.#ports);
  }

  async close(): Promise<void> {
    await this.#link?.close();
  }

  /** One life of the port; true when a camera was heard. */
  async #serve(): Promise<boolean> {
    const { baudRate, stopped, found } = this.#ports;
    const port = new SerialPort({ path: this.#path, baudRate, autoOpen: false, lock: true });
    const error = await new Promise<Error | null>((resolve) => port.open(resolve));
    this.#tell(error === null ? 'open' : error.message);
    if (error !== null) return false;
    const link = new SerialLink(port);
    this.#link = link;
    if (stopped.aborted || !found.post(link)) await link.close();
    await link.ended;
    return link.heard;
  }

  #tell(state: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#ports.tell?.(`bay ${this.#path}: ${state}`);
  }
}
