import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { showDocument } from './schema/dock.ts';
import type { ViewerApp } from './server.ts';

const TAGS = {
  recordings: 'What a person may know of, and how that changes.',
  content:
    'Footage, sealed as its camera sealed it, under a recorded grant. What is not allowed answers as what does not exist.',
  bays: 'What is docked.',
  missing: 'What should be here and is not.',
  ledger: 'The log of custody, for anybody to check: C2SP tlog-tiles.',
  dock: 'The dock itself.',
  page: 'The files of the page, which needs no other server.',
} as const;

const ABOUT = `The HTTP side of a Holdfast dock. It listens to whoever can reach it and shows each person what the policy service allows.

Times are RFC 3339 in UTC with six decimals, sizes bytes. Every answer that is not a success is a \`Problem\`; an address of nothing
and one of what a person may not know of answer with the same body. No answer about a person may be cached.`;

const TOKEN = `A viewer token: an ES256 JWT that the policy service gives to whoever signs in there, \`POST /v1/sign-in\` with the public
key of the page (its own document is at \`/docs\` there). It holds for 15 minutes, for this one key, which has to sign each opening.`;

/**
 * Of the page at /docs alone. Its style sheet has pictures inside (\`data:\`), and it sets styles by script, which needs no leave; it
 * asks this dock only. Scripts may be its own files and nothing inline; \`require-trusted-types-for\` it cannot do with, as it writes HTML.
 */
const DOCS_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What swagger-ui lacks: colours with enough contrast, links that a finger can hit; and the choice among one server goes. */
const READABLE = `
.swagger-ui .opblock.opblock .opblock-summary-method.opblock-summary-method { background: #1d4e5f; color: #fff; }
.swagger-ui .info .title small pre, .swagger-ui .info .title small { background: #1d4e5f; color: #fff; }
.swagger-ui .info .url, .swagger-ui .info a { color: #1d4e5f; }
.swagger-ui .btn.authorize, .swagger-ui .btn.authorize span { color: #1c6b45; border-color: #1c6b45; }
.swagger-ui .json-schema-2020-12-expand-deep-button { color: #1b2326; }
.swagger-ui .opblock .opblock-summary-path a.nostyle, .swagger-ui .opblock-tag a.nostyle { display: inline-block; min-height: 24px; min-width: 24px; line-height: 24px; }
.swagger-ui .servers-title, .swagger-ui .servers { display: none; }
`;

/**
 * `GET /openapi.json`, the OpenAPI document of all routes that are added from here on, and `GET /docs`, which shows it and is
 * made of files of this dock alone. Both say nothing that the source does not, and are for anybody.
 */
export async function addDocument(app: ViewerApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Holdfast dock', version, description: ABOUT, license: { name: 'Apache-2.0' } },
      servers: [{ url: '/', description: 'The dock that this document is of.' }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: TOKEN },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (all) => withoutUnused(jsonSchemaTransformObject(all)),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CSP,
    theme: { title: 'Holdfast dock', css: [{ filename: 'reading.css', content: READABLE }] },
    // Without the bar on top, which would load a document from anywhere and shows somebody's logo.
    uiConfig: { layout: 'BaseLayout', validatorUrl: null, persistAuthorization: false },
  });
  app.get('/openapi.json', { schema: showDocument }, async () => ({ ...app.swagger() }));
}

/** Every schema is there as what is read and as what is answered; those that no route refers to go. */
function withoutUnused<Described extends object>(all: Described): Described {
  const { components, ...rest } = all as { readonly components?: { readonly schemas?: object } };
  const schemas = Object.entries(components?.schemas ?? {});
  const used = new Set<string>();
  for (const waiting = [JSON.stringify(rest)]; waiting.length > 0; ) {
    const text = waiting.pop() ?? '';
    for (const [name, schema] of schemas) {
      if (used.has(name) || !text.includes(`"#/components/schemas/${name}"`)) continue;
      used.add(name);
      waiting.push(JSON.stringify(schema));
    }
  }
  return {
    ...all,
    components: { ...components, schemas: Object.fromEntries(schemas.filter(([name]) => used.has(name))) },
  };
}
