// CRC-32C (Castagnoli), reflected, as in RFC 3720 appendix B.4: it still finds any three flipped bits past
// 24 KiB, where the CRC of Ethernet has fallen to two by 11 KiB.
const POLYNOMIAL = 0x82f63b78;

// Slicing by eight: slice k advances a byte through k more zero bytes, so eight look-ups eat eight bytes.
const SLICES = makeSlices();

/** Sums as {@link crc32c} does, to the same values: a program may bring a faster one. */
export type Crc32c = (bytes: Uint8Array, seed?: number) => number;

/** A CRC at the end of a PDU. */
export const CRC_BYTES = 4;

/**
 * CRC-32C of `bytes` as an unsigned 32-bit number. `seed` is the CRC of what came before, so that a
 * message in pieces gives the same value as in one: `crc32c(b, crc32c(a))` equals `crc32c(a | b)`.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = ~seed;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low = crc ^ view.getInt32(i, true);
    const high = view.getInt32(i + 4, true);
    crc =
      slice(7, low) ^
      slice(6, low >>> 8) ^
      slice(5, low >>> 16) ^
      slice(4, low >>> 24) ^
      slice(3, high) ^
      slice(2, high >>> 8) ^
      slice(1, high >>> 16) ^
      slice(0, high >>> 24);
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ slice(0, crc ^ view.getUint8(i));
  return ~crc >>> 0;
}

/** Writes the CRC of all but the last four bytes into those four, little-endian, and returns the same array. */
export function writeCrc(pdu: Uint8Array): Uint8Array {
  const at = pdu.length - CRC_BYTES;
  new DataView(pdu.buffer, pdu.byteOffset + at).setUint32(0, crc32c(pdu.subarray(0, at)), true);
  return pdu;
}

/** The CRC that `pdu` ends in, whether it holds or not; 0 when there are no four bytes. */
export function crcOf(pdu: Uint8Array): number {
  const at = pdu.length - CRC_BYTES;
  return at < 0 ? 0 : new DataView(pdu.buffer, pdu.byteOffset + at).getUint32(0, true);
}

/** Does the CRC at the end of `pdu` hold over all before it? False when there is nothing before it. */
export function crcHolds(pdu: Uint8Array, sum: Crc32c = crc32c): boolean {
  const at = pdu.length - CRC_BYTES;
  if (at < 1) return false;
  return crcOf(pdu) === sum(pdu.subarray(0, at));
}

function slice(k: number, byte: number): number {
  // Always in range. A fallback for `undefined` here would halve the speed of every link.
  return SLICES[(k << 8) | (byte & 0xff)] as number;
}

function makeSlices(): Int32Array {
  const slices = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    slices[byte] = crc;
  }
  for (let i = 256; i < slices.length; i++) {
    const before = slices[i - 256] ?? 0;
    slices[i] = (before >>> 8) ^ (slices[before & 0xff] ?? 0);
  }
  return slices;
}
