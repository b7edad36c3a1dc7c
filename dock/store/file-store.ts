import { join } from 'node:path';
import { equal, toHex } from '../../proto/bytes.ts';
import type { Facts } from '../../proto/errors.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import type {
  ChunkStore,
  Holding,
  HoldingKey,
  Holdings,
  HoldingState,
  Mirror,
  OfferedRecording,
  Rehashed,
  SealMemory,
  Settlement,
  Stamp,
} from '../ports.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { Premises } from './desk.ts';
import { conflict, isMissing, rot, rotForgotten, stale, StoreError } from './errors.ts';
import { unhurried } from './examine.ts';
import { hasPapers, restoreStamps, saveStamps } from './heal.ts';
import { isAccepted, ROT, shelfFor, tidyRefusal } from './keeper.ts';
import { anyBefore, type Manifests, sha256 } from './manifests.ts';
import { finishMove, quarantineFolder } from './quarantine.ts';
import { checkReadBack, type ReadBack, readBack, writeStamps } from './read-back.ts';
import { writeRefusal } from './refusal.ts';
import { holdingOf, without, withoutPapers } from './rows.ts';
import type { ChunkRow, HoldingRow } from './rows.ts';
import { parseStamps } from './stamps.ts';
import { ensureFolder, readWhole, replaceFile } from './whole.ts';

/** Files and index of one dock. Built by `openStore`, after recovery. */
export class FileStore implements ChunkStore, Holdings, SealMemory, Mirror {
  readonly #shop: Premises;
  readonly #manifests: Manifests;
  // Of incoming holdings that got a chunk or a lease since start.
  readonly #writers = new Map<string, ChunkWriter>();

  constructor(shop: Premises) {
    this.#shop = shop;
    this.#manifests = shop.manifests;
  }

