import { clearLine, cursorTo, moveCursor } from 'node:readline';
import type { SecondPoint } from '../result.ts';

const SPARKS = '▁▂▃▄▅▆▇█';
const SPARK_CELLS = 40;
const PLAIN_EVERY_SECONDS = 5;

/** A run as it goes: four lines that stay in place on a terminal, and a plain line every few seconds elsewhere. */
export class LiveView {
  readonly #out: NodeJS.WriteStream;
  readonly #rates: number[] = [];
  #drawn = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  show(point: SecondPoint, errors: number): void {
    this.#rates.push(point.MBps);
    if (this.#rates.length > SPARK_CELLS) this.#rates.shift();
    if (this.#out.isTTY) {
      this.#erase();
      const lines = [`${sparks(this.#rates)}  MB/s durable`, ...linesOf(point, errors)];
      this.#out.write(lines.map((line) => `  ${line}\n`).join(''));
      this.#drawn = lines.length;
    } else if ((point.second + 1) % PLAIN_EVERY_SECONDS === 0) {
      this.#out.write(`${linesOf(point, errors).join(', ')}\n`);
    }
  }

  #erase(): void {
    for (; this.#drawn > 0; this.#drawn -= 1) {
      moveCursor(this.#out, 0, -1);
      cursorTo(this.#out, 0);
      clearLine(this.#out, 0);
    }
  }
}

/** A bar a value, the highest of them full. */
export function sparks(values: readonly number[]): string {
  const most = Math.max(...values, Number.MIN_VALUE);
  return values.map((value) => SPARKS[Math.round((value / most) * (SPARKS.length - 1))] ?? '').join('');
}

function linesOf(point: SecondPoint, errors: number): readonly string[] {
  const { second, MBps, chunks, recordings, p50Ms, p99Ms, dock } = point;
  const wait = `from intended time p50 ${said(p50Ms, 'ms')}, p99 ${said(p99Ms, 'ms')}`;
  const use = `dock ${said(dock?.cpuPercent ?? null, '% CPU')}, ${said(dock?.rssMiB ?? null, 'MiB')}`;
  return [
    `${second + 1} s  ${MBps.toFixed(1)} MB/s  ${chunks} chunks  ${recordings} recordings  ${errors} errors`,
    wait,
    `${use}; generator ${said(point.generatorCpuPercent, '% CPU')}`,
  ];
}

function said(value: number | null, unit: string): string {
  if (value === null) return 'unknown';
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}
