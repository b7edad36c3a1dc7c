import { randomBytes } from 'node:crypto';
import { equal } from '../../../proto/bytes.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import type { Accept, Offer } from '../../../proto/messages.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { demand } from './case.ts';
import { type Session, SOON_MS } from './puppet-dock.ts';
import { shownRanges } from './ranges.ts';
import type { Reception } from './reception.ts';
import { anew, demandPause } from './timing.ts';

const QUIET_MS = 200;
const UPLOAD_MS = 45_000;
// Section 2: Offer again after 1 s.
const OFFER_AGAIN_MS = { min: 800, max: 1_500 };
const OFFER_REPEATS = 2;
// A camera whose Accept was wrong may wait the 2 s of "retry" before it offers again.
const AFTER_MISMATCH_MS = 5_000;

export const OFFER_CASES: readonly CameraCase[] = [
  {
    name: 'lost-accept',
    rule: 'An Offer is said again, unchanged, every second until it is answered; a late Accept is as good.',
    section: '7',
    run: (bench) => anew(() => offerRepeated(bench)),
  },
  {
    name: 'accept-of-another-is-ignored',
    rule: 'An Accept of another session or another recording is not this Offer’s answer.',
    section: '7',
    run: async ({ dock, wire }) => {
      const session = await dock.docked();
      const offer = await dock.offered(session);
      dock.accept(session, offer, { sessionId: randomBytes(8) });
      dock.accept(session, offer, { recordingId: randomBytes(16).toString('hex') as RecordingId });
      await wire.expectNone('data', QUIET_MS);
      const upload = dock.accept(session, offer);
      await upload.demandNext(SOON_MS);
    },
  },
  {
    name: 'checks-prefix-digest',
    rule: 'A prefix digest that is not that of the camera’s own chunks is answered with Abort prefix-mismatch (restart-stream), and nothing is sent.',
    section: '7',
    run: async (bench) => {
      const { session, offer, manifest } = await bench.dock.introduced();
      const wrong = { ...bench.dock.prefix(offer, manifest, 1), prefixDigest: randomBytes(32) };
      await mismatched(bench, { session, offer, accept: wrong });
      const again = await bench.dock.offered(session, AFTER_MISMATCH_MS);
      await goesOn(bench, { session, offer: again, manifest });
    },
  },
  {
    name: 'checks-whole-prefix',
    rule: 'The digest is checked as well when the dock says that everything is durable: no Fin, no receipt for other footage.',
    section: '7',
    run: async (bench) => {
      const { session, offer, manifest } = await bench.dock.introduced();
      const whole = bench.dock.prefix(offer, manifest, manifest.chunks.length);
      const other = bench.dock.prefix(offer, manifest, manifest.chunks.length - 1);
      await mismatched(bench, { session, offer, accept: { ...whole, prefixDigest: other.prefixDigest } });
      await bench.wire.expectNone('fin', QUIET_MS);
    },
  },
  {
    name: 'prefix-ends-with-a-unit',
    rule: 'durable_to must be the end of a unit: any other is a prefix mismatch, also beyond the end of the recording.',
    section: '7',
    run: async (bench) => {
      for (const past of ['the middle of a unit', 'the end'] as const) {
        const { session, offer, manifest } = await bench.dock.introduced();
        const prefix = bench.dock.prefix(offer, manifest, manifest.chunks.length - 1);
        const durableTo =
          past === 'the end' ? offer.manifestBytes + offer.contentBytes + 1 : prefix.durableTo + 1;
        await mismatched(bench, { session, offer, accept: { ...prefix, durableTo, receivedTo: durableTo } });
      }
    },
  },
  {
    name: 'resumes-after-the-prefix',
    rule: 'With the right digest the camera goes on where the dock’s durable bytes end, and says the rest alone.',
    section: '7',
    run: async (bench) => {
      const { session, offer, manifest } = await bench.dock.introduced();
      await goesOn(bench, { session, offer, manifest });
    },
  },
  {
    name: 'resumes-from-received-to',
    rule: 'Bytes that the dock says it holds, up to received_to and in held, are not sent again; all others are.',
    section: '8',
    run: resumesFromReceived,
  },
  {
    name: 'new-stream-counts-from-one',
    rule: 'tx_seq starts at 1 in every stream, and what an old stream’s Acks say does not count in a new one.',
    section: '7',
    run: async ({ dock }) => {
      const { session, upload } = await dock.started();
      dock.abort({ stream: upload.stream, code: 'unknown-stream', class: 'restart-stream' });
      const again = dock.accept(session, await dock.offered(session));
      await again.receive((self) => self.durableTo >= self.offer.manifestBytes, {
        withinMs: UPLOAD_MS,
        creditUnits: 0,
      });
      again.demandKept('tx-seq');
      upload.lie({ creditTo: upload.totalBytes });
      await again.collect(QUIET_MS);
      again.demandKept('credit');
    },
  },
];

