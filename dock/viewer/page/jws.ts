import { toHex } from '../../../proto/bytes.ts';
import { jsonToBase64Url } from './base64url.ts';
import { sign, type PageKey } from './page-key.ts';

/** A compact JWS (ES256) by this page's key, which stands in its header; made now, with a nonce of its own. */
export async function signedByPage(
  key: PageKey,
  typ: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const nonce = toHex(crypto.getRandomValues(new Uint8Array(16)));
  const iat = Math.floor(Date.now() / 1_000);
  const header = { alg: 'ES256', typ, jwk: key.jwk };
  const signed = `${jsonToBase64Url(header)}.${jsonToBase64Url({ ...claims, nonce, iat })}`;
  return `${signed}.${await sign(key, signed)}`;
}
