import { askMemory } from '../../../../dock/ingest/credit.ts';
import type { Changed } from '../../../../dock/ingest/judge.ts';
import { startPinging } from '../../../../dock/ingest/pinging.ts';
import type {
  Docked,
  IngestContext,
  IngestEffect,
  IngestEvent,
  IngestState,
  Session,
  Upload,
  Work,
} from '../../../../dock/ingest/state.ts';
import { step } from '../../../../dock/ingest/step.ts';
import { beginUpload, dataArrived, memoryAnswered } from '../../../../dock/ingest/upload.ts';
import type { Unit } from '../../../../dock/ingest/assembly.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { Holding } from '../../../../dock/ports.ts';
import { concat } from '../../../../proto/bytes.ts';
import { encodeMessage } from '../../../../proto/codec.ts';
import type { DockId, RecordingId } from '../../../../proto/ids.ts';
import { CREDIT_UNITS_PER_STREAM } from '../../../../proto/limits.ts';
import type { Ack, Data, Message, Offer } from '../../../../proto/messages.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import type { KeptRecording } from '../../../../sim/fault/memory-vault.ts';
import { CAMERA, makeRecording, makeSigner } from '../../../../sim/world/town.ts';

export const signer = makeSigner('camera');
export const dockSigner = makeSigner('dock');
const chance = new Chance('dock');

export const context: IngestContext = {
  keys: {
    dockId: 'dock-1' as DockId,
    sign: (message) => dockSigner.sign(message),
    camera: () => signer.publicKey,
    pseudonym: () => 'ab'.repeat(32),
    randomBytes: (count) => chance.bytes(count),
  },
  ...nodeChecker,
  limits: { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 },
  ledgerOrigin: 'test.example/dock-1',
  transport: 'serial',
  wireUs: () => 0,
};

export const session: Session = {
  sessionId: new Uint8Array(8).fill(5),
  cameraId: CAMERA,
  publicKey: signer.publicKey,
};

export function docked(work: Work, receipted: readonly RecordingId[] = []): Docked {
  return {
    at: 'docked',
    session,
    hello: new Uint8Array([1]),
    work,
    pinging: { ...startPinging(0)[0], left: 0 },
    ticketing: { keptSize: 0, askedUs: 0 },
    heardUs: 0,
    suspects: new Map(),
    receipted: new Set(receipted),
  };
}

export const STREAM = 5;

/** A recording, and all bytes of its upload. */
export interface Sample {
  readonly kept: KeptRecording;
  readonly offer: Offer;
  readonly holding: Holding;
  readonly bytes: Uint8Array;
  /** Where content begins. */
  readonly manifestBytes: number;
}

/** A sample with chunks of these sizes, and what the dock's disk has of it: nothing, or the manifest and some chunks. */
export function sampleOf(
  chunkBytes: readonly number[],
  durable: { readonly manifest?: boolean; readonly chunks?: number } = {},
  made: Partial<Parameters<typeof makeRecording>[2]> = {},
): Sample {
  const kept = makeRecording(1, chunkBytes, { signer, ...made });
  const { recording, content } = kept;
  const { signedManifest } = recording;
  const offer: Offer = {
    type: 'offer',
    sessionId: session.sessionId,
    recordingId: recording.recordingId,
    manifestBytes: signedManifest.length,
    manifestSha256: nodeChecker.sha256(signedManifest),
    contentBytes: content.length,
    ...(recording.wraps === undefined ? {} : { wraps: recording.wraps }),
  };
  const holding: Holding = {
    recordingId: offer.recordingId,
    manifestSha256: offer.manifestSha256,
    manifestBytes: offer.manifestBytes,
    contentBytes: offer.contentBytes,
    cameraId: CAMERA,
    transport: 'serial',
    state: 'incoming',
    leaseEpoch: 3,
    durableChunks: durable.chunks ?? 0,
    ...(durable.manifest === true ? { signedManifest } : {}),
  };
  const bytes = concat(signedManifest, content);
  return { kept, offer, holding, bytes, manifestBytes: signedManifest.length };
}

export function kept(changed: Changed): readonly [Upload, readonly IngestEffect[]] {
  if ('abandon' in changed) throw new Error(`abandoned: ${JSON.stringify(changed.abandon)}`);
  return changed;
}

/** Grants every place that is asked for, as an empty staging memory does. */
export function granted(
  [upload, effects]: readonly [Upload, readonly IngestEffect[]],
  nowUs = 0,
): readonly [Upload, readonly IngestEffect[]] {
  let now: readonly [Upload, readonly IngestEffect[]] = [upload, effects];
  while (now[0].memory === 'asked') {
    const [next, more] = memoryAnswered(now[0], { event: 'reserved', nowUs, stream: STREAM });
    now = [next, [...now[1], ...more]];
  }
  return now;
}

/** An upload that has been accepted with all the credit it may have. */
export function begun(
  { offer, holding }: Sample,
  from: { readonly suspectChunk?: number; readonly parked?: readonly Unit[] } = {},
): readonly [Upload, readonly IngestEffect[]] {
  const { suspectChunk, parked = [] } = from;
  const leased = { event: 'leased', nowUs: 0, stream: STREAM, holding, parked } as const;
  return granted(kept(beginUpload(leased, { offer, suspectChunk }, { session, context })));
}

/** The same of a camera that has shown that it fills all the credit there may be. */
export function widened(sample: Sample): readonly [Upload, readonly IngestEffect[]] {
  return granted(askMemory({ ...begun(sample)[0], reach: CREDIT_UNITS_PER_STREAM }));
}

export function acksIn(effects: readonly IngestEffect[]): readonly Ack[] {
  return effects.flatMap((effect) =>
    effect.effect === 'send' && effect.message.type === 'ack' ? [effect.message] : [],
  );
}

export function sentIn(effects: readonly IngestEffect[]): readonly Message[] {
  return effects.flatMap((effect) => (effect.effect === 'send' ? [effect.message] : []));
}

/** Lets a state hear a message. */
export function hear(
  state: IngestState,
  message: Message,
  at: { readonly nowUs?: number; readonly context?: IngestContext } = {},
): ReturnType<typeof step> {
  const nowUs = at.nowUs ?? 0;
  const pdu = encodeMessage(message);
  const event: IngestEvent = { event: 'message', nowUs, wallUs: 1_800_000_000_000_000 + nowUs, message, pdu };
  return step(state, event, at.context ?? context);
}

/** One Data of the sample's bytes. */
export function dataOf(
  { bytes }: Pick<Sample, 'bytes'>,
  txSeq: number,
  at: { readonly start: number; readonly end: number; readonly asks?: boolean },
): Data {
  const payload = bytes.slice(at.start, at.end);
  return { type: 'data', stream: STREAM, txSeq, flags: at.asks === true ? 1 : 0, offset: at.start, payload };
}

/** The upload after one Data, with every place it asked for. */
export function given(upload: Upload, data: Data, nowUs = 0): readonly [Upload, readonly IngestEffect[]] {
  return granted(kept(dataArrived(upload, data, { nowUs, session, context })), nowUs);
}
