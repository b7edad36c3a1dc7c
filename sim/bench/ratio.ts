import { median } from './figures.ts';

const MIB = 1024 * 1024;
const WARM_UP_TURNS = 3;

/** One piece of work. */
type Turn = () => void | Promise<void>;

/** Work of ours beside the plain cryptography over the same bytes: how much of that speed is left. */
export interface Cell {
  readonly name: string;
  /** Payload of one turn of either. */
  readonly bytes: number;
  /** The least that our speed may be, as a share of the plain one. */
  readonly ratioMin: number;
  readonly ours: Turn;
  readonly plain: Turn;
}

/** What came of one cell; rates are medians, and so is the ratio, over the rounds. */
export interface CellFigures {
  readonly name: string;
  readonly ratio: number;
  readonly ratioMin: number;
  readonly oursMibPerSecond: number;
  readonly plainMibPerSecond: number;
  readonly ok: boolean;
}

/**
 * Both in turns, close together in time and with the first turn changing sides, so that a machine that is busy or slows
 * down for a while does so to both.
 */
export async function measure(cell: Cell, rounds: number): Promise<CellFigures> {
  for (let turn = 0; turn < WARM_UP_TURNS; turn++) {
    await cell.plain();
    await cell.ours();
  }
  const times: { readonly oursMs: number; readonly plainMs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const isOursFirst = round % 2 === 0;
    const firstMs = await timeOf(isOursFirst ? cell.ours : cell.plain);
    const secondMs = await timeOf(isOursFirst ? cell.plain : cell.ours);
    times.push({ oursMs: isOursFirst ? firstMs : secondMs, plainMs: isOursFirst ? secondMs : firstMs });
  }
  const ratio = median(times.map(({ oursMs, plainMs }) => plainMs / oursMs));
  const rateOf = (ms: number): number => Math.round((cell.bytes / MIB / ms) * 1_000);
  return {
    name: cell.name,
    ratio: Math.round(ratio * 1e3) / 1e3,
    ratioMin: cell.ratioMin,
    oursMibPerSecond: rateOf(median(times.map(({ oursMs }) => oursMs))),
    plainMibPerSecond: rateOf(median(times.map(({ plainMs }) => plainMs))),
    ok: ratio >= cell.ratioMin,
  };
}

/** Of several measurements of one cell, the one whose ratio is in the middle; of an even number, the lower of the two. */
export function middleOf(figures: readonly CellFigures[]): CellFigures {
  const sorted = figures.toSorted((a, b) => a.ratio - b.ratio);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError('nothing was measured');
  return middle;
}

/** One line of a table for people. */
export function line({ name, ratio, ratioMin, ok, ...rates }: CellFigures): string {
  const [ours, plain] = [rates.oursMibPerSecond, rates.plainMibPerSecond];
  return `${name}: ${ratio.toFixed(3)} of plain (>= ${ratioMin}), ${ours} of ${plain} MiB/s${ok ? '' : '  TOO SLOW'}`;
}

async function timeOf(turn: Turn): Promise<number> {
  const startMs = performance.now();
  await turn();
  return performance.now() - startMs;
}
