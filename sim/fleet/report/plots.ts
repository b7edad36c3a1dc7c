import type { LoadResult, Percentiles, SecondPoint } from '../result.ts';
import { bar, columnPlot, linePlot, type Plot } from './plot.ts';
import { bytes, duration, escaped, number } from './words.ts';

const ROWS_MAX = 60;
const EACH_MAX = 64;

export function throughputSection(result: LoadResult): string {
  const { series, durable } = result;
  const values = series.map(({ MBps }) => MBps);
  const says = `Megabytes made durable in each second: ${number(durable.MBps)} a second in the mean, between ${number(least(values))} and ${number(most(values))}.`;
  const plot = linePlot({
    ...timeAxis(result),
    says,
    unit: 'MB/s',
    scale: 'linear',
    lines: [{ name: '', look: 'first', values }],
  });
  return `<section><h2>Throughput</h2><p>Footage that was checked and safe on the dock’s disk, in each second of the run. What was only sent does not count.</p>${plot}${seriesTable(series)}</section>`;
}

export function latencySection(result: LoadResult): string {
  const { series, chunkLatencyMs, serviceMs, erasableMs } = result;
  const says = `How long chunks waited in each second: over the run half less than ${duration(chunkLatencyMs.p50)}, 99 of 100 less than ${duration(chunkLatencyMs.p99)}, the longest ${duration(chunkLatencyMs.max)}.`;
  const plot = linePlot({
    ...timeAxis(result),
    says,
    unit: 'milliseconds, each line ten times the one below',
    scale: 'log',
    lines: [
      { name: 'half of the chunks less than', look: 'first', values: series.map(({ p50Ms }) => p50Ms) },
      { name: '99 of 100 less than', look: 'second', values: series.map(({ p99Ms }) => p99Ms) },
      { name: 'the longest', look: 'third', values: series.map(({ maxMs }) => maxMs) },
    ],
  });
  const meaning =
    result.options.loop === 'open'
      ? 'Counted from the moment at which a chunk was due by the plan. If the dock stops for a moment, every chunk that was due meanwhile counts with its whole wait; timed from sending, most of them would not show (coordinated omission).'
      : 'Each camera sends on only when the dock lets it, so a chunk is due when its window opens. A dock that stops for a moment is asked for less meanwhile, and these waits show it less than an open loop would (coordinated omission): compare them between closed loops only.';
  return `<section><h2>How long a chunk waits</h2><p>${meaning}</p>${plot}${percentileTable({ chunkLatencyMs, serviceMs, erasableMs })}</section>`;
}

export function baysSection({ bays, line }: LoadResult): string {
  const fair =
    bays.minOverMean === null
      ? 'Nothing arrived.'
      : `The slowest camera got ${Math.round(bays.minOverMean * 100)} % of the mean.`;
  const rates = bays.each.map(({ MBps }) => MBps);
  const says = `MB/s of each camera: mean ${number(bays.meanMBps)}, slowest ${number(bays.minMBps)}, fastest ${number(bays.maxMBps)}.`;
  const isAll = bays.count <= EACH_MAX;
  const plot = isAll
    ? columnPlot({
        says,
        unit: 'MB/s of each camera',
        values: rates,
        ends: [`camera ${bays.each[0]?.camera ?? 0}`, `camera ${bays.each.at(-1)?.camera ?? 0}`],
      })
    : linePlot({
        says,
        unit: 'MB/s',
        scale: 'linear',
        ends: ['slowest camera', 'fastest camera'],
        lines: [{ name: '', look: 'first', values: bays.spread }],
      });
  const rows = bays.each.map(
    (bay) =>
      `<tr><th scope="row">${bay.camera}</th><td>${number(bay.MBps)}</td><td>${bytes(bay.bytes)}</td><td>${number(bay.recordings)}</td><td>${duration(bay.worstMs)}</td><td>${number(bay.retransmits)}</td><td>${number(bay.errors)}</td></tr>`,
  );
  const heads = ['Camera', 'MB/s', 'Safe on disk', 'Recordings', 'Longest wait', 'Sent again', 'Errors'];
  return `<section><h2>Bay by bay</h2><p>Whether every camera gets its share. ${fair}${lineWords(line)}</p>${plot}${folded(isAll ? 'Each camera in numbers' : `The ${EACH_MAX} slowest cameras in numbers`, heads, rows)}</section>`;
}

/** A line at 8N1 carries a tenth of its bit rate in bytes, and durable payload is what counts of them. */
function lineWords(line: LoadResult['line']): string {
  if (line === null) return '';
  const percent = (share: number): string => `${number(Math.round(share * 1_000) / 10)} %`;
  return ` Of what its line of ${number(line.baud)} bit/s can carry, the slowest bay made ${percent(line.slowest)} durable, and all together ${percent(line.mean)}.`;
}

