import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import type { Accounts } from '../../../../../dock/policy/custodian/accounts.ts';
import { PendingSignIns } from '../../../../../dock/policy/custodian/oidc-pending.ts';
import { Provider, type ProviderSettings } from '../../../../../dock/policy/custodian/oidc.ts';
import { buildServer } from '../../../../../dock/policy/http/server.ts';
import { RECORDER, TestPage, TestService } from './service.ts';

export const CLIENT = 'holdfast';
export const SECRET = 'a secret of at least thirty-two bytes';
export const BACK = 'http://127.0.0.1:9/';

type Claims = Readonly<Record<string, unknown>>;

/** An OpenID provider that answers whatever the test wants, on a port of its own. */
export class AnyProvider {
  readonly issuer: string;
  readonly key: { readonly privateKey: CryptoKey; readonly jwk: JWK };
  readonly #server: Server;
  /** Requests so far, by path. */
  readonly asked: string[] = [];
  metadata: Claims = {};
  /** The answer of the token endpoint. */
  tokens: () => Promise<object> = async () => ({});

  private constructor(server: Server, issuer: string, key: AnyProvider['key']) {
    this.#server = server;
    this.issuer = issuer;
    this.key = key;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<AnyProvider> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' };
    return new AnyProvider(server, `http://127.0.0.1:${port}`, { privateKey, jwk });
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** An ID token as it should be, with anything in it changed. */
  async idToken(claims: Claims, by: { readonly alg?: string; readonly key?: CryptoKey | Uint8Array } = {}) {
    const nowS = Math.floor(Date.now() / 1_000);
    const all = { iss: this.issuer, aud: CLIENT, sub: 's-1', iat: nowS, exp: nowS + 60, badge: RECORDER };
    return new SignJWT({ ...all, ...claims })
      .setProtectedHeader({ alg: by.alg ?? 'ES256', kid: 'k1' })
      .sign(by.key ?? this.key.privateKey);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.issuer);
    this.asked.push(pathname);
    const body = await this.#body(pathname);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  }

  async #body(path: string): Promise<object | undefined> {
    if (path === '/token') return this.tokens();
    if (path === '/jwks') return { keys: [this.key.jwk] };
    if (path !== '/.well-known/openid-configuration') return undefined;
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/auth`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/jwks`,
      id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
      ...this.metadata,
    };
  }
}

/** The service with a provider beside its accounts, and a browser that walks between the two. */
export class OidcStand {
  readonly town: TestService;
  readonly page: TestPage;
  readonly app: FastifyInstance;
  readonly #jwk: string;

  private constructor(made: { town: TestService; page: TestPage; app: FastifyInstance }) {
    this.town = made.town;
    this.page = made.page;
    this.app = made.app;
    this.#jwk = Buffer.from(JSON.stringify(made.page.jwk)).toString('base64url');
  }

  static async start(
    issuer: string,
    settings: Partial<ProviderSettings> = {},
    accounts?: Accounts,
  ): Promise<OidcStand> {
    const town = await TestService.start();
    // The provider's clock is this machine's.
    town.time.nowMs = Date.now();
    const provider = new Provider(
      {
        issuer,
        clientId: CLIENT,
        credential: { kind: 'basic', secret: SECRET },
        scopes: ['openid'],
        label: 'the <agency> login',
        userinfo: false,
        requireAuthTime: false,
        person: { claim: ['badge'] },
        name: ['name'],
        ...settings,
      },
      town.service.clock,
    );
    const openId = { provider, pending: new PendingSignIns<never>() };
    const service = { ...town.service, openId, ...(accounts === undefined ? {} : { accounts }) };
    const app = buildServer(service, { demoRecords: false });
    return new OidcStand({ town, page: await TestPage.open(town), app });
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.town.stop();
  }

  /** What a page leads to, with the errand behind it. */
  onErrand(path: string, changes: Readonly<Record<string, string>> = {}): string {
    const errand = { redirect_uri: BACK, state: 'page-state', jwk: this.#jwk, ...changes };
    return `${path}?${new URLSearchParams(errand).toString()}`;
  }

  async get(url: string, headers: Readonly<Record<string, string>> = {}) {
    const {
      statusCode: status,
      headers: said,
      body,
    } = await this.app.inject({ method: 'GET', url, headers });
    return { status, location: String(said.location ?? ''), cookie: String(said['set-cookie'] ?? ''), body };
  }

  /** The button on the sign-in page. */
  async begin() {
    const begun = await this.get(this.onErrand('/v1/sign-in/oidc'), { 'sec-fetch-site': 'same-origin' });
    const asked = URL.canParse(begun.location) ? new URL(begun.location).searchParams : new URLSearchParams();
    const [cookie = ''] = begun.cookie.split(';');
    return { ...begun, cookie, setCookie: begun.cookie, asked, state: asked.get('state') ?? '' };
  }

  /** Back from the provider. */
  comeBack(answer: Readonly<Record<string, string>>, cookie: string) {
    const query = new URLSearchParams(answer).toString();
    return this.get(`/v1/sign-in/oidc/callback?${query}`, cookie === '' ? {} : { cookie });
  }
}
