import { equal } from '../../../proto/bytes.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { demand } from './case.ts';
import { BACK_MS, SOON_MS } from './puppet-dock.ts';
import { anew, demandPause, demandTimely } from './timing.ts';

const QUIET_MS = 200;
// Section 12: the same again after 2 s, and a dock that refused the whole session is left alone for 10 s.
const RETRY_MS = { min: 1_700, max: 3_500 };
const REFUSED_MS = { min: 9_000, max: 15_000 };
const PARKED_MS = 2_500;
// Clearly less than the 2 s of "retry".
const AT_ONCE_MS = 1_500;
// A Hello that was under way when the Abort arrived.
const CROSSING_MS = 1_000;

export const ABORT_CASES: readonly CameraCase[] = [
  {
    name: 'abort-retry',
    rule: 'After an Abort of class retry the same recording is offered again after 2 s, in the same session.',
    section: '12',
    run: (bench) => anew(() => abortRetry(bench)),
  },
  {
    name: 'abort-restart-stream',
    rule: 'After an Abort of class restart-stream the recording is offered again at once, in the same session.',
    section: '12',
    run: (bench) => anew(() => abortRestart(bench)),
  },
  {
    name: 'abort-renegotiate',
    rule: 'After an Abort of class renegotiate there is a new session.',
    section: '12',
    run: async ({ dock, wire }) => {
      const { session, upload } = await dock.started();
      wire.forget();
      dock.abort({ stream: upload.stream, code: 'no-session', class: 'renegotiate' });
      const { message } = await wire.hear('hello', BACK_MS);
      demand(
        !equal(message.nonce, session.hello.message.nonce),
        'a new nonce',
        'the one of the session before',
      );
    },
  },
  {
    name: 'abort-never',
    rule: 'After an Abort of class never this recording is left alone until a new session, and the next oldest is offered.',
    section: '12',
    run: abortNever,
  },
  {
    name: 'abort-of-another-stream',
    rule: 'An Abort of a stream that is not this one, or of another recording, changes nothing.',
    section: '12',
    run: async ({ dock, wire }) => {
      const { upload } = await dock.started();
      wire.forget();
      dock.abort({ stream: dock.rig.nextStream(), code: 'unknown-stream', class: 'restart-stream' });
      dock.abort({ stream: dock.rig.nextStream(), code: 'storage-full', class: 'never' });
      await wire.expectNone('offer', QUIET_MS);
      upload.ack({ creditTo: upload.layout.start(2) });
      await upload.demandNext(SOON_MS);
    },
  },
  {
    name: 'session-retry',
    rule: 'A dock that ends the session with class retry is left alone for 2 s, and greeted again then.',
    section: '12',
    run: async ({ dock, wire }) => {
      const { body } = await dock.docked();
      const atMs = performance.now();
      wire.forget();
      dock.abort({ stream: 0, code: 'shutting-down', class: 'retry', sessionId: body.sessionId });
      const hello = await wire.hear('hello', BACK_MS);
      demand(
        hello.atMs - atMs >= RETRY_MS.min,
        '2 s of peace',
        `Hello after ${Math.round(hello.atMs - atMs)} ms`,
      );
    },
  },
];

/** Takes ten seconds, so it comes last. */
export const LAST_CASES: readonly CameraCase[] = [
  {
    name: 'session-never',
    rule: 'A dock that refused the whole session is left alone for 10 s, and greeted again then.',
    section: '12',
    run: async ({ dock, wire }) => {
      const refused = await dock.greeted();
      const atMs = performance.now();
      wire.forget();
      dock.abort({ stream: 0, code: 'version', class: 'never' });
      await wire.hearIfAny('hello', CROSSING_MS, ({ nonce }) => equal(nonce, refused.message.nonce));
      const hello = await wire.hear('hello', REFUSED_MS.max);
      const waitedMs = Math.round(hello.atMs - atMs);
      const isInTime = waitedMs >= REFUSED_MS.min && waitedMs <= REFUSED_MS.max;
      demand(isInTime, `Hello after ${REFUSED_MS.min} to ${REFUSED_MS.max} ms`, `${waitedMs} ms`);
      await dock.proved(hello);
    },
  },
];

async function abortNever({ dock, wire }: CameraBench): Promise<void> {
  const { session, offer, manifest } = await dock.introduced();
  wire.forget();
  dock.abort({ stream: 0, recordingId: offer.recordingId, code: 'bad-manifest', class: 'never' });
  const next = await dock.offered(session, SOON_MS);
  demand(next.recordingId !== offer.recordingId, 'an Offer of another recording', 'the same');
  const upload = dock.accept(session, next);
  await upload.receive((self) => self.hasManifest, { withinMs: BACK_MS, creditUnits: 0 });
  dock.rig.remember(upload.signedManifest);
  const isOldestFirst = manifest.counter < upload.manifest.counter;
  demand(
    isOldestFirst,
    'the oldest recording first',
    `${manifest.counter} before ${upload.manifest.counter}`,
  );
  dock.abort({ stream: upload.stream, code: 'bad-manifest', class: 'never' });
  await wire.expectNone('offer', PARKED_MS, ({ recordingId }) => recordingId === offer.recordingId);
  const later = await dock.offered(await dock.docked());
  demandSame(later.recordingId, offer.recordingId);
}

async function abortRetry({ dock, wire }: CameraBench): Promise<void> {
  const { session, upload } = await dock.started();
  const atMs = performance.now();
  wire.forget();
  dock.abort({ stream: upload.stream, code: 'busy', class: 'retry' });
  const again = await wire.hear('offer', RETRY_MS.max + SOON_MS, ({ sessionId }) =>
    equal(sessionId, session.body.sessionId),
  );
  demandPause(again.atMs - atMs, RETRY_MS, 'the Offer again');
  demandSame(again.message.recordingId, upload.offer.recordingId);
}

async function abortRestart({ dock, wire }: CameraBench): Promise<void> {
  const { session, upload } = await dock.started();
  const atMs = performance.now();
  wire.forget();
  dock.abort({ stream: upload.stream, code: 'stale-lease', class: 'restart-stream' });
  const again = await wire.hear('offer', SOON_MS, ({ sessionId }) =>
    equal(sessionId, session.body.sessionId),
  );
  const waitedMs = Math.round(again.atMs - atMs);
  demandTimely(waitedMs <= AT_ONCE_MS, 'the Offer again at once', `it after ${waitedMs} ms`);
  demandSame(again.message.recordingId, upload.offer.recordingId);
  // A repeat of before the Abort was heard is none of after it.
  wire.forgetBefore(again);
  upload.ack({ creditTo: upload.totalBytes });
  const late = await upload.next(QUIET_MS);
  demand(late === undefined, 'no Data on a stream that was aborted', `tx_seq ${late?.txSeq ?? 0}`);
}

function demandSame(found: string, expected: string): void {
  demand(found === expected, `recording ${expected}`, found);
}
