import { readdirSync, readFileSync } from 'node:fs';
import { concat, fromHex } from '../../proto/bytes.ts';

const FOLDER = new URL('./v1/', import.meta.url);

/** One vector as JSON, with every `{"hex": …}` turned into bytes. */
export type Vector = Readonly<Record<string, unknown>>;

export function readVector(name: string): Vector {
  const parsed: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'), revive);
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${name} is no vector`);
  return parsed as Vector;
}

/** Names of all vectors of one PDU, in order. */
export function pduVectors(): readonly string[] {
  const names = readdirSync(FOLDER).flatMap((file) =>
    file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [],
  );
  return names.filter((name) => 'pdu' in readVector(name)).toSorted();
}

/** The bytes that a list of `[hexadecimal bytes, comment]` spells. */
export function piecesOf(vector: Vector, key: string): Uint8Array {
  const pieces = vector[key];
  if (!Array.isArray(pieces)) throw new Error(`the vector has no ${key}`);
  return concat(...pieces.map(([hex]: readonly [string, string]) => fromHex(hex)));
}

/** The text that a list of lines spells. */
export function linesOf(vector: Vector, key: string): string {
  const lines = vector[key];
  if (!Array.isArray(lines)) throw new Error(`the vector has no ${key}`);
  return lines.join('\n');
}

export function textOf(vector: Vector, key: string): string {
  const found = vector[key];
  if (typeof found !== 'string') throw new Error(`the vector has no ${key}`);
  return found;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('hex' in value)) return value;
  return typeof value.hex === 'string' ? fromHex(value.hex) : value;
}
