import type { RecordingId } from '../../proto/ids.ts';
import type { Holdings, Released, ReleaseStatus, Viewer } from '../ports.ts';
import { mayKnowQuarantined, quarantinedRow, Rows } from './row.ts';
import type { QuarantinedRow, Row } from './schema/recordings.ts';

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
    const rows: Row[] = [];
    for (const status of await this.#released.statuses(person, roles)) {
      const row = await this.#row(status);
      if (row !== undefined) rows.push(row);
    }
    return rows.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** Undefined for what does not exist and for what the person may not know of, alike. */
  async row(viewer: Viewer, id: RecordingId): Promise<Row | undefined> {
    // Whoever has not asked for the list yet is asked about first.
    if (this.#released.status(viewer.person, id) === undefined)
      await this.#released.statuses(viewer.person, viewer.roles);
    return this.known(viewer, id);
  }

  /** The row as far as answers are known now; asks nobody. */
  async known({ person }: Viewer, id: RecordingId): Promise<Row | undefined> {
    const status = this.#released.status(person, id);
    return status && this.#row(status);
  }

  async quarantined(viewer: Viewer): Promise<readonly QuarantinedRow[]> {
    if (!mayKnowQuarantined(viewer)) return [];
    return (await this.#holdings.list('quarantined')).map(quarantinedRow);
  }

  async #row(status: ReleaseStatus): Promise<Row | undefined> {
    if (!status.mayKnow) return undefined;
    const holding = await this.#holdings.find(status.recordingId);
    return holding && this.#rows.row(holding, status);
  }
}
