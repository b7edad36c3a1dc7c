import { describe, expect, it } from 'vitest';
import type { KeptTicket } from '../../../../device/ports.ts';
import type { UploadContext, UploadEvent, UploadState } from '../../../../device/upload/state.ts';
import { step } from '../../../../device/upload/step.ts';
import { encodeHelloAckBody, encodeMessage } from '../../../../proto/codec.ts';
import { helloTranscript } from '../../../../proto/handshake.ts';
import type { DockId } from '../../../../proto/ids.ts';
import type { Hello, HelloAck, HelloAckBody, Limits } from '../../../../proto/messages.ts';
import { makeSigner } from '../../../../sim/world/town.ts';
import { LEDGER_KEY, LEDGER_VKEY, ORIGIN, testKey } from '../../proto/fixture.ts';
import { TestLog } from '../../proto/log-kit.ts';
import { contextOver, docked, SESSION_ID } from './upload-kit.ts';

const dockKey = makeSigner('dock');
const serial = contextOver('serial');
const context: UploadContext = {
  ...serial,
  keys: {
    ...serial.keys,
    dock: (dockId) =>
      dockId === 'dock-1' ? { dockId, publicKey: dockKey.publicKey, ledgerVkey: '' } : undefined,
  },
};
const nonceOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const start = (nowUs: number, fill: number): UploadEvent => ({
  event: 'start',
  nowUs,
  wallUs: 0,
  nonce: nonceOf(fill),
});
const LIMITS: Limits = { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 };

/** Drives a camera that nobody answers; says when it greets, in ms, and with which Hello. */
function greetings(limitMs: number): readonly { readonly ms: number; readonly hello: Hello }[] {
  const said: { ms: number; hello: Hello }[] = [];
  let state: UploadState = { at: 'undocked' };
  for (let ms = 0; ms <= limitMs; ms += 10) {
    const event = ms === 0 ? start(0, 1) : ({ event: 'tick', nowUs: ms * 1_000 } as const);
    const [next, effects] = step(state, event, context);
    state = next;
    for (const effect of effects)
      if (effect.effect === 'send' && effect.message.type === 'hello')
        said.push({ ms, hello: effect.message });
  }
  return said;
}

function answerTo(hello: Hello, change: Partial<HelloAckBody> = {}): HelloAck {
  const body = encodeHelloAckBody({
    version: 1,
    features: 0,
    dockId: 'dock-1' as DockId,
    sessionId: SESSION_ID,
    nonce: nonceOf(9),
    limits: LIMITS,
    cameraMonoUs: hello.cameraMonoUs,
    dockReceivedUs: 1,
    dockSentUs: 2,
    ledgerOrigin: 'test.example/dock-1',
    ...change,
  });
  const bytes = encodeMessage(hello).subarray(1, -4);
  return {
    type: 'hello-ack',
    body,
    signature: dockKey.sign(helloTranscript('dock', bytes, body, context.sha256)),
  };
}

const heard = (message: HelloAck, fill = 2): UploadEvent => ({
  event: 'message',
  nowUs: 5,
  wallUs: 0,
  nonce: nonceOf(fill),
  message,
});

function greeted(fill: number): { readonly state: UploadState; readonly hello: Hello } {
  const [state] = step({ at: 'undocked' }, start(0, fill), context);
  if (state.at !== 'greeting') throw new Error('a camera greets first');
  return { state, hello: state.hello };
}

// Goal: a lost answer costs a pause and not a handshake: the dock may answer whichever Hello it got.
describe('the Hello', () => {
  it('is said again after 0.5 s, 1 s, then every 2 s, byte for byte', () => {
    const said = greetings(8_000);
    expect(said.map(({ ms }) => ms)).toEqual([0, 500, 1_500, 3_500, 5_500, 7_500]);
    const bytes = said.map(({ hello }) => encodeMessage(hello));
    for (const again of bytes) expect(again).toEqual(bytes[0]);
  });

  it('is another for every session', () => {
    expect(greeted(3).hello.nonce).toEqual(nonceOf(3));
    const over = { type: 'abort', stream: 0, code: 'no-session', class: 'renegotiate', message: '' } as const;
    const event = { event: 'message', nowUs: 5, wallUs: 0, nonce: nonceOf(4), message: over } as const;
    const [, effects] = step(docked({ doing: 'listing' }), event, context);
    expect(effects.at(-1)).toMatchObject({ message: { type: 'hello', nonce: nonceOf(4) } });
  });
});

