import { fromHex, toHex, utf8 } from './bytes.ts';
import { PduError } from './errors.ts';
import {
  type CameraId,
  type DockId,
  isCameraId,
  isDockId,
  isPersonId,
  isRecordingId,
  type RecordingId,
} from './ids.ts';

const UINT32_MAX = 0xffff_ffff;
const RECORDING_ID_BYTES = 16;
const NO_BYTES = new Uint8Array();
const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATE_ALL = /\p{Surrogate}/gu;

/**
 * How one field travels. Both directions check the range: a value that we would refuse to read is never
 * written. Both throw PduError PDU_RANGE that names the field. `fromWire` sees `undefined` or null for what
 * was not sent, which in proto3 means zero or empty.
 */
export interface Field<T> {
  toWire(value: T, name: string): unknown;
  fromWire(value: unknown, name: string): T;
}

/** A field for every member of a message, by the member's own name; the schema uses the same names. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

export function rangeError(name: string, problem: string): PduError {
  return new PduError('PDU_RANGE', `${name} ${problem}`, { retry: 'never', facts: { field: name } });
}

/** A field that is the same on both sides once `check` has passed it. */
function plain<T>(check: (value: unknown, name: string) => T): Field<T> {
  return { toWire: check, fromWire: check };
}

/** An unsigned 32-bit integer within `min..max`. */
export const uint32 = (min = 0, max = UINT32_MAX): Field<number> =>
  plain((value, name) => integer(value ?? 0, { name, min, max }));

/** A signed 32-bit integer within `-most..most`. */
export const sint32 = (most: number): Field<number> =>
  plain((value, name) => integer(value ?? 0, { name, min: -most, max: most }));

/** An unsigned integer that a JavaScript number holds exactly: 0..2^53-1. */
export const uint53: Field<number> = plain((value, name) =>
  integer(toNumber(value ?? 0), { name, min: 0, max: Number.MAX_SAFE_INTEGER }),
);

export const bool: Field<boolean> = plain((value, name) => {
  if (typeof (value ?? false) !== 'boolean') throw rangeError(name, 'is not a boolean');
  return value === true;
});

/** Bytes of exactly this length. Decoded bytes are a view into the input. */
export const bytes = (length: number): Field<Uint8Array> =>
  plain((value, name) => {
    const found = viewOf(value, name);
    if (found.length !== length) throw rangeError(name, `has ${found.length} bytes, not ${length}`);
    return found;
  });

/** Bytes of exactly this length, or none. */
export const bytesOrEmpty = (length: number): Field<Uint8Array> =>
  plain((value, name) => {
    const found = viewOf(value, name);
    if (found.length !== 0 && found.length !== length) {
      throw rangeError(name, `has ${found.length} bytes, not ${length} or none`);
    }
    return found;
  });

/** Any bytes up to this many. */
export const bytesUpTo = (max: number): Field<Uint8Array> =>
  plain((value, name) => {
    const found = viewOf(value, name);
    if (found.length > max) throw rangeError(name, `has ${found.length} bytes, more than ${max}`);
    return found;
  });

/** Text of at most this many bytes of UTF-8. */
export const text = (bytesMax: number): Field<string> =>
  plain((value, name) => {
    const found = stringOf(value, name);
    // Half a surrogate pair has no UTF-8; the other side would call the whole message malformed.
    if (LONE_SURROGATE.test(found)) throw rangeError(name, 'is not Unicode text');
    // A UTF-16 unit is at most three bytes, so most text needs no encoding to be known to fit.
    if (found.length * 3 > bytesMax && utf8(found).length > bytesMax) {
      throw rangeError(name, `is longer than ${bytesMax} bytes`);
    }
    return found;
  });

/** Text for people: what is too long is cut when written, at the end of a character, and refused when read. */
export const message = (bytesMax: number): Field<string> => {
  const whole = text(bytesMax);
  return { ...whole, toWire: (value, name) => whole.toWire(cut(value, bytesMax), name) };
};

export const cameraId: Field<CameraId> = plain((value, name) => {
  const found = stringOf(value, name);
  if (!isCameraId(found)) throw rangeError(name, 'is no camera id');
  return found;
});

export const dockId: Field<DockId> = plain((value, name) => {
  const found = stringOf(value, name);
  if (!isDockId(found)) throw rangeError(name, 'is no dock id');
  return found;
});

/** A person, or empty while the camera is assigned to nobody. */
export const officerId: Field<string> = plain((value, name) => {
  const found = stringOf(value, name);
  if (found !== '' && !isPersonId(found)) throw rangeError(name, 'is no person id');
  return found;
});

