import { describe, expect, it } from 'vitest';
import { emptyUnit } from '../../../../dock/ingest/assembly.ts';
import { step } from '../../../../dock/ingest/step.ts';
import type { Docked, IngestEffect, IngestEvent, Upload } from '../../../../dock/ingest/state.ts';
import { beginUpload, dataArrived, memoryAnswered, unitStored } from '../../../../dock/ingest/upload.ts';
import { equal } from '../../../../proto/bytes.ts';
import type { Accept, Data, Message } from '../../../../proto/messages.ts';
import {
  acksIn,
  begun,
  context,
  dataOf,
  docked,
  given,
  granted,
  kept,
  sampleOf,
  sentIn,
  session,
  STREAM,
  widened,
} from './kit.ts';

const stored = (unit: number) => ({ event: 'stored', nowUs: 0, stream: STREAM, unit }) as const;
const told = (message: Message): IngestEvent => {
  return { event: 'message', nowUs: 0, wallUs: 0, message, pdu: new Uint8Array(5) };
};
const storedIn = (effects: readonly IngestEffect[]): readonly number[] =>
  effects.flatMap((effect) => {
    if (effect.effect === 'store-manifest') return [0];
    return effect.effect === 'store-chunk' ? [effect.index + 1] : [];
  });
const acceptIn = (effects: readonly IngestEffect[]): Accept => {
  const accept = sentIn(effects).find(({ type }) => type === 'accept');
  if (accept?.type !== 'accept') throw new Error('no accept');
  return accept;
};

// Goal: bytes count in any order, and units go to the store in order. Method: chunks backwards, in pieces, then the rest.
describe('bytes out of order', () => {
  const sample = sampleOf([40, 30, 20], { manifest: true });
  const at = (start: number, end: number) => ({
    start: sample.manifestBytes + start,
    end: sample.manifestBytes + end,
  });

  it('wait in memory for what is before them', () => {
    const [third, none] = given(widened(sample)[0], dataOf(sample, 1, at(70, 90)));
    expect(storedIn(none)).toEqual([]);
    const [second] = given(third, dataOf(sample, 2, at(55, 70)));
    expect(second.receivedTo).toBe(sample.manifestBytes);
    const [first, rest] = given(second, dataOf(sample, 3, at(0, 40)));
    expect(storedIn(rest)).toEqual([1]);
    const [all, last] = given(first, dataOf(sample, 4, at(40, 55)));
    expect(storedIn(last)).toEqual([2, 3]);
    expect(all).toMatchObject({ receivedTo: sample.bytes.length, durableTo: sample.manifestBytes });
    const content = last.flatMap((effect) => (effect.effect === 'store-chunk' ? [effect.bytes] : []));
    expect(content.map((bytes) => bytes.length)).toEqual([30, 20]);
    expect(equal(content[1] ?? new Uint8Array(), sample.bytes.subarray(-20))).toBe(true);
  });

  it('name what is missing, the lowest first, and only up to what came', () => {
    const [one] = given(begun(sample)[0], dataOf(sample, 1, at(10, 20)));
    const [, effects] = given(one, dataOf(sample, 3, at(50, 60)));
    expect(acksIn(effects)).toMatchObject([{ maxTxSeq: 3, missing: [at(0, 10), at(20, 50)] }]);
  });

  it('of a condemned recording may lie over two of the dock’s blocks', () => {
    const strange = { ...sample, holding: { ...sample.holding, signedManifest: new Uint8Array([1]) } };
    const [upload] = begun(strange);
    expect(upload.condemned).toMatch(/bad-manifest/);
    const [, effects] = given(upload, dataOf(sample, 1, at(0, 90)));
    expect(storedIn(effects)).toEqual([1]);
  });
});

// Goal: nothing counts as durable before the store said so, in order. Method: an Ack after every step.
it('durable moves only when a unit is stored', () => {
  const sample = sampleOf([40, 30], { manifest: true });
  const { manifestBytes } = sample;
  const whole = { start: manifestBytes, end: manifestBytes + 40, asks: true };
  const [received, effects] = given(begun(sample)[0], dataOf(sample, 1, whole));
  expect(acksIn(effects)).toMatchObject([{ receivedTo: manifestBytes + 40, durableTo: manifestBytes }]);
  const [, more] = granted(unitStored(received, stored(1)));
  expect(acksIn(more)).toMatchObject([{ durableTo: manifestBytes + 40 }]);
  expect(more).toContainEqual({ effect: 'release', stream: STREAM, bytes: 40 + 4096 });
});

