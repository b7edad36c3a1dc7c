import { toHex } from '../proto/bytes.ts';
import type { Film } from './capture/recovery.ts';
import type { BodyNews } from './firmware/body-ports.ts';
import type { Reply } from './firmware/desk.ts';

/** One line of a camera's output. */
export type Saying = Readonly<Record<string, unknown>> & { readonly event: string };

/** What a camera says of its news on stdout; undefined for what only its display shows. */
export function sayingOf(news: BodyNews): Saying | undefined {
  switch (news.news) {
    case 'recording':
      return {
        event: 'recording',
        recording: news.recordingId,
        ...(news.peer === undefined ? {} : { peer: news.peer }),
      };
    case 'closed':
      return closed(news.film);
    case 'signal':
      return undefined;
    case 'trouble':
      return { event: 'notice', message: news.why };
    case 'docked':
      return { event: 'docked', dock: news.dockId };
    case 'progress':
      return {
        event: 'progress',
        recording: news.recordingId,
        durableBytes: news.durableBytes,
        totalBytes: news.totalBytes,
      };
    case 'receipt':
      return {
        event: 'receipt',
        recording: news.recordingId,
        outcome: news.outcome,
        ...(news.reason === '' ? {} : { reason: news.reason }),
      };
    case 'erased':
      return { event: 'erased', recording: news.recordingId };
    case 'refused': {
      const { code, class: kind, message } = news.abort;
      return { event: 'refused', code, class: kind, message };
    }
    case 'distrust':
      return { event: 'distrust', message: news.why };
    case 'unreachable':
      return { event: 'unreachable', message: news.why };
    case 'interrupted':
      return { event: 'interrupted', because: news.because };
    case 'idle':
      return { event: 'idle' };
    default:
      return news satisfies never;
  }
}

function closed(film: Film): Saying {
  return {
    event: 'closed',
    recording: film.recordingId,
    counter: film.counter,
    bytes: film.bytes,
    chunks: film.chunks,
    ...(film.plainSha256 === undefined ? {} : { sha256: toHex(film.plainSha256) }),
    mediaMs: film.mediaMs,
    stopReason: film.stopReason,
  };
}

/** What stdin is told of a command: its answer where there is one, and why it was not carried out. */
export function replySaying(reply: Reply): Saying | undefined {
  if (reply.came === 'refused') return { event: 'refused', message: reply.why };
  if (reply.came === 'ignored') return undefined;
  if (reply.status !== undefined) return { event: 'status', ...reply.status };
  return reply.text === undefined ? undefined : { event: 'help', text: reply.text };
}

/** The line that answers a command on the socket. */
export function replyLine(reply: Reply, isJson: boolean): string {
  const { came } = reply;
  if (came !== 'done') return isJson ? JSON.stringify({ came, why: reply.why }) : `${came}: ${reply.why}`;
  const { recordingId, film, status, text } = reply;
  const recording = film?.recordingId ?? recordingId;
  const fields = { ...(recording === undefined ? {} : { recording }), ...status };
  if (isJson) return JSON.stringify({ came, ...fields, ...(text === undefined ? {} : { text }) });
  if (status === undefined && text !== undefined) return text;
  return ['done', ...words(fields)].join(' ');
}

/** The same as one line for people. */
export function plainLine({ event, ...rest }: Saying): string {
  return [event, ...words(rest)].join(' ');
}

function words(fields: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`);
}
