import { fromBase64, fromHex, toBase64, toHex } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import { isCameraId, isRecordingId } from '../../proto/ids.ts';
import { CHUNK_BYTES_MAX, STORED_CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import {
  type ChunkInfo,
  encodeManifestHeader,
  type Mark,
  type Moment,
  type RecordingCause,
} from '../../proto/manifest.ts';
import { MANIFEST_FORMAT } from '../../proto/version.ts';
import type { Note, RecordingHeader } from '../ports.ts';
import { decodeLines, encodeLine, salvageLines } from './line.ts';

const CAUSES: readonly RecordingCause[] = [
  'button',
  'holster',
  'light-bar',
  'taser',
  'fall',
  'peer',
  'limit',
  'command',
];

type Fields = Readonly<Record<string, unknown>>;

/** What an open recording's journal says, one line each, in the order it happened. */
export type Entry =
  | { readonly entry: 'chunk'; readonly index: number; readonly chunk: ChunkInfo; readonly at: Moment }
  | { readonly entry: 'mark'; readonly mark: Mark }
  | { readonly entry: 'note'; readonly note: Note }
  /** Encoded SignedHead over the chunks before it. */
  | { readonly entry: 'head'; readonly head: Uint8Array };

/** What a header file says: the header, and in a sealed recording which wraps belong to it. */
export interface HeaderFile {
  readonly header: RecordingHeader;
  /** SHA-256 of the encoded Wraps. */
  readonly wrapsSha256?: Uint8Array;
}

/** An entry read back, and the offset of the byte after it. */
export interface Logged {
  readonly entry: Entry;
  readonly end: number;
}

export function encodeHeader({ header, wrapsSha256 }: HeaderFile): Uint8Array {
  const { previousRoot, bootId, ...plain } = header;
  const sealed = wrapsSha256 === undefined ? {} : { wrapsSha256: toHex(wrapsSha256) };
  return encodeLine({
    format: 1,
    ...plain,
    previousRoot: toHex(previousRoot),
    bootId: toHex(bootId),
    ...sealed,
  });
}

/** Undefined when the bytes are not a header as {@link encodeHeader} wrote it. */
export function decodeHeader(bytes: Uint8Array): HeaderFile | undefined {
  const [line] = decodeLines(bytes);
  return line && line.end === bytes.length ? attempt(() => headerFrom(line.record)) : undefined;
}

export function encodeEntry(entry: Entry): Uint8Array {
  if (entry.entry === 'mark') return encodeLine({ mark: entry.mark.kind, at: entry.mark.at });
  if (entry.entry === 'note') return encodeLine(entry.note);
  if (entry.entry === 'head') return encodeLine({ head: toBase64(entry.head) });
  const { sha256, ...chunk } = entry.chunk;
  return encodeLine({ index: entry.index, sha256: toHex(sha256), ...chunk, at: entry.at });
}

/**
 * The heads in the file that were surely kept, wherever they stand: each is signed, so what is before it need not hold. A head is
 * written together with the line of the chunk before it, so the last line of all, without that one, is what a power cut left of
 * a write that nobody was told of: sectors come through in any order.
 */
export function headsIn(bytes: Uint8Array): readonly Uint8Array[] {
  const lines = salvageLines(bytes);
  return lines.flatMap(({ record, isJoined }, at) => {
    const entry = attempt(() => entryFrom(record));
    const isKept = isJoined || at < lines.length - 1;
    return entry?.entry === 'head' && isKept ? [entry.head] : [];
  });
}

/** The entries up to the first that is torn or out of its place. */
export function decodeJournal(bytes: Uint8Array): readonly Logged[] {
  const entries: Logged[] = [];
  let chunks = 0;
  for (const { record, end } of decodeLines(bytes)) {
    const entry = attempt(() => entryFrom(record));
    if (!entry || (entry.entry === 'chunk' && entry.index !== chunks)) break;
    if (entry.entry === 'chunk') chunks += 1;
    entries.push({ entry, end });
  }
  return entries;
}

function headerFrom(fields: Fields): HeaderFile {
  const recordingId = stringIn(fields, 'recordingId');
  const cameraId = stringIn(fields, 'cameraId');
  const suite = numberIn(fields, 'suite');
  if (!isRecordingId(recordingId) || !isCameraId(cameraId)) throw new TypeError('ids');
  if (fields['format'] !== 1 || (suite !== 0 && suite !== 1)) throw new TypeError('format');
  const ticket = 'ticket' in fields ? { ticket: stringIn(fields, 'ticket') } : {};
  const cause = 'cause' in fields ? { cause: causeIn(fields) } : {};
  const header: RecordingHeader = {
    recordingId,
    cameraId,
    suite,
    counter: numberIn(fields, 'counter'),
    previousRoot: fromHex(stringIn(fields, 'previousRoot')),
    bootId: fromHex(stringIn(fields, 'bootId')),
    officerId: stringIn(fields, 'officerId'),
    incidentTag: stringIn(fields, 'incidentTag'),
    mediaType: stringIn(fields, 'mediaType'),
    triggered: momentIn(fields, 'triggered'),
    started: momentIn(fields, 'started'),
    ...ticket,
    ...cause,
  };
  if (!canBeSigned(header)) throw new TypeError('range');
  return suite === 0 ? { header } : { header, wrapsSha256: fromHex(stringIn(fields, 'wrapsSha256')) };
}

/** A checksum is no signature: whoever can write to a memory card can write a line that holds and says anything. */
function canBeSigned(header: RecordingHeader): boolean {
  try {
    encodeManifestHeader({ ...header, format: MANIFEST_FORMAT, chunkBytesMax: CHUNK_BYTES_MAX });
    return true;
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

function entryFrom(fields: Fields): Entry {
  if ('head' in fields) return { entry: 'head', head: fromBase64(stringIn(fields, 'head')) };
  const at = momentIn(fields, 'at');
  if ('mark' in fields) return { entry: 'mark', mark: { at, kind: stringIn(fields, 'mark') } };
  if ('note' in fields) return { entry: 'note', note: noteIn(fields, at) };
  const chunk = {
    sha256: fromHex(stringIn(fields, 'sha256')),
    storedBytes: within(fields, 'storedBytes', [1, STORED_CHUNK_BYTES_MAX]),
    plainBytes: numberIn(fields, 'plainBytes'),
    mediaStartMs: numberIn(fields, 'mediaStartMs'),
    mediaMs: numberIn(fields, 'mediaMs'),
    endOfFragment: fields['endOfFragment'] === true,
  };
  return { entry: 'chunk', index: numberIn(fields, 'index'), chunk, at };
}

function causeIn(fields: Fields): RecordingCause {
  const found = CAUSES.find((cause) => cause === fields['cause']);
  if (found === undefined) throw new TypeError('cause');
  return found;
}

function noteIn(fields: Fields, at: Moment): Note {
  switch (fields['note']) {
    case 'battery':
      return { note: 'battery', at, percent: within(fields, 'percent', [0, 100]) };
    case 'place':
      return {
        note: 'place',
        at,
        latitudeE7: within(fields, 'latitudeE7', [-900_000_000, 900_000_000]),
        longitudeE7: within(fields, 'longitudeE7', [-1_800_000_000, 1_800_000_000]),
        accuracyDm: within(fields, 'accuracyDm', [0, 0xffff_ffff]),
      };
    default:
      throw new TypeError('note');
  }
}

function within(fields: Fields, name: string, [low, high]: readonly [number, number]): number {
  const value = numberIn(fields, name);
  if (value < low || value > high) throw new TypeError(name);
  return value;
}

function momentIn(fields: Fields, name: string): Moment {
  const value = fields[name];
  if (typeof value !== 'object' || value === null) throw new TypeError(name);
  const moment: Fields = Object.fromEntries(Object.entries(value));
  return { wallUs: numberIn(moment, 'wallUs'), monoUs: numberIn(moment, 'monoUs') };
}

function stringIn(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new TypeError(name);
  return value;
}

function numberIn(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new TypeError(name);
  return value;
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
