import { text, toHex } from '../../../proto/bytes.ts';
import { printableLine } from '../printable.ts';
import type { CaptureHeader } from './record.ts';
import type { Told } from './story.ts';
import { nameOf, type Summary } from './summary.ts';

const HEX_BYTES_SHOWN = 16;
const US_PER_S = 1_000_000;
const NAME_WIDTH = 13;

/** One record for people: time, direction, type and fields; what is inside it follows on lines of its own. */
export function showForPeople(told: Told): readonly string[] {
  return linesOf(told).map(printableLine);
}

function linesOf(told: Told): readonly string[] {
  const { record } = told;
  const seconds = (record.us / US_PER_S).toFixed(6).padStart(12);
  const whose = record.camera === undefined ? '' : `${record.camera} `;
  const head = `${seconds} ${record.direction.padEnd(4)} ${whose}`;
  const lines = [head + sentence(told)];
  if (told.body !== undefined) lines.push(`${' '.repeat(13)}body ${fields(told.body)}`);
  if (told.manifest !== undefined) {
    const { chunks, ...rest } = told.manifest;
    lines.push(`${' '.repeat(13)}manifest ${fields({ ...rest, chunks: chunks.length })}`);
  }
  if (told.whole !== undefined) lines.push(...linesOf(told.whole).map((line) => `${line}  [from parts]`));
  return lines;
}

function sentence(told: Told): string {
  const { record, message, notes } = told;
  const remarks = notes.map((note) => `  [${note}]`).join('');
  const name = nameOf(told).padEnd(NAME_WIDTH);
  if (record.kind === 'noise') return `${name} ${record.bytes} B ${brief(record.noise)}${remarks}`;
  if (message === undefined) {
    const pdu = record.kind === 'pdu' ? record.pdu : new Uint8Array();
    return `${name} ${pdu.length} B ${brief(pdu)}${remarks}`;
  }
  const left =
    message.type === 'data' && !('payload' in message)
      ? ` payload=${told.payloadBytes ?? 0} B, left out`
      : '';
  return `${name} ${fields(message)}${left}${remarks}`;
}

/** `name=value` for each field but the type; bytes as hexadecimal, long ones cut. */
function fields(of: object): string {
  return Object.entries(of)
    .filter(([name]) => name !== 'type')
    .map(([name, value]) => `${name}=${show(value, name)}`)
    .join(' ');
}

function show(value: unknown, name: string): string {
  if (value instanceof Uint8Array) return name === 'entry' ? (textOf(value) ?? brief(value)) : brief(value);
  if (Array.isArray(value)) return `[${value.map((each) => show(each, name)).join(' ')}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return isRange(value) ? `${value.start}..${value.end}` : `{${fields(value)}}`;
}

const isRange = (value: object): value is { readonly start: number; readonly end: number } =>
  'start' in value && 'end' in value && Object.keys(value).length === 2;

function brief(bytes: Uint8Array): string {
  const hex = toHex(bytes.subarray(0, HEX_BYTES_SHOWN));
  if (bytes.length === 0) return '-';
  return bytes.length > HEX_BYTES_SHOWN ? `${hex}… (${bytes.length} B)` : hex;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return text(bytes);
  } catch {
    return undefined;
  }
}

/** One record as a JSON object: everything that is in it, bytes as hexadecimal; `line` is its line in a file. */
export function showAsJson(told: Told, line?: number): string {
  return JSON.stringify(asObject(told, line), hexadecimal);
}

function asObject(told: Told, line: number | undefined): object {
  const { record, message, payloadBytes, body, manifest, notes, whole } = told;
  const { us, at, direction, camera } = record;
  return {
    ...(line === undefined ? {} : { line }),
    us,
    at,
    direction,
    ...(camera === undefined ? {} : { camera }),
    type: nameOf(told),
    ...(message === undefined ? {} : { message }),
    ...(payloadBytes === undefined ? {} : { payloadBytes }),
    ...(record.kind === 'noise' ? { noise: record.noise, bytes: record.bytes } : {}),
    ...(record.kind === 'pdu' && message === undefined ? { pdu: record.pdu } : {}),
    ...(body === undefined ? {} : { body }),
    ...(manifest === undefined ? {} : { manifest }),
    notes,
    ...(whole === undefined ? {} : { whole: asObject(whole, line) }),
  };
}

function hexadecimal(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? toHex(value) : value;
}

export function showHeader({ link, startedAt, payload }: CaptureHeader): string {
  return printableLine(`${link}, from ${startedAt}${payload ? '' : ', without payloads'}`);
}

export function showSummary(summary: Summary): readonly string[] {
  const { messages, wireBytes, noiseBytes, payloadBytes, repeatedBytes, wireRatio, ackRatio } = summary;
  const counts = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'nothing';
  return [
    `up    ${counts(messages.up)}`,
    `down  ${counts(messages.down)}`,
    `wire  ${wireBytes.up} B up, ${wireBytes.down} B down; noise ${noiseBytes.up} B up, ${noiseBytes.down} B down`,
    `data  ${payloadBytes} B of payload, ${repeatedBytes} B repeated`,
    ...(wireRatio === null
      ? []
      : [`ratio ${wireRatio} up, ${ackRatio ?? 0} down: wire bytes for each byte of payload`]),
    ...(summary.damagedLines === 0 ? [] : [`${summary.damagedLines} damaged lines`]),
  ];
}
