import { fromBase64, text, toBase64, utf8 } from '../../../proto/bytes.ts';

/** RFC 4648 section 5 without padding, as JOSE writes it. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Inverse of {@link toBase64Url}. Throws a TypeError for anything else. */
export function fromBase64Url(symbols: string): Uint8Array {
  const standard = symbols.replaceAll('-', '+').replaceAll('_', '/');
  return fromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
}

export function jsonToBase64Url(value: unknown): string {
  return toBase64Url(utf8(JSON.stringify(value)));
}

/** The claims of a compact JWS, WITHOUT checking its signature. Undefined when it is not one. */
export function peekClaims(jws: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const claims: unknown = JSON.parse(text(fromBase64Url(jws.split('.')[1] ?? '')));
    return typeof claims === 'object' && claims !== null ? { ...claims } : undefined;
  } catch {
    return undefined;
  }
}
