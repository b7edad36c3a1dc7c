import type { Row } from '../../../../../dock/viewer/page/answers.ts';

/** A held row as the dock gives it, with what differs. */
export function rowOf(id: string, changes: Partial<Row> = {}): Row {
  return {
    ...{ id, camera: 'cam-1', transport: 'mqtt', officer: '4411', incident: '24-118842' },
    ...{ startedAt: '2026-11-21T08:00:00.000000Z', endedAt: '2026-11-21T08:01:00.000000Z' },
    ...{ bytes: 1_000, chunks: 3, durationMs: 60_000 },
    ...{ status: 'held', reason: 'Waiting.', missing: [], viewed: false },
    ...{ regime: 'doj', policySet: 'a3'.repeat(32), purpose: 'write_report' },
    ...changes,
  };
}

/** The morning's minute by number. */
export const at = (minute: number): string => `2026-11-21T08:${String(minute).padStart(2, '0')}:00.000000Z`;
