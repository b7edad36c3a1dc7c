import * as openid from 'openid-client';
import { SignInError } from '../errors.ts';
import type { Clock } from '../clock.ts';
import { identify, type ClaimRules, type Claims, type Identified } from './oidc-claims.ts';
import type { Secrets } from './oidc-pending.ts';

/** Everything that `--oidc FILE` says, with the secret itself in it. */
export interface ProviderSettings extends ClaimRules {
  /** https, or http on this very machine. */
  readonly issuer: string;
  readonly clientId: string;
  /** How this service proves at the token endpoint that it is the client. */
  readonly credential:
    | { readonly kind: 'basic' | 'post'; readonly secret: string }
    | { readonly kind: 'none' };
  readonly scopes: readonly string[];
  /** Claims are asked for at the UserInfo endpoint as well; those of the ID token win. */
  readonly userinfo: boolean;
  /** What people call the provider. */
  readonly label: string;
}

const METADATA_LIFE_MS = 60 * 60_000;
/** A provider that is down is not asked again by everybody who comes. */
const DOWN_MS = 5_000;
const ANSWER_S_MAX = 10;
const ANSWER_BYTES_MAX = 1024 * 1024;
// Two hours after the password a sign-in is over; so at least one of them is left.
const SESSION_S_MAX = 60 * 60;

/**
 * Asks one OpenID provider who somebody is: authorization code with PKCE, state and nonce. The ID token's signature is verified under the
 * provider's published keys even where the connection vouches for it, so that its algorithm is one with a public key. Metadata are kept for
 * an hour, keys for five minutes.
 */
export class Provider {
  readonly settings: ProviderSettings;
  readonly #clock: Pick<Clock, 'nowMs'>;
  #found: { readonly configuration: openid.Configuration; readonly atMs: number } | undefined;
  #looking: Promise<openid.Configuration> | undefined;
  #down: { readonly error: SignInError; readonly atMs: number } | undefined;

  constructor(settings: ProviderSettings, clock: Pick<Clock, 'nowMs'>) {
    this.settings = settings;
    this.#clock = clock;
  }

  /** Resolves when the provider has said who it is. Throws SignInError PROVIDER_DOWN, NOT_BELIEVED. */
  async reach(): Promise<void> {
    await this.#configuration();
  }

  /** Where to send a browser, and what to keep until it is back. Throws as {@link reach}. */
  async begin(redirectUri: string): Promise<{ readonly address: URL; readonly secrets: Secrets }> {
    const configuration = await this.#configuration();
    const { scopes, acr, hd } = this.settings;
    const secrets = {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: openid.randomPKCECodeVerifier(),
    };
    const address = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(secrets.verifier),
      code_challenge_method: 'S256',
      max_age: String(SESSION_S_MAX),
      ...(acr === undefined ? {} : { acr_values: acr.join(' ') }),
      ...(hd === undefined ? {} : { hd }),
    });
    return { address, secrets };
  }

  /**
   * Who came back: `answer` is the redirect URI with what the provider put behind it. Throws SignInError PROVIDER_REFUSED when it says no,
   * NOT_BELIEVED when anything about its answer is wrong, and what {@link identify} throws.
   */
  async finish(answer: URL, { state, nonce, verifier }: Secrets): Promise<Identified> {
    const configuration = await this.#configuration();
    const claims = await this.#orTold(async () => {
      const tokens = await openid.authorizationCodeGrant(configuration, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const said = tokens.claims();
      if (said === undefined) throw told('NOT_BELIEVED', 'there is no ID token in it');
      if (!this.settings.userinfo) return said;
      return { ...(await openid.fetchUserInfo(configuration, tokens.access_token, said.sub)), ...said };
    });
    return identify(claims satisfies Claims, this.settings, this.#clock.nowMs());
  }

  async #configuration(): Promise<openid.Configuration> {
    const nowMs = this.#clock.nowMs();
    if (this.#found !== undefined && Math.abs(nowMs - this.#found.atMs) < METADATA_LIFE_MS)
      return this.#found.configuration;
    if (this.#down !== undefined && Math.abs(nowMs - this.#down.atMs) < DOWN_MS) throw this.#down.error;
    this.#looking ??= this.#discover(nowMs).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #discover(atMs: number): Promise<openid.Configuration> {
    const { issuer, clientId, credential } = this.settings;
    const isPlain = issuer.startsWith('http:');
    try {
      const configuration = await this.#orTold(async () =>
        openid.discovery(new URL(issuer), clientId, undefined, authentication(credential), {
          [openid.customFetch]: (url, init) => ask(issuer, url, init),
          timeout: ANSWER_S_MAX,
          execute: [openid.enableNonRepudiationChecks, ...(isPlain ? [openid.allowInsecureRequests] : [])],
        }),
      );
      const { authorization_endpoint: door = '' } = configuration.serverMetadata();
      if (!mayAsk(issuer, door)) throw told('NOT_BELIEVED', 'its authorization endpoint is not https');
      this.#found = { configuration, atMs };
      this.#down = undefined;
      return configuration;
    } catch (error) {
      if (error instanceof SignInError) this.#down = { error, atMs };
      throw error;
    }
  }

  /** What the library throws, in our codes and with the provider's name. */
  async #orTold<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      const { code, why } = reasonOf(cause);
      const message = `the OpenID provider ${this.settings.issuer} ${SAID[code] ?? 'failed'}: ${why}`;
      throw new SignInError(code, message, { retry: code === 'PROVIDER_DOWN' ? 'later' : 'never', cause });
    }
  }
}

