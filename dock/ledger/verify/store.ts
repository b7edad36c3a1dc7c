import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromBase64, toHex } from '../../../proto/bytes.ts';
import type { EntryOf } from '../../../proto/custody-fields.ts';
import { ProofError } from '../../../proto/errors.ts';
import { isRecordingId } from '../../../proto/ids.ts';
import { type Manifest, openManifest, peekManifest } from '../../../proto/manifest.ts';
import { nodeChecker } from '../checker.ts';
import { codeOf } from '../errors.ts';
import { readIfThere } from './blocks.ts';
import { ChunkIndex, checkChunks } from './chunks.ts';
import type { Findings } from './finding.ts';
import type { History, Placed } from './history.ts';

export interface StoreSummary {
  readonly dir: string;
  readonly recordings: number;
  /** Content bytes that were read and hashed. */
  readonly bytes: number;
}

/** What the check of a store needs besides the store. */
export interface StoreCheck {
  readonly findings: Findings;
  /** Every entry that the checkpoint signs could be read: one that seems missing may else be one of the unreadable. */
  readonly whole: boolean;
  /** Is the checkpoint another one now than the one that was read? A dock that runs goes on meanwhile. */
  readonly hasGrown: () => Promise<boolean>;
}

const sha256Hex = (bytes: Uint8Array): string => toHex(nodeChecker.sha256(bytes));

/**
 * Holds the recordings on disk against what the ledger accepted: manifest by digest and by the camera's signature,
 * every chunk by the manifest, stamps by digest. `dir` is the folder with one folder a recording.
 */
export async function checkStore(dir: string, history: History, store: StoreCheck): Promise<StoreSummary> {
  const { findings } = store;
  const folders = await foldersIn(dir);
  if (folders === undefined) {
    if (history.accepted.length + history.refused.length > 0) {
      findings.add({ code: 'store-missing', file: dir, message: 'there is no such folder' });
    }
    return { dir, recordings: 0, bytes: 0 };
  }
  const opened: { readonly recording: string; readonly manifest: Manifest }[] = [];
  for (const placed of history.accepted) {
    const manifest = await checkManifest(dir, placed, { history, findings });
    await checkStamps(dir, placed, findings);
    if (manifest !== undefined) opened.push({ recording: placed.entry.recording, manifest });
  }
  const known = new ChunkIndex(opened);
  let bytes = 0;
  for (const { recording, manifest } of opened) {
    bytes += await checkChunks({ dir, recording, chunks: manifest.chunks }, known, findings);
  }
  await checkQuarantine(dir, history, findings);
  await judgeUnlisted(dir, unlistedOf(folders, history), store);
  return { dir, recordings: opened.length, bytes };
}

/** The manifest, when it is the accepted one and the camera signed it. */
async function checkManifest(
  dir: string,
  { entry, index }: Placed<EntryOf<'accepted'>>,
  { history, findings }: { readonly history: History; readonly findings: Findings },
): Promise<Manifest | undefined> {
  const file = `${entry.recording}/manifest`;
  const signed = await readIfThere(join(dir, file));
  if (signed === undefined) {
    const message = `the ledger accepted this recording, and its manifest is not there`;
    findings.add({ code: 'recording-missing', file, index, message });
    return undefined;
  }
  if (sha256Hex(signed) !== entry.manifest) {
    findings.add({
      code: 'manifest-mismatch',
      file,
      index,
      message: 'is not the manifest that was accepted',
    });
    return undefined;
  }
  const manifest = openWith(signed, keysOf(entry.camera, { before: index, history }));
  if (manifest instanceof ProofError) {
    findings.add({ code: 'manifest-signature', file, index, message: manifest.message });
    return tableOf(signed);
  }
  const differs = differenceOf(manifest, entry);
  if (differs !== undefined) {
    const message = `and the ledger entry name different ${differs}`;
    findings.add({ code: 'manifest-mismatch', file, index, message });
  }
  return manifest;
}

