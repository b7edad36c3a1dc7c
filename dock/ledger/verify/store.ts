import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EntryOf } from '../../../proto/custody-fields.ts';
import { isRecordingId } from '../../../proto/ids.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import { codeOf } from '../errors.ts';
import { readIfThere } from './blocks.ts';
import { ChunkIndex, checkChunks } from './chunks.ts';
import type { Findings } from './finding.ts';
import type { History } from './history.ts';
import type { Placed } from './placed.ts';
import { checkRefusedNumber, checkSmallFiles, sha256Hex } from './recording.ts';

export interface StoreSummary {
  readonly dir: string;
  readonly recordings: number;
  /** Content bytes that were read and hashed. */
  readonly bytes: number;
  /** Recordings of which, by the ledger, only the proof is left. */
  readonly destroyed: readonly string[];
}

/** What the check of a store needs besides the store. */
export interface StoreCheck {
  readonly findings: Findings;
  /** Every entry that the checkpoint signs could be read: one that seems missing may else be one of the unreadable. */
  readonly whole: boolean;
  /** Is the checkpoint another one now than the one that was read? A dock that runs goes on meanwhile. */
  readonly hasGrown: () => Promise<boolean>;
}

/** A recording whose manifest was read, and what it says. */
export interface OpenedRecording {
  /** Relative to the recordings. */
  readonly folder: string;
  readonly placed: Placed<EntryOf<'accepted'>>;
  readonly manifest: Manifest;
}

/**
 * Holds the recordings on disk against what the ledger accepted: manifest by digest and by the camera's signature, every
 * chunk by the manifest, stamps and wraps by digest; of what was destroyed only the proof may be left. `dir` is the folder
 * with one folder a recording.
 */
export async function checkStore(
  dir: string,
  history: History,
  store: StoreCheck,
): Promise<{ readonly summary: StoreSummary; readonly opened: readonly OpenedRecording[] }> {
  const { findings } = store;
  const folders = await foldersIn(dir);
  if (folders === undefined) {
    if (history.accepted.length + history.refused.length > 0) {
      findings.add({ code: 'store-missing', file: dir, message: 'there is no such folder' });
    }
    return { summary: { dir, recordings: 0, bytes: 0, destroyed: [] }, opened: [] };
  }
  const opened: OpenedRecording[] = [];
  for (const placed of history.accepted) {
    const manifest = await checkFiles(dir, placed, { history, store });
    if (manifest !== undefined) opened.push({ folder: await folderOf(dir, placed), placed, manifest });
  }
  const known = new ChunkIndex(opened.map(({ placed, manifest }) => ({ ...placed.entry, manifest })));
  let bytes = 0;
  for (const { folder, placed, manifest } of opened) {
    if (history.destroyed.has(placed.entry.manifest)) continue;
    bytes += await checkChunks({ dir, recording: folder, chunks: manifest.chunks }, known, findings);
  }
  await checkQuarantine(dir, history, findings);
  await judgeUnlisted(dir, unlistedOf(folders, history), store);
  const destroyed = [...history.destroyed.values()].map(({ entry }) => entry.recording);
  return { summary: { dir, recordings: opened.length, bytes, destroyed }, opened };
}

async function checkFiles(
  dir: string,
  placed: Placed<EntryOf<'accepted'>>,
  { history, store }: { readonly history: History; readonly store: StoreCheck },
): Promise<Manifest | undefined> {
  const folder = await folderOf(dir, placed);
  const read = (name: string): Promise<Uint8Array | undefined> => readIfThere(join(dir, folder, name));
  const destroyed = history.destroyed.get(placed.entry.manifest);
  const files = {
    manifest: await read('manifest'),
    wraps: await read('wraps'),
    stamps: await read('stamps'),
  };
  const about = {
    folder,
    placed,
    enrolled: history.enrolled,
    epochs: store.whole ? history.epochs : undefined,
    findings: store.findings,
  };
  const manifest = checkSmallFiles(files, about, { isDestroyed: destroyed !== undefined });
  if (destroyed === undefined) return manifest;
  for (const name of ['chunks', 'wraps']) {
    if (!(await isThere(join(dir, folder, name)))) continue;
    const message = `is still there, and was destroyed at ${destroyed.entry.at}`;
    const file = `${folder}/${name}`;
    store.findings.add({ code: 'content-remains', file, index: destroyed.index, message });
  }
  return manifest;
}

/** Relative to the recordings. What a dock's disk has damaged lies in quarantine until it is repaired, and is checked there. */
async function folderOf(dir: string, { entry }: Placed<EntryOf<'accepted'>>): Promise<string> {
  const aside = `../quarantine/${entry.recording}-${entry.manifest.slice(0, 8)}`;
  const isAside = !(await isThere(join(dir, entry.recording))) && (await isThere(join(dir, aside)));
  return isAside ? aside : entry.recording;
}

/**
 * What was refused is looked for: it came broken, so there is little to hold it against, but for the number that its entry
 * says it used up.
 */
async function checkQuarantine(
  dir: string,
  { refused, destroyed, enrolled }: History,
  findings: Findings,
): Promise<void> {
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
    const manifest = manifests.find((bytes) => sha256Hex(bytes) === entry.manifest);
    if (manifest !== undefined) checkRefusedNumber(manifest, { entry, index, file, enrolled }, findings);
    if (manifests.length === 0) {
      findings.add({
        code: 'quarantine-missing',
        file,
        index,
        message: `refused as ${entry.reason}, and not kept`,
      });
    } else if (manifest === undefined) {
      findings.add({
        code: 'quarantine-mismatch',
        file,
        index,
        message: 'has another manifest than the one refused',
      });
    } else if (!destroyed.has(entry.manifest)) {
      const kept = [...candidates.map((name) => join(folder, name)), join(dir, entry.recording)];
      const bytes = Math.max(...(await Promise.all(kept.map((each) => sizeOf(join(each, 'chunks'))))));
      if (bytes === entry.bytes) continue;
      const message = `keeps ${bytes} bytes of content, and ${entry.bytes} were refused`;
      findings.add({ code: 'quarantine-mismatch', file, index, message });
    }
  }
}

/** 0 for a file that is not there. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return 0;
    throw cause;
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

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return false;
    throw cause;
  }
}
