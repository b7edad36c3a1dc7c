import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import type { Premises } from './desk.ts';
import { Content, examine, goodPiece, type Piece, type Place, unhurried, type Wound } from './examine.ts';
import { sha256 } from './manifests.ts';
import { allChunks } from './read-back.ts';
import type { Healing, HoldingRow } from './rows.ts';
import { formatStamps } from './stamps.ts';
import { replaceFile } from './whole.ts';

/** A piece that is as it was accepted again. */
export interface Mended {
  readonly wound: Wound;
  readonly from: Healing;
}

type Paper = Extract<Piece, { readonly what: 'manifest' | 'wraps' | 'stamps' }>;

/**
 * Writes good bytes over what is damaged, whole files by a temporary name: a crash leaves the damaged file or the good one.
 * Chunks are mended together or not at all. Resolves to what could be mended.
 */
export async function mendFiles(
  row: HoldingRow,
  wounds: readonly Wound[],
  shop: Premises,
): Promise<readonly Mended[]> {
  const source = await mirrorOf(row, wounds, shop);
  const plans: Plan[] = [];
  for (const wound of wounds) {
    if (wound.piece.what === 'chunk') continue;
    const plan = await paperPlan(row, { wound, piece: wound.piece }, { source, shop });
    if (plan !== undefined) plans.push(plan);
  }
  const chunks = wounds.filter(({ piece }) => piece.what === 'chunk');
  if (source !== undefined && chunks.length > 0 && (await hasAll(source, chunks)))
    plans.push({
      mended: chunks.map((wound) => ({ wound, from: 'mirror' })),
      write: () => rewriteChunks(row, source, shop),
    });
  const mended = plans.flatMap((plan) => plan.mended);
  if (mended.length === 0) return [];
  // Durable before the first byte is put right: whoever finds it whole after a crash knows where it came from.
  const healing = mended.some(({ from }) => from === 'mirror') ? 'mirror' : 'index';
  await shop.commits.add({ change: 'set-holding', holding: { ...row, healing } });
  for (const plan of plans) await plan.write();
  shop.manifests.forget(row);
  const left = await examine(
    placeOf(row, shop),
    mended.map(({ wound }) => wound.piece),
    unhurried,
  );
  return mended.filter(({ wound }) => !left.some(({ piece }) => piece === wound.piece));
}

interface Plan {
  readonly mended: readonly Mended[];
  readonly write: () => Promise<void>;
}

/** The recording's copy, if the mirror is there: without it the damage is as it is. */
async function mirrorOf(
  row: HoldingRow,
  wounds: readonly Wound[],
  { mirror }: Premises,
): Promise<Place | undefined> {
  if (mirror === undefined || wounds.length === 0) return undefined;
  const isThere = await mirror.isThere();
  return isThere ? mirror.place(row) : undefined;
}

async function paperPlan(
  row: HoldingRow,
  { wound, piece }: { readonly wound: Wound; readonly piece: Paper },
  { source, shop }: { readonly source: Place | undefined; readonly shop: Premises },
): Promise<Plan | undefined> {
  const path = join(shop.root, row.folder, piece.what);
  const plan = (from: Healing, bytes: Uint8Array): Plan => ({
    mended: [{ wound, from }],
    write: () => replaceFile(shop.disk, path, [bytes]),
  });
  const copy = source && (await goodPiece(source, piece, new Content(source)));
  if (copy !== undefined) return plan('mirror', copy);
  // The stamps are in the index too, and are always written the same way.
  const stamps = piece.what === 'stamps' ? formatStamps([...allChunks(row, shop)]) : undefined;
  return stamps !== undefined && equal(sha256(stamps), piece.expected) ? plan('index', stamps) : undefined;
}

async function hasAll(source: Place, wounds: readonly Wound[]): Promise<boolean> {
  const missing = await examine(
    source,
    wounds.map(({ piece }) => piece),
    unhurried,
  );
  return missing.length === 0;
}

/** A new chunks file: what is good here, and the rest from the copy. */
async function rewriteChunks(row: HoldingRow, source: Place, shop: Premises): Promise<void> {
  const path = join(shop.root, row.folder, 'chunks');
  const [here, there] = [new Content(placeOf(row, shop)), new Content(source)];
  const file = await shop.disk.open(`${path}.tmp`, 'write');
  try {
    await file.truncate(0);
    for (const chunk of allChunks(row, shop)) {
      const piece = { what: 'chunk', expected: chunk.sha256, chunk } as const;
      const bytes =
        (await goodPiece(placeOf(row, shop), piece, here)) ?? (await goodPiece(source, piece, there));
      // Damage that came since is found in the next turn; what is here now is still better than nothing.
      if (bytes === undefined) return;
      await file.write([bytes], chunk.offset);
    }
    await file.sync();
  } finally {
    await Promise.all([here.close(), there.close(), file.close()]);
  }
  await shop.disk.rename(`${path}.tmp`, path);
  await shop.disk.syncFolder(join(shop.root, row.folder));
  // Whoever still reads the damaged file by an open descriptor would go on doing so.
  await shop.files.forget(path);
}

function placeOf({ folder }: HoldingRow, shop: Premises): Place {
  return { disk: shop.disk, folder: join(shop.root, folder) };
}