// Goal: only the dock that signed this very Hello starts a session. Method: the right answer, and one thing wrong at a time.
describe('the answer to it', () => {
  it('starts a session when it is signed over this Hello, late or not', () => {
    const { state, hello } = greeted(1);
    const [later] = step(state, { event: 'tick', nowUs: 500_000 }, context);
    const [next, effects] = step(later, heard(answerTo(hello)), context);
    expect(next).toMatchObject({ at: 'docked', session: { sessionId: SESSION_ID } });
    const sent = effects.map((effect) => (effect.effect === 'send' ? effect.message.type : effect.effect));
    expect(sent).toEqual(['hello-confirm', 'news', 'list']);
  });

  // The dock's UTC is 1,000 s, its two moments lie 40 ms apart in a round trip of 100 ms; and moments that cannot have been.
  it.each([
    [1_000_030_000, 1_000_070_000, { wallLessMonoUs: 1_000_000_000, boundUs: 30_000 }],
    [1_000_070_000, 1_000_030_000, undefined],
    [1_000_000_000, 1_000_200_000, undefined],
  ])("tells the dock's time from %i to %i", (dockReceivedUs, dockSentUs, time) => {
    const { state, hello } = greeted(1);
    const answer = answerTo(hello, { dockReceivedUs, dockSentUs });
    const [, effects] = step(state, { ...heard(answer), nowUs: 100_000 }, context);
    const news = effects.find((effect) => effect.effect === 'news');
    expect(news).toEqual({
      effect: 'news',
      news: { news: 'docked', dockId: 'dock-1', ...(time === undefined ? {} : { time }) },
    });
  });

  it.each([
    ['signed over another Hello', (): HelloAck => answerTo(greeted(7).hello)],
    ['of a dock nobody enrolled', (): HelloAck => answerTo(greeted(1).hello, { dockId: 'dock-2' as DockId })],
    ['of a version nobody offered', (): HelloAck => answerTo(greeted(1).hello, { version: 2 })],
    [
      'changed on its way',
      (): HelloAck => {
        const answer = answerTo(greeted(1).hello);
        return { ...answer, body: spoilt(answer.body) };
      },
    ],
  ])('is dropped when it is %s', (_, make) => {
    const { state } = greeted(1);
    const [next, effects] = step(state, heard(make()), context);
    expect(next).toBe(state);
    expect(effects).toMatchObject([{ effect: 'news', news: { news: 'distrust' } }]);
  });

  it('brings limits, and the smaller ones hold', () => {
    const { state, hello } = greeted(1);
    const bytesFor = (limits: Partial<Limits>): unknown => {
      const [next] = step(state, heard(answerTo(hello, { limits: { ...LIMITS, ...limits } })), context);
      return next.at === 'docked' ? next.pace.fragment.bounds : undefined;
    };
    expect(bytesFor({})).toEqual({ start: 2_048, min: 128, max: 8_192 });
    expect(bytesFor({ fragmentBytesMax: 1_000 })).toEqual({ start: 1_000, min: 128, max: 1_000 });
    expect(bytesFor({ pduBytesMax: 140 })).toEqual({ start: 100, min: 100, max: 100 });
  });
});

// Goal: a dock is told what is kept of its ledger, and only what its own key signed counts as that. Method: what a flash may
// give back, for a dock that may have a new ledger since.
describe('what is kept of the ledger', () => {
  const log = new TestLog().fill(4, 'ours');
  const greet = (kept: KeptTicket | undefined) => {
    const trusted = { dockId: 'dock-1', publicKey: dockKey.publicKey, ledgerVkey: LEDGER_VKEY };
    const keys = { ...serial.keys, dock: () => trusted };
    const { state, hello } = greeted(1);
    const [next, effects] = step(state, heard(answerTo(hello)), { ...context, keys, kept: () => kept });
    if (next.at !== 'docked') throw new Error('a camera docks');
    return { next, effects };
  };
  const ticket = { dockId: 'dock-1', note: log.note(), ...log.head() };

  it('is said with the confirmation', () => {
    const { next, effects } = greet(ticket);
    expect(next).toMatchObject({ kept: ticket, session: { toldSize: 4 } });
    expect(effects[0]).toMatchObject({ message: { type: 'hello-confirm', ledgerSize: 4 } });
    const fresh = greet(undefined);
    expect(fresh.next).toMatchObject({ kept: undefined, session: { toldSize: 0 } });
    expect(fresh.effects[0]).not.toHaveProperty('message.ledgerSize');
  });

  it.each([
    ['another ledger signed it', { ...ticket, note: new TestLog(log.entries, testKey(9)).note() }],
    [
      'it is of another origin',
      { ...ticket, note: new TestLog(log.entries, LEDGER_KEY, `${ORIGIN}-2`).note() },
    ],
    ['it says another size', { ...ticket, size: 3 }],
    ['it says another root', { ...ticket, root: new Uint8Array(32) }],
  ])('counts no more when %s, and that is said', (_, kept) => {
    const { next, effects } = greet(kept);
    expect(next).toMatchObject({ kept: undefined, session: { toldSize: 0 } });
    expect(effects[0]).not.toHaveProperty('message.ledgerSize');
    expect(effects).toContainEqual({
      effect: 'news',
      news: {
        news: 'distrust',
        why: expect.stringContaining('the checkpoint kept of dock dock-1') as unknown,
      },
    });
  });
});

function spoilt(body: Uint8Array): Uint8Array {
  return body.map((byte, index) => (index === body.length - 1 ? byte ^ 1 : byte));
}