async function offerRepeated({ dock, wire }: CameraBench): Promise<void> {
  const session = await dock.docked();
  const first = await wire.hear('offer', SOON_MS);
  let last = first;
  for (let count = 0; count < OFFER_REPEATS; count += 1) {
    const next = await wire.hear('offer', OFFER_AGAIN_MS.max + SOON_MS);
    demand(equal(next.pdu, first.pdu), 'the same Offer again', 'another');
    demandPause(next.atMs - last.atMs, OFFER_AGAIN_MS, 'the Offer again');
    last = next;
  }
  await dock.accept(session, last.message).demandNext(SOON_MS);
}

interface Claim {
  readonly session: Session;
  readonly offer: Offer;
  readonly accept: Partial<Accept>;
}

/** The camera refuses this Accept and sends nothing. */
async function mismatched({ dock, wire }: CameraBench, { session, offer, accept }: Claim): Promise<void> {
  wire.forget();
  const creditTo = offer.manifestBytes + offer.contentBytes;
  const upload = dock.accept(session, offer, { creditTo, ...accept });
  const sent = await upload.next(QUIET_MS);
  demand(sent === undefined, 'no Data after a wrong prefix', `${sent?.start ?? 0}…${sent?.end ?? 0}`);
  const abort = await wire.expect('abort', SOON_MS);
  demand(
    abort.code === 'prefix-mismatch' && abort.class === 'restart-stream',
    'Abort prefix-mismatch (restart-stream)',
    `Abort ${abort.code} (${abort.class})`,
  );
  const isAboutIt = abort.stream === upload.stream || abort.recordingId === offer.recordingId;
  demand(isAboutIt, 'an Abort about this stream or this recording', `stream ${abort.stream}`);
}

interface Resuming {
  readonly session: Session;
  readonly offer: Offer;
  readonly manifest: Manifest;
}

/** With one chunk durable, the camera sends what follows and nothing before. */
async function goesOn({ dock }: CameraBench, { session, offer, manifest }: Resuming): Promise<void> {
  const prefix = dock.prefix(offer, manifest, 1);
  const upload = dock.accept(session, offer, { ...prefix, creditTo: prefix.durableTo });
  const early = await upload.next(QUIET_MS);
  demand(early === undefined, 'nothing without credit', `Data from ${early?.start ?? 0}`);
  await upload.receive((self) => self.durableTo > prefix.durableTo, { withinMs: UPLOAD_MS, creditUnits: 1 });
  demandFrom(upload, prefix.durableTo);
}

function demandFrom({ arrivals }: Reception, from: number): void {
  const first = Math.min(...arrivals.map(({ start }) => start));
  demand(first === from, `Data from ${from} on, and nothing before`, `from ${first}`);
}

async function resumesFromReceived({ dock }: CameraBench): Promise<void> {
  const { session, upload: before } = await dock.started();
  const { layout } = before;
  const [start, end] = [layout.start(2), layout.start(3)];
  await before.receive((self) => self.durableTo >= end, { withinMs: UPLOAD_MS, creditUnits: 1 });
  dock.abort({ stream: before.stream, code: 'unknown-stream', class: 'restart-stream' });
  const offer = await dock.offered(session);
  const quarter = Math.floor((end - start) / 4);
  const claim = {
    ...dock.prefix(offer, before.manifest, 1),
    receivedTo: start + quarter,
    held: [{ start: start + 2 * quarter, end: start + 3 * quarter }],
    creditTo: end,
  };
  const upload = dock.accept(session, offer, { ...claim, after: before });
  await upload.receive((self) => self.durableTo >= end, { withinMs: UPLOAD_MS, creditUnits: 0 });
  const kept = [{ start: 0, end: claim.receivedTo }, ...claim.held];
  // The tail may be sent twice, as a probe; what is held never need be.
  const again = upload.arrivals.find((one) =>
    kept.some((range) => one.start < range.end && range.start < one.end),
  );
  demand(
    again === undefined,
    `none of ${shownRanges(kept)} again`,
    `${again?.start ?? 0}…${again?.end ?? 0}`,
  );
}
