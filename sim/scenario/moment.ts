import { z } from 'zod';

/** From and to, both included; equal when there is nothing to draw. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const MS_OF = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LENGTH = String.raw`\d+(?:\.\d+)?(?:ms|s|m|h|d)`;
const SHARE = String.raw`\d+(?:\.\d+)?%`;
const LENGTH_PATTERN = new RegExp(`^${LENGTH}$`);
const STEP_PATTERN = new RegExp(`^[+-]${LENGTH}$`);
const LENGTHS_PATTERN = new RegExp(String.raw`^${LENGTH}(?:\.\.${LENGTH})?$`);
const SHARES_PATTERN = new RegExp(String.raw`^${SHARE}(?:\.\.${SHARE})?$`);

/** `500ms`, `12s`, `2m`, `3h`, `400d`: milliseconds once read. */
export const lengthOfTime = z
  .string()
  .regex(LENGTH_PATTERN, 'must be a length of time such as 500ms, 12s, 2m, 3h or 400d')
  .transform(msOf)
  .meta({ title: 'length of time' });

/** `+3h`, `-400d`: how far a clock steps, milliseconds once read. */
export const clockStep = z
  .string()
  .regex(STEP_PATTERN, 'must be a step with its sign, such as +3h or -400d')
  .transform((text) => (text.startsWith('-') ? -1 : 1) * msOf(text.slice(1)))
  .meta({ title: 'step with its sign' });

/** `3s`, or `3s..6s`: some moment in between, drawn from the seed. */
export const lengthsOfTime = z
  .string()
  .regex(LENGTHS_PATTERN, 'must be a length of time such as 3s, or two such as 3s..6s to draw one in between')
  .transform((text) => spanOf(text, msOf))
  .refine(isForward, 'must name the shorter one first')
  .meta({ title: 'length of time, or two to draw one in between' });

/** `99%`, or `10%..90%`: some share in between, drawn from the seed; 0 to 1 once read. */
export const shares = z
  .string()
  .regex(SHARES_PATTERN, 'must be a share such as 99%, or two such as 10%..90% to draw one in between')
  .transform((text) => spanOf(text, (share) => Number.parseFloat(share) / 100))
  .refine(({ to }) => to <= 1, 'must be 100% or less')
  .refine(isForward, 'must name the smaller one first')
  .meta({ title: 'share, or two to draw one in between' });

function msOf(text: string): number {
  const unit = /(ms|s|m|h|d)$/.exec(text)?.[1];
  return Number.parseFloat(text) * (isUnit(unit) ? MS_OF[unit] : 1);
}

function isUnit(unit: string | undefined): unit is keyof typeof MS_OF {
  return unit !== undefined && unit in MS_OF;
}

function spanOf(text: string, read: (part: string) => number): Span {
  const [from = '', to = from] = text.split('..');
  return { from: read(from), to: read(to) };
}

function isForward({ from, to }: Span): boolean {
  return from <= to;
}
