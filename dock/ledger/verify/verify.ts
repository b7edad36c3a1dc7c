import { join, resolve } from 'node:path';
import { equal, text } from '../../../proto/bytes.ts';
import { openCheckpoint, parseCheckpoint } from '../../../proto/checkpoint.ts';
import { ProofError } from '../../../proto/errors.ts';
import { parseVkey } from '../../../proto/note.ts';
import { nodeChecker } from '../checker.ts';
import { firstLeaves, levelsOf, readIfThere } from './blocks.ts';
import { checkChains } from './chain.ts';
import { type Finding, Findings } from './finding.ts';
import { readHistory } from './history.ts';
import { checkStore, type StoreSummary } from './store.ts';
import { checkOtherFiles } from './stray.ts';
import { type CheckedTree, checkTree, type Head } from './tree.ts';

export interface VerifyOptions {
  readonly dir: string;
  /** Pinned verifier key; without it the folder's own `vkey` file is used, which proves less. */
  readonly vkey?: string;
  /** Folder with the recordings; undefined checks the log alone. */
  readonly store?: string;
  /** File with an older checkpoint of the same log. */
  readonly since?: string;
}

export interface Report {
  /** No finding is a failure. */
  readonly ok: boolean;
  readonly ledger: {
    readonly dir: string;
    readonly origin: string | null;
    readonly size: number | null;
    readonly vkey: string | null;
    readonly pinned: boolean;
  };
  /** How many entries of each type. */
  readonly entries: Readonly<Record<string, number>>;
  readonly store: StoreSummary | null;
  readonly findings: readonly Finding[];
  /** Findings past the thousandth, which are only counted. */
  readonly unlisted: number;
}

/**
 * Checks a ledger folder, and the recordings beside it, from their files alone: nothing of the dock, its database or its
 * log writer is used or believed. Everything that is wrong becomes a finding; only a failing disk rejects.
 */
export async function verifyLedger(options: VerifyOptions): Promise<Report> {
  const findings = new Findings();
  const started = await readIfThere(join(options.dir, 'checkpoint'));
  const vkey = await readVkey(options, findings);
  const head = await readHead(options.dir, vkey, findings);
  const tree = head && (await checkTree(options.dir, head, findings));
  if (tree !== undefined) await checkOtherFiles(options.dir, tree, findings);
  if (options.since !== undefined && head !== undefined && tree !== undefined) {
    await checkSince(options.since, { vkey, head, tree }, findings);
  }
  const log = tree ?? { readable: 0, distrusted: new Set<number>(), whole: false };
  const history = await readHistory(options.dir, log, findings);
  if (log.whole) checkChains(history, findings);
  const store =
    options.store === undefined
      ? null
      : await checkStore(resolve(options.store), history, {
          findings,
          whole: log.whole,
          hasGrown: () => hasGrown(options.dir, started),
        });
  return {
    ok: findings.failures === 0,
    ledger: {
      dir: options.dir,
      origin: vkey === undefined ? null : parseVkey(vkey, nodeChecker.sha256).name,
      size: head?.size ?? null,
      vkey: vkey ?? null,
      pinned: options.vkey !== undefined,
    },
    entries: Object.fromEntries(history.counts),
    store,
    findings: findings.list,
    unlisted: findings.unlisted,
  };
}

async function hasGrown(dir: string, started: Uint8Array | undefined): Promise<boolean> {
  const now = await readIfThere(join(dir, 'checkpoint'));
  return now !== undefined && started !== undefined && !equal(now, started);
}

/** The key to check with, or undefined when there is none that can be used. */
async function readVkey(options: VerifyOptions, findings: Findings): Promise<string | undefined> {
  const file = options.vkey === undefined ? 'vkey' : '--vkey';
  const bytes = await readIfThere(join(options.dir, 'vkey'));
  const vkey = options.vkey ?? (bytes && asText(bytes)?.trim());
  if (vkey === undefined) {
    findings.add({ code: 'vkey-invalid', file, message: 'is missing' });
    return undefined;
  }
  try {
    parseVkey(vkey, nodeChecker.sha256);
  } catch (error) {
    findings.add({ code: 'vkey-invalid', file, message: problemOf(error) });
    return undefined;
  }
  if (options.vkey === undefined) {
    findings.add({ code: 'vkey-unpinned', file, message: `the key came from the folder itself: ${vkey}` });
  }
  return vkey;
}

/** The tree that the checkpoint signs. One whose signature fails is still read, to find what else is wrong. */
async function readHead(
  dir: string,
  vkey: string | undefined,
  findings: Findings,
): Promise<Head | undefined> {
  const bytes = await readIfThere(join(dir, 'checkpoint'));
  if (bytes === undefined) {
    findings.add({ code: 'checkpoint-missing', file: 'checkpoint', message: 'is missing' });
    return undefined;
  }
  const note = asText(bytes) ?? '';
  if (vkey !== undefined) {
    try {
      return openCheckpoint(note, vkey, nodeChecker);
    } catch (error) {
      findings.add({ code: 'checkpoint-signature', file: 'checkpoint', message: problemOf(error) });
    }
  }
  try {
    return parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
  } catch {
    return undefined;
  }
}

/** Was the log only ever appended to since that older checkpoint? */
async function checkSince(
  path: string,
  now: { readonly vkey: string | undefined; readonly head: Head; readonly tree: CheckedTree },
  findings: Findings,
): Promise<void> {
  const bytes = await readIfThere(path);
  let older: Head;
  try {
    if (now.vkey === undefined)
      throw new ProofError('BAD_NOTE', 'there is no key to check it with', { retry: 'never' });
    older = openCheckpoint((bytes && asText(bytes)) ?? '', now.vkey, nodeChecker);
  } catch (error) {
    findings.add({ code: 'since-signature', file: path, message: problemOf(error) });
    return;
  }
  const leaves = now.tree.levels?.blocks[0] ?? [];
  if (older.size > now.head.size) {
    const message = `the log had ${older.size} entries when this was signed, now it has ${now.head.size}`;
    findings.add({ code: 'log-truncated', file: path, index: now.head.size, message });
  } else if (
    now.tree.levels !== undefined &&
    !equal(levelsOf(firstLeaves(leaves, older.size)).root, older.root)
  ) {
    const message = `the first ${older.size} entries are not those that this checkpoint signed`;
    findings.add({ code: 'since-mismatch', file: path, message });
  }
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return text(bytes);
  } catch {
    return undefined;
  }
}

function problemOf(error: unknown): string {
  if (error instanceof ProofError) return error.message;
  throw error;
}
