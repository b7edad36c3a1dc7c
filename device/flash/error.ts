import { FieldError } from '../../proto/errors.ts';

/**
 * What the camera's memory may say. FLASH_FULL: no room, try again after something was erased; nothing that was
 * there is touched. FLASH_IO: the medium failed. FLASH_CORRUPT: what is stored is not what was written.
 * FLASH_SEALED: this memory takes sealed recordings only.
 */
export class FlashError extends FieldError<'FLASH_FULL' | 'FLASH_IO' | 'FLASH_CORRUPT' | 'FLASH_SEALED'> {}

/** Whether the medium takes nothing any more, and can still be read: trying again does not help, and what is there goes on. */
export function isReadOnly(error: unknown): error is FlashError {
  return error instanceof FlashError && error.facts['code'] === 'EROFS';
}

/** Turns an error of the file system into one of ours; a FlashError stays what it is. */
export function asFlashError(error: unknown, path: string): FlashError {
  if (error instanceof FlashError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const options = { retry: 'later', facts: { path, code }, cause: error } as const;
  const why = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new FlashError('FLASH_FULL', `no room left at ${path}`, options);
  if (code === 'EROFS') {
    const remedy = 'have a dock take what it holds, then give the camera another memory';
    return new FlashError('FLASH_IO', `${path} can only be read: ${remedy} (${why})`, {
      ...options,
      retry: 'never',
    });
  }
  return new FlashError('FLASH_IO', `flash failed at ${path}: ${why}`, options);
}
