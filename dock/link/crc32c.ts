import { crc32c } from '@node-rs/crc32';
import type { Crc32c } from '../../proto/crc32c.ts';

/** CRC-32C by the processor's own instruction: the sum of a chunk takes a tenth of what it takes in JavaScript. */
export const nativeCrc32c: Crc32c = (bytes, seed) => crc32c(bytes, seed);