// Goal: credit is memory that is there. Method: an upload whose staging memory gives nothing, one place, and all.
describe('credit', () => {
  const sample = sampleOf([40, 30, 20, 10, 12, 14, 16, 18, 50, 60], { manifest: true });
  const { manifestBytes, offer, holding } = sample;
  const leased = { event: 'leased', nowUs: 0, stream: STREAM, holding, parked: [] } as const;
  const answer = (event: 'reserved' | 'crowded') => ({ event, nowUs: 0, stream: STREAM }) as const;

  it('is asked for unit by unit, before anything is said', () => {
    const asked = kept(beginUpload(leased, { offer, suspectChunk: undefined }, { session, context }));
    expect(asked[1]).toEqual([{ effect: 'reserve', stream: STREAM, bytes: 40 + 4096 }]);
    const [upload, effects] = granted(asked);
    expect(sentIn(effects)).toMatchObject([{ type: 'accept', creditTo: manifestBytes + 70 }]);
    expect(upload.units.map(({ index }) => index)).toEqual([1, 2]);
  });

  it('reaches further for a camera that comes to its end, eight units at the most, and no further for one that waits for each', () => {
    const sizes = [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10];
    const even = sampleOf(sizes, { manifest: true });
    const chunk = (index: number) => ({
      start: even.manifestBytes + 10 * (index - 1),
      end: even.manifestBytes + 10 * index,
    });
    let hasty = begun(even)[0];
    const reached = [2, 4, 8, 8].map((index, tx) => {
      [hasty] = given(hasty, dataOf(even, tx + 1, chunk(index)));
      return hasty.units.length;
    });
    expect(reached).toEqual([4, 8, 8, 8]);
    let patient = begun(even)[0];
    for (const index of [1, 2, 3, 4, 5]) {
      [patient] = given(patient, dataOf(even, index, chunk(index)));
      [patient] = granted(unitStored(patient, stored(index)));
      expect(patient.units.map((unit) => unit.index)).toEqual([index + 1, index + 2]);
    }
  });

  it('is none while there is no memory, and rises when there is, with the reason meanwhile', () => {
    const [asked] = kept(beginUpload(leased, { offer, suspectChunk: undefined }, { session, context }));
    const [waiting, effects] = memoryAnswered(asked, answer('crowded'));
    expect(acceptIn(effects)).toMatchObject({ creditTo: manifestBytes, receivedTo: manifestBytes });
    const [still, repeated] = step(
      docked({ doing: 'receiving', upload: waiting }),
      { event: 'tick', nowUs: 500_000 },
      context,
    );
    expect(acksIn(repeated)).toMatchObject([{ creditTo: manifestBytes, code: 'busy' }]);
    const [, risen] = step(still, { event: 'reserved', nowUs: 600_000, stream: STREAM }, context);
    expect(risen).toEqual([{ effect: 'reserve', stream: STREAM, bytes: 30 + 4096 }]);
    const [one] = memoryAnswered(waiting, answer('reserved'));
    const [, said] = memoryAnswered(one, answer('crowded'));
    expect(acksIn(said)).toMatchObject([{ creditTo: manifestBytes + 40, code: 'busy' }]);
  });

  it('ends with the manifest until that has been judged', () => {
    const fresh = sampleOf([40, 30]);
    const [upload, effects] = begun(fresh);
    expect(acceptIn(effects).creditTo).toBe(fresh.manifestBytes);
    const early = dataOf(fresh, 1, { start: fresh.manifestBytes, end: fresh.bytes.length });
    expect(given(upload, early)[0].units).toEqual(upload.units);
    const manifest = dataOf(fresh, 2, { start: 0, end: fresh.manifestBytes });
    const [judged, more] = given(upload, manifest);
    expect(judged.durableTo).toBe(0);
    expect(acksIn(more)).toMatchObject([{ creditTo: fresh.bytes.length }]);
  });

  it('bounds what is kept: bytes beyond it are dropped, those before it are not', () => {
    const [upload] = widened(sample);
    const over = dataOf(sample, 1, { start: manifestBytes + 155, end: manifestBytes + 200 });
    const [next] = given(upload, over);
    expect(next.units.map(({ index, ranges }) => [index, ...ranges])).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7].map((index) => [index]),
      [8, manifestBytes + 155, manifestBytes + 160],
    ]);
    const beyond = dataOf(sample, 2, { start: manifestBytes + 160, end: manifestBytes + 200 });
    expect(given(next, beyond)[0].units).toEqual(next.units);
  });

  it('ends before a unit without a place, and what was parked behind that makes room', () => {
    const third = emptyUnit(3, { start: manifestBytes + 70, end: manifestBytes + 90 });
    const parked = [{ ...third, bytes: new Uint8Array(20), ranges: [third.start, third.start + 5] }];
    const [asked] = kept(
      beginUpload({ ...leased, parked }, { offer, suspectChunk: undefined }, { session, context }),
    );
    const [crowded, effects] = memoryAnswered(asked, answer('crowded'));
    // Of no use before the first unit has come: kept, it would let others wait, and this one behind all of them.
    expect(effects[0]).toEqual({ effect: 'release', stream: STREAM, bytes: 20 + 4096 });
    expect(acceptIn(effects)).toMatchObject({ creditTo: manifestBytes, held: [] });
    expect(crowded.units).toEqual([]);
    const [first] = memoryAnswered(asked, answer('reserved'));
    const [second, said] = memoryAnswered(first, answer('reserved'));
    const [, accepted] = memoryAnswered(second, answer('crowded'));
    expect(said.map(({ effect }) => effect)).toEqual(['reserve']);
    expect(acceptIn(accepted)).toMatchObject({
      creditTo: manifestBytes + 90,
      held: [{ start: third.start, end: third.start + 5 }],
    });
  });

  it('never goes back while units are stored', () => {
    let [upload] = begun(sample);
    let credit = 0;
    const ends = [40, 70, 90, 100, 112, 126, 142, 160, 210, 270];
    for (const [index, end] of ends.entries()) {
      const start = manifestBytes + (ends[index - 1] ?? 0);
      [upload] = given(upload, dataOf(sample, index + 1, { start, end: manifestBytes + end }));
      const [next, effects] = granted(unitStored(upload, stored(index + 1)));
      const [ack] = acksIn(effects).slice(-1);
      expect(ack?.creditTo).toBeGreaterThanOrEqual(credit);
      credit = ack?.creditTo ?? 0;
      upload = next;
    }
    expect(upload).toMatchObject({ durableTo: sample.bytes.length, units: [] });
  });
});

