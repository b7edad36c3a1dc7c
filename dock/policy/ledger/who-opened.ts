import { join } from 'node:path';
import type { Quorum } from '../../../proto/cosignature.ts';
import { formatInstant, parseInstant } from '../../../proto/instant.ts';
import { parseVkey } from '../../../proto/note.ts';
import type { DecisionShown, KeysReleased } from '../../../proto/policy-entry.ts';
import { nodeChecker } from '../../ledger/checker.ts';
import { readIfThere } from '../../ledger/verify/blocks.ts';
import { type Finding, Findings } from '../../ledger/verify/finding.ts';
import { checkQuorum, cosignedAt, readHead, readVkey } from '../../ledger/verify/head.ts';
import { checkSince } from '../../ledger/verify/older.ts';
import { checkOtherFiles } from '../../ledger/verify/stray.ts';
import { checkTree } from '../../ledger/verify/tree.ts';
import { compareOutbox, type OwnBook } from './own-book.ts';
import type { Rests } from './decided-again.ts';
import { readStatements, type Standing, type Statements } from './statements.ts';

/** Who is meant, as far as it can be told. */
interface Named extends Standing {
  /** The id behind the pseudonym, where the service's own folder tells it. */
  readonly name: string | null;
}

/** One giving of keys, as the ledger says it. `decision` names what it rests on, and is lacking in entries of older versions. */
export interface Given extends KeysReleased, Named {
  /** The rows of facts.db that it rests on, where the service's own folder tells them. */
  readonly rests: Rests | null;
}

/** One decision record that was given out, as the ledger says it. */
export interface Shown extends DecisionShown, Named {}

export interface WhoOpened {
  /** No finding is a failure: the answer may be relied on. */
  readonly ok: boolean;
  readonly recording: string;
  /** RFC 3339; null when all times were asked about. */
  readonly before: string | null;
  /** Who was given keys of the recording before that moment, oldest first. */
  readonly given: readonly Given[];
  /** Who was given a decision about it as a signed record, likewise. */
  readonly shown: readonly Shown[];
  readonly ledger: {
    readonly dir: string;
    readonly origin: string | null;
    readonly size: number | null;
    readonly vkey: string | null;
    readonly pinned: boolean;
    readonly cosigned: readonly string[];
    readonly cosignedAt: Readonly<Record<string, string>>;
    /** Up to when the log speaks: by its witnesses where some are known, else by its newest entry; null when it says nothing. */
    readonly until: string | null;
  };
  /** How many entries of each type. */
  readonly entries: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  readonly unlisted: number;
}

export interface WhoOpenedOptions {
  /** Folder of the log; a bare copy will do. */
  readonly dir: string;
  readonly recording: string;
  /** Microseconds since 1970. */
  readonly beforeUs?: number;
  readonly vkey?: string;
  readonly witnesses: Quorum;
  /** Files with other checkpoints of this log. */
  readonly since: readonly string[];
  /** What the service's own folder knows besides; read after the log was. */
  readonly ownBook?: () => OwnBook;
}

/**
 * Checks the whole log of a policy service from its files alone, and reads off who was given keys of a recording. Everything that is
 * wrong becomes a finding; only a failing disk, and what `ownBook` throws, rejects.
 */
export async function whoOpened(options: WhoOpenedOptions): Promise<WhoOpened> {
  const { dir, recording, beforeUs, witnesses } = options;
  const findings = new Findings();
  const checkpoint = await readIfThere(join(dir, 'checkpoint'));
  const vkey = await readVkey(options, findings);
  const head = readHead(checkpoint, { vkey, file: 'checkpoint' }, findings);
  const cosigned = checkQuorum(checkpoint, { witnesses, file: 'checkpoint' }, findings);
  const tree = head && (await checkTree(dir, head, findings));
  if (tree !== undefined) await checkOtherFiles(dir, tree, findings);
  if (head !== undefined && tree !== undefined)
    await checkSince(options.since, { vkey, head, tree }, findings);
  const statements = await readStatements(dir, tree, { recording, findings });
  const own = options.ownBook?.();
  const pending = own === undefined ? [] : compareOutbox(statements, own, { recording, findings });
  const at = cosignedAt(checkpoint, witnesses.witnesses);
  const until = speaksUntil(statements, Object.values(at), witnesses);
  checkUntil(until, beforeUs, findings);
  const names = own?.names ?? new Map<string, string>();
  const about = [...statements.about, ...pending]
    .filter((one) => beforeUs === undefined || (parseInstant(one.at) ?? 0) < beforeUs)
    .map((one) => ({ ...one, name: names.get(one.person) ?? null }));
  return {
    ok: findings.failures === 0,
    recording,
    before: beforeUs === undefined ? null : formatInstant(beforeUs),
    given: about
      .filter((one) => one.type === 'keys.released')
      .map((one) => ({ ...one, rests: own?.rests.get(one.index) ?? null })),
    shown: about.filter((one) => one.type === 'decision.shown'),
    ledger: {
      ...{ dir, origin: vkey === undefined ? null : parseVkey(vkey, nodeChecker.sha256).name },
      ...{ size: head?.size ?? null, vkey: vkey ?? null, pinned: options.vkey !== undefined },
      ...{ cosigned, cosignedAt: at, until: until ?? null },
    },
    entries: Object.fromEntries(statements.counts),
    findings: findings.list,
    unlisted: findings.unlisted,
  };
}

/**
 * A witness that cosigned at some time had seen nothing newer by then. Of those that must have cosigned the one that did so first
 * counts. Without witnesses there is only the log's own word.
 */
function speaksUntil(
  { newestAt }: Statements,
  cosignedAt: readonly string[],
  { witnesses, quorum }: Quorum,
): string | undefined {
  if (witnesses.length === 0) return newestAt;
  return cosignedAt.toSorted().toReversed()[Math.max(1, quorum) - 1];
}

function checkUntil(until: string | undefined, beforeUs: number | undefined, findings: Findings): void {
  if (beforeUs === undefined) return;
  if (until !== undefined && (parseInstant(until) ?? 0) >= beforeUs) return;
  const speaks = until === undefined ? 'says nothing yet' : `speaks up to ${until}`;
  const message = `${speaks}, and ${formatInstant(beforeUs)} was asked about: what was given in between may stand in a newer one`;
  findings.add({ code: 'checkpoint-old', file: 'checkpoint', message });
}