/** The accepted bytes are still worth holding the chunks against, whoever signed them. */
function tableOf(signed: Uint8Array): Manifest | undefined {
  try {
    return peekManifest(signed);
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

function keysOf(
  camera: string,
  { before, history }: { readonly before: number; readonly history: History },
): readonly Uint8Array[] {
  const enrolled = history.enrolled.filter(({ index, entry }) => entry.camera === camera && index < before);
  // The newest first: nearly always the one.
  return enrolled.toReversed().map(({ entry }) => fromBase64(entry.publicKey));
}

function openWith(signed: Uint8Array, keys: readonly Uint8Array[]): Manifest | ProofError {
  let problem = new ProofError('BAD_MANIFEST', 'no key of its camera is in the ledger', { retry: 'never' });
  for (const key of keys) {
    try {
      return openManifest(signed, key, nodeChecker);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      problem = error;
    }
  }
  return problem;
}

/** The first field in which manifest and entry differ. */
function differenceOf(manifest: Manifest, entry: EntryOf<'accepted'>): string | undefined {
  const pairs: Readonly<Record<string, readonly [string | number, string | number]>> = {
    recordings: [manifest.recordingId, entry.recording],
    cameras: [manifest.cameraId, entry.camera],
    counters: [manifest.counter, entry.counter],
    predecessors: [toHex(manifest.previousRoot), entry.previousRoot],
    roots: [toHex(manifest.root), entry.root],
    lengths: [manifest.contentBytes, entry.bytes],
    'chunk counts': [manifest.chunks.length, entry.chunks],
  };
  return Object.entries(pairs).find(([, [signed, recorded]]) => signed !== recorded)?.[0];
}

async function checkStamps(
  dir: string,
  { entry, index }: Placed<EntryOf<'accepted'>>,
  findings: Findings,
): Promise<void> {
  const file = `${entry.recording}/stamps`;
  const stamps = await readIfThere(join(dir, file));
  if (stamps !== undefined && sha256Hex(stamps) === entry.stamps) return;
  const message = stamps === undefined ? 'is missing' : 'is not the stamps file that was accepted';
  findings.add({ code: 'stamps-mismatch', file, index, message });
}

/** What was refused is only looked for: it came broken, so there is little to hold it against. */
async function checkQuarantine(dir: string, { refused }: History, findings: Findings): Promise<void> {
  const folder = join(dirname(dir), 'quarantine');
  const names = (await foldersIn(folder)) ?? [];
  for (const { entry, index } of refused) {
    const short = `${entry.recording}-${entry.manifest.slice(0, 8)}`;
    const candidates = names.filter((name) => name.startsWith(short));
    // A dock that died between the entry and the move still has it among the recordings.
    const unmoved = join(dir, entry.recording, 'manifest');
    const found = [...candidates.map((name) => join(folder, name, 'manifest')), unmoved];
    const manifests = (await Promise.all(found.map(readIfThere))).filter((bytes) => bytes !== undefined);
    const file = `../quarantine/${short}`;
    if (manifests.length === 0) {
      findings.add({
        code: 'quarantine-missing',
        file,
        index,
        message: `refused as ${entry.reason}, and not kept`,
      });
    } else if (!manifests.some((bytes) => sha256Hex(bytes) === entry.manifest)) {
      findings.add({
        code: 'quarantine-mismatch',
        file,
        index,
        message: 'has another manifest than the one refused',
      });
    }
  }
}

/**
 * A recording without an entry is still arriving, unless its stamps are there: they are made when custody is taken,
 * just before the entry. Then the log lacks its end, or has grown since it was read.
 */
async function judgeUnlisted(dir: string, unlisted: readonly string[], store: StoreCheck): Promise<void> {
  for (const name of unlisted) {
    const isTaken = (await readIfThere(join(dir, name, 'stamps'))) !== undefined;
    const isLost = isTaken && store.whole && !(await store.hasGrown());
    const code = isLost ? 'entry-missing' : 'recording-unlisted';
    const message = isTaken ? 'was taken into custody, and no entry says so' : 'is in no entry of the ledger';
    store.findings.add({ code, file: name, message });
  }
}

function unlistedOf(folders: readonly string[], history: History): readonly string[] {
  const listed = new Set(
    [...history.accepted, ...history.refused].map(({ entry }) => String(entry.recording)),
  );
  return folders.filter((name) => isRecordingId(name) && !listed.has(name));
}

async function foldersIn(dir: string): Promise<readonly string[] | undefined> {
  try {
    const found = await readdir(dir, { withFileTypes: true });
    return found.filter((each) => each.isDirectory()).map((each) => each.name);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined;
    throw cause;
  }
}
