import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPENINGS_AT_ONCE_MAX } from '../../../../dock/viewer/throttle.ts';
import { OFFICER, PARTNER, recording } from '../release/fixture.ts';
import { Front, hold } from './fixture.ts';

const R1 = recording(1);
const R2 = recording(2);

let front: Front;
beforeEach(async () => {
  front = await Front.open(async (stage) => {
    await hold(stage, R1);
    await hold(stage, R2, PARTNER);
    stage.policy.deny(OFFICER, R1, [{ fact: 'report.filed', text: 'initial report' }]);
    stage.policy.allow(PARTNER, R2);
  });
});
afterEach(() => front.close());

const open = (headers: Record<string, string>, id: string, chunks?: readonly number[]) =>
  front.app.inject({
    method: 'POST',
    url: `/v1/recordings/${id}/open`,
    headers,
    payload: { purpose: 'write_report', proof: 'p', ...(chunks === undefined ? {} : { chunks }) },
  });

describe('an opening', () => {
  // Goal: a part is opened as a part: the answer says which chunks, and there are no others under that session.
  it('for some chunks gives those alone', async () => {
    const headers = front.as(PARTNER);
    const { body } = await open(headers, R2, [2, 3]);
    const opened = JSON.parse(body) as { readonly range: unknown; readonly session: string };
    expect(opened.range).toEqual([1, 3]);
    expect(front.stage.policy.questions.at(-1)?.opening).toMatchObject({ chunks: [2, 3], within: [1, 3] });
    const status = async (index: number): Promise<number> =>
      (
        await front.get(`/v1/recordings/${R2}/chunks/${index}`, {
          ...headers,
          'holdfast-session': opened.session,
        })
      ).status;
    expect([await status(0), await status(1), await status(2), await status(3)]).toEqual([
      404, 200, 200, 404,
    ]);
  });

  // Goal: a page that runs wild costs neither the ledger nor the policy service; nobody else notices.
  it('too often is told to wait, each person by themselves', async () => {
    const headers = front.as(PARTNER);
    for (let opening = 0; opening < OPENINGS_AT_ONCE_MAX; opening += 1) {
      // Half a second in all: too little for one more.
      if (opening % 12 === 0) front.stage.clock.advance(100);
      expect((await open(headers, R2)).statusCode).toBe(200);
    }
    const asked = front.stage.policy.questions.length;
    const refused = await open(headers, R2);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'too-many-openings' } });
    expect(front.stage.policy.questions).toHaveLength(asked);
    expect((await open(front.as(OFFICER), R1)).statusCode).toBe(403);
    front.stage.clock.advance(1_000);
    expect((await open(headers, R2)).statusCode).toBe(200);
    expect((await open(headers, R2)).statusCode).toBe(429);
  });
});