/** 16 bytes on the wire, 32 hexadecimal digits in our hands. */
export const recordingId: Field<RecordingId> = {
  toWire: (value, name) => {
    if (!isRecordingId(value)) throw rangeError(name, 'is no recording id');
    return fromHex(value);
  },
  fromWire: (value, name) => {
    const found = toHex(bytes(RECORDING_ID_BYTES).fromWire(value, name));
    if (!isRecordingId(found)) throw rangeError(name, 'is no recording id');
    return found;
  },
};

/** A closed set of names, each with its number in the schema. 0 is "unspecified" and never a value. */
export function names<Name extends string>(numbers: Readonly<Record<Name, number>>): Field<Name> {
  const byNumber = new Map<unknown, Name>();
  for (const name in numbers) byNumber.set(numbers[name], name);
  return {
    toWire: (value, name) => {
      if (!Object.hasOwn(numbers, value)) throw rangeError(name, 'is not a known value');
      return numbers[value];
    },
    fromWire: (value, name) => {
      const found = byNumber.get(value);
      if (found === undefined) throw rangeError(name, 'is not a known value');
      return found;
    },
  };
}

/** Zero, empty or no members on the wire stand for a field that is not there. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    toWire: (value, name) => (value === undefined ? undefined : field.toWire(value, name)),
    fromWire: (value, name) => (isAbsent(value) ? undefined : field.fromWire(value, name)),
  };
}

function isAbsent(value: unknown): boolean {
  const isEmpty = (value instanceof Uint8Array || Array.isArray(value)) && value.length === 0;
  return value === undefined || value === null || toNumber(value) === 0 || value === '' || isEmpty;
}

export function list<T>(field: Field<T>, countMax: number): Field<readonly T[]> {
  const checkCount = (count: number, name: string): void => {
    if (count > countMax) throw rangeError(name, `has ${count} members, more than ${countMax}`);
  };
  return {
    toWire: (values, name) => {
      checkCount(values.length, name);
      return values.map((value) => field.toWire(value, name));
    },
    fromWire: (value, name) => {
      const values: unknown = value ?? [];
      if (!Array.isArray(values)) throw rangeError(name, 'is not a list');
      checkCount(values.length, name);
      return values.map((member: unknown) => field.fromWire(member, name));
    },
  };
}

/**
 * A message inside another, or the whole of one. `check` sees the decoded or to-be-encoded value, for rules
 * that join several fields.
 */
export function record<T extends object>(fields: Fields<T>, check: (value: T) => void = () => {}): Field<T> {
  const members: readonly (readonly [string, Field<unknown>])[] = Object.entries(fields);
  return {
    toWire: (value) => {
      check(value);
      const wire: Record<string, unknown> = {};
      for (const [key, field] of members) wire[key] = field.toWire(Reflect.get(value, key), key);
      return wire;
    },
    fromWire: (wire, name) => {
      if (typeof wire !== 'object' || wire === null) throw rangeError(name, 'is missing');
      const value: Record<string, unknown> = {};
      for (const [key, field] of members) {
        const found = field.fromWire(Reflect.get(wire, key), key);
        if (found !== undefined) value[key] = found;
      }
      // Every member was read by the field that its type demands.
      const whole = value as T;
      check(whole);
      return whole;
    },
  };
}

function integer(value: unknown, range: { name: string; min: number; max: number }): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw rangeError(range.name, 'is no integer');
  if (value < range.min || value > range.max) {
    throw rangeError(range.name, `is ${value}, outside ${range.min}..${range.max}`);
  }
  return value;
}

/** protobufjs hands out a 64-bit integer as an object of two halves, or as a number where it found no Long. */
function toNumber(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('low' in value && 'high' in value)) return value;
  const { low, high } = value;
  if (typeof low !== 'number' || typeof high !== 'number') return undefined;
  // Past 2^53 the sum is rounded, but it stays past 2^53, so the range check that follows still refuses it.
  return (high >>> 0) * 2 ** 32 + (low >>> 0);
}

/** A plain view: Node's own kind of byte array would make equal messages compare as different. */
function viewOf(value: unknown, name: string): Uint8Array {
  if (value === undefined || value === null) return NO_BYTES;
  if (!(value instanceof Uint8Array)) throw rangeError(name, 'is not bytes');
  if (value.constructor === Uint8Array) return value;
  return value.length === 0 ? NO_BYTES : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function stringOf(value: unknown, name: string): string {
  const found = value ?? '';
  if (typeof found !== 'string') throw rangeError(name, 'is not text');
  return found;
}

function cut(whole: string, bytesMax: number): string {
  let length = 0;
  let bytesUsed = 0;
  const characters = whole.replace(LONE_SURROGATE_ALL, '\ufffd');
  for (const character of characters) {
    bytesUsed += utf8(character).length;
    if (bytesUsed > bytesMax) return characters.slice(0, length);
    length += character.length;
  }
  return characters;
}
