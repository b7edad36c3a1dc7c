import { toHex, utf8 } from '../../proto/bytes.ts';
import type { Stamp } from '../ports.ts';
import type { ChunkRow, HoldingRow, NewHolding } from './rows.ts';

export type Change =
  | { readonly change: 'add-holding'; readonly holding: NewHolding; readonly chunks?: readonly ChunkRow[] }
  | { readonly change: 'set-holding'; readonly holding: HoldingRow }
  | { readonly change: 'add-chunk'; readonly holding: number; readonly chunk: ChunkRow }
  | { readonly change: 'forget-chunks'; readonly holding: number; readonly from: number }
  /** The same chunk, with the stamp that it had when it was accepted. */
  | { readonly change: 'set-stamp'; readonly holding: number; readonly chunk: ChunkRow }
  | { readonly change: 'scrubbed'; readonly holding: number; readonly atUs: number };

/** What stands for each `?` of a statement, in order. */
export type Value = string | number | Uint8Array | null;

export interface Statement {
  readonly sql: keyof typeof SQL;
  readonly values: readonly Value[];
}

/** Every way in which the index changes. No other text of them has a question mark. */
export const SQL = {
  addHolding: `INSERT INTO holdings (recording, manifest_sha256, camera, transport, manifest_bytes, content_bytes, state,
     conflict, folder, moving_to, lease_epoch, has_manifest, wraps_sha256, entry_index, reason, stamps_sha256,
     stamps_chunks, destroying, healing, rot_from)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  setHolding: `UPDATE holdings SET transport = ?, manifest_bytes = ?, content_bytes = ?, state = ?, folder = ?, moving_to = ?,
     lease_epoch = ?, has_manifest = ?, wraps_sha256 = ?, entry_index = ?, reason = ?, stamps_sha256 = ?, stamps_chunks = ?,
     destroying = ?, healing = ?, rot_from = ? WHERE id = ?`,
  addChunk: 'INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  forgetChunks: 'DELETE FROM chunks WHERE holding = ? AND chunk >= ?',
  setStamp: `UPDATE chunks SET received_us = ?, uncertainty_us = ?, basis = ?, epoch = ?
     WHERE holding = ? AND chunk = ? AND sha256 = ?`,
  scrubbed: `INSERT INTO scrubs VALUES (?, (SELECT coalesce(max(turn), 0) + 1 FROM scrubs), ?)
     ON CONFLICT (holding) DO UPDATE SET turn = excluded.turn, at_us = excluded.at_us`,
} as const;

/** Of a holding that is added, only itself: its chunks need its number. */
export function statementOf(change: Change): Statement {
  switch (change.change) {
    case 'add-holding': {
      const { holding } = change;
      const offer = [holding.recordingId, holding.manifestSha256, holding.cameraId, holding.transport];
      const fixed = [holding.manifestBytes, holding.contentBytes, holding.state, Number(holding.conflict)];
      return { sql: 'addHolding', values: [...offer, ...fixed, ...changing(holding)] };
    }
    case 'set-holding': {
      const { transport, manifestBytes, contentBytes, state, id } = change.holding;
      const values = [transport, manifestBytes, contentBytes, state, ...changing(change.holding), id];
      return { sql: 'setHolding', values };
    }
    case 'add-chunk': {
      const { index, offset, bytes, sha256, stamp } = change.chunk;
      return {
        sql: 'addChunk',
        values: [change.holding, index, offset, bytes, sha256, ...stampValues(stamp)],
      };
    }
    case 'forget-chunks':
      return { sql: 'forgetChunks', values: [change.holding, change.from] };
    case 'set-stamp': {
      const { index, sha256, stamp } = change.chunk;
      return { sql: 'setStamp', values: [...stampValues(stamp), change.holding, index, sha256] };
    }
    case 'scrubbed':
      return { sql: 'scrubbed', values: [change.holding, change.atUs] };
    default:
      return change satisfies never;
  }
}

/**
 * The statement as text with its values in it, for where none can be bound. Text goes in as the hexadecimal of its bytes, so nothing
 * that anybody wrote is ever read as SQL.
 */
export function spelled({ sql, values }: Statement): string {
  const pieces = SQL[sql].split('?');
  return pieces.map((piece, at) => (at === 0 ? piece : `${literal(values[at - 1])}${piece}`)).join('');
}

function literal(value: Value | undefined): string {
  if (value === undefined) throw new TypeError('a statement with fewer values than places');
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `CAST(x'${toHex(utf8(value))}' AS TEXT)`;
  if (typeof value !== 'number') return `x'${toHex(value)}'`;
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}

function stampValues(stamp: Stamp): readonly Value[] {
  return [stamp.receivedAtUs, stamp.uncertaintyUs, stamp.basis, stamp.epoch ?? null];
}

function changing(holding: NewHolding): readonly Value[] {
  return [
    holding.folder,
    holding.movingTo ?? null,
    holding.leaseEpoch,
    Number(holding.hasManifest),
    holding.wrapsSha256 ?? null,
    holding.entryIndex ?? null,
    holding.reason ?? null,
    holding.stamps?.sha256 ?? null,
    holding.stamps?.chunks ?? null,
    Number(holding.destroying ?? false),
    holding.healing ?? null,
    holding.rotFrom ?? null,
  ];
}
