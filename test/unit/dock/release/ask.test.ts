import { describe, expect, it } from 'vitest';
import type { Question, Verdict } from '../../../../dock/ports.ts';
import { inquire } from '../../../../dock/release/ask.ts';
import { recordingId, sha256 } from '../../proto/fixture.ts';
import { OFFICER } from './fixture.ts';

// Goal: every purpose is tried before a person is refused, but for one of whom the service says that they have no part in it: then
// nobody is asked again, and whatever they have open ends. Method: the answers to each purpose, and the purposes that were asked about.

const PURPOSES = ['supplement_report', 'write_report', 'interview_preparation'];
const about = { person: OFFICER, recordingId, manifestSha256: sha256(new Uint8Array()) };
const deny = (changes: object = {}): Verdict => ({
  ...{ verdict: 'deny', reason: 'no', missing: [], regime: 'doj', concerns: false },
  ...changes,
});

async function asked(
  answers: Readonly<Record<string, Verdict>>,
  watched: readonly string[] = [],
): Promise<{
  readonly outcome: string;
  readonly questions: readonly string[];
  readonly ended: readonly string[];
}> {
  const [questions, ended]: [string[], string[]] = [[], []];
  const decide = async ({ purpose }: Question): Promise<Verdict> => {
    questions.push(purpose);
    return answers[purpose] ?? deny();
  };
  const onDenied = (purpose: string): void => void ended.push(purpose);
  const { outcome } = await inquire(
    { decide },
    { about, purposes: PURPOSES, watched: new Set(watched), onDenied },
  );
  return { outcome, questions, ended };
}

describe('an inquiry', () => {
  it('tries every purpose before it says no', async () => {
    expect(await asked({})).toEqual({ outcome: 'denied', questions: PURPOSES, ended: PURPOSES });
  });

  it('tries the purposes of what is open as well', async () => {
    const { questions, ended } = await asked({}, ['oversight']);
    expect(questions).toEqual([...PURPOSES, 'oversight']);
    expect(ended).toEqual(questions);
  });

  it('ends at the first for a stranger, and so does everything that they have open', async () => {
    const stranger = { supplement_report: deny({ isStranger: true }) };
    const { outcome, questions, ended } = await asked(stranger, ['write_report', 'oversight']);
    expect(outcome).toBe('denied');
    expect(questions).toEqual(['supplement_report']);
    expect(new Set(ended)).toEqual(new Set(['supplement_report', 'write_report', 'oversight']));
  });

  it('does not ask on into silence', async () => {
    const silent = { supplement_report: { verdict: 'unreachable', reason: 'down' } } as const;
    expect(await asked(silent)).toMatchObject({
      outcome: 'unreachable',
      questions: ['supplement_report'],
      ended: [],
    });
  });
});
