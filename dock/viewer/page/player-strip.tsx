import type { JSX } from 'preact';
import type { ChunkSpan } from '../../../proto/fragments.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import { type Film, type Moment, type Stretch, stretchOf } from './player-film.ts';
import { clockTime } from './words.ts';

/** A part that was opened here, and under which entry of the dock's ledger. */
export interface Opening {
  readonly entry: number;
  readonly range: ChunkSpan;
}

interface StripProps {
  readonly film: Film;
  readonly chunks: Manifest['chunks'];
  readonly openings: readonly Opening[];
  /** Chunks that were found to be what the camera signed. */
  readonly checked: readonly ChunkSpan[];
  readonly timeS: number;
  readonly onSeek: (seconds: number) => void;
  /** The playhead is held until this resolves. */
  readonly onHold: (released: Promise<void>) => void;
}

/** The whole film on one line: what is open and checked, what has a name, and where the picture is, which can be dragged. */
export function Strip({ film, chunks, openings, checked, timeS, onSeek, onHold }: StripProps): JSX.Element {
  const { lengthMs, moments } = film;
  const within = (span: ChunkSpan): Stretch | undefined => stretchOf(chunks, span);
  return (
    <div class="strip">
      <div class="strip-track">
        {openings.map(({ entry, range }) => (
          <Piece key={entry} kind="opened" lengthMs={lengthMs} stretch={within(range)} />
        ))}
        {checked.map((span) => (
          <Piece key={span[0]} kind="checked" lengthMs={lengthMs} stretch={within(span)} />
        ))}
        {moments
          .filter(({ kind }) => kind !== 'mark')
          .map((moment) => (
            <Piece
              key={`${moment.kind}${moment.fromMs}`}
              kind={moment.kind}
              lengthMs={lengthMs}
              stretch={moment}
            />
          ))}
      </div>
      <input
        type="range"
        class="seek"
        aria-label="Position in the film"
        aria-valuetext={positionInWords(film, timeS * 1_000)}
        min={0}
        max={lengthMs / 1_000}
        step={0.01}
        value={timeS}
        onPointerDown={() => onHold(pointerUp())}
        onInput={({ currentTarget }) => onSeek(Number(currentTarget.value))}
      />
      <div class="strip-marks">
        {moments
          .filter(({ kind }) => kind === 'mark')
          .map((moment, index) => (
            <button
              // Two marks may be set within one millisecond.
              key={index}
              type="button"
              class="tick"
              title={`${moment.name}, ${clockTime(moment.fromMs)}`}
              aria-label={`${moment.name}, at ${clockTime(moment.fromMs)}`}
              style={placed(lengthMs, moment)}
              onClick={() => onSeek(moment.fromMs / 1_000)}
            />
          ))}
      </div>
    </div>
  );
}

/** The same in words, for small screens and for those who do not see the strip. Each leads there. */
export function Moments({
  film,
  onSeek,
}: {
  readonly film: Film;
  readonly onSeek: (seconds: number) => void;
}): JSX.Element | null {
  if (film.moments.length === 0) return null;
  return (
    <section class="moments" aria-labelledby="moments-title">
      <h3 id="moments-title">In this film</h3>
      <ul>
        {film.moments.map((moment, index) => (
          <li key={index}>
            <button
              type="button"
              class={`moment is-${moment.kind}`}
              onClick={() => onSeek(moment.fromMs / 1_000)}
            >
              <span class="mono">{span(moment)}</span> {moment.name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Piece({
  kind,
  lengthMs,
  stretch,
}: {
  readonly kind: 'opened' | 'checked' | Moment['kind'];
  readonly lengthMs: number;
  readonly stretch: Stretch | undefined;
}): JSX.Element | null {
  return stretch === undefined ? null : (
    <span
      class={`piece is-${kind}`}
      title={'name' in stretch && typeof stretch.name === 'string' ? stretch.name : undefined}
      style={placed(lengthMs, stretch)}
    />
  );
}

/** Wherever that is: a pointer that went down on the slider may come up beside it, or in another window. */
function pointerUp(): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['pointerup', 'pointercancel', 'blur'])
      addEventListener(event, () => resolve(), { once: true });
  });
}

/** Where it stands, as parts of the whole. An object sets properties one by one, which the page's content policy allows. */
function placed(lengthMs: number, { fromMs, toMs }: Stretch): Record<`--${string}`, string> {
  const share = (ms: number): string => String(lengthMs === 0 ? 0 : Math.min(1, ms / lengthMs));
  return { '--from': share(fromMs), '--to': share(toMs) };
}

/** What a screen reader says of the slider: the time, and in what named stretch that is. */
function positionInWords({ lengthMs, moments }: Film, atMs: number): string {
  const inside = moments.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs).map(({ name }) => name);
  return [`${clockTime(atMs)} of ${clockTime(lengthMs)}`, ...inside].join(', ');
}

function span({ fromMs, toMs }: Moment): string {
  return fromMs === toMs ? clockTime(fromMs) : `${clockTime(fromMs)} to ${clockTime(toMs)}`;
}
