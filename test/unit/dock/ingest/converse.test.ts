import { describe, expect, it } from 'vitest';
import { converse, type IngestPorts } from '../../../../dock/ingest/converse.ts';
import { encodeMessage } from '../../../../proto/codec.ts';
import { writeCrc } from '../../../../proto/crc32c.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { makeRecording } from '../../../../sim/world/town.ts';
import { signer } from './kit.ts';
import { makeDock, OpenLink, PuppetCamera, turns } from './puppet.ts';

// A dock at which nobody is enrolled.
const portsOf = (clock: ManualClock): IngestPorts => {
  const dock = makeDock(clock);
  return { ...dock, keys: { ...dock.keys, camera: () => undefined } };
};

const ping = encodeMessage({ type: 'ping', sentUs: 7 });

// Goal: noise and what a newer camera may say cost a packet, not a session. Method: one of each on a link that answers
// what it understands.
it('answers neither noise nor messages it does not know', async () => {
  const link = new OpenLink('mqtt');
  const done = converse(link, portsOf(new ManualClock()));
  const spoiled = ping.map((byte, at) => (at === 1 ? byte ^ 1 : byte));
  const unknown = writeCrc(Uint8Array.of(0x7f, 1, 2, 3, 0, 0, 0, 0));
  for (const pdu of [spoiled, unknown, Uint8Array.of(1)]) link.arriving.post(pdu);
  await turns();
  expect(link.sent).toEqual([]);
  link.arriving.post(ping);
  await turns();
  expect(link.sent.length).toBe(1);
  await link.close();
  await done;
});

// Goal: memory stays bounded when a camera talks and does not listen. Method: a link that takes nothing for a thousand packets.
it('keeps a bounded number of answers for a link that is stuck', async () => {
  const link = new OpenLink('serial');
  let makeRoom = (): void => undefined;
  link.room = new Promise((resolve) => {
    makeRoom = resolve;
  });
  const done = converse(link, portsOf(new ManualClock()));
  for (let round = 0; round < 10; round += 1) {
    for (let packet = 0; packet < 100; packet += 1) link.arriving.post(ping);
    await turns();
  }
  makeRoom();
  for (let round = 0; round < 100; round += 1) await turns();
  expect(link.sent.length).toBeGreaterThan(1);
  expect(link.sent.length).toBeLessThan(100);
  await link.close();
  await done;
});

// Goal: an empty bay costs nothing. Method: timers of a conversation over a serial line on which nothing comes.
it('sets no timer on a line that waits for a camera', async () => {
  const clock = new ManualClock();
  const link = new OpenLink('serial');
  const done = converse(link, portsOf(clock));
  await turns();
  expect(clock.pending).toBe(0);
  await link.close();
  await done;
});

// Goal: places for cameras are few and must come free. Method: silence on a link that nobody greeted on, by transport.
describe('a link on which nobody greets', () => {
  it('is left when a broker made it', async () => {
    const clock = new ManualClock();
    const link = new OpenLink('mqtt');
    link.arriving.post(ping);
    const done = converse(link, portsOf(clock));
    await turns();
    clock.advance(2_900);
    link.arriving.post(ping);
    await turns();
    clock.advance(2_900);
    expect(link.arriving.post(ping)).toBe(true);
    await turns();
    clock.advance(3_200);
    expect(await done).toMatch(/nobody greeted/);
  });

  it('stays when it is a bay', async () => {
    const clock = new ManualClock();
    const link = new OpenLink('serial');
    const done = converse(link, portsOf(clock));
    clock.advance(60_000);
    expect(link.arriving.post(ping)).toBe(true);
    await link.close();
    expect(await done).toBe('link ended');
  });
});

// Goal: a camera whose recording rotted here after custody is told to come again, and whoever looks after the copy is told to look: it
// may have the last good one. Method: a receipt, a bit that turns, the same Offer in another session.
it('has somebody look when what it accepted does not read back', async () => {
  const clock = new ManualClock();
  const doubts: unknown[] = [];
  const dock = { ...makeDock(clock), doubt: (key: unknown) => void doubts.push(key) };
  const kept = makeRecording(1, [5_000], { signer });
  const session = (nonce: number): PuppetCamera => {
    const camera = new PuppetCamera(kept, { fragmentBytes: 1_000, nonce });
    void converse(camera.link, dock);
    return camera;
  };
  const first = session(1);
  await turns(100);
  expect(first.receipts.length).toBe(1);
  const { recordingId, signedManifest } = kept.recording;
  const key = { recordingId, manifestSha256: dock.checker.sha256(signedManifest) };
  dock.store.flip(key, 0);
  expect(doubts).toEqual([]);
  const second = session(2);
  await turns(100);
  expect(second.aborts).toMatchObject([{ code: 'storage-fault', class: 'retry', recordingId }]);
  expect(doubts).toMatchObject([{ recordingId }]);
  expect(second.receipts).toEqual([]);
  for (const { link } of [first, second]) await link.close();
});
