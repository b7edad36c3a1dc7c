import type { ViewerApp } from './server.ts';

const PREFLIGHT_S = '600';

/**
 * Lets the page that another origin serves (the policy service, `--page-for`) read this dock's answers (WHATWG Fetch, CORS). One origin,
 * named by the operator, whoever asks: a browser holds any other to its being another. Credentials are never allowed, so what speaks for
 * a person is the bearer token alone, which only their page has.
 */
export function originHeaders(pageOrigin: string | undefined): Readonly<Record<string, string>> {
  return pageOrigin === undefined ? {} : { 'access-control-allow-origin': pageOrigin };
}

/** Answers what browsers ask before they send a token or JSON; nothing is read or done for it. */
export function answerPreflights(app: ViewerApp, pageOrigin: string | undefined): void {
  if (pageOrigin === undefined) return;
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined;
    return reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type, holdfast-session',
        'access-control-max-age': PREFLIGHT_S,
      })
      .send();
  });
}
