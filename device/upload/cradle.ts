import { FieldError } from '../../proto/errors.ts';
import type { Cancel, Clock, Link, Vault } from '../ports.ts';
import { converse, type Conversing, type UploadPorts } from './converse.ts';
import type { CameraContext } from './state.ts';

// How long to leave a dock alone, by how the last conversation ended: one that was only interrupted goes on at once.
const PAUSE_MS = {
  bye: 1_000,
  renegotiate: 100,
  'link-ended': 100,
  silent: 100,
  later: 2_000,
  refused: 10_000,
  unreachable: 100,
} as const;
// Where there is no dock, time and again, it is looked for less and less often.
const PAUSE_MS_MAX = 2_000;

type Ending = keyof typeof PAUSE_MS;

export type CradleNews =
  | Parameters<UploadPorts['tell']>[0]
  | { readonly news: 'unreachable'; readonly why: string }
  /** A session with a dock ended, and neither side said goodbye: the camera opens the next link by itself. */
  | { readonly news: 'interrupted'; readonly because: Exclude<Ending, 'bye'> };

export interface CradleOptions {
  /** Opens the port or the connection to the broker; rejects with a FieldError when it cannot. */
  readonly open: () => Promise<Link>;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly tickets: UploadPorts['tickets'];
  readonly gauges: UploadPorts['gauges'];
  readonly context: (link: Link) => CameraContext;
  readonly tell: (news: CradleNews) => void;
}

/**
 * The contacts of a docked camera: while docked it opens a link, converses, and starts over when either ends, for
 * ever. Undocked it does nothing. A dock that cannot be reached is news, not an error: the footage stays where it is.
 */
export class Cradle {
  readonly #options: CradleOptions;
  #isDocked = false;
  #life: Promise<void> = Promise.resolve();
  #conversing: Conversing | undefined;
  #wake: Cancel = () => undefined;

  constructor(options: CradleOptions) {
    this.#options = options;
  }

  dock(): void {
    if (this.#isDocked) return;
    this.#isDocked = true;
    this.#life = this.#life.then(() => this.#live());
  }

  /** Resolves when the link is closed. */
  async undock(): Promise<void> {
    this.#isDocked = false;
    this.#conversing?.end();
    this.#wake();
    await this.#life;
  }

  async #live(): Promise<void> {
    let lastWhy = '';
    let inVain = 0;
    while (this.#isDocked) {
      const link = await this.#openLink();
      if (typeof link === 'string') {
        if (link !== lastWhy) this.#options.tell({ news: 'unreachable', why: link });
        lastWhy = link;
        await this.#pause(pauseMs('unreachable', inVain));
        inVain += 1;
      } else {
        lastWhy = '';
        const { because, hasDocked } = await this.#talk(link);
        inVain = hasDocked ? 0 : inVain + 1;
        await this.#pause(pauseMs(because, inVain));
      }
    }
  }

  async #openLink(): Promise<Link | string> {
    try {
      return await this.#options.open();
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      return error.message;
    }
  }

  async #talk(link: Link): Promise<{ readonly because: Ending; readonly hasDocked: boolean }> {
    const { clock, vault, tickets, gauges, context, tell } = this.#options;
    let hasDocked = false;
    const listen = (news: CradleNews): void => {
      if (news.news === 'docked') hasDocked = true;
      tell(news);
    };
    this.#conversing = converse(link, {
      clock,
      vault,
      tickets,
      gauges,
      context: context(link),
      tell: listen,
    });
    if (!this.#isDocked) this.#conversing.end();
    const because = await this.#conversing.done;
    this.#conversing = undefined;
    await link.close().catch(() => undefined);
    if (hasDocked && because !== 'bye') tell({ news: 'interrupted', because });
    return { because, hasDocked };
  }

  #pause(ms: number): Promise<void> {
    if (!this.#isDocked) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

function pauseMs(ending: Ending, inVain: number): number {
  return Math.max(PAUSE_MS[ending], Math.min(PAUSE_MS[ending] * 2 ** inVain, PAUSE_MS_MAX));
}
