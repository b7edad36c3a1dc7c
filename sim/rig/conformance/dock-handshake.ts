import { createHash } from 'node:crypto';
import { checker } from '../../../device/keys/checker.ts';
import { equal, utf8 } from '../../../proto/bytes.ts';
import { decodeHelloAckBody, encodeMessage } from '../../../proto/codec.ts';
import { helloTranscript } from '../../../proto/handshake.ts';
import type { CameraId } from '../../../proto/ids.ts';
import { ANSWER_MS, demand } from './case.ts';
import { brief } from './describe.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { refused, undocked, unmoved, WATCH_MS } from './dock-proofs.ts';
import { protobufOf } from './puppet-camera.ts';
import { sha256 } from './recording.ts';

const SIGNATURE_BYTES = 64;
// 2020 and 2100: a clock outside was never set.
const UTC_US_MIN = 1_577_836_800_000_000;
const UTC_US_MAX = 4_102_444_800_000_000;

/** Section 6: who is there, and that it is not a recording of an earlier day. */
export const HANDSHAKE_CASES: readonly DockCase[] = [
  {
    name: 'identity-of-dock',
    rule: 'A HelloAck names an enrolled dock and is signed by it over this Hello and this body.',
    section: '6',
    run: identityOfDock,
  },
  {
    name: 'fresh-nonces',
    rule: 'Every other Hello gets a new nonce and a new session id.',
    section: '6',
    run: async ({ camera }) => {
      const greetings = [await camera.greet(), await camera.greet(), await camera.greet()];
      for (const field of ['nonce', 'sessionId'] as const) {
        const values = greetings.map(({ body }) => brief(body[field]));
        demand(new Set(values).size === greetings.length, `a new ${field} each time`, values.join(', '));
      }
    },
  },
  {
    name: 'repeats-hello-ack',
    rule: 'A byte-identical Hello that is not confirmed yet is answered with the same HelloAck again.',
    section: '6',
    run: async ({ camera, wire }) => {
      const { hello, ack } = await camera.greet();
      wire.forget();
      wire.send(hello);
      const again = await wire.expect('hello-ack', ANSWER_MS);
      demand(
        equal(again.body, ack.body) && equal(again.signature, ack.signature),
        'the same HelloAck, byte for byte',
        'another one',
      );
      camera.confirm(await camera.greet(hello));
      await camera.ping();
    },
  },
  {
    name: 'refuses-replayed-confirm',
    rule: 'A HelloConfirm of an earlier session never docks, and is dropped without ending the greeting under way.',
    section: '6',
    run: refusesReplayedConfirm,
  },
  {
    name: 'refuses-replayed-greeting',
    rule: 'A Hello and its HelloConfirm, played again after that session, do not dock.',
    section: '6',
    run: async ({ camera, wire }) => {
      const { greeting, id } = await camera.dock();
      wire.send({ type: 'bye', sessionId: id, message: 'conformance' });
      await undocked(camera);
      wire.send(greeting.hello);
      await wire.hearIfAny('hello-ack', WATCH_MS);
      camera.confirm(greeting);
      await undocked(camera);
    },
  },
  {
    name: 'unknown-camera',
    rule: 'A camera that is not enrolled is refused with unknown-camera (never).',
    section: '6',
    run: async (bench) => {
      const cameraId = strangerTo(bench);
      const stranger = bench.puppet(await bench.another(cameraId));
      stranger.wire.forget();
      stranger.wire.send(stranger.hello({ cameraId }));
      await refused(stranger.wire, 'unknown-camera', 'never');
      await stranger.wire.expectNone('hello-ack', WATCH_MS);
    },
  },
  {
    name: 'camera-of-its-topic',
    rule: 'Over MQTT a camera is refused on the topic of another, enrolled or not.',
    section: '6',
    transports: ['mqtt'],
    needs: 'second-camera',
    run: async (bench) => {
      const { camera, wire } = bench;
      const other = await bench.second();
      wire.send(camera.hello({ cameraId: other.keys.cameraId }));
      await refused(wire, 'unknown-camera', 'never');
    },
  },
  {
    name: 'bad-signature',
    rule: 'A HelloConfirm that the enrolled key did not sign is refused with bad-signature (never) and docks nobody.',
    section: '6',
    run: async ({ camera, wire }) => {
      const greeting = await camera.greet();
      wire.forget();
      camera.confirm(greeting, { signature: new Uint8Array(SIGNATURE_BYTES).fill(7) });
      await refused(wire, 'bad-signature', 'never');
      await undocked(camera);
    },
  },
  {
    name: 'signature-of-the-dock-side',
    rule: "A dock does not take its own kind of signature: the camera's transcript begins with another line.",
    section: '6',
    run: async ({ camera, wire }) => {
      const greeting = await camera.greet();
      wire.forget();
      const wrong = helloTranscript('dock', greeting.helloBytes, greeting.ack.body, sha256);
      camera.confirm(greeting, { signature: camera.keys.sign(wrong) });
      await refused(wire, 'bad-signature', 'never');
      await undocked(camera);
    },
  },
  {
    name: 'wrong-version',
    rule: 'Without a common version the answer is Abort version (never); a camera that also speaks newer ones is welcome.',
    section: '6',
    run: async ({ camera, wire }) => {
      wire.send(camera.hello({ versionMin: 200, versionMax: 300 }));
      await refused(wire, 'version', 'never');
      await wire.expectNone('hello-ack', WATCH_MS);
      const { body } = await camera.greet(camera.hello({ versionMax: 300 }));
      demand(body.version >= 1 && body.version <= 300, 'a version that both speak', String(body.version));
    },
  },
  {
    name: 'no-session',
    rule: 'A message that needs a session where there is none is answered with no-session (renegotiate); Abort, Bye and Pong are not.',
    section: '6',
    run: noSession,
  },
  {
    name: 'unconfirmed-session',
    rule: 'A Ping before HelloConfirm is answered with no-session, since the confirmation must have been lost.',
    section: '6',
    run: async ({ camera }) => {
      const greeting = await camera.greet();
      await undocked(camera);
      camera.confirm(greeting);
      await camera.ping();
    },
  },
  {
    name: 'hello-starts-over',
    rule: 'A Hello in the middle of a session starts a new one; the old one is over.',
    section: '6',
    run: async ({ camera, wire }) => {
      const before = await camera.dock();
      const after = await camera.dock();
      demand(!equal(before.id, after.id), 'another session', brief(after.id));
      wire.send(before.offerOf(camera.record([500])));
      await wire.expectNone('accept', WATCH_MS);
    },
  },
];

