import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// The heap may grow by so much beyond what is in use before V8 looks for garbage; left to itself it lets it grow to four times as much.
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
