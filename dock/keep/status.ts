import type { EntryOf } from '../../proto/custody-fields.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Bay, Clock, Holding, Holdings, HoldingState, Ledger } from '../ports.ts';
import { entriesFrom } from '../release/history.ts';
import { CounterBook, type NamedAbsence } from './absences.ts';
import type { JobStanding } from './jobs.ts';
import type { ScrubStanding } from './progress.ts';
import { RetentionBook } from './retention-book.ts';
import type { RetentionStanding } from './retention-ports.ts';

/** Damage that no `repaired` entry has ended yet. */
export type OpenDamage = EntryOf<'damaged'>;

/** How a dock stands, for whoever looks after it. Holds no footage and names no person. */
export interface DockStatus {
  /** Its id; of a dock that does not run, the origin of its ledger. */
  readonly dock: string;
  /** False: nobody answered, and this is what its ledger says. */
  readonly running: boolean;
  /** RFC 3339, by the dock's clock; of a dock that does not run, the time of its last entry. */
  readonly at: string;
  readonly epoch?: number;
  /** `cosigned`: the witnesses whose signatures stand under its newest checkpoint. */
  readonly ledger: { readonly origin: string; readonly size: number; readonly cosigned: readonly string[] };
  readonly recordings: Readonly<Record<HoldingState, number>>;
  /** Of content that is kept. */
  readonly bytes: number;
  readonly bays: readonly Bay[];
  readonly missing: readonly NamedAbsence[];
  readonly damaged: readonly OpenDamage[];
  readonly retention?: RetentionStanding;
  /** Absent where no dock runs: no file says how its work stood. */
  readonly scrub?: ScrubStanding;
  readonly jobs?: readonly JobStanding[];
}

export interface StatusPorts {
  readonly dockId: string;
  readonly holdings: Pick<Holdings, 'list'>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly epoch: () => number;
  readonly bays: () => readonly Bay[];
  readonly missing: () => Promise<readonly NamedAbsence[]>;
  readonly retention: () => Promise<RetentionStanding>;
  readonly scrub: () => ScrubStanding;
  readonly jobs: () => readonly JobStanding[];
}

type ReadableLedger = Pick<Ledger, 'origin' | 'checkpoint' | 'read'>;

/** Reads store and ledger as they are now. */
export async function statusOf(ports: StatusPorts): Promise<DockStatus> {
  const { dockId, ledger, clock, epoch } = ports;
  const holdings = await ports.holdings.list();
  const { size, note } = await ledger.checkpoint();
  return {
    ...{ dock: dockId, running: true, at: formatInstant(clock.wallUs()), epoch: epoch() },
    ledger: { origin: ledger.origin, size, cosigned: cosignersOf(note, ledger.origin) },
    recordings: countsOf(holdings),
    bytes: holdings.reduce((sum, one) => sum + (one.state === 'destroyed' ? 0 : one.contentBytes), 0),
    bays: ports.bays(),
    missing: await ports.missing(),
    damaged: await openDamage(ledger),
    retention: await ports.retention(),
    scrub: ports.scrub(),
    jobs: ports.jobs(),
  };
}

/** The same of a dock that does not run, as far as its ledger tells. Throws what the ledger throws. */
export async function statusOffline(ledger: ReadableLedger): Promise<DockStatus> {
  const { size, note } = await ledger.checkpoint();
  const [counters, retention] = [new CounterBook(), new RetentionBook(ledger)];
  await retention.readOn();
  let [quarantined, epoch, at] = [0, 0, formatInstant(0)];
  for await (const { entry } of entriesFrom(ledger, 0)) {
    counters.take(entry);
    at = entry.at;
    if (entry.type === 'refused') quarantined += 1;
    if (entry.type === 'started' || entry.type === 'clock.stepped') epoch = entry.epoch;
  }
  const held = retention.inCustody();
  return {
    ...{ dock: ledger.origin, running: false, at, epoch },
    ledger: { origin: ledger.origin, size, cosigned: cosignersOf(note, ledger.origin) },
    recordings: { incoming: 0, held: held.length, quarantined, destroyed: retention.ended().length },
    bytes: held.reduce((sum, one) => sum + one.bytes, 0),
    bays: [],
    missing: counters.listed(),
    damaged: await openDamage(ledger),
  };
}

function countsOf(holdings: readonly Holding[]): Record<HoldingState, number> {
  const counts = { incoming: 0, held: 0, quarantined: 0, destroyed: 0 };
  for (const { state } of holdings) counts[state] += 1;
  return counts;
}

/** Names on the signature lines of a note, but the log's own. */
function cosignersOf(note: string, origin: string): readonly string[] {
  const names = note.split('\n').flatMap((line) => /^\u2014 (\S+) \S+$/.exec(line)?.[1] ?? []);
  return names.filter((name) => name !== origin);
}

async function openDamage(ledger: ReadableLedger): Promise<readonly OpenDamage[]> {
  const open = new Map<string, OpenDamage>();
  for await (const { entry } of entriesFrom(ledger, 0)) {
    if (entry.type === 'destroyed')
      for (const [key, { recording }] of open) if (recording === entry.recording) open.delete(key);
    if (entry.type !== 'damaged' && entry.type !== 'repaired') continue;
    const key = `${entry.recording}/${entry.what}/${entry.chunk ?? ''}`;
    if (entry.type === 'repaired') open.delete(key);
    else open.set(key, entry);
  }
  return [...open.values()];
}
