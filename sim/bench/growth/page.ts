import { linePlot } from '../../fleet/report/plot.ts';
import { pageOf } from '../../fleet/report/shell.ts';
import { number } from '../../fleet/report/words.ts';
import type { CameraCosts } from './camera-cell.ts';
import type { IndexCosts } from './index-cell.ts';

/** Both tables as one page with plots; no network, no script. */
export function growthPage(cameras: readonly CameraCosts[], rows: readonly IndexCosts[]): string {
  return pageOf({
    title: 'What a chunk costs as a dock grows',
    header: '<h1>What a chunk costs as a dock grows</h1>',
    main: [
      ...(cameras.length === 0 ? [] : [camerasSection(cameras)]),
      ...(rows.length === 0 ? [] : [rowsSection(rows)]),
    ].join('\n'),
    footer: 'Made by <code>npm run bench:growth</code>.',
  });
}

function camerasSection(all: readonly CameraCosts[]): string {
  const ends = endsOf(
    all.map(({ cameras }) => cameras),
    'cameras',
  );
  const cpu = linePlot({
    says: 'Processor time of the dock for a chunk, by the number of cameras.',
    ...{ unit: 'ms', scale: 'linear', ends },
    lines: [{ name: 'processor', look: 'first', values: all.map(({ cpuMs }) => cpuMs) }],
  });
  const latency = linePlot({
    says: 'Latency of a chunk from its intended time, by the number of cameras.',
    ...{ unit: 'ms', scale: 'log', ends },
    lines: [
      { name: 'p50', look: 'first', values: all.map(({ p50Ms }) => p50Ms) },
      { name: 'p99', look: 'second', values: all.map(({ p99Ms }) => p99Ms) },
    ],
  });
  return `<section><h2>Cameras</h2>${cpu}${latency}</section>`;
}

function rowsSection(all: readonly IndexCosts[]): string {
  const line = (name: keyof Omit<IndexCosts, 'rows'>, look: 'first' | 'second' | 'third') => ({
    ...{ name, look },
    values: all.map((costs) => costs[name]),
  });
  const plot = linePlot({
    says: 'What a dock asks of its index, by the number of recordings in it.',
    ...{ unit: 'us', scale: 'log' },
    ends: endsOf(
      all.map(({ rows }) => rows),
      'recordings',
    ),
    lines: [line('chunk', 'first'), line('find', 'second'), line('unsettled', 'third')],
  });
  return `<section><h2>Recordings in the index</h2>${plot}</section>`;
}

function endsOf(values: readonly number[], noun: string): readonly [string, string] {
  return [`${number(values[0] ?? 0)} ${noun}`, number(values.at(-1) ?? 0)];
}