export function resourceSection(result: LoadResult): string {
  const { series, dock } = result;
  const cpu = series.map((point) => point.dock?.cpuPercent ?? null);
  const generator = series.map(({ generatorCpuPercent }) => generatorCpuPercent);
  const memory = series.map((point) => point.dock?.rssMiB ?? null);
  const fds = series.map((point) => point.dock?.fds ?? null);
  const axis = timeAxis(result);
  const plots = [
    small('Processor', {
      ...axis,
      says: `The dock used ${number(dock.cpuPercent)} percent of one core in the mean.`,
      unit: '% of one core',
      scale: 'linear',
      lines: [
        { name: 'dock', look: 'first', values: cpu },
        { name: 'load generator', look: 'second', values: generator },
      ],
    }),
    small('Memory of the dock', {
      ...axis,
      says: `The dock held at most ${number(dock.rssMiB?.max ?? null)} MiB, at the end ${number(dock.rssMiB?.last ?? null)}.`,
      unit: 'MiB',
      scale: 'linear',
      lines: [{ name: '', look: 'first', values: memory }],
    }),
    small('Open files and connections', {
      ...axis,
      says: `The dock had at most ${number(dock.fds?.max ?? null)} descriptors open, at the end ${number(dock.fds?.last ?? null)}.`,
      unit: 'descriptors',
      scale: 'linear',
      lines: [{ name: '', look: 'first', values: fds }],
    }),
  ];
  const told = [
    ['Disk syncs', dock.fsyncs],
    ['Event loop’s longest delay, ms', dock.eventLoopDelayMs],
    ...Object.entries(dock.queues ?? {}).map(([name, value]) => [`Most in queue “${name}”`, value] as const),
    ...kept(result),
  ] as const;
  const known = told.filter(([, value]) => value !== null);
  const list = known.map(
    ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${number(value)}</td></tr>`,
  );
  const table = known.length === 0 ? '' : `<table class="facts"><tbody>${list.join('')}</tbody></table>`;
  const isSeen = known.length > 0 || plots.some((plot) => plot !== '');
  if (!isSeen) {
    return `<section><h2>What the dock needed</h2><p>Not known: the dock’s process could not be seen from here, and it says nothing of itself.</p></section>`;
  }
  return `<section><h2>What the dock needed</h2><p>Seen from outside, once a second. Memory that keeps growing would end a dock some day; it should be flat.</p><div class="pair small">${plots.join('')}</div>${table}</section>`;
}

/** What grows with the footage, and what should not. */
function kept({ kept: books, steady }: LoadResult): readonly (readonly [string, number | null])[] {
  const level = (name: 'rssMiB' | 'fds'): number | null => steady?.[name]?.ratio ?? null;
  return [
    ['Ledger for each GiB, bytes', books?.ledgerBytesPerGiB ?? null],
    ['Index for each GiB, bytes', books?.indexBytesPerGiB ?? null],
    ['Memory in the last minute, of that in the second', level('rssMiB')],
    ['Open files in the last minute, of those in the second', level('fds')],
  ];
}

/** A plot of which nothing is known is left out, and named under what was not measured. */
function small(title: string, plot: Plot): string {
  const isKnown = plot.lines.some(({ values }) => values.some((value) => value !== null));
  return isKnown ? `<div><h3>${title}</h3>${linePlot(plot)}</div>` : '';
}

function timeAxis({ series, options }: LoadResult): {
  readonly ends: [string, string];
  readonly shaded: number;
} {
  const shaded = Math.min(1, options.warmUpSeconds / Math.max(1, series.length - 1));
  return { ends: [shaded > 0 ? '0 s (grey: warming up)' : '0 s', `${series.length} s`], shaded };
}

function percentileTable(times: Pick<LoadResult, 'chunkLatencyMs' | 'serviceMs' | 'erasableMs'>): string {
  const { chunkLatencyMs, serviceMs, erasableMs } = times;
  const longest = Math.max(chunkLatencyMs.max ?? 0, serviceMs.max ?? 0);
  const rows = (
    [
      ['Half', 'p50'],
      ['9 of 10', 'p90'],
      ['99 of 100', 'p99'],
      ['999 of 1,000', 'p999'],
      ['All', 'max'],
    ] as const satisfies readonly (readonly [string, keyof Percentiles])[]
  ).map(
    ([name, key]) =>
      `<tr><th scope="row">${name}</th><td>${duration(chunkLatencyMs[key])}</td><td class="wide">${bar(chunkLatencyMs[key], longest, 'first')}</td><td>${duration(serviceMs[key])}</td><td>${duration(erasableMs[key])}</td></tr>`,
  );
  return `<div class="scroll" tabindex="0" role="group" aria-label="Waits by share"><table><caption>Waited at most, over the whole run (${number(chunkLatencyMs.count)} chunks, ${number(erasableMs.count)} recordings)</caption><thead><tr><th scope="col">Share</th><th scope="col">Chunk, since due</th><td class="wide"></td><th scope="col">Chunk, since sent</th><th scope="col">Recording, docked to erasable</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** The plots' numbers for whoever cannot see them; of long runs, stretches of seconds together. */
function seriesTable(series: readonly SecondPoint[]): string {
  const step = Math.max(1, Math.ceil(series.length / ROWS_MAX));
  const rows = Array.from({ length: Math.ceil(series.length / step) }, (_, row) => {
    const some = series.slice(row * step, (row + 1) * step);
    const sum = (of: (point: SecondPoint) => number): number =>
      some.reduce((total, point) => total + of(point), 0);
    const known = some.map(({ p99Ms }) => p99Ms).filter((value) => value !== null);
    const worst = known.length === 0 ? null : most(known);
    return `<tr><th scope="row">${row * step}</th><td>${number(sum(({ MBps }) => MBps) / some.length)}</td><td>${number(sum(({ chunks }) => chunks))}</td><td>${number(sum(({ recordings }) => recordings))}</td><td>${duration(worst)}</td></tr>`;
  });
  return folded(
    'These numbers as a table',
    ['From second', 'MB/s', 'Chunks', 'Recordings', '99 of 100 waited less than'],
    rows,
  );
}

function folded(title: string, heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((one) => `<th scope="col">${one}</th>`).join('');
  return `<details><summary>${escaped(title)}</summary><div class="scroll" tabindex="0" role="group" aria-label="${escaped(title)}"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div></details>`;
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((one, other) => Math.min(one, other));
}

function most(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((one, other) => Math.max(one, other));
}
