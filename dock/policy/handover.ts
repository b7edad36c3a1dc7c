import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { toHex } from '../../proto/bytes.ts';
import { decodeEntry } from '../../proto/custody-entry.ts';
import { ProofError } from '../../proto/errors.ts';
import { checkGrowth, type KeptHead } from '../../proto/growth.ts';
import { isRecordingId } from '../../proto/ids.ts';
import type { KeyRange } from '../../proto/key-range.ts';
import type { Manifest } from '../../proto/manifest.ts';
import { checkWitnesses } from '../../proto/receipt.ts';
import { parseTlogProof, verifyTlogProof, type ProvenEntry } from '../../proto/tlog-proof.ts';
import { nodeChecker } from '../ledger/checker.ts';
import { instant } from './clock.ts';
import type { CustodianKey } from './custodian/custodian-key.ts';
import type { OpeningGrant } from './custodian/grant.ts';
import type { Sealed } from './custodian/hpke.ts';
import type { KeyRequest } from './custodian/key-request.ts';
import { grantedRange } from './custodian/range.ts';
import type { TrustedLedger } from './custodian/registry.ts';
import { decide, type Decision } from './decide/decide.ts';
import type { Rules } from './decide/rules.ts';
import { KeysError } from './errors.ts';
import type { KeyBook, KeyRecord, Recorded, SeenHead } from './facts/key-book.ts';
import { manifestOnFile } from './facts/on-file.ts';
import type { WrapsShelf } from './facts/wraps.ts';
import type { Court } from './hearing.ts';
import { namingItsDecision } from './ledger/decided-again.ts';
import type { OwnLog } from './ledger/open.ts';
import type { Custody } from './ledger/pump.ts';
import { everybodySees } from './ledger/waiting.ts';
import { keyPapersOf, type KeyPapers } from './papers.ts';

/** What handing over keys needs besides the court that decides. */
export interface KeyCourt extends Court {
  readonly custodian: CustodianKey;
  readonly shelf: WrapsShelf;
  readonly keyBook: KeyBook;
  readonly log: Pick<OwnLog, 'published'>;
  /** An enrolled dock's ledger, and who must have witnessed what it shows. */
  ledgerOf(this: void, dock: string): TrustedLedger | undefined;
}

/** A court with its own way to read and sign papers, to open wraps and to seal keys. */
export interface KeySitting extends Omit<KeyCourt, 'issuer' | 'custodian'> {
  readonly papers: KeyPapers;
}

export type Handover =
  | {
      readonly given: true;
      readonly range: KeyRange;
      readonly sealed: Sealed;
      /** The entry of this service's own ledger that says so. */
      readonly custody: Custody;
    }
  | { readonly given: false; readonly decision: Decision };

/**
 * Hears one request for keys (DESIGN section 6, step 5). Everything is checked and written down before a key leaves; the same
 * request again is heard again, another one under the same grant is not. Throws KeysError for what is not as it must be, and
 * what the store throws.
 */
export function handOver(court: KeyCourt, jws: string): Promise<Handover> {
  return handOverIn({ ...court, papers: keyPapersOf(court.issuer, court.custodian) }, jws);
}

/** The same, whatever papers are made of. */
export async function handOverIn(court: KeySitting, jws: string): Promise<Handover> {
  const asked = await examine(court, jws);
  // Told now rather than after the costly part: while many open at once, some must come several times.
  checkSeen(court, asked, court.clock.nowMs());
  const recordingKey = await unwrap(court, asked);
  try {
    const first = judge(court, asked);
    const seen = checkSeen(court, asked, first.nowMs);
    const recorded = write(court, asked, { ...first, seen });
    if (!first.decision.allowed) return { given: false, decision: first.decision };
    const custody = await published(court, recorded);
    // Publishing takes a while, with witnesses seconds: what arrived meanwhile counts, as it would have a moment later.
    const second = judge(court, asked);
    if (!second.decision.allowed) {
      write(court, asked, { ...second, seen });
      return { given: false, decision: second.decision };
    }
    // What was destroyed meanwhile is gone, and a key of it in memory would be the last one.
    wrapsOf(court, asked);
    const sealed = await court.papers.sealChunkKeys(recordingKey, asked.range, asked.request.point);
    return { given: true, range: asked.range, sealed, custody };
  } finally {
    recordingKey.fill(0);
  }
}

interface Judged {
  readonly rules: Rules;
  readonly decision: Decision;
  readonly nowMs: number;
}

