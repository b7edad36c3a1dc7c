import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { DECISION_OPERATIONS, missingFact, verdict } from './decisions.ts';
import { documentOf, OPENAPI, type Route } from './document.ts';
import { entry, FACT_OPERATIONS, taken } from './facts.ts';
import { KEY_OPERATIONS } from './keys.ts';
import { OIDC_OPERATIONS } from './oidc.ts';
import type { Operations } from './operation.ts';
import { OVERSIGHT_OPERATIONS } from './oversight.ts';
import { SERVICE_OPERATIONS } from './service.ts';
import { SIGN_IN_OPERATIONS, token } from './sign-in.ts';
import { TRUST_OPERATIONS } from './trust.ts';
import { question } from '../oversight.ts';

/** Everything that the service can be asked, demonstration included. */
const OPERATIONS: Operations = {
  ...FACT_OPERATIONS,
  ...DECISION_OPERATIONS,
  ...KEY_OPERATIONS,
  ...SIGN_IN_OPERATIONS,
  ...OIDC_OPERATIONS,
  ...OVERSIGHT_OPERATIONS,
  ...TRUST_OPERATIONS,
  ...SERVICE_OPERATIONS,
};

const NAMED = {
  ...{ Entry: entry, Taken: taken, Verdict: verdict, MissingFact: missingFact, Token: token },
  OversightQuestion: question,
};

const DOCS = '/docs';
/** The page shows pictures out of its own style sheet, which are `data:`. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** The page has a place to type a token in, which nothing here would use. */
const NO_TOKENS = '.swagger-ui .scheme-container, .swagger-ui .authorization__btn { display: none; }';

/** What swagger-ui lacks: colours with enough contrast, links that a finger can hit. */
const READABLE = `
.swagger-ui .opblock.opblock .opblock-summary-method.opblock-summary-method { background: #1d4e5f; color: #fff; }
.swagger-ui .info .title small pre, .swagger-ui .info .title small { background: #1d4e5f; color: #fff; }
.swagger-ui .info .url, .swagger-ui .info a { color: #1d4e5f; }
.swagger-ui .btn.authorize, .swagger-ui .btn.authorize span { color: #1c6b45; border-color: #1c6b45; }
.swagger-ui .json-schema-2020-12-expand-deep-button { color: #1b2326; }
.swagger-ui .opblock .opblock-summary-path a.nostyle, .swagger-ui .opblock-tag a.nostyle { display: inline-block; min-height: 24px; min-width: 24px; line-height: 24px; }
`;

/** Notes each route that is added from here on; called before the first one. */
export function noteRoutes(app: FastifyInstance): readonly Route[] {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
  return routes;
}

/**
 * `GET /openapi.json`, and `GET /docs` to read it: for everybody, since it says nothing but what the program's text says. Called after the
 * last route. The requests are checked by the handlers and not by the plugins here: who asks is settled before a body is looked at, and
 * each refusal has words of its own.
 */
export function documentRoutes(app: FastifyInstance, routes: readonly Route[]): void {
  const here: readonly Route[] = [
    { method: 'GET', url: '/openapi.json' },
    { method: 'GET', url: DOCS },
  ];
  const described = { operations: OPERATIONS, named: NAMED };
  let made: string | undefined;
  const text = (): string => (made ??= JSON.stringify(documentOf([...routes, ...here], described)));
  app.get('/openapi.json', async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(text()),
  );
  // Made when somebody asks for it, and then kept: that takes longer than the rest of a start.
  const document = {
    openapi: OPENAPI,
    info: { title: '', version: '' },
    paths: {},
    toJSON: (): unknown => JSON.parse(text()),
  };
  app.register(swagger, { mode: 'static', specification: { document } });
  app.register(swaggerUi, {
    routePrefix: DOCS,
    staticCSP: DOCS_POLICY,
    // Tokens of sources do not belong in a browser, so the page asks nothing. Without the bar that would fetch another document.
    uiConfig: { layout: 'BaseLayout', supportedSubmitMethods: [] },
    theme: {
      title: 'Holdfast policy service',
      css: [{ filename: 'reading.css', content: NO_TOKENS + READABLE }],
    },
  });
}
