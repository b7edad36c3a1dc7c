import { join } from 'node:path';
import type { CameraId } from '../../proto/ids.ts';
import type { HoldingKey, HoldingState } from '../ports.ts';
import type { Premises } from './desk.ts';
import { destroyFiles } from './destroy.ts';
import { conflict, stale } from './errors.ts';
import { examine, type Pace, piecesOf, type Place, unhurried, type Wound } from './examine.ts';
import { mendFiles, type Mended } from './mend.ts';
import { finishMove, quarantineFolder } from './quarantine.ts';
import { REFUSAL, writeRefusal } from './refusal.ts';
import { type Healing, type HoldingRow, without } from './rows.ts';

/** Why a recording that was accepted is in quarantine. */
export const ROT = 'rot';

/** What the disk gave back of one settled holding. */
export interface Examined {
  readonly state: HoldingState;
  readonly cameraId: CameraId;
  /** It was accepted once, whatever became of it since. */
  readonly isAccepted: boolean;
  readonly wounds: readonly Wound[];
  /** Where what was damaged got its good bytes from, until {@link Keeper.healed}. */
  readonly healing?: Healing;
}

/** Looks after what is settled: reads it again, mends it, puts it aside, brings it back, destroys it. */
export class Keeper {
  readonly #shop: Premises;

  constructor(shop: Premises) {
    this.#shop = shop;
  }

  /** Every settled holding with how much content of it is to be read, the one that was examined longest ago first. */
  async turns(): Promise<readonly (HoldingKey & { readonly bytes: number })[]> {
    const rows = await this.#shop.desk.guard('list what is there', {}, async () => this.#shop.index.byTurn());
    return rows.map(({ recordingId, manifestSha256, state, contentBytes }) => {
      const bytes = state === 'destroyed' ? 0 : contentBytes;
      return { recordingId, manifestSha256, bytes };
    });
  }

  /**
   * Reads everything of a settled holding and compares it; what differs is read once more, alone on its recording, and counts
   * only if it differs again. Undefined when it is not settled, or not there.
   */
  async examine(key: HoldingKey, pace: Pace): Promise<Examined | undefined> {
    const row = this.#settled(key);
    if (row === undefined) return undefined;
    const suspect = await this.#guard('read a recording', key, () =>
      examine(this.#place(row), piecesOf(row, this.#shop), pace),
    );
    return this.#inLane(key, 'read a recording again', async () => {
      const now = this.#settled(key);
      if (now === undefined) return undefined;
      // What was moved or destroyed meanwhile is looked at in its next turn.
      const isSame = now.state === row.state && now.folder === row.folder;
      const again = isSame ? suspect.map(({ piece }) => piece) : [];
      const wounds = await examine(this.#place(now), again, unhurried);
      const { state, cameraId, healing } = now;
      const examined = { state, cameraId, isAccepted: isAccepted(now), wounds };
      return { ...examined, ...(healing === undefined ? {} : { healing }) };
    });
  }

  /** Puts right what the mirror, or the index, has good bytes for; resolves to that. Durable when it resolves. */
  mend(key: HoldingKey, wounds: readonly Wound[]): Promise<readonly Mended[]> {
    return this.#inLane(key, 'mend a recording', async () => {
      const row = this.#row(key);
      if (row.state === 'incoming') throw stale('the recording is being received');
      return mendFiles(row, wounds, this.#shop);
    });
  }

  /** Takes what cannot be mended out of custody: nobody gets it, and its camera may bring it again. */
  condemn(key: HoldingKey, wounds: readonly Wound[]): Promise<void> {
    return this.#inLane(key, 'put a damaged recording aside', async () => {
      const row = this.#row(key);
      if (row.state !== 'held' || wounds.length === 0) return;
      const chunks = wounds.flatMap(({ piece }) => (piece.what === 'chunk' ? [piece.chunk.index] : []));
      const rotFrom = Math.min(row.last === undefined ? 0 : row.last.index + 1, ...chunks);
      const movingTo = await quarantineFolder(key, this.#shop);
      const aside = {
        ...without(row, 'healing'),
        state: 'quarantined',
        reason: ROT,
        rotFrom,
        movingTo,
      } as const;
      await writeRefusal(aside, this.#shop);
      await this.#set(aside);
      await this.#move(key);
    });
  }

  /** Gives back to custody what was put aside and is whole again. */
  restore(key: HoldingKey): Promise<void> {
    return this.#inLane(key, 'bring a mended recording back', async () => {
      const row = this.#row(key);
      if (row.state !== 'quarantined' || row.reason !== ROT) return;
      const movingTo = await shelfFor(row, this.#shop);
      const back = { ...without(row, 'reason', 'rotFrom'), state: 'held', ...movingTo } as const;
      await this.#set(back);
      await this.#move(key);
      await tidyRefusal(this.#row(key), this.#shop);
    });
  }

  /** The ledger knows of the repair. */
  healed(key: HoldingKey): Promise<void> {
    return this.#inLane(key, 'note a repair', async () => {
      const row = this.#row(key);
      if (row.healing !== undefined && row.state !== 'incoming') await this.#set(without(row, 'healing'));
    });
  }

  /**
   * Brings the second copy up to the first, or takes away what was destroyed. Resolves to what the mirror had lost; undefined when there is no
   * mirror, or nothing of this holding belongs there. Throws StoreError STORE_MIRROR while the mirror is away.
   */
  async mirror(key: HoldingKey, pace: Pace): Promise<readonly Wound[] | undefined> {
    const { mirror } = this.#shop;
    const row = this.#settled(key);
    if (mirror === undefined || row === undefined || !isAccepted(row)) return undefined;
    const suspect = await this.#guard('read the mirror', key, () => mirror.examine(row, pace));
    return this.#inLane(key, 'mend the mirror', async () => {
      const now = this.#settled(key);
      if (now === undefined) return undefined;
      if (now.destroying === true) await finishDestroying(now, this.#shop);
      else if (now.state === 'destroyed') await mirror.destroy(now);
      if (now.state !== row.state || suspect.length === 0) return [];
      const wounds = await examine(
        mirror.place(now),
        suspect.map(({ piece }) => piece),
        unhurried,
      );
      if (wounds.length === 0 || now.state === 'quarantined') return [];
      await mirror.copy(now, unhurried);
      return wounds;
    });
  }

  /** What was settled is read again only after everything else had its turn. */
  async examinedAt(key: HoldingKey, atUs: number): Promise<void> {
    await this.#guard('note a reading', key, async () => {
      const row = this.#shop.index.find(key);
      if (row !== undefined) await this.#shop.commits.add({ change: 'scrubbed', holding: row.id, atUs });
    });
  }

  /**
   * Destroys wraps and content, here and in the mirror, at the end of a recording's time; manifest and stamps stay. The intent is
   * durable before the first byte goes, and the next start does again what a crash cut short. Idempotent. Throws StoreError
   * STORE_STALE for what is not settled, STORE_MIRROR while the mirror is away: call it again.
   */
  destroy(key: HoldingKey): Promise<void> {
    return this.#inLane(key, 'destroy a recording', async () => {
      const row = this.#row(key);
      if (row.state === 'incoming') throw stale('the recording is not settled');
      if (row.state !== 'destroyed') await this.#set(await this.#doomed(row));
      await finishDestroying(this.#row(key), this.#shop);
    });
  }

  /** A recording that rotted goes back among the others: its manifest and stamps prove what was there. */
  async #doomed(row: HoldingRow): Promise<HoldingRow> {
    const doomed = { ...row, state: 'destroyed', destroying: true } as const;
    if (row.reason !== ROT) return without(doomed, 'healing', 'rotFrom');
    return { ...without(doomed, 'healing', 'rotFrom', 'reason'), ...(await shelfFor(row, this.#shop)) };
  }

  #place({ folder }: HoldingRow): Place {
    return { disk: this.#shop.disk, folder: join(this.#shop.root, folder) };
  }

  #settled(key: HoldingKey): HoldingRow | undefined {
    const row = this.#shop.index.find(key);
    return row === undefined || row.state === 'incoming' ? undefined : row;
  }

  #row(key: HoldingKey): HoldingRow {
    const row = this.#shop.index.find(key);
    if (row === undefined) throw stale('no such holding', { recordingId: key.recordingId });
    return row;
  }

  async #move(key: HoldingKey): Promise<void> {
    const row = this.#row(key);
    // A file that changes its name must not live on as an open descriptor.
    await this.#shop.files.forget(join(this.#shop.root, row.folder, 'chunks'));
    await finishMove(row, this.#shop);
    this.#shop.manifests.forget(row);
  }

  async #set(holding: HoldingRow): Promise<void> {
    await this.#shop.commits.add({ change: 'set-holding', holding });
  }

  #inLane<T>(key: HoldingKey, doing: string, work: () => Promise<T>): Promise<T> {
    return this.#shop.desk.inLane(key, doing, work);
  }

  #guard<T>(doing: string, key: HoldingKey, work: () => Promise<T>): Promise<T> {
    return this.#shop.desk.guard(doing, key, work);
  }
}

