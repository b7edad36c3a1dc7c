import type { CameraId } from '../../proto/ids.ts';
import type { Bay, Link } from '../ports.ts';
import type { SettledNews } from './converse.ts';
import type { IngestNews } from './state.ts';

/** What every bay and MQTT camera is doing now, for displays. Nothing in custody reads it. */
export class Bays {
  readonly #bays = new Map<string, Bay>();

  opened(link: Link): void {
    this.#bays.set(link.name, { name: link.name, transport: link.transport, state: 'empty' });
  }

  ended(link: Link): void {
    this.#bays.delete(link.name);
  }

  heard(link: Link, news: IngestNews | SettledNews): void {
    const before = this.#bays.get(link.name) ?? {
      name: link.name,
      transport: link.transport,
      state: 'empty',
    };
    this.#bays.set(link.name, changed(before, news));
  }

  all(): readonly Bay[] {
    return [...this.#bays.values()].toSorted((a, b) => a.name.localeCompare(b.name));
  }
}

function changed(bay: Bay, news: IngestNews | SettledNews): Bay {
  const { name, transport } = bay;
  const known: { camera?: CameraId } = bay.camera === undefined ? {} : { camera: bay.camera };
  switch (news.news) {
    case 'docked':
      return { name, transport, camera: news.cameraId, state: 'connected' };
    case 'progress': {
      const state = news.durableBytes < news.totalBytes ? 'receiving' : 'verifying';
      const { cameraId, recordingId, durableBytes, totalBytes } = news;
      return { name, transport, camera: cameraId, recording: recordingId, durableBytes, totalBytes, state };
    }
    case 'settled':
      return {
        name,
        transport,
        ...known,
        state: news.settled.outcome === 'accepted' ? 'idle' : 'quarantined',
      };
    case 'refused':
      return { name, transport, ...known, state: `refused: ${news.code}` };
    case 'telemetry':
      return bay;
    default:
      return news satisfies never;
  }
}
