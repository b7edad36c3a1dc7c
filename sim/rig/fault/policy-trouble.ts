import {
  createServer,
  request as ask,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { fieldsIn, Liar, type PolicyLie } from './policy-lie.ts';

export type { PolicyLie } from './policy-lie.ts';

export interface PolicyCounts {
  requests: number;
  /** Answers to a dock's questions that were false, or no answers. */
  lies: number;
  /** Requests that were cut off or never answered. */
  unanswered: number;
}

/** A policy service between docks and the real one. It starts honest: everything goes through as it is, the event stream included. */
export interface PolicyTrouble {
  readonly url: string;
  readonly counts: Readonly<PolicyCounts>;
  /** The real service's word again, at once. */
  honest(): void;
  /** Every connection is reset, those that are open and those that come. */
  down(): void;
  /** Every answer comes so much later. */
  slow(ms: number): void;
  /** Accepts requests and answers none; event streams that are open end. */
  silent(): void;
  /** Event streams open and say nothing more, not even that somebody is there; those that were open end. */
  muteEvents(): void;
  /** Answers docks' questions like this; registrations and all else go through. */
  lie(kind: PolicyLie): void;
  close(): Promise<void>;
}

interface Manner {
  readonly mood: 'honest' | 'down' | 'silent';
  readonly slowMs: number;
  readonly hasEvents: boolean;
  readonly lie?: PolicyLie;
}

const HONEST: Manner = { mood: 'honest', slowMs: 0, hasEvents: true };
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const GRANTS_KEPT_MAX = 1_000;

/**
 * Opens it before the real service, which it never changes: lies are answers alone. `signingPem` is the real service's private key
 * (`policy.key.pem`), for the lies that only a service that holds it can tell.
 */
export async function openPolicyTrouble(
  policyUrl: string,
  options: { readonly signingPem?: string } = {},
): Promise<PolicyTrouble> {
  const trouble = new TroubledPolicy(policyUrl, new Liar(options.signingPem));
  await trouble.listen();
  return trouble;
}

class TroubledPolicy implements PolicyTrouble {
  readonly counts: PolicyCounts = { requests: 0, lies: 0, unanswered: 0 };
  readonly #real: URL;
  readonly #liar: Liar;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<Socket>();
  /** By recording: hash of its manifest, from the dock's registration, and a grant that was given for it. */
  readonly #manifests = new Map<string, string>();
  readonly #grants = new Map<string, string>();
  #manner = HONEST;
  #port = 0;

  constructor(policyUrl: string, liar: Liar) {
    this.#real = new URL(policyUrl);
    this.#liar = liar;
    this.#server = createServer((request, response) => {
      this.#take(request, response).catch(() => request.socket.destroy());
    });
    this.#server.on('connection', (socket) => {
      if (this.#manner.mood === 'down') socket.resetAndDestroy();
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  honest(): void {
    this.#become(HONEST);
  }

  down(): void {
    this.#become({ ...HONEST, mood: 'down' });
  }

  slow(ms: number): void {
    this.#manner = { ...HONEST, slowMs: ms };
  }

  silent(): void {
    this.#become({ ...HONEST, mood: 'silent' });
  }

  muteEvents(): void {
    this.#become({ ...HONEST, hasEvents: false });
  }

  lie(kind: PolicyLie): void {
    this.#manner = { ...HONEST, lie: kind };
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Whoever hangs on the manner before calls again under the new one. */
  #become(manner: Manner): void {
    const wasDeaf = this.#manner.mood !== 'honest' || !this.#manner.hasEvents;
    const over = manner.mood === 'down' || wasDeaf ? this.#sockets : this.#streams;
    this.#manner = manner;
    for (const socket of over) socket.resetAndDestroy();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counts.requests++;
    const { mood, slowMs, hasEvents } = this.#manner;
    if (mood !== 'honest') {
      this.counts.unanswered++;
      if (mood === 'down') request.socket.resetAndDestroy();
      return;
    }
    if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
    const path = new URL(request.url ?? '/', this.#real).pathname;
    if (path === '/v1/events') return this.#follow(request, response, hasEvents);
    const body = await read(request);
    if (path === '/access/v1/evaluation') return this.#evaluate(request, response, body);
    if (path === '/v1/facts') this.#learn(body);
    const real = await this.#forward(request, body);
    response.writeHead(real.statusCode ?? 502, real.headers);
    real.pipe(response);
  }

  async #follow(request: IncomingMessage, response: ServerResponse, hasEvents: boolean): Promise<void> {
    this.#streams.add(request.socket);
    request.socket.once('close', () => this.#streams.delete(request.socket));
    if (!hasEvents) {
      this.counts.unanswered++;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      return;
    }
    const real = await this.#forward(request, Buffer.alloc(0));
    response.writeHead(real.statusCode ?? 502, real.headers).flushHeaders();
    response.once('close', () => real.destroy());
    real.once('close', () => response.destroy());
    real.pipe(response);
  }

  async #evaluate(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const real = await this.#forward(request, body);
    const honest = (await read(real)).toString();
    const question = fieldsIn(parse(body.toString()));
    const recording = String(fieldsIn(question['resource'])['id']);
    const { lie } = this.#manner;
    if (lie === undefined) {
      this.#remember(recording, honest);
      response
        .writeHead(real.statusCode ?? 502, { 'content-type': real.headers['content-type'] ?? 'text/plain' })
        .end(honest);
      return;
    }
    const answer = await this.#liar.answer(lie, {
      ...{ question, honest, issuer: this.#real.origin },
      manifest: this.#manifests.get(recording),
      oldGrant: this.#grants.get(recording),
    });
    this.counts.lies++;
    response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
  }

  #forward(request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const headers = { ...request.headers, host: this.#real.host, connection: 'close' };
    return new Promise((resolve, reject) => {
      const asked = ask(
        new URL(request.url ?? '/', this.#real),
        { method: request.method ?? 'GET', headers, agent: false },
        resolve,
      );
      asked.once('error', reject);
      asked.end(body);
    });
  }

  #learn(body: Buffer): void {
    const { recording, manifestHash } = fieldsIn(parse(body.toString()));
    if (typeof recording === 'string' && typeof manifestHash === 'string')
      this.#manifests.set(recording, manifestHash);
  }

  #remember(recording: string, answer: string): void {
    const { grant } = fieldsIn(fieldsIn(parse(answer))['context']);
    if (typeof grant === 'string' && this.#grants.size < GRANTS_KEPT_MAX) this.#grants.set(recording, grant);
  }
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError(`a body of more than ${BODY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not ours to judge: the real service says what it thinks of it.
    return undefined;
  }
}
