import { concat, text } from '../../proto/bytes.ts';
import type { Clock } from '../ports.ts';

/** Where the policy service is and how this dock proves to it that it is a known source. */
export interface Endpoint {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
}

export interface Request {
  readonly path: string;
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly body?: unknown;
  /** Overall: connecting, sending, waiting and reading the answer. */
  readonly deadlineMs: number;
  readonly answerBytesMax: number;
}

/** A complete JSON answer, or, in words a person understands, why there is none. */
export type Answer = { readonly status: number; readonly body: unknown } | { readonly failed: string };

/**
 * Posts JSON, or gets, and reads a JSON answer, within the deadline and the size limit. Never throws: whatever goes
 * wrong is a sentence. Redirects are refused, since the bearer token is for this address only.
 */
export async function call(endpoint: Endpoint, request: Request): Promise<Answer> {
  const abort = new AbortController();
  const cancel = endpoint.clock.after(request.deadlineMs, () => abort.abort());
  try {
    const response = await fetch(`${endpoint.url}${request.path}`, {
      ...(request.body === undefined
        ? { headers: { authorization: `Bearer ${endpoint.token}` } }
        : {
            method: 'POST',
            headers: { authorization: `Bearer ${endpoint.token}`, 'content-type': 'application/json' },
            body: JSON.stringify(request.body),
          }),
      redirect: 'error',
      signal: abort.signal,
    });
    return await readJson(response, request.answerBytesMax);
  } catch (error) {
    if (abort.signal.aborted)
      return { failed: `policy service did not answer within ${request.deadlineMs / 1000} s` };
    return { failed: `policy service cannot be reached (${whyNot(error)})` };
  } finally {
    cancel();
  }
}

/** The short cause inside a fetch error, such as `ECONNREFUSED`; the outer message says only "fetch failed". */
export function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.message.slice(0, 100) : 'unknown error';
}

async function readJson(response: Response, bytesMax: number): Promise<Answer> {
  const body = await readBounded(response, bytesMax);
  if (body === undefined) return { failed: 'policy service answered with more than it should' };
  try {
    return { status: response.status, body: JSON.parse(text(body)) };
  } catch {
    return { failed: `policy service answered ${response.status} with something that is not JSON` };
  }
}

/** The body part by part as it arrives; nothing where there is no body. */
export async function* bodyParts(response: Response): AsyncGenerator<Uint8Array, void, void> {
  if (response.body === null) return;
  for await (const part of response.body as AsyncIterable<unknown>) {
    if (part instanceof Uint8Array) yield part;
  }
}

async function readBounded(response: Response, bytesMax: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of bodyParts(response)) {
    bytes += part.length;
    if (bytes > bytesMax) return undefined;
    parts.push(part);
  }
  return concat(...parts);
}
