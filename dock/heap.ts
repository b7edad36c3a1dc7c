import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Has the heap keep to what is in use. On a machine with much memory V8 lets it grow by hundreds of megabytes before it looks through
 * all of it for the first time, and only then sets its bounds by what it found: one look while nothing waits sets them at once.
 */
export function boundHeap(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}
