import { fragmentSizeFor } from '../../../../device/upload/fragment-size.ts';
import type { ClosedRecording, FragmentBytes } from '../../../../device/ports.ts';
import {
  beginSending,
  contentRead,
  fragmentSent,
  pump,
  type Sent,
} from '../../../../device/upload/sending.ts';
import type {
  CameraContext,
  Docked,
  Sending,
  UploadContext,
  UploadEffect,
  Work,
} from '../../../../device/upload/state.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { CameraId, RecordingId } from '../../../../proto/ids.ts';
import { layoutOf } from '../../../../proto/layout.ts';
import type { Accept, Ack, Data } from '../../../../proto/messages.ts';

export const STREAM = 7;
export const SESSION_ID = new Uint8Array(8);

export function recordingOf(digit: string, chunkBytes: readonly number[] = [500, 400]): ClosedRecording {
  return {
    recordingId: digit.repeat(32) as RecordingId,
    counter: 1,
    signedManifest: new Uint8Array(100),
    chunks: chunkBytes.map((storedBytes) => ({
      sha256: new Uint8Array(32),
      storedBytes,
      plainBytes: storedBytes,
      mediaStartMs: 0,
      mediaMs: 0,
      endOfFragment: true,
    })),
    root: new Uint8Array(32),
    contentBytes: chunkBytes.reduce((sum, bytes) => sum + bytes, 0),
  };
}

export const acceptOf = (change: Partial<Accept> = {}): Accept => ({
  type: 'accept',
  sessionId: SESSION_ID,
  recordingId: recordingOf('a').recordingId,
  stream: STREAM,
  leaseEpoch: 1,
  durableTo: 0,
  receivedTo: 0,
  prefixDigest: new Uint8Array(),
  creditTo: 1_000,
  held: [],
  ...change,
});

export const ackOf = (change: Partial<Ack>): Ack => ({
  type: 'ack',
  stream: STREAM,
  maxTxSeq: 0,
  receivedTo: 0,
  durableTo: 0,
  creditTo: 1_000,
  missing: [],
  pause: false,
  ...change,
});

/** Fragments of one size, so that a test can count on it. */
export const fixedBytes = (bytes: number): FragmentBytes => ({ start: bytes, min: bytes, max: bytes });

/** An upload of 100 B of manifest and the chunks, in fragments of one size. */
export function sendingOf(
  fragmentBytes: number,
  { accept = {}, chunkBytes = [500, 400] }: { accept?: Partial<Accept>; chunkBytes?: readonly number[] } = {},
): Sending {
  const recording = recordingOf('a', chunkBytes);
  const fragment = fragmentSizeFor(fixedBytes(fragmentBytes));
  const layout = layoutOf(100, chunkBytes);
  return beginSending(acceptOf(accept), { recording, layout, pace: { trip: undefined, fragment } }, 0);
}

/** What the driver does with an upload whose flash and link are quick: reads at once, and the link takes all. */
export function carriedOut(
  [start, asked]: Sent,
  nowUs = 0,
  frames = Number.POSITIVE_INFINITY,
): readonly [Sending, readonly Data[]] {
  let sending = start;
  const sent: Data[] = [];
  const waiting: UploadEffect[] = [...asked, ...take(pump(sending), (next) => (sending = next))];
  for (let effect = waiting.shift(); effect !== undefined && sent.length < frames; effect = waiting.shift()) {
    if (effect.effect === 'send' && effect.message.type === 'data') {
      sent.push(effect.message);
      sending = fragmentSent(sending, nowUs)[0];
    } else if (effect.effect === 'read') {
      const { stream, start: offset, end } = effect;
      const content = {
        event: 'content',
        nowUs,
        stream,
        offset,
        bytes: new Uint8Array(end - offset),
      } as const;
      waiting.push(
        ...take(contentRead(sending, content, { nowUs, wireUs: () => 0 }), (next) => (sending = next)),
      );
    }
    waiting.push(...take(pump(sending), (next) => (sending = next)));
  }
  return [sending, sent];
}

function take([sending, effects]: Sent, keep: (sending: Sending) => void): readonly UploadEffect[] {
  keep(sending);
  return effects;
}

/** Where the Data lie, and which of them ask for an Ack: `0-80`, `80-100!`. */
export const spans = (data: readonly Data[]): readonly string[] =>
  data.map(({ offset, payload, flags }) => `${offset}-${offset + payload.length}${flags === 1 ? '!' : ''}`);

/** A session in which this is being done, over a link with one fragment size. */
export function docked(work: Work, heardUs = 0): Docked {
  return {
    at: 'docked',
    session: {
      sessionId: SESSION_ID,
      dock: { dockId: 'dock-1', publicKey: new Uint8Array(32), ledgerVkey: '' },
      toldSize: 0,
    },
    work,
    kept: undefined,
    doubt: undefined,
    parked: new Set(),
    resting: new Map(),
    pace: { trip: undefined, fragment: fragmentSizeFor(fixedBytes(80)) },
    heardUs,
    spokeUs: heardUs,
    pingedUs: heardUs,
  };
}

export const cameraContext: CameraContext = {
  keys: {
    cameraId: 'cam-1' as CameraId,
    sign: () => new Uint8Array(64),
    dock: () => undefined,
    randomBytes: (count) => new Uint8Array(count),
  },
  ...nodeChecker,
  bootId: new Uint8Array(16),
  limits: { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 },
  fragmentBytes: { start: 2_048, min: 128, max: 8_192 },
};

export const contextOver = (transport: 'serial' | 'mqtt'): UploadContext => ({
  ...cameraContext,
  transport,
  wireUs: () => 0,
  kept: () => undefined,
});