// Goal: an interrupted upload goes on inside its units. Method: cut one with a hole in it, and begin it again with what
// was parked, on the same disk and on one that has got further.
describe('what is parked when a session ends', () => {
  const sample = sampleOf([40, 30, 20], { manifest: true });
  const { manifestBytes } = sample;
  const at = (start: number, end: number) => ({ start: manifestBytes + start, end: manifestBytes + end });

  function cut(upload: Upload): readonly IngestEffect[] {
    const state = docked({ doing: 'receiving', upload });
    const [after, effects] = step(state, { event: 'link-ended' }, context);
    expect(after).toEqual({ at: 'ended' });
    return effects;
  }

  function parkedIn(effects: readonly IngestEffect[]) {
    const [leave] = effects;
    if (leave?.effect !== 'leave') throw new Error('nothing was left');
    return leave.parked;
  }

  const interrupted = (): Upload => {
    const [one] = given(begun(sample)[0], dataOf(sample, 1, at(0, 25)));
    return given(one, dataOf(sample, 2, at(50, 60)))[0];
  };

  it('is in the next Accept, and need not be sent again', () => {
    const [upload, effects] = begun(sample, { parked: parkedIn(cut(interrupted())) });
    expect(acceptIn(effects)).toMatchObject({
      durableTo: manifestBytes,
      receivedTo: manifestBytes + 25,
      held: [at(50, 60)],
      creditTo: sample.bytes.length,
    });
    // Nothing is missing yet: the camera has not come to it.
    const [next, more] = given(upload, dataOf(sample, 1, { ...at(25, 30), asks: true }));
    expect(acksIn(more)).toMatchObject([{ receivedTo: manifestBytes + 30, missing: [] }]);
    const [filled] = given(next, dataOf(sample, 2, at(30, 50)));
    const [, last] = given(filled, dataOf(sample, 3, at(60, 90)));
    expect(storedIn(last)).toEqual([2, 3]);
  });

  it('is given back where the disk has it by now', () => {
    const parked = parkedIn(cut(interrupted()));
    expect(parked.map(({ index }) => index)).toEqual([1, 2]);
    const further = { ...sample, holding: { ...sample.holding, durableChunks: 1 } };
    const [upload, effects] = begun(further, { parked });
    expect(effects[0]).toEqual({ effect: 'release', stream: STREAM, bytes: 40 + 4096 });
    expect(upload.receivedTo).toBe(manifestBytes + 40);
    expect(acceptIn(effects).held).toEqual([at(50, 60)]);
  });

  it('is stored at once when it turns out to be the next whole unit', () => {
    const [second] = given(begun(sample)[0], dataOf(sample, 1, at(40, 70)));
    const further = { ...sample, holding: { ...sample.holding, durableChunks: 1 } };
    const [upload, effects] = begun(further, { parked: parkedIn(cut(second)) });
    expect(storedIn(effects)).toEqual([2]);
    expect(upload).toMatchObject({ receivedTo: manifestBytes + 70, durableTo: manifestBytes + 40 });
  });

  it('is nothing when the content was bad, or the camera denies the prefix', () => {
    const [one] = given(begun(sample)[0], dataOf(sample, 1, at(45, 50)));
    const bad: Data = { ...dataOf(sample, 2, at(0, 40)), payload: new Uint8Array(40) };
    const state = docked({ doing: 'receiving', upload: one });
    const [after, effects] = step(state, told(bad), context);
    expect(after).toMatchObject({ work: { doing: 'nothing' } });
    expect(effects).toContainEqual({ effect: 'leave', stream: STREAM, parked: [] });
    expect(effects.filter(({ effect }) => effect === 'leave').length).toBe(1);
    const { recordingId } = sample.offer;
    const abort = {
      type: 'abort',
      stream: STREAM,
      code: 'prefix-mismatch',
      class: 'restart-stream',
    } as const;
    const [, denied] = step(state, told({ ...abort, message: '', recordingId }), context);
    expect(denied).toContainEqual({ effect: 'leave', stream: STREAM, parked: [] });
  });

  it('is left by every way out of an upload', () => {
    const state: Docked = docked({ doing: 'receiving', upload: interrupted() });
    const { offer } = sample;
    const bye = { type: 'bye', sessionId: session.sessionId, message: '' } as const;
    const failed = { event: 'failed', nowUs: 0, code: 'storage-full', message: '', retry: 'later' } as const;
    const ways: readonly IngestEvent[] = [
      { event: 'tick', nowUs: 3_100_000 },
      { event: 'superseded', nowUs: 0, key: offer },
      { ...failed, about: offer },
      told(offer),
      told(bye),
    ];
    for (const way of ways) {
      const [, effects] = step(state, way, context);
      expect(parkedIn(effects).map(({ index }) => index)).toEqual([1, 2]);
    }
  });
});

