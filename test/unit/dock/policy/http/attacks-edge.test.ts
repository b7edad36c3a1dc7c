import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { expect, vi } from 'vitest';
import { buildServer } from '../../../../../dock/policy/http/server.ts';
import { AT, fact } from '../story.ts';
import { AttackScene } from './attack-scene.ts';
import { attackTable, type Attack, type Refused, type Stage } from './attack-table.ts';
import { dripAt } from './drip.ts';
import { DOCK_TOKEN, RECORDS_TOKEN } from './service.ts';

// Goal: the attack table of the release, part of the wire: whoever speaks slowly or never listens costs a bounded time and a bounded
// amount of memory, holds up nobody, and leaves nothing on file. Method: the whole service on a real port with short limits; sockets that
// write byte by byte, and one that never reads.

const LIMITS = { headersMs: 150, requestMs: 300, keepAliveMs: 150, lookMs: 20 };
/** Far more than any limit here, far less than any default. */
const PATIENCE_MS = 5_000;

interface Wire {
  readonly at: AttackScene;
  readonly app: FastifyInstance;
  readonly port: number;
  /** Ends of connections as the service has them, and as the attacker has them. */
  readonly served: Socket[];
  readonly sockets: Socket[];
}

async function start(): Promise<Wire> {
  const at = await AttackScene.start();
  const app = buildServer(at.town.service, { demoRecords: false, limits: LIMITS });
  const served: Socket[] = [];
  app.server.on('connection', (socket: Socket) => served.push(socket));
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  return { at, app, port, served, sockets: [] };
}

async function stop({ at, app, sockets }: Wire): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await app.close();
  await at.stop();
}

const head = (line: string, token: string, more = ''): string =>
  `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${more}`;
const BODY = 'Content-Type: application/json\r\nContent-Length: 900\r\n\r\n';

/** Somebody honest who asks meanwhile is answered; on a busy machine these limits may cut them off as well, and they ask again. */
async function others({ port }: Wire): Promise<void> {
  const ask = async (): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    expect(await answer.json()).toMatchObject({ ok: true });
  };
  await vi.waitFor(ask, { timeout: PATIENCE_MS, interval: LIMITS.lookMs });
}

const slow =
  (first: string, drop: string): Attack<Wire> =>
  async (wire) => {
    const { known } = wire.at.town.service.book;
    const newest = known.newest;
    const dripping = dripAt(wire, first, drop);
    await others(wire);
    const { text, ms } = await dripping;
    expect(ms).toBeLessThan(PATIENCE_MS);
    expect(text).toContain('"code":"TOO_SLOW"');
    expect(known.newest).toBe(newest);
    expect(wire.at.keyRows()).toEqual([]);
    return { by: 'limit of the edge, 408 TOO_SLOW', reason: `cut off: ${text.split('\r\n')[0]}` };
  };

const UNREAD_BYTES_MAX = 1024 * 1024;
const FACTS_A_BATCH = 300;
const RECORDS = { name: 'records', may: new Set(['report.supplemented'] as const) };

/** More facts, with names as long as they may be. */
function say({ at }: Wire, batch: number): void {
  const [incident, person] = ['i'.repeat(64), 'p'.repeat(64)];
  const facts = Array.from({ length: FACTS_A_BATCH }, (_, one) =>
    fact('report.supplemented', { incident, person }, `b${batch}/${one}`),
  );
  at.town.service.book.post(RECORDS, facts, AT);
}

/** Facts go on, and nothing piles up for it; in the end it is cut off. */
async function neverReads(wire: Wire): Promise<Refused> {
  const { at, port, served, sockets } = wire;
  const reader = connect(port, '127.0.0.1');
  sockets.push(reader);
  reader.on('error', () => undefined);
  reader.pause();
  reader.write(head('GET /v1/events?after=0', DOCK_TOKEN, '\r\n'));
  await vi.waitFor(() => expect(served[0]?.bytesWritten).toBeGreaterThan(0));
  const [socket] = served;
  // What the system buffers for a connection counts as full from here on: to fill it would take megabytes.
  socket?.cork();
  const before = at.town.service.book.known.newest;
  for (let batch = 0; batch < 5; batch += 1) say(wire, batch);
  expect(socket?.writableLength).toBeGreaterThan(0);
  expect(socket?.writableLength).toBeLessThan(UNREAD_BYTES_MAX / 8);
  await others(wire);
  for (let beat = 0; beat < UNREAD_BYTES_MAX / 8 && socket?.destroyed === false; beat += 1)
    for (const tick of at.town.ticks) tick();
  expect(socket?.destroyed).toBe(true);
  await others(wire);
  const facts = at.town.service.book.known.newest - before;
  return {
    by: 'limit of the event stream',
    reason: `less than 128 KiB was kept for it over ${facts} facts; with 1 MiB unread it was cut off`,
  };
}

const STAGE: Stage<Wire> = {
  start,
  stop,
  honest: async (wire) => {
    await others(wire);
    const request = head('GET /v1/facts?after=0', RECORDS_TOKEN, 'Connection: close\r\n\r\n');
    await vi.waitFor(async () => expect((await dripAt(wire, request)).text).toContain('"facts":['), {
      timeout: PATIENCE_MS,
      interval: LIMITS.lookMs,
    });
  },
};

attackTable('attacks on the wire', STAGE, {
  'slow-loris: headers': slow(head('POST /v1/keys', 'x'), 'x-a: b\r\n'),
  'slow-loris: headers of an enrolled source': slow(head('POST /v1/facts', RECORDS_TOKEN), 'x-a: b\r\n'),
  'slow-loris: body of a request for keys': slow(head('POST /v1/keys', 'x', BODY), ' '),
  'slow-loris: body of facts': slow(head('POST /v1/facts', RECORDS_TOKEN, BODY), ' '),
  'slow-loris: a body that stops': slow(head('POST /v1/keys', 'x', BODY), ''),
  'slow-loris: an event stream reader that never reads': neverReads,
});
