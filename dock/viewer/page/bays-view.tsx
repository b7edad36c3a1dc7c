import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Api } from './api.ts';
import { BayCard } from './bays.tsx';
import { announcement, mbit, type Summary, summaryOf } from './bay-words.ts';
import type { SeenBay } from './bays-board.ts';
import { followBays } from './bays-feed.ts';
import { Icon } from './icons.tsx';
import './styles/bays.css';

const STALE_MS = 5_000;
const LOOK_MS = 500;

const secondOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** Every bay and MQTT camera as it is, for a display on the wall. */
export function BaysView({ api }: { readonly api: Api }): JSX.Element {
  const { bays, heardMs, isStale, news } = useBays(api);
  const wall = useRef<HTMLElement>(null);
  return (
    <main class={`view wall ${isStale ? 'is-stale' : ''}`} ref={wall}>
      <div class="wall-head">
        <h1 tabIndex={-1}>Bays</h1>
        {bays !== undefined && <SummaryLine summary={summaryOf(bays.map(({ bay }) => bay))} />}
        <FullScreen wall={wall} />
      </div>
      {isStale && (
        <p class="notice bad wall-stale" role="alert">
          <Icon name="warning" /> Not live. {heardOn(heardMs)} This display comes back by itself.
        </p>
      )}
      <p class="unseen" role="status">
        {news}
      </p>
      {bays === undefined && !isStale && <p class="empty">Loading…</p>}
      {bays?.length === 0 && (
        <p class="empty">This dock has no serial bays, and no camera is connected over MQTT.</p>
      )}
      <ul class="bay-cards">
        {bays?.map(({ bay, atMs }) => (
          <BayCard key={bay.name} bay={bay} atMs={atMs} />
        ))}
      </ul>
    </main>
  );
}

function heardOn(heardMs: number | undefined): string {
  return heardMs === undefined
    ? 'The dock does not answer.'
    : `The dock was heard last at ${secondOfDay.format(new Date(heardMs))}.`;
}

function SummaryLine({ summary }: { readonly summary: Summary }): JSX.Element {
  const { total, uploading, done, faults, bitsPerSecond } = summary;
  return (
    <dl class="wall-sum">
      <Figure name="in all" value={String(total)} />
      <Figure name="uploading" value={String(uploading)} tone={uploading > 0 ? 'busy' : undefined} />
      <Figure name="done" value={String(done)} tone={done > 0 ? 'good' : undefined} />
      <Figure
        name={faults === 1 ? 'fault' : 'faults'}
        value={String(faults)}
        tone={faults > 0 ? 'bad' : undefined}
      />
      <Figure name="Mbit/s" value={mbit(bitsPerSecond)} />
    </dl>
  );
}

function Figure({
  name,
  value,
  tone = 'quiet',
}: {
  readonly name: string;
  readonly value: string;
  readonly tone?: string | undefined;
}): JSX.Element {
  return (
    <div class={`figure tone-${tone}`}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** While it fills the screen, the screen is also kept awake, where the browser can do that. */
function FullScreen({ wall }: { readonly wall: RefObject<HTMLElement | null> }): JSX.Element | null {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const look = (): void => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, []);
  useEffect(() => (isFull ? keepAwake() : undefined), [isFull]);
  if (!document.fullscreenEnabled) return null;
  const toggle = (): void => {
    const changed = isFull ? document.exitFullscreen() : wall.current?.requestFullscreen();
    changed?.catch(() => undefined);
  };
  return (
    <button type="button" onClick={toggle}>
      {isFull ? 'Leave full screen' : 'Full screen'}
    </button>
  );
}

function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  const take = (): void => {
    if (!('wakeLock' in navigator) || document.hidden) return;
    navigator.wakeLock.request('screen').then(
      (taken) => {
        lock = taken;
      },
      () => undefined,
    );
  };
  take();
  // A browser lets go of it whenever the page is hidden.
  document.addEventListener('visibilitychange', take);
  return () => {
    document.removeEventListener('visibilitychange', take);
    void lock?.release().catch(() => undefined);
  };
}

interface BaysNow {
  readonly bays: readonly SeenBay[] | undefined;
  readonly heardMs: number | undefined;
  readonly isStale: boolean;
  /** The newest fault or receipt, in words. */
  readonly news: string;
}

function useBays(api: Api): BaysNow {
  const [bays, setBays] = useState<readonly SeenBay[]>();
  const [stale, setStale] = useState<{ readonly heardMs: number | undefined }>();
  const [news, setNews] = useState('');
  useEffect(() => {
    const openedMs = Date.now();
    let heardMs: number | undefined;
    let last: readonly SeenBay[] | undefined;
    const board = (next: readonly SeenBay[]): void => {
      const said = newsOf(last, next);
      if (said !== '') setNews(said);
      last = next;
      setBays(next);
    };
    const alive = (): void => {
      heardMs = Date.now();
      setStale(undefined);
    };
    const look = setInterval(() => {
      if (Date.now() - (heardMs ?? openedMs) > STALE_MS) setStale((before) => before ?? { heardMs });
    }, LOOK_MS);
    const stop = new AbortController();
    void followBays(api, { board, alive }, stop.signal);
    return () => {
      clearInterval(look);
      stop.abort();
    };
  }, [api]);
  return { bays, heardMs: stale?.heardMs, isStale: stale !== undefined, news };
}

/** What has happened since the last look; nothing at the first, which is no news. */
function newsOf(before: readonly SeenBay[] | undefined, now: readonly SeenBay[]): string {
  if (before === undefined) return '';
  const known = new Map(before.map(({ bay }) => [bay.name, bay]));
  return now.flatMap(({ bay }) => announcement(known.get(bay.name), bay) ?? []).join(' ');
}
