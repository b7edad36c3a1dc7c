import type { PolicyEvent } from '../ports.ts';
import { bodyParts, type Endpoint } from './call.ts';
import { EventParser } from './events.ts';

// The service sends a heartbeat each second; three missed ones mean that nobody is there,
// although TCP may not notice for a quarter of an hour.
const SILENCE_MS_MAX = 3_000;
const BACKOFF_MS_MIN = 250;
const BACKOFF_MS_MAX = 2_000;

/**
 * Follows the service's event stream until `stop` is aborted, reconnecting with a growing pause. Yields
 * `reconnected` each time a stream opens, the first time included: whatever was asked before may be out of date.
 */
export async function* listen(
  endpoint: Endpoint,
  stop: AbortSignal,
): AsyncGenerator<PolicyEvent, void, void> {
  let backoffMs = BACKOFF_MS_MIN;
  let after: number | undefined;
  while (!stop.aborted) {
    for await (const event of connection(endpoint, stop, after)) {
      backoffMs = BACKOFF_MS_MIN;
      if (event.event === 'fact') after = event.index;
      yield event;
    }
    if (stop.aborted) return;
    await pause(endpoint, stop, backoffMs);
    backoffMs = Math.min(2 * backoffMs, BACKOFF_MS_MAX);
  }
}

/** One connection, from its opening to its end or to its silence; ends without a word where there is none. */
async function* connection(
  endpoint: Endpoint,
  stop: AbortSignal,
  after: number | undefined,
): AsyncGenerator<PolicyEvent, void, void> {
  const watch = watchdog(endpoint, stop);
  try {
    const response = await fetch(`${endpoint.url}/v1/events${after === undefined ? '' : `?after=${after}`}`, {
      headers: { authorization: `Bearer ${endpoint.token}`, accept: 'text/event-stream' },
      redirect: 'error',
      signal: watch.signal,
    });
    if (response.status !== 200) return;
    yield { event: 'reconnected' };
    const parser = new EventParser();
    const decoder = new TextDecoder();
    for await (const part of bodyParts(response)) {
      watch.heard();
      yield* parser.push(decoder.decode(part, { stream: true }));
      if (parser.broken) return;
    }
  } catch {
    // Refused, reset, silent or stopped: all of them mean "connect again", which the caller does.
  } finally {
    watch.end();
  }
}

/** A signal that aborts on `stop` and whenever nothing was heard for too long. */
function watchdog(
  endpoint: Endpoint,
  stop: AbortSignal,
): { signal: AbortSignal; heard(): void; end(): void } {
  const abort = new AbortController();
  const onStop = (): void => abort.abort();
  stop.addEventListener('abort', onStop);
  if (stop.aborted) abort.abort();
  let cancel = endpoint.clock.after(SILENCE_MS_MAX, onStop);
  return {
    signal: abort.signal,
    heard() {
      cancel();
      cancel = endpoint.clock.after(SILENCE_MS_MAX, onStop);
    },
    end() {
      cancel();
      stop.removeEventListener('abort', onStop);
      abort.abort();
    },
  };
}

async function pause(endpoint: Endpoint, stop: AbortSignal, delayMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      cancel();
      stop.removeEventListener('abort', done);
      resolve();
    };
    const cancel = endpoint.clock.after(delayMs, done);
    stop.addEventListener('abort', done);
  });
}
