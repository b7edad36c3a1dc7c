import { escaped, number } from './words.ts';

// The drawing's own units. It is stretched to the room there is; its words are HTML beside it, so that they stay
// readable on a phone.
const WIDTH = 1_000;
const HEIGHT = 100;
const TICKS = 4;
const NICE = [1, 2, 2.5, 5, 10] as const;

export interface Line {
  readonly name: string;
  /** One of the styles that differ in colour and in dashes, so that no one needs to tell colours apart. */
  readonly look: 'first' | 'second' | 'third';
  readonly values: readonly (number | null)[];
}

export interface Plot {
  /** What somebody who cannot see the plot is told. */
  readonly says: string;
  readonly unit: string;
  readonly lines: readonly Line[];
  readonly scale: 'linear' | 'log';
  /** What stands under the left and right ends. */
  readonly ends: readonly [string, string];
  /** Marks the start as not counted, up to this share of the width. */
  readonly shaded?: number;
}

/** Lines over one axis. A value that is unknown leaves a gap. */
export function linePlot(plot: Plot): string {
  const axis = axisOf(plot);
  const shade = plot.shaded ?? 0;
  const drawn = [
    shade > 0 ? `<rect class="shade" x="0" y="0" width="${fixed(shade * WIDTH)}" height="${HEIGHT}"/>` : '',
    ...axis.ticks.map(({ y }) => `<path class="grid" d="M0 ${fixed(y)}H${WIDTH}"/>`),
    ...plot.lines.map(({ look, values }) => `<path class="line ${look}" d="${pathOf(values, axis.yOf)}"/>`),
  ];
  return framed(plot, axis, drawn.join(''));
}

/** One column a value, and a line at their mean. */
export function columnPlot(
  plot: Omit<Plot, 'lines' | 'scale'> & { readonly values: readonly number[] },
): string {
  const { values } = plot;
  const mean = values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
  const axis = axisOf({ lines: [{ name: '', look: 'first', values }], scale: 'linear' });
  const step = WIDTH / Math.max(1, values.length);
  const columns = values.map((value, at) => {
    const y = axis.yOf(value);
    return `<rect class="column" x="${fixed((at + 0.14) * step)}" y="${fixed(y)}" width="${fixed(step * 0.72)}" height="${fixed(HEIGHT - y)}"/>`;
  });
  const grid = axis.ticks.map(({ y }) => `<path class="grid" d="M0 ${fixed(y)}H${WIDTH}"/>`);
  const line = `<path class="line second" d="M0 ${fixed(axis.yOf(mean))}H${WIDTH}"/>`;
  return framed(
    { ...plot, lines: [{ name: 'mean', look: 'second', values: [] }] },
    axis,
    [...grid, ...columns, line].join(''),
  );
}

/** A bar as long as the value's share of the most. */
export function bar(value: number | null, most: number, look: Line['look']): string {
  const width = value === null || most === 0 ? 0 : (value / most) * WIDTH;
  return `<svg class="bar" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="${WIDTH}" height="10"/><rect class="fill ${look}" width="${fixed(Math.max(width, value === null ? 0 : 4))}" height="10"/></svg>`;
}

interface Axis {
  readonly yOf: (value: number) => number;
  readonly ticks: readonly { readonly label: string; readonly y: number }[];
}

function axisOf({ lines, scale }: Pick<Plot, 'lines' | 'scale'>): Axis {
  const values = lines.flatMap((line) => line.values).filter((value) => value !== null);
  return scale === 'log' ? logAxis(values) : linearAxis(values);
}

/** From zero, always: an axis that starts elsewhere makes small changes look large. */
function linearAxis(values: readonly number[]): Axis {
  const most = values.reduce((one, other) => Math.max(one, other), 0);
  const rough = (most === 0 ? 1 : most) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (NICE.find((nice) => nice * power >= rough * 0.999) ?? 10) * power;
  const top = step * Math.max(1, Math.ceil(most / step - 1e-9));
  const yOf = (value: number): number => HEIGHT * (1 - value / top);
  const count = Math.round(top / step);
  const ticks = Array.from({ length: count + 1 }, (_, at) => ({
    label: number(at * step),
    y: yOf(at * step),
  }));
  return { yOf, ticks };
}

/** Powers of ten, from below the least to above the most. */
function logAxis(values: readonly number[]): Axis {
  const positive = values.filter((value) => value > 0);
  const least = positive.reduce((one, other) => Math.min(one, other), Number.MAX_VALUE);
  const low = positive.length === 0 ? 0 : Math.floor(Math.log10(least));
  const most = positive.reduce((one, other) => Math.max(one, other), 0);
  const high = positive.length === 0 ? 1 : Math.max(low + 1, Math.ceil(Math.log10(most)));
  const yOf = (value: number): number => {
    const share = (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
    return HEIGHT * (1 - share);
  };
  const ticks = Array.from({ length: high - low + 1 }, (_, at) => ({
    label: number(10 ** (low + at)),
    y: yOf(10 ** (low + at)),
  }));
  return { yOf, ticks };
}

function pathOf(values: readonly (number | null)[], yOf: Axis['yOf']): string {
  const step = WIDTH / Math.max(1, values.length - 1);
  let isPenUp = true;
  return values
    .map((value, at) => {
      const move = isPenUp ? 'M' : 'L';
      isPenUp = value === null;
      return value === null ? '' : `${move}${fixed(at * step)} ${fixed(yOf(value))}`;
    })
    .join('');
}

function framed(plot: Omit<Plot, 'scale'>, axis: Axis, drawn: string): string {
  const ticks = axis.ticks.map(({ label, y }) => `<span style="top:${fixed(y)}%">${escaped(label)}</span>`);
  const isNamed = plot.lines.length > 1 || plot.lines.some(({ name }) => name !== '');
  const names = plot.lines.map(
    ({ name, look }) =>
      `<li><svg class="key" viewBox="0 0 28 8" aria-hidden="true"><path class="line ${look}" d="M0 4H28"/></svg>${escaped(name)}</li>`,
  );
  return `<div class="plot">
<div class="legend"><span class="unit">${escaped(plot.unit)}</span>${isNamed ? `<ul>${names.join('')}</ul>` : ''}</div>
<div class="frame"><div class="ticks" aria-hidden="true">${ticks.join('')}</div>
<svg class="drawing" role="img" aria-label="${escaped(plot.says)}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${drawn}</svg></div>
<div class="ends" aria-hidden="true"><span>${escaped(plot.ends[0])}</span><span>${escaped(plot.ends[1])}</span></div>
</div>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
