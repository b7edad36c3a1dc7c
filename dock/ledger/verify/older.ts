import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { equal, toHex } from '../../../proto/bytes.ts';
import { openCheckpoint } from '../../../proto/checkpoint.ts';
import { ProofError } from '../../../proto/errors.ts';
import { isDockId } from '../../../proto/ids.ts';
import { rootOf, verifyConsistency } from '../../../proto/merkle.ts';
import { nodeChecker } from '../checker.ts';
import { readIfThere, rootOfFirst } from './blocks.ts';
import type { Findings } from './finding.ts';
import { asText, problemOf } from './head.ts';
import type { OpenedRecording } from './store.ts';
import type { CheckedTree, Head } from './tree.ts';

/** The log as it is now. */
export interface Now {
  readonly vkey: string | undefined;
  readonly head: Head;
  readonly tree: CheckedTree;
}

/** A checkpoint that somebody kept. */
interface Older extends Head {
  readonly file: string;
}

/** Was the log only ever appended to since each of these checkpoints, and do they agree with one another? */
export async function checkSince(paths: readonly string[], now: Now, findings: Findings): Promise<void> {
  const bySize = new Map<number, Older>();
  for (const file of paths) {
    const older = await readOlder(file, now, findings);
    if (older === undefined) continue;
    const same = bySize.get(older.size);
    if (same !== undefined && !equal(same.root, older.root)) {
      const message = `and ${same.file} sign two different trees of ${older.size} entries`;
      findings.add({ code: 'forked', file, message });
    }
    bySize.set(older.size, older);
    checkOlder(older, now, findings);
  }
}

/**
 * The same with what cameras keep: `folders` are their flash memories, each with the newest checkpoint of every dock that the
 * camera has met in `tickets/`. Those of other docks' logs say nothing here.
 */
export async function checkCameras(folders: readonly string[], now: Now, findings: Findings): Promise<void> {
  for (const folder of folders) {
    const tickets = join(folder, 'tickets');
    // Anything else is a draft that a power cut left.
    for (const name of (await readdir(tickets)).filter(isDockId)) {
      const file = join(tickets, name);
      const note = noteIn(await readIfThere(file));
      if (note === undefined) findings.add({ code: 'since-signature', file, message: 'holds no checkpoint' });
      const head = note === undefined || now.vkey === undefined ? undefined : ticketOf(note, now.vkey);
      if (head !== undefined) checkOlder({ ...head, file }, now, findings);
    }
  }
}

/** A ticket is a line of JSON with a checksum behind it; the signature inside is what counts. */
function noteIn(bytes: Uint8Array | undefined): string | undefined {
  const line = bytes && asText(bytes);
  try {
    const { note } = JSON.parse(line?.slice(0, line.lastIndexOf('}') + 1) ?? '') as {
      readonly note?: unknown;
    };
    return typeof note === 'string' ? note : undefined;
  } catch {
    return undefined;
  }
}

async function readOlder(file: string, now: Now, findings: Findings): Promise<Older | undefined> {
  const bytes = await readIfThere(file);
  try {
    if (now.vkey === undefined)
      throw new ProofError('BAD_NOTE', 'there is no key to check it with', { retry: 'never' });
    return { ...openCheckpoint((bytes && asText(bytes)) ?? '', now.vkey, nodeChecker), file };
  } catch (error) {
    findings.add({ code: 'since-signature', file, message: problemOf(error) });
    return undefined;
  }
}

function checkOlder({ file, size, root }: Older, { head, tree }: Now, findings: Findings): void {
  if (size > head.size) {
    const message = `the log had ${size} entries when this was signed, now it has ${head.size}`;
    findings.add({ code: 'log-truncated', file, index: head.size, message });
  } else if (size === head.size && !equal(root, head.root)) {
    const message = `and the checkpoint sign two different trees of ${size} entries`;
    findings.add({ code: 'forked', file, message });
  } else if (tree.levels !== undefined && !equal(rootOfFirst(tree.levels, size), root)) {
    const message = `the first ${size} entries are not those that this checkpoint signed`;
    findings.add({ code: 'since-mismatch', file, message });
  }
}

/**
 * A camera signs into each manifest the newest checkpoint it had seen when it began to record: an older checkpoint that
 * nobody at the dock can change. Those of other docks' logs say nothing here.
 */
export function checkTickets(opened: readonly OpenedRecording[], now: Now, findings: Findings): void {
  const seen = new Set<string>();
  for (const { placed, manifest } of opened) {
    const { vkey } = now;
    if (manifest.ticket === undefined || vkey === undefined) continue;
    const ticket = ticketOf(manifest.ticket, vkey);
    if (ticket === undefined) continue;
    const file = `${placed.entry.recording}/manifest`;
    const problem = ticketProblem(ticket, placed.index, { now, seen });
    if (problem !== undefined)
      findings.add({ code: 'ticket-mismatch', file, index: placed.index, message: problem });
  }
}

/** The head that a ticket names; undefined unless this log's key signed it. */
export function ticketOf(note: string, vkey: string): Head | undefined {
  try {
    return openCheckpoint(note, vkey, nodeChecker);
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

/** Does this proof (RFC 6962) show that the log only grew? Every log begins with the empty one, which has one root and needs none. */
export function hasGrown(seen: Head, now: Head, proof: readonly Uint8Array[]): boolean {
  const { sha256 } = nodeChecker;
  if (seen.size === 0) return proof.length === 0 && equal(seen.root, rootOf(sha256, []));
  const claim = { oldSize: seen.size, newSize: now.size, oldRoot: seen.root, newRoot: now.root, proof };
  return verifyConsistency(sha256, claim);
}

function ticketProblem(
  { size, root }: Head,
  index: number,
  { now, seen }: { readonly now: Now; readonly seen: Set<string> },
): string | undefined {
  if (size > index)
    return `its camera had seen ${size} entries before it recorded, and it was accepted as entry ${index}`;
  const name = `${size} ${toHex(root)}`;
  if (seen.has(name)) return undefined;
  if (now.tree.levels === undefined || equal(rootOfFirst(now.tree.levels, size), root)) {
    seen.add(name);
    return undefined;
  }
  return `its camera had seen a log whose first ${size} entries are not those of this one`;
}
