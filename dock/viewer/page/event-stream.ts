import { ApiError } from './api.ts';

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 5_000;

/** One server-sent event; `data` as it came. */
export interface StreamEvent {
  readonly kind: string;
  readonly data: string;
}

export interface Following {
  /** Opens the stream; throws ApiError. */
  readonly open: (signal: AbortSignal) => Promise<Response>;
  /** After every gap in the stream, in which anything may have changed. */
  readonly connected: () => void;
  readonly event: (event: StreamEvent) => void;
  /** Something came, were it only a sign of life. */
  readonly alive?: () => void;
}

/**
 * Follows a stream of the dock for as long as the person is signed in, over every interruption. Read with fetch, since an
 * EventSource cannot carry a token. Ends with `signal`, or once the dock no longer knows the token.
 */
export async function followStream(following: Following, signal: AbortSignal): Promise<void> {
  let retryMs = RETRY_MS_MIN;
  while (!signal.aborted) {
    try {
      const response = await following.open(signal);
      following.connected();
      retryMs = RETRY_MS_MIN;
      await readEvents(response, following);
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.kind === 'signed-out')) return;
    }
    await pause(retryMs, signal);
    retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
  }
}

/** Shorter when the network or the person comes back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const sign of SIGNS) removeEventListener(sign, done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    for (const sign of SIGNS) addEventListener(sign, done);
    signal.addEventListener('abort', done);
  });
}

const SIGNS = ['online', 'focus'] as const;

async function readEvents(response: Response, { event, alive }: Following): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    alive?.();
    const blocks = (rest + part.value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [kind, data] = block.split('\ndata: ');
      if (kind?.startsWith('event: ') === true && data !== undefined)
        event({ kind: kind.slice('event: '.length), data });
    }
  }
}
