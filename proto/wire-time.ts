import { CRC_BYTES } from './crc32c.ts';

// One start bit, eight data bits, one stop bit.
const BITS_PER_BYTE = 10;
// Two delimiters and the first code byte; the further code bytes of long PDUs are below half a percent.
const FRAME_OVERHEAD_BYTES = 3;

/** Microseconds that a PDU of this many bytes, CRC included, spends as a frame on a line of `baud` bit/s at 8N1. */
export function serialWireUs(pduBytes: number, baud: number): number {
  const bytes = Math.max(pduBytes, CRC_BYTES) + FRAME_OVERHEAD_BYTES;
  return (bytes * BITS_PER_BYTE * 1_000_000) / baud;
}
