import { describe, expect, it } from 'vitest';
import type { Changed } from '../../../../dock/ingest/judge.ts';
import type { IngestContext, Upload } from '../../../../dock/ingest/state.ts';
import { beginUpload, dataArrived } from '../../../../dock/ingest/upload.ts';
import { concat } from '../../../../proto/bytes.ts';
import { makeSigner } from '../../../../sim/world/town.ts';
import { begun, context, dataOf, sampleOf, session, STREAM } from './kit.ts';

const sample = sampleOf([40, 30], { manifest: true });
const { recording, content } = { recording: sample.kept.recording, content: sample.kept.content };

const begin = (chunks: number, suspectChunk?: number): Upload => {
  const holding = { ...sample.holding, durableChunks: chunks };
  return begun({ ...sample, holding }, suspectChunk === undefined ? {} : { suspectChunk })[0];
};

function send(
  upload: Upload,
  { index, change }: { index: number; change: number },
  judge: IngestContext = context,
): Changed {
  const start = index === 0 ? 0 : 40;
  const payload = content.slice(start, index === 0 ? 40 : 70);
  payload[0] = (payload[0] ?? 0) ^ change;
  const offset = sample.manifestBytes + start;
  const data = { type: 'data', stream: STREAM, txSeq: 1, flags: 0, offset, payload } as const;
  return dataArrived(upload, data, { nowUs: 0, session, context: judge });
}

// Goal: what a camera sent wrong once is asked for again; only the same chunk twice in a row condemns. Method: spoil
// one bit of one chunk, with one suspicion or another from before.
describe('a chunk that does not match its manifest', () => {
  it('is asked for again and remembered', () => {
    expect(send(begin(1), { index: 1, change: 1 })).toMatchObject({
      abandon: [{ message: { code: 'bad-chunk', class: 'restart-stream' } }],
      suspect: [recording.recordingId, 1],
    });
  });

  it('is asked for again when another one was wrong before', () => {
    expect(send(begin(1, 0), { index: 1, change: 1 })).toMatchObject({ suspect: [recording.recordingId, 1] });
  });

  it('condemns when it was wrong the last time', () => {
    const condemned: unknown = expect.stringContaining('chunk 1');
    expect(send(begin(1, 1), { index: 1, change: 1 })).toMatchObject([
      { condemned },
      [{ effect: 'store-chunk', index: 1 }],
    ]);
  });
});

// Goal: a manifest is judged by the key that the camera proved, whatever the registry says by now.
// Method: a registry without the camera.
it('a camera that left the registry during its session is not condemned', () => {
  const gone: IngestContext = { ...context, keys: { ...context.keys, camera: () => undefined } };
  const upload = begin(0);
  expect(upload.condemned).toBeUndefined();
  expect(upload.digests).toEqual(concat(...recording.chunks.map(({ sha256 }) => sha256)));
  expect(send(upload, { index: 0, change: 0 }, gone)).toMatchObject([
    { condemned: undefined },
    [{ effect: 'store-chunk', index: 0 }],
  ]);
});

// Goal: nobody gets a receipt for less than the camera signed: an Offer is not signed, so whoever forges a shorter one
// must not have it quarantined, and erased, after a part. Method: the true manifest under an Offer without content, from
// the camera and from the disk, signed by the enrolled key and by another.
describe('an Offer of another length than its manifest promises', () => {
  const fresh = sampleOf([40, 30]);
  const offer = { ...fresh.offer, contentBytes: 0 };
  const refused = { abandon: [{ message: { code: 'bad-manifest', class: 'never' } }] };
  const other = { ...session, publicKey: makeSigner('another').publicKey };

  it.each([
    ['believed', session],
    ['not believed', other],
  ])('is refused when the manifest has come and is %s', (_, judge) => {
    const holding = { ...fresh.holding, contentBytes: 0 };
    const [upload] = begun({ ...fresh, offer, holding });
    const manifest = dataOf(fresh, 1, { start: 0, end: fresh.manifestBytes });
    expect(dataArrived(upload, manifest, { nowUs: 0, session: judge, context })).toMatchObject(refused);
  });

  it.each([
    ['believed', session],
    ['not believed', other],
  ])('is refused when the manifest is on the disk and is %s', (_, judge) => {
    const holding = { ...sample.holding, contentBytes: 0 };
    const leased = { event: 'leased', nowUs: 0, stream: STREAM, holding, parked: [] } as const;
    expect(
      beginUpload(leased, { offer, suspectChunk: undefined }, { session: judge, context }),
    ).toMatchObject(refused);
  });
});
