import type { RecordingId } from '../../proto/ids.ts';
import type { Holding, Holdings, Released, Viewer } from '../ports.ts';
import { mayKnowQuarantined, quarantinedRow, Rows, type QuarantinedRow, type Row } from './row.ts';

/** What each person may know of. Every route that names a recording goes through here, so no two can disagree. */
export class Catalogue {
  readonly #released: Released;
  readonly #holdings: Holdings;
  readonly #rows = new Rows();

  constructor(released: Released, holdings: Holdings) {
    this.#released = released;
    this.#holdings = holdings;
  }

  /** Newest first. */
  async rows({ person, roles }: Viewer): Promise<readonly Row[]> {
    const statuses = await this.#released.statuses(person, roles);
    const held = new Map<string, Holding>();
    for (const holding of await this.#holdings.list()) {
      if (holding.state === 'held') held.set(holding.recordingId, holding);
    }
    const rows = statuses.flatMap((status) => {
      const holding = held.get(status.recordingId);
      return (holding === undefined ? undefined : this.#rows.row(holding, status)) ?? [];
    });
    return rows.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** May the person know of this one now? Asks about nothing, so it is cheap, and knows no more than the list does. */
  async shows({ person, roles }: Viewer, id: RecordingId): Promise<boolean> {
    const [status] = await this.#released.statuses(person, roles, id);
    const holding = status === undefined ? undefined : await this.#holdings.find(id);
    if (status === undefined || holding?.state !== 'held') return false;
    return this.#rows.row(holding, status) !== undefined;
  }

  /** Undefined for what does not exist and for what the person may not know of, alike. */
  async row(viewer: Viewer, id: string): Promise<Row | undefined> {
    return (await this.rows(viewer)).find((row) => row.id === id);
  }

  async quarantined(viewer: Viewer): Promise<readonly QuarantinedRow[]> {
    if (!mayKnowQuarantined(viewer)) return [];
    return (await this.#holdings.list()).filter(({ state }) => state === 'quarantined').map(quarantinedRow);
  }
}
