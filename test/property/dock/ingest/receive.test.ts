import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { costOf, type Unit } from '../../../../dock/ingest/assembly.ts';
import { creditTo } from '../../../../dock/ingest/credit.ts';
import type { Changed } from '../../../../dock/ingest/judge.ts';
import type { IngestEffect, Upload } from '../../../../dock/ingest/state.ts';
import { beginUpload, dataArrived, memoryAnswered, unitStored } from '../../../../dock/ingest/upload.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { Holding } from '../../../../dock/ports.ts';
import { concat, equal } from '../../../../proto/bytes.ts';
import type { DockId } from '../../../../proto/ids.ts';
import type { Ack, Data, Offer } from '../../../../proto/messages.ts';
import { CAMERA, makeRecording, makeSigner } from '../../../../sim/world/town.ts';

const signer = makeSigner('camera');
const STREAM = 9;
const judge = {
  session: { sessionId: new Uint8Array(8), cameraId: CAMERA, publicKey: signer.publicKey },
  context: {
    keys: {
      dockId: 'dock-1' as DockId,
      sign: () => new Uint8Array(64),
      camera: () => signer.publicKey,
      pseudonym: () => '',
      randomBytes: (count: number) => new Uint8Array(count),
    },
    ...nodeChecker,
    limits: { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 },
    ledgerOrigin: 'test.example/dock-1',
    transport: 'serial',
    wireUs: () => 0,
  },
} as const;

/** A dock by its step alone: its disk, and a staging memory that counts and gives in the order of the test. */
class Model {
  readonly bytes: Uint8Array;
  readonly #offer: Offer;
  readonly #units: Uint8Array[] = [];
  upload: Upload;
  used = 0;
  most = 0;
  acks: Ack[] = [];
  #wanted: number | undefined;
  #writing: number[] = [];
  #txSeq = 0;

