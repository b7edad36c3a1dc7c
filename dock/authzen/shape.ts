/** A JSON object whose members have not been looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown, charactersMax: number): value is string {
  return typeof value === 'string' && value.length <= charactersMax;
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isList<Item>(
  value: unknown,
  itemsMax: number,
  isItem: (item: unknown) => item is Item,
): value is readonly Item[] {
  return Array.isArray(value) && value.length <= itemsMax && value.every(isItem);
}

/** A short printable word without spaces, as the ledger takes it: a fact type, a regime, an id. */
export function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value);
}

/** An index into the service's facts; -1 says that there is none yet. */
export function isFactIndex(value: unknown): value is number {
  return value === -1 || isCount(value);
}
