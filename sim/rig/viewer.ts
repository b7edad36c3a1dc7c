import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { ShownBay } from '../../dock/viewer/schema/bays.ts';
import { FieldError } from '../../proto/errors.ts';
import { fromBase64 } from '../../proto/bytes.ts';
import type { ChunkSpan } from '../../proto/fragments.ts';
import { type Manifest, peekManifest } from '../../proto/manifest.ts';
import { unseal } from '../../dock/package/unseal.ts';
import { type ChunkKeys, fetchKeys, type OpenedAt } from './key-client.ts';

const TOO_MANY = 429;
const TRIES_MAX = 10;

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

/** One row as it reads now; without it the person may no longer know of the recording. */
export interface Update {
  readonly recording: string;
  readonly row?: ListedRecording;
}

/** What one opening gave: some minutes of a recording, or all of a short one. */
export interface OpenedRecording {
  readonly session: string;
  readonly purpose: string;
  readonly manifest: Manifest;
  readonly chunks: number;
  /** The chunks that may be fetched. */
  readonly range: ChunkSpan;
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

  /** Every bay as the dock shows it to this person. Throws ViewerError REFUSED. */
  async bays(): Promise<readonly ShownBay[]> {
    const answer = await fetch(`${this.#dockUrl}/v1/bays`, { headers: this.#headers() });
    if (answer.status !== 200)
      throw new ViewerError('REFUSED', `bays: ${answer.status} ${await answer.text()}`, { retry: 'later' });
    return ((await answer.json()) as { bays: readonly ShownBay[] }).bays;
  }

  /** Tells when news begin to come, and of every row that changed, until `signal`. Throws ViewerError REFUSED. */
  async follow(heard: (news: 'connected' | Update) => void, signal: AbortSignal): Promise<void> {
    const answer = await fetch(`${this.#dockUrl}/v1/updates`, { headers: this.#headers(), signal });
    if (answer.status !== 200 || answer.body === null)
      throw new ViewerError('REFUSED', `updates: ${answer.status}`, { retry: 'later' });
    heard('connected');
    let rest = '';
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      const events = (rest + part).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const [kind, data] = event.split('\ndata: ');
        if (kind === 'event: changed' && data !== undefined) heard(JSON.parse(data) as Update);
      }
    }
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

  /** Opens a recording, as far as one grant goes, and asks for its keys; or says why not. */
  async open(
    recording: string,
    purpose: string,
    chunks?: ChunkSpan,
  ): Promise<OpenedRecording | { readonly refused: string; readonly status: number }> {
    const wish = { purpose, ...(chunks === undefined ? {} : { chunks }) };
    const answer = await this.#ask(recording, wish);
    if (answer.status !== 200) return { refused: await answer.text(), status: answer.status };
    const body = (await answer.json()) as Omit<OpenedAt, 'recording'> & {
      session: string;
      manifest: string;
      chunks: number;
      range: ChunkSpan;
    };
    const manifest = peekManifest(fromBase64(body.manifest));
    const { session, range } = body;
    const opened = { session, purpose, manifest, chunks: body.chunks, range };
    if (manifest.suite === 0) return opened;
    const desk = { dockUrl: this.#dockUrl, policyUrl: this.#policyUrl, sign: this.#sign.bind(this) };
    const keys = await fetchKeys(desk, { ...body, recording: manifest.recordingId });
    return 'refused' in keys ? keys : { ...opened, keys };
  }

  /** Waits where the dock says that this person has opened too much in too short a time. */
  async #ask(recording: string, wish: Readonly<Record<string, unknown>>): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const proof = await this.#sign('holdfast-open+jwt', { recording, aud: this.#dockId, ...wish });
      const answer = await fetch(`${this.#dockUrl}/v1/recordings/${recording}/open`, {
        method: 'POST',
        headers: { ...this.#headers(), 'content-type': 'application/json' },
        body: JSON.stringify({ ...wish, proof }),
      });
      if (answer.status !== TOO_MANY || tries >= TRIES_MAX) return answer;
      const waitS = Number(answer.headers.get('retry-after') ?? 1);
      await new Promise((resolve) => setTimeout(resolve, waitS * 1_000));
    }
  }

  /** One stored chunk, exactly as the dock serves it; undefined when it does not. */
  async chunk(recording: string, index: number, session: string): Promise<Uint8Array | undefined> {
    const answer = await fetch(`${this.#dockUrl}/v1/recordings/${recording}/chunks/${index}`, {
      headers: { ...this.#headers(), 'holdfast-session': session },
    });
    return answer.status === 200 ? new Uint8Array(await answer.arrayBuffer()) : undefined;
  }

  /**
   * The whole footage chunk by chunk, each checked against the manifest and opened; asks for the next part as often as it takes.
   * Throws ViewerError BAD_CONTENT or, when a part is refused, REFUSED; and SealError.
   */
  async *footage(recording: string, opened: OpenedRecording): AsyncGenerator<Uint8Array> {
    const { manifest } = opened;
    let part = opened;
    for (const [index, promised] of manifest.chunks.entries()) {
      if (index >= part.range[1]) part = await this.#next(recording, part);
      const { session, keys } = part;
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

  async #next(recording: string, { purpose, range, chunks }: OpenedRecording): Promise<OpenedRecording> {
    const [, from] = range;
    const next = await this.open(recording, purpose, [from, chunks]);
    if (!('refused' in next)) return next;
    const { refused, status } = next;
    const message = `chunks from ${from} on of ${recording} are not opened: ${status} ${refused}`;
    throw new ViewerError('REFUSED', message, { retry: 'later' });
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
