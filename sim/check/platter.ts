import { nodeChecker } from '../../dock/ledger/checker.ts';
import { equal, text, toHex } from '../../proto/bytes.ts';
import { openCheckpoint } from '../../proto/checkpoint.ts';
import { type CustodyEntry, decodeEntry, type UnknownEntry } from '../../proto/custody-entry.ts';
import { ProofError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { type Manifest, openManifest } from '../../proto/manifest.ts';
import { decodeBundle, entriesPath, TILE_WIDTH } from '../../proto/tile.ts';
import { ownSignatures } from '../world/own-signatures.ts';
import type { DockView } from './check.ts';

/** What a dock would have of one recording if its plug were pulled now. */
export interface Survivor {
  /** Folder under the dock's own. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** SHA-256 of the signed manifest, hex. */
  readonly manifestSha256: string;
  /** Chunks from the first on that are whole, and have the hash that the camera signed. */
  readonly wholeChunks: number;
  readonly hasWraps: boolean;
}

/** Manifests whose signature was checked, so that each is opened once however often it is looked at. */
export class Papers {
  readonly #opened = new Map<string, Manifest | undefined>();

  /** Undefined unless this key signed it. */
  open(signed: Uint8Array, publicKey: Uint8Array): Manifest | undefined {
    const name = `${toHex(nodeChecker.sha256(signed))}/${toHex(publicKey)}`;
    if (!this.#opened.has(name))
      this.#opened.set(
        name,
        unlessUnproven(() => openManifest(signed, publicKey, ownSignatures)),
      );
    return this.#opened.get(name);
  }
}

/** The copy of a recording on the platter of a dock, in custody or set aside; undefined when there is no manifest that the camera signed. */
export function survivorOf(
  dock: DockView,
  { recordingId, publicKey }: { readonly recordingId: RecordingId; readonly publicKey: Uint8Array },
  papers: Papers,
): Survivor | undefined {
  const shelf = `recordings/${recordingId}`;
  const folder =
    [shelf, ...dock.foldersOf(recordingId)].find((one) => dock.synced(`${one}/manifest`) !== undefined) ??
    shelf;
  const signed = dock.synced(`${folder}/manifest`);
  if (signed === undefined) return undefined;
  const manifest = papers.open(signed, publicKey);
  if (manifest?.recordingId !== recordingId) return undefined;
  const { wrapsSha256 } = manifest;
  const wraps = dock.synced(`${folder}/wraps`) ?? new Uint8Array();
  return {
    ...{ folder, manifest, manifestSha256: toHex(nodeChecker.sha256(signed)) },
    wholeChunks: wholeChunks(manifest, dock.synced(`${folder}/chunks`) ?? new Uint8Array()),
    hasWraps: wrapsSha256 === undefined || equal(nodeChecker.sha256(wraps), wrapsSha256),
  };
}

/** The entry of that index, by nothing but a signed checkpoint and entry bundles that the platter has. */
export function survivingEntry(dock: DockView, index: number): CustodyEntry | UnknownEntry | undefined {
  const note = dock.synced('ledger/checkpoint');
  if (note === undefined) return undefined;
  const checkpoint = unlessUnproven(() => openCheckpoint(text(note), dock.vkey, ownSignatures));
  if (checkpoint === undefined || checkpoint.size <= index) return undefined;
  const bundle = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, checkpoint.size - bundle * TILE_WIDTH);
  const bytes =
    dock.synced(`ledger/${entriesPath(bundle, width)}`) ?? dock.synced(`ledger/${entriesPath(bundle)}`);
  if (bytes === undefined) return undefined;
  const entry = unlessUnproven(() => decodeBundle(bytes))?.[index % TILE_WIDTH];
  return entry === undefined ? undefined : unlessUnproven(() => decodeEntry(entry));
}

/** Bytes that are set aside for that recording and survive, whatever they are. */
export function asideBytes(dock: DockView, recordingId: RecordingId, manifest: string): number {
  const folder = `quarantine/${recordingId}-${manifest.slice(0, 8)}`;
  return dock.synced(`${folder}/chunks`)?.length ?? 0;
}

function wholeChunks({ chunks }: Manifest, content: Uint8Array): number {
  let at = 0;
  for (const [index, { storedBytes, sha256 }] of chunks.entries()) {
    const chunk = content.subarray(at, at + storedBytes);
    if (chunk.length < storedBytes || !equal(nodeChecker.sha256(chunk), sha256)) return index;
    at += storedBytes;
  }
  return chunks.length;
}

function unlessUnproven<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}
