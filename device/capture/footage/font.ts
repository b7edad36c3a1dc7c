/** Cell of one character, in font pixels: five columns and seven rows drawn, one of each left empty. */
export const CELL_WIDTH = 6;
export const CELL_HEIGHT = 8;

// Seven rows a character, one hex byte a row, the low five bits from left to right.
const ROWS: Readonly<Record<string, string>> = {
  ' ': '00000000000000',
  '-': '0000001f000000',
  '.': '00000000000c0c',
  ':': '000c0c000c0c00',
  _: '0000000000001f',
  '@': '0e11010d15150e',
  '/': '00010204081000',
  '+': '0004041f040400',
  '?': '0e110102040004',
  '0': '0e11131519110e',
  '1': '040c040404040e',
  '2': '0e11010204081f',
  '3': '1f02040201110e',
  '4': '02060a121f0202',
  '5': '1f101e0101110e',
  '6': '0608101e11110e',
  '7': '1f010204080808',
  '8': '0e11110e11110e',
  '9': '0e11110f01020c',
  A: '0e1111111f1111',
  B: '1e11111e11111e',
  C: '0e11101010110e',
  D: '1c12111111121c',
  E: '1f10101e10101f',
  F: '1f10101e101010',
  G: '0e11101711110f',
  H: '1111111f111111',
  I: '0e04040404040e',
  J: '0702020202120c',
  K: '11121418141211',
  L: '1010101010101f',
  M: '111b1515111111',
  N: '11111915131111',
  O: '0e11111111110e',
  P: '1e11111e101010',
  Q: '0e11111115120d',
  R: '1e11111e141211',
  S: '0f10100e01011e',
  T: '1f040404040404',
  U: '1111111111110e',
  V: '11111111110a04',
  W: '1111111515150a',
  X: '11110a040a1111',
  Y: '1111110a040404',
  Z: '1f01020408101f',
};

const GLYPHS: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(ROWS).map(([character, rows]) => [character, Uint8Array.from(Buffer.from(rows, 'hex'))]),
);
const UNKNOWN = new Uint8Array(7).fill(0x1f);

/** Seven rows of five bits. Lower case looks like upper case; a character that is not in the font is a block. */
export function glyph(character: string): Uint8Array {
  return GLYPHS.get(character.toUpperCase()) ?? UNKNOWN;
}