async function identityOfDock({ camera, wire }: DockBench): Promise<void> {
  const hello = camera.hello();
  wire.send(hello);
  const ack = await wire.expect('hello-ack', ANSWER_MS);
  const body = decodeHelloAckBody(ack.body);
  const dock = camera.trusted(body);
  const transcript = helloTranscript('dock', protobufOf(encodeMessage(hello)), ack.body, sha256);
  demand(
    checker.verify(dock.publicKey, transcript, ack.signature),
    `a signature of ${body.dockId} over this Hello and body`,
    'one that does not verify',
  );
  demand(body.version === 1, 'version 1, the only common one', String(body.version));
  demand(body.features === 0, 'no features, as the camera has none', String(body.features));
  demand(
    body.limits.pduBytesMax <= wire.pduBytesMax,
    `a PDU limit of at most ${wire.pduBytesMax} B`,
    String(body.limits.pduBytesMax),
  );
  const [t1, t2, t3] = [body.cameraMonoUs, body.dockReceivedUs, body.dockSentUs];
  demand(t1 === hello.cameraMonoUs, `t1 copied, ${hello.cameraMonoUs}`, String(t1));
  demand(t2 <= t3 && t2 > UTC_US_MIN && t3 < UTC_US_MAX, 't2 not after t3, both UTC', `t2 ${t2}, t3 ${t3}`);
  const dockVkeyOrigin = dock.ledgerVkey.split('+')[0];
  demand(body.ledgerOrigin === dockVkeyOrigin, `the log ${dockVkeyOrigin}`, body.ledgerOrigin);
}

async function refusesReplayedConfirm({ camera, wire }: DockBench): Promise<void> {
  const old = await camera.dock();
  const greeting = await camera.greet();
  wire.forget();
  camera.confirm(old.greeting);
  await undocked(camera);
  camera.confirm(greeting);
  await camera.ping();
}

async function noSession({ camera, wire }: DockBench): Promise<void> {
  const { id } = await camera.dock();
  const session = await camera.dock();
  // Of the session before: it says nothing of this one.
  wire.send({ type: 'bye', sessionId: id, message: 'conformance' });
  await unmoved(camera);
  const recording = camera.record([500]);
  wire.send({ type: 'bye', sessionId: session.id, message: 'conformance' });
  await undocked(camera);
  wire.send(session.offerOf(recording));
  await refused(wire, 'no-session', 'renegotiate');
  wire.send({ type: 'fin', stream: 1, totalBytes: 500 });
  await refused(wire, 'no-session', 'renegotiate');
  wire.drain('abort');
  wire.send({ type: 'bye', sessionId: session.id, message: 'again' });
  wire.send({ type: 'pong', pingSentUs: 1, receivedUs: 1, sentUs: 1, wallUs: 0 });
  wire.send({ type: 'abort', stream: 0, code: 'shutting-down', class: 'retry', message: 'conformance' });
  await wire.expectNone('abort', WATCH_MS);
}

/** A camera that nobody enrolled; another one in each run. */
function strangerTo({ camera }: DockBench): CameraId {
  const mark = createHash('sha256').update(utf8(camera.keys.cameraId)).update(camera.bootId).digest('hex');
  return `nobody-${mark.slice(0, 16)}` as CameraId;
}
