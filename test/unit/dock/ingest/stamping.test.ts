import { describe, expect, it } from 'vitest';
import { EpochClock } from '../../../../dock/clock/epoch.ts';
import { makeStamper } from '../../../../dock/clock/stamper.ts';
import { converse } from '../../../../dock/ingest/converse.ts';
import { type Chronicle, openChronicle } from '../../../../dock/keep/chronicle.ts';
import { LedgerError } from '../../../../dock/ledger/errors.ts';
import { decodeEntry } from '../../../../proto/custody-entry.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { makeRecording } from '../../../../sim/world/town.ts';
import { signer } from './kit.ts';
import { makeDock, PuppetCamera, turns } from './puppet.ts';

const HOUR_US = 3_600_000_000;
const CHUNKS = [4_000, 3_000, 2_000];

/** A dock whose ledger tells its epochs, and one camera at it that has sent its first chunk. */
async function meet(clock: ManualClock, recorded = (chronicle: Chronicle) => chronicle.recorded()) {
  const dock = makeDock(clock);
  const config = 'ab'.repeat(32);
  const tell = (): void => undefined;
  const chronicle = await openChronicle({ ledger: dock.ledger, clock, version: '0.1.0', config, tell });
  const watched = new EpochClock({
    clock,
    epoch: chronicle.epoch,
    onStep: (step) => chronicle.stepped(step),
  });
  const stamper = makeStamper({ clock: watched, recorded: () => recorded(chronicle) });
  const kept = makeRecording(1, CHUNKS, { signer });
  const camera = new PuppetCamera(kept, { fragmentBytes: 1_000, nonce: 1 });
  camera.allowance = kept.recording.signedManifest.length + 4_000;
  const done = converse(camera.link, { ...dock, stamper });
  await turns(20);
  const entries = async () => {
    const { size } = await dock.ledger.checkpoint();
    return (await dock.ledger.read(0, size)).map((bytes) => decodeEntry(bytes));
  };
  const end = async (): Promise<void> => {
    await camera.link.close();
    await done;
  };
  return { dock, camera, entries, end, recordingId: kept.recording.recordingId };
}

/** Lets the camera send on: the next Ack tells it to. */
async function sendOn(camera: PuppetCamera, clock: ManualClock): Promise<void> {
  camera.allowance = Number.MAX_SAFE_INTEGER;
  for (let i = 0; i < 5; i += 1) {
    clock.advance(600);
    await turns(20);
  }
}

describe('a chunk that arrives after the clock jumped', () => {
  // Goal: no stamp of a turned clock counts in the epoch before, and the ledger knows first. Method: an hour back between
  // two chunks, with nobody else looking at the clock.
  it('is stamped in the new epoch, which the ledger has before the recording', async () => {
    const clock = new ManualClock();
    const { dock, camera, entries, end, recordingId } = await meet(clock);
    clock.step(-HOUR_US);
    await sendOn(camera, clock);
    expect(camera.settled).toBe(true);
    const [first, ...later] = await dock.store.stamps(recordingId);
    expect([first, ...later].map((stamp) => stamp?.epoch)).toEqual([1, 2, 2]);
    expect((later[0]?.receivedAtUs ?? 0) - (first?.receivedAtUs ?? 0)).toBeLessThan(0);
    const found = await entries();
    expect(found.map(({ type }) => type)).toEqual([
      'started',
      'device.enrolled',
      'clock.stepped',
      'accepted',
    ]);
    expect(found.at(-1)).toMatchObject({ epoch: 2 });
    await end();
  });

  // Goal: no stamp outlives a crash that the epoch in it does not. Method: a ledger that takes nothing when the clock jumps.
  it('is not kept while the ledger does not know the epoch', async () => {
    const clock = new ManualClock();
    let isBusy = false;
    const { dock, camera, end, recordingId } = await meet(clock, (chronicle) =>
      isBusy
        ? Promise.reject(new LedgerError('LEDGER_BUSY', 'no quorum', { retry: 'later' }))
        : chronicle.recorded(),
    );
    isBusy = true;
    clock.step(-HOUR_US);
    await sendOn(camera, clock);
    const [holding] = await dock.store.list();
    expect(holding).toMatchObject({ recordingId, durableChunks: 1 });
    expect(camera.aborts[0]).toMatchObject({ code: 'busy' });
    await end();
  });
});
