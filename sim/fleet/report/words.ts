const DASH = '–';
const KIB = 1_024;

/** Text as HTML: nothing that a target or an error says can become markup. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** About three digits, thousands apart: 0.042, 3.21, 88.3, 1,240. Unknown is a word and never zero. */
export function number(value: number | null): string {
  if (value === null) return 'unknown';
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return Math.round(value).toLocaleString('en-US');
  const digits = size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(size < 1 ? 3 : digits)));
}

/** A time as people say it: 4.2 ms, 1.3 s, 12 min. */
export function duration(ms: number | null): string {
  if (ms === null) return DASH;
  if (ms < 1_000) return `${number(ms)} ms`;
  if (ms < 120_000) return `${number(ms / 1_000)} s`;
  return minutes(ms / 60_000);
}

export function minutes(value: number): string {
  if (value < 120) return `${number(Math.round(value))} min`;
  return `${number(Math.round(value / 6) / 10)} h`;
}

/** Of content, in powers of ten as disks and lines are sold. */
export function bytes(value: number): string {
  const steps = [
    [1e12, 'TB'],
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
  ] as const;
  const step = steps.find(([size]) => value >= size);
  return step === undefined ? `${value} B` : `${number(value / step[0])} ${step[1]}`;
}

/** A chunk is always a power of two, and is called so. */
export function chunkSize(value: number): string {
  return value % KIB === 0 ? `${value / KIB} KiB` : `${value} B`;
}

export function plural(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}
