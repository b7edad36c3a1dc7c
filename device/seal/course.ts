import { utf8 } from '../../proto/bytes.ts';
import type {
  BatteryUse,
  Course,
  Mark,
  Moment,
  Mute,
  RecordingCause,
  TrackPoint,
} from '../../proto/course.ts';
import { CATEGORIES_MAX, CATEGORY_BYTES_MAX, TRACK_POINTS_MAX } from '../../proto/limits.ts';
import type { Note } from '../ports.ts';

/** Triggers behind which there is force, or somebody who lies on the ground: that footage is to be safe first. */
const CRITICAL: ReadonlySet<string> = new Set<RecordingCause>(['taser', 'holster', 'fall']);
const CATEGORY_MARK = 'category:';

/** What is known of the course of a recording when it is closed. */
export interface CourseSource {
  readonly cause?: RecordingCause | undefined;
  readonly marks: readonly Mark[];
  readonly notes: readonly Note[];
  readonly ended: Moment;
}

/**
 * The course of a recording out of what was set and noticed while it was made, whoever closes it: the camera itself, or
 * recovery from a journal. Marks `mute` and `unmute` become stretches, marks `category:NAME` categories; what does not fit stays a
 * mark. Nothing in the result can keep a recording from being closed, whatever somebody wrote into the journal.
 */
export function courseOf(source: CourseSource): Course & { readonly marks: readonly Mark[] } {
  const { marks, notes, ended, cause } = source;
  const categories = categoriesOf(marks);
  const mutes = mutesOf(marks, ended);
  const battery = batteryOf(notes);
  const track = trackOf(notes);
  const isCritical = CRITICAL.has(cause ?? '') || marks.some(({ kind }) => CRITICAL.has(kind));
  return {
    marks: marks.filter(({ kind }) => !isMute(kind) && !categories.includes(categoryIn(kind) ?? '')),
    ...(isCritical ? { critical: true } : {}),
    ...(mutes.length === 0 ? {} : { mutes }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(battery === undefined ? {} : { battery }),
    ...(track.length === 0 ? {} : { track }),
  };
}

function isMute(kind: string): boolean {
  return kind === 'mute' || kind === 'unmute';
}

function mutesOf(marks: readonly Mark[], ended: Moment): readonly Mute[] {
  const mutes: Mute[] = [];
  let from: Moment | undefined;
  let lastUs = 0;
  for (const { at, kind } of marks) {
    if (!isMute(kind) || at.monoUs < lastUs) continue;
    lastUs = at.monoUs;
    if (kind === 'mute') from ??= at;
    else if (from !== undefined) {
      mutes.push({ from, to: at });
      from = undefined;
    }
  }
  // A sound that was never switched on again: off to the end, which a power cut may have put before it.
  if (from !== undefined) mutes.push({ from, to: ended.monoUs < from.monoUs ? from : ended });
  return mutes;
}

function categoryIn(kind: string): string | undefined {
  return kind.startsWith(CATEGORY_MARK) ? kind.slice(CATEGORY_MARK.length) : undefined;
}

function categoriesOf(marks: readonly Mark[]): readonly string[] {
  const names = marks.flatMap(({ kind }) => categoryIn(kind) ?? []);
  const fitting = names.filter((name) => name !== '' && utf8(name).length <= CATEGORY_BYTES_MAX);
  return [...new Set(fitting)].slice(0, CATEGORIES_MAX);
}

function batteryOf(notes: readonly Note[]): BatteryUse | undefined {
  const said = notes.flatMap((note) => (note.note === 'battery' ? [note.percent] : []));
  const [startPercent] = said;
  const endPercent = said.at(-1);
  return startPercent === undefined || endPercent === undefined ? undefined : { startPercent, endPercent };
}

function trackOf(notes: readonly Note[]): readonly TrackPoint[] {
  const track: TrackPoint[] = [];
  for (const one of notes) {
    if (one.note !== 'place' || track.length === TRACK_POINTS_MAX) continue;
    const { at, latitudeE7, longitudeE7, accuracyDm } = one;
    if (at.monoUs < (track.at(-1)?.at.monoUs ?? 0)) continue;
    track.push({ at, latitudeE7, longitudeE7, accuracyDm });
  }
  return track;
}
