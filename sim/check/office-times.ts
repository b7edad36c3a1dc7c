import type { WorldEvent } from '../world/history.ts';

type News = Extract<WorldEvent, { readonly what: 'announced' }>;

/** What was asked while the service was slow may still be waited for so long after it. */
const AFTER_US = 3_000_000;

/** When the policy service could be reached, what each dock had heard from it by when, and when docks lost their power. */
export class OfficeTimes {
  readonly #troubles: { readonly fromUs: number; toUs: number }[] = [];
  readonly #news = new Map<string, News[]>();
  readonly #cuts = new Map<string, number[]>();

  see(event: WorldEvent): void {
    const { atUs } = event;
    if (event.what === 'office') {
      const last = this.#troubles.at(-1);
      if (last !== undefined && last.toUs === Number.POSITIVE_INFINITY) last.toUs = atUs;
      if (event.mode !== 'up') this.#troubles.push({ fromUs: atUs, toUs: Number.POSITIVE_INFINITY });
    }
    if (event.what === 'power-cut' && event.machine === 'office') {
      const open = this.#troubles.at(-1);
      if (open?.toUs !== Number.POSITIVE_INFINITY) this.#troubles.push({ fromUs: atUs, toUs: atUs });
    } else if (event.what === 'power-cut') {
      this.#cuts.set(event.machine, [...(this.#cuts.get(event.machine) ?? []), atUs]);
    }
    if (event.what === 'announced') this.#news.set(event.dock, [...this.news(event.dock), event]);
  }

  /** What this dock was told of, in order. */
  news(dock: string): readonly News[] {
    return this.#news.get(dock) ?? [];
  }

  /** Which of its lives a dock is in, from 0. */
  lifeOf(dock: string, atUs: number): number {
    return (this.#cuts.get(dock) ?? []).filter((cutUs) => cutUs <= atUs).length;
  }

  /** Did the service answer in time all the while, with nothing left over from before? */
  isReachable(fromUs: number, toUs: number): boolean {
    return this.#troubles.every((trouble) => trouble.toUs + AFTER_US < fromUs || trouble.fromUs > toUs);
  }
}
