import { expect } from 'vitest';
import type { Gop, Shot } from '../../../device/capture/footage/footage.ts';
import type { Optics } from '../../../device/capture/optics.ts';
import { equal, toHex } from '../../../proto/bytes.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import { Chance } from '../../../sim/fault/chance.ts';
import { chanceOptics } from '../../../sim/world/optics.ts';
import { SMALL } from '../../unit/device/camera-kit.ts';
import { BODY_FOOTAGE } from '../../unit/device/firmware/body-rig.ts';

const INIT_BYTES = 40;
const KEY_BYTES = 12;
const FRAME_US = 1_000_000 / SMALL.fps;

/** What somebody beside the camera knows of one of its recordings. */
export interface Truth {
  readonly officer: string;
  /** Since when it sees for that officer, on the clock of its life. */
  readonly sightedUs: number;
  /** Begin of each stretch without sound, and its end where there was one before the recording's own. */
  readonly mutes: { readonly fromUs: number; toUs?: number }[];
  isCritical: boolean;
}

/** Groups of pictures that a camera has seen, by their first bytes. */
export type Sights = Map<string, { readonly shot: Shot; readonly bytes: Uint8Array }>;

/** Light of chance, and a note of everything that is seen. */
export function watched(seed: string, sights: Sights): Optics {
  const optics = chanceOptics(BODY_FOOTAGE, new Chance(seed), () => () => undefined);
  return {
    ...optics,
    openEncoder: async (footage) => {
      const encoder = await optics.openEncoder(footage);
      const encode = async (shot: Shot): Promise<Gop> => {
        const gop = await encoder.encode(shot);
        sights.set(toHex(gop.bytes.subarray(0, KEY_BYTES)), { shot, bytes: gop.bytes });
        return gop;
      };
      return { footage, codec: encoder.codec, encode, close: () => encoder.close() };
    },
  };
}

/** The shots in a recording's content, in order; nothing in it may be anything else. */
export function shotsIn(content: Uint8Array, sights: Sights): readonly Shot[] {
  const shots: Shot[] = [];
  for (let at = INIT_BYTES; at < content.length; ) {
    const seen = sights.get(toHex(content.subarray(at, at + KEY_BYTES)));
    if (seen === undefined || !equal(content.subarray(at, at + seen.bytes.length), seen.bytes))
      throw new Error(`at byte ${at} there is something that nobody saw`);
    shots.push(seen.shot);
    at += seen.bytes.length;
  }
  return shots;
}

const endUs = ({ startWallUs, frames }: Shot): number => startWallUs + frames * FRAME_US;

/** One recording against what is true of it: whose it is, every frame, every moment without sound. */
export function checkRecording(
  manifest: Manifest,
  shots: readonly Shot[],
  { truth, preEventMs }: { readonly truth: Truth; readonly preEventMs: number },
): void {
  const { started, triggered, ended } = manifest;
  expect(manifest.officerId).toBe(truth.officer);
  for (const shot of shots) expect(shot.officerId, 'what it saw was for its officer').toBe(truth.officer);
  const [first] = shots;
  const last = shots.at(-1);
  const lateUs = (first?.startWallUs ?? Number.NaN) - started.wallUs;
  // The one frame of a recording that ended within it is that recording's, and the next begins behind it.
  if (lateUs !== 0) expect([lateUs <= FRAME_US && lateUs > 0, started]).toEqual([true, triggered]);
  expect(triggered.monoUs - started.monoUs).toBeLessThanOrEqual(preEventMs * 1000);
  expect(started.monoUs).toBeLessThanOrEqual(triggered.monoUs);
  expect(started.monoUs, 'nothing from before it saw').toBeGreaterThanOrEqual(truth.sightedUs);
  for (const [at, shot] of shots.slice(1).entries()) checkNext(shots[at], shot);
  const isCut = manifest.stopReason === 'power-loss' || manifest.stopReason === 'storage-full';
  if (!isCut && last !== undefined)
    expect(Math.abs(ended.wallUs - endUs(last)), 'it has its last frame').toBeLessThanOrEqual(FRAME_US);
  expect(manifest.mediaType, 'there is no sound in it').toBe('video/mp4; codecs="avc1.420016"');
  expect(manifest.critical ?? false).toBe(truth.isCritical);
  // A full memory may have refused the word for it.
  if (manifest.stopReason === 'storage-full') return;
  const mutes = truth.mutes.map(({ fromUs, toUs }) => [fromUs, toUs ?? Math.max(fromUs, ended.monoUs)]);
  expect((manifest.mutes ?? []).map(({ from, to }) => [from.monoUs, to.monoUs])).toEqual(mutes);
}

/** Between these two nothing is missing and nothing is twice. */
export function checkNext(before: Shot | undefined, after: Shot | undefined): void {
  if (before === undefined || after === undefined) throw new Error('a recording has no frame');
  expect(after.firstFrame).toBe(before.firstFrame + before.frames);
  expect(after.startWallUs).toBe(endUs(before));
}

/** What is to be safe first is offered first, and of two alike the older one. */
export function checkOrder(offered: readonly Manifest[]): void {
  const ranks = offered.map(({ critical, counter }) => (critical === true ? 0 : 1_000_000) + counter);
  expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
}

/** Files that follow each other because a file has its longest time: no frame lies between them. */
export function checkChains(
  manifests: readonly Manifest[],
  shotsOf: ReadonlyMap<RecordingId, readonly Shot[]>,
  recordingMsMax: number,
): void {
  const inOrder = manifests.toSorted((one, other) => one.counter - other.counter);
  for (const [at, one] of inOrder.entries()) {
    // A file that follows another begins with the frame that the other left unfinished.
    const lengthMs = (one.ended.monoUs - one.triggered.monoUs) / 1000;
    if (one.stopReason !== 'power-loss')
      expect(lengthMs).toBeLessThanOrEqual(recordingMsMax + FRAME_US / 1000);
    const before = inOrder[at - 1];
    if (one.cause !== 'limit' || before?.counter !== one.counter - 1) continue;
    expect(before.stopReason).toBe('limit');
    expect(before.ended).toEqual(one.started);
    checkNext(shotsOf.get(before.recordingId)?.at(-1), shotsOf.get(one.recordingId)?.[0]);
  }
}

/** There is so much room at least. */
export function checkRoom(bytes: number, bytesMin: number): void {
  expect(bytes).toBeGreaterThanOrEqual(bytesMin);
}

/** It looks ahead without a light or a word. */
export function checkSilent(news: readonly unknown[]): void {
  expect(news).toEqual([]);
}

/** What was closed is as it was, and there. */
export function checkKept(
  closed: ReadonlyMap<RecordingId, string>,
  found: ReadonlyMap<RecordingId, string>,
): void {
  for (const [recordingId, digest] of closed) expect(found.get(recordingId), recordingId).toBe(digest);
}