  constructor(chunkBytes: readonly number[]) {
    const { recording, content } = makeRecording(1, chunkBytes, { signer });
    this.bytes = concat(recording.signedManifest, content);
    this.#offer = {
      type: 'offer',
      sessionId: judge.session.sessionId,
      recordingId: recording.recordingId,
      manifestBytes: recording.signedManifest.length,
      manifestSha256: nodeChecker.sha256(recording.signedManifest),
      contentBytes: content.length,
    };
    this.upload = this.begin([]);
  }

  get content(): Uint8Array {
    return concat(...this.#units);
  }

  begin(parked: readonly Unit[]): Upload {
    const [signedManifest, ...chunks] = this.#units;
    const holding: Holding = {
      ...this.#offer,
      cameraId: CAMERA,
      transport: 'serial',
      state: 'incoming',
      leaseEpoch: 1,
      durableChunks: chunks.length,
      ...(signedManifest === undefined ? {} : { signedManifest }),
    };
    this.used = parked.reduce((sum, unit) => sum + costOf(unit), 0);
    this.#wanted = undefined;
    const leased = { event: 'leased', nowUs: 0, stream: STREAM, holding, parked } as const;
    this.take(beginUpload(leased, { offer: this.#offer, suspectChunk: undefined }, judge));
    return this.upload;
  }

  take(changed: Changed): void {
    if ('abandon' in changed) throw new Error('good bytes were refused');
    [this.upload] = changed;
    for (const effect of changed[1]) this.#perform(effect);
    this.#check();
  }

  #perform(effect: IngestEffect): void {
    if (effect.effect === 'reserve') this.#wanted = effect.bytes;
    if (effect.effect === 'release') this.used -= effect.bytes;
    if (effect.effect === 'send' && effect.message.type === 'ack') this.acks.push(effect.message);
    if (effect.effect === 'store-manifest') this.#write(0, effect.bytes);
    if (effect.effect === 'store-chunk') this.#write(effect.index + 1, effect.bytes);
  }

  #write(unit: number, bytes: Uint8Array): void {
    assert.equal(unit, this.#units.length);
    this.#units.push(bytes);
    this.#writing.push(unit);
  }

  data(start: number, end: number): void {
    this.#txSeq += 1;
    const payload = this.bytes.slice(start, end);
    const data: Data = { type: 'data', stream: STREAM, txSeq: this.#txSeq, flags: 1, offset: start, payload };
    this.take(dataArrived(this.upload, data, { ...judge, nowUs: this.#txSeq * 1_000 }));
  }

  /** The staging memory answers, if it was asked. */
  give(isThere: boolean): void {
    if (this.#wanted === undefined || this.upload.memory === 'enough') return;
    if (!isThere && this.upload.memory === 'short') return;
    const event = isThere ? 'reserved' : 'crowded';
    if (isThere) {
      this.used += this.#wanted;
      this.#wanted = undefined;
    }
    this.take(memoryAnswered(this.upload, { event, nowUs: 0, stream: STREAM }));
  }

  /** The oldest write is done. */
  store(): void {
    const unit = this.#writing.shift();
    if (unit === undefined) return;
    this.take(unitStored(this.upload, { event: 'stored', nowUs: 0, stream: STREAM, unit }));
  }

  /** The session ends and another one begins: writes land, what is incomplete is parked. */
  cut(): void {
    const parked = this.upload.units.filter((unit) => unit.bytes !== undefined && !unit.writing);
    this.#writing = [];
    this.begin(parked);
  }

  #check(): void {
    const { upload } = this;
    const buffers = new Set(upload.units.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes.buffer])));
    const kept = [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0);
    assert(kept <= this.used);
    assert(upload.durableTo <= upload.receivedTo);
    assert(upload.receivedTo <= creditTo(upload));
    const stored = this.#units.slice(0, this.#units.length - this.#writing.length);
    assert(upload.durableTo <= concat(...stored).length);
    for (const { ranges, bytes, start } of upload.units) {
      for (let at = 0; at < ranges.length; at += 2) {
        const [from = 0, to = 0] = [ranges[at], ranges[at + 1]];
        assert(
          equal(bytes?.subarray(from - start, to - start) ?? new Uint8Array(), this.bytes.subarray(from, to)),
        );
      }
    }
  }
}

const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constant('data' as const), fc.nat(3_000), fc.integer({ min: 1, max: 700 })),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('give' as const), fc.nat(3), fc.constant(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('store' as const), fc.constant(0), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('cut' as const), fc.constant(0), fc.constant(0)) },
);

// Goal: whatever order, repetition, overlap or loss: exactly the content goes to the store, in order, and never more
// memory is kept than was granted. Method: random Data, answers of the memory, finished writes and cuts; after each of
// them the model counts buffers and compares bytes; then calm, in which only what an Ack names as missing is sent.
it('any Data in any order gives exactly the content, within the memory that was granted', () => {
  const chunks = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(chunks, fc.array(happening, { maxLength: 80 }), (sizes, happenings) => {
      const model = new Model(sizes);
      for (const [what, at, bytes] of happenings) {
        const start = at % model.bytes.length;
        if (what === 'data') model.data(start, Math.min(model.bytes.length, start + bytes));
        if (what === 'give') model.give(at > 0);
        if (what === 'store') model.store();
        if (what === 'cut') model.cut();
      }
      for (let round = 0; round < 100 && model.upload.durableTo < model.bytes.length; round += 1) {
        for (let unit = 0; unit < 4; unit += 1) model.give(true);
        const credit = creditTo(model.upload);
        // The last byte of the credit again: the answer names whatever else is missing.
        if (credit > model.upload.receivedTo) model.data(credit - 1, credit);
        for (const { start, end } of model.acks.at(-1)?.missing ?? []) model.data(start, end);
        for (let unit = 0; unit < 4; unit += 1) model.store();
      }
      expect(equal(model.content, model.bytes)).toBe(true);
      expect(model.upload).toMatchObject({ durableTo: model.bytes.length, units: [] });
      expect(model.used).toBe(0);
    }),
    { numRuns: 300 },
  );
});
