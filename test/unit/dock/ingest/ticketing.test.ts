import { beforeEach, describe, expect, it } from 'vitest';
import { converse } from '../../../../dock/ingest/converse.ts';
import type { IngestNews } from '../../../../dock/ingest/state.ts';
import { step } from '../../../../dock/ingest/step.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { openCheckpoint } from '../../../../proto/checkpoint.ts';
import { decodeReceiptBody } from '../../../../proto/codec.ts';
import { checkGrowth } from '../../../../proto/growth.ts';
import { TICKET_EVERY_MS } from '../../../../proto/limits.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { makeRecording } from '../../../../sim/world/town.ts';
import { begun, context, docked, sampleOf, session, signer } from './kit.ts';
import { makeDock, PuppetCamera, turns } from './puppet.ts';

const EVERY_US = TICKET_EVERY_MS * 1000;

// Goal: tickets cost an upload nothing, and a proof that would not fit is not sent. Method: ticks of idle and busy sessions,
// and an answer of the log that comes after the camera has said something else.
describe('the step', () => {
  const asked = (nowUs: number, state = docked({ doing: 'nothing' })) =>
    step({ ...state, heardUs: nowUs }, { event: 'tick', nowUs }, context);

  it('asks the log again after a while, when nothing is under way', () => {
    expect(asked(EVERY_US - 1)[1]).toEqual([]);
    const [state, effects] = asked(EVERY_US);
    expect(effects).toMatchObject([{ effect: 'ticket', from: 0, onlyGrown: true }]);
    expect(step(state, { event: 'tick', nowUs: EVERY_US + 1 }, context)[1]).toEqual([]);
    const [upload] = begun(sampleOf([40, 30]));
    const [, busy] = asked(EVERY_US, docked({ doing: 'receiving', upload }));
    expect(busy.map(({ effect }) => effect)).not.toContain('ticket');
  });

  it('drops what the log says of another session or another beginning', () => {
    const { sessionId } = session;
    const answer = { event: 'ticket', nowUs: 0, sessionId, checkpoint: { size: 9, note: 'n' } } as const;
    const idle = docked({ doing: 'nothing' });
    const [state, effects] = step(idle, { ...answer, growth: {} }, context);
    expect(effects).toMatchObject([{ message: { type: 'ticket', note: 'n' } }]);
    expect(state).toMatchObject({ ticketing: { keptSize: 9 } });
    expect(step(state, { ...answer, growth: {} }, context)).toEqual([state, []]);
    const other = { ...answer, sessionId: new Uint8Array(8), growth: {} };
    expect(step(idle, other, context)).toEqual([idle, []]);
  });
});

// Goal: a camera learns of every growth of the log from where it stands, and a dock whose log was set back says so and gives
// nothing that would be refused. Method: whole conversations with a log in memory that grows in between.
describe('a session', () => {
  const kept = makeRecording(1, [5_000], { signer });
  let clock: ManualClock;
  let dock: ReturnType<typeof makeDock>;
  let news: IngestNews[];
  beforeEach(() => {
    clock = new ManualClock();
    news = [];
    dock = { ...makeDock(clock), tell: (told) => void (told.news === 'settled' || news.push(told)) };
  });

  const headOf = (note: string) => openCheckpoint(note, dock.ledger.vkey, nodeChecker);
  const grow = (key: string): Promise<number> => dock.ledger.appendOnce(key, new Uint8Array([1]));
  const talk = async (ledgerSize: number, nonce = 1): Promise<PuppetCamera> => {
    const camera = new PuppetCamera(kept, { fragmentBytes: 1_000, nonce, ledgerSize });
    camera.allowance = 0;
    void converse(camera.link, dock);
    await turns(20);
    return camera;
  };
  const idle = async (camera: PuppetCamera, ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1_000) {
      camera.say({ type: 'ping', sentUs: 1 });
      clock.advance(1_000);
      await turns(2);
    }
  };

  it('begins with a ticket from the size that the camera said', async () => {
    for (const key of ['a', 'b', 'c']) await grow(key);
    const before = headOf((await dock.ledger.checkpoint()).note);
    const { tickets } = await talk(before.size);
    expect(tickets).toHaveLength(1);
    const [growth] = tickets;
    const checkpoint = headOf(growth?.note ?? '');
    // The camera's own enrolment was recorded first.
    expect(checkpoint.size).toBe(4);
    expect(checkGrowth(before, { checkpoint, growth: growth ?? {} }, nodeChecker)).toBe('grown');
    const again = await talk(4, 2);
    expect(again.tickets).toMatchObject([{ consistencyFrom: 4, note: growth?.note }]);
  });

  it('tells more when the log has grown, and nothing when it has not', async () => {
    const camera = await talk(0);
    camera.allowance = Number.MAX_SAFE_INTEGER;
    camera.offer();
    await turns(30);
    expect(camera.settled).toBe(true);
    const { recordingId } = kept.recording;
    camera.say({ type: 'receipt-ack', recordingId, erased: false });
    await idle(camera, TICKET_EVERY_MS * 2);
    // The receipt's own checkpoint is the newest.
    expect(camera.tickets).toHaveLength(1);
    const before = headOf(camera.tickets[0]?.note ?? '');
    await grow('a');
    await idle(camera, TICKET_EVERY_MS);
    const [, next] = camera.tickets;
    expect(next).toMatchObject({ consistencyFrom: before.size + 1 });
  });

  it('gives another receipt when the camera keeps another checkpoint by now', async () => {
    const camera = await talk(0);
    camera.allowance = Number.MAX_SAFE_INTEGER;
    camera.offer();
    await turns(30);
    camera.fin();
    await turns(10);
    const [first, same] = camera.receipts;
    expect(same).toEqual(first);
    await grow('a');
    camera.ledgerSize = 1;
    camera.fin();
    await turns(10);
    const body = decodeReceiptBody(camera.receipts[2]?.body ?? new Uint8Array());
    expect(body).toMatchObject({ consistencyFrom: 1, outcome: 'accepted' });
    camera.offer();
    await turns(10);
    expect(camera.receipts[3]).toEqual(camera.receipts[2]);
  });

  it('with a log that was set back is loud, and takes the footage without a receipt', async () => {
    const camera = await talk(120);
    expect(camera.tickets).toEqual([]);
    const behind = {
      news: 'ledger-behind',
      message: 'camera cam-1 has seen 120 entries of this log, which has 1',
    };
    expect(news).toContainEqual(expect.objectContaining(behind));
    camera.allowance = Number.MAX_SAFE_INTEGER;
    camera.offer();
    await turns(30);
    expect(camera.receipts).toEqual([]);
    const { recordingId } = kept.recording;
    expect(camera.aborts).toMatchObject([{ code: 'storage-fault', class: 'retry', recordingId }]);
    expect(news.filter((told) => told.news === 'ledger-behind')).toHaveLength(2);
    expect((await dock.ledger.checkpoint()).size).toBe(1);
  });
});
