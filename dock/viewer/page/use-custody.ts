import { useEffect, useRef, useState } from 'preact/hooks';
import type { CustodyEvent } from '../schema/custody.ts';
import type { Row } from './answers.ts';
import type { Api } from './api.ts';

/** The events of a recording as far as they are loaded, oldest first. */
export interface LoadedCustody {
  readonly events: readonly CustodyEvent[];
  readonly total: number;
  readonly earlier: number | undefined;
  readonly failed: boolean;
  /** Loads the page in front of these. */
  more(): Promise<void>;
  /** Loads all that is in front of these, and gives all events. */
  all(): Promise<readonly CustodyEvent[]>;
}

interface Loaded {
  readonly events: readonly CustodyEvent[];
  readonly total: number;
  readonly earlier: number | undefined;
}

const NOTHING: Loaded = { events: [], total: 0, earlier: undefined };

/** Loads the newest events, and again whenever something happened. What was loaded before them stays. */
export function useCustody(api: Api, row: Row, recorded: number): LoadedCustody {
  const [loaded, setLoaded] = useState(NOTHING);
  const [failed, setFailed] = useState(false);
  const now = useRef(NOTHING);
  const put = (next: Loaded): Loaded => {
    now.current = next;
    setLoaded(next);
    setFailed(false);
    return next;
  };
  const more = async (): Promise<Loaded> => {
    const { earlier, events } = now.current;
    if (earlier === undefined) return now.current;
    const page = await api.custody(row.id, earlier);
    return put({ events: joined(page.events, events), total: page.total, earlier: page.earlier });
  };
  useEffect(() => {
    let isCurrent = true;
    api.custody(row.id).then(
      (page) => isCurrent && put(withNewest(now.current, { earlier: undefined, ...page })),
      () => isCurrent && setFailed(true),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, row, recorded]);
  return {
    ...loaded,
    failed,
    more: async () => {
      await more().catch(() => setFailed(true));
    },
    all: async () => {
      while (now.current.earlier !== undefined) await more();
      return now.current.events;
    },
  };
}

/** Entries never change, so of those that are in both it does not matter which is taken. */
function joined(older: readonly CustodyEvent[], newer: readonly CustodyEvent[]): readonly CustodyEvent[] {
  const from = newer[0]?.index ?? Number.POSITIVE_INFINITY;
  return [...older.filter(({ index }) => index < from), ...newer];
}

/** More may have happened than the newest page holds: then what was loaded before is too old to be joined to it. */
function withNewest(before: Loaded, page: Loaded): Loaded {
  const newest = before.events.at(-1)?.index ?? -1;
  const touches = (page.events[0]?.index ?? 0) <= newest;
  if (!touches) return page;
  return { events: joined(before.events, page.events), total: page.total, earlier: before.earlier };
}
