import { toHex } from '../../proto/bytes.ts';
import { type CustodyEntry, decodeEntry, type UnknownEntry } from '../../proto/custody-entry.ts';
import type { HexDigest } from '../../proto/custody-fields.ts';
import type { CameraId } from '../../proto/ids.ts';
import type { HoldingKey, Ledger, Settlement } from '../ports.ts';

const PAGE_ENTRIES = 1_000;

/** What the ledger knows of a recording that the index has lost. */
export interface Remembered {
  readonly settlement: Settlement;
  readonly cameraId: CameraId;
  readonly contentBytes: number;
  /** An entry of what was refused does not say. */
  readonly transport?: 'serial' | 'mqtt';
  /** Of the stamps file that was accepted. */
  readonly stamps?: HexDigest;
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
    reading ??= readSettled(ledger);
    return (await reading).get(nameOf(found.recordingId, toHex(found.manifestSha256)));
  };
}

async function readSettled(
  ledger: Pick<Ledger, 'checkpoint' | 'read'>,
): Promise<ReadonlyMap<string, Remembered>> {
  const settled = new Map<string, Remembered>();
  const { size } = await ledger.checkpoint();
  for (let start = 0; start < size; start += PAGE_ENTRIES) {
    const entries = await ledger.read(start, Math.min(start + PAGE_ENTRIES, size));
    for (const [offset, bytes] of entries.entries()) take(decodeEntry(bytes), start + offset, settled);
  }
  return settled;
}

function take(entry: CustodyEntry | UnknownEntry, index: number, settled: Map<string, Remembered>): void {
  if (entry.type !== 'accepted' && entry.type !== 'refused' && entry.type !== 'destroyed') return;
  const name = nameOf(entry.recording, entry.manifest);
  const before = settled.get(name);
  if (entry.type === 'destroyed') {
    if (before !== undefined) settled.set(name, { ...before, destroyed: true });
    return;
  }
  // What was accepted once stays so, whatever somebody says of it later.
  if (before !== undefined) return;
  const about = { cameraId: entry.camera, contentBytes: entry.bytes };
  if (entry.type === 'refused') {
    const settlement = { state: 'quarantined', entryIndex: index, reason: entry.reason } as const;
    settled.set(name, { ...about, settlement });
    return;
  }
  const { transport, stamps } = entry;
  settled.set(name, { ...about, transport, stamps, settlement: { state: 'held', entryIndex: index } });
}

const nameOf = (recording: string, manifest: string): string => `${recording}/${manifest}`;
