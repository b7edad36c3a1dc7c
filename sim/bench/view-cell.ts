import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { median } from './figures.ts';
import { pageMemoryMib, Traffic } from './view-browser.ts';
import { OFFICER, PASSWORD, type ViewTown } from './view-town.ts';

const MIB = 1_024 ** 2;
const SEEK_BYTES_MAX = 8 * MIB;
const SEEK_MS_MAX = 1_000;
const FIRST_VIEW_MS_MAX = 1_000;
const PAGE_BYTES_MAX = 200_000;
/** Of the second half of a film's memory to the first half's: what grows with the film would double. */
const MEMORY_RATIO_MAX = 1.25;
const PATIENCE_MS = 60_000;
const LOOK_MS = 20;
const QUIET_MS = 1_000;
const SAMPLE_MS = 1_000;

export interface ViewPlan {
  readonly rounds: number;
  /** How many times faster than life the film is played for its memory. */
  readonly speed: number;
  /** Share of the film that is played. */
  readonly share: number;
}

export interface Seek {
  readonly ms: number;
  /** Until the picture stood, and nothing more was fetched. */
  readonly bytes: number;
  /** What was asked for until the picture stood, milliseconds from the jump. */
  readonly steps: readonly Step[];
}

/** One request: `what` is the last word of its address. */
export interface Step {
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ViewFigures {
  readonly seek: Omit<Seek, 'steps'> & {
    readonly rounds: readonly Seek[];
    readonly msMax: number;
    readonly bytesMax: number;
  };
  /** MiB of the page's processes while half of the film played, and the other half. */
  readonly memory: {
    readonly firstHalfMib: number;
    readonly secondHalfMib: number;
    readonly ratioMax: number;
    readonly playedBytes: number;
  };
  /** From the address to something to act on. */
  readonly firstView: { readonly doorMs: number; readonly listMs: number; readonly msMax: number };
  readonly weight: { readonly bytes: number; readonly bytesMax: number };
  readonly ok: boolean;
}

/** Looks at the recording as its officer would, in a real browser. Throws what the page does not get done in a minute. */
export async function measureView(browser: Browser, town: ViewTown, plan: ViewPlan): Promise<ViewFigures> {
  const rounds: {
    readonly doorMs: number;
    readonly listMs: number;
    readonly weight: number;
    readonly seek: Seek;
  }[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    const visit = await Visit.begin(browser, town);
    const { doorMs, weight } = visit;
    const listMs = await visit.list();
    await visit.play();
    rounds.push({ doorMs, weight, listMs, seek: await visit.seekToMiddle() });
    await visit.end();
  }
  const middle = (of: (round: (typeof rounds)[number]) => number): number =>
    Math.round(median(rounds.map(of)));
  const seek = { ms: middle(({ seek: { ms } }) => ms), bytes: middle(({ seek: { bytes } }) => bytes) };
  const memory = await memoryWhilePlaying(browser, town, plan);
  const firstView = { doorMs: middle(({ doorMs }) => doorMs), listMs: middle(({ listMs }) => listMs) };
  const weight = middle((round) => round.weight);
  return {
    seek: {
      ...seek,
      rounds: rounds.map((round) => round.seek),
      msMax: SEEK_MS_MAX,
      bytesMax: SEEK_BYTES_MAX,
    },
    memory,
    firstView: { ...firstView, msMax: FIRST_VIEW_MS_MAX },
    weight: { bytes: weight, bytesMax: PAGE_BYTES_MAX },
    ok:
      seek.ms < SEEK_MS_MAX &&
      seek.bytes < SEEK_BYTES_MAX &&
      memory.secondHalfMib <= memory.firstHalfMib * MEMORY_RATIO_MAX &&
      Math.max(firstView.doorMs, firstView.listMs) < FIRST_VIEW_MS_MAX &&
      weight < PAGE_BYTES_MAX,
  };
}

async function memoryWhilePlaying(
  browser: Browser,
  town: ViewTown,
  { speed, share }: ViewPlan,
): Promise<ViewFigures['memory']> {
  const visit = await Visit.begin(browser, town);
  await visit.list();
  await visit.play();
  await visit.setSpeed(speed);
  const untilS = town.film.seconds * share;
  const halves: [number[], number[]] = [[], []];
  for (let atS = 0; atS < untilS - 1; ) {
    await sleep(SAMPLE_MS);
    const before = atS;
    atS = await visit.position();
    visit.hurry(atS > before);
    halves[atS < untilS / 2 ? 0 : 1].push(await pageMemoryMib(browser));
  }
  const playedBytes = visit.fetched();
  await visit.end();
  const [first, second] = halves.map((half) => Math.round(Math.max(0, ...half)));
  return { firstHalfMib: first ?? 0, secondHalfMib: second ?? 0, ratioMax: MEMORY_RATIO_MAX, playedBytes };
}

/** One person at the page, from the door on. */
class Visit {
  readonly doorMs: number;
  readonly weight: number;
  readonly #page: Page;
  readonly #town: ViewTown;
  readonly #traffic: Traffic;
  #stuckSinceMs = performance.now();

