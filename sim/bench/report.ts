import { rounded, type WireFigures } from './figures.ts';
import type { ZmodemRun } from './zmodem.ts';

/** What a serial cell must reach: at most the ratios, at least the goodput. */
export interface Limits {
  readonly wireRatio: number | null;
  readonly ackRatio: number | null;
  readonly goodput: number;
}

const ACK_RATIO_MAX = 0.01;
/** By bit error rate. At 1e-4 every sixth fragment is lost and the dock answers each time: only the goodput is promised. */
const LIMITS: ReadonlyMap<number, Limits> = new Map([
  [0, { wireRatio: 1.008, ackRatio: ACK_RATIO_MAX, goodput: 0.98 }],
  [1e-6, { wireRatio: 1.032, ackRatio: ACK_RATIO_MAX, goodput: 0.955 }],
  [1e-5, { wireRatio: 1.1, ackRatio: ACK_RATIO_MAX, goodput: 0.89 }],
  [1e-4, { wireRatio: null, ackRatio: null, goodput: 0.66 }],
]);
export const MQTT_WIRE_RATIO_MAX = 1.002;

/** One line of the table: our medians, and the better of the ways ZMODEM was tried. */
export interface SerialRow extends WireFigures {
  readonly ber: number;
  readonly zmodem: ({ readonly variant: string } & WireFigures) | null;
  readonly limits: Limits | null;
  readonly ok: boolean;
}

/** `runs` that did not end do not count as figures, and the row is not ok then. */
export function serialRow(
  ber: number,
  ours: { readonly medians: WireFigures; readonly allEnded: boolean },
  zmodem: readonly ZmodemRun[],
): SerialRow {
  const best = bestOf(zmodem);
  const limits = LIMITS.get(ber) ?? null;
  const isAhead = best === null || ours.medians.goodput > best.goodput;
  const ok = ours.allEnded && isAhead && (limits === null || keeps(ours.medians, limits));
  return { ber, ...rounded(ours.medians), zmodem: best, limits, ok };
}

function bestOf(runs: readonly ZmodemRun[]): SerialRow['zmodem'] {
  let best: SerialRow['zmodem'] = null;
  for (const { variant, figures } of runs) {
    if (figures !== null && (best === null || figures.goodput > best.goodput))
      best = { variant, ...rounded(figures) };
  }
  return best;
}

function keeps(figures: WireFigures, limits: Limits): boolean {
  return (
    (limits.wireRatio === null || figures.wireRatio <= limits.wireRatio) &&
    (limits.ackRatio === null || figures.ackRatio <= limits.ackRatio) &&
    figures.goodput >= limits.goodput
  );
}

/** The table as lines for people. */
export function table(rows: readonly SerialRow[]): readonly string[] {
  const head = ['BER', 'wire/payload', 'acks/payload', 'goodput', 'ZMODEM wire', 'ZMODEM goodput', 'ok'];
  const cells = rows.map((row) => [
    row.ber === 0 ? '0' : row.ber.toExponential(0),
    withLimit(row.wireRatio.toFixed(4), '<=', row.limits?.wireRatio),
    withLimit(row.ackRatio.toFixed(4), '<=', row.limits?.ackRatio),
    withLimit(percent(row.goodput), '>=', row.limits && percent(row.limits.goodput)),
    row.zmodem === null ? '-' : row.zmodem.wireRatio.toFixed(3),
    row.zmodem === null ? '-' : percent(row.zmodem.goodput),
    row.ok ? 'yes' : 'NO',
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  return [head, ...cells].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function withLimit(value: string, relation: string, limit: number | string | null | undefined): string {
  return limit === null || limit === undefined ? value : `${value} (${relation} ${limit})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
