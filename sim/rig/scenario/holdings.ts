import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CustodyEntry, UnknownEntry } from '../../../proto/custody-entry.ts';
import { readLedger } from '../ledger.ts';
import { namesIn } from './cables.ts';
import type { Installation } from './installation.ts';

/** How and where a recording came into custody, as the dock's published ledger has it. */
export interface Settled {
  readonly dock: string;
  readonly is: 'accepted' | 'quarantined';
  /** When its last byte was verified, UTC; empty of what was refused. */
  readonly receivedAt: string;
}

/** What a dock has published so far; nothing before its first checkpoint. */
export function ledgerOf(
  dock: string,
  { site }: Pick<Installation, 'site'>,
): readonly (CustodyEntry | UnknownEntry)[] {
  const dir = join(site.dockDir(dock), 'ledger');
  return existsSync(join(dir, 'checkpoint')) ? readLedger(dir) : [];
}

/** The custody of a recording; undefined while no ledger tells of any. */
export function settledAt(recording: string, on: Pick<Installation, 'site' | 'docks'>): Settled | undefined {
  for (const { id: dock } of on.docks) {
    for (const entry of ledgerOf(dock, on)) {
      if (entry.type === 'accepted' && entry.recording === recording)
        return { dock, is: 'accepted', receivedAt: entry.receivedAt };
      if (entry.type === 'refused' && entry.recording === recording)
        return { dock, is: 'quarantined', receivedAt: '' };
    }
  }
  return undefined;
}

/** Does its camera still hold the footage? */
export function isOnCamera(
  { id, camera }: { readonly id: string; readonly camera: string },
  { site }: Pick<Installation, 'site'>,
): boolean {
  return namesIn(join(site.flashDir(camera), 'recordings', id)).includes('chunks');
}
