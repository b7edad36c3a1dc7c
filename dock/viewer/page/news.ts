import type { Row } from './answers.ts';
import { shortly } from './words.ts';

/**
 * What to say aloud when the list has changed by itself: which recording is released now, or held again; of more than
 * one, how many. Empty when no status changed. `except` says it of itself.
 */
export function newsOf(before: readonly Row[], after: readonly Row[], except: string | undefined): string {
  const statuses = new Map(before.map(({ id, status }) => [id, status]));
  const changed = after.filter(({ id, status }) => {
    const was = statuses.get(id);
    return was !== undefined && was !== status && id !== except;
  });
  const released = changed.filter(({ status }) => status === 'released');
  const held = changed.filter(({ status }) => status === 'held');
  return [said(released, 'released now'), said(held, 'held again')].filter((text) => text !== '').join(' ');
}

function said(rows: readonly Row[], what: string): string {
  const [row, ...others] = rows;
  if (row === undefined) return '';
  if (others.length > 0) return `${rows.length} recordings are ${what}.`;
  const incident = row.incident === '' ? 'Recording' : `Recording of ${row.incident}`;
  return `${incident} by Officer ${row.officer}, ${shortly(row.startedAt)}, is ${what}.`;
}
