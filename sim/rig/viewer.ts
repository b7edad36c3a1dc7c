import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { FieldError } from '../../proto/errors.ts';
import { fromBase64 } from '../../proto/bytes.ts';
import { type Manifest, peekManifest } from '../../proto/manifest.ts';

/** The dock or the policy service answered something other than what was asked for. */
export class ViewerError extends FieldError<'SIGN_IN' | 'REFUSED' | 'BAD_CONTENT'> {}

/** One row of the dock's list, as its API gives it. */
export interface ListedRecording {
  readonly id: string;
  readonly camera: string;
  readonly status: 'held' | 'released';
  readonly reason: string;
  readonly missing: readonly {
    readonly fact: string;
    readonly incident?: string;
    readonly person?: string;
    readonly text: string;
  }[];
  readonly receivedAt: string;
  readonly uncertaintyUs: number;
  readonly incident: string;
  readonly officer: string;
  readonly transport: string;
}

export interface OpenedRecording {
  readonly session: string;
  readonly manifest: Manifest;
  readonly chunks: number;
}

/** A permitted or refused viewer that uses nothing but the public HTTP interfaces, as the page does. */
export class ViewerClient {
  readonly #dockUrl: string;
  readonly #dockId: string;
  readonly #token: string;
  readonly #key: CryptoKey;
  readonly #jwk: JWK;

  private constructor(given: { dockUrl: string; dockId: string; token: string; key: CryptoKey; jwk: JWK }) {
    this.#dockUrl = given.dockUrl;
    this.#dockId = given.dockId;
    this.#token = given.token;
    this.#key = given.key;
    this.#jwk = given.jwk;
  }

  /** Signs in at the policy service with a fresh P-256 key, as a browser would. Throws ViewerError SIGN_IN. */
  static async signIn(
    where: { dockUrl: string; policyUrl: string },
    person: string,
    password: string,
  ): Promise<ViewerClient> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const answer = await fetch(`${where.policyUrl}/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person, password, jwk }),
    });
    if (answer.status !== 200)
      throw new ViewerError(
        'SIGN_IN',
        `${person} could not sign in: ${answer.status} ${await answer.text()}`,
        { retry: 'later' },
      );
    const { token } = (await answer.json()) as { token: string };
    const config = (await (await fetch(`${where.dockUrl}/v1/config`)).json()) as { dock: string };
    return new ViewerClient({ dockUrl: where.dockUrl, dockId: config.dock, token, key: privateKey, jwk });
  }

  async list(): Promise<readonly ListedRecording[]> {
    const answer = await fetch(`${this.#dockUrl}/v1/recordings`, { headers: this.#headers() });
    if (answer.status !== 200)
      throw new ViewerError('REFUSED', `list: ${answer.status} ${await answer.text()}`, { retry: 'later' });
    return ((await answer.json()) as { recordings: readonly ListedRecording[] }).recordings;
  }

  /** Opens a recording, or says why not. */
  async open(
    recording: string,
    purpose: string,
  ): Promise<OpenedRecording | { readonly refused: string; readonly status: number }> {
    const proof = await new SignJWT({ recording, purpose, nonce: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'holdfast-open+jwt', jwk: this.#jwk })
      .setIssuedAt()
      .setAudience(this.#dockId)
      .sign(this.#key);
    const answer = await fetch(`${this.#dockUrl}/v1/recordings/${recording}/open`, {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify({ purpose, proof }),
    });
    if (answer.status !== 200) return { refused: await answer.text(), status: answer.status };
    const body = (await answer.json()) as { session: string; manifest: string; chunks: number };
    return { session: body.session, manifest: peekManifest(fromBase64(body.manifest)), chunks: body.chunks };
  }

  /** One stored chunk, exactly as the dock serves it; undefined when it does not. */
  async chunk(recording: string, index: number, session: string): Promise<Uint8Array | undefined> {
    const answer = await fetch(`${this.#dockUrl}/v1/recordings/${recording}/chunks/${index}`, {
      headers: { ...this.#headers(), 'holdfast-session': session },
    });
    return answer.status === 200 ? new Uint8Array(await answer.arrayBuffer()) : undefined;
  }

  /** Every chunk in order, each checked against the manifest; the digest and length of the whole. Throws ViewerError BAD_CONTENT. */
  async download(
    recording: string,
    opened: OpenedRecording,
  ): Promise<{ readonly sha256: string; readonly bytes: number; readonly chunks: number }> {
    const whole = createHash('sha256');
    let bytes = 0;
    for (const [index, promised] of opened.manifest.chunks.entries()) {
      const chunk = await this.chunk(recording, index, opened.session);
      const isRight =
        chunk !== undefined && createHash('sha256').update(chunk).digest().equals(promised.sha256);
      if (!isRight)
        throw new ViewerError(
          'BAD_CONTENT',
          `chunk ${index} of ${recording} is ${chunk === undefined ? 'not served' : 'not what the camera signed'}`,
          { retry: 'never' },
        );
      whole.update(chunk);
      bytes += chunk.byteLength;
    }
    return { sha256: whole.digest('hex'), bytes, chunks: opened.manifest.chunks.length };
  }

  /** RFC 7638 thumbprint of this viewer's key. */
  thumbprint(): Promise<string> {
    return calculateJwkThumbprint(this.#jwk);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }
}
