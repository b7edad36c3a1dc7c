import { BOOT_MS, CaseFailure, demand } from './case.ts';
import { describe } from './describe.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { manifestSent } from './dock-flow.ts';
import { refused, SMALL } from './dock-proofs.ts';
import type { PuppetSession } from './puppet-camera.ts';
import type { PuppetUpload } from './puppet-upload.ts';
import type { PuppetRecording } from './recording.ts';

const TROUBLE = ['storage-full', 'storage-fault', 'busy'] as const;
const RECOVERY_MS = 30_000;
const RETRY_MS = 2_000;
const CASE_MS = 70_000;
const CHUNK = 3_000;

/** What an Ack and a Receipt promise, tried on a device whose storage or power is taken away. */
export const STORAGE_CASES: readonly DockCase[] = [
  {
    name: 'durable-means-stored',
    rule: 'While its storage refuses writes a dock raises no durable_to and says so (storage-full or storage-fault, retry); afterwards the upload goes on.',
    section: '7',
    needs: 'storage',
    withinMs: CASE_MS,
    run: durableMeansStored,
  },
  {
    name: 'receipt-means-recorded',
    rule: 'While its storage refuses writes a dock gives no Receipt; afterwards it does.',
    section: '11',
    needs: 'storage',
    withinMs: CASE_MS,
    run: receiptMeansRecorded,
  },
  {
    name: 'survives-power-cut',
    rule: 'After a power cut durable_to is not lower than any Ack said, its digest is right, and the rest can follow.',
    section: '7',
    needs: 'reset',
    withinMs: CASE_MS,
    run: (bench) => survivesPowerCut(bench),
  },
  {
    name: 'receipt-survives-power-cut',
    rule: 'A recording that was receipted before a power cut is answered with its Receipt after it.',
    section: '11',
    needs: 'reset',
    withinMs: CASE_MS,
    run: async (bench) => {
      const first = await (await bench.camera.dock()).upload(bench.camera.record([...SMALL]));
      await bench.hooks.reset();
      const camera = await bench.revived();
      const session = await camera.dock(BOOT_MS);
      camera.wire.send(session.offerOf(first.recording));
      first.check(await camera.wire.expect('receipt', BOOT_MS));
    },
  },
];

async function durableMeansStored(bench: DockBench): Promise<void> {
  const { hooks, wire } = bench;
  const upload = await manifestSent(bench, [...SMALL]);
  const storedTo = upload.endOf(1);
  await upload.sendUpTo(storedTo);
  await hooks.storageOff();
  try {
    upload.pour(storedTo, upload.endOf(2));
    const abort = await refused(wire, TROUBLE, 'retry');
    demand(
      abort.recordingId === upload.recording.recordingId,
      'an Abort about this recording',
      describe(abort),
    );
    const promised = upload.acks().find(({ durableTo }) => durableTo > storedTo);
    demand(
      promised === undefined,
      `no durable_to above ${storedTo}`,
      promised === undefined ? '' : describe(promised),
    );
  } finally {
    await hooks.storageOn();
  }
  const again = await recovered(upload.session, upload.recording);
  demand(again !== 'settled', 'an Accept', 'a Receipt of what was never sent');
  demand(again.accept.durableTo >= storedTo, `durable_to of at least ${storedTo}`, describe(again.accept));
  await again.sendUpTo(again.recording.layout.totalBytes);
  await again.fin();
}

async function receiptMeansRecorded(bench: DockBench): Promise<void> {
  const { hooks, wire } = bench;
  const upload = await manifestSent(bench, [...SMALL]);
  const { totalBytes } = upload.recording.layout;
  await upload.sendUpTo(totalBytes);
  await hooks.storageOff();
  try {
    wire.send({ type: 'fin', stream: upload.stream, totalBytes });
    await refused(wire, TROUBLE, 'retry');
    await bench.camera.stay(RETRY_MS / 2);
    await wire.expectNone('receipt', 0);
  } finally {
    await hooks.storageOn();
  }
  // What the disk did not give back meanwhile may have to come again; it may also be settled already.
  const again = await recovered(upload.session, upload.recording);
  if (again === 'settled') return;
  await again.sendUpTo(totalBytes);
  await again.fin();
}

/** Offers until it is accepted or receipted: a disk that came back may need a moment, and the class retry says so. */
async function recovered(
  session: PuppetSession,
  recording: PuppetRecording,
): Promise<PuppetUpload | 'settled'> {
  const { camera } = session;
  const deadline = performance.now() + RECOVERY_MS;
  for (;;) {
    await camera.stay(RETRY_MS);
    camera.wire.drain('abort');
    try {
      return await session.offer(recording, RETRY_MS);
    } catch (error) {
      if (!(error instanceof CaseFailure)) throw error;
      if (camera.wire.drain('receipt').length > 0) return 'settled';
      if (performance.now() > deadline) throw error;
    }
  }
}

async function survivesPowerCut(bench: DockBench): Promise<void> {
  const upload = await manifestSent(
    bench,
    Array.from({ length: 6 }, () => CHUNK),
  );
  const { recording } = upload;
  await upload.sendUpTo(upload.endOf(3));
  // The power goes while the next chunks are on their way to the disk.
  upload.pour(upload.endOf(3), Math.min(upload.known.creditTo, upload.endOf(5)));
  await upload.ack(({ durableTo }) => durableTo > upload.endOf(3));
  await bench.hooks.reset();
  const promisedTo = Math.max(...upload.acks().map(({ durableTo }) => durableTo));

  const camera = await bench.revived();
  const session = await camera.dock(BOOT_MS);
  const again = await session.offer(recording);
  const { accept } = again;
  demand(
    accept.durableTo >= promisedTo,
    `durable_to of at least ${promisedTo}, as acknowledged`,
    describe(accept),
  );
  demand(
    accept.leaseEpoch > upload.accept.leaseEpoch,
    `a lease_epoch above ${upload.accept.leaseEpoch}`,
    describe(accept),
  );
  await again.sendUpTo(recording.layout.totalBytes);
  await again.fin();
}
