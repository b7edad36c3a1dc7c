import { badConfig } from '../config.ts';
import type { Entry, Fact, RecordingRegistered } from '../facts/fact.ts';
import { RequestError } from '../http/failure.ts';
import { parseFacts } from '../http/fact-schema.ts';

// Of these the service itself remarks on a registration what the sent fact does not say.
const REMARKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  wrapsHash: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  recipients: isTexts,
  unknownRecipients: isTexts,
};
const MEMBERS = ['index', 'source', 'receivedAt', 'fact', 'hasManifest'];
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * One fact as a line of a shift file, without its line break. In place of a manifest, which may be megabytes, stands `hasManifest`: one
 * came with the fact, and its camera's signature held.
 */
export function lineOf({ index, source, receivedAt, fact }: Entry): string {
  if (!('manifest' in fact)) return JSON.stringify({ index, source, receivedAt, fact });
  const { manifest, ...rest } = fact;
  const mark = manifest === undefined ? {} : { hasManifest: true };
  return JSON.stringify({ index, source, receivedAt, fact: rest, ...mark });
}

/**
 * The facts in a shift file: JSON lines as {@link lineOf} writes them, in rising order of their indices. Empty lines are passed over.
 * Throws ConfigError BAD_CONFIG with file, line and field.
 */
export function parseShift(path: string, text: string): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const place = `${path}:${at + 1}`;
    const entry = parseLine(place, line);
    const before = entries.at(-1);
    if (before !== undefined && before.index >= entry.index)
      throw bad(place, 'index', `must be more than ${before.index}, the one before it`);
    entries.push(entry);
  }
  if (entries.length === 0) throw badConfig(`${path} holds no facts: make it with \`holdfast policy facts\``);
  return entries;
}

function parseLine(place: string, line: string): Entry {
  const found = objectIn(place, line);
  const stray = Object.keys(found).find((name) => !MEMBERS.includes(name));
  if (stray !== undefined) throw bad(place, stray, 'no such member');
  const { index, source, receivedAt, fact, hasManifest } = found;
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 1)
    throw bad(place, 'index', 'must be a whole number from 1');
  if (typeof source !== 'string' || source === '') throw bad(place, 'source', 'must name who said it');
  if (typeof receivedAt !== 'string' || !INSTANT.test(receivedAt) || Number.isNaN(Date.parse(receivedAt)))
    throw bad(place, 'receivedAt', 'must be an RFC 3339 date and time with an offset');
  if (hasManifest !== undefined && hasManifest !== true)
    throw bad(place, 'hasManifest', 'must be true or left out');
  const parsed = parseFact(place, fact);
  if (hasManifest === undefined) return { index, source, receivedAt, fact: parsed };
  if (parsed.type !== 'recording.registered')
    throw bad(place, 'hasManifest', 'belongs to recording.registered');
  // What the manifest says was checked when the fact was taken; that it was there is all that counts here.
  return { index, source, receivedAt, fact: { ...parsed, manifest: '' } };
}

/** A fact as it was sent, which the schema of the HTTP edge knows, and the remarks that the service stores beside it. */
function parseFact(place: string, value: unknown): Fact {
  const { sent, remarks } = split(place, value);
  try {
    const [fact] = parseFacts(sent).facts;
    if (fact?.type !== 'recording.registered') {
      const [stray] = Object.keys(remarks);
      if (stray !== undefined) throw bad(place, `fact.${stray}`, 'belongs to recording.registered');
      if (fact !== undefined) return fact;
    } else return { ...fact, ...remarks };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw badConfig(`${place}: fact: ${error.message}`, error);
  }
  throw bad(place, 'fact', 'is not a fact');
}

type Remarks = Pick<RecordingRegistered, 'wrapsHash' | 'recipients' | 'unknownRecipients'>;

function split(place: string, value: unknown): { readonly sent: unknown; readonly remarks: Remarks } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(place, 'fact', 'must be an object');
  const members = Object.entries(value);
  const remarks = members.filter(([name]) => Object.hasOwn(REMARKS, name));
  for (const [name, one] of remarks)
    if (REMARKS[name]?.(one) !== true)
      throw bad(place, `fact.${name}`, 'is not what the service stores there');
  return {
    sent: Object.fromEntries(members.filter(([name]) => !Object.hasOwn(REMARKS, name))),
    remarks: Object.fromEntries(remarks),
  };
}

function objectIn(place: string, line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (cause) {
    throw badConfig(`${place}: is not JSON`, cause);
  }
  throw badConfig(`${place}: a line holds one JSON object`);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function bad(place: string, field: string, message: string): Error {
  return badConfig(`${place}: ${field}: ${message}`);
}
