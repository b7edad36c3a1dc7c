import { FieldError } from '../../proto/errors.ts';

/**
 * A key or identity file that is missing, unreadable by its owner's rules, or would have been replaced. The
 * message names the file and what to do about it.
 */
export class KeyError extends FieldError<
  | 'KEY_MISSING'
  | 'KEY_MODE'
  | 'KEY_BAD'
  | 'KEY_EXISTS'
  | 'IDENTITY_MISSING'
  | 'IDENTITY_BAD'
  | 'IDENTITY_EXISTS'
  | 'KEY_IO'
> {
  constructor(
    code: KeyError['code'],
    path: string,
    why: { readonly problem: string; readonly cause?: unknown },
  ) {
    super(code, `${path}: ${why.problem}`, { retry: 'never', facts: { path }, cause: why.cause });
  }
}

/** The `code` of an error from Node, or an empty string. */
export function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return '';
  return typeof cause.code === 'string' ? cause.code : '';
}
