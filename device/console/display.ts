/** Where a camera shows itself and says things: a terminal, or anything that takes lines. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const LIGHTS = { green: '32', red: '31', amber: '33', blue: '34' } as const;
const WIPE = '\r\u001B[2K';

/** What stands on the display: a light and a line; nothing at all in the dark. */
export interface Shown {
  readonly light: keyof typeof LIGHTS | 'dark';
  readonly text: string;
}

/**
 * The display of a camera as the last line of a terminal, redrawn in place, with what it says above it. Where there is no
 * terminal there is no display, only lines.
 */
export class Display {
  readonly #screen: Screen;
  readonly #hasFace: boolean;
  #shown = '';

  constructor(screen: Screen, hasFace: boolean) {
    this.#screen = screen;
    this.#hasFace = hasFace && screen.isTTY === true;
  }

  say(line: string): void {
    this.#screen.write(this.#shown === '' ? `${line}\n` : `${WIPE}${line}\n${this.#shown}`);
  }

  show({ light, text }: Shown): void {
    if (!this.#hasFace) return;
    const line = light === 'dark' ? '' : `\u001B[${LIGHTS[light]}m●\u001B[0m ${this.#cut(text)}`;
    if (line === this.#shown) return;
    this.#shown = line;
    this.#screen.write(`${WIPE}${line}`);
  }

  /** Somebody typed a line where the display stands: it stays above, and the display stands below it. */
  typed(): void {
    if (this.#shown !== '') this.#screen.write(`${WIPE}${this.#shown}`);
  }

  /** Leaves the line as it is, for whatever writes next. */
  close(): void {
    if (this.#shown !== '') this.#screen.write('\n');
    this.#shown = '';
  }

  /** A line that wraps could not be redrawn. */
  #cut(text: string): string {
    return text.slice(0, Math.max(0, (this.#screen.columns ?? 80) - 3));
  }
}
