const LINE_CHARACTERS_MAX = 4096;

/** Cuts text that comes in pieces into its lines, in bounded memory. */
export class Lines {
  #rest = '';

  /** The lines that are whole by now, without their ends; undefined once one is too long. */
  push(text: string): readonly string[] | undefined {
    const parts = `${this.#rest}${text}`.split('\n');
    this.#rest = parts.pop() ?? '';
    if ([...parts, this.#rest].some((part) => part.length > LINE_CHARACTERS_MAX)) return undefined;
    return parts.map((part) => part.replace(/\r$/, ''));
  }
}
