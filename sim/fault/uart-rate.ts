const DATA_BITS = 8;
const FRAME_BITS = 10;

/**
 * What a UART reads off a line that was driven at another rate. `ratio` is the sender's bit time in bit times of the
 * receiver: 8 when 115,200 bit/s are read at 921,600. As a real receiver does, it starts a byte at a falling edge, looks at the middle of each bit
 * to come, and throws the byte away where there is no stop bit. The line idles high before and after.
 */
export function misread(bytes: Uint8Array, ratio: number): Uint8Array {
  const endAt = bytes.length * FRAME_BITS * ratio;
  const level = (at: number): number => (at < endAt ? levelAt(bytes, Math.floor(at / ratio)) : 1);
  const out: number[] = [];
  let bit = 0;
  while (bit < bytes.length * FRAME_BITS) {
    const isFallingEdge = levelAt(bytes, bit) === 0 && (bit === 0 || levelAt(bytes, bit - 1) === 1);
    if (!isFallingEdge) {
      bit += 1;
      continue;
    }
    const start = bit * ratio;
    let byte = 0;
    for (let i = 0; i < DATA_BITS; i++) byte |= level(start + i + 1.5) << i;
    if (level(start + FRAME_BITS - 0.5) === 1) out.push(byte);
    // It looks for the next edge from the middle of the stop bit.
    bit = Math.max(bit + 1, Math.ceil((start + FRAME_BITS - 0.5) / ratio));
  }
  return Uint8Array.from(out);
}

/** The line's level in one bit time of the sender: start bit low, data from the lowest bit, stop bit high. */
function levelAt(bytes: Uint8Array, bit: number): number {
  const place = bit % FRAME_BITS;
  if (place === 0) return 0;
  if (place > DATA_BITS) return 1;
  return ((bytes[Math.floor(bit / FRAME_BITS)] ?? 0) >> (place - 1)) & 1;
}