/** Does what the index says is under way, or does it again. */
export async function finishDestroying(row: HoldingRow, shop: Omit<Premises, 'desk'>): Promise<void> {
  if (row.state !== 'destroyed' || row.destroying === undefined) return;
  const folder = join(shop.root, row.folder);
  await shop.files.forget(join(folder, 'chunks'));
  await destroyFiles({ disk: shop.disk, folder });
  if (shop.mirror !== undefined) await shop.mirror.destroy(row);
  await shop.commits.add({ change: 'set-holding', holding: without(row, 'destroying') });
  await finishMove(without(row, 'destroying'), shop);
  shop.manifests.forget(row);
  await tidyRefusal(shop.index.find(row) ?? row, shop);
}

/** An accepted entry is about it. */
export function isAccepted({ state, reason, entryIndex }: HoldingRow): boolean {
  if (entryIndex === undefined) return false;
  return state === 'quarantined' ? reason === ROT : reason === undefined;
}

/** The move back to where what was accepted lies. Throws StoreError STORE_CONFLICT while somebody else has the place. */
export async function shelfFor(
  row: HoldingRow,
  shop: Omit<Premises, 'desk' | 'mirror' | 'manifests'>,
): Promise<{ readonly movingTo?: string }> {
  const shelf = `recordings/${row.recordingId}`;
  if (row.folder === shelf) return {};
  const rivals = shop.index.rivals(row.recordingId).filter(({ id }) => id !== row.id);
  const isTaken = rivals.some(({ folder, movingTo }) => folder === shelf || movingTo === shelf);
  if (isTaken || (await shop.disk.size(join(shop.root, shelf))) !== undefined)
    throw conflict(`another manifest has the place ${shelf}`, { recordingId: row.recordingId });
  return { movingTo: shelf };
}

/** What is no longer refused says so no longer. */
export async function tidyRefusal(row: HoldingRow, shop: Pick<Premises, 'root' | 'disk'>): Promise<void> {
  if (row.state === 'quarantined' || row.reason !== undefined) return;
  const folder = join(shop.root, row.folder);
  if ((await shop.disk.size(join(folder, REFUSAL))) === undefined) return;
  await shop.disk.remove(join(folder, REFUSAL));
  await shop.disk.syncFolder(folder);
}
