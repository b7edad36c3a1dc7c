import { describe, expect, it } from 'vitest';
import type { IngestState } from '../../../../dock/ingest/state.ts';
import { step } from '../../../../dock/ingest/step.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { decodeHelloAckBody, encodeMessage } from '../../../../proto/codec.ts';
import { helloTranscript } from '../../../../proto/handshake.ts';
import type { Hello, HelloAck, HelloConfirm, Message } from '../../../../proto/messages.ts';
import { CAMERA } from '../../../../sim/world/town.ts';
import { context, hear, sentIn, signer } from './kit.ts';

const WAITING: IngestState = { at: 'waiting' };
const helloOf = (nonce: number): Hello => ({
  type: 'hello',
  versionMin: 1,
  versionMax: 1,
  features: 0,
  cameraId: CAMERA,
  bootId: new Uint8Array(16),
  nonce: new Uint8Array(32).fill(nonce),
  limits: { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 },
  cameraMonoUs: 1,
  cameraWallUs: 1,
});

function ackIn(messages: readonly Message[]): HelloAck {
  const [ack] = messages;
  if (ack?.type !== 'hello-ack') throw new Error('no answer');
  return ack;
}

function confirm(hello: Hello, { body }: HelloAck): HelloConfirm {
  const transcript = helloTranscript(
    'camera',
    encodeMessage(hello).subarray(1, -4),
    body,
    nodeChecker.sha256,
  );
  const { sessionId } = decodeHelloAckBody(body);
  return { type: 'hello-confirm', sessionId, signature: signer.sign(transcript) };
}

function greet(state: IngestState, hello: Hello, nowUs = 0): { state: IngestState; ack: HelloAck } {
  const [next, effects] = hear(state, hello, { nowUs });
  return { state: next, ack: ackIn(sentIn(effects)) };
}

// Goal: a lost answer costs a repetition and never a session, and a nonce is never answered twice with two sessions.
// Method: the same Hello and other ones, before and after the proof.
describe('a Hello', () => {
  const hello = helloOf(1);

  it('that comes again while its proof is awaited gets the same answer', () => {
    const first = greet(WAITING, hello);
    const again = greet(first.state, hello, 900_000);
    expect(again.ack).toEqual(first.ack);
    // It is also a sign of life.
    expect(step(again.state, { event: 'tick', nowUs: 3_500_000 }, context)[0].at).toBe('proving');
    expect(hear(again.state, confirm(hello, first.ack))[0].at).toBe('docked');
  });

  it('with another nonce gets another session, and the answer before it is worth nothing', () => {
    const first = greet(WAITING, hello);
    const second = greet(first.state, helloOf(2));
    const [one, two] = [first, second].map(({ ack }) => decodeHelloAckBody(ack.body));
    expect(two?.sessionId).not.toEqual(one?.sessionId);
    expect(two?.nonce).not.toEqual(one?.nonce);
    expect(hear(second.state, confirm(hello, first.ack))).toEqual([second.state, []]);
    expect(hear(second.state, confirm(helloOf(2), second.ack))[0].at).toBe('docked');
  });

  it('that began a session and is heard again ends nothing, but another one starts over', () => {
    const { state, ack } = greet(WAITING, hello);
    const [docked, effects] = hear(state, confirm(hello, ack));
    expect(sentIn(effects)).toMatchObject([{ type: 'ping' }]);
    expect(hear(docked, hello, { nowUs: 1_000_000 })).toEqual([docked, []]);
    expect(greet(docked, helloOf(3)).state.at).toBe('proving');
  });

  it('of a session that is over gets a new session, never the old one', () => {
    const { state, ack } = greet(WAITING, hello);
    const [docked] = hear(state, confirm(hello, ack));
    const { sessionId } = decodeHelloAckBody(ack.body);
    const [over] = hear(docked, { type: 'bye', sessionId, message: '' });
    expect(over).toEqual(WAITING);
    const replayed = greet(over, hello);
    expect(decodeHelloAckBody(replayed.ack.body).sessionId).not.toEqual(sessionId);
    expect(hear(replayed.state, confirm(hello, ack))).toEqual([replayed.state, []]);
  });
});
