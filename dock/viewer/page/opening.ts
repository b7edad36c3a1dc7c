import type { ChunkSpan } from '../../../proto/fragments.ts';
import { signedByPage } from './jws.ts';
import type { PageKey } from './page-key.ts';

/**
 * Proof that the holder of this page's key opens this recording now (JWS, `typ` holdfast-open+jwt, ES256). Good
 * for a minute and for one opening; a stolen token alone makes none.
 */
export async function openingProof(
  key: PageKey,
  about: {
    readonly recording: string;
    readonly purpose: string;
    readonly dock: string;
    /** The recording from its start when absent. */
    readonly chunks?: ChunkSpan;
  },
): Promise<string> {
  const { dock: aud, ...asked } = about;
  return signedByPage(key, 'holdfast-open+jwt', { ...asked, aud });
}
