import { SESSION_SILENCE_MS } from '../../proto/limits.ts';

/** The rate that worked last on each port, and when the dock was last heard at it. */
export class BaudMemory {
  readonly #ports = new Map<string, { readonly baud: number; readonly heardUs: number }>();

  note(path: string, baud: number, nowUs: number): void {
    this.#ports.set(path, { baud, heardUs: nowUs });
  }

  forget(path: string): void {
    this.#ports.delete(path);
  }

  /** The rate to begin at, bit/s. Undefined too when the dock has heard nothing for so long that it has left that rate. */
  recall(path: string, nowUs: number): number | undefined {
    const last = this.#ports.get(path);
    return last !== undefined && nowUs - last.heardUs < SESSION_SILENCE_MS * 1_000 ? last.baud : undefined;
  }
}
