import { randomBytes } from 'node:crypto';
import { equal, utf8 } from '../../../proto/bytes.ts';
import type { DockId } from '../../../proto/ids.ts';
import type { Hello } from '../../../proto/messages.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { demand } from './case.ts';
import { createStranger } from './stranger.ts';
import { BACK_MS, type PuppetDock, SOON_MS, spoilt } from './puppet-dock.ts';
import { anew, demandPause, demandTimely } from './timing.ts';
import type { Heard } from './wire.ts';

const UNBELIEVED_MS = 200;
// Section 2: Hello again after 0.5 s, 1 s, then every 2 s. The camera's timer may be coarse, and so may this machine's.
const HELLO_AGAIN_MS = [500, 1_000, 2_000];
const EARLY = 0.8;
const LATE_MS = 400;
// "At once" is less than the 2 s that an Abort of class retry would make it.
const AT_ONCE_MS = 1_500;
const NOBODY = 'nobody' as DockId;
const SIGNATURE_BYTES = 64;

export const HELLO_CASES: readonly CameraCase[] = [
  {
    name: 'proves-itself',
    rule: 'The camera answers a HelloAck of a dock it knows with a HelloConfirm signed by its enrolled key over Hello and HelloAckBody.',
    section: '6',
    run: async ({ dock }) => {
      const { hello, limits } = await dock.docked();
      const { versionMin, versionMax, cameraMonoUs } = hello.message;
      demand(
        versionMin <= 1 && versionMax >= 1,
        'version 1 among those offered',
        `${versionMin}…${versionMax}`,
      );
      demand(cameraMonoUs > 0, 'the time since boot', String(cameraMonoUs));
      const { fragmentBytesMax, pduBytesMax } = limits;
      const isEnough = fragmentBytesMax >= 128 && pduBytesMax > fragmentBytesMax;
      demand(isEnough, 'limits that leave room for Data', `${fragmentBytesMax} B in ${pduBytesMax} B`);
    },
  },
  {
    name: 'hello-repeated-byte-identical',
    rule: 'While it is unanswered the same Hello is said again, byte for byte, after 0.5 s, 1 s and then every 2 s.',
    section: '6',
    run: (bench) => anew(() => helloRepeated(bench)),
  },
  {
    name: 'lost-hello-ack',
    rule: 'A HelloAck to any repeat of a Hello is as good as one to the first.',
    section: '6',
    run: async ({ dock, wire }) => {
      await dock.docked();
      await dock.greeted();
      const second = await wire.hear('hello', BACK_MS);
      const session = dock.answer(second);
      demand(await dock.confirmed(session, SOON_MS), 'a HelloConfirm', 'none');
    },
  },
  {
    name: 'fresh-nonces',
    rule: 'Every new session and every new connection has a new nonce; the boot id stays.',
    section: '6',
    run: freshNonces,
  },
  {
    name: 'refuses-unsigned-hello-ack',
    rule: 'A HelloAck is believed only when the dock it names signed it, in the role of a dock; any other is dropped and ends nothing.',
    section: '6',
    run: async ({ dock }) => {
      const stranger = createStranger();
      await refused(dock, 'signed by a stranger', (hello) => dock.answer(hello, { sign: stranger.sign }));
      await refused(dock, 'signed as a camera', (hello) => dock.answer(hello, { role: 'camera' }));
      await refused(dock, 'with a signature of zeros', (hello) =>
        dock.answer(hello, { sign: () => new Uint8Array(SIGNATURE_BYTES) }),
      );
      await refused(dock, 'changed after it was signed', (hello) => {
        const { ack } = dock.compose(hello);
        dock.wire.send({ ...ack, signature: spoilt(ack.signature) });
      });
    },
  },
  {
    name: 'refuses-replayed-hello-ack',
    rule: 'A HelloAck counts only for the present Hello: the answer to an older one is dropped and ends nothing.',
    section: '6',
    run: async ({ dock }) => {
      const older = dock.compose(await dock.greeted());
      await dock.docked();
      await refused(dock, 'of an older Hello', () => dock.wire.send(older.ack));
    },
  },
  {
    name: 'refuses-unknown-dock',
    rule: 'A dock that the camera was not enrolled with is not believed.',
    section: '6',
    run: async ({ dock }) => {
      const stranger = createStranger();
      await refused(dock, 'of an unknown dock', (hello) =>
        dock.answer(hello, { body: { dockId: NOBODY }, sign: stranger.sign }),
      );
      await refused(dock, 'of an unknown dock, signed by a known one', (hello) =>
        dock.answer(hello, { body: { dockId: NOBODY } }),
      );
    },
  },
  {
    name: 'wrong-version',
    rule: 'A HelloAck that chose a version the camera did not offer begins no session.',
    section: '6',
    run: async ({ dock }) => {
      const offered = (await dock.docked()).hello.message.versionMax;
      await refused(dock, 'of another version', (hello) =>
        dock.answer(hello, { body: { version: offered + 1 } }),
      );
    },
  },
  {
    name: 'malformed-hello-ack',
    rule: 'A HelloAck whose body cannot be read is dropped, signed or not.',
    section: '6',
    run: async ({ dock }) => {
      const body = utf8('\u0007no such body');
      await refused(dock, 'that cannot be read', () =>
        dock.wire.send({ type: 'hello-ack', body, signature: dock.rig.sign(body) }),
      );
    },
  },
  {
    name: 'hello-ack-twice',
    rule: 'A HelloAck that comes again changes nothing in the session it began.',
    section: '6',
    run: async ({ dock, wire }) => {
      const session = await dock.docked();
      wire.send(session.ack);
      wire.send(session.ack);
      await dock.offered(session);
      await wire.expectNone('hello', UNBELIEVED_MS);
    },
  },
  {
    name: 'no-session-greets-again',
    rule: 'Abort no-session ends the session: the camera greets again at once, with a new nonce.',
    section: '6',
    run: (bench) => anew(() => greetsAgain(bench)),
  },
  {
    name: 'bye-ends-session',
    rule: 'Bye ends the session it names, and no other; a camera that stays docked greets again.',
    section: '6',
    run: async ({ dock, wire }) => {
      const session = await dock.docked();
      wire.send({ type: 'bye', sessionId: randomBytes(8), message: 'of another session' });
      await dock.offered(session);
      await wire.expectNone('hello', UNBELIEVED_MS);
      wire.send({ type: 'bye', sessionId: session.body.sessionId, message: 'conformance' });
      demandOther(session.hello, await wire.hear('hello', BACK_MS));
    },
  },
];

