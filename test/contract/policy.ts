import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MissingFact, Policy, PolicyEvent, Question, RegisteredRecording } from '../../dock/ports.ts';
import type { PersonId, RecordingId } from '../../proto/ids.ts';

const like = (words: RegExp): unknown => expect.stringMatching(words);

/** One policy service, seen through the port, and the strings that move it. */
export interface PolicyRig {
  readonly policy: Policy;
  readonly question: Question;
  readonly recording: RegisteredRecording;
  allow(person: PersonId, recording: RecordingId): void;
  deny(person: PersonId, recording: RecordingId, missing: readonly MissingFact[]): void;
  /** Nobody answers any more. */
  silence(): void;
  fact(type: string): void;
  /** A token for this person, and one that is not to be believed. */
  tokens(person: PersonId): Promise<{ readonly good: string; readonly bad: string }>;
  close(): Promise<void>;
}

const MISSING: MissingFact = {
  fact: 'report.filed',
  incident: '24-118842',
  person: '4411',
  text: 'initial report of Officer 4411 on 24-118842, not yet filed',
};

/** What release relies on, whoever stands behind the port. */
export function policyContract(name: string, make: () => Promise<PolicyRig>): void {
  describe(`${name} keeps the promises of Policy`, () => {
    let rig: PolicyRig;
    beforeEach(async () => {
      rig = await make();
    });
    afterEach(async () => {
      await rig.policy.close();
      await rig.close();
    });

    // Goal: what nobody permits is denied.
    it('denies by default', async () => {
      expect(await rig.policy.decide(rig.question)).toMatchObject({ verdict: 'deny', concerns: false });
    });

    // Goal: each allow carries a grant of its own, with all that the ledger entry needs.
    it('allows with a fresh grant each time', async () => {
      rig.allow(rig.question.person, rig.question.recordingId);
      const first = await rig.policy.decide(rig.question);
      const second = await rig.policy.decide(rig.question);
      if (first.verdict !== 'allow' || second.verdict !== 'allow') throw new Error('not allowed');
      expect(first.grant.id).not.toBe(second.grant.id);
      expect(first.grant.jws).not.toBe(second.grant.jws);
      expect(first.grant.regime).toMatch(/^\S+$/);
      expect(first.grant.policySet).toMatch(/^\S+$/);
      expect(first.grant.chunkStart).toBeLessThanOrEqual(first.grant.chunkEnd);
    });

    // Goal: an allow is for the person and recording it names, no other.
    it('does not stretch an allow to another recording', async () => {
      rig.allow(rig.question.person, rig.question.recordingId);
      const other = { ...rig.question, recordingId: 'ff'.repeat(16) as RecordingId };
      expect(await rig.policy.decide(other)).toMatchObject({ verdict: 'deny' });
    });

    it('says what is missing', async () => {
      rig.deny(rig.question.person, rig.question.recordingId, [MISSING]);
      expect(await rig.policy.decide(rig.question)).toMatchObject({
        verdict: 'deny',
        missing: [MISSING],
        concerns: true,
      });
    });

    // Goal: silence is never an answer, and never an exception.
    it('is unreachable when nobody answers', async () => {
      rig.allow(rig.question.person, rig.question.recordingId);
      rig.silence();
      expect(await rig.policy.decide(rig.question)).toMatchObject({
        verdict: 'unreachable',
        reason: like(/./),
      });
      expect(await rig.policy.register(rig.recording)).toBe(false);
    });

    it('registers a recording as often as it is told to', async () => {
      expect(await rig.policy.register(rig.recording)).toBe(true);
      expect(await rig.policy.register(rig.recording)).toBe(true);
    });

    // Goal: a listener first hears that anything may have happened, then every fact, then the end.
    it('announces facts until it is closed', async () => {
      const events: PolicyEvent[] = [];
      const read = async (): Promise<void> => {
        for await (const event of rig.policy.events()) events.push(event);
      };
      const ended = read();
      await vi.waitFor(() => expect(events).toEqual([{ event: 'reconnected' }]));
      rig.fact('report.filed');
      await vi.waitFor(() => expect(events[1]).toMatchObject({ event: 'fact', type: 'report.filed' }));
      await rig.policy.close();
      await ended;
    });

    it('believes its own tokens only', async () => {
      const { good, bad } = await rig.tokens(rig.question.person);
      expect(await rig.policy.viewer(good)).toMatchObject({ person: rig.question.person });
      expect(await rig.policy.viewer(bad)).toEqual({ refused: like(/./) });
    });
  });
}
