import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { equal } from '../../../proto/bytes.ts';
import { openCheckpoint } from '../../../proto/checkpoint.ts';
import { parseVkey } from '../../../proto/note.ts';
import { nodeChecker } from '../../ledger/checker.ts';
import { Edge } from '../../ledger/edge.ts';
import { codeOf } from '../../ledger/errors.ts';
import { Files, type Probe } from '../../ledger/files.ts';
import { httpCosigner, type WitnessAddress } from '../../ledger/http-cosigner.ts';
import { openLedger, type OpenLedger } from '../../ledger/log.ts';
import type { Cosigner } from '../../ledger/witness.ts';
import { openLogKey } from '../custodian/log-key.ts';
import { OwnLogError } from '../errors.ts';
import type { Forged } from '../facts/commitments.ts';
import type { Outbox } from '../facts/outbox.ts';
import { type Custody, Pump, type PumpParts } from './pump.ts';

/** The service's own ledger while the service runs. */
export interface OwnLog {
  readonly vkey: string;
  /** Says that there may be something new in the outbox. */
  wake(this: void): void;
  /** Resolves once the entry of that number is where everybody can see it; see {@link Pump.published}. */
  published(this: void, seq: number): Promise<Custody>;
  /** The newest published checkpoint. */
  checkpoint(this: void): Promise<{ readonly size: number; readonly note: string }>;
  /** A file of the log as it lies on disk; undefined when there is none. For paths that were judged. */
  read(this: void, path: string): Promise<Uint8Array | undefined>;
  close(this: void): Promise<void>;
}

/** Who cosigns the ledger, and how many must have before keys are given. */
export interface Witnessing {
  readonly witnesses: readonly WitnessAddress[];
  readonly quorum: number;
  readonly lowerQuorum: boolean;
}

export interface OwnLogOptions extends Omit<PumpParts, 'ledger'>, Witnessing {
  /** The service's folder; the log is `DATA/ledger`, its key `DATA/ledger.key.pem`. */
  readonly data: string;
  readonly passphrase: string | undefined;
  /** Nothing was published yet, so a key may be made. */
  readonly isNew: boolean;
  /** As given by a person; it must be the one that the log has. */
  readonly origin: string | undefined;
  /** Of a new log that nobody has named. */
  readonly defaultOrigin: string;
  /** Holds the rest of facts.db against the outbox, once that is known to be what the log was written from; what it throws ends the start. */
  readonly check?: () => void;
  /** For fault tests. */
  readonly probe?: Probe;
  /** For tests: how a witness is reached. */
  readonly cosignerOf?: (witness: WitnessAddress) => Cosigner;
}

const PAGE = 1_000;

/**
 * Opens the service's own ledger and finishes what an interrupted process began. Throws OwnLogError: LOG_AHEAD or LOG_DIFFERS when facts.db
 * is not the one that the log was written from, LOG_KEY_LOST; LedgerError as `openLedger`; TrustError BAD_KEY.
 */
export async function openOwnLog(options: OwnLogOptions): Promise<OwnLog> {
  const { data, passphrase, outbox, timers, report, probe, quorum, lowerQuorum } = options;
  const dir = resolve(data, 'ledger');
  const key = openLogKey(join(data, 'ledger.key.pem'), { passphrase, isNew: options.isNew });
  const cosignerOf = options.cosignerOf ?? ((witness) => httpCosigner(witness, timers));
  const ledger = await openLedger({
    ...{ dir, ...key, origin: options.origin ?? originIn(dir) ?? options.defaultOrigin, clock: timers },
    ...{ cosigners: { witnesses: options.witnesses.map(cosignerOf), quorum }, lowerQuorum },
    keyOf: (_entry, index) => String(index + 1),
    place: (seq) => Number(seq) - 1,
    tell: (news) => report('error' in news ? news.error : wordsOf(news)),
    ...(probe === undefined ? {} : { probe }),
  });
  let done: number;
  try {
    done = await compare(ledger, outbox);
    options.check?.();
  } catch (cause) {
    await ledger.close();
    throw cause;
  }
  const pump = new Pump({ ...options, ledger }, done);
  const files = new Files(dir, () => undefined);
  return {
    vkey: ledger.vkey,
    wake: () => pump.wake(),
    published: (seq) => pump.published(seq),
    checkpoint: () => ledger.checkpoint(),
    read: (path) => files.read(path),
    close: () => pump.close(),
  };
}

