/** Who watches what under which entry of the dock's ledger: what a photograph of the screen would show. */
export interface Mark {
  readonly person: string;
  readonly recording: string;
  readonly entry: number;
}

const TILES = 9;
/** A small screen has room for so many. */
const SHOWN_MIN = 3;
const LOOK_MS = 1_000;

/**
 * The overlay over the picture. It is made past the page's own rendering, so that whatever changes it is somebody else: then
 * `onGone` is called, and the overlay is there again. This deters, and leaves a trace on a photograph of the screen; whoever
 * commands the browser can still get rid of it, so it proves nothing.
 */
export class Watermark {
  readonly #host: HTMLElement;
  readonly #onGone: () => void;
  readonly #observer = new MutationObserver(() => this.#look());
  readonly #timer: ReturnType<typeof setInterval>;
  #mark: Mark;
  #tiles: readonly HTMLElement[] = [];
  #overlay = document.createElement('div');
  #text = '';

  /** `host` is an empty element over the picture, which is nobody else's. */
  constructor(host: HTMLElement, mark: Mark, onGone: () => void) {
    this.#host = host;
    this.#mark = mark;
    this.#onGone = onGone;
    this.#draw();
    this.#timer = setInterval(() => this.#tick(), LOOK_MS);
  }

  show(mark: Mark): void {
    if (JSON.stringify(mark) === JSON.stringify(this.#mark)) return;
    this.#mark = mark;
    this.#tick();
  }

  /** Is it over the picture as it was put there? Where no picture is to be seen, it need not be. */
  isWhole(): boolean {
    const picture = this.#host.parentElement;
    if (picture?.checkVisibility() === false) return true;
    const { position } = getComputedStyle(this.#overlay);
    return (
      picture?.contains(this.#overlay) === true &&
      position === 'absolute' &&
      this.#overlay.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      this.#tiles.every((tile) => this.#isShown(tile)) &&
      this.#tiles.filter((tile) => tile.getClientRects().length > 0).length >= SHOWN_MIN
    );
  }

  #isShown(tile: HTMLElement): boolean {
    if (tile.parentElement !== this.#overlay || tile.textContent !== this.#text) return false;
    const { opacity, visibility } = getComputedStyle(tile);
    return Number(opacity) === 1 && visibility === 'visible';
  }

  close(): void {
    clearInterval(this.#timer);
    this.#observer.disconnect();
    this.#overlay.remove();
  }

  #look(): void {
    if (this.isWhole()) return;
    this.#onGone();
    this.#draw();
  }

  #tick(): void {
    this.#look();
    this.#write();
  }

  #draw(): void {
    this.#observer.disconnect();
    this.#overlay.remove();
    this.#overlay = document.createElement('div');
    this.#overlay.className = 'watermark';
    this.#overlay.setAttribute('aria-hidden', 'true');
    this.#tiles = Array.from({ length: TILES }, () => document.createElement('span'));
    this.#overlay.append(...this.#tiles);
    this.#host.replaceChildren(this.#overlay);
    this.#write();
    this.#observe();
  }

  #observe(): void {
    const all = { childList: true, attributes: true, characterData: true, subtree: true } as const;
    this.#observer.observe(this.#host, all);
    if (this.#host.parentElement !== null)
      this.#observer.observe(this.#host.parentElement, { childList: true, attributes: true });
  }

  #write(): void {
    const { person, recording, entry } = this.#mark;
    const now = `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    const lines = [person, now, `recording ${recording.slice(0, 8)}`, `viewed under ledger entry ${entry}`];
    this.#text = lines.join('\n');
    for (const tile of this.#tiles) tile.textContent = this.#text;
    // What was written here is no news.
    this.#observer.takeRecords();
  }
}
