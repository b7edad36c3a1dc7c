import type { Update } from '../schema/updates.ts';
import type { Api } from './api.ts';
import { followStream } from './event-stream.ts';

export type { Update };

export interface Following {
  /** After every gap in the stream, in which anything may have changed. */
  readonly connected: () => void;
  readonly changed: (update: Update) => void;
}

/** Tells of every row that changed. Ends with `signal`, or once the dock no longer knows the token. */
export function followUpdates(
  api: Api,
  { connected, changed }: Following,
  signal: AbortSignal,
): Promise<void> {
  const open = (stop: AbortSignal): Promise<Response> => api.updates(stop);
  const event = ({ kind, data }: { readonly kind: string; readonly data: string }): void => {
    if (kind === 'changed') changed(JSON.parse(data) as Update);
  };
  return followStream({ open, connected, event }, signal);
}
