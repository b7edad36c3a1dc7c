import { DATA_FLAG_ACK_NOW, type Limits } from '../../../proto/messages.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { demand } from './case.ts';
import { BACK_MS, SOON_MS } from './puppet-dock.ts';
import type { Reception } from './reception.ts';

const QUIET_MS = 200;
// Longer than the silence that ends a session.
const WAITING_MS = 3_500;
const ACK_EVERY_MS = 500;
const PAUSED_MS = 1_200;
// Hundreds of fragments, some of them lost, between two programs that may both be slow.
const UPLOAD_MS = 45_000;
// Small enough for many fragments in a chunk, and above the 128 B that every camera must be able to send.
const FRAGMENT_BYTES = 200;
const PDU_BYTES = 300;

export const SENDING_CASES: readonly CameraCase[] = [
  {
    name: 'obeys-credit',
    rule: 'No byte of Data lies beyond the newest credit_to, in whatever unit that is.',
    section: '7',
    run: async ({ dock }) => {
      const { upload } = await dock.started();
      await upload.collect(QUIET_MS);
      upload.demandKept('credit');
      const { layout } = upload;
      // In the middle of a unit as well: the number counts, not where a dock usually puts it.
      const [half, end] = [Math.floor((layout.start(2) + layout.start(3)) / 2), layout.start(3)];
      for (const creditTo of [half, end]) {
        upload.ack({ creditTo });
        await upload.receive((self) => self.receivedTo >= creditTo, { withinMs: UPLOAD_MS, creditUnits: 0 });
        await upload.collect(QUIET_MS);
        upload.demandKept('credit');
      }
    },
  },
  {
    name: 'waits-without-credit',
    rule: 'A dock without room accepts with no credit: the camera sends no Data, does not count it as silence as long as Acks come, and goes on when there is credit.',
    section: '8',
    run: waitsWithoutCredit,
  },
  {
    name: 'obeys-pause',
    rule: 'An Ack with pause stops Data until an Ack without it, whatever credit there is; the session stays.',
    section: '8',
    run: async ({ dock, wire }) => {
      const { upload } = await dock.started();
      const creditTo = upload.layout.start(3);
      upload.ack({ creditTo, pause: true });
      wire.forget();
      const during = await upload.collect(PAUSED_MS);
      const fresh = during.filter(({ end }) => end > upload.offer.manifestBytes);
      demand(fresh.length === 0, 'no Data while paused', `${fresh.length} of them`);
      await wire.hear('ping', SOON_MS);
      upload.ack();
      await upload.receive((self) => self.receivedTo >= creditTo, { withinMs: UPLOAD_MS, creditUnits: 0 });
    },
  },
  {
    name: 'fragment-limit',
    rule: 'Data keeps to the smaller fragment_bytes_max of Hello and HelloAck.',
    section: '6',
    run: (bench) => keepsTo(bench, { fragmentBytesMax: FRAGMENT_BYTES }),
  },
  {
    name: 'pdu-limit',
    rule: 'No PDU is longer than the smaller pdu_bytes_max of Hello and HelloAck, whatever the fragments may be.',
    section: '6',
    run: (bench) => keepsTo(bench, { pduBytesMax: PDU_BYTES }),
  },
  {
    name: 'fragment-in-unit',
    rule: 'A Data never spans two units: the manifest and every chunk begin a fragment of their own.',
    section: '7',
    run: async ({ dock }) => {
      const { upload } = await dock.started();
      await upload.receive((self) => self.durableTo >= self.layout.start(3), {
        withinMs: UPLOAD_MS,
        creditUnits: 4,
      });
      upload.demandKept('unit', 'offset');
    },
  },
  {
    name: 'tx-seq-rises',
    rule: 'tx_seq starts at 1 and rises by one with every Data of a stream, repeats included.',
    section: '7',
    run: async (bench) => {
      const upload = await lossy(bench);
      upload.demandKept('tx-seq');
    },
  },
  {
    name: 'same-bytes-at-an-offset',
    rule: 'A repeat may be cut anew, but a byte of the recording is the same every time.',
    section: '7',
    run: async (bench) => {
      const upload = await lossy(bench);
      upload.demandKept('same-bytes');
    },
  },
  {
    name: 'data-header',
    rule: 'Everything in a Data PDU but its payload is at most 20 B.',
    section: '2',
    run: async ({ dock }) => {
      const { upload } = await dock.started();
      await upload.receive((self) => self.durableTo >= self.layout.start(2), {
        withinMs: UPLOAD_MS,
        creditUnits: 1,
      });
      upload.demandKept('header');
    },
  },
  {
    name: 'asks-for-an-ack',
    rule: 'The last Data before the credit or the end carries flag bit 0, so that nobody waits for nothing.',
    section: '9',
    run: async ({ dock }) => {
      const { upload } = await dock.started();
      const last = upload.arrivals.find(({ end }) => end === upload.offer.manifestBytes);
      demand(
        last?.asksForAck === true,
        `flag bit ${DATA_FLAG_ACK_NOW - 1} on the last Data before the credit`,
        'none',
      );
    },
  },
  {
    name: 'data-over-mqtt',
    rule: 'Data goes at QoS 1, everything else at QoS 0, and nothing is retained.',
    section: '13',
    transports: ['mqtt'],
    run: async ({ dock, wire }) => {
      await dock.started();
      for (const type of ['hello', 'hello-confirm', 'offer', 'data'] as const) {
        const [heard] = wire.history(type);
        const { qos, retain } = heard?.carriage ?? { qos: -1, retain: false };
        const due = type === 'data' ? 1 : 0;
        demand(
          qos === due && !retain,
          `${type} at QoS ${due}, not retained`,
          `QoS ${qos}${retain ? ', retained' : ''}`,
        );
      }
    },
  },
];

