import { toHex } from '../../../proto/bytes.ts';
import { jsonToBase64Url } from './base64url.ts';
import { sign, type PageKey } from './page-key.ts';

/**
 * Proof that the holder of this page's key opens this recording now (JWS, `typ` holdfast-open+jwt, ES256). Good
 * for a minute and for one opening; a stolen token alone makes none.
 */
export async function openingProof(
  key: PageKey,
  about: { readonly recording: string; readonly purpose: string; readonly dock: string },
): Promise<string> {
  const header = { alg: 'ES256', typ: 'holdfast-open+jwt', jwk: key.jwk };
  const claims = {
    recording: about.recording,
    purpose: about.purpose,
    nonce: toHex(crypto.getRandomValues(new Uint8Array(16))),
    iat: Math.floor(Date.now() / 1_000),
    aud: about.dock,
  };
  const signed = `${jsonToBase64Url(header)}.${jsonToBase64Url(claims)}`;
  return `${signed}.${await sign(key, signed)}`;
}
