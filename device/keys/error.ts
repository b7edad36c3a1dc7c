import { FieldError } from '../../proto/errors.ts';

/**
 * A camera that cannot speak for itself. KEYS_MISSING: a file of the keys folder is not there or not readable.
 * KEYS_MODE: the private key is open to others. KEYS_MALFORMED: a file is not what it should be.
 * KEYS_MISMATCH: the private key and the identity are not of one pair.
 */
export class KeysError extends FieldError<
  'KEYS_MISSING' | 'KEYS_MODE' | 'KEYS_MALFORMED' | 'KEYS_MISMATCH'
> {}
