import { describe, expect, it } from 'vitest';
import type { IngestContext, Session, Upload } from '../../../../dock/ingest/state.ts';
import { acceptOf, beginUpload, dataArrived } from '../../../../dock/ingest/upload.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { Holding } from '../../../../dock/ports.ts';
import type { DockId } from '../../../../proto/ids.ts';
import { peekManifest } from '../../../../proto/manifest.ts';
import type { Offer } from '../../../../proto/messages.ts';
import { CAMERA, makeRecording, makeSigner } from '../../../../sim/world/town.ts';

const signer = makeSigner('camera');
const { recording, content } = makeRecording(1, [40, 30], { signer });
const context: IngestContext = {
  keys: {
    dockId: 'dock-1' as DockId,
    sign: () => new Uint8Array(64),
    // Gone from the registry since the camera proved its key.
    camera: () => undefined,
    pseudonym: () => '',
    randomBytes: (count) => new Uint8Array(count),
  },
  ...nodeChecker,
  limits: { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 },
  ledgerOrigin: 'test.example/dock-1',
  transport: 'serial',
};
const session: Session = {
  sessionId: new Uint8Array(8),
  cameraId: CAMERA,
  publicKey: signer.publicKey,
};
const offer: Offer = {
  type: 'offer',
  sessionId: session.sessionId,
  recordingId: recording.recordingId,
  manifestBytes: recording.signedManifest.length,
  manifestSha256: nodeChecker.sha256(recording.signedManifest),
  contentBytes: 70,
};

function begin(durableChunks: number, suspectChunk?: number): Upload {
  const holding: Holding = {
    ...offer,
    cameraId: CAMERA,
    transport: 'serial',
    state: 'incoming',
    leaseEpoch: 3,
    signedManifest: recording.signedManifest,
    durableChunks,
  };
  const leased = { event: 'leased', nowUs: 0, stream: 5, holding } as const;
  const upload = beginUpload(leased, { offer, session, suspectChunk }, context);
  expect(acceptOf(upload, { session, holding }, context).durableTo).toBe(upload.durableTo);
  return upload;
}

function send(upload: Upload, index: number, change: number): ReturnType<typeof dataArrived> {
  const start = index === 0 ? 0 : 40;
  const payload = content.slice(start, index === 0 ? 40 : 70);
  payload[0] = (payload[0] ?? 0) ^ change;
  const data = { type: 'data', stream: 5, txSeq: 1, flags: 0, offset: offer.manifestBytes + start } as const;
  return dataArrived(upload, { ...data, payload }, { nowUs: 0, session, context });
}

// Goal: what a camera sent wrong once is asked for again; only the same chunk twice in a row condemns. Method: spoil
// one bit of one chunk, with one suspicion or another from before.
describe('a chunk that does not match its manifest', () => {
  it('is asked for again and remembered', () => {
    expect(send(begin(1), 1, 1)).toMatchObject({
      abandon: [{ message: { code: 'bad-chunk', class: 'restart-stream' } }],
      suspect: [recording.recordingId, 1],
    });
  });

  it('is asked for again when another one was wrong before', () => {
    expect(send(begin(1, 0), 1, 1)).toMatchObject({ suspect: [recording.recordingId, 1] });
  });

  it('condemns when it was wrong the last time', () => {
    const condemned: unknown = expect.stringContaining('chunk 1');
    expect(send(begin(1, 1), 1, 1)).toMatchObject([{ condemned }, [{ index: 1 }]]);
  });
});

// Goal: a manifest is judged by the key that the camera proved, whatever the registry says by now.
// Method: a registry without the camera.
it('a camera that left the registry during its session is not condemned', () => {
  const upload = begin(0);
  expect(upload.condemned).toBeUndefined();
  expect(upload.manifest).toEqual(peekManifest(recording.signedManifest));
  expect(send(upload, 0, 0)).toMatchObject([{ condemned: undefined }, [{ effect: 'store-chunk', index: 0 }]]);
});
