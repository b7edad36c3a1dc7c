import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPENINGS_AT_ONCE_MAX } from '../../../../dock/viewer/throttle.ts';
import { OFFICER, PARTNER, recording, REPORT, STRANGER } from '../release/fixture.ts';
import { Front, hold } from './fixture.ts';

// Goal: a person learns what they may open a recording for now, and nobody learns of a recording by asking. Method: the real
// routes over a scripted policy service.

const R1 = recording(1);
const R2 = recording(2);

let front: Front;
beforeEach(async () => {
  front = await Front.open(async (stage) => {
    await hold(stage, R1);
    await hold(stage, R2, PARTNER);
    stage.policy.deny(OFFICER, R1, [REPORT]);
    stage.policy.allow(PARTNER, R2);
  });
});
afterEach(() => front.close());

const ask = (headers: Record<string, string>, id: string) =>
  front.get(`/v1/recordings/${id}/purposes`, headers);

describe('the purposes of a recording', () => {
  it('are asked about one by one, and each answer has its reason', async () => {
    const refused = await ask(front.as(OFFICER), R1);
    const one = { answer: 'refused', reason: REPORT.text, missing: [REPORT], regime: 'scripted' };
    expect([refused.status, refused.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(refused.json()).toEqual({
      purposes: [
        { ...one, purpose: 'supplement_report' },
        { ...one, purpose: 'write_report' },
        { ...one, purpose: 'interview_preparation' },
      ],
    });
    const asked = front.stage.policy.questions.length;
    const allowed = (await ask(front.as(PARTNER), R2)).json() as { purposes: readonly object[] };
    expect(allowed.purposes).toHaveLength(3);
    for (const purpose of allowed.purposes) expect(purpose).toMatchObject({ answer: 'allowed' });
    expect(JSON.stringify(allowed)).not.toContain('grant');
    expect(front.stage.policy.questions.slice(asked).filter(({ opening }) => opening !== undefined)).toEqual(
      [],
    );
  });

  it('are those of the roles, and say when nobody answers', async () => {
    front.stage.policy.silence('the service is down');
    expect((await ask(front.as(PARTNER), R2)).json()).toHaveProperty(['purposes', 0], {
      purpose: 'supplement_report',
      answer: 'unreachable',
      reason: 'the service is down',
    });
  });

  it('are not told of what the person may not know of, nor without a token', async () => {
    const nothing = await front.get(`/v1/recordings/${recording(9)}/purposes`, front.as(STRANGER));
    for (const id of [R1, R2, 'no-id', recording(9)]) {
      const answer = await ask(front.as(STRANGER), id);
      expect([answer.status, answer.body]).toEqual([404, nothing.body]);
    }
    expect((await ask({}, R1)).status).toBe(401);
  });

  it('may be asked for as often as anybody looks, and not more', async () => {
    const headers = front.as(PARTNER);
    for (let time = 0; time < OPENINGS_AT_ONCE_MAX; time += 1)
      expect((await ask(headers, R2)).status).toBe(200);
    const asked = front.stage.policy.questions.length;
    const refused = await ask(headers, R2);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(front.stage.policy.questions).toHaveLength(asked);
    expect((await ask(front.as(OFFICER), R1)).status).toBe(200);
  });
});
