import './wasm.ts';
import { plan } from './plan.ts';
import { run } from './run.ts';

/** What a worker is asked: to run these seeds one after another. */
export interface SeedOrder {
  readonly seed: number;
  readonly checks?: readonly string[] | undefined;
}

/** A worker of `npm run world`: runs the seeds that its parent names, one at a time, and ends with it. */
export function main(): void {
  process.on('message', (order: SeedOrder) => {
    void run(plan(order.seed), { checks: order.checks }).then((outcome) =>
      process.send?.({ ...outcome, seed: order.seed }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}

main();
