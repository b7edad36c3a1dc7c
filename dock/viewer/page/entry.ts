import type { Arriving, Listing, MissingFootage, Quarantined, Row, ShownMissing } from './answers.ts';
import type { State } from './filter.ts';
import { bytesInWords, rulesInWords, statusInWords } from './words.ts';

/** One line of the list: a recording that is here, or what there is to know of one that is not. */
export interface Entry {
  readonly key: string;
  readonly state: State;
  /** Of what can be opened. */
  readonly row?: Row;
  readonly title: string;
  /** Empty where nobody knows. */
  readonly officer: string;
  readonly camera: string;
  /** When it was recorded, received, or first known to be missing; RFC 3339, empty where nobody knows. */
  readonly at: string;
  /** Since when somebody waits for it. */
  readonly waitingSince?: string;
  readonly sentence: string;
  /** Every word by which it can be found, in lower case. */
  readonly words: string;
}

/** Footage that is not here, or not all of it, as far as the dock tells this person. */
export type Absent = ShownMissing;

// A row never changes, another takes its place; so what was made of it once stands.
const known = new WeakMap<Row, Entry>();

/** Everything the list can show. Each key is there once. */
export function entriesOf(listing: Listing, absent: Absent | undefined): readonly Entry[] {
  const { missing = [], arriving = [] } = absent ?? {};
  const here = new Set(listing.recordings.map(({ id }) => id));
  const moving = arriving.filter(({ recording }) => !here.has(recording));
  const onTheWay = new Set(moving.map(({ recording }) => recording));
  // The ledger may still call an upload stopped that goes on, or one that has ended since.
  const isNews = ({ kind, recording = '' }: MissingFootage): boolean =>
    kind !== 'partial' || !(onTheWay.has(recording) || here.has(recording));
  return [
    ...listing.recordings.map(recorded),
    ...apart(moving.map(underWay)),
    ...apart(missing.filter(isNews).map(absence)),
    ...apart(listing.quarantined.map(refused)),
  ];
}

function recorded(row: Row): Entry {
  const before = known.get(row);
  if (before !== undefined) return before;
  const { id, incident, officer, camera, reason, missing, status, viewed } = row;
  const released = viewed ? 'viewed' : 'released';
  const facts = {
    key: id,
    state: status === 'held' ? 'held' : released,
    row,
    title: incident === '' ? 'No incident tag' : incident,
    officer,
    camera,
    at: row.startedAt,
    ...(status === 'held' ? { waitingSince: row.receivedAt ?? row.startedAt } : {}),
    sentence: viewed && status === 'released' ? 'Released, and viewed by you' : statusInWords(row),
  } as const;
  const entry = findable(facts, id, reason, rulesInWords(row), ...missing.map(({ text }) => text));
  known.set(row, entry);
  return entry;
}

function underWay({ camera, recording, officer = '', durableBytes, totalBytes }: Arriving): Entry {
  const percent = totalBytes === 0 ? 0 : Math.floor((100 * durableBytes) / totalBytes);
  const facts = {
    key: `partial/${recording}`,
    state: 'partial',
    title: `Camera ${camera}`,
    ...{ officer, camera, at: '' },
    sentence: `On its way: ${bytesInWords(durableBytes)} of ${bytesInWords(totalBytes)} are here, ${percent} %`,
  } as const;
  return findable(facts, recording);
}

function absence({ camera, kind, since, recording = '', text }: MissingFootage): Entry {
  const facts = {
    key: `missing/${camera}/${kind}/${recording}`,
    state: kind === 'partial' ? 'partial' : 'missing',
    title: `Camera ${camera}`,
    ...{ officer: '', camera, at: since, waitingSince: since },
    sentence: text,
  } as const;
  return findable(facts, recording);
}

function refused({ id, camera, reason, receivedAt = '' }: Quarantined): Entry {
  const facts = {
    key: `quarantined/${id}`,
    state: 'quarantined',
    title: `Camera ${camera}`,
    ...{ officer: '', camera, at: receivedAt },
    sentence: `Refused: ${reason}. Kept aside, never released.`,
  } as const;
  return findable(facts, id);
}

function findable(facts: Omit<Entry, 'words'>, ...more: readonly string[]): Entry {
  const { state, title, officer, camera, sentence } = facts;
  const named = officer === '' ? [] : [`officer ${officer}`];
  return { ...facts, words: [state, title, ...named, camera, sentence, ...more].join('\n').toLowerCase() };
}

/** The dock may say two things of one recording, such as two refusals; each is a line of its own. */
function apart(entries: readonly Entry[]): readonly Entry[] {
  const times = new Map<string, number>();
  return entries.map((entry) => {
    const time = times.get(entry.key) ?? 0;
    times.set(entry.key, time + 1);
    return time === 0 ? entry : { ...entry, key: `${entry.key}/${time}` };
  });
}
