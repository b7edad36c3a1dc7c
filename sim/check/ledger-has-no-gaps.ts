import { nodeChecker } from '../../dock/ledger/checker.ts';
import { equal } from '../../proto/bytes.ts';
import { openCheckpoint } from '../../proto/checkpoint.ts';
import { type CustodyEntry, decodeEntry, entryKey } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import { ProofError } from '../../proto/errors.ts';
import { leafHash, nodeHash, rootOf } from '../../proto/merkle.ts';
import type { WorldEvent } from '../world/history.ts';
import { ownSignatures } from '../world/own-signatures.ts';
import type { Check, DockView, World } from './check.ts';

type Shown = Extract<WorldEvent, { what: 'checkpoint' }>;
const { sha256 } = nodeChecker;

/**
 * Every checkpoint that a dock ever showed is signed by its key and the beginning of each later one; entries decode, none stands
 * there twice, and of each camera's recordings the one after names the one before.
 */
export function ledgerHasNoGaps(): Check {
  const shown = new Map<string, Map<number, Uint8Array>>();
  // What had been shown when the power went. In one life a dock may show an older checkpoint after a newer one: who asked first is
  // answered late by a slow disk.
  const before = new Map<string, number>();
  return {
    name: 'ledger-has-no-gaps',
    promise: 4,
    see: (event, world) => {
      if (event.what === 'power-cut')
        before.set(event.machine, Math.max(0, ...(shown.get(event.machine)?.keys() ?? [])));
      if (event.what !== 'checkpoint') return undefined;
      const sizes = shown.get(event.dock) ?? new Map<number, Uint8Array>();
      shown.set(event.dock, sizes);
      const problem = grown(event, sizes, before.get(event.dock)) ?? unsigned(event, world);
      sizes.set(event.size, event.root);
      return problem;
    },
    end: async (world) => {
      const problems: string[] = [];
      const accepted: EntryOf<'accepted'>[] = [];
      for (const dock of world.docks) {
        if (!dock.isUp) {
          problems.push(`${dock.dockId} does not start any more, so that nobody can read its log`);
          continue;
        }
        const bytes = await entriesOf(dock);
        problems.push(...unlike(dock, bytes, shown.get(dock.dockId) ?? new Map()));
        const read = readAll(dock, bytes);
        problems.push(...read.problems);
        accepted.push(...read.entries.filter((entry) => entry.type === 'accepted'));
      }
      return [...problems, ...brokenLinks(accepted)];
    },
  };
}

function grown(
  { dock, size, root }: Shown,
  sizes: ReadonlyMap<number, Uint8Array>,
  least = 0,
): string | undefined {
  const known = sizes.get(size);
  if (known !== undefined && !equal(known, root)) return `${dock} showed two trees of ${size} entries`;
  return size < least
    ? `${dock} showed ${size} entries after the power went, and ${least} before`
    : undefined;
}

function unsigned({ dock, size, root, note }: Shown, world: World): string | undefined {
  const vkey = world.docks.find(({ dockId }) => dockId === dock)?.vkey;
  if (vkey === undefined) return `${dock} is no dock of this world`;
  try {
    const checkpoint = openCheckpoint(note, vkey, ownSignatures);
    const isSame = checkpoint.size === size && equal(checkpoint.root, root);
    return isSame ? undefined : `${dock} signed another tree than it showed`;
  } catch (error) {
    if (error instanceof ProofError)
      return `${dock} showed a checkpoint that it did not sign: ${error.message}`;
    throw error;
  }
}

async function entriesOf({ ledger }: DockView): Promise<readonly Uint8Array[]> {
  const { size } = await ledger.checkpoint();
  return ledger.read(0, size);
}

/** The log as it can be read now, against everything that was ever said about it. */
function unlike(
  { dockId }: DockView,
  entries: readonly Uint8Array[],
  sizes: ReadonlyMap<number, Uint8Array>,
): readonly string[] {
  const roots = rootsOf(entries.map((entry) => leafHash(sha256, entry)));
  return [...sizes].flatMap(([size, root]) => {
    const own = roots[size];
    if (own === undefined) return [`${dockId} has ${entries.length} entries, and has shown ${size}`];
    if (equal(own, root)) return [];
    return [`the first ${size} entries of ${dockId} are not those that it has shown`];
  });
}

/** The root of the first 0, 1, 2, … leaves (RFC 9162 section 2.1.1), with the whole trees under it kept from one to the next. */
function rootsOf(leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  const whole: { readonly count: number; readonly hash: Uint8Array }[] = [];
  const roots = [rootOf(sha256, [])];
  for (const leaf of leaves) {
    let tree = { count: 1, hash: leaf };
    for (let left = whole.at(-1); left?.count === tree.count; left = whole.at(-1)) {
      whole.pop();
      tree = { count: 2 * tree.count, hash: nodeHash(sha256, left.hash, tree.hash) };
    }
    whole.push(tree);
    roots.push(whole.slice(0, -1).reduceRight((right, { hash }) => nodeHash(sha256, hash, right), tree.hash));
  }
  return roots;
}

function readAll(
  { dockId }: DockView,
  all: readonly Uint8Array[],
): { readonly entries: readonly CustodyEntry[]; readonly problems: readonly string[] } {
  const entries: CustodyEntry[] = [];
  const problems: string[] = [];
  const keys = new Set<string>();
  for (const [index, bytes] of all.entries()) {
    try {
      const entry = decodeEntry(bytes);
      if (entry.type === 'unknown')
        problems.push(`entry ${index} of ${dockId} is of a type that nobody knows`);
      else if (keys.has(entryKey(entry))) problems.push(`entry ${index} of ${dockId} stands there twice`);
      else {
        keys.add(entryKey(entry));
        entries.push(entry);
      }
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      problems.push(`entry ${index} of ${dockId} cannot be read: ${error.message}`);
    }
  }
  return { entries, problems };
}

/** A recording that is missing between two shows by its number; what follows another one directly must name it. */
function brokenLinks(accepted: readonly EntryOf<'accepted'>[]): readonly string[] {
  const byNumber = new Map<string, EntryOf<'accepted'>>();
  const problems: string[] = [];
  for (const entry of accepted) {
    const name = `${entry.camera}/${entry.counter}`;
    const other = byNumber.get(name);
    if (other !== undefined && other.recording !== entry.recording)
      problems.push(`${entry.camera} has two recordings of number ${entry.counter}`);
    byNumber.set(name, entry);
  }
  for (const { camera, counter, recording, previousRoot } of accepted) {
    const before = byNumber.get(`${camera}/${counter - 1}`);
    if (before !== undefined && before.root !== previousRoot)
      problems.push(`${recording} of ${camera} does not name ${before.recording}, which it follows`);
  }
  return problems;
}
