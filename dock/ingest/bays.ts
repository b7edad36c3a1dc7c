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
  const { name, transport, camera, clock } = bay;
  const known: Pick<Bay, 'camera' | 'clock'> = {
    ...(camera === undefined ? {} : { camera }),
    ...(clock === undefined ? {} : { clock }),
  };
  switch (news.news) {
    case 'docked':
      return { name, transport, camera: news.cameraId, state: 'connected' };
    case 'progress': {
      const state = news.durableBytes < news.totalBytes ? 'receiving' : 'verifying';
      const { cameraId, recordingId, durableBytes, totalBytes } = news;
      return {
        ...{ name, transport, ...known, camera: cameraId, recording: recordingId },
        ...{ durableBytes, totalBytes, state },
      };
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
    case 'ledger-behind':
      return { name, transport, ...known, state: 'refused: ledger-behind' };
    case 'telemetry':
      return bay;
    case 'clock':
      return { ...bay, clock: news.clock };
    default:
      return news satisfies never;
  }
}
