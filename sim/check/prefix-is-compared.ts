import { nodeChecker } from '../../dock/ledger/checker.ts';
import { equal } from '../../proto/bytes.ts';
import { prefixDigest } from '../../proto/merkle.ts';
import type { Check } from './check.ts';
import { Papers, survivorOf } from './platter.ts';

/** A camera goes on with an upload only where what the dock says it has already is the beginning of that recording. */
export function prefixIsCompared(): Check {
  const papers = new Papers();
  return {
    name: 'prefix-is-compared',
    promise: 3,
    see: (event, world) => {
      if (event.what !== 'resumed') return undefined;
      const { recordingId, bytes } = event;
      const dock = world.docks.find(({ dockId }) => dockId === event.dock);
      const camera = world.cameras.find(({ cameraId }) => cameraId === event.camera);
      if (dock === undefined || camera === undefined) return `${event.dock} or ${event.camera} is unknown`;
      const survivor = survivorOf(dock, { recordingId, publicKey: camera.publicKey }, papers);
      const signed = dock.synced(`recordings/${recordingId}/manifest`);
      // It rotted, or was set aside, since the dock spoke of it.
      if (survivor === undefined || signed === undefined) return undefined;
      let to = signed.length;
      const digests = survivor.manifest.chunks.flatMap(({ storedBytes, sha256 }) =>
        (to += storedBytes) <= bytes ? [sha256] : [],
      );
      const { sha256 } = nodeChecker;
      if (equal(event.prefixDigest, prefixDigest(sha256, sha256(signed), digests))) return undefined;
      return `${event.camera} went on with ${recordingId} where ${event.dock} has ${bytes} B of something else`;
    },
  };
}
