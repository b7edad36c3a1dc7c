import { readFileSync } from 'node:fs';
import { offsetAt, readClockControl } from './clock-control.ts';
import { readControl } from './control.ts';

/** Stands between this process and its wall clock from now on. */
export function troubleClock(controlFile: string): void {
  const wall = new TroubledWall(controlFile);
  const originMs = performance.timeOrigin + wall.offsetMs();
  Object.defineProperty(performance, 'timeOrigin', { configurable: true, get: () => originMs });
  const TrueDate = Date;
  const troubled = new Proxy(TrueDate, {
    construct: (target, args, asked): object => {
      const made: unknown = Reflect.construct(target, args.length === 0 ? [wall.nowMs()] : args, asked);
      return made instanceof TrueDate ? made : new TrueDate(Number.NaN);
    },
    apply: () => new TrueDate(wall.nowMs()).toString(),
  });
  Reflect.set(TrueDate, 'now', () => wall.nowMs());
  Reflect.set(TrueDate.prototype, 'constructor', troubled);
  Reflect.set(globalThis, 'Date', troubled);
}

class TroubledWall {
  readonly #file: string;
  readonly #read = readFileSync;
  readonly #trueMs = Date.now;

  constructor(file: string) {
    this.#file = file;
  }

  nowMs(): number {
    return Math.floor(this.#trueMs() + this.offsetMs());
  }

  offsetMs(): number {
    const control = readClockControl(readControl(this.#file, this.#read));
    return control === undefined ? 0 : offsetAt(control, process.hrtime.bigint());
  }
}
