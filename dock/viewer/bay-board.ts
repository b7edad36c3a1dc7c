import { formatInstant } from '../../proto/instant.ts';
import type { BayStanding } from '../ingest/standing.ts';
import type { Clock, Viewer } from '../ports.ts';
import type { ShownBay, ShownBays } from './schema/bays.ts';
import type { Stream } from './stream.ts';

// Those who tend the dock or answer for the cameras may see which recording moves and whose it is; others see only that one does.
const RECORDING_ROLES: ReadonlySet<string> = new Set([
  'dock_operator',
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
]);

/** However much happens in a bay, a display hears of it four times a second. */
export const LOOK_MS = 250;

/** Each bay's text by its name, as one kind of reader may see it. */
type Texts = ReadonlyMap<string, string>;

interface Reader {
  readonly stream: Stream;
  readonly viewer: Viewer;
  seen: Texts;
}

/** What displays show of the bays. Looks only while somebody watches, once for all of them. */
export class BayBoard {
  readonly #clock: Clock;
  readonly #bays: () => readonly BayStanding[];
  readonly #readers = new Set<Reader>();
  #isLooking = false;

  constructor(bays: () => readonly BayStanding[], clock: Clock) {
    this.#bays = bays;
    this.#clock = clock;
  }

  /** All bays at this moment, as far as this person may know. */
  now(viewer: Viewer): ShownBays {
    return { bays: this.#bays().map((bay) => shown(bay, mayKnowMoving(viewer))) };
  }

  /** Sends all bays, then each that reads differently; resolves when the stream has ended. */
  follow(stream: Stream, viewer: Viewer): Promise<void> {
    const reader: Reader = { stream, viewer, seen: textsOf(this.#bays(), mayKnowMoving(viewer)) };
    stream.send(`event: bays\ndata: {"bays":[${[...reader.seen.values()].join(',')}]}\n\n`);
    this.#readers.add(reader);
    if (!this.#isLooking) this.#lookLater();
    return new Promise((resolve) => {
      stream.onEnd(() => {
        this.#readers.delete(reader);
        resolve();
      });
    });
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#clock.after(LOOK_MS, () => this.#look());
  }

  #look(): void {
    this.#isLooking = false;
    if (this.#readers.size === 0) return;
    const bays = this.#bays();
    const texts = new Map<boolean, Texts>();
    for (const reader of this.#readers) {
      const knows = mayKnowMoving(reader.viewer);
      const now = texts.get(knows) ?? textsOf(bays, knows);
      texts.set(knows, now);
      this.#tell(reader, now);
    }
    if (this.#readers.size > 0) this.#lookLater();
  }

  #tell(reader: Reader, now: Texts): void {
    const { stream, viewer, seen } = reader;
    if (this.#clock.wallUs() >= viewer.expiresAtUs) return stream.end();
    reader.seen = now;
    const bays = [...now].flatMap(([name, text]) => (seen.get(name) === text ? [] : [text]));
    const gone = [...seen.keys()].filter((name) => !now.has(name));
    if (bays.length === 0 && gone.length === 0) return;
    stream.send(`event: changed\ndata: {"bays":[${bays.join(',')}],"gone":${JSON.stringify(gone)}}\n\n`);
  }
}

function textsOf(bays: readonly BayStanding[], knows: boolean): Texts {
  return new Map(bays.map((bay) => [bay.name, JSON.stringify(shown(bay, knows))]));
}

/** May the person know which recording moves, and whose it is? */
export function mayKnowMoving({ roles }: Viewer): boolean {
  return roles.some((role) => RECORDING_ROLES.has(role));
}

function shown(bay: BayStanding, knows: boolean): ShownBay {
  const { recording, officer, fault, lastReceipt, sinceUs, ...open } = bay;
  return {
    ...open,
    since: formatInstant(sinceUs),
    ...(knows && recording !== undefined ? { recording } : {}),
    ...(knows && officer !== undefined ? { officer } : {}),
    ...(fault === undefined ? {} : { fault: shownFault(fault, knows) }),
    ...(lastReceipt === undefined ? {} : { lastReceipt: shownReceipt(lastReceipt, knows) }),
  };
}

function shownFault(
  { atUs, text, ...open }: NonNullable<BayStanding['fault']>,
  knows: boolean,
): NonNullable<ShownBay['fault']> {
  return { ...open, at: formatInstant(atUs), ...(knows ? { text } : {}) };
}

function shownReceipt(
  { atUs, recording, ...open }: NonNullable<BayStanding['lastReceipt']>,
  knows: boolean,
): NonNullable<ShownBay['lastReceipt']> {
  return { ...open, at: formatInstant(atUs), ...(knows ? { recording } : {}) };
}
