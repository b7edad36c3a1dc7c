import type { Abort, ErrorClass, ErrorCode } from '../../../proto/messages.ts';
import { ANSWER_MS, CaseFailure, demand } from './case.ts';
import { describe } from './describe.ts';
import type { PuppetCamera } from './puppet-camera.ts';
import type { Wire } from './wire.ts';

/** Long enough for a dock to say what it should not. */
export const WATCH_MS = 300;
/** Sizes of the chunks of a recording that costs little on a slow line. */
export const SMALL = [3_000, 2_000, 2_500] as const;

/** The dock says this Abort; whatever else it aborts before is a failure. */
export async function refused(
  wire: Wire,
  code: ErrorCode | readonly ErrorCode[],
  errorClass: ErrorClass,
): Promise<Abort> {
  const codes = typeof code === 'string' ? [code] : code;
  const expected = `Abort ${codes.join(' or ')} (${errorClass})`;
  const heard = await wire.hearIfAny('abort', ANSWER_MS);
  if (heard === undefined) throw new CaseFailure(`${expected} within ${ANSWER_MS} ms`, 'none');
  const { message } = heard;
  demand(codes.includes(message.code) && message.class === errorClass, expected, describe(message));
  return message;
}

/** There is no session: a Ping is answered with Abort no-session and with no Pong. */
export async function undocked(camera: PuppetCamera): Promise<void> {
  const { wire } = camera;
  wire.drain('abort');
  wire.drain('pong');
  wire.send({ type: 'ping', sentUs: wire.clockUs() });
  await refused(wire, 'no-session', 'renegotiate');
  await wire.expectNone('pong', WATCH_MS / 2);
}

/** Nothing was taken amiss and the session lives. */
export async function unmoved(camera: PuppetCamera): Promise<void> {
  await camera.wire.expectNone('abort', WATCH_MS);
  await camera.ping();
}

/** The quickest of several answers, since a busy machine makes any single one late; milliseconds. */
export async function quickest(tries: number, answer: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tries; i++) best = Math.min(best, await answer());
  return best;
}
