import { join, resolve } from 'node:path';
import type { Quorum } from '../../../proto/cosignature.ts';
import { parseVkey } from '../../../proto/note.ts';
import { nodeChecker } from '../checker.ts';
import { readIfThere } from './blocks.ts';
import { type CameraPins, checkCameraKeys } from './camera-keys.ts';
import { checkChains } from './chain.ts';
import { type Finding, Findings } from './finding.ts';
import { checkQuorum, cosignedAt, hasGrown, readHead, readVkey } from './head.ts';
import { readHistory } from './history.ts';
import { checkCameras, checkSince, checkTickets } from './older.ts';
import { checkRecipients } from './recipients.ts';
import { checkStore, type StoreSummary } from './store.ts';
import { checkOtherFiles } from './stray.ts';
import { checkTree } from './tree.ts';

export interface VerifyOptions {
  readonly dir: string;
  /** Pinned verifier key; without it the folder's own `vkey` file is used, which proves less. */
  readonly vkey?: string;
  /** Folder with the recordings; undefined checks the log alone. */
  readonly store?: string;
  /** Files with older checkpoints of the same log. */
  readonly since?: readonly string[];
  /** Flash memories of cameras, which keep the newest checkpoint they have seen. */
  readonly cameras?: readonly string[];
  /** Who must have cosigned the checkpoint. */
  readonly witnesses?: Quorum;
  /** Thumbprints (RFC 7638, base64url) of all who may open recordings; without it only changes are noted. */
  readonly recipients?: readonly string[];
  /** Cameras of which no other key is believed. */
  readonly cameraKeys?: CameraPins;
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
    /** Known witnesses that cosigned the checkpoint. */
    readonly cosigned: readonly string[];
    /** When each of them says it did, UTC. */
    readonly cosignedAt: Readonly<Record<string, string>>;
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
  const head = readHead(started, { vkey, file: 'checkpoint' }, findings);
  const witnesses = options.witnesses ?? { witnesses: [], quorum: 0 };
  const cosigned = checkQuorum(started, { witnesses, file: 'checkpoint' }, findings);
  const tree = head && (await checkTree(options.dir, head, findings));
  const now = head && tree && { vkey, head, tree };
  if (tree !== undefined) await checkOtherFiles(options.dir, tree, findings);
  if (now !== undefined) {
    await checkSince(options.since ?? [], now, findings);
    await checkCameras(options.cameras ?? [], now, findings);
  }
  const log = tree ?? { readable: 0, distrusted: new Set<number>(), whole: false };
  const history = await readHistory(options.dir, log, findings);
  if (log.whole) checkChains(history, findings);
  const checked =
    options.store === undefined
      ? undefined
      : await checkStore(resolve(options.store), history, {
          findings,
          whole: log.whole,
          hasGrown: () => hasGrown(options.dir, started),
        });
  const recordings =
    options.store === undefined ? undefined : { dir: resolve(options.store), opened: checked?.opened ?? [] };
  const pins = options.cameraKeys ?? new Map<string, readonly Uint8Array[]>();
  await checkCameraKeys(recordings, { enrolled: history.enrolled, pins }, findings);
  if (options.store !== undefined)
    await checkRecipients(resolve(options.store), checked?.opened ?? [], {
      known: options.recipients,
      findings,
    });
  if (now !== undefined) checkTickets(checked?.opened ?? [], now, findings);
  return {
    ok: findings.failures === 0,
    ledger: {
      dir: options.dir,
      origin: vkey === undefined ? null : parseVkey(vkey, nodeChecker.sha256).name,
      size: head?.size ?? null,
      vkey: vkey ?? null,
      pinned: options.vkey !== undefined,
      cosigned,
      cosignedAt: cosignedAt(started, witnesses.witnesses),
    },
    entries: Object.fromEntries(history.counts),
    store: checked?.summary ?? null,
    findings: findings.list,
    unlisted: findings.unlisted,
  };
}
