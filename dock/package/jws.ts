import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { text, utf8 } from '../../proto/bytes.ts';

/** Claims of a JWS, its header, or a key, as JSON says them. */
export type Fields = Readonly<Record<string, unknown>>;

/** The claims of a compact JWS (ES256, of this `typ`) that this key signed; undefined for anything else. */
export function readSigned(
  jws: Uint8Array,
  by: { readonly typ: string; readonly jwk: Fields | undefined },
): Fields | undefined {
  try {
    const [header = '', payload = '', signature = '', ...more] = text(jws).split('.');
    const key = createPublicKey({ key: (by.jwk ?? {}) as JsonWebKey, format: 'jwk' });
    const { alg, typ } = fieldsIn(Buffer.from(header, 'base64url')) ?? {};
    if (alg !== 'ES256' || typ !== by.typ || more.length > 0) return undefined;
    const claimed = Buffer.from(`${header}.${payload}`);
    const bytes = Buffer.from(signature, 'base64url');
    if (!verify('sha256', claimed, { key, dsaEncoding: 'ieee-p1363' }, bytes)) return undefined;
    return fieldsIn(Buffer.from(payload, 'base64url'));
  } catch {
    return undefined;
  }
}

/** What a compact JWS says, whoever signed it; undefined when it is none. */
export function peekJws(jws: string): { readonly header: Fields; readonly claims: Fields } | undefined {
  const [header, claims] = jws
    .split('.')
    .slice(0, 2)
    .map((part) => fieldsIn(Buffer.from(part, 'base64url')));
  return header === undefined || claims === undefined ? undefined : { header, claims };
}

/** Claims for reading: JSON as `JSON.stringify(claims, null, 2)` writes it, and a line end. */
export function claimsText(claims: Fields): Uint8Array {
  return utf8(`${JSON.stringify(claims, null, 2)}\n`);
}

/** A JSON object; undefined for anything else. */
export function fieldsIn(json: Uint8Array | undefined): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(text(json ?? new Uint8Array())));
  } catch {
    return undefined;
  }
}

/** A value as an object; undefined for anything else. */
export function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}