async function helloRepeated({ dock, wire }: CameraBench): Promise<void> {
  await dock.docked();
  // From a session, so that the first Hello is the first of its kind.
  const first = await dock.greeted();
  let last = first;
  for (const dueMs of HELLO_AGAIN_MS) {
    const next = await wire.hear('hello', dueMs + LATE_MS + SOON_MS);
    demand(equal(next.pdu, first.pdu), 'the same Hello again, byte for byte', 'another');
    demandPause(next.atMs - last.atMs, { min: dueMs * EARLY, max: dueMs + LATE_MS }, 'it');
    last = next;
  }
}

async function greetsAgain({ dock, wire }: CameraBench): Promise<void> {
  const { session, upload } = await dock.started();
  const atMs = performance.now();
  const hello = await dock.greeted();
  const waitedMs = Math.round(hello.atMs - atMs);
  demandTimely(waitedMs <= AT_ONCE_MS, 'Hello at once', `it after ${waitedMs} ms`);
  demandOther(session.hello, hello);
  await dock.proved(hello);
  upload.ack();
  await wire.expectNone('data', UNBELIEVED_MS);
}

async function freshNonces({ dock, wire }: CameraBench): Promise<void> {
  const first = await dock.docked();
  const second = await dock.docked();
  wire.send({ type: 'bye', sessionId: second.body.sessionId, message: 'conformance' });
  const third = await wire.hear('hello', BACK_MS);
  demandOther(first.hello, second.hello);
  demandOther(second.hello, third);
  demandOther(first.hello, third);
}

function demandOther(before: Heard<Hello>, after: Heard<Hello>): void {
  const isNew = !equal(before.message.nonce, after.message.nonce);
  demand(isNew, 'a new nonce in the Hello of a new session', 'the nonce of the session before');
  demand(equal(before.message.bootId, after.message.bootId), 'the same boot id', 'another');
}

/** Nothing comes of this HelloAck, and the same greeting can still be answered. */
async function refused(dock: PuppetDock, what: string, act: (hello: Heard<Hello>) => unknown): Promise<void> {
  const hello = await dock.greeted();
  act(hello);
  const confirm = await dock.wire.hearIfAny('hello-confirm', UNBELIEVED_MS);
  demand(confirm === undefined, `no session with a HelloAck ${what}`, 'a HelloConfirm');
  const session = dock.answer(hello);
  demand(
    await dock.confirmed(session, SOON_MS),
    `the right HelloAck believed after one ${what}`,
    'no HelloConfirm',
  );
}
