import type { BaysChange, ShownBays } from '../schema/bays.ts';
import type { Api } from './api.ts';
import { boardAfter, type SeenBay } from './bays-board.ts';
import { followStream } from './event-stream.ts';

interface Feed {
  readonly board: (bays: readonly SeenBay[]) => void;
  /** The dock is there, whether or not anything has changed. */
  readonly alive: () => void;
}

/** Tells how the bays are at once and after every change. Ends with `signal`, or once the dock no longer knows the token. */
export function followBays(api: Api, feed: Feed, signal: AbortSignal): Promise<void> {
  let bays: readonly SeenBay[] = [];
  const show = (next: readonly SeenBay[]): void => {
    bays = next;
    feed.board(bays);
  };
  return followStream(
    {
      open: (stop) => api.bayUpdates(stop),
      connected: () => undefined,
      alive: feed.alive,
      event: ({ kind, data }) => {
        const atMs = Date.now();
        if (kind === 'bays') show((JSON.parse(data) as ShownBays).bays.map((bay) => ({ bay, atMs })));
        if (kind === 'changed') show(boardAfter(bays, JSON.parse(data) as BaysChange, atMs));
      },
    },
    signal,
  );
}
