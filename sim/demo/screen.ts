import { clearLine, cursorTo, moveCursor } from 'node:readline';

const BAR_CELLS = 28;
const PLAIN_STEP_PERCENT = 25;

/** Where the demo tells its story: bars that move on a terminal, plain lines everywhere else. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #percents = new Map<string, number>();
  #drawn = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** One line of the story. */
  note(line: string): void {
    this.#erase();
    this.#out.write(`${line}\n`);
    this.#draw();
  }

  /** How far one camera's upload has come. */
  progress(camera: string, done: number, total: number): void {
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    const before = this.#percents.get(camera) ?? -1;
    if (percent === before) return;
    this.#percents.set(camera, percent);
    if (this.#out.isTTY) {
      this.#erase();
      this.#draw();
    } else if (Math.floor(percent / PLAIN_STEP_PERCENT) > Math.floor(before / PLAIN_STEP_PERCENT)) {
      this.#out.write(`  ${camera} ${String(percent).padStart(3)} % durable at the dock\n`);
    }
  }

  /** Leaves the bars where they are and starts below them. */
  endBars(): void {
    this.#percents.clear();
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#out.isTTY) return;
    for (const [camera, percent] of this.#percents) {
      const filled = Math.round((percent / 100) * BAR_CELLS);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
      this.#out.write(`  ${camera.padEnd(8)} ${bar} ${String(percent).padStart(3)} %\n`);
    }
    this.#drawn = this.#percents.size;
  }

  #erase(): void {
    if (!this.#out.isTTY) return;
    for (; this.#drawn > 0; this.#drawn -= 1) {
      moveCursor(this.#out, 0, -1);
      cursorTo(this.#out, 0);
      clearLine(this.#out, 0);
    }
  }
}
