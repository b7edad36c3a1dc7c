import { FieldError } from '../../proto/errors.ts';

/** A flag or a file it names that cannot be used; the message says which and what to do. */
export class ConfigError extends FieldError<'CONFIG'> {
  constructor(message: string, cause?: unknown) {
    super('CONFIG', message, { retry: 'never', cause });
  }
}

/**
 * Why a witness does not start, or does not cosign. WITNESS_DAMAGED: the folder is not what this witness left behind;
 * going on could cosign a second history. WITNESS_LOCKED: another process has it. WITNESS_IO: the disk, now.
 */
export class WitnessError extends FieldError<'WITNESS_DAMAGED' | 'WITNESS_LOCKED' | 'WITNESS_IO'> {
  static damaged(path: string, problem: string, cause?: unknown): WitnessError {
    const message = `witness: ${path} ${problem}; bring the folder back from its newest copy, or retire this witness: one that began anew could cosign a second history`;
    return new WitnessError('WITNESS_DAMAGED', message, { retry: 'never', facts: { path }, cause });
  }
}
