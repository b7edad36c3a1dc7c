import type { RecordingId } from '../../proto/ids.ts';
import type { Check, DockView, World } from './check.ts';
import { asideBytes, Papers, survivingEntry, survivorOf } from './platter.ts';

interface Settled {
  readonly dock: string;
  readonly entryIndex: number;
}

/**
 * At the moment when a camera erases, the dock whose receipt it has would have the whole copy and its entry under a signed checkpoint
 * even if its plug were pulled now.
 */
export function receiptMeansDurable(): Check {
  const settled = new Map<RecordingId, Settled[]>();
  return {
    name: 'receipt-means-durable',
    promise: 2,
    see: (event, world) => {
      if (event.what === 'settled') {
        const { recordingId, dock, entryIndex } = event;
        settled.set(recordingId, [...(settled.get(recordingId) ?? []), { dock, entryIndex }]);
      }
      if (event.what !== 'erased') return undefined;
      const { recordingId, camera } = event;
      const lacks = (settled.get(recordingId) ?? []).map((one) =>
        whatIsLacking(world, { ...one, camera, recordingId }),
      );
      if (lacks.includes(undefined)) return undefined;
      return `${camera} erased ${recordingId}, and ${lacks.join(', ') || 'no dock has it'}`;
    },
  };
}

/** Why a dock without power would not have it; undefined when it would. */
function whatIsLacking(
  world: World,
  about: Settled & { readonly camera: string; readonly recordingId: RecordingId },
): string | undefined {
  const { recordingId, entryIndex } = about;
  const dock = world.docks.find(({ dockId }) => dockId === about.dock);
  const camera = world.cameras.find(({ cameraId }) => cameraId === about.camera);
  if (dock === undefined || camera === undefined) return `${about.dock} is no dock of this world`;
  const entry = survivingEntry(dock, entryIndex);
  const isAbout = entry !== undefined && 'recording' in entry && entry.recording === recordingId;
  if (!isAbout) return `${dock.dockId} has no published entry ${entryIndex} about it`;
  if (dock.isSpoilt(recordingId)) return undefined;
  if (entry.type === 'refused') return asideLacks(dock, recordingId, entry);
  if (entry.type !== 'accepted') return `entry ${entryIndex} of ${dock.dockId} takes no custody`;
  const survivor = survivorOf(dock, { recordingId, publicKey: camera.publicKey }, new Papers());
  if (survivor?.manifestSha256 !== entry.manifest) return `${dock.dockId} has not that manifest on its disk`;
  const { wholeChunks, manifest, hasWraps } = survivor;
  if (!hasWraps) return `${dock.dockId} has not its wraps on its disk`;
  if (wholeChunks === manifest.chunks.length) return undefined;
  return `${dock.dockId} has ${wholeChunks} of ${manifest.chunks.length} chunks on its disk`;
}

function asideLacks(
  dock: DockView,
  recordingId: RecordingId,
  { manifest, bytes }: { readonly manifest: string; readonly bytes: number },
): string | undefined {
  const has = asideBytes(dock, recordingId, manifest);
  if (has === bytes) return undefined;
  return `${dock.dockId} has ${has} of ${bytes} bytes in quarantine on its disk`;
}
