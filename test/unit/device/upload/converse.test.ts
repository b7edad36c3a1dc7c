import { steadyGauges } from '../../../../sim/fault/gauges.ts';
import { describe, expect, it } from 'vitest';
import { FlashError } from '../../../../device/flash/error.ts';
import type { Link } from '../../../../device/ports.ts';
import { converse } from '../../../../device/upload/converse.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { CameraId } from '../../../../proto/ids.ts';
import { Mailbox } from '../../../../proto/mailbox.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryTickets } from '../../../../sim/fault/memory-tickets.ts';
import { MemoryVault } from '../../../../sim/fault/memory-vault.ts';
import { makeRecording, makeSigner, Town } from '../../../../sim/world/town.ts';

// Goal: a camera in a dead cradle does not fill its memory with greetings. Method: a link that takes nothing for an hour,
// and then everything.
it('keeps a bounded number of greetings for a line that is stuck', async () => {
  const clock = new ManualClock();
  const arriving = new Mailbox<Uint8Array>(10);
  let makeRoom = (): void => undefined;
  const room = new Promise<void>((resolve) => {
    makeRoom = resolve;
  });
  let sent = 0;
  const link: Link = {
    name: 'test',
    transport: 'serial',
    pduBytesMax: 16_384,
    fragmentBytes: { start: 2_048, min: 128, max: 8_192 },
    wireUs: () => 0,
    packets: () => arriving,
    send: () => {
      sent += 1;
      return room;
    },
    close: () => Promise.resolve(arriving.close()),
  };
  const conversing = converse(link, {
    clock,
    vault: new MemoryVault([]),
    tickets: new MemoryTickets(),
    gauges: steadyGauges,
    context: {
      keys: {
        cameraId: 'cam-1' as CameraId,
        sign: () => new Uint8Array(64),
        dock: () => undefined,
        randomBytes: (count) => new Uint8Array(count),
      },
      ...nodeChecker,
      bootId: new Uint8Array(16),
      limits: { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 },
      fragmentBytes: { start: 2_048, min: 128, max: 8_192 },
    },
    tell: () => undefined,
  });
  clock.advance(3_600_000);
  makeRoom();
  for (let turn = 0; turn < 100; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(sent).toBeGreaterThan(1);
  expect(sent).toBeLessThan(100);
  conversing.end();
  await conversing.done;
});

// Goal: no footage goes before the checkpoint that proves its custody is durable. Method: a whole upload to a dock, with a
// flash whose tickets take their time, and one that cannot keep any.
describe('the ticket of a receipt', () => {
  const signer = makeSigner('camera');
  const dock = (): Town => {
    const recordings = [1, 2].map((counter) => makeRecording(counter, [3_000, 2_000], { signer }));
    const town = new Town({ seed: 'ticket', faults: { delayMs: 2 }, cameraSigner: signer, recordings });
    town.dock();
    return town;
  };

  it('is durable before the recording goes', async () => {
    const town = dock();
    const keep = town.tickets.keep.bind(town.tickets);
    let makeDurable = (): void => undefined;
    const slow = new Promise<void>((resolve) => (makeDurable = resolve));
    let kept = 0;
    town.tickets.keep = async (ticket) => {
      await slow;
      kept += 1;
      return keep(ticket);
    };
    const erase = town.vault.erase.bind(town.vault);
    const keptBefore: number[] = [];
    town.vault.erase = (...given) => {
      keptBefore.push(kept);
      return erase(...given);
    };
    const hasReceipt = (): boolean => town.news.some(({ news }) => news === 'receipt');
    expect(await town.until(hasReceipt, 10_000)).toBe(true);
    expect(await town.until(() => keptBefore.length > 0, 10_000)).toBe(false);
    makeDurable();
    expect(await town.until(() => town.vault.receipts.size === 2, 10_000)).toBe(true);
    expect(keptBefore[0]).toBeGreaterThan(0);
    expect(keptBefore[1]).toBeGreaterThan(keptBefore[0] ?? 0);
  });

  it('that cannot be kept keeps the recording, and people are told', async () => {
    const town = dock();
    const full = new FlashError('FLASH_FULL', 'no room for a ticket', { retry: 'later' });
    town.tickets.keep = () => Promise.reject(full);
    expect(await town.until(() => town.vault.receipts.size > 0, 20_000)).toBe(false);
    expect(town.news).toContainEqual({ news: 'distrust', why: full.message });
    expect(town.news.filter(({ news }) => news === 'receipt')).toHaveLength(2);
  });
});
