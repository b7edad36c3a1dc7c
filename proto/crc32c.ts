// CRC-32C (Castagnoli), reflected, as in RFC 3720 appendix B.4: it still finds any three flipped bits past
// 24 KiB, where the CRC of Ethernet has fallen to two by 11 KiB.
const POLYNOMIAL = 0x82f63b78;

// Slicing by eight: TABLES[k] advances a byte through k more zero bytes, so eight look-ups eat eight bytes.
const TABLES = makeTables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES;

/** A CRC at the end of a PDU. */
export const CRC_BYTES = 4;

/**
 * CRC-32C of `bytes` as an unsigned 32-bit number. `seed` is the CRC of what came before, so that a
 * message in pieces gives the same value as in one: `crc32c(b, crc32c(a))` equals `crc32c(a | b)`.
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    crc ^= word(bytes, i);
    const high = word(bytes, i + 4);
    crc =
      look(T7, crc) ^
      look(T6, crc >>> 8) ^
      look(T5, crc >>> 16) ^
      look(T4, crc >>> 24) ^
      look(T3, high) ^
      look(T2, high >>> 8) ^
      look(T1, high >>> 16) ^
      look(T0, high >>> 24);
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ look(T0, crc ^ byteAt(bytes, i));
  return ~crc >>> 0;
}

/** Writes the CRC of all but the last four bytes into those four, little-endian, and returns the same array. */
export function writeCrc(pdu: Uint8Array): Uint8Array {
  const at = pdu.length - CRC_BYTES;
  new DataView(pdu.buffer, pdu.byteOffset + at).setUint32(0, crc32c(pdu.subarray(0, at)), true);
  return pdu;
}

/** Does the CRC at the end of `pdu` hold over all before it? False when there is nothing before it. */
export function crcHolds(pdu: Uint8Array): boolean {
  const at = pdu.length - CRC_BYTES;
  if (at < 1) return false;
  return new DataView(pdu.buffer, pdu.byteOffset + at).getUint32(0, true) === crc32c(pdu.subarray(0, at));
}

// Indices are always in range; `?? 0` only tells the compiler so, and the engine drops it.
function look(table: Uint32Array, index: number): number {
  return table[index & 0xff] ?? 0;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

function word(bytes: Uint8Array, i: number): number {
  return (
    byteAt(bytes, i) |
    (byteAt(bytes, i + 1) << 8) |
    (byteAt(bytes, i + 2) << 16) |
    (byteAt(bytes, i + 3) << 24)
  );
}

type Tables = readonly [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

function makeTables(): Tables {
  const first = new Uint32Array(256).map((_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    return crc;
  });
  const next = (table: Uint32Array): Uint32Array => table.map((crc) => (crc >>> 8) ^ look(first, crc));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
