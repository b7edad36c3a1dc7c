import { type Api, ApiError } from './api.ts';
import type { AskGrowth } from './ledger-watch.ts';

/** A dock that cannot be reached, or could not do it, has said nothing; one that knows of no such growth has. */
export function growthBy(api: Pick<Api, 'consistency'>): AskGrowth {
  return async (from, to) => {
    try {
      return (await api.consistency(from, to)).hashes;
    } catch (error) {
      if (error instanceof ApiError && (error.kind === 'not-understood' || error.kind === 'gone'))
        return undefined;
      throw error;
    }
  };
}