// Goal: content is sent only for the manifest that was offered. Method: one bit of it changed on the way.
it('a manifest that is not the one offered ends the upload for good', () => {
  const sample = sampleOf([40]);
  const data = dataOf(sample, 1, { start: 0, end: sample.manifestBytes });
  data.payload[3] = (data.payload[3] ?? 0) ^ 1;
  expect(dataArrived(begun(sample)[0], data, { nowUs: 0, session, context })).toMatchObject({
    abandon: [{ message: { type: 'abort', code: 'bad-manifest', class: 'never' } }],
  });
});

// Goal: a Data on another stream changes nothing of this upload. Method: the same bytes under another number.
it('a late Data of an older stream is not taken', () => {
  const sample = sampleOf([40], { manifest: true });
  const [upload] = begun(sample);
  const data = { ...dataOf(sample, 1, { start: sample.manifestBytes, end: sample.bytes.length }), stream: 4 };
  const state = docked({ doing: 'receiving', upload });
  const [after, effects] = step(state, told(data), context);
  expect(after).toMatchObject({ work: { upload } });
  expect(sentIn(effects)).toMatchObject([{ type: 'abort', code: 'unknown-stream', stream: 4 }]);
  expect('abandon' in dataArrived(upload, { ...data, stream: STREAM }, { nowUs: 0, session, context })).toBe(
    false,
  );
});
