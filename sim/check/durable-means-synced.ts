import type { Check } from './check.ts';
import { Papers, survivorOf } from './platter.ts';

/**
 * When a dock says how much of a recording is durable, its platter has that much, each chunk with the hash that the camera signed and
 * entered in the index: what no index names is cut off at the next start.
 */
export function durableMeansSynced(): Check {
  const papers = new Papers();
  return {
    name: 'durable-means-synced',
    promise: 2,
    see: (event, world) => {
      if (event.what !== 'durable') return undefined;
      const { recordingId, bytes } = event;
      const dock = world.docks.find(({ dockId }) => dockId === event.dock);
      const camera = world.cameras.find(({ cameraId }) => cameraId === event.camera);
      if (dock === undefined || camera === undefined) return `${event.dock} or ${event.camera} is unknown`;
      if (dock.isSpoilt(recordingId)) return undefined;
      const survivor = survivorOf(dock, { recordingId, publicKey: camera.publicKey }, papers);
      if (survivor === undefined)
        return `${event.dock} said that ${bytes} B of ${recordingId} are durable, and has no manifest of it`;
      const { manifest, wholeChunks } = survivor;
      const signedBytes = dock.synced(`${survivor.folder}/manifest`)?.length ?? 0;
      const content = manifest.chunks
        .slice(0, Math.min(wholeChunks, dock.enteredChunks(recordingId)))
        .reduce((sum, { storedBytes }) => sum + storedBytes, 0);
      const has = signedBytes + content;
      if (survivor.hasWraps && bytes <= has) return undefined;
      return `${event.dock} said that ${bytes} B of ${recordingId} are durable, and has ${has} B of it`;
    },
  };
}