/** From here to the book nothing may wait: the facts the decision rests on are the facts at this moment. */
function judge({ book, clock, ruleBook }: KeySitting, { grant }: Asked): Judged {
  const nowMs = clock.nowMs();
  const { person, recording, purpose } = grant;
  const rules = ruleBook.inForce(book.known, { recording, nowMs });
  const decision = decide(rules, book.known, {
    question: { person, action: 'view', recording, purpose },
    nowMs,
  });
  return { rules, decision, nowMs };
}

/** No key leaves before everybody can see that it did. */
function published({ log }: KeySitting, { entry }: Recorded): Promise<Custody> {
  assert(entry !== undefined, 'keys were given without an entry');
  return everybodySees(log, entry, 'keys');
}

/** A request whose every part belongs to every other. */
interface Asked {
  readonly request: KeyRequest;
  readonly grant: OpeningGrant;
  readonly grantHash: string;
  readonly vkey: string;
  readonly proven: ProvenEntry;
  readonly manifest: Manifest;
  readonly range: KeyRange;
}

async function examine(court: KeySitting, jws: string): Promise<Asked> {
  const nowMs = court.clock.nowMs();
  const request = await court.papers.openKeyRequest(jws, nowMs);
  const grant = await court.papers.openOpeningGrant(request.grant, nowMs);
  if (request.signer !== grant.thumbprint)
    throw refused('OTHER_SIGNER', 'the request is signed with another key than the one the grant binds');
  const ledger = court.ledgerOf(grant.dock);
  if (ledger === undefined) throw refused('UNKNOWN_DOCK', `no dock ${grant.dock} is enrolled here`);
  const grantHash = toHex(createHash('sha256').update(request.grant).digest());
  const proven = checkEntry(request, { grant, grantHash, ledger });
  const manifest = manifestFor(court, grant);
  return {
    request,
    grant,
    grantHash,
    vkey: ledger.vkey,
    proven,
    manifest,
    range: rangeOf(court, grant, manifest),
  };
}

/**
 * The dock has written down that it used this very grant, for this very page, where everybody can see it: in a ledger that only
 * this service was ever shown nobody could, and witnesses cosign one.
 */
function checkEntry(
  { entry, proof }: KeyRequest,
  of: { readonly grant: OpeningGrant; readonly grantHash: string; readonly ledger: TrustedLedger },
): ProvenEntry {
  const { grant, grantHash, ledger } = of;
  const said = orRefuse('BAD_ENTRY', () => decodeEntry(entry));
  const isIt =
    said.type === 'granted' &&
    said.grant === grantHash &&
    said.grantId === grant.id &&
    said.recording === grant.recording &&
    said.keyThumbprint === grant.thumbprint;
  if (!isIt)
    throw refused('BAD_ENTRY', 'the ledger entry does not say that this grant was used by this page');
  return orRefuse('BAD_LEDGER_PROOF', () => {
    const proven = verifyTlogProof(proof, { entry, vkey: ledger.vkey }, nodeChecker);
    checkWitnesses(parseTlogProof(proof).checkpoint, ledger, nodeChecker);
    return proven;
  });
}

function manifestFor({ book }: KeySitting, { recording, manifest: wanted }: OpeningGrant): Manifest {
  const onFile = manifestOnFile(book, recording);
  if (onFile === undefined)
    throw refused('NOT_KEYED', 'no keys for this recording: its manifest is not on file');
  if (onFile.hash !== wanted)
    throw refused('BAD_GRANT', 'the grant is for another manifest than the one on file');
  if (onFile.manifest.suite === 0) throw refused('NOT_SEALED', 'this recording is stored as recorded');
  return onFile.manifest;
}

/** The granted range and no other; one that this service would not grant by now opens nothing either. */
function rangeOf(
  { grantMediaMs }: KeySitting,
  { recording, chunks }: OpeningGrant,
  manifest: Manifest,
): KeyRange {
  const [start, end] = chunks;
  const isRange = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end;
  if (!isRange || !isRecordingId(recording)) throw refused('BAD_GRANT', 'the grant names no chunks');
  const [mayStart, mayEnd] = grantedRange(manifest.chunks, chunks, grantMediaMs);
  if (start !== mayStart || end !== mayEnd)
    throw refused('BAD_GRANT', 'the grant is for chunks that no grant is for');
  return { recording, start, end };
}

function wrapsOf({ shelf }: KeySitting, { grant }: Asked): Uint8Array {
  const wraps = shelf.find({ recording: grant.recording, manifestHash: grant.manifest });
  if (wraps !== undefined) return wraps;
  throw refused('NOT_KEYED', 'no keys for this recording: its wraps are not on file');
}

