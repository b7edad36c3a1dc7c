import type { Update } from '../schema/updates.ts';
import { ApiError, type Api } from './api.ts';

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 5_000;

export type { Update };

export interface Following {
  /** After every gap in the stream, in which anything may have changed. */
  readonly connected: () => void;
  readonly changed: (update: Update) => void;
}

/**
 * Tells of every row that changed. Read with fetch, since an EventSource cannot carry a token. Ends with `signal`, or once
 * the dock no longer knows the token.
 */
export async function followUpdates(api: Api, following: Following, signal: AbortSignal): Promise<void> {
  let retryMs = RETRY_MS_MIN;
  while (!signal.aborted) {
    try {
      const response = await api.updates(signal);
      following.connected();
      retryMs = RETRY_MS_MIN;
      await readEvents(response, following.changed);
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.kind === 'signed-out')) return;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
  }
}

async function readEvents(response: Response, changed: Following['changed']): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    const events = (rest + part.value).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const [kind, data] = event.split('\ndata: ');
      if (kind === 'event: changed' && data !== undefined) changed(JSON.parse(data) as Update);
    }
  }
}
