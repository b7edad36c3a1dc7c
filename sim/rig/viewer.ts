import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { FieldError } from '../../proto/errors.ts';
import { fromBase64 } from '../../proto/bytes.ts';
import { type Manifest, peekManifest } from '../../proto/manifest.ts';
import { type ChunkKeys, fetchKeys, type OpenedAt, unseal } from './key-client.ts';

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
  /** Of a sealed recording. */
  readonly keys?: ChunkKeys;
}

/** A permitted or refused viewer that uses nothing but the public HTTP interfaces, as the page does. */
export class ViewerClient {
  readonly #dockUrl: string;
  readonly #policyUrl: string;
  readonly #dockId: string;
  readonly #token: string;
  readonly #key: CryptoKey;
  readonly #jwk: JWK;

  private constructor(given: {
    where: { dockUrl: string; policyUrl: string };
    dockId: string;
    token: string;
    key: CryptoKey;
    jwk: JWK;
  }) {
    this.#dockUrl = given.where.dockUrl;
    this.#policyUrl = given.where.policyUrl;
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
    return new ViewerClient({ where, dockId: config.dock, token, key: privateKey, jwk });
  }

  async list(): Promise<readonly ListedRecording[]> {
    const answer = await fetch(`${this.#dockUrl}/v1/recordings`, { headers: this.#headers() });
    if (answer.status !== 200)
      throw new ViewerError('REFUSED', `list: ${answer.status} ${await answer.text()}`, { retry: 'later' });
    return ((await answer.json()) as { recordings: readonly ListedRecording[] }).recordings;
  }

  /** What the dock says is missing; undefined for somebody whom it does not tell. */
  async missing(): Promise<readonly { readonly kind: string; readonly text: string }[] | undefined> {
    const answer = await fetch(`${this.#dockUrl}/v1/missing`, { headers: this.#headers() });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200)
      throw new ViewerError('REFUSED', `missing: ${answer.status} ${await answer.text()}`, {
        retry: 'later',
      });
    const { missing } = (await answer.json()) as { missing: readonly { kind: string; text: string }[] };
    return missing;
  }

  /** Opens a recording and asks for its keys, or says why not. */
  async open(
    recording: string,
    purpose: string,
  ): Promise<OpenedRecording | { readonly refused: string; readonly status: number }> {
    const proof = await this.#sign('holdfast-open+jwt', { recording, purpose, aud: this.#dockId });
    const answer = await fetch(`${this.#dockUrl}/v1/recordings/${recording}/open`, {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify({ purpose, proof }),
    });
    if (answer.status !== 200) return { refused: await answer.text(), status: answer.status };
    const body = (await answer.json()) as Omit<OpenedAt, 'recording'> & {
      session: string;
      manifest: string;
      chunks: number;
    };
    const { session, chunks } = body;
    const manifest = peekManifest(fromBase64(body.manifest));
    if (manifest.suite === 0) return { session, manifest, chunks };
    const desk = { dockUrl: this.#dockUrl, policyUrl: this.#policyUrl, sign: this.#sign.bind(this) };
    const keys = await fetchKeys(desk, { ...body, recording: manifest.recordingId });
    return 'refused' in keys ? keys : { session, manifest, chunks, keys };
  }

  /** One stored chunk, exactly as the dock serves it; undefined when it does not. */
  async chunk(recording: string, index: number, session: string): Promise<Uint8Array | undefined> {
    const answer = await fetch(`${this.#dockUrl}/v1/recordings/${recording}/chunks/${index}`, {
      headers: { ...this.#headers(), 'holdfast-session': session },
    });
    return answer.status === 200 ? new Uint8Array(await answer.arrayBuffer()) : undefined;
  }

  /** The footage chunk by chunk, each checked against the manifest and opened. Throws ViewerError BAD_CONTENT, and SealError. */
  async *footage(recording: string, opened: OpenedRecording): AsyncGenerator<Uint8Array> {
    const { manifest, session, keys } = opened;
    for (const [index, promised] of manifest.chunks.entries()) {
      const stored = await this.chunk(recording, index, session);
      const isRight =
        stored !== undefined && createHash('sha256').update(stored).digest().equals(promised.sha256);
      if (!isRight)
        throw new ViewerError(
          'BAD_CONTENT',
          `chunk ${index} of ${recording} is ${stored === undefined ? 'not served' : 'not what the camera signed'}`,
          { retry: 'never' },
        );
      if (keys === undefined) yield stored;
      else {
        const key = keys.keys[index - keys.start] ?? new Uint8Array();
        yield unseal(key, { recording: manifest.recordingId, index }, stored);
      }
    }
  }

  /** The digest and length of the whole footage. Throws as {@link footage}. */
  async download(
    recording: string,
    opened: OpenedRecording,
  ): Promise<{ readonly sha256: string; readonly bytes: number; readonly chunks: number }> {
    const whole = createHash('sha256');
    let bytes = 0;
    for await (const chunk of this.footage(recording, opened)) {
      whole.update(chunk);
      bytes += chunk.byteLength;
    }
    return { sha256: whole.digest('hex'), bytes, chunks: opened.manifest.chunks.length };
  }

  /** RFC 7638 thumbprint of this viewer's key. */
  thumbprint(): Promise<string> {
    return calculateJwkThumbprint(this.#jwk);
  }

  #sign(typ: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
    return new SignJWT({ nonce: randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256', typ, jwk: this.#jwk })
      .setIssuedAt()
      .sign(this.#key);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }
}
