/** A function as it was, with what it is called on and its arguments. */
export type Call = (self: unknown, args: readonly unknown[]) => unknown;

/** Replaces a method by another one that may call it; leaves what this Node does not have. */
export function replace(owner: object, name: string, make: (real: Call) => Call): void {
  const real: unknown = Reflect.get(owner, name);
  if (typeof real !== 'function') return;
  const call = make((self, args): unknown => Reflect.apply(real, self, args));
  const replacement = function (this: unknown, ...args: readonly unknown[]): unknown {
    return call(this, args);
  };
  // `util.promisify` looks for marks of its own on Node's functions.
  for (const key of Reflect.ownKeys(real)) {
    const mark = Object.getOwnPropertyDescriptor(real, key);
    if (mark !== undefined && key !== 'prototype') Object.defineProperty(replacement, key, mark);
  }
  Reflect.set(owner, name, replacement);
}

/** Bytes that a write is about: of `data`, or of the part of it that `rest` (offset, length) or its options name. */
export function sizeOf(data: unknown, rest: readonly unknown[]): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (Array.isArray(data)) return data.reduce((sum: number, part: unknown) => sum + sizeOf(part, []), 0);
  if (!ArrayBuffer.isView(data)) return 0;
  return partOf(data, rest)[1];
}

/** The same arguments with only the first `room` bytes to write; undefined for what cannot be cut. */
export function clip(args: readonly unknown[], place: number, room: number): readonly unknown[] | undefined {
  const [before, data, rest] = [args.slice(0, place), args[place], args.slice(place + 1)];
  if (Array.isArray(data)) return [...before, first(data, room), ...rest];
  if (!ArrayBuffer.isView(data)) return undefined;
  const [offset] = partOf(data, rest);
  if (typeof rest[0] === 'object' && rest[0] !== null)
    return [...before, data, { ...rest[0], length: room }, ...rest.slice(1)];
  return [...before, data, offset, room, ...rest.slice(2)];
}

function partOf(data: ArrayBufferView, rest: readonly unknown[]): readonly [offset: number, length: number] {
  const named = typeof rest[0] === 'object' && rest[0] !== null ? rest[0] : undefined;
  const offset: unknown = named === undefined ? rest[0] : Reflect.get(named, 'offset');
  const length: unknown = named === undefined ? rest[1] : Reflect.get(named, 'length');
  const from = typeof offset === 'number' ? offset : 0;
  return [from, typeof length === 'number' ? length : data.byteLength - from];
}

function first(parts: readonly unknown[], room: number): readonly unknown[] {
  const kept: unknown[] = [];
  let left = room;
  for (const part of parts) {
    if (!ArrayBuffer.isView(part) || left === 0) break;
    const bytes = Math.min(left, part.byteLength);
    kept.push(new Uint8Array(part.buffer, part.byteOffset, bytes));
    left -= bytes;
  }
  return kept;
}

/** Resolves after `ms`; the rest of the program goes on meanwhile. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Holds up the whole thread for `ms`. */
export function pauseAll(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
