import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { instant } from '../clock.ts';
import type { Account } from '../custodian/accounts.ts';
import { checkRenewal } from '../custodian/renewal.ts';
import { pageThumbprint, signViewerToken, type Signed, type Viewer } from '../custodian/token.ts';
import { TrustError } from '../errors.ts';
import { badRequest, failureOf } from './failure.ts';
import { html, sendPage } from './html.ts';
import { isLoopbackPage } from './origin.ts';
import { openToPages } from './pages.ts';
import type { Service } from './service.ts';

const BODY_BYTES_MAX = 16 * 1024;

const person = z.string().min(1).max(64);
const password = z.string().min(1).max(1_024);
const bySignIn = z.object({ person, password, jwk: z.record(z.string(), z.unknown()) });

/** Where the page came from and what it wants back. */
const errand = z.object({
  redirect_uri: z.string().min(1).max(2_048),
  state: z.string().max(1_024).default(''),
  jwk: z.string().min(1).max(2_048),
});
type Errand = z.infer<typeof errand>;
const byForm = errand.extend({ person, password });

const CAUTION = html`<p>Your password goes to the policy service alone, never to a dock.</p>`;

const renewal = z.strictObject({ request: z.string().min(1) });

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
    return showForm(reply, asked);
  });
  app.post('/sign-in', { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const asked = parseErrand(service, request.body);
    const form = byForm.safeParse(request.body);
    if (!form.success) return showForm(reply.code(400), asked, 'Both fields are needed.');
    const thumbprint = await pageThumbprint(decodeJwk(asked.jwk));
    try {
      const { signed } = await signIn(service, request, { ...form.data, thumbprint });
      return await reply.redirect(withToken(asked, signed.token), 303);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      const { status, message } = failureOf(error);
      return showForm(reply.code(status), asked, `Not signed in: ${message}.`);
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

/** Who has no account any more goes no further, and what they may be called now is what the token says. */
async function renew(
  { accounts, book, issuer, clock }: Service,
  request: string,
): Promise<{ viewer: Viewer; signed: Signed }> {
  const nowMs = clock.nowMs();
  const { person: id, thumbprint, signedInAtS } = await checkRenewal(issuer, request, nowMs);
  const account = accounts.find(id);
  if (account === undefined)
    throw new TrustError('BAD_TOKEN', 'there is no such account any more', { retry: 'never' });
  const viewer = { ...described(book, account), thumbprint, signedInAtS };
  return { viewer, signed: await signViewerToken(issuer, viewer, nowMs) };
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

function parseErrand(service: Service, body: unknown): Errand {
  const parsed = errand.safeParse(body);
  if (!parsed.success)
    throw badRequest('redirect_uri, state and jwk are needed', parsed.error.issues[0]?.path.join('.'));
  if (!mayLeadTo(parsed.data.redirect_uri, service.viewers)) {
    throw badRequest('redirect_uri must be on this machine (RFC 8252) or named by --viewer', 'redirect_uri');
  }
  return parsed.data;
}

/**
 * Tokens go to loopback addresses and to the viewers the operator has named, compared whole up to the path; nowhere else, or
 * a link in a mail could carry a token away.
 */
function mayLeadTo(address: string, viewers: readonly string[]): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (isLoopbackPage(url)) return true;
  return viewers.some((viewer) => {
    const named = new URL(viewer);
    return url.origin !== 'null' && url.origin === named.origin && url.pathname === named.pathname;
  });
}

function decodeJwk(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw badRequest('jwk is the base64url of a JSON public key', 'jwk');
  }
}

// In the fragment, which browsers do not send on: no server's log and no Referer ever holds the token.
function withToken({ redirect_uri: target, state }: Errand, token: string): string {
  const url = new URL(target);
  url.hash = new URLSearchParams({ token, state }).toString();
  return url.href;
}

function showForm(reply: FastifyReply, asked: Errand, problem?: string): FastifyReply {
  const back = new URL(asked.redirect_uri);
  const notice = problem === undefined ? html`` : html`<p role="alert" class="warning">${problem}</p>`;
  const body = html`<main>
<h1>Sign in</h1>
<p>You will return to <strong>${back.origin}</strong>.</p>
${CAUTION}${notice}
<form method="post" action="/sign-in">
<input type="hidden" name="redirect_uri" value="${asked.redirect_uri}">
<input type="hidden" name="state" value="${asked.state}">
<input type="hidden" name="jwk" value="${asked.jwk}">
<label for="person">Person</label>
<input id="person" name="person" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<p><button>Sign in</button></p>
</form>
</main>`;
  return sendPage(reply, { title: 'Sign in to Holdfast', body, formTargets: [back.origin] });
}