  private constructor(page: Page, town: ViewTown, found: { traffic: Traffic; doorMs: number }) {
    this.#page = page;
    this.#town = town;
    this.#traffic = found.traffic;
    this.doorMs = found.doorMs;
    this.weight = found.traffic.bytes(/./);
  }

  /** Opens the page with an empty cache, and stands at the door. */
  static async begin(browser: Browser, town: ViewTown): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const traffic = await Traffic.of(page);
    const startMs = performance.now();
    await page.goto(town.dockUrl, { waitUntil: 'commit' });
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    return new Visit(page, town, { traffic, doorMs: performance.now() - startMs });
  }

  /** Signs in, then opens the page anew; milliseconds until the list is there. */
  async list(): Promise<number> {
    await this.#page.getByRole('button', { name: 'Sign in' }).click();
    await this.#page.locator('input[name=person]').fill(OFFICER);
    await this.#page.locator('input[name=password]').fill(PASSWORD);
    await this.#page.locator('form button').first().click();
    const row = this.#page.locator(`[data-recording="${this.#town.recording}"][data-status=released]`);
    await row.waitFor();
    const startMs = performance.now();
    await this.#page.reload({ waitUntil: 'commit' });
    await row.waitFor();
    const tookMs = performance.now() - startMs;
    await row.click();
    return tookMs;
  }

  /** Opens the recording and waits for its first picture. */
  async play(): Promise<void> {
    await this.#page.getByRole('button', { name: /^Play/ }).first().click();
    await this.#page.locator('video').waitFor();
    await this.#until(
      () => this.position(),
      (seconds) => seconds > 0.2,
    );
  }

  /** Pauses, goes to the middle, and waits until its picture stands and nothing more is fetched. */
  async seekToMiddle(): Promise<Seek> {
    await this.#page.evaluate(`document.querySelector('video').pause()`);
    await this.#quiet();
    const before = this.fetched();
    const { ms, steps } = await this.#page.evaluate<Pick<Seek, 'ms' | 'steps'>>(`new Promise((resolve) => {
      const video = document.querySelector('video');
      performance.clearResourceTimings();
      const start = performance.now();
      const since = (at) => Math.round(at - start);
      video.requestVideoFrameCallback(() => resolve({
        ms: since(performance.now()),
        steps: performance.getEntriesByType('resource').map(({ name, startTime, responseEnd }) =>
          ({ what: new URL(name).pathname.split('/').at(-1), fromMs: since(startTime), toMs: since(responseEnd) })),
      }));
      video.currentTime = ${this.#town.film.seconds / 2};
    })`);
    await this.#quiet();
    return { ms, bytes: this.fetched() - before, steps };
  }

  async setSpeed(speed: number): Promise<void> {
    await this.#page.evaluate(`document.querySelector('video').playbackRate = ${speed}`);
  }

  /** Seconds into the film. */
  position(): Promise<number> {
    return this.#page.evaluate<number>(`document.querySelector('video').currentTime`);
  }

  /** Bytes of content that came so far. */
  fetched(): number {
    return this.#traffic.bytes(/\/chunks\/\d+$/);
  }

  /** Throws when the film has stood still for a minute. */
  hurry(hasMoved: boolean): void {
    if (hasMoved) this.#stuckSinceMs = performance.now();
    if (performance.now() - this.#stuckSinceMs > PATIENCE_MS) throw new Error('the film does not play on');
  }

  end(): Promise<void> {
    return this.#page.context().close();
  }

  async #quiet(): Promise<void> {
    let last = this.fetched();
    let sinceMs = performance.now();
    while (performance.now() - sinceMs < QUIET_MS) {
      await sleep(LOOK_MS);
      const now = this.fetched();
      if (now !== last) sinceMs = performance.now();
      last = now;
    }
  }

  async #until<Value>(look: () => Promise<Value>, isIt: (value: Value) => boolean): Promise<void> {
    const startMs = performance.now();
    while (!isIt(await look())) {
      if (performance.now() - startMs > PATIENCE_MS) throw new Error('the page does not get on');
      await sleep(LOOK_MS);
    }
  }
}
