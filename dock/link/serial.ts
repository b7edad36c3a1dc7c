import { LinkError } from '../../proto/errors.ts';
import { SESSION_SILENCE_MS, SESSIONS_MAX } from '../../proto/limits.ts';
import { Mailbox } from '../../proto/mailbox.ts';
import type { ByteBudget } from '../../proto/budget.ts';
import type { BytePort } from '../../proto/byte-port.ts';
import type { Clock, Link, LinkSource } from '../ports.ts';
import { openPort, type PortSettings } from './port.ts';
import { keepTrying } from './retry.ts';
import { SerialLink } from './serial-link.ts';

export interface BayOptions {
  /** Where a camera looks for the dock, bit/s. */
  readonly baudRate: number;
  /** The fastest rate to agree to when a camera proposes one; `baudRate` when absent, and then the rate never changes. */
  readonly baudMax?: number;
  /** The wires RTS and CTS are there and obeyed. */
  readonly rtsCts?: boolean;
  readonly clock: Clock;
  /** Shared with the dock's other links: what waits in all of their inboxes together. */
  readonly budget?: ByteBudget;
  /** Opens a port; this machine's own when absent. Rejects with LinkError. */
  readonly open?: (settings: PortSettings) => Promise<BytePort>;
  /** Called when a bay's port cannot be opened, once for each new reason, when it opens, and about its line. */
  readonly tell?: (text: string) => void;
}

/**
 * One bay for each port path. A bay yields a link each time its port opens. When the link has ended, because the port
 * vanished or its reader closed it, the port is opened again: after 1 s, then every 1 to 5 s while that fails. It has the
 * rate then at which a camera was heard just before, or else `baudRate`.
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

/** What every link of the bay with this port is called. */
export function bayName(path: string): string {
  return `bay ${path}`;
}

interface BayPorts extends BayOptions {
  readonly stopped: AbortSignal;
  readonly found: Mailbox<Link>;
}

class Bay {
  readonly #path: string;
  readonly #ports: BayPorts;
  #link: SerialLink | undefined;
  #lastGood: SerialLink['lastGood'];
  #state = 'closed';

  constructor(path: string, ports: BayPorts) {
    this.#path = path;
    this.#ports = ports;
    this.#lastGood = { baud: ports.baudRate, heardUs: ports.clock.monoUs() };
  }

  run(): Promise<void> {
    return keepTrying(() => this.#serve(), this.#ports);
  }

  async close(): Promise<void> {
    await this.#link?.close();
  }

  /** One life of the port; true when a camera was heard. */
  async #serve(): Promise<boolean> {
    const { baudRate, baudMax = baudRate, rtsCts = false, clock, budget, tell, stopped, found } = this.#ports;
    const port = await this.#open(rtsCts);
    if (port === undefined) return false;
    const name = bayName(this.#path);
    const link = new SerialLink(port, { name, clock, baudRate, baudMax, rtsCts, budget, tell });
    this.#link = link;
    if (stopped.aborted || !found.post(link)) await link.close();
    await link.ended;
    if (link.heard) this.#lastGood = link.lastGood;
    return link.heard;
  }

  async #open(rtsCts: boolean): Promise<BytePort | undefined> {
    try {
      const port = await (this.#ports.open ?? openPort)({
        path: this.#path,
        baudRate: this.#baudNow(),
        rtsCts,
      });
      this.#tell('open');
      return port;
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.#tell(error.message);
      return undefined;
    }
  }

  /** A camera that lost the dock for a moment looks for it where it was; one that is away for longer, at the usual rate. */
  #baudNow(): number {
    const { baudRate, clock } = this.#ports;
    const { baud, heardUs } = this.#lastGood;
    return clock.monoUs() - heardUs < SESSION_SILENCE_MS * 1_000 ? baud : baudRate;
  }

  #tell(state: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#ports.tell?.(`${bayName(this.#path)}: ${state}`);
  }
}
