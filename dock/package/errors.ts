import { FieldError } from '../../proto/errors.ts';

/**
 * Why no package was made. PACKAGE_ABSENT: the dock has no such recording in custody. PACKAGE_DAMAGED: the disk does not
 * give back what was accepted. PACKAGE_BUSY: the running dock could not be told. PACKAGE_REFUSED: the policy service does
 * not allow it. PACKAGE_BAD: what a service answered does not hold. PACKAGE_IO: the file could not be written.
 */
export class PackageError extends FieldError<
  'PACKAGE_ABSENT' | 'PACKAGE_DAMAGED' | 'PACKAGE_BUSY' | 'PACKAGE_REFUSED' | 'PACKAGE_BAD' | 'PACKAGE_IO'
> {}
