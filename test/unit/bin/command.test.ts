import { describe, expect, it } from 'vitest';
import { EXIT, report } from '../../../bin/command.ts';
import { ProofError } from '../../../proto/errors.ts';

/** Runs `report` and returns what it wrote and the exit code. */
function reported(error: unknown): { readonly code: number; readonly text: string } {
  let text = '';
  const code = report(error, { write: (part) => (text += part) });
  return { code, text };
}

describe('report', () => {
  // Goal: an error met in the field is one line a person can act on, without a stack. Method: a FieldError.
  it('says a field error in one line', () => {
    const error = new ProofError('BAD_NOTE', 'checkpoint: no signature of a known key; give --vkey', {
      retry: 'never',
    });
    expect(reported(error)).toEqual({
      code: EXIT.failed,
      text: 'holdfast: checkpoint: no signature of a known key; give --vkey [BAD_NOTE]\n',
    });
  });

  // Goal: the person learns when waiting may help. Method: an error whose class says later.
  it('says when trying again may help', () => {
    const error = new ProofError('BAD_NOTE', 'no checkpoint yet', { retry: 'later' });
    expect(reported(error).text).toContain('trying again later may help');
  });

  // Goal: a bug shows where it is. Method: an error of no known kind, and a thrown text.
  it('shows a bug with its stack', () => {
    const bug = reported(new Error('impossible'));
    expect(bug.code).toBe(EXIT.bug);
    expect(bug.text).toMatch(/impossible\n\s+at /);
    expect(reported('text')).toMatchObject({ code: EXIT.bug });
  });

  // Goal: commander speaks for itself. Method: its error for help shown, and for a bad option.
  it('adds nothing to what the option parser has said', () => {
    const spoken = (code: string, exitCode: number): Error =>
      Object.assign(new Error('x'), { code, exitCode });
    expect(reported(spoken('commander.helpDisplayed', 0))).toEqual({ code: EXIT.ok, text: '' });
    expect(reported(spoken('commander.unknownOption', 1))).toEqual({ code: EXIT.usage, text: '' });
  });
});
