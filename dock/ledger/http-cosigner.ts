import { concat, text } from '../../proto/bytes.ts';
import type { Clock } from '../ports.ts';
import type { Cosigner } from './witness.ts';

export interface WitnessAddress {
  /** Verifier key, C2SP tlog-cosignature. */
  readonly vkey: string;
  /** Submission prefix: requests go to `URL/add-checkpoint`. */
  readonly url: string;
}

// Connecting, sending, waiting for its disk and reading the answer; four such rounds fit into what a camera waits.
const ANSWER_MS_MAX = 3_000;
const ANSWER_BYTES_MAX = 16 * 1024;

/** A witness over HTTP. Redirects are refused: the address was chosen by a person. */
export function httpCosigner({ vkey, url }: WitnessAddress, clock: Pick<Clock, 'after'>): Cosigner {
  const address = `${url.replace(/\/+$/, '')}/add-checkpoint`;
  return {
    vkey,
    async add(body, signal) {
      const abort = new AbortController();
      const late = clock.after(ANSWER_MS_MAX, () => abort.abort());
      try {
        const response = await fetch(address, {
          method: 'POST',
          body,
          redirect: 'error',
          signal: AbortSignal.any([signal, abort.signal]),
        });
        return { status: response.status, body: await wholeText(response) };
      } catch (cause) {
        if (signal.aborted) throw new Error('was not asked to the end', { cause });
        if (abort.signal.aborted)
          throw new Error(`did not answer within ${ANSWER_MS_MAX / 1_000} s at ${url}`, { cause });
        throw new Error(`cannot be reached at ${url}: ${whyNot(cause)}`, { cause });
      } finally {
        late();
        // Frees the connection of an answer that was not read to its end.
        abort.abort();
      }
    },
  };
}

async function wholeText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<unknown>) {
    if (!(part instanceof Uint8Array)) continue;
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('it answered with more than it should');
    parts.push(part);
  }
  return text(concat(...parts));
}

/** The short cause inside a fetch error, such as `ECONNREFUSED`; the outer message says only "fetch failed". */
function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.message : String(cause);
}
