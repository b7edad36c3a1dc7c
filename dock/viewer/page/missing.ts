import type { Api } from './api.ts';
import type { Absent } from './entry.ts';
import { useAgain } from './use-again.ts';

/** What should be here and is not, and what is on its way, as far as this person may know. */
export function useAbsent(api: Api): Absent | undefined {
  return useAgain(() => api.missing(), api);
}
