import { expect, it } from 'vitest';
import type { Link } from '../../../../device/ports.ts';
import { converse } from '../../../../device/upload/converse.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { CameraId } from '../../../../proto/ids.ts';
import { Mailbox } from '../../../../proto/mailbox.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryVault } from '../../../../sim/fault/memory-vault.ts';

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
