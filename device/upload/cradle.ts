import { FieldError } from '../../proto/errors.ts';
import type { Cancel, Clock, Link, Vault } from '../ports.ts';
import { converse, type Conversing, type UploadPorts } from './converse.ts';
import type { UploadContext } from './state.ts';

// How long to leave a dock alone, by how the last conversation ended.
const PAUSE_MS = {
  bye: 1_000,
  renegotiate: 200,
  'link-ended': 500,
  silent: 500,
  later: 2_000,
  refused: 10_000,
  unreachable: 1_000,
} as const;

export type CradleNews =
  | Parameters<UploadPorts['tell']>[0]
  | { readonly news: 'unreachable'; readonly why: string };

export interface CradleOptions {
  /** Opens the port or the connection to the broker; rejects with a FieldError when it cannot. */
  readonly open: () => Promise<Link>;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly context: (link: Link) => UploadContext;
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
    while (this.#isDocked) {
      const link = await this.#openLink();
      if (typeof link === 'string') {
        if (link !== lastWhy) this.#options.tell({ news: 'unreachable', why: link });
        lastWhy = link;
        await this.#pause(PAUSE_MS.unreachable);
      } else {
        lastWhy = '';
        await this.#pause(PAUSE_MS[await this.#talk(link)]);
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

  async #talk(link: Link): Promise<Exclude<keyof typeof PAUSE_MS, 'unreachable'>> {
    const { clock, vault, context, tell } = this.#options;
    this.#conversing = converse(link, { clock, vault, context: context(link), tell });
    if (!this.#isDocked) this.#conversing.end();
    const because = await this.#conversing.done;
    this.#conversing = undefined;
    await link.close().catch(() => undefined);
    return because;
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
