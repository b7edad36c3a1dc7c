import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { PersonId } from '../../proto/ids.ts';
import type { Cancel, Clock, Viewer } from '../ports.ts';
import { sendProblem } from './reply.ts';

const STREAMS_MAX = 256;
// As many pages as anybody has open, with two streams each; nobody may take all there are.
const STREAMS_OF_ONE_MAX = 32;
const HEARTBEAT_MS = 5_000;
// A page that reads nothing for this long a backlog is gone or asleep; it loads everything afresh when it returns.
const BACKLOG_BYTES_MAX = 64 * 1024;

export interface StreamsOptions {
  readonly clock: Clock;
  /** Of every answer of this dock. */
  readonly headers: Readonly<Record<string, string>>;
  /** Hears what failed while following; must not throw. */
  readonly onProblem: (problem: unknown) => void;
}

/** All server-sent events of one dock: their number is bounded together, and they end before it does. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Map<Stream, PersonId>();

  constructor(app: FastifyInstance, options: StreamsOptions) {
    this.#options = options;
    app.addHook('preClose', async () => {
      for (const stream of this.#open.keys()) stream.end();
    });
  }

  /** Answers with a stream that lives as long as `follow`, and no longer than the person's token. */
  async serve(
    reply: FastifyReply,
    viewer: Viewer,
    { heartbeatMs = HEARTBEAT_MS, follow }: Following,
  ): Promise<FastifyReply> {
    const { person } = viewer;
    const own = [...this.#open.values()].filter((other) => other === person).length;
    if (this.#open.size >= STREAMS_MAX || own >= STREAMS_OF_ONE_MAX) {
      return sendProblem(reply, 503, {
        code: 'too-many-streams',
        message: 'Too many pages are open; this one will not update by itself.',
      });
    }
    reply.hijack();
    const { clock, headers, onProblem } = this.#options;
    const stream = new Stream(reply.raw, clock);
    this.#open.set(stream, person);
    try {
      stream.start({ headers, viewer, heartbeatMs });
      await follow(stream);
    } catch (problem) {
      onProblem(problem);
    } finally {
      this.#open.delete(stream);
      stream.end();
    }
    return reply;
  }
}

export interface Following {
  readonly heartbeatMs?: number;
  /** Sends what there is to say; resolves when the stream has ended. */
  readonly follow: (stream: Stream) => Promise<void>;
}

/** One open response and everything that can end it: the page, its token, its silence, the dock. */
export class Stream {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #endings: (() => void)[] = [];
  #heartbeat: Cancel | undefined;
  #ended = false;

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
  }

  start({
    headers,
    viewer,
    heartbeatMs,
  }: {
    readonly headers: Readonly<Record<string, string>>;
    readonly viewer: Viewer;
    readonly heartbeatMs: number;
  }): void {
    this.#response.on('close', () => this.end());
    // Whoever went while it was found out who they are has been heard going already.
    if (this.#response.destroyed) return this.end();
    this.#response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    const beat = (): void => {
      if (this.#clock.wallUs() >= viewer.expiresAtUs) return this.end();
      this.send(': heartbeat\n\n');
      this.#heartbeat = this.#clock.after(heartbeatMs, beat);
    };
    this.#heartbeat = this.#clock.after(heartbeatMs, beat);
  }

  send(text: string): void {
    if (this.#ended) return;
    if (this.#response.writableLength > BACKLOG_BYTES_MAX) return this.end();
    this.#response.write(text);
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