async function waitsWithoutCredit({ dock, wire }: CameraBench): Promise<void> {
  const session = await dock.docked();
  const offer = await dock.offered(session);
  const upload = dock.accept(session, offer, { creditTo: 0 });
  // An Offer that was said again before the Accept arrived is no second one.
  await dock.reached();
  wire.manners.pong = false;
  wire.forget();
  for (let waitedMs = 0; waitedMs < WAITING_MS; waitedMs += ACK_EVERY_MS) {
    const early = await upload.next(ACK_EVERY_MS);
    demand(early === undefined, 'no Data without credit', `${early?.start ?? 0}…${early?.end ?? 0}`);
    upload.ack({ code: 'busy' });
  }
  const ended = wire.history('hello').length + wire.history('offer').length;
  demand(ended === 0, 'the camera to wait in its session as long as Acks come', 'Hello or Offer again');
  upload.ack({ creditTo: offer.manifestBytes });
  await upload.receive((self) => self.durableTo >= offer.manifestBytes, {
    withinMs: BACK_MS,
    creditUnits: 0,
  });
}

async function keepsTo({ dock }: CameraBench, limits: Partial<Limits>): Promise<void> {
  const { upload } = await dock.started({ body: { limits: { ...dock.limits, ...limits } } });
  await upload.receive((self) => self.durableTo >= self.layout.start(3), {
    withinMs: UPLOAD_MS,
    creditUnits: 2,
  });
  upload.demandKept('fragment');
}

/** One chunk over a line that loses every seventh Data. */
async function lossy({ dock }: CameraBench): Promise<Reception> {
  const limits = { ...dock.limits, fragmentBytesMax: FRAGMENT_BYTES };
  const { upload } = await dock.started({ body: { limits } });
  await upload.receive((self) => self.durableTo >= self.layout.start(3), {
    withinMs: UPLOAD_MS,
    creditUnits: 2,
    lose: ({ txSeq }) => txSeq % 7 === 3,
  });
  return upload;
}
