import type { Logger } from 'pino';
import { FieldError } from '../proto/errors.ts';
import type { DockConfig } from './config.ts';
import type { SettledNews } from './ingest/converse.ts';
import type { IngestNews } from './ingest/state.ts';
import type { LedgerNews } from './ledger/gathering.ts';
import type { Clock } from './ports.ts';
import type { openRelease } from './release/release.ts';

// More than anybody reads, and ten lines a second for each of ten cameras.
const PROGRESS_LINES_PER_S = 100;
const US_PER_S = 1_000_000;

/** Says what conversations with cameras come to, for whoever reads stdout. How far thousands of uploads are is said of some of them. */
export function announcer(
  config: DockConfig,
  log: Logger,
  clock: Pick<Clock, 'monoUs'>,
): (news: IngestNews | SettledNews) => void {
  const isHeard = sampled(clock);
  return (news) => {
    const isSaid = news.news !== 'progress' || news.durableBytes === news.totalBytes || isHeard();
    if (isSaid) announce(config, log, news);
  };
}

/** True so many times in each second. */
function sampled(clock: Pick<Clock, 'monoUs'>): () => boolean {
  let sinceUs = Number.NEGATIVE_INFINITY;
  let left = 0;
  return () => {
    const nowUs = clock.monoUs();
    if (nowUs - sinceUs >= US_PER_S) [sinceUs, left] = [nowUs, PROGRESS_LINES_PER_S];
    left -= 1;
    return left >= 0;
  };
}

function announce(config: DockConfig, log: Logger, news: IngestNews | SettledNews): void {
  switch (news.news) {
    case 'docked':
      return say(config, { event: 'docked', camera: news.cameraId });
    case 'progress':
      return say(config, {
        event: 'progress',
        camera: news.cameraId,
        recording: news.recordingId,
        durableBytes: news.durableBytes,
        totalBytes: news.totalBytes,
      });
    case 'settled': {
      const { outcome, reason, entryIndex } = news.settled;
      return say(config, {
        event: outcome,
        camera: news.cameraId,
        recording: news.recordingId,
        entry: entryIndex,
        ...(reason === '' ? {} : { reason }),
      });
    }
    case 'refused':
      log.warn({ camera: news.cameraId, code: news.code, text: news.message }, 'camera.refused');
      return say(config, {
        event: 'refused',
        camera: news.cameraId ?? null,
        code: news.code,
        message: news.message,
      });
    case 'ledger-behind':
      log.error({ camera: news.cameraId, text: news.message }, 'ledger.behind');
      return say(config, { event: news.news, camera: news.cameraId, message: news.message });
    case 'taking':
    case 'aborted':
    case 'left':
    case 'telemetry':
    case 'clock':
      return;
    default:
      news satisfies never;
  }
}

/** A witness that remembers another history is the loudest thing that a dock has to say. */
export function tellLedger(config: DockConfig, log: Logger, news: LedgerNews): void {
  switch (news.news) {
    case 'witness-missing':
      log.warn({ witness: news.witness, why: news.why }, 'witness.missing');
      return say(config, { event: 'witness-missing', witness: news.witness, why: news.why });
    case 'witness-back':
      log.info({ witness: news.witness }, 'witness.back');
      return say(config, { event: 'witness-back', witness: news.witness });
    case 'disagrees':
      log.fatal({ problem: said(news.error) }, 'ledger.disagrees');
      return say(config, { event: 'ledger-disagrees', message: news.error.message });
    case 'problem':
      return log.error({ problem: said(news.error) }, 'ledger.problem');
    default:
      news satisfies never;
  }
}

/** What release did, or could not do. */
export function told(
  config: DockConfig,
  log: Logger,
  notice: Parameters<Parameters<typeof openRelease>[0]['notify']>[0],
): void {
  if (notice.notice === 'problem') {
    log.error({ problem: said(notice.problem) }, 'release.problem');
  } else {
    say(config, { event: notice.notice, recording: notice.recordingId, person: notice.person });
  }
}

/** A problem in words for a log: an expected one by its code, a bug with its stack. */
export function said(problem: unknown): string {
  if (problem instanceof FieldError) return `${problem.code}: ${problem.message}`;
  return problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
}

/** One line of stdout: JSON, or `name key=value …`. */
export function say(
  config: DockConfig,
  event: Readonly<Record<string, unknown>> & { readonly event: string },
): void {
  const { event: name, ...rest } = event;
  const line = config.json
    ? JSON.stringify(event)
    : `${name} ${Object.entries(rest)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(' ')}`;
  process.stdout.write(`${line}\n`);
}
