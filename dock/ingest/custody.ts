import assert from 'node:assert/strict';
import { equal, toBase64, toHex } from '../../proto/bytes.ts';
import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../proto/custody-entry.ts';
import type { Checker } from '../../proto/digest.ts';
import { FieldError, ProofError } from '../../proto/errors.ts';
import type { CameraId } from '../../proto/ids.ts';
import { formatInstant } from '../../proto/instant.ts';
import { type Manifest, openManifest, peekManifest, signedPartsOf } from '../../proto/manifest.ts';
import { recordingRoot } from '../../proto/merkle.ts';
import type { Growth, Outcome, Receipt } from '../../proto/messages.ts';
import { signReceipt } from '../../proto/receipt.ts';
import type {
  ChunkStore,
  Clock,
  Holding,
  HoldingKey,
  Keys,
  Ledger,
  Mirror,
  Rehashed,
  SealMemory,
} from '../ports.ts';

/** What taking custody needs. */
export interface CustodyPorts {
  readonly store: ChunkStore & SealMemory;
  readonly mirror: Mirror;
  readonly ledger: Ledger;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly checker: Checker;
  /** Something in custody does not read back: whoever looks after it is to look now. Must not throw. */
  readonly doubt: (key: HoldingKey) => void;
}

/**
 * Why custody cannot be taken now; the camera keeps its copy until somebody has looked.
 *
 * - `CAMERA_UNKNOWN`: the camera's key is no longer on file, so nothing can be judged.
 * - `COPY_ROTTEN`: what was accepted does not read back any more. Once it is mended, or set aside, the camera gets its receipt, or
 *   brings the recording again: its own copy is perhaps the last good one.
 * - `LEDGER_BEHIND`: the camera keeps a larger checkpoint of this log than there is. The log was set back, and any receipt
 *   from it would be refused.
 * - `WRAPS_LOST`: a sealed recording came without the wraps that its manifest promises: nobody could ever open it.
 */
export class CustodyError extends FieldError<
  'CAMERA_UNKNOWN' | 'COPY_ROTTEN' | 'LEDGER_BEHIND' | 'WRAPS_LOST'
> {}

/** What became of the upload, and what its camera keeps. */
export interface Asked {
  /** Why this recording can only be quarantined. */
  readonly condemned?: string | undefined;
  /** Size of the checkpoint of this log that the camera keeps; 0: none. */
  readonly ledgerSize: number;
}

/** What became of a recording, and the receipt that says so. */
export interface Settled {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly entryIndex: number;
  readonly receipt: Receipt;
  /** Of the checkpoint in the receipt. */
  readonly logSize: number;
  /** The camera's verified word, when the recording is in custody. */
  readonly manifest?: Manifest;
  readonly signedManifest?: Uint8Array;
}

/**
 * Takes custody of one recording whose chunks are all durable. The camera may erase its copy once it holds
 * the receipt, so nothing below may be reordered: read back, check, second copy, record, settle, receipt. Reading back
 * comes before every receipt, that of a settled recording too: the camera that asks again has perhaps the last good copy.
 * Throws StoreError STORE_ROT when the disk does not give back what was put and not accepted yet, STORE_MIRROR while there can be no
 * second copy, LedgerError, CustodyError.
 */
export async function takeCustody(
  holding: Holding,
  { condemned, ledgerSize }: Asked,
  ports: CustodyPorts,
): Promise<Settled> {
  await checkSeen(holding.cameraId, ledgerSize, ports);
  const settling = { holding, ledgerSize };
  if (holding.state !== 'incoming') return settledBefore(settling, ports);
  if (condemned !== undefined) return quarantine(settling, condemned, ports);
  const stored = await ports.store.rehash(holding);
  const manifest = await judge(holding, stored, ports);
  if ('condemned' in manifest) return quarantine(settling, manifest.condemned, ports);
  const copies = await ports.mirror.copy(holding);
  // A crash after this line leaves an entry without a receipt. The camera keeps its copy
  // and asks again; the entry is keyed by recording id, so asking twice adds nothing.
  const accepted = { manifest: manifest.manifest, stored, copies };
  const entryIndex = await append(acceptedEntry(holding, accepted, ports), ports);
  if (!(await entryIsAbout(holding, entryIndex, ports)))
    return quarantine(settling, 'recording-conflict', ports);
  await ports.store.settle(holding, { state: 'held', entryIndex });
  const settled = await receiptFor(settling, { outcome: 'accepted', entryIndex }, ports);
  return { ...settled, manifest: manifest.manifest, signedManifest: stored.signedManifest };
}

