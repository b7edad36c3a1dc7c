import { median, percentile } from './figures.ts';
import type { ListedRecording, Update, ViewerClient } from '../rig/viewer.ts';
import type { Awaited, Town } from './release-town.ts';

/** From the answer that a report is on file to the first second of footage, decrypted. */
const PLAYABLE_MS_MAX = 2_000;
/** A report that opens nothing within this time never will. */
const PATIENCE_MS = 60_000;
const PURPOSE = 'supplement_report';
/** Init segment and first fragment. */
const FIRST_CHUNKS = 2;

export interface ReleasePlan {
  readonly rounds: number;
  /** Reports filed one after the other in a round. */
  readonly reports: number;
  /** Of them each second. */
  readonly pace: number;
  /** Reports filed at once at the end of a round. */
  readonly burst: number;
}

/** Milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface ReleaseFigures {
  readonly paced: Latency;
  readonly burst: Latency;
  /** Of all of a kind, in each round. */
  readonly roundsP99Ms: readonly { readonly paced: number; readonly burst: number }[];
  /** Medians: until the list says released, and from there until the first second is decrypted. */
  readonly parts: { readonly listedMs: number; readonly openedMs: number };
  readonly p99MsMax: number;
  readonly ok: boolean;
}

interface Played {
  readonly listedMs: number;
  readonly playableMs: number;
}

/** Files reports and plays what each of them opens, as its officer's page would. Throws what a page would show. */
export async function measureReleases(town: Town, plan: ReleasePlan): Promise<ReleaseFigures> {
  const pages = new Map([...town.viewers].map(([officer, viewer]) => [officer, new Page(viewer)]));
  const filing = new Filing(town, pages);
  await Promise.all([...pages.values()].map((page) => page.loaded));
  const rounds: { readonly paced: readonly Played[]; readonly burst: readonly Played[] }[] = [];
  try {
    for (let round = 0; round < plan.rounds; round++) {
      const paced = await filing.paced(plan.reports, plan.pace);
      rounds.push({ paced, burst: await filing.burst(plan.burst) });
    }
  } finally {
    for (const page of pages.values()) page.close();
  }
  const [paced, burst] = [rounds.flatMap((one) => one.paced), rounds.flatMap((one) => one.burst)];
  const all = [...paced, ...burst];
  const p99 = (played: readonly Played[]): number => latency(played).p99Ms;
  const figures = { paced: latency(paced), burst: latency(burst) };
  return {
    ...figures,
    roundsP99Ms: rounds.map((one) => ({ paced: p99(one.paced), burst: p99(one.burst) })),
    parts: {
      listedMs: Math.round(median(all.map(({ listedMs }) => listedMs))),
      openedMs: Math.round(median(all.map(({ listedMs, playableMs }) => playableMs - listedMs))),
    },
    p99MsMax: PLAYABLE_MS_MAX,
    ok: figures.paced.p99Ms < PLAYABLE_MS_MAX && figures.burst.p99Ms < PLAYABLE_MS_MAX,
  };
}

/** Takes the next of those who wait, files their report, and sees what comes of it. */
class Filing {
  readonly #town: Town;
  readonly #pages: ReadonlyMap<string, Page>;
  #filed = 0;

  constructor(town: Town, pages: ReadonlyMap<string, Page>) {
    this.#town = town;
    this.#pages = pages;
  }

  async paced(count: number, pace: number): Promise<readonly Played[]> {
    const startMs = performance.now();
    const played: Promise<Played>[] = [];
    for (let index = 0; index < count; index++) {
      await until(startMs + (index * 1_000) / pace);
      const one = this.#next();
      // Told below; without this the first that fails would end the program before it has put away what it started.
      one.catch(() => undefined);
      played.push(one);
    }
    return Promise.all(played);
  }

  burst(count: number): Promise<readonly Played[]> {
    return Promise.all(Array.from({ length: count }, () => this.#next()));
  }

  async #next(): Promise<Played> {
    const next = this.#town.awaited[this.#filed];
    const page = next && this.#pages.get(next.officer);
    if (next === undefined || page === undefined) throw new RangeError('nobody is left to file a report');
    this.#filed += 1;
    const { officer: person, incident } = next;
    await this.#town.records.assert({ type: 'report.filed', incident, person, reportHash: 'ab'.repeat(32) });
    return page.play(next);
  }
}

/** What the page of one officer does: it loads the list once, hears of every row that changes, and plays. */
class Page {
  readonly #viewer: ViewerClient;
  readonly #ended = new AbortController();
  readonly #released = new Set<string>();
  readonly #waiting = new Map<string, (failed?: Error) => void>();
  /** Resolves once it follows the dock and has the list. */
  readonly loaded: Promise<void>;

  constructor(viewer: ViewerClient) {
    this.#viewer = viewer;
    this.loaded = new Promise((resolve, reject) => {
      const heard = (news: 'connected' | Update): void => {
        if (news === 'connected') this.#load().then(resolve, reject);
        else if (news.row !== undefined) this.#seen(news.row);
      };
      viewer.follow(heard, this.#ended.signal).catch((error: unknown) => {
        if (!this.#ended.signal.aborted) this.#fail(asError(error));
        reject(asError(error));
      });
    });
  }

  async play({ recording, officer }: Awaited): Promise<Played> {
    const startMs = performance.now();
    const late = setTimeout(
      () => this.#fail(new Error(`${recording} of ${officer} is not released after ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    );
    try {
      await new Promise<void>((resolve, reject) => {
        if (this.#released.has(recording)) resolve();
        this.#waiting.set(recording, (failed) => (failed === undefined ? resolve() : reject(failed)));
      });
    } finally {
      clearTimeout(late);
    }
    const listedMs = performance.now() - startMs;
    const opened = await this.#viewer.open(recording, PURPOSE);
    if ('refused' in opened) throw new Error(`${recording}: ${opened.status} ${opened.refused}`);
    const footage = this.#viewer.footage(recording, opened);
    for (let chunk = 0; chunk < FIRST_CHUNKS; chunk++) {
      if ((await footage.next()).done === true) throw new Error(`${recording} has no fragment`);
    }
    return { listedMs, playableMs: performance.now() - startMs };
  }

  close(): void {
    this.#ended.abort();
  }

  async #load(): Promise<void> {
    for (const row of await this.#viewer.list()) this.#seen(row);
  }

  #seen({ id, status }: Pick<ListedRecording, 'id' | 'status'>): void {
    if (status !== 'released') return;
    this.#released.add(id);
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }

  #fail(error: Error): void {
    for (const settle of this.#waiting.values()) settle(error);
    this.#waiting.clear();
  }
}

function latency(played: readonly Played[]): Latency {
  const ms = played.map(({ playableMs }) => playableMs);
  const at = (share: number): number => Math.round(percentile(ms, share));
  return { count: ms.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function until(momentMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, momentMs - performance.now())));
}
