import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { DecryptSegment, EncryptSegment } from '../../../proto/cobblestone.ts';
import { SealError } from '../../../proto/errors.ts';
import type { Hmac } from '../../../proto/hkdf.ts';

export const hmacSha256: Hmac = (key, message) => createHmac('sha256', key).update(message).digest();
export const hmacSha512: Hmac = (key, message) => createHmac('sha512', key).update(message).digest();

export const encrypt: EncryptSegment = (key, nonce, plain) => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = cipher.update(plain);
  cipher.final();
  return { body, tag: cipher.getAuthTag() };
};

export const decrypt: DecryptSegment = (key, nonce, { body, tag }) => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAuthTag(tag);
  const plain = decipher.update(body);
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
};

/** Why an attempt to seal or open was refused, or that it was not. */
export function refusal(attempt: () => unknown): SealError | 'not refused' {
  try {
    attempt();
    return 'not refused';
  } catch (error) {
    if (error instanceof SealError) return error;
    throw error;
  }
}
