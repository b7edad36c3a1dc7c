import { createHash } from 'node:crypto';
import { NAMES, nameOf, PEOPLE, RECORDINGS, secretsIn, type RecordingName, type Scene } from './scene.ts';
import type { Answer } from './wire.ts';

// What is deflated or split over packets may cut a needle; so there are many of each recording.
const NEEDLE_BYTES = 24;
const NEEDLE_STEP_BYTES = 1_993;
/** Behind what is alike in all of them. */
const WRAPS_START = 64;
const TOKEN = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

interface Needle {
  readonly letter: string;
  readonly bytes: Buffer;
}

interface Leak {
  readonly what: string;
  /** The person whose it is, who may be given it. */
  readonly of?: string;
  readonly bytes: Buffer;
}

interface Found {
  readonly letters: readonly string[];
  readonly leaks: readonly Leak[];
}

/** What an answer gives away. */
export interface Told {
  /** Sorted: a small letter for each recording that is named, a capital for one of which stored bytes are there. */
  readonly tells: string;
  readonly leaks: readonly string[];
}

/** Finds in answers what was planted in the scene, plain and in base64. */
export class Tells {
  readonly #needles: readonly Needle[];
  readonly #leaks: readonly Leak[];
  readonly #found = new Map<string, Found>();

  constructor(scene: Scene) {
    this.#needles = NAMES.flatMap((name) => [...namesOf(scene, name), ...contentOf(scene, name)]);
    const people = Object.values(PEOPLE).map(({ id }) => ({
      what: `the name of ${id}`,
      of: id,
      bytes: Buffer.from(nameOf(id)),
    }));
    const secrets = secretsIn(scene).map(([what, bytes]) => ({ what, bytes }));
    this.#leaks = [
      ...people,
      ...secrets,
      { what: 'an SQLite file', bytes: Buffer.from('SQLite format 3\0') },
    ];
  }

  /** What the answer tells, and what of it nobody may be given: by the name of the file, and the names of other people. */
  of({ body, headers }: Pick<Answer, 'body' | 'headers'>, person: string): Told {
    const said = Buffer.from(JSON.stringify(headers));
    const found = [this.#search(said), this.#once(body)];
    const letters = found.flatMap((one) => one.letters);
    const isOthers = (leak: Leak): boolean => leak.of !== person;
    const leaks = found.flatMap((one) => one.leaks).filter(isOthers);
    return {
      tells: [...new Set(letters)].toSorted().join(''),
      leaks: [...new Set(leaks.map(({ what }) => what))],
    };
  }

  /** Large public files come again and again. */
  #once(bytes: Buffer): Found {
    const key = createHash('sha256').update(bytes).digest('base64');
    const found = this.#found.get(key) ?? this.#search(bytes);
    this.#found.set(key, found);
    return found;
  }

  #search(bytes: Buffer): Found {
    const forms = formsOf(bytes);
    const letters = this.#needles.filter((needle) => holds(forms, needle.bytes)).map(({ letter }) => letter);
    return { letters, leaks: this.#leaks.filter((leak) => holds(forms, leak.bytes)) };
  }
}

function holds(forms: readonly Buffer[], needle: Buffer): boolean {
  return forms.some((form) => form.includes(needle));
}

/** The bytes as they are, and what they hold in base64, twice over. */
function formsOf(bytes: Buffer): readonly Buffer[] {
  const once = decodedIn(bytes);
  return [bytes, ...once, ...once.flatMap(decodedIn)];
}

function decodedIn(bytes: Buffer): readonly Buffer[] {
  // JSON writes a line's end as two characters, the second of which could be base64.
  const text = bytes.toString('latin1').replaceAll('\\n', ' ');
  return (text.match(TOKEN) ?? []).map((token) => Buffer.from(token, 'base64'));
}

/** Its id, as text and as bytes, and its incident. */
function namesOf({ recordings }: Scene, name: RecordingName): readonly Needle[] {
  const { letter, incident } = RECORDINGS[name];
  const { id } = recordings[name];
  return [Buffer.from(id), Buffer.from(id, 'hex'), Buffer.from(incident)].map((bytes) => ({ letter, bytes }));
}

/** Of its stored bytes, and of the wraps that hold its key. */
function contentOf({ recordings }: Scene, name: RecordingName): readonly Needle[] {
  const { content, wraps } = recordings[name];
  const letter = RECORDINGS[name].letter.toUpperCase();
  const needles = [{ letter, bytes: Buffer.from(wraps.subarray(WRAPS_START, WRAPS_START + NEEDLE_BYTES)) }];
  for (let at = 0; at + NEEDLE_BYTES <= content.byteLength; at += NEEDLE_STEP_BYTES)
    needles.push({ letter, bytes: Buffer.from(content.subarray(at, at + NEEDLE_BYTES)) });
  return needles;
}
