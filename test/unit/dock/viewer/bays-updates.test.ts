import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BayStanding } from '../../../../dock/ingest/standing.ts';
import type { BaysChange, ShownBays } from '../../../../dock/viewer/schema/bays.ts';
import { OFFICER, recording } from '../release/fixture.ts';
import { Front } from './fixture.ts';

const R1 = recording(1);

let front: Front;
beforeEach(async () => {
  front = await Front.open(() => Promise.resolve());
});
afterEach(() => front.close());

// Goal: a display hears of every bay at once and then of what changes, a few times a second, and of nothing that its person may not
// know. Method: a listening server over bays by hand and a clock by hand.
describe('the bays as they change', () => {
  const busy = (durableBytes: number): BayStanding => ({
    ...{ name: 'bay 1', transport: 'serial', state: 'receiving', sinceUs: 0, camera: 'cam-1' as never },
    ...{ recording: R1, officer: OFFICER, durableBytes, totalBytes: 100 },
    fault: { code: 'bad-chunk', text: `chunk 3 of ${R1}`, atUs: 0 },
    lastReceipt: { recording: R1, camera: 'cam-1' as never, outcome: 'accepted', atUs: 0 },
  });
  const follow = async (roles: readonly string[]) => {
    const url = await front.app.listen({ host: '127.0.0.1', port: 0 });
    const { body } = await fetch(`${url}/v1/bays/updates`, { headers: front.as('7001', roles) });
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    /** The next event; throws when the stream ends. */
    return async (): Promise<readonly [kind: string, data: unknown]> => {
      for (;;) {
        const end = rest.indexOf('\n\n');
        const event = /^event: (\w+)\ndata: (.*)$/.exec(rest.slice(0, Math.max(0, end)));
        if (end >= 0) rest = rest.slice(end + 2);
        if (event !== null) return [event[1] ?? '', JSON.parse(event[2] ?? '')];
        if (end >= 0) continue;
        const { done, value } = (await reader?.read()) ?? { done: true, value: '' };
        if (done) throw new Error('ended');
        rest += value;
      }
    };
  };

  it('comes whole, and then only what has changed, however often it does', async () => {
    front.bays.push(busy(1), { name: 'bay 2', transport: 'serial', state: 'empty', sinceUs: 0 });
    const next = await follow(['dock_operator']);
    const [kind, all] = await next();
    expect(kind).toBe('bays');
    expect((all as ShownBays).bays.map(({ name }) => name)).toEqual(['bay 1', 'bay 2']);
    for (let bytes = 2; bytes <= 50; bytes += 1) front.bays[0] = busy(bytes);
    front.stage.clock.advance(250);
    expect(await next()).toMatchObject([
      'changed',
      { bays: [{ name: 'bay 1', durableBytes: 50 }], gone: [] },
    ]);
    front.stage.clock.advance(250);
    front.bays.pop();
    front.stage.clock.advance(250);
    expect(await next()).toEqual(['changed', { bays: [], gone: ['bay 2'] }]);
  });

  it('names recording, officer and reason to those who tend the dock, and to nobody else', async () => {
    front.bays.push(busy(1));
    const next = await follow(['officer']);
    const [, all] = await next();
    front.bays[0] = busy(2);
    front.stage.clock.advance(250);
    const [, change] = await next();
    const [bay] = (change as BaysChange).bays;
    expect(bay).toMatchObject({ durableBytes: 2, fault: { code: 'bad-chunk' } });
    for (const secret of [R1, OFFICER]) expect(JSON.stringify([all, change])).not.toContain(secret);
    expect((await front.get('/v1/bays', front.as('7001', ['officer']))).body).not.toContain(R1);
    const told = (await front.get('/v1/bays', front.as('7001', ['dock_operator']))).json();
    expect(told).toMatchObject({
      bays: [
        {
          recording: R1,
          officer: OFFICER,
          fault: { text: `chunk 3 of ${R1}` },
          lastReceipt: { recording: R1 },
        },
      ],
    });
  });

  it('ends with the token', async () => {
    front.bays.push(busy(1));
    const next = await follow(['dock_operator']);
    await next();
    front.stage.clock.step(900_000_000);
    front.bays[0] = busy(2);
    front.stage.clock.advance(250);
    await expect(next()).rejects.toThrow('ended');
  });

  // Goal: nobody takes the streams of all others, by holding them or by going before they begin. Method: a policy service that says who
  // somebody is when the test lets it; as many connections as there are streams, all gone by then; and one person's pages, all at once.
  it('has room for others whatever one person does', async () => {
    const url = await front.app.listen({ host: '127.0.0.1', port: 0 });
    const { policy } = front.stage;
    const known = policy.viewer.bind(policy);
    let go = (): void => {};
    const told = new Promise<void>((resolve) => {
      go = resolve;
    });
    policy.viewer = async (token) => {
      await told;
      return known(token);
    };
    const stop = new AbortController();
    let asked = 0;
    let closed = 0;
    front.app.server.on('request', (_request, response) => {
      asked += 1;
      response.on('close', () => (closed += 1));
    });
    const leaving = Array.from({ length: 256 }, (_, at) =>
      fetch(`${url}/v1/bays/updates`, {
        headers: front.as(`${8_000 + at}`, ['officer']),
        signal: stop.signal,
      }).catch(() => undefined),
    );
    await expect.poll(() => asked).toBe(256);
    stop.abort();
    await Promise.all(leaving);
    await expect.poll(() => closed).toBe(256);
    go();
    const pages = await Promise.all(
      Array.from({ length: 40 }, () => fetch(`${url}/v1/bays/updates`, { headers: front.as('7001', []) })),
    );
    expect(pages.filter(({ status }) => status === 200).length).toBe(32);
    expect((await fetch(`${url}/v1/bays/updates`, { headers: front.as('7002', []) })).status).toBe(200);
  });

  it('is for nobody without a token', async () => {
    expect((await front.get('/v1/bays/updates')).status).toBe(401);
  });
});
