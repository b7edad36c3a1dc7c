import type { EntryOf } from '../../proto/custody-fields.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Bay, Clock, Holding, Holdings, HoldingState, Ledger } from '../ports.ts';
import { entriesFrom } from '../release/history.ts';
import type { Absence } from './absences.ts';

/** Damage that no `repaired` entry has ended yet. */
export type OpenDamage = EntryOf<'damaged'>;

/** How a dock stands, for whoever looks after it. Holds no footage and names no person. */
export interface DockStatus {
  readonly dock: string;
  /** RFC 3339, by the dock's clock. */
  readonly at: string;
  readonly epoch?: number;
  readonly ledger: { readonly origin: string; readonly size: number };
  readonly recordings: Readonly<Record<HoldingState, number>>;
  /** Of content that is kept. */
  readonly bytes: number;
  readonly bays: readonly Bay[];
  readonly missing: readonly Absence[];
  readonly damaged: readonly OpenDamage[];
}

export interface StatusPorts {
  readonly dockId: string;
  readonly holdings: Pick<Holdings, 'list'>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly epoch?: () => number;
  readonly bays: () => readonly Bay[];
  readonly missing: () => Promise<readonly Absence[]>;
}

/** Reads store and ledger as they are now. */
export async function statusOf(ports: StatusPorts): Promise<DockStatus> {
  const { dockId, ledger, clock, epoch } = ports;
  const holdings = await ports.holdings.list();
  const { size } = await ledger.checkpoint();
  return {
    dock: dockId,
    at: formatInstant(clock.wallUs()),
    ...(epoch === undefined ? {} : { epoch: epoch() }),
    ledger: { origin: ledger.origin, size },
    recordings: countsOf(holdings),
    bytes: holdings.reduce((sum, one) => sum + (one.state === 'destroyed' ? 0 : one.contentBytes), 0),
    bays: ports.bays(),
    missing: await ports.missing(),
    damaged: await openDamage(ledger),
  };
}

function countsOf(holdings: readonly Holding[]): Record<HoldingState, number> {
  const counts = { incoming: 0, held: 0, quarantined: 0, destroyed: 0 };
  for (const { state } of holdings) counts[state] += 1;
  return counts;
}

async function openDamage(ledger: Ledger): Promise<readonly OpenDamage[]> {
  const open = new Map<string, OpenDamage>();
  for await (const { entry } of entriesFrom(ledger, 0)) {
    if (entry.type !== 'damaged' && entry.type !== 'repaired') continue;
    const key = `${entry.recording}/${entry.what}/${entry.chunk ?? ''}`;
    if (entry.type === 'repaired') open.delete(key);
    else open.set(key, entry);
  }
  return [...open.values()];
}
