import type { DockTime } from '../ports.ts';
import { Cradle, type CradleNews } from '../upload/cradle.ts';
import type { BodyOptions, Outcome } from './body-ports.ts';
import type { FirmwareEvent } from './state.ts';

export interface BayOptions extends Pick<BodyOptions, 'clock' | 'vault' | 'battery' | 'memory' | 'cradle'> {
  readonly syncClock: BodyOptions['syncClock'];
  /** Who has the camera now; empty: nobody. */
  readonly officer: () => string;
  readonly tell: (news: CradleNews) => void;
  /** Answers an event; resolves when what it asked for is done. */
  readonly ask: (event: FirmwareEvent) => Promise<Outcome>;
  /** The same for an event that nobody waits for. */
  readonly cause: (event: FirmwareEvent) => void;
  /** What only a display is the poorer for when it fails. */
  readonly aside: (act: Promise<unknown>) => void;
  /** Looks how much room there is. */
  readonly weigh: () => Promise<void>;
}

/** What a camera does in a bay, and what the machine is told of it: the clock first, then the rest in its order. */
export class Bay {
  readonly #options: BayOptions;
  readonly #cradle: Cradle;
  /** Recordings that wait for a receipt. */
  #waiting = 0;
  /** The clock is being set by the dock: what else the dock says comes after that. */
  #syncing: Promise<void> | undefined;

  constructor(options: BayOptions) {
    this.#options = options;
    const { cradle, clock, vault, battery, memory, officer } = options;
    this.#cradle = new Cradle({
      ...cradle,
      clock,
      vault,
      gauges: {
        read: async () => ({
          batteryPercent: battery.percent(),
          flashFreeBytes: await memory.freeBytes(),
          officerId: officer(),
        }),
      },
      tell: (news) => this.heard(news),
    });
  }

  /** Counts what waits; then it talks to whatever dock there is. */
  async enter(isStillIn: () => boolean): Promise<void> {
    await this.#count();
    if (isStillIn()) this.#cradle.dock();
  }

  /** Resolves when no link is open any more. */
  leave(): Promise<void> {
    return this.#cradle.undock();
  }

  /** Resolves when the machine knows how the clock stands. */
  async syncClock(time: DockTime | undefined): Promise<Outcome> {
    const { syncClock, ask } = this.#options;
    const isSet = (await syncClock?.(time)) ?? true;
    return ask({ event: 'synced', isSet, waiting: this.#waiting });
  }

  /** What comes of a contact, in its order. */
  heard(news: CradleNews): void {
    const { tell, aside, weigh } = this.#options;
    tell(news);
    switch (news.news) {
      case 'docked':
        return this.#contact(news.time);
      case 'progress': {
        const { durableBytes, totalBytes } = news;
        return this.#next({ event: 'progress', durableBytes, totalBytes, waiting: this.#waiting });
      }
      case 'receipt':
        this.#waiting = Math.max(0, this.#waiting - 1);
        return this.#next({ event: 'receipt', waiting: this.#waiting });
      case 'erased':
        return aside(Promise.all([weigh(), this.#count()]));
      case 'unreachable':
      case 'interrupted':
        return this.#next({ event: 'parted' });
      case 'idle':
        return this.#next({ event: 'idle' });
      case 'distrust':
        // A memory that does not erase may be one that cannot.
        return aside(weigh());
      case 'refused':
        return;
      default:
        news satisfies never;
    }
  }

  #contact(time: DockTime | undefined): void {
    const told = time === undefined ? {} : { time };
    const contact = this.#options.ask({ event: 'contact', waiting: this.#waiting, ...told });
    const syncing = contact
      .then(() => undefined)
      .finally(() => {
        if (this.#syncing === syncing) this.#syncing = undefined;
      });
    this.#syncing = syncing;
    this.#options.aside(syncing);
  }

  /** In its order, and not before the clock is set. */
  #next(event: FirmwareEvent): void {
    const { cause, aside } = this.#options;
    if (this.#syncing === undefined) return cause(event);
    aside(this.#syncing.then(() => cause(event)));
  }

  async #count(): Promise<void> {
    this.#waiting = (await this.#options.vault.waiting()).length;
  }
}
