const BITS = 32;
// One step of the reflected CRC-32C register: its polynomial where the lowest bit was set.
const POLYNOMIAL = 0x82f63b78;
const BITS_PER_BYTE = 8;

/** What zero bytes do to a CRC register: the image of each of its bits. */
type Shift = Int32Array;

/**
 * The CRC-32C of `a | b` from the CRCs of both and the length of `b`, for all `b` of that length. A chunk is
 * summed once, before the clock starts; each Data then costs the sum of its twenty bytes of header.
 */
export function crcJoiner(secondBytes: number): (first: number, second: number) => number {
  const shift = zeros(secondBytes);
  return (first, second) => (apply(shift, first) ^ second) >>> 0;
}

/** By squaring: the shift over 2n zero bits is the shift over n, twice. */
function zeros(bytes: number): Shift {
  let result = Int32Array.from({ length: BITS }, (_, bit) => 1 << bit);
  let power = oneBit();
  for (let left = bytes * BITS_PER_BYTE; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = after(power, result);
    power = after(power, power);
  }
  return result;
}

function oneBit(): Shift {
  return Int32Array.from({ length: BITS }, (_, bit) => (bit === 0 ? POLYNOMIAL : 1 << (bit - 1)));
}

function after(second: Shift, first: Shift): Int32Array<ArrayBuffer> {
  return Int32Array.from(first, (image) => apply(second, image));
}

function apply(shift: Shift, crc: number): number {
  let sum = 0;
  for (let rest = crc >>> 0, bit = 0; rest !== 0; rest >>>= 1, bit += 1)
    if ((rest & 1) === 1) sum ^= shift[bit] ?? 0;
  return sum;
}
