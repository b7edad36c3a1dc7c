import { steadyGauges } from '../fault/gauges.ts';
import { systemClock } from '../../device/clock/system.ts';
import { checker } from '../../device/keys/checker.ts';
import { openKeys } from '../../device/keys/file-keys.ts';
import type { Keys, Link } from '../../device/ports.ts';
import { Cradle, type CradleNews } from '../../device/upload/cradle.ts';
import { toHex } from '../../proto/bytes.ts';
import { isRecordingId, type RecordingId } from '../../proto/ids.ts';
import { CHUNK_BYTES_MAX, MQTT_FRAGMENT_BYTES_MAX, MQTT_PDU_BYTES_MAX } from '../../proto/limits.ts';
import { signManifest } from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import { MemoryTickets } from '../fault/memory-tickets.ts';
import { type KeptRecording, MemoryVault } from '../fault/memory-vault.ts';

const BOOT_ID_BYTES = 16;

/** What a puppet is and holds. */
export interface PuppetPlan {
  /** Its keys, as `holdfast enrol camera` makes them. */
  readonly keysDir: string;
  /** Its one recording, in chunks of 256 KiB, several puppets may hold the same bytes; or all of its recordings, oldest first. */
  readonly content: Uint8Array | readonly KeptRecording[];
  readonly open: () => Promise<Link>;
  readonly tell?: (news: CradleNews) => void;
}

/** A camera without a lens: the camera's own upload over a real link, from memory, many of them in one process. */
export class PuppetCamera {
  /** Of its first recording. */
  readonly recordingId: RecordingId;
  readonly #cradle: Cradle;
  readonly #erased: Promise<void>;

  constructor({ keysDir, content, open, tell }: PuppetPlan) {
    const keys = openKeys(keysDir);
    const bootId = keys.randomBytes(BOOT_ID_BYTES);
    const kept = content instanceof Uint8Array ? [recordingOf(keys, content)] : content;
    const [first] = kept;
    if (first === undefined) throw new RangeError('a puppet holds a recording');
    this.recordingId = first.recording.recordingId;
    let left = kept.length;
    let erased = (): void => undefined;
    this.#erased = new Promise((resolve) => {
      erased = resolve;
    });
    this.#cradle = new Cradle({
      open,
      clock: systemClock(),
      vault: new MemoryVault(kept),
      tickets: new MemoryTickets(),
      gauges: steadyGauges,
      context: ({ fragmentBytes }) => ({
        keys,
        ...checker,
        bootId,
        limits: { pduBytesMax: MQTT_PDU_BYTES_MAX, fragmentBytesMax: MQTT_FRAGMENT_BYTES_MAX, streamsMax: 1 },
        fragmentBytes,
      }),
      tell: (news) => {
        tell?.(news);
        if (news.news !== 'erased') return;
        left -= 1;
        if (left === 0) erased();
      },
    });
  }

  /** Resolves when every recording was uploaded, its receipt checked and its bytes erased. */
  upload(): Promise<void> {
    this.#cradle.dock();
    return this.#erased;
  }

  undock(): Promise<void> {
    return this.#cradle.undock();
  }
}

function recordingOf(keys: Keys, content: Uint8Array): KeptRecording {
  const count = Math.ceil(content.byteLength / CHUNK_BYTES_MAX);
  const chunks = Array.from({ length: count }, (_, i) =>
    content.subarray(i * CHUNK_BYTES_MAX, (i + 1) * CHUNK_BYTES_MAX),
  );
  const digests = chunks.map((chunk) => checker.sha256(chunk));
  const moment = { wallUs: 1_800_000_000_000_000, monoUs: 5_000_000 };
  const recordingId = recordingIdOf(keys);
  const infos = chunks.map((chunk, index) => ({
    sha256: digests[index] ?? new Uint8Array(32),
    storedBytes: chunk.byteLength,
    plainBytes: chunk.byteLength,
    mediaStartMs: 0,
    mediaMs: 0,
    endOfFragment: true,
  }));
  const root = recordingRoot(checker.sha256, digests);
  const contentBytes = content.byteLength;
  const manifest = {
    format: 1,
    recordingId,
    cameraId: keys.cameraId,
    counter: 1,
    previousRoot: new Uint8Array(),
    bootId: new Uint8Array(BOOT_ID_BYTES),
    officerId: '4411',
    incidentTag: '26-1',
    mediaType: 'video/mp4; codecs="avc1.42c01f"',
    suite: 0,
    chunkBytesMax: CHUNK_BYTES_MAX,
    triggered: moment,
    started: moment,
    ended: moment,
    stopReason: 'button',
    marks: [],
    chunks: infos,
    root,
    contentBytes,
  } as const;
  const signedManifest = signManifest(manifest, (message) => keys.sign(message));
  return {
    recording: { recordingId, counter: 1, signedManifest, chunks: infos, root, contentBytes },
    content,
  };
}

function recordingIdOf(keys: Keys): RecordingId {
  const id = toHex(keys.randomBytes(16));
  if (!isRecordingId(id)) throw new TypeError(`${id} is no recording id`);
  return id;
}
