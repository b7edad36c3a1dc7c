import type { ChunkSpan } from '../../../proto/fragments.ts';
import type { Manifest } from '../../../proto/manifest.ts';

/** A stretch of the film, milliseconds from its first frame. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A moment or a stretch that has a name; where it is a moment, both ends are the same. */
export interface Moment extends Stretch {
  readonly kind: 'pre-event' | 'mark' | 'muted' | 'gap' | 'cut';
  readonly name: string;
}

/** What the camera signed about the course of a film. */
export interface Film {
  readonly lengthMs: number;
  /** In the order in which they come. */
  readonly moments: readonly Moment[];
}

/** Footage begins and ends a frame early or late; what is shorter is no gap. */
const GAP_MS_MIN = 200;

/** What the strip shows, and the list beside it: everything from the signed manifest, nothing from the dock. */
export function filmOf(manifest: Manifest): Film {
  const lengthMs = lengthOf(manifest.chunks);
  const moments = [
    ...preEvent(manifest, lengthMs),
    ...marks(manifest, lengthMs),
    ...mutes(manifest, lengthMs),
    ...gaps(manifest.chunks),
    ...cut(manifest, lengthMs),
  ];
  return { lengthMs, moments: moments.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs) };
}

/** When these chunks play; undefined when none of them shows anything. */
export function stretchOf(chunks: Manifest['chunks'], [start, end]: ChunkSpan): Stretch | undefined {
  const shown = chunks.slice(start, end).filter(({ mediaMs }) => mediaMs > 0);
  const first = shown[0];
  return first && { fromMs: first.mediaStartMs, toMs: lengthOf(shown) };
}

/** The spans with this chunk among them, joined where they touch. */
export function withChunk(spans: readonly ChunkSpan[], index: number): readonly ChunkSpan[] {
  let [start, end] = [index, index + 1];
  const others: ChunkSpan[] = [];
  for (const span of spans) {
    if (span[1] < start || span[0] > end) others.push(span);
    else [start, end] = [Math.min(start, span[0]), Math.max(end, span[1])];
  }
  return [...others, [start, end] as const].toSorted(([a], [b]) => a - b);
}

function lengthOf(chunks: Manifest['chunks']): number {
  return chunks.reduce((last, { mediaStartMs, mediaMs }) => Math.max(last, mediaStartMs + mediaMs), 0);
}

function preEvent({ started, triggered }: Manifest, lengthMs: number): readonly Moment[] {
  const toMs = Math.min(lengthMs, Math.round((triggered.monoUs - started.monoUs) / 1_000));
  return toMs > 0 ? [{ kind: 'pre-event', name: 'Before the button was pressed', fromMs: 0, toMs }] : [];
}

/** What the camera said besides, in words; empty when it said nothing. */
export function saidOf({ cause, critical, categories = [], battery }: Manifest): readonly string[] {
  return [
    ...(cause === undefined ? [] : [`Begun by: ${CAUSES[cause]}`]),
    ...(critical === true ? ['Critical'] : []),
    ...(categories.length === 0 ? [] : [`Categories: ${categories.join(', ')}`]),
    ...(battery === undefined ? [] : [`Battery: ${battery.startPercent} % to ${battery.endPercent} %`]),
  ];
}

const CAUSES: Readonly<Record<NonNullable<Manifest['cause']>, string>> = {
  button: 'the button',
  holster: 'a weapon that left its holster',
  'light-bar': 'the light bar of the car',
  taser: 'a Taser',
  fall: 'a fall',
  peer: 'another camera nearby',
  limit: 'the recording before it, which was as long as one may be',
  command: 'a command',
};

function offsetMs(at: { readonly monoUs: number }, { started }: Manifest, lengthMs: number): number {
  return Math.min(lengthMs, Math.max(0, Math.round((at.monoUs - started.monoUs) / 1_000)));
}

function mutes(manifest: Manifest, lengthMs: number): readonly Moment[] {
  return (manifest.mutes ?? []).map(({ from, to }) =>
    muted(offsetMs(from, manifest, lengthMs), offsetMs(to, manifest, lengthMs)),
  );
}

/** `mute` and `unmute` make a stretch, in films of cameras that do not say them apart; every other kind is a moment. */
function marks(manifest: Manifest, lengthMs: number): readonly Moment[] {
  const moments: Moment[] = [];
  let mutedFromMs: number | undefined;
  for (const { at, kind } of manifest.marks) {
    const atMs = offsetMs(at, manifest, lengthMs);
    if (kind === 'mute') mutedFromMs ??= atMs;
    else if (kind !== 'unmute')
      moments.push({ kind: 'mark', name: markName(kind), fromMs: atMs, toMs: atMs });
    else if (mutedFromMs !== undefined) {
      moments.push(muted(mutedFromMs, atMs));
      mutedFromMs = undefined;
    }
  }
  return mutedFromMs === undefined ? moments : [...moments, muted(mutedFromMs, lengthMs)];
}

function muted(fromMs: number, toMs: number): Moment {
  return { kind: 'muted', name: 'Sound off', fromMs, toMs };
}

function markName(kind: string): string {
  const words = kind.replaceAll(/[_-]+/g, ' ').trim();
  // Set by the camera's own button, without a word for it.
  return ['', 'mark', 'button'].includes(words) ? 'Mark' : `Mark: ${words}`;
}

/** The chunks of one fragment carry its whole time each, so what counts is how far all before them reach. */
function gaps(chunks: Manifest['chunks']): readonly Moment[] {
  const found: Moment[] = [];
  let reachedMs = 0;
  for (const { mediaStartMs, mediaMs } of chunks) {
    // The first chunk only says how the film is to be read.
    if (mediaMs > 0 && mediaStartMs - reachedMs >= GAP_MS_MIN)
      found.push({ kind: 'gap', name: 'No footage', fromMs: reachedMs, toMs: mediaStartMs });
    reachedMs = Math.max(reachedMs, mediaStartMs + mediaMs);
  }
  return found;
}

function cut({ stopReason, lostChunks = 0 }: Manifest, lengthMs: number): readonly Moment[] {
  const at = { fromMs: lengthMs, toMs: lengthMs };
  const lost = lostChunks === 1 ? '1 chunk after it is lost' : `${lostChunks} chunks after it are lost`;
  if (lostChunks > 0) return [{ kind: 'cut', name: `The camera lost power: ${lost}`, ...at }];
  return stopReason === 'power-loss' ? [{ kind: 'cut', name: 'The camera lost power here', ...at }] : [];
}