const SAID: Partial<Readonly<Record<SignInError['code'], string>>> = {
  PROVIDER_DOWN: 'cannot be reached',
  PROVIDER_REFUSED: 'refuses',
  NOT_BELIEVED: 'gave an answer that is not believed',
};

function authentication(credential: ProviderSettings['credential']): openid.ClientAuth {
  if (credential.kind === 'none') return openid.None();
  return credential.kind === 'post'
    ? openid.ClientSecretPost(credential.secret)
    : openid.ClientSecretBasic(credential.secret);
}

/** The reason at the bottom: the library wraps what it did not expect. */
function reasonOf(error: unknown): { readonly code: SignInError['code']; readonly why: string } {
  const whys: string[] = [];
  for (let at = error; at instanceof Error && whys.length < 4; at = at.cause) {
    if (at instanceof SignInError) return { code: at.code, why: at.message };
    if (at instanceof openid.AuthorizationResponseError) return { code: 'PROVIDER_REFUSED', why: at.error };
    if (at instanceof openid.ResponseBodyError) whys.push(at.error);
    whys.push(at.message);
  }
  return { code: 'NOT_BELIEVED', why: [...new Set(whys)].join('; ') };
}

/** One request to the provider with all of its answer, so that neither its length nor its slowness is the library's to bear. */
async function ask(
  issuer: string,
  url: string,
  { body, ...init }: openid.CustomFetchOptions,
): Promise<Response> {
  if (!mayAsk(issuer, url)) throw told('NOT_BELIEVED', `it names ${url}, which is not https`);
  let answer: Response;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    answer = await fetch(url, { ...init, ...(body === undefined ? {} : { body }) });
    bytes = await readAll(answer);
  } catch (cause) {
    if (cause instanceof SignInError) throw cause;
    const why = cause instanceof Error ? (codeOf(cause.cause) ?? cause.message) : String(cause);
    throw told('PROVIDER_DOWN', why);
  }
  if (answer.status >= 500) throw told('PROVIDER_DOWN', `it answers ${answer.status}`);
  const { status, headers } = answer;
  return new Response(bytes.length === 0 ? null : bytes, { status, headers });
}

async function readAll({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream: AsyncIterable<Uint8Array> | readonly Uint8Array[] = body ?? [];
  for await (const part of stream) {
    length += part.length;
    if (length > ANSWER_BYTES_MAX) throw told('NOT_BELIEVED', `its answer is over ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** In the clear only to the very address that the operator named, which is on this machine. */
function mayAsk(issuer: string, address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === 'https:' || url.origin === new URL(issuer).origin;
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

function told(code: SignInError['code'], why: string): SignInError {
  return new SignInError(code, why, { retry: 'never' });
}