async function unwrap(court: KeySitting, asked: Asked): Promise<Uint8Array> {
  const { shelf, papers } = court;
  const { manifest, grant } = asked;
  const wraps = wrapsOf(court, asked);
  const rewraps = shelf.rewraps({ recording: grant.recording, manifestHash: grant.manifest });
  return papers.unwrap({ manifest, wraps, rewraps });
}

/**
 * The ledger that holds the entry is the one that was seen before, only longer, or an earlier state of it: two pages may ask
 * in another order than the dock wrote. One that was given keys and had to wait for them comes again as it is, and was compared then.
 */
function checkSeen(court: KeySitting, asked: Asked, nowMs: number): SeenHead {
  const { vkey, proven, request } = asked;
  const { size, root } = proven;
  const kept = court.keyBook.head(vkey);
  const isRepeated = court.keyBook.hasGiven({ grantId: asked.grant.id, askedBy: request.hash });
  if (isRepeated) return { vkey, size, root };
  if (kept === undefined || kept.size <= size) {
    const grown = orForked(court, asked, { kept, nowMs });
    if (!grown && kept !== undefined) throw consistencyNeeded(kept.size);
  } else if (!court.keyBook.heads(vkey).some((head) => isEarlier(head, { size, root }, request))) {
    // A proof that leads to none of the sizes seen lately looks like one that does not hold.
    throw consistencyNeeded(kept.size);
  }
  return { vkey, size, root };
}

/** Two histories under one key are proof against a dock, and the second may never be shown again: it is kept first. */
function orForked(
  court: KeySitting,
  asked: Asked,
  { kept, nowMs }: { readonly kept: KeptHead | undefined; readonly nowMs: number },
): boolean {
  try {
    return orRefuse('LEDGER_FORKED', () => grows(kept, asked.proven, asked.request));
  } catch (error) {
    if (!(error instanceof KeysError) || kept === undefined) throw error;
    const { checkpoint } = parseTlogProof(asked.request.proof);
    const seenBefore = { size: kept.size, root: toHex(kept.root) };
    const answer = { reason: error.message, code: error.code, checkpoint, seenBefore };
    court.keyBook.forked({ ...rowOf(asked, nowMs), given: false, answer });
    throw error;
  }
}

function grows(older: KeptHead | undefined, newer: KeptHead, { growth }: KeyRequest): boolean {
  return checkGrowth(older, { checkpoint: newer, growth }, nodeChecker) !== 'other-start';
}

function isEarlier(kept: KeptHead, shown: KeptHead, request: KeyRequest): boolean {
  try {
    return kept.size >= shown.size && grows(shown, kept, request);
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

function write({ keyBook }: KeySitting, asked: Asked, of: Judged & { readonly seen: SeenHead }): Recorded {
  const { regime, hash: policySet } = of.rules;
  const { allowed, reason, missing, policies, newestFact } = of.decision;
  const answer = { reason, missing, policies, regime, policySet, newestFact };
  const row = { ...rowOf(asked, of.nowMs), given: allowed, answer };
  const recorded = keyBook.record(allowed ? namingItsDecision(row) : row, of.seen);
  if (recorded !== undefined) return recorded;
  throw refused(
    'GRANT_USED',
    'this grant has already given keys to another request: open the recording again',
  );
}

/** What is asked, and everything it rests on. */
function rowOf(asked: Asked, nowMs: number): Omit<KeyRecord, 'given' | 'answer'> {
  const { request, grant, grantHash, manifest, range, proven, vkey } = asked;
  const { index, size, root } = proven;
  const { dock, purpose, manifest: manifestHash, person, recording } = grant;
  return {
    at: instant(nowMs),
    grantId: grant.id,
    askedBy: request.hash,
    person,
    recording,
    request: {
      ...{
        grant: grantHash,
        dock,
        purpose,
        manifest: manifestHash,
        wraps: toHex(manifest.wrapsSha256 ?? new Uint8Array()),
      },
      ...{ chunks: [range.start, range.end], signer: request.signer, sealedTo: toHex(request.point) },
      ledger: { vkey, index, size, root: toHex(root) },
    },
  };
}

function orRefuse<Result>(code: KeysError['code'], work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new KeysError(code, `no keys: ${cause.message}`, { retry: 'never', cause });
  }
}

function consistencyNeeded(size: number): KeysError {
  const message = `a proof is needed that this ledger and the one of ${size} entries, seen before, are the same`;
  return new KeysError('CONSISTENCY_NEEDED', message, { retry: 'later', facts: { size } });
}

function refused(code: KeysError['code'], message: string): KeysError {
  return new KeysError(code, message, { retry: 'never' });
}
