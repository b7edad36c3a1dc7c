import { toHex } from '../../../proto/bytes.ts';
import { type CustodyEntry, encodeEntry, entryKey } from '../../../proto/custody-entry.ts';
import type { Sign } from '../../../proto/digest.ts';
import { formatInstant } from '../../../proto/instant.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import type { Growth, Offer, Receipt, ReceiptBody } from '../../../proto/messages.ts';
import { signReceipt } from '../../../proto/receipt.ts';
import type { Ledger } from '../../../dock/ports.ts';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import type { Transport } from './case.ts';
import type { RigDock } from './rig-dock.ts';

const US_PER_MS = 1_000;
const REASON = 'conformance';

/** What a receipt is about. */
export interface Subject {
  readonly offer: Offer;
  readonly manifest: Manifest;
  readonly transport: Transport;
}

/** What a receipt says otherwise than it should. */
export interface ReceiptChanges {
  /** Before the entry is encoded and entered in the ledger. */
  readonly entry?: (entry: CustodyEntry) => CustodyEntry;
  /** After the proof was made, before the dock signs. */
  readonly body?: (body: ReceiptBody) => ReceiptBody;
  readonly sign?: Sign;
  /** A log in place of the rig's own. */
  readonly ledger?: Pick<Ledger, 'appendOnce' | 'prove'>;
  /** Where the log's growth is proved, when not in the rig's own. */
  readonly grown?: Pick<Ledger, 'proveConsistency'>;
}

/** The receipt for custody of this recording: entered in the ledger, proved and signed. */
export function acceptedReceipt(
  rig: RigDock,
  subject: Subject,
  changes: ReceiptChanges = {},
): Promise<Receipt> {
  return receiptOver(acceptedEntry(subject), { rig, subject, outcome: 'accepted', changes });
}

/** The receipt that says: kept aside under custody. */
export function quarantinedReceipt(
  rig: RigDock,
  subject: Subject,
  changes: ReceiptChanges = {},
): Promise<Receipt> {
  const { offer, manifest } = subject;
  const entry: CustodyEntry = {
    type: 'refused',
    at: now(),
    recording: offer.recordingId,
    camera: manifest.cameraId,
    manifest: toHex(offer.manifestSha256),
    reason: REASON,
    bytes: manifest.contentBytes,
  };
  return receiptOver(entry, { rig, subject, outcome: 'quarantined', changes });
}

function acceptedEntry({ offer, manifest, transport }: Subject): CustodyEntry {
  const { sha256 } = nodeChecker;
  const nobody = toHex(sha256(offer.manifestSha256));
  return {
    type: 'accepted',
    at: now(),
    recording: offer.recordingId,
    camera: manifest.cameraId,
    counter: manifest.counter,
    previousRoot: toHex(manifest.previousRoot),
    manifest: toHex(offer.manifestSha256),
    root: toHex(manifest.root),
    bytes: manifest.contentBytes,
    chunks: manifest.chunks.length,
    stamps: toHex(sha256(new Uint8Array())),
    transport,
    receivedAt: now(),
    uncertaintyUs: US_PER_MS,
    basis: 'local',
    officer: nobody,
  };
}

interface Making {
  readonly rig: RigDock;
  readonly subject: Subject;
  readonly outcome: ReceiptBody['outcome'];
  readonly changes: ReceiptChanges;
}

async function receiptOver(
  honest: CustodyEntry,
  { rig, subject, outcome, changes }: Making,
): Promise<Receipt> {
  const said = changes.entry?.(honest) ?? honest;
  const entry = encodeEntry(said);
  const ledger = changes.ledger ?? rig.ledger;
  // A case is a lie of its own, so the same recording has many entries here; a dock's ledger would have one.
  const index = await ledger.appendOnce(`${entryKey(said)}/${toHex(nodeChecker.sha256(entry))}`, entry);
  const body: ReceiptBody = {
    outcome,
    recordingId: subject.offer.recordingId,
    manifestSha256: subject.offer.manifestSha256,
    entry,
    proof: await ledger.prove(index),
    ...(await growthFrom(subject.offer.ledgerSize, changes.grown ?? rig.ledger)),
    reason: outcome === 'quarantined' ? REASON : '',
  };
  return signReceipt(changes.body?.(body) ?? body, changes.sign ?? rig.sign);
}

/** What a message of this ledger says of its growth to somebody who keeps a checkpoint of that size. */
export async function growthFrom(
  size: number | undefined,
  ledger: Pick<Ledger, 'proveConsistency'>,
): Promise<Growth> {
  if (size === undefined) return {};
  return { consistencyFrom: size, consistency: await ledger.proveConsistency(size) };
}

function now(): string {
  return formatInstant(Date.now() * US_PER_MS);
}
