import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Garbage of a minute is looked for where V8 would let it lie until there is four times as much as what is in use.
const GROWING_PERCENT = 60;

/**
 * Has the heap keep to what is in use. On a machine with much memory V8 lets it grow by hundreds of megabytes before it looks through
 * all of it for the first time, and only then sets its bounds by what it found: one look while nothing waits sets them at once.
 */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}
