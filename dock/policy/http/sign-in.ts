import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { instant } from '../clock.ts';
import type { Account } from '../custodian/accounts.ts';
import type { SignedIn } from '../custodian/asking.ts';
import { admit } from '../custodian/oidc-claims.ts';
import { checkRenewal } from '../custodian/renewal.ts';
import { pageThumbprint, signViewerToken, type Signed, type Viewer } from '../custodian/token.ts';
import { SignInError, TrustError } from '../errors.ts';
import { decodeJwk, errand, onErrand, parseErrand, withToken, type Errand } from './errand.ts';
import { badRequest, failureOf } from './failure.ts';
import { html, sendPage, type Html } from './html.ts';
import { OIDC_PATH, oidcRoutes } from './oidc.ts';
import { openToPages } from './pages.ts';
import type { Service } from './service.ts';

const BODY_BYTES_MAX = 16 * 1024;

const person = z.string().min(1).max(64);
const password = z.string().min(1).max(1_024);
export const bySignIn = z.object({ person, password, jwk: z.record(z.string(), z.unknown()) });

export const byForm = errand.extend({ person, password });

const CAUTION = html`<p>Your password goes to the policy service alone, never to a dock.</p>`;

export const renewal = z.strictObject({ request: z.string().min(1) });

/** `POST /v1/sign-in` for programs, `GET` and `POST /sign-in` for people, `POST /v1/renew` for a page that stays open. */
export function signInRoutes(app: FastifyInstance, service: Service): void {
  app.post('/v1/sign-in', { bodyLimit: BODY_BYTES_MAX }, async (request) => {
    const body = bySignIn.safeParse(request.body);
    if (!body.success)
      throw badRequest('person, password and jwk are needed', body.error.issues[0]?.path.join('.'));
    const thumbprint = await pageThumbprint(body.data.jwk);
    const { viewer, signed } = await signIn(service, request, { ...body.data, thumbprint });
    return told(viewer, signed);
  });
  const onRequest = openToPages(app, service, '/v1/renew');
  app.post('/v1/renew', { bodyLimit: BODY_BYTES_MAX, onRequest }, async (request) => {
    const body = renewal.safeParse(request.body);
    if (!body.success) throw badRequest('the body is {"request"}, signed by the page', 'request');
    const { viewer, signed } = await renew(service, body.data.request);
    return told(viewer, signed);
  });
  app.get('/sign-in', async (request, reply) => {
    const asked = parseErrand(service, request.query);
    await pageThumbprint(decodeJwk(asked.jwk));
    return showForm(service, reply, { asked });
  });
  if (service.openId !== undefined) oidcRoutes(app, service, service.openId);
  app.post('/sign-in', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const asked = parseErrand(service, request.body);
    const form = byForm.safeParse(request.body);
    if (!form.success)
      return showForm(service, reply.code(400), { asked, problem: 'Both fields are needed.' });
    const thumbprint = await pageThumbprint(decodeJwk(asked.jwk));
    try {
      const { signed } = await signIn(service, request, { ...form.data, thumbprint });
      return await reply.redirect(withToken(asked, signed.token), 303);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      const { status, message } = failureOf(error);
      return showForm(service, reply.code(status), { asked, problem: `Not signed in: ${message}.` });
    }
  });
}

async function signIn(
  { accounts, book, issuer, clock }: Service,
  request: FastifyRequest,
  by: { readonly person: string; readonly password: string; readonly thumbprint: string },
): Promise<{ viewer: Viewer; signed: Signed }> {
  const nowMs = clock.nowMs();
  const account = await accounts.signIn(by.person, by.password, { address: request.ip, nowMs });
  const viewer = { ...described(book, account), thumbprint: by.thumbprint };
  return { viewer, signed: await signViewerToken(issuer, viewer, nowMs) };
}

/** Who is here no more goes no further, and what they may be called now is what the token says. */
async function renew(service: Service, request: string): Promise<{ viewer: Viewer; signed: Signed }> {
  const nowMs = service.clock.nowMs();
  const before = await checkRenewal(service.issuer, request, nowMs);
  const viewer = before.provider === undefined ? byAccount(service, before) : byProvider(service, before);
  return { viewer, signed: await signViewerToken(service.issuer, viewer, nowMs) };
}

function byAccount({ accounts, book }: Service, { person: id, thumbprint, signedInAtS }: SignedIn): Viewer {
  const account = accounts.find(id);
  if (account === undefined) throw signInAgain('there is no such account any more');
  return { ...described(book, account), thumbprint, signedInAtS };
}

/** The provider is not asked again within two hours; the facts are. */
function byProvider({ openId, book }: Service, before: SignedIn): Viewer {
  if (openId?.provider.settings.issuer !== before.provider)
    throw signInAgain('there is no such way to sign in any more');
  const given = openId?.provider.settings.roles === undefined ? undefined : before.roles;
  try {
    return {
      ...before,
      roles: admit({ person: before.person, roles: given }, book.known.person(before.person)),
    };
  } catch (cause) {
    if (!(cause instanceof SignInError)) throw cause;
    throw signInAgain(cause.message, cause);
  }
}

function signInAgain(why: string, cause?: SignInError): TrustError {
  return new TrustError('BAD_TOKEN', why, { retry: 'never', ...(cause === undefined ? {} : { cause }) });
}

/** The facts have the last word on roles; the token carries them for the page to show. */
function described(
  { known }: Service['book'],
  { person: id, name, roles }: Account,
): Pick<Viewer, 'person' | 'name' | 'roles'> {
  return { person: id, name, roles: known.person(id)?.roles ?? roles };
}

function told({ person: id, name, roles }: Viewer, { token, expiresAtMs }: Signed): object {
  return { token, expiresAt: instant(expiresAtMs), person: id, name, roles };
}

/** Both ways to sign in, or the one there is; where the token will go stands above either. */
function showForm(
  service: Service,
  reply: FastifyReply,
  { asked, problem }: { readonly asked: Errand; readonly problem?: string },
): FastifyReply {
  const { accounts, openId } = service;
  const back = new URL(asked.redirect_uri);
  const notice = problem === undefined ? html`` : html`<p role="alert" class="warning">${problem}</p>`;
  const button =
    openId === undefined
      ? html``
      : html`<p><a class="button" href="${onErrand(service.url() + OIDC_PATH, asked)}">Sign in with ${openId.provider.settings.label}</a></p>`;
  const form = openId === undefined || !accounts.isEmpty ? passwordForm(asked) : html``;
  const body = html`<main>
<h1>Sign in</h1>
<p>You will return to <strong>${back.origin}</strong>.</p>
${notice}${button}${form}
</main>`;
  return sendPage(reply, { title: 'Sign in to Holdfast', body, formTargets: [back.origin] });
}

function passwordForm(asked: Errand): Html {
  return html`${CAUTION}
<form method="post" action="/sign-in">
<input type="hidden" name="redirect_uri" value="${asked.redirect_uri}">
<input type="hidden" name="state" value="${asked.state}">
<input type="hidden" name="jwk" value="${asked.jwk}">
<label for="person">Person</label>
<input id="person" name="person" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<p><button>Sign in</button></p>
</form>`;
}
