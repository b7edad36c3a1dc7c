import { PackageError } from './errors.ts';

/** A JSON object that a service answered. */
export type Answer = Readonly<Record<string, unknown>>;

const ANSWER_MS_MAX = 30_000;

/** What a service answered, whatever its status. Throws PackageError PACKAGE_BUSY when it gave none in time, or no JSON object. */
export async function send(
  url: string,
  body: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Answer; readonly retryAfterS: number }> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const json = { ...headers, 'content-type': 'application/json' };
  const request =
    body === undefined ? { signal } : { signal, method: 'POST', headers: json, body: JSON.stringify(body) };
  try {
    const answer = await fetch(url, { redirect: 'error', ...request });
    const said: unknown = await answer.json();
    if (typeof said !== 'object' || said === null) throw new TypeError('it is no JSON object');
    const retryAfterS = Number(answer.headers.get('retry-after') ?? 0);
    return { status: answer.status, body: Object.fromEntries(Object.entries(said)), retryAfterS };
  } catch (cause) {
    throw noAnswer(url, cause);
  }
}

/** Throws PackageError PACKAGE_REFUSED for any status but 200. */
export async function get(url: string): Promise<Answer> {
  const answer = await send(url, undefined);
  if (answer.status === 200) return answer.body;
  throw refusal(url, answer);
}

/** Throws PackageError PACKAGE_REFUSED for any status but 200. */
export async function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await send(url, body, headers);
  if (answer.status === 200) return answer.body;
  throw refusal(url, answer);
}

/** A line of text; throws as the others do. */
export async function getLine(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (answer.status === 200) return (await answer.text()).trim();
    throw refusal(url, { status: answer.status, body: {} });
  } catch (cause) {
    throw cause instanceof PackageError ? cause : noAnswer(url, cause);
  }
}

/** What a service refused, in its own words. */
export function refusal(
  what: string,
  { status, body }: { readonly status: number; readonly body: Answer },
): PackageError {
  const said = JSON.stringify(body['error'] ?? body).slice(0, 500);
  return new PackageError('PACKAGE_REFUSED', `${what}: ${status} ${said}`, {
    retry: 'never',
    facts: { status },
  });
}

/** A member that must be text. Throws PackageError PACKAGE_BAD. */
export function word(value: unknown): string {
  if (typeof value === 'string') return value;
  throw bad('an answer lacks what it must have');
}

/** For an answer that does not hold. */
export function bad(message: string): PackageError {
  return new PackageError('PACKAGE_BAD', message, { retry: 'never' });
}

function noAnswer(url: string, cause: unknown): PackageError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new PackageError('PACKAGE_BUSY', `${url} gave no answer: ${why}`, { retry: 'later', cause });
}
