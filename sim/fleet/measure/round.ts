/** Three digits after the point: enough to compare, none that change with the weather. */
export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
