// Goal: the custody tab tells everything the ledger knows of a recording, each event can be proved, and only to whom it concerns.
// Method: the real routes over a ledger in memory; proofs are checked by the code that the page uses.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromBase64 } from '../../../../proto/bytes.ts';
import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import { formatInstant } from '../../../../proto/instant.ts';
import { verifyTlogProof } from '../../../../proto/tlog-proof.ts';
import type { Custody, ProvenEntry } from '../../../../dock/viewer/schema/custody.ts';
import { checker, LEDGER_VKEY } from '../../proto/fixture.ts';
import { keys, OFFICER, PARTNER, recording, REPORT, STRANGER } from '../release/fixture.ts';
import { Front, hold } from './fixture.ts';

const R1 = recording(1);
const NOTHING = '{"error":{"code":"not-found","message":"There is nothing here that you may see."}}';

let front: Front;
beforeEach(async () => {
  front = await Front.open(
    async (stage) => {
      const started = { type: 'started', at: '2026-10-29T11:00:00.000000Z', epoch: 7 } as const;
      await put(stage, { ...started, version: '1', config: 'c'.repeat(64) });
      await hold(stage, R1);
      stage.policy.deny(OFFICER, R1, [REPORT]);
    },
    { witnesses: ['witness.example+00000000+AA=='] },
  );
});
afterEach(() => front.close());

async function put({ ledger }: Front['stage'], entry: CustodyEntry): Promise<void> {
  await ledger.appendOnce(entryKey(entry), encodeEntry(entry));
}
const custody = async (person: string, query = ''): Promise<Custody> =>
  (await front.get(`/v1/recordings/${R1}/custody${query}`, front.as(person))).json() as Custody;

/** So many refused attempts, each an entry of its own. */
async function attempts(count: number): Promise<void> {
  const person = keys.pseudonym(PARTNER);
  for (let number = 0; number < count; number += 1) {
    const at = formatInstant(1_800_000_000_000_000 + number);
    const refused = { purpose: 'write_report', reason: 'withheld', count: 1 } as const;
    await put(front.stage, { type: 'denied', at, recording: R1, person, ...refused });
  }
}

describe('the events of a recording', () => {
  it('tell who, when by which clock, with which bound, and why', async () => {
    const { events, total, earlier } = await custody(OFFICER);
    expect([total, earlier]).toEqual([2, undefined]);
    expect(events).toMatchObject([
      {
        index: 1,
        type: 'accepted',
        at: '2026-10-29T12:00:05.000000Z',
        who: 'the dock',
        epoch: 7,
        received: { at: '2026-10-29T12:00:04.000000Z', uncertaintyUs: 500, basis: 'local' },
      },
      {
        index: 2,
        type: 'withheld',
        text: 'Withheld from you: waiting for an initial report.',
        who: 'the policy service',
        epoch: 7,
        reasons: [
          { name: 'Rules', text: 'scripted' },
          { name: 'Reason', text: 'a fact it rests on is missing' },
          { name: 'Waits for', text: 'an initial report' },
        ],
      },
    ]);
    // The dock noted when it wrote this, and measured nothing.
    expect(events[1]).not.toHaveProperty('received');
    expect(JSON.stringify(events)).not.toContain(OFFICER);
  });

  // Goal: nothing is cut off in silence. Method: more events than one answer holds, read page by page.
  it('come page by page, each once', async () => {
    await attempts(520);
    const seen: number[] = [];
    let before = '';
    for (let pages = 0; pages < 10; pages += 1) {
      const { events, total, earlier } = await custody(OFFICER, `?limit=200${before}`);
      expect(total).toBe(522);
      seen.unshift(...events.map(({ index }) => index));
      if (earlier === undefined) break;
      before = `&before=${earlier}`;
    }
    expect(seen).toEqual(Array.from({ length: 522 }, (_, place) => place + 1));
  });

  it('are asked for in pages that make sense', async () => {
    for (const query of ['?limit=0', '?limit=501', '?before=-1', '?before=x', '?limit=1e2'])
      expect((await front.get(`/v1/recordings/${R1}/custody${query}`, front.as(OFFICER))).status).toBe(400);
    expect(await custody(OFFICER, '?before=0')).toEqual({ events: [], total: 2 });
  });

  it('are told to nobody whom the recording does not concern', async () => {
    const known = await front.get(`/v1/recordings/${R1}/custody`, front.as(STRANGER));
    const unknown = await front.get(`/v1/recordings/${recording(99)}/custody`, front.as(STRANGER));
    expect([known.status, known.body, unknown.status, unknown.body]).toEqual([404, NOTHING, 404, NOTHING]);
    expect((await front.get(`/v1/recordings/${R1}/custody`)).status).toBe(401);
  });
});

describe('an entry of the ledger', () => {
  it('comes with a proof that holds', async () => {
    for (const { index } of (await custody(OFFICER)).events) {
      const said = await front.get(`/v1/ledger/entries/${index}`, front.as(OFFICER));
      const { entry, proof, checkpoint, size, decoded, witnesses } = said.json() as ProvenEntry;
      const bytes = fromBase64(entry);
      const proven = verifyTlogProof(proof, { entry: bytes, vkey: LEDGER_VKEY }, checker);
      expect(proven).toMatchObject({ index, size });
      expect(proof.endsWith(checkpoint)).toBe(true);
      expect(decoded).toMatchObject({ ...decodeEntry(bytes) });
      expect(witnesses).toEqual(['witness.example+00000000+AA==']);
    }
  });

  // Goal: one answer for what is not there, what is about no recording, and what somebody may not know of.
  it('is for whoever may know of its recording', async () => {
    const as = [front.as(OFFICER), front.as(STRANGER)] as const;
    expect((await front.get('/v1/ledger/entries/1', as[0])).status).toBe(200);
    const others = [
      await front.get('/v1/ledger/entries/1', as[1]),
      ...(await Promise.all(
        ['0', '99', '-1', '1.0', '01', 'x'].map((at) => front.get(`/v1/ledger/entries/${at}`, as[0])),
      )),
    ];
    for (const { status, body } of others) expect([status, body]).toEqual([404, NOTHING]);
    expect((await front.get('/v1/ledger/entries/1')).status).toBe(401);
  });
});
