import { FieldError } from '../../../proto/errors.ts';

/**
 * A scenario that cannot go on. STEP: a step could not be carried out. TIME: the run took too long. NEEDS: this machine lacks
 * something. STOPPED: somebody ended it.
 */
export class RunError extends FieldError<'STEP' | 'TIME' | 'NEEDS' | 'STOPPED'> {
  constructor(code: RunError['code'], message: string, cause?: unknown) {
    super(code, message, { retry: 'never', cause });
  }
}