  lease(offer: OfferedRecording): Promise<Holding> {
    return this.#inLane(offer, 'take a lease', async () => {
      const known = this.#shop.index.find(offer);
      if (known === undefined) return this.#holding(await this.#add(offer));
      checkOffer(known, offer);
      await this.#writers.get(name(offer))?.idle();
      const row = await this.#reopened(this.#row(offer));
      const transport = row.state === 'incoming' ? offer.transport : row.transport;
      const { manifestBytes, contentBytes } = offer;
      const leaseEpoch = row.leaseEpoch + 1;
      await this.#set({ ...row, manifestBytes, contentBytes, transport, leaseEpoch });
      // The first chunk of an older session may have come meanwhile. What it has in hand lands first, so that the count below is exact.
      const writer = this.#writers.get(name(offer));
      if (writer !== undefined) writer.leaseEpoch = leaseEpoch;
      await writer?.idle();
      return this.#holding(this.#row(offer));
    });
  }

  putManifest(key: HoldingKey, signedManifest: Uint8Array, wraps?: Uint8Array): Promise<void> {
    return this.#inLane(key, 'write a manifest', async () => {
      const row = this.#row(key);
      if (row.state !== 'incoming') throw stale(`the recording is ${row.state} already`);
      checkLease(key, row.leaseEpoch);
      if (!equal(sha256(signedManifest), row.manifestSha256))
        throw conflict('the manifest is not the offered one');
      const wrapsSha256 = wraps === undefined ? undefined : sha256(wraps);
      if (!mayBeSame(row.wrapsSha256, wrapsSha256)) throw conflict('one manifest came with different wraps');
      const known = await this.#manifests.read(row);
      if (known.signedManifest !== undefined && (wraps === undefined || known.wraps !== undefined)) return;
      const folder = join(this.#shop.root, row.folder);
      await ensureFolder(this.#shop.disk, folder);
      // A manifest promises its wraps: they are there before it is, and both before any chunk.
      if (wraps !== undefined) await replaceFile(this.#shop.disk, join(folder, 'wraps'), [wraps]);
      await replaceFile(this.#shop.disk, join(folder, 'manifest'), [signedManifest]);
      this.#manifests.forget(row);
      const papers = { hasManifest: true, ...(wrapsSha256 === undefined ? {} : { wrapsSha256 }) };
      await this.#set({ ...this.#row(key), ...papers });
    });
  }

  putChunk(...chunk: Parameters<ChunkStore['putChunk']>): Promise<void> {
    const [key, index, digest, stored, stamp] = chunk;
    return this.#guard('write a chunk', key, () => {
      const known = this.#writers.get(name(key));
      // Nothing of a sealed recording may be durable before its wraps, which come with the manifest.
      if (known === undefined && !this.#row(key).hasManifest) throw stale('a chunk came before its manifest');
      const writer = known ?? this.#writer(key);
      checkLease(key, writer.leaseEpoch);
      return writer.put({ index, sha256: digest, stored, stamp });
    });
  }

  rehash(key: HoldingKey): Promise<Rehashed> {
    return this.#inLane(key, 'read a recording back', async () => {
      const row = this.#row(key);
      checkLease(key, row.leaseEpoch);
      if (!row.hasManifest || row.last === undefined) throw stale('there is nothing to read back yet');
      if (row.state === 'destroyed') throw stale('the content was destroyed');
      const found = await this.#readBack(row);
      const stampsSha256 =
        row.state === 'incoming' ? await this.#stamp(row) : sha256(await this.#stampsFile(row));
      return { ...found, stampsSha256, received: row.last.stamp };
    });
  }

  settle(key: HoldingKey, outcome: Settlement): Promise<void> {
    return this.#inLane(key, 'settle a recording', async () => {
      checkLease(key, this.#row(key).leaseEpoch);
      const writer = this.#row(key).state === 'incoming' ? this.#writer(key) : undefined;
      writer?.stop();
      await writer?.idle();
      try {
        await (outcome.state === 'held' ? this.#hold(key, outcome) : this.#quarantine(key, outcome));
      } finally {
        this.#writers.delete(name(key));
      }
    });
  }

  list(state?: HoldingState): Promise<readonly Holding[]> {
    return this.#guard('list what is there', {}, async () => {
      const holdings: Holding[] = [];
      for (const row of this.#shop.index.holdings(state)) holdings.push(await this.#holding(row));
      return holdings;
    });
  }

  named(state: HoldingState): ReturnType<Holdings['named']> {
    return this.#guard('name what is there', {}, async () =>
      this.#shop.index.holdings(state).map(({ recordingId, cameraId }) => ({ recordingId, cameraId })),
    );
  }

  find(recordingId: RecordingId): Promise<Holding | undefined> {
    return this.#guard('find a recording', { recordingId }, async () => {
      const row = this.#held(recordingId);
      return row === undefined ? undefined : this.#holding(row);
    });
  }

  readChunk(recordingId: RecordingId, index: number): Promise<Uint8Array> {
    return this.#guard('read a chunk', { recordingId }, async () => {
      const row = this.#held(recordingId);
      const chunk = row === undefined ? undefined : this.#shop.index.chunk(row.id, index);
      if (row === undefined || chunk === undefined)
        throw stale('no such chunk is held', { recordingId, index });
      const bytes = await this.#bytes(row, chunk);
      if (bytes !== undefined && equal(sha256(bytes), chunk.sha256)) return bytes;
      throw rot('a chunk is not what was accepted', { recordingId, index });
    });
  }

  stamps(recordingId: RecordingId): Promise<readonly Stamp[]> {
    return this.#guard('read stamps', { recordingId }, async () => {
      const row = this.#held(recordingId);
      if (row === undefined) throw stale('no such recording is held', { recordingId });
      const lines = parseStamps(await this.#stampsFile(row));
      if (lines === undefined) throw rot('the stamps file is not one', { recordingId });
      return lines.map((line) => line.stamp);
    });
  }

  hasSealed(camera: CameraId, before: number): Promise<boolean> {
    const { index, manifests } = this.#shop;
    return this.#guard('look a camera up', {}, () => anyBefore(manifests, index.sealed(camera), before));
  }

  /** The second copy of one that is about to be accepted, or was. */
  copy(key: HoldingKey): Promise<number> {
    return this.#inLane(key, 'make the second copy', async () => {
      const { mirror, index } = this.#shop;
      if (mirror === undefined) return 1;
      const row = this.#row(key);
      checkLease(key, row.leaseEpoch);
      // The mirror has one place for each recording id, and it is that of whichever manifest was accepted.
      const isTaken = index.rivals(key.recordingId).some((rival) => rival.id !== row.id && isAccepted(rival));
      if (isTaken) return 1;
      await mirror.copy(row, unhurried);
      return 2;
    });
  }

  /** Waits for what is under way, then lets go of files and index. Idempotent. */
  async close(): Promise<void> {
    if (!(await this.#shop.desk.close())) return;
    for (const writer of this.#writers.values()) await writer.idle();
    await this.#shop.files.close();
    this.#shop.index.close();
  }

  async #readBack(row: HoldingRow): Promise<ReadBack> {
    try {
      const found = await readBack(row, this.#shop);
      checkReadBack(found, row, this.#shop);
      return found;
    } catch (error) {
      const isRot = error instanceof StoreError && error.code === 'STORE_ROT';
      if (!isRot || row.state !== 'incoming') throw error;
      await this.#forget(row, error.facts['chunk']);
      const { message, facts } = error;
      throw rotForgotten(`${message}; it is forgotten and may be sent again`, facts, error);
    }
  }

  /** Drops what the disk has lost of an incoming holding: its manifest, or the chunks from this one on. */
  async #forget(row: HoldingRow, chunk: Facts[string] | undefined): Promise<void> {
    const writer = this.#writer(row);
    writer.stop();
    await writer.idle();
    // A file that is gone by its name must not live on as an open descriptor.
    await this.#shop.files.forget(join(this.#shop.root, row.folder, 'chunks'));
    this.#manifests.forget(row);
    try {
      const now = this.#row(row);
      // Stamps of what comes again are other stamps: those in the file cover nothing any more.
      const stamps = now.stamps && { stamps: { ...now.stamps, chunks: 0 } };
      // Whoever leased what was here believes in more than there is now.
      const holding = { ...now, ...stamps, leaseEpoch: now.leaseEpoch + 1 };
      if (typeof chunk !== 'number') await this.#set(withoutPapers(holding));
      else
        await this.#shop.commits.add(
          { change: 'forget-chunks', holding: row.id, from: chunk },
          { change: 'set-holding', holding },
        );
    } finally {
      this.#writers.delete(name(row));
    }
  }

  /** What was accepted and rotted may come again: good chunks at its beginning stay, and the rest is overwritten by the same. */
  async #reopened(row: HoldingRow): Promise<HoldingRow> {
    if (row.state !== 'quarantined' || row.reason !== ROT) return row;
    const from = row.rotFrom ?? 0;
    const again = { ...without(row, 'reason', 'rotFrom'), state: 'incoming', healing: 'camera' } as const;
    const holding = (await hasPapers(row, this.#shop)) ? again : withoutPapers(again);
    await saveStamps(row, this.#shop);
    await this.#shop.commits.add(
      { change: 'forget-chunks', holding: row.id, from },
      { change: 'set-holding', holding },
    );
    return this.#row(row);
  }

  async #add(offer: OfferedRecording): Promise<HoldingRow> {
    const shelf = `recordings/${offer.recordingId}`;
    // Whoever comes second under an id, while the first has the place, goes straight to quarantine's folder.
    const first = this.#shop.index.rivals(offer.recordingId).find((rival) => rival.folder === shelf);
    // A camera has no say in what becomes of another's recordings, so neither of the two is quarantined for this.
    if (first !== undefined && first.cameraId !== offer.cameraId)
      throw conflict(`the recording is ${first.cameraId}'s`, { cameraId: offer.cameraId });
    const conflicting = first !== undefined;
    const holding = {
      recordingId: offer.recordingId,
      manifestSha256: offer.manifestSha256,
      cameraId: offer.cameraId,
      transport: offer.transport,
      manifestBytes: offer.manifestBytes,
      contentBytes: offer.contentBytes,
      state: 'incoming',
      conflict: conflicting,
      folder: conflicting ? await quarantineFolder(offer, this.#shop) : shelf,
      leaseEpoch: 1,
      hasManifest: false,
    } as const;
    await this.#shop.commits.add({ change: 'add-holding', holding });
    return this.#row(offer);
  }

  async #hold(key: HoldingKey, outcome: Settlement & { state: 'held' }): Promise<void> {
    const row = this.#row(key);
    if (row.state === 'held' && row.entryIndex === outcome.entryIndex) return;
    if (row.state !== 'incoming') throw conflict(`the recording is ${row.state} already`);
    if (row.conflict) throw conflict('another manifest has this recording id: it can only be quarantined');
    const readBackTo = row.stamps?.chunks ?? 0;
    const isReadBack = row.hasManifest && row.last !== undefined && readBackTo === row.last.index + 1;
    if (!isReadBack) throw stale('the recording has not been read back as it is now', { readBackTo });
    const back = row.healing === undefined ? {} : await shelfFor(row, this.#shop);
    await this.#set({ ...row, state: 'held', entryIndex: outcome.entryIndex, ...back });
    await this.#shop.files.forget(join(this.#shop.root, row.folder, 'chunks'));
    if (row.healing !== undefined)
      await tidyRefusal(await finishMove(this.#row(key), this.#shop), this.#shop);
  }

  // The intent is durable before the folder moves, and is struck out after: a crash in between leaves a move
  // that the next call or the next start does again.
  async #quarantine(key: HoldingKey, outcome: Settlement & { state: 'quarantined' }): Promise<void> {
    const row = this.#row(key);
    const again = row.state === 'quarantined' && row.entryIndex === outcome.entryIndex;
    if (row.state !== 'incoming' && !again) throw conflict(`the recording is ${row.state} already`);
    if (!again) {
      if (row.last !== undefined) await this.#stamp(row);
      const movingTo = row.conflict ? undefined : await quarantineFolder(key, this.#shop);
      const { entryIndex, reason } = outcome;
      const settled = { ...this.#row(key), state: 'quarantined', entryIndex, reason } as const;
      await writeRefusal(settled, this.#shop);
      await this.#set(movingTo === undefined ? settled : { ...settled, movingTo });
    }
    await this.#shop.files.forget(join(this.#shop.root, row.folder, 'chunks'));
    await finishMove(this.#row(key), this.#shop);
  }

  /** Makes the stamps of all durable chunks a durable file. */
  async #stamp(row: HoldingRow): Promise<Uint8Array> {
    const chunks = row.last === undefined ? 0 : row.last.index + 1;
    // The ledger has the digest of the stamps that it was accepted with: those stay, whenever chunks come again.
    const digest =
      row.healing === undefined ? await writeStamps(row, this.#shop) : await restoreStamps(row, this.#shop);
    await this.#set({ ...this.#row(row), stamps: { sha256: digest, chunks } });
    return digest;
  }

  /** Undefined when the file is missing or too short. */
  async #bytes(row: HoldingRow, chunk: ChunkRow): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(chunk.bytes);
    try {
      const path = join(this.#shop.root, row.folder, 'chunks');
      const count = await this.#shop.files.use(path, 'read', (file) => file.read(bytes, chunk.offset));
      return count === bytes.length ? bytes : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #stampsFile(row: HoldingRow): Promise<Uint8Array> {
    const stamps = await readWhole(this.#shop.disk, join(this.#shop.root, row.folder, 'stamps'));
    if (stamps !== undefined && row.stamps !== undefined && equal(sha256(stamps), row.stamps.sha256))
      return stamps;
    throw rot('the stamps file is not what was accepted', { recordingId: row.recordingId });
  }

  async #holding(row: HoldingRow): Promise<Holding> {
    return holdingOf(row, await this.#manifests.read(row));
  }

  async #set(holding: HoldingRow): Promise<HoldingRow> {
    await this.#shop.commits.add({ change: 'set-holding', holding });
    return holding;
  }

  #row(key: HoldingKey): HoldingRow {
    const row = this.#shop.index.find(key);
    if (row === undefined) throw stale('no such holding', { recordingId: key.recordingId });
    return row;
  }

  #held(recordingId: RecordingId): HoldingRow | undefined {
    return this.#shop.index.rivals(recordingId).find((row) => row.state === 'held');
  }

  #writer(key: HoldingKey): ChunkWriter {
    const known = this.#writers.get(name(key));
    if (known !== undefined) return known;
    const row = this.#row(key);
    if (row.state !== 'incoming') throw stale(`the recording is ${row.state} already`);
    const writer = new ChunkWriter(row, this.#shop);
    this.#writers.set(name(key), writer);
    return writer;
  }

  #inLane<T>(key: HoldingKey, doing: string, work: () => Promise<T>): Promise<T> {
    return this.#shop.desk.inLane(key, doing, work);
  }

  #guard<T>(doing: string, about: Partial<HoldingKey>, work: () => Promise<T>): Promise<T> {
    return this.#shop.desk.guard(doing, about, work);
  }
}

function name(key: HoldingKey): string {
  return `${key.recordingId}/${toHex(key.manifestSha256)}`;
}

function mayBeSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined || equal(one, other);
}

function checkLease(key: HoldingKey, newest: number): void {
  if (key.leaseEpoch === undefined || key.leaseEpoch === newest) return;
  throw stale('a newer lease was taken', { leaseEpoch: key.leaseEpoch, newest });
}

function checkOffer(row: HoldingRow, offer: OfferedRecording): void {
  const { cameraId, manifestBytes, contentBytes } = row;
  if (cameraId !== offer.cameraId)
    throw conflict(`the recording is ${cameraId}'s`, { cameraId: offer.cameraId });
  if (manifestBytes === offer.manifestBytes && contentBytes === offer.contentBytes) return;
  // An offer is not signed: while nothing has come that was checked, it binds nobody.
  if (row.state === 'incoming' && !row.hasManifest && row.last === undefined) return;
  throw conflict('one manifest was offered with different sizes', { manifestBytes, contentBytes });
}
