import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { Denials } from '../../../../dock/viewer/schema/denials.ts';
import { type CustodyEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import { formatInstant } from '../../../../proto/instant.ts';
import { keys, OFFICER, PARTNER, recording, REPORT, STRANGER } from '../release/fixture.ts';
import { Front, hold } from './fixture.ts';

// Goal: those who oversee read which attempts were refused, on what the list shows them and on nothing else; to those who carry
// cameras, and to strangers, there is no such list. Method: the real route over a ledger in memory, a person of each role.

const [R1, R2] = [recording(1), recording(2)];
const SERGEANT = PARTNER;
const TOLD = [
  ...['supervisor', 'chief', 'chief_designee'],
  ...['internal_affairs', 'independent_review', 'doj_monitor'],
];

let front: Front;
beforeEach(async () => {
  front = await Front.open(async (stage) => {
    await hold(stage, R1);
    await hold(stage, R2);
    stage.policy.deny(SERGEANT, R1, [REPORT]);
  });
});
afterEach(() => front.close());

async function attempt(at: number, on: Partial<Extract<CustodyEntry, { type: 'denied' }>>): Promise<void> {
  const { ledger } = front.stage;
  const entry: CustodyEntry = {
    ...{ type: 'denied', at: formatInstant(1_800_000_000_000_000 + at), recording: R1, count: 1 },
    ...{ person: keys.pseudonym(STRANGER), purpose: 'write_report', reason: 'withheld', ...on },
  };
  await ledger.appendOnce(entryKey(entry), encodeEntry(entry));
}
const denials = async (query = '', role = 'supervisor'): Promise<Denials> =>
  (await front.get(`/v1/denials${query}`, front.as(SERGEANT, [role]))).json() as Denials;

describe('attempts denied', () => {
  it('name who, when, what for and why, newest first', async () => {
    await attempt(1, {});
    await attempt(2, { person: keys.pseudonym(OFFICER), count: 3 });
    await attempt(3, {
      person: keys.pseudonym(SERGEANT),
      purpose: 'oversight',
      reason: 'policy-unreachable',
    });
    const { denials: listed, total, earlier } = await denials();
    expect([total, earlier]).toEqual([3, undefined]);
    expect(listed.map(({ who }) => who)).toEqual([
      'you',
      'the recording officer',
      `another person (${keys.pseudonym(STRANGER).slice(0, 8)})`,
    ]);
    expect(listed[0]).toMatchObject({
      ...{ recording: R1, officer: OFFICER, count: 1, purpose: 'to review a case' },
      reason: 'the policy service could not be asked',
    });
    expect(listed[1]).toMatchObject({ count: 3, at: formatInstant(1_800_000_000_000_002) });
    expect(listed[1]?.text).toBe('3 attempts by the recording officer to open it were refused.');
    expect(JSON.stringify(listed)).not.toContain(STRANGER);
  });

  // Goal: it cannot say more than the list does. Method: an attempt on a recording whose row this person does not have.
  it('are never those on other recordings', async () => {
    await attempt(1, { recording: R2 });
    await attempt(2, {});
    await attempt(3, { recording: R2 });
    const found = await denials();
    expect([found.total, found.denials.map(({ recording: id }) => id)]).toEqual([1, [R1]]);
    const list = await front.get('/v1/recordings', front.as(SERGEANT, ['supervisor']));
    expect((list.json() as { recordings: { id: string }[] }).recordings.map(({ id }) => id)).toEqual([R1]);
  });

  it('come in pages', async () => {
    for (let at = 0; at < 5; at += 1) await attempt(at, { count: at + 1, person: keys.pseudonym(PARTNER) });
    const newest = await denials('?limit=2');
    expect(newest.denials.map(({ count }) => count)).toEqual([5, 4]);
    const next = await denials(`?limit=4&before=${newest.earlier}`);
    expect([next.denials.map(({ count }) => count), next.earlier]).toEqual([[3, 2, 1], undefined]);
    for (const query of ['?limit=0', '?limit=201', '?before=x'])
      expect((await front.get(`/v1/denials${query}`, front.as(SERGEANT, ['chief']))).status).toBe(400);
  });

  test.each(TOLD)('are told to %s', async (role) => {
    await attempt(1, {});
    expect((await denials('', role)).total).toBe(1);
  });

  test.each(['officer', 'city_attorney', 'custodian', 'dock_operator'])(
    'are not told to %s',
    async (role) => {
      await attempt(1, {});
      const nothing = await front.get('/v1/nothing', front.as(SERGEANT, [role]));
      const { status, body } = await front.get('/v1/denials', front.as(SERGEANT, [role]));
      expect([status, body]).toEqual([404, nothing.body]);
    },
  );

  it('need a token', async () => {
    expect((await front.get('/v1/denials')).status).toBe(401);
  });
});
