import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

/** What the dock sent to be evaluated, as far as a test looks at it. */
export interface Asked {
  readonly subject: { readonly id: string };
  readonly resource: { readonly id: string };
  readonly action: { readonly name: string };
  readonly context: {
    readonly purpose: string;
    readonly dock: string;
    readonly nonce: string;
    readonly opening?: { readonly token: string; readonly proof: string };
  };
}

export type PeerAnswer = { readonly status?: number; readonly body: unknown } | 'hang' | 'hang-up';

interface Signed {
  readonly claims?: JWTPayload & Record<string, unknown>;
  readonly header?: { readonly kid?: string; readonly typ?: string };
  readonly key?: CryptoKey;
}

/**
 * The policy service's side of the HTTP contract with everything in the test's hands: a real server, real ES256
 * keys, and answers that can be wrong in every way.
 */
export class PolicyPeer {
  readonly #server: Server;
  readonly #key: CryptoKey;
  readonly #nowS: () => number;
  readonly #streams = new Set<ServerResponse>();
  readonly publicJwk: JWK;
  readonly kid = 'peer-1';
  /** Hex digest of the manifest that grants name. */
  manifest = '';
  url = '';
  /** Every request as `METHOD path`. */
  readonly requests: string[] = [];
  readonly facts: unknown[] = [];
  evaluate: (asked: Asked) => Promise<PeerAnswer> = async () => ({ body: denied('no rule permits it', []) });
  /** Body of `GET /v1/facts`. */
  list: unknown = { facts: [] };
  /** Status of `POST /v1/facts`. */
  factStatus = 201;
  /** Body of it, made of how many facts there are. */
  factBody: (index: number) => unknown = (index) => ({ index });

  private constructor(keys: { privateKey: CryptoKey; jwk: JWK }, nowS: () => number) {
    this.#key = keys.privateKey;
    this.#nowS = nowS;
    this.publicJwk = { ...keys.jwk, kid: this.kid, alg: 'ES256', use: 'sig' };
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(nowS: () => number): Promise<PolicyPeer> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const peer = new PolicyPeer({ privateKey, jwk: await exportJWK(publicKey) }, nowS);
    await new Promise<void>((resolve) => peer.#server.listen(0, '127.0.0.1', resolve));
    const address = peer.#server.address();
    if (typeof address !== 'object' || address === null) throw new TypeError('no address');
    peer.url = `http://127.0.0.1:${address.port}`;
    return peer;
  }

  /** A true allow for what was asked, unless told otherwise. */
  async allowed(asked: Asked, signed: Signed = {}): Promise<PeerAnswer> {
    return {
      body: {
        decision: true,
        context: { reason: 'permitted', regime: 'doj', grant: await this.grant(asked, signed) },
      },
    };
  }

  async grant(
    { subject, resource, action, context }: Asked,
    { claims, header, key }: Signed = {},
  ): Promise<string> {
    const opening = context.opening;
    return this.sign(
      {
        aud: context.dock,
        jti: `grant-${context.nonce}`,
        iat: this.#nowS(),
        exp: this.#nowS() + 60,
        kind: opening === undefined ? 'release' : 'open',
        sub: subject.id,
        recording: resource.id,
        manifest: this.manifest,
        action: action.name,
        purpose: context.purpose,
        policySet: 'set-1',
        regime: 'doj',
        newestFact: 7,
        nonce: context.nonce,
        chunks: [0, 12],
        ...(opening === undefined ? {} : { cnf: { jkt: THUMBPRINT } }),
        ...claims,
      },
      { header: { typ: 'holdfast-grant+jwt', ...header }, ...(key === undefined ? {} : { key }) },
    );
  }

  async token(claims: Record<string, unknown> = {}, signed: Signed = {}): Promise<string> {
    return this.sign(
      {
        sub: '4411',
        name: 'R. Ortiz',
        roles: ['officer'],
        aud: 'holdfast-viewer',
        cnf: { jkt: THUMBPRINT },
        iat: this.#nowS(),
        exp: this.#nowS() + 900,
        ...claims,
      },
      { ...signed, header: { typ: 'holdfast-viewer+jwt', ...signed.header } },
    );
  }

  async sign(claims: Record<string, unknown>, { header, key }: Signed = {}): Promise<string> {
    const defined = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
    return new SignJWT(defined)
      .setProtectedHeader({ alg: 'ES256', kid: this.kid, ...header })
      .sign(key ?? this.#key);
  }

  /** Sends raw text to every open event stream. */
  stream(text: string): void {
    for (const response of this.#streams) response.write(text);
  }

  get streams(): number {
    return this.#streams.size;
  }

  dropStreams(): void {
    for (const response of this.#streams) response.destroy();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    if (request.headers.authorization !== 'Bearer dock-token')
      return send(response, { status: 401, body: {} });
    if (request.url?.startsWith('/v1/events')) return this.#openStream(response);
    if (request.method === 'GET') return send(response, { body: this.list });
    const body: unknown = JSON.parse(await readAll(request));
    if (request.url === '/v1/facts') {
      this.facts.push(body);
      return send(response, { status: this.factStatus, body: this.factBody(this.facts.length) });
    }
    const answer = await this.evaluate(body as Asked);
    if (answer === 'hang-up') return void response.destroy();
    if (answer !== 'hang') send(response, answer);
  }

  #openStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }
}

/** Of a page's key; any 43 base64url characters serve. */
export const THUMBPRINT = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';

export function denied(reason: string, missing: readonly unknown[], standing?: string): unknown {
  return {
    decision: false,
    context: {
      reason,
      missing,
      policies: [],
      regime: 'doj',
      policySet: 'set-1',
      newestFact: 7,
      ...(standing === undefined ? {} : { standing }),
    },
  };
}

function send(response: ServerResponse, { status = 200, body }: { status?: number; body: unknown }): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString('utf8');
}
