import type { RecordingId } from '../../proto/ids.ts';
import type { WorldEvent } from '../world/history.ts';
import type { Check } from './check.ts';

/** Keeps what a camera still has to bring to a dock: recordings of which a whole fragment of pictures is durable. */
export class Awaited {
  readonly #waiting = new Map<RecordingId, string>();
  readonly #open = new Map<RecordingId, string>();

  see(event: WorldEvent): void {
    if (event.what === 'recording') this.#open.set(event.recordingId, event.camera);
    // The first fragment is the init segment, which shows nothing.
    if (event.what === 'stored' && event.isFragmentEnd && event.index > 0)
      this.#waiting.set(event.recordingId, event.camera);
    if (event.what === 'closed' || event.what === 'recovered' || event.what === 'discarded')
      this.#open.delete(event.recordingId);
    // The power may go when it is closed and nobody was told: a camera that runs again has closed all that it found.
    if (event.what === 'booted')
      for (const [recordingId, camera] of this.#open)
        if (camera === event.machine) this.#open.delete(recordingId);
    if (event.what === 'erased') this.#waiting.delete(event.recordingId);
  }

  /** Nothing waits, and nothing is being recorded. */
  get isOver(): boolean {
    return this.#waiting.size === 0 && this.#open.size === 0;
  }

  get recordings(): readonly (readonly [recordingId: RecordingId, camera: string])[] {
    return [...this.#waiting];
  }
}

/** After calm every recording whose footage was durable has arrived, was settled, and is off its camera. */
export function allArrivesAfterCalm(): Check {
  const awaited = new Awaited();
  const settled = new Set<RecordingId>();
  const refused = new Set<RecordingId>();
  return {
    name: 'all-arrives-after-calm',
    promise: 3,
    see: (event) => {
      awaited.see(event);
      if (event.what === 'settled') (event.outcome === 'held' ? settled : refused).add(event.recordingId);
      if (event.what === 'settled' && event.outcome === 'quarantined')
        return `${event.recordingId} of ${event.camera} was put into quarantine`;
      if (event.what === 'erased' && !settled.has(event.recordingId) && !refused.has(event.recordingId))
        return `${event.recordingId} was erased and never arrived`;
      return undefined;
    },
    end: () =>
      Promise.resolve(
        awaited.recordings.map(([recordingId, camera]) => `${recordingId} is still on ${camera}`),
      ),
  };
}
