import type { ServerResponse } from 'node:http';
import type { Cancel, Clock, Viewer } from '../ports.ts';
import { signedIn, viewerIn } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendProblem } from './reply.ts';
import { followUpdates, type Update } from './schema/updates.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';

const STREAMS_MAX = 256;
const HEARTBEAT_MS = 5_000;
// A page that reads nothing for this long a backlog is gone or asleep; it loads the list afresh when it returns.
const BACKLOG_BYTES_MAX = 64 * 1024;

/**
 * `GET /v1/updates`: server-sent events with each row that reads differently now, or without it when the person may no
 * longer know of the recording. They hear of no other; the stream ends with their token.
 */
export function addUpdateRoutes(
  app: ViewerApp,
  ports: ViewerPorts,
  {
    catalogue,
    headers,
  }: { readonly catalogue: Catalogue; readonly headers: Readonly<Record<string, string>> },
): void {
  const streams = new Set<Stream>();
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });

  const guard = signedIn(ports.policy);
  app.get('/v1/updates', { schema: followUpdates, preValidation: guard }, async (request, reply) => {
    const { viewer } = viewerIn(request);
    if (streams.size >= STREAMS_MAX) {
      return sendProblem(reply, 503, {
        code: 'too-many-streams',
        message: 'Too many pages are open; this one will not update by itself.',
      });
    }
    reply.hijack();
    const stream = new Stream(reply.raw, ports.clock);
    streams.add(stream);
    try {
      stream.start(headers, viewer);
      await follow(stream, { ports, catalogue, viewer });
    } catch (problem) {
      ports.onProblem(problem);
    } finally {
      streams.delete(stream);
      stream.end();
    }
    return reply;
  });
}

async function follow(
  stream: Stream,
  { ports, catalogue, viewer }: { ports: ViewerPorts; catalogue: Catalogue; viewer: Viewer },
): Promise<void> {
  const changes = ports.released.changes(viewer.person)[Symbol.asyncIterator]();
  stream.onEnd(() => void changes.return?.());
  const known = new Set<string>((await catalogue.rows(viewer)).map(({ id }) => id));
  stream.send(': ready\n\n');
  for (let next = await changes.next(); next.done !== true; next = await changes.next()) {
    const { recordingId } = next.value;
    const row = await catalogue.known(viewer, recordingId);
    if (ports.clock.wallUs() >= viewer.expiresAtUs) return stream.end();
    if (row !== undefined || known.has(recordingId)) {
      const update: Update = { recording: recordingId, row };
      stream.send(`event: changed\ndata: ${JSON.stringify(update)}\n\n`);
    }
    if (row !== undefined) known.add(recordingId);
    else known.delete(recordingId);
  }
}

/** One open response and everything that can end it: the page, its token, its silence, the dock. */
class Stream {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #endings: (() => void)[] = [];
  #heartbeat: Cancel | undefined;
  #ended = false;

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
  }

  start(headers: Readonly<Record<string, string>>, viewer: Viewer): void {
    this.#response.on('close', () => this.end());
    this.#response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    const beat = (): void => {
      if (this.#clock.wallUs() >= viewer.expiresAtUs) return this.end();
      this.send(': heartbeat\n\n');
      this.#heartbeat = this.#clock.after(HEARTBEAT_MS, beat);
    };
    this.#heartbeat = this.#clock.after(HEARTBEAT_MS, beat);
  }

  send(text: string): void {
    if (this.#ended) return;
    this.#response.write(text);
    if (this.#response.writableLength > BACKLOG_BYTES_MAX) this.end();
  }

  onEnd(ending: () => void): void {
    if (this.#ended) ending();
    else this.#endings.push(ending);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#heartbeat?.();
    for (const ending of this.#endings) ending();
    this.#response.end();
  }
}