/** The name that the log has had so far: it does not change with the address at which the service listens. */
function originIn(dir: string): string | undefined {
  try {
    return parseVkey(readFileSync(join(dir, 'vkey'), 'utf8').trim(), nodeChecker.sha256).name;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

/**
 * Holds every leaf against the outbox, by the root that the checkpoint signs, and returns how many are published. A log that knows
 * more than facts.db, or something else, means that facts.db is an older copy: going on would sign a second history.
 */
async function compare(ledger: OpenLedger, outbox: Outbox): Promise<number> {
  // Asked in one turn, so that the two fit together also while a quorum is gathered.
  const [checkpoint, intended] = await Promise.all([ledger.checkpoint(), ledger.intended()]);
  const { size, note } = checkpoint;
  const newest = outbox.newest();
  if (size + intended.length > newest) throw ahead(size + intended.length, newest);
  const edge = new Edge(nodeChecker.sha256);
  while (edge.size < size) {
    const rows = outbox.list(edge.size, Math.min(PAGE, size - edge.size));
    if (rows.length === 0) throw differs(edge.size);
    for (const { entry } of rows) edge.append(entry);
    edge.takeFiles();
  }
  const { root } = openCheckpoint(note, ledger.vkey, nodeChecker);
  if (!equal(edge.root(), root)) throw differs(await firstDifference(ledger, outbox, size));
  for (const [at, { entry }] of outbox.list(size, Math.max(1, intended.length)).entries()) {
    const leaf = intended[at];
    if (leaf !== undefined && !equal(leaf, entry)) throw differs(size + at);
  }
  return size;
}

/** For the message; what cannot be read differs too. */
async function firstDifference(ledger: OpenLedger, outbox: Outbox, size: number): Promise<number> {
  for (let start = 0; start < size; start += PAGE) {
    const leaves = await ledger.read(start, Math.min(size, start + PAGE));
    const rows = outbox.list(start, leaves.length);
    const at = leaves.findIndex((leaf, index) => !equal(leaf, rows[index]?.entry ?? new Uint8Array()));
    if (at !== -1) return start + at;
  }
  return size;
}

const REMEDY =
  'Bring back the newest copy of the whole folder, in which facts.db is as new as ledger/. If there is none, keep this folder as evidence: ' +
  'what was given out since that copy stands in ledger/ and nowhere else. Then start with a new log: move ledger/ and ledger.key.pem away, and tell whoever checks the log';

function ahead(leaves: number, entries: number): OwnLogError {
  const message = `the ledger has ${leaves} entries and facts.db only ${entries}: facts.db was restored from an older backup. ${REMEDY}`;
  return new OwnLogError('LOG_AHEAD', message, { retry: 'never', facts: { leaves, entries } });
}

function differs(index: number): OwnLogError {
  const message = `entry ${index} of the ledger is not what facts.db says: facts.db was restored from an older backup and written to. ${REMEDY}`;
  return new OwnLogError('LOG_DIFFERS', message, { retry: 'never', facts: { index } });
}

/** A fact that is not the one the ledger speaks of. */
export function forged({ row, index }: Forged): OwnLogError {
  const where =
    index === undefined
      ? 'no entry of the ledger speaks of it'
      : `entry ${index} of the ledger says otherwise`;
  const message =
    `${row} of facts.db was changed by another hand: ${where}. Keep this folder as evidence, and bring back the newest copy of the whole ` +
    'folder, in which facts.db is as new as ledger/ and nobody wrote but the service';
  return new OwnLogError('LOG_DIFFERS', message, { retry: 'never', facts: { row } });
}

function wordsOf(news: { readonly news: string; readonly witness?: string; readonly why?: string }): string {
  const { witness = '', why } = news;
  return why === undefined ? `the witness ${witness} is back` : `the witness ${witness} ${why}`;
}
