import type { Bay, Clock, Link } from '../ports.ts';
import { bayAfter, lasting, type News, noted, type Place } from './place.ts';
import { type BayStanding, standingOf } from './standing.ts';

// A port is opened again a moment after its link has ended. One that stays away for longer is not there.
const REOPEN_US_MAX = 8_000_000;
// A camera over MQTT stays on the display for so long after it has gone, with what became of it.
const AWAY_US_MAX = 600_000_000;
const AWAY_MAX = 200;
// With thousands of cameras coming in, looking through all of them for each would take longer than letting them in.
const FORGET_EVERY_US = 1_000_000;
// Making one for each comparison takes longer than comparing.
const BY_NUMBER = new Intl.Collator('en', { numeric: true });

/** What every bay and MQTT camera is doing now, for displays. Nothing in custody reads it. */
export class Bays {
  readonly #clock: Pick<Clock, 'monoUs' | 'wallUs'>;
  readonly #places = new Map<string, Place>();
  /** Names of those with an upload under way. */
  readonly #taking = new Set<string>();
  #forgotUs = 0;

  /** `serial`: the names of the bays' links, which are known before any link comes up. */
  constructor(clock: Pick<Clock, 'monoUs' | 'wallUs'>, serial: readonly string[] = []) {
    this.#clock = clock;
    for (const name of serial) this.#put({ name, transport: 'serial', sinceUs: clock.wallUs() });
  }

  opened(link: Link): void {
    const { name, transport, spoiledFrames = 0 } = link;
    const bay: Bay = { name, transport, state: 'empty' };
    const before = this.#places.get(name);
    const isBack = this.#isReopening(before);
    const sinceUs = isBack && before !== undefined ? before.sinceUs : this.#clock.wallUs();
    this.#put({
      ...lasting(before),
      name,
      transport,
      sinceUs,
      live: { link, bay, spoiledFrames },
    });
    if (this.#clock.monoUs() - this.#forgotUs >= FORGET_EVERY_US) this.#forget();
  }

  ended(link: Link): void {
    const before = this.#places.get(link.name);
    if (before?.live?.link !== link) return;
    const { name, transport, camera } = before;
    const sinceUs = before.live.bay.state === 'empty' ? before.sinceUs : this.#clock.wallUs();
    const away = transport === 'mqtt' && camera !== undefined ? { camera } : {};
    const endedUs = this.#clock.monoUs();
    this.#put({ ...lasting(before), name, transport, sinceUs, endedUs, ...away });
  }

  heard(link: Link, news: News): void {
    if (this.#places.get(link.name)?.live === undefined) this.opened(link);
    const before = this.#places.get(link.name);
    if (before?.live === undefined) return;
    const bay = bayAfter(before.live.bay, news);
    const sinceUs = bay.state === before.live.bay.state ? before.sinceUs : this.#clock.wallUs();
    const now = { nowUs: this.#clock.monoUs(), wallUs: this.#clock.wallUs() };
    const place = noted(before, news, now);
    const spoiledFrames = news.news === 'docked' ? (link.spoiledFrames ?? 0) : before.live.spoiledFrames;
    this.#put({ ...place, sinceUs, live: { link: before.live.link, bay, spoiledFrames } });
  }

  /** Is any upload under way? */
  get isTaking(): boolean {
    return this.#taking.size > 0;
  }

  /** What is connected at this moment. */
  all(): readonly Bay[] {
    return [...this.#places.values()]
      .flatMap(({ live }) => (live === undefined ? [] : [live.bay]))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The same with all that a display shows, with the bays whose port is closed and cameras that left a while ago. */
  standings(): readonly BayStanding[] {
    this.#forget();
    const nowUs = this.#clock.monoUs();
    return [...this.#places.values()]
      .map((place) => standingOf(place, { nowUs, isReopening: this.#isReopening(place) }))
      .toSorted((a, b) => BY_NUMBER.compare(a.name, b.name));
  }

  #put(place: Place): void {
    this.#places.set(place.name, place);
    const state = place.live?.bay.state;
    if (state === 'receiving' || state === 'verifying') this.#taking.add(place.name);
    else this.#taking.delete(place.name);
  }

  #isReopening(place: Place | undefined): boolean {
    return place?.endedUs !== undefined && this.#clock.monoUs() - place.endedUs < REOPEN_US_MAX;
  }

  #forget(): void {
    const away = [...this.#places.values()]
      .filter(({ transport, live }) => transport === 'mqtt' && live === undefined)
      .toSorted((a, b) => (b.endedUs ?? 0) - (a.endedUs ?? 0));
    const nowUs = this.#clock.monoUs();
    this.#forgotUs = nowUs;
    for (const [index, { name, endedUs = 0, camera }] of away.entries())
      if (index >= AWAY_MAX || nowUs - endedUs > AWAY_US_MAX || camera === undefined)
        this.#places.delete(name);
  }
}
