/** HMAC (RFC 2104) with one hash function: key and message to that hash's length. Passed in, so that a page can bring its own. */
export type Hmac = (key: Uint8Array, message: Uint8Array) => Uint8Array;

/** What to make from a key. */
export interface Expansion {
  /** A uniformly random key, so that HKDF's extraction has nothing left to do. */
  readonly key: Uint8Array;
  /** Says what the result is for: two purposes, two results. */
  readonly info: Uint8Array;
  /** Length of the result, at most 255 times that of the hash. */
  readonly bytes: number;
  /** Length of the hash that `hmac` must use. */
  readonly hashBytes: number;
}

const BLOCKS_MAX = 255;

/**
 * HKDF-Expand (RFC 5869 section 2.3), without the extraction before it.
 * Throws a RangeError for a length it cannot give, and for an HMAC whose result has another length than `hashBytes`: with
 * the wrong hash every key would still look like a key.
 */
export function hkdfExpand(hmac: Hmac, { key, info, bytes, hashBytes }: Expansion): Uint8Array {
  const blocks = Math.ceil(bytes / hashBytes);
  if (!Number.isSafeInteger(bytes) || bytes < 1 || blocks > BLOCKS_MAX) {
    throw new RangeError(`HKDF-Expand cannot give ${bytes} B of a hash of ${hashBytes} B`);
  }
  const expanded = new Uint8Array(blocks * hashBytes);
  // Each message is the block before, the info and the block's number, counted from 1.
  const message = new Uint8Array(hashBytes + info.length + 1);
  message.set(info, hashBytes);
  for (let block = 0; block < blocks; block++) {
    message[message.length - 1] = block + 1;
    const mac = hmac(key, block === 0 ? message.subarray(hashBytes) : message);
    if (mac.length !== hashBytes) throw new RangeError(`HMAC gave ${mac.length} B instead of ${hashBytes} B`);
    expanded.set(mac, block * hashBytes);
    message.set(mac);
    mac.fill(0);
  }
  message.fill(0);
  return expanded.subarray(0, bytes);
}
