/** Enough to ride out a slow moment, little enough to hold in memory and to leave unfetched when nobody watches on. */
const AHEAD_S = 30;
/** Enough for play to start at once; whoever only looks at a picture, or looks for one, fetches no more than this. */
const AHEAD_PAUSED_S = 4;
/** How far from the playhead what is kept may lie, however long the film is and wherever somebody has been in it. */
const KEPT_S = 60;
/** Footage may start a little after the second that it is asked for; about a frame's breadth. */
export const SLACK_S = 0.2;

/** How far from the playhead footage is kept, seconds. */
export interface Room {
  readonly behindS: number;
  readonly aheadS: number;
}

/** From the roomiest to what must be there to play on: for whenever the browser has no more room. */
export const ROOMS = {
  usual: { behindS: KEPT_S, aheadS: KEPT_S },
  less: { behindS: 20, aheadS: AHEAD_S },
  least: { behindS: 2, aheadS: 2 },
} as const satisfies Readonly<Record<string, Room>>;

/** Is so much buffered beyond the playhead that no more is wanted before it moves, or plays? */
export function isEnough(at: { readonly aheadS: number; readonly paused: boolean }): boolean {
  return at.aheadS >= (at.paused ? AHEAD_PAUSED_S : AHEAD_S);
}

/** What of the buffer stays, seconds of the film. What plays now is never cut off ahead of the playhead. */
export function keptSpan(
  playhead: {
    readonly atS: number;
    /** Where the footage around it ends; absent when there is none. */
    readonly endS: number | undefined;
    /** The last moment up to this one at which the footage can be cut and still be played from. */
    readonly cutS: (seconds: number) => number;
  },
  { behindS, aheadS }: Room,
): { readonly fromS: number; readonly toS: number } {
  const { atS, endS = 0, cutS } = playhead;
  return {
    // A little earlier, so that rounding never takes the first frame of what stays.
    fromS: cutS(atS - behindS) - SLACK_S / 2,
    toS: Math.max(atS + aheadS, endS) + SLACK_S,
  };
}
