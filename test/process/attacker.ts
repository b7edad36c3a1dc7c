import { request } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

/** So long a policy service may be too busy to answer. */
const PATIENCE_MS = 15_000;
const PASSING = ['"policy-unreachable"', 'the release ended while it was being opened'];

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Where an attacker looks for the content of the recording ID. */
export const CONTENT_PATHS = [
  '/v1/recordings/ID/chunks/0',
  '/v1/recordings/ID/chunks/0?session=x',
  '/v1/recordings/ID/chunks/00',
  '/v1/recordings/ID/chunks/-1',
  '/v1/recordings/ID/chunks/1e0',
  '/v1/recordings/ID/chunks/',
  '/v1/recordings/ID/chunks',
  '/v1/recordings/ID/manifest',
  '/v1/recordings/ID.mp4',
  '/v1//recordings/ID/chunks/0',
  '/V1/RECORDINGS/ID/CHUNKS/0',
  '/recordings/ID/chunks',
  '/ledger/../recordings/ID/chunks',
  '/ledger/%2e%2e/recordings/ID/chunks',
  '/ledger/tile/../../../recordings/ID/chunks',
  '/ledger/tile/..%2f..%2f..%2frecordings%2fID%2fchunks',
  '/ledger/tile/0/%2e%2e/%2e%2e/%2e%2e/recordings/ID/chunks',
  '/ledger/tile/entries/000/../../../../recordings/ID/chunks',
  '/ledger/log.db',
  '/ledger/tile/../log.db',
  '/ledger/%6cog.db',
  '/assets/../../dock/recordings/ID/chunks',
  '/assets/..%2f..%2f..%2frecordings%2fID%2fchunks',
  '/assets/..%5c..%5crecordings%5cID%5cchunks',
  '//recordings/ID/chunks',
  '/%00/recordings/ID/chunks',
];

/** A request as it is written, with no client between that would tidy up its path. */
export function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const { hostname, port, origin } = new URL(url);
  const path = url.slice(origin.length);
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ hostname, port, path, method, headers: { ...type, ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A person's page that can be made to lie in every word. */
export class Page {
  readonly token: string;
  readonly #dockUrl: string;
  readonly #key: CryptoKey;
  readonly #jwk: JWK;

  private constructor(given: { token: string; dockUrl: string; key: CryptoKey; jwk: JWK }) {
    this.token = given.token;
    this.#dockUrl = given.dockUrl;
    this.#key = given.key;
    this.#jwk = given.jwk;
  }

  static async signIn(
    where: { policyUrl: string; dockUrl: string },
    person: string,
    password: string,
  ): Promise<Page> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const answer = await fetch(`${where.policyUrl}/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person, password, jwk }),
    });
    const { token } = (await answer.json()) as { token: string };
    return new Page({ token, dockUrl: where.dockUrl, key: privateKey, jwk });
  }

  proof(
    recording: string,
    purpose: string,
    { claims = {}, header = {} }: { claims?: Record<string, unknown>; header?: Record<string, unknown> } = {},
  ): Promise<string> {
    const nonce = crypto.randomUUID();
    const iat = Math.floor(Date.now() / 1_000);
    return new SignJWT({ recording, purpose, nonce, iat, aud: 'dock-1', ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'holdfast-open+jwt', jwk: this.#jwk, ...header })
      .sign(this.#key);
  }

  open(recording: string, purpose: string, proof: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}` };
    return ask(`${this.#dockUrl}/v1/recordings/${recording}/open`, {
      method: 'POST',
      headers,
      body: { purpose, proof },
    });
  }

  /**
   * An honest opening; asked again while the dock says that the policy service does not answer, which on a busy machine passes, or that
   * facts changed while it was being opened: what was told just before may reach the dock in the middle of it.
   */
  async session(recording: string, purpose = 'supplement_report'): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const { status, body } = await this.open(recording, purpose, await this.proof(recording, purpose));
      if (status === 200) return (JSON.parse(body.toString()) as { session: string }).session;
      const isPassing = PASSING.some((why) => body.includes(why)) && performance.now() < deadline;
      if (!isPassing) throw new Error(`not opened: ${status} ${body.toString()}`);
    }
  }

  chunk(recording: string, session: string, index: number | string = 0): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}`, 'holdfast-session': session };
    return ask(`${this.#dockUrl}/v1/recordings/${recording}/chunks/${index}`, { headers });
  }
}
