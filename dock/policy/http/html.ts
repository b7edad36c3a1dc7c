import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** Markup that may stand in a page as it is. Only `html` makes it. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = string | number | Html | readonly Html[];

/** A template whose every plain value is escaped. */
export function html(pieces: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(
    pieces.map((piece, index) => piece + (index < values.length ? markupOf(values[index]) : '')).join(''),
  );
}

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.45; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
label { display: block; margin: 0.75rem 0 0.25rem; }
input, select, button { font: inherit; padding: 0.4rem 0.6rem; }
form.line { display: inline; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: 0.35rem 0.6rem 0.35rem 0; border-bottom: 1px solid; }
a.button { display: inline-block; padding: 0.4rem 0.6rem; border: 1px solid; border-radius: 0.2rem; }
.warning { border: 2px solid; padding: 0.5rem 0.75rem; }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * Sends a page under a policy that allows no script at all. `formTargets` are origins a form may lead to besides
 * our own: browsers hold a redirect after a form to the same list (CSP Level 3, form-action).
 */
export function sendPage(
  reply: FastifyReply,
  page: { readonly title: string; readonly body: Html; readonly formTargets?: readonly string[] },
): FastifyReply {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action 'self' ${(page.formTargets ?? []).join(' ')}`.trim(),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  const { markup } = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${page.title}</title>
<style>${new Html(STYLE)}</style></head>
<body>${page.body}</body>
</html>
`;
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', policy.join('; '))
    .header('referrer-policy', 'no-referrer')
    .header('x-frame-options', 'DENY')
    .send(markup);
}

function markupOf(value: Part | undefined): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(({ markup }) => markup).join('\n');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