/** A camera that has seen more of this log than there is keeps its footage: what it saw was taken away. */
async function checkSeen(cameraId: CameraId, seen: number, { ledger }: CustodyPorts): Promise<void> {
  if (seen === 0) return;
  const { size: has } = await ledger.checkpoint();
  if (seen > has) throw ledgerBehind(cameraId, { seen, has });
}

/** A log that was set back, as a camera that remembers it shows. */
export function ledgerBehind(
  cameraId: CameraId,
  { seen, has }: { readonly seen: number; readonly has: number },
): CustodyError {
  const message = `camera ${cameraId} has seen ${seen} entries of this log, which has ${has}`;
  return new CustodyError('LEDGER_BEHIND', message, { retry: 'later', facts: { cameraId, seen, has } });
}

interface Settling {
  readonly holding: Holding;
  readonly ledgerSize: number;
}

/** The receipt of what was settled before. What was destroyed at the end of its time was settled as it says itself. */
async function settledBefore(settling: Settling, ports: CustodyPorts): Promise<Settled> {
  const { holding } = settling;
  const { state, entryIndex, reason } = holding;
  if (state === 'quarantined') return quarantine(settling, reason ?? 'quarantined', ports);
  assert(entryIndex !== undefined, 'what is settled has an entry');
  if (state === 'held') await readAccepted(holding, ports);
  const outcome = reason === undefined ? 'accepted' : 'quarantined';
  return receiptFor(settling, { outcome, entryIndex }, ports);
}

async function readAccepted(holding: Holding, { store, mirror, doubt }: CustodyPorts): Promise<void> {
  try {
    await store.rehash(holding);
    await mirror.copy(holding);
  } catch (error) {
    if (!(error instanceof FieldError) || error.code !== 'STORE_ROT') throw error;
    doubt(holding);
    const { recordingId } = holding;
    const message = `recording ${recordingId} was accepted, and has to be mended: ${error.message}`;
    throw new CustodyError('COPY_ROTTEN', message, { retry: 'later', facts: { recordingId }, cause: error });
  }
}

/** What is refused is kept too, under custody of its own, so that it neither vanishes nor fills the camera for ever. */
async function quarantine(settling: Settling, reason: string, ports: CustodyPorts): Promise<Settled> {
  const { holding, ledgerSize } = settling;
  // The camera frees this too, so it is read back like anything else; what only promised content has none.
  const stored = holding.contentBytes > 0 ? await ports.store.rehash(holding) : undefined;
  if (holding.state === 'quarantined' && holding.entryIndex !== undefined)
    return receiptFor(settling, { outcome: 'quarantined', entryIndex: holding.entryIndex }, ports);
  const counter = numberOf(holding, stored?.signedManifest ?? holding.signedManifest, ports);
  const entryIndex = await append(
    {
      type: 'refused',
      at: formatInstant(ports.clock.wallUs()),
      recording: holding.recordingId,
      camera: holding.cameraId,
      manifest: toHex(holding.manifestSha256),
      reason: reason.split(':', 1)[0] ?? reason,
      bytes: holding.contentBytes,
      ...(counter === undefined ? {} : { counter }),
    },
    ports,
  );
  await ports.store.settle(holding, { state: 'quarantined', entryIndex, reason });
  const refused = { holding: { ...holding, reason }, ledgerSize };
  return receiptFor(refused, { outcome: 'quarantined', entryIndex }, ports);
}

