import { join } from 'node:path';
import { decodeEntry } from '../proto/custody-entry.ts';
import { codeOf } from './ledger/errors.ts';
import type { CopiedLog, PublishedLog } from './ledger/published-log.ts';
import { type Report, verifyLedger } from './ledger/verify/verify.ts';
import {
  type Accepted,
  copyAccepted,
  copyQuarantined,
  destroyQuarantined,
  quarantined,
} from './store/archive.ts';

/** What was copied, and whether the copy holds. */
export interface Summary {
  readonly ok: boolean;
  readonly to: string;
  /** Entries of the log that was copied. */
  readonly log: number;
  readonly recordings: number;
  readonly bytes: number;
  /** Recordings of which neither side has everything that was accepted, with the files that are not right. */
  readonly lost: readonly { readonly recording: string; readonly files: readonly string[] }[];
  readonly verified: Pick<Report, 'ok' | 'findings' | 'unlisted'>;
}

/**
 * Copies a dock's ledger, as its newest checkpoint signs it, and everything that this checkpoint's log settled, then checks the copy
 * as an outsider would. The ledger goes first, so a dock that runs meanwhile only has more than its copy. Throws LedgerError, StoreError.
 */
export async function copyDock(from: string, to: string, log: PublishedLog): Promise<Summary> {
  const copied = await log.copyTo(join(to, 'ledger'));
  const { accepted, refused, destroyed } = await settledIn(log);
  const lost: { recording: string; files: readonly string[] }[] = [];
  let bytes = 0;
  for (const wanted of accepted) {
    const done = await copyAccepted(from, to, wanted);
    bytes += done.bytes;
    if (done.lost.length > 0) lost.push({ recording: wanted.recordingId, files: done.lost });
  }
  for (const name of await quarantined(from))
    if (refused.some((short) => name.startsWith(short))) bytes += await copyQuarantined(from, to, name);
  for (const name of await quarantined(to))
    if (destroyed.some((short) => name.startsWith(short))) await destroyQuarantined(to, name);
  const verified = await verifyCopy(to, log, copied);
  const ok = verified.ok && lost.length === 0;
  return { ok, to, log: log.size, recordings: accepted.length, bytes, lost, verified };
}

interface Settled {
  readonly accepted: readonly Accepted[];
  /** How the folders begin that hold what was refused. */
  readonly refused: readonly string[];
  /** Of these, those whose content was destroyed. */
  readonly destroyed: readonly string[];
}

const PAGE_ENTRIES = 1_000;

async function settledIn(log: PublishedLog): Promise<Settled> {
  const accepted = new Map<string, Accepted>();
  const [refused, destroyed]: [string[], string[]] = [[], []];
  for (let start = 0; start < log.size; start += PAGE_ENTRIES) {
    for (const bytes of await log.read(start, Math.min(start + PAGE_ENTRIES, log.size))) {
      const entry = decodeEntry(bytes);
      if (entry.type === 'accepted') {
        const { recording: recordingId, manifest, stamps } = entry;
        accepted.set(recordingId, { recordingId, manifest, stamps, destroyed: false });
      }
      if (entry.type === 'refused') refused.push(shortOf(entry.recording, entry.manifest));
      if (entry.type !== 'destroyed') continue;
      const { recording, manifest } = entry;
      const gone = accepted.get(recording);
      if (gone?.manifest === manifest) accepted.set(recording, { ...gone, destroyed: true });
      else destroyed.push(shortOf(recording, manifest));
    }
  }
  return { accepted: [...accepted.values()], refused, destroyed };
}

const shortOf = (recording: string, manifest: string): string => `${recording}-${manifest.slice(0, 8)}`;

async function verifyCopy(to: string, log: PublishedLog, { older }: CopiedLog): Promise<Summary['verified']> {
  const { ok, findings, unlisted } = await verifyLedger({
    dir: join(to, 'ledger'),
    store: join(to, 'recordings'),
    vkey: log.vkey,
    since: older === undefined ? [] : [older],
  });
  return { ok, findings, unlisted };
}

/** For people. */
export function printSummary(done: Summary, print: (line: string) => void): void {
  print(`log        ${done.log} entries`);
  print(`recordings ${done.recordings}, ${done.bytes} bytes copied`);
  for (const { recording, files } of done.lost) print(`LOST       ${recording}: ${files.join(', ')}`);
  for (const { code, file, message } of done.verified.findings) print(`${code}: ${file} ${message}`);
  print(done.ok ? `result     ${done.to} holds` : `result     ${done.to} DOES NOT HOLD`);
}

/** Is there nothing in this folder, or no such folder? */
export function isAbsent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}
