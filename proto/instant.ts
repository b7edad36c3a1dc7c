const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/;

/**
 * RFC 3339 in UTC with exactly six decimals, from microseconds since 1970. One instant has one spelling,
 * and spellings sort as text. Throws a RangeError before 1970 and past 2^53-1 us, which is in 2255.
 */
export function formatInstant(us: number): string {
  if (!Number.isSafeInteger(us) || us < 0) throw new RangeError(`no such instant: ${us} us`);
  const whole = new Date(Math.floor(us / 1000)).toISOString();
  return `${whole.slice(0, -1)}${String(us % 1000).padStart(3, '0')}Z`;
}

/** Inverse of {@link formatInstant}: microseconds since 1970, or undefined for any other spelling. */
export function parseInstant(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const us = Date.parse(`${match[1]}Z`) * 1000 + Number(match[2]);
  // Comparing back refuses dates that the parser rolls over, such as February 30.
  return Number.isSafeInteger(us) && us >= 0 && formatInstant(us) === text ? us : undefined;
}
