const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const HEX_TEXT = /^(?:[0-9a-f]{2})*$/;
const BASE64_TEXT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const encoder = new TextEncoder();
// `ignoreBOM` keeps a leading byte order mark in the text, so that decoding and encoding give the same bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Lower-case hexadecimal digits, two a byte. */
export function toHex(bytes: Uint8Array): string {
  let digits = '';
  for (const byte of bytes) digits += HEX[byte];
  return digits;
}

/** Inverse of {@link toHex}. One value has one spelling: capitals and odd lengths throw a TypeError. */
export function fromHex(digits: string): Uint8Array {
  if (!HEX_TEXT.test(digits)) throw new TypeError('not lower-case hexadecimal digits in pairs');
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = (nibble(digits.charCodeAt(2 * i)) << 4) | nibble(digits.charCodeAt(2 * i + 1));
  return bytes;
}

/** Standard base64 (RFC 4648 section 4), padded. */
export function toBase64(bytes: Uint8Array): string {
  let symbols = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8) | at(bytes, i + 2);
    const left = bytes.length - i;
    symbols += BASE64.charAt(group >> 18) + BASE64.charAt((group >> 12) & 63);
    symbols += left > 1 ? BASE64.charAt((group >> 6) & 63) : '=';
    symbols += left > 2 ? BASE64.charAt(group & 63) : '=';
  }
  return symbols;
}

/**
 * Inverse of {@link toBase64}. One value has one spelling: missing padding, white space and stray bits
 * after the last byte throw a TypeError.
 */
export function fromBase64(symbols: string): Uint8Array {
  if (!BASE64_TEXT.test(symbols)) throw new TypeError('not padded standard base64');
  const padding = symbols.length - symbols.replace(/=+$/, '').length;
  const bytes = new Uint8Array((symbols.length / 4) * 3 - padding);
  let group = 0;
  for (let i = 0, out = 0; i < symbols.length; i += 4, out += 3) {
    group = 0;
    for (let j = 0; j < 4; j++) group = (group << 6) | sextet(symbols.charCodeAt(i + j));
    bytes[out] = group >> 16;
    if (out + 1 < bytes.length) bytes[out + 1] = group >> 8;
    if (out + 2 < bytes.length) bytes[out + 2] = group;
  }
  if (padding > 0 && (group & (padding === 2 ? 0xffff : 0xff)) !== 0) {
    throw new TypeError('base64 has stray bits after its last byte');
  }
  return bytes;
}

/** One new array with all parts in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Same length and content. Takes as long as the common prefix: for digests, never for secrets. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function utf8(characters: string): Uint8Array {
  return encoder.encode(characters);
}

/** Inverse of {@link utf8}; bytes that are not UTF-8 throw a TypeError. */
export function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

/** Of a character that is known to be a lower-case digit. */
function nibble(code: number): number {
  return code >= 97 ? code - 87 : code - 48;
}

function sextet(code: number): number {
  if (code >= 97) return code - 71;
  if (code >= 65) return code - 65;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 43) return 62;
  return code === 47 ? 63 : 0;
}
