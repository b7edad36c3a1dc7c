import { describe, expect, it } from 'vitest';
import type { Policy, Question, Verdict } from '../../../../dock/ports.ts';
import { purposesOf } from '../../../../dock/release/purpose.ts';
import { askPurposes } from '../../../../dock/release/purposes.ts';
import type { Rules } from '../../../../dock/policy/decide/rules.ts';
import { isPersonId, isRecordingId } from '../../../../proto/ids.ts';
import { checked, sha256 } from '../../proto/fixture.ts';
import { EVERY_REGIME, osp, ppa } from '../policy/every-regime.ts';
import { city, doj, RECORDING, shift, type Story } from '../policy/story.ts';

// Goal: a page offers to supplement a report where the regime allows it, and nowhere else. Method: the real rules of every
// regime answer, in place of the service around them; the grant of an allow is not looked at here.

function deciding(story: Story): Pick<Policy, 'decide'> {
  return {
    decide: async ({ person, purpose }: Question): Promise<Verdict> => {
      const { allowed, reason, missing } = story.ask(person, purpose);
      if (allowed) return { verdict: 'allow', reason, grant: NO_GRANT };
      return { verdict: 'deny', reason, missing, regime: story.rules.regime, concerns: true };
    },
  };
}
const NO_GRANT = {
  ...{ jws: '', id: '', expiresAtUs: 0, regime: '', policySet: '', newestFact: 0 },
  ...{ chunkStart: 0, chunkEnd: 0 },
};

const about = (person: string) => ({
  person: checked(person, isPersonId),
  recordingId: checked(RECORDING, isRecordingId),
  manifestSha256: sha256(new Uint8Array()),
});

async function allowed(story: Story, person = '4411', role = 'officer'): Promise<readonly string[]> {
  const answers = await askPurposes(deciding(story), about(person), purposesOf([role]));
  return answers.filter(({ answer }) => answer === 'allowed').map(({ purpose }) => purpose);
}

const noForce = (rules: Rules): Story => shift(rules).tell('force.classified');
const force = (rules: Rules): Story => shift(rules).tell('force.classified', { force: 'non_deadly' });

describe('what a recording may be opened for', () => {
  it('under the DOJ regime is nothing before the initial report, and then to supplement it', async () => {
    const story = noForce(doj);
    expect(await allowed(story)).toEqual([]);
    story.tell('report.filed').tell('report.filed', { person: '5522' });
    expect(await allowed(story)).toContain('supplement_report');
  });

  it('differs with the regime, on the same facts', async () => {
    expect(await allowed(noForce(city))).toEqual(['supplement_report', 'write_report']);
    expect(await allowed(force(city))).toEqual([]);
    expect(await allowed(noForce(osp))).toEqual(['supplement_report', 'write_report']);
    expect(await allowed(noForce(osp).tell('interview.scheduled'))).toContain('interview_preparation');
    expect(await allowed(noForce(ppa))).toEqual([
      'supplement_report',
      'write_report',
      'interview_preparation',
    ]);
  });

  it.each(EVERY_REGIME.map((rules) => [rules.regime, rules] as const))(
    'is under %s never to supplement a report of somebody else',
    async (_name, rules) => {
      const story = noForce(rules).tell('report.filed').tell('report.filed', { person: '5522' });
      expect(await allowed(story, '6633')).toEqual([]);
      expect(await allowed(story, 'ipr-1', 'independent_review')).toEqual([]);
      expect(await allowed(story.tell('recording.sealed'))).toEqual([]);
    },
  );

  it('comes with the reason and what would help, in the order of the purposes', async () => {
    const answers = await askPurposes(deciding(noForce(doj)), about('4411'), purposesOf(['officer']));
    expect(answers.map(({ purpose }) => purpose)).toEqual(purposesOf(['officer']));
    expect(answers[0]).toMatchObject({ answer: 'refused', regime: 'doj' });
    expect(answers[0]).toHaveProperty(['missing', 0, 'fact'], 'report.filed');
  });

  it('is not known while nobody answers', async () => {
    const silent = { decide: async () => ({ verdict: 'unreachable', reason: 'down' }) as const };
    expect(await askPurposes(silent, about('4411'), ['oversight'])).toEqual([
      { purpose: 'oversight', answer: 'unreachable', reason: 'down' },
    ]);
  });
});
