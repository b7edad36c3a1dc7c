import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomToken } from '../custodian/keys.ts';
import { admit } from '../custodian/oidc-claims.ts';
import { SIGN_IN_WAIT_MS, type PendingSignIns } from '../custodian/oidc-pending.ts';
import type { Provider } from '../custodian/oidc.ts';
import { pageThumbprint, signViewerToken } from '../custodian/token.ts';
import { SignInError, TrustError } from '../errors.ts';
import { decodeJwk, onErrand, parseErrand, withToken, type Errand } from './errand.ts';
import { failureOf } from './failure.ts';
import { html, sendPage } from './html.ts';
import type { Service } from './service.ts';

/** The second way to sign in: the provider, and who is on the way to it. */
export interface OpenId {
  readonly provider: Provider;
  readonly pending: PendingSignIns<KeyedErrand>;
}

/** An errand and the key that its token will bind. */
export interface KeyedErrand {
  readonly asked: Errand;
  readonly thumbprint: string;
}

/** Where a person leaves for the provider. */
export const OIDC_PATH = '/v1/sign-in/oidc';
/** The redirect URI to register at the provider is this behind the service's address. */
export const OIDC_CALLBACK_PATH = '/v1/sign-in/oidc/callback';

const COOKIE = /^[A-Za-z0-9_-]{43}$/;

const STATUS: Readonly<Record<SignInError['code'], number>> = {
  PROVIDER_DOWN: 503,
  NOT_BELIEVED: 502,
  PROVIDER_REFUSED: 403,
  OTHER_ASSURANCE: 403,
  UNKNOWN_PERSON: 403,
  NO_ROLE: 403,
  NOT_STARTED_HERE: 400,
};

/** `GET /v1/sign-in/oidc` to the provider and `GET /v1/sign-in/oidc/callback` from it. */
export function oidcRoutes(app: FastifyInstance, service: Service, openId: OpenId): void {
  // A HEAD of these would use up what a GET does.
  const options = { exposeHeadRoute: false };
  app.get(OIDC_PATH, options, async (request, reply) => {
    const asked = parseErrand(service, request.query);
    const thumbprint = await pageThumbprint(decodeJwk(asked.jwk));
    // Whoever has a session at the provider types nothing: only the page that says where the token goes may start this, no link elsewhere.
    if (request.headers['sec-fetch-site'] !== 'same-origin')
      return reply.redirect(onErrand('/sign-in', asked), 303);
    return orPage(service, { reply, asked, label: openId.provider.settings.label }, async () => {
      const nowMs = service.clock.nowMs();
      openId.pending.count(request.ip, nowMs);
      const { address, secrets } = await openId.provider.begin(service.url() + OIDC_CALLBACK_PATH);
      const cookie = cookieIn(service, request) ?? randomToken();
      openId.pending.put(secrets, { errand: { asked, thumbprint }, cookie }, nowMs);
      return reply.header('set-cookie', cookieLine(service, cookie)).redirect(address.href, 303);
    });
  });
  app.get(OIDC_CALLBACK_PATH, options, (request, reply) => comeBack({ service, openId }, request, reply));
}

async function comeBack(
  { service, openId }: { readonly service: Service; readonly openId: OpenId },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { label, issuer: provider } = openId.provider.settings;
  const answer = new URL(service.url() + OIDC_CALLBACK_PATH);
  answer.search = new URL(request.url, answer).search;
  const state = answer.searchParams.get('state') ?? '';
  const begun = await orPage(service, { reply, label }, async () =>
    openId.pending.take(state, cookieIn(service, request), service.clock.nowMs()),
  );
  if (!('errand' in begun)) return begun;
  const { asked, thumbprint } = begun.errand;
  return orPage(service, { reply, asked, label }, async () => {
    const identified = await openId.provider.finish(answer, begun.secrets);
    const roles = admit(identified, service.book.known.person(identified.person));
    const viewer = { ...identified, roles, thumbprint, provider };
    const { token } = await signViewerToken(service.issuer, viewer, service.clock.nowMs());
    return reply.redirect(withToken(asked, token), 303);
  });
}

/** Does the work, or shows why not, with a way to begin again where one is known. */
async function orPage<Result>(
  service: Service,
  at: { readonly reply: FastifyReply; readonly label: string; readonly asked?: Errand },
  work: () => Promise<Result>,
): Promise<Result | FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SignInError) && !(error instanceof TrustError)) throw error;
    const status = error instanceof SignInError ? STATUS[error.code] : failureOf(error).status;
    if (status >= 500) service.report(error);
    const why =
      error instanceof SignInError ? WORDS[error.code](at.label) : `Not signed in: ${error.message}.`;
    const { reply, asked } = at;
    const again =
      asked === undefined
        ? html`<p>Go back to the page that you came from, and sign in there.</p>`
        : html`<p><a class="button" href="${onErrand('/sign-in', asked)}">Try again</a></p>`;
    const body = html`<main><h1>Not signed in</h1><p role="alert" class="warning">${why}</p>${again}</main>`;
    return sendPage(reply.code(status), { title: 'Not signed in', body });
  }
}

const WORDS: Readonly<Record<SignInError['code'], (label: string) => string>> = {
  PROVIDER_DOWN: (label) => `${label} cannot be reached just now. Try again in a minute.`,
  NOT_BELIEVED: (label) =>
    `The answer of ${label} does not hold, so nobody is signed in. If trying again does not help, tell whoever runs this service: its log says why.`,
  PROVIDER_REFUSED: (label) => `${label} did not sign you in.`,
  OTHER_ASSURANCE: (label) =>
    `The way you signed in at ${label} is not enough here. Sign in there afresh, in the way your agency asks for.`,
  UNKNOWN_PERSON: (label) =>
    `You are signed in at ${label}, and nobody by that name is on file here. Ask whoever runs your records system to have you enrolled.`,
  NO_ROLE: (label) =>
    `You are signed in at ${label}, and none of your groups there gives you a role that you have on file here. Ask whoever runs your records system.`,
  NOT_STARTED_HERE: () =>
    'This sign-in was not started in this browser, has been used already, or was left for more than ten minutes.',
};

/** Behind TLS no other host and no other path can set it. */
function cookieName(service: Service): string {
  return isSecure(service) ? '__Host-holdfast-sign-in' : 'holdfast-sign-in';
}

function cookieLine(service: Service, cookie: string): string {
  const secure = isSecure(service) ? '; Secure' : '';
  const seconds = SIGN_IN_WAIT_MS / 1_000;
  return `${cookieName(service)}=${cookie}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** What this browser was given; one for all its tabs. */
function cookieIn(service: Service, { headers }: FastifyRequest): string | undefined {
  const start = `${cookieName(service)}=`;
  const pair = headers.cookie?.split(/; */).find((one) => one.startsWith(start));
  const value = pair?.slice(start.length) ?? '';
  return COOKIE.test(value) ? value : undefined;
}

function isSecure(service: Service): boolean {
  return service.url().startsWith('https:');
}
