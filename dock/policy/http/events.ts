import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { edition } from '../decide/rule-book.ts';
import type { FactBook } from '../facts/book.ts';
import { subjects, type Entry } from '../facts/fact.ts';
import type { Knowledge } from '../facts/knowledge.ts';
import { badRequest } from './failure.ts';
import { authenticate, type Service } from './service.ts';

const HEARTBEAT_MS = 1_000;
/** How late the announcement may be that other rules hold from a moment on: what was opened under the old ones ends within two seconds. */
const RULES_MS = 250;
const PAGE = 200;
/** What a reader may leave unread before it is cut off; it can come back and name where it was. */
const UNREAD_BYTES_MAX = 1024 * 1024;
/** So many heartbeats without taking anything, and it is gone. */
const DEAF_BEATS_MAX = 60;
/** The index of a fact, as a reader names where it was. */
export const place = z.string().regex(/^\d{1,15}$/);
/** More recordings than this are not named one by one: a reader then asks about all. */
const TOUCHED_MAX = 200;

/**
 * `GET /v1/events?after=INDEX`: every fact after that index, then each new one as it is taken, as server-sent
 * events (WHATWG HTML). Without `after` only new ones. `Last-Event-ID` of a reconnecting reader wins over it. An event `rules`
 * says that from now on other rules hold for somebody, though no fact came: the moment of an adoption has come.
 */
export function eventRoutes(app: FastifyInstance, service: Service): void {
  const open = new Set<ServerResponse>();
  // Closing waits for requests to end, and these never do by themselves.
  app.addHook('preClose', async () => {
    for (const response of open) response.end();
    stopRules();
  });
  const stopRules = watchRules(service, () => {
    for (const response of open) response.write(RULES_EVENT);
  });
  app.get<{ Querystring: { after?: string } }>('/v1/events', async (request, reply) => {
    authenticate(service, request);
    const from = request.headers['last-event-id'] ?? request.query.after;
    const after = startOf(from, service.book);
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    open.add(response);
    const stop = follow(response, { book: service.book, every: service.clock.every, after });
    response.on('close', () => {
      stop();
      open.delete(response);
    });
  });
}

const RULES_EVENT = 'event: rules\ndata: {}\n\n';

/** Calls `changed` whenever time alone has brought other rules into force, a clock that was set included. */
function watchRules({ book, clock }: Pick<Service, 'book' | 'clock'>, changed: () => void): () => void {
  const now = (): string => edition(book.known.adoptions(), clock.nowMs());
  let announced = now();
  return clock.every(RULES_MS, () => {
    const current = now();
    if (current !== announced) changed();
    announced = current;
  });
}

function startOf(from: unknown, { known }: FactBook): number {
  if (from === undefined) return known.newest;
  const named = place.safeParse(from);
  if (!named.success) throw badRequest('`after` is the index of a fact', 'after');
  // A service that was restored from a backup is behind its readers: what it takes from now on is new to them.
  return Math.min(Number(named.data), known.newest);
}

interface Reading {
  readonly book: FactBook;
  readonly every: Clock['every'];
  readonly after: number;
}

/** Writes what the store has beyond the cursor whenever there is something and the reader keeps up. */
function follow(response: ServerResponse, { book, every, after }: Reading): () => void {
  let cursor = after;
  const pump = (): void => {
    while (cursor < book.known.newest && !response.writableNeedDrain && !response.writableEnded) {
      const page = book.store.list({ after: cursor, limit: PAGE });
      for (const entry of page) response.write(eventOf(entry, book.known));
      cursor = page.at(-1)?.index ?? book.known.newest;
    }
  };
  const unsubscribe = book.subscribe(pump);
  let deafBeats = 0;
  const silence = every(HEARTBEAT_MS, () => {
    deafBeats = response.writableNeedDrain ? deafBeats + 1 : 0;
    if (response.writableLength > UNREAD_BYTES_MAX || deafBeats > DEAF_BEATS_MAX) response.destroy();
    else response.write(': here\n\n');
  });
  response.on('drain', pump);
  response.write(': facts\n\n');
  pump();
  return () => {
    unsubscribe();
    silence();
  };
}

/** One fact as the stream announces it. */
export function eventOf({ index, fact }: Entry, known: Knowledge): string {
  const about = subjects(fact);
  const data = JSON.stringify({ index, type: fact.type, ...about, ...touched(known, about) });
  return `id: ${index}\nevent: fact\ndata: ${data}\n\n`;
}

/**
 * The recordings whose answers the fact can change, where they can be named: those of its incident, or of the incidents of its
 * recording. What has been unlinked since is named by the fact that unlinked it.
 */
function touched(
  known: Knowledge,
  { incident, recording }: ReturnType<typeof subjects>,
): { readonly recordings?: readonly string[] } {
  if (incident === undefined && recording === undefined) return {};
  const incidents = [
    ...(incident === undefined ? [] : [incident]),
    ...(recording === undefined ? [] : known.recording(recording).incidents),
  ];
  const all = new Set(recording === undefined ? [] : [recording]);
  for (const one of incidents) for (const each of known.incident(one).recordings) all.add(each);
  return all.size > TOUCHED_MAX ? {} : { recordings: [...all] };
}
