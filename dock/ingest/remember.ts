import { toHex } from '../../proto/bytes.ts';
import { decodeEntry } from '../../proto/custody-entry.ts';
import type { HoldingKey, Ledger, Settlement } from '../ports.ts';

const PAGE_ENTRIES = 1_000;

/** What the ledger knows of a recording that the index has lost. */
export interface Remembered {
  readonly transport: 'serial' | 'mqtt';
  readonly settlement: Settlement;
  /** Its footage was destroyed at the end of its time. */
  readonly destroyed?: true;
}

/**
 * Answers from the ledger what became of a recording, for a store whose index is gone. The ledger is read once, at
 * the first question; most starts ask none.
 */
export function rememberFrom(
  ledger: Pick<Ledger, 'checkpoint' | 'read'>,
): (found: HoldingKey) => Promise<Remembered | undefined> {
  let reading: Promise<ReadonlyMap<string, Remembered>> | undefined;
  return async (found) => {
    reading ??= readAccepted(ledger);
    return (await reading).get(nameOf(found.recordingId, toHex(found.manifestSha256)));
  };
}

async function readAccepted(
  ledger: Pick<Ledger, 'checkpoint' | 'read'>,
): Promise<ReadonlyMap<string, Remembered>> {
  const accepted = new Map<string, Remembered>();
  const { size } = await ledger.checkpoint();
  for (let start = 0; start < size; start += PAGE_ENTRIES) {
    const entries = await ledger.read(start, Math.min(start + PAGE_ENTRIES, size));
    for (const [offset, bytes] of entries.entries()) {
      const entry = decodeEntry(bytes);
      if (entry.type !== 'accepted' && entry.type !== 'destroyed') continue;
      const name = nameOf(entry.recording, entry.manifest);
      const before = accepted.get(name);
      if (entry.type === 'destroyed') {
        if (before !== undefined) accepted.set(name, { ...before, destroyed: true });
        continue;
      }
      const settlement: Settlement = { state: 'held', entryIndex: start + offset };
      accepted.set(name, { transport: entry.transport, settlement });
    }
  }
  return accepted;
}

const nameOf = (recording: string, manifest: string): string => `${recording}/${manifest}`;