/**
 * The number of a refused recording in its camera's series, by the camera's signed word about this very recording. Anybody
 * else's word would let them hide a recording that never came behind a number of their own choice.
 */
function numberOf(
  { recordingId, cameraId, manifestSha256 }: Holding,
  signed: Uint8Array | undefined,
  { keys, checker }: CustodyPorts,
): number | undefined {
  const publicKey = keys.camera(cameraId);
  if (publicKey === undefined || signed === undefined) return undefined;
  if (!equal(checker.sha256(signed), manifestSha256)) return undefined;
  try {
    const { message, signature } = signedPartsOf(signed);
    if (!checker.verify(publicKey, message, signature)) return undefined;
    const manifest = peekManifest(signed);
    const isAboutThis = manifest.recordingId === recordingId && manifest.cameraId === cameraId;
    return isAboutThis ? manifest.counter : undefined;
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

/** Compares what the disk gave back with what the camera signed. */
async function judge(
  holding: Holding,
  stored: Rehashed,
  ports: CustodyPorts,
): Promise<{ manifest: Manifest } | { condemned: string }> {
  const judged = judgeContent(holding, stored, ports);
  if ('condemned' in judged) return judged;
  checkWraps(judged.manifest, stored, ports);
  // What was accepted before it sealed, and rotted here, is what it was.
  if (holding.entryIndex !== undefined) return judged;
  // Whoever could make a camera stop sealing could read along from then on. What it recorded before it sealed may come late.
  const { suite, counter } = judged.manifest;
  if (suite === 0 && (await ports.store.hasSealed(holding.cameraId, counter)))
    return {
      condemned: 'seal-off: this camera has sealed its recordings before, and this one is not sealed',
    };
  return judged;
}

function checkWraps(
  { recordingId, wrapsSha256 }: Manifest,
  { wraps }: Rehashed,
  { checker }: CustodyPorts,
): void {
  if (wrapsSha256 === undefined) return;
  if (wraps !== undefined && equal(checker.sha256(wraps), wrapsSha256)) return;
  const message = `the wraps of recording ${recordingId} are not those of its manifest`;
  throw new CustodyError('WRAPS_LOST', message, { retry: 'later' });
}

function judgeContent(
  holding: Holding,
  stored: Rehashed,
  { keys, checker }: CustodyPorts,
): { manifest: Manifest } | { condemned: string } {
  const publicKey = keys.camera(holding.cameraId);
  if (publicKey === undefined) {
    const message = `camera ${holding.cameraId} is no longer enrolled at this dock`;
    throw new CustodyError('CAMERA_UNKNOWN', message, { retry: 'never' });
  }
  if (!equal(checker.sha256(stored.signedManifest), holding.manifestSha256))
    return { condemned: 'bad-manifest: not the manifest that was offered' };
  try {
    const manifest = openManifest(stored.signedManifest, publicKey, checker);
    if (manifest.recordingId !== holding.recordingId || manifest.cameraId !== holding.cameraId)
      return { condemned: 'bad-manifest: it is about another recording or camera' };
    if (!equal(recordingRoot(checker.sha256, stored.digests), manifest.root))
      return { condemned: 'root-mismatch: what is stored is not what the camera signed' };
    return { manifest };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { condemned: `bad-manifest: ${error.message}` };
  }
}

interface Accepted {
  readonly manifest: Manifest;
  readonly stored: Rehashed;
  readonly copies: number;
}

function acceptedEntry(
  holding: Holding,
  { manifest, stored, copies }: Accepted,
  { clock, keys }: CustodyPorts,
): CustodyEntry {
  return {
    type: 'accepted',
    at: formatInstant(clock.wallUs()),
    recording: holding.recordingId,
    camera: holding.cameraId,
    counter: manifest.counter,
    previousRoot: toHex(manifest.previousRoot),
    manifest: toHex(holding.manifestSha256),
    root: toHex(manifest.root),
    bytes: manifest.contentBytes,
    chunks: manifest.chunks.length,
    stamps: toHex(stored.stampsSha256),
    transport: holding.transport,
    receivedAt: formatInstant(stored.received.receivedAtUs),
    uncertaintyUs: stored.received.uncertaintyUs,
    basis: stored.received.basis,
    officer: keys.pseudonym(manifest.officerId),
    suite: manifest.suite,
    ...(manifest.wrapsSha256 === undefined ? {} : { wraps: toHex(manifest.wrapsSha256) }),
    copies,
    ...(stored.received.epoch === undefined ? {} : { epoch: stored.received.epoch }),
  };
}

async function receiptFor(
  { holding, ledgerSize }: Settling,
  { outcome, entryIndex }: { readonly outcome: Outcome; readonly entryIndex: number },
  ports: CustodyPorts,
): Promise<Settled> {
  const entry = await entryAt(entryIndex, ports);
  const reason = outcome === 'quarantined' ? (holding.reason ?? '') : '';
  const { proof, consistency, size: logSize } = await ports.ledger.proveSince(entryIndex, ledgerSize);
  const { recordingId, manifestSha256 } = holding;
  const body = { outcome, recordingId, manifestSha256, entry, proof, reason };
  const receipt = signReceipt({ ...body, ...growthSince(ledgerSize, consistency) }, (message) =>
    ports.keys.sign(message),
  );
  return { outcome, reason, entryIndex, receipt, logSize };
}

/** What a message says of the log's growth since the checkpoint that the camera keeps; nothing when it keeps none. */
export function growthSince(from: number, consistency: readonly Uint8Array[]): Growth {
  return from === 0 ? {} : { consistencyFrom: from, consistency };
}

/** The ledger keeps the first entry under a key: is it about this manifest, or about an earlier one? */
async function entryIsAbout(holding: Holding, entryIndex: number, ports: CustodyPorts): Promise<boolean> {
  const entry = decodeEntry(await entryAt(entryIndex, ports));
  return entry.type === 'accepted' && entry.manifest === toHex(holding.manifestSha256);
}

async function entryAt(index: number, { ledger }: CustodyPorts): Promise<Uint8Array> {
  const [entry] = await ledger.read(index, index + 1);
  if (entry === undefined) throw new RangeError(`ledger has no entry ${index}`);
  return entry;
}

function append(entry: CustodyEntry, { ledger }: CustodyPorts): Promise<number> {
  return ledger.appendOnce(entryKey(entry), encodeEntry(entry));
}

/** Makes the camera's key part of the record, so that an outsider with nothing but the ledger can check its manifests. */
export async function recordEnrolment(cameraId: CameraId, ports: CustodyPorts): Promise<void> {
  const publicKey = ports.keys.camera(cameraId);
  if (publicKey === undefined) return;
  await append(
    {
      type: 'device.enrolled',
      at: formatInstant(ports.clock.wallUs()),
      camera: cameraId,
      publicKey: toBase64(publicKey),
    },
    ports,
  );
}

/** The camera says that its flash is free of this recording. */
export async function recordErasure(
  cameraId: CameraId,
  recordingId: Holding['recordingId'],
  ports: CustodyPorts,
): Promise<void> {
  await append(
    { type: 'erased', at: formatInstant(ports.clock.wallUs()), recording: recordingId, camera: cameraId },
    ports,
  );
}

/** The next receipt of the same session is that of a settled recording. */
export function settledAs(holding: Holding, { outcome, entryIndex, reason }: Settled): Holding {
  if (holding.state === 'destroyed') return holding;
  if (outcome === 'accepted') return { ...holding, state: 'held', entryIndex };
  return { ...holding, state: 'quarantined', entryIndex, reason };
}

/** It may be megabytes, and is read back from the disk before it counts. */
export function withoutManifest(holding: Holding): Holding {
  const rest: { -readonly [Field in keyof Holding]: Holding[Field] } = { ...holding };
  delete rest.signedManifest;
  return rest;
}
