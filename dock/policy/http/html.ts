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
:root {
  color-scheme: light dark;
  --ground: #f5f6f4; --paper: #fff; --ink: #1b2326; --line: #7d898d;
  --accent: #1d4e5f; --accent-ink: #fff; --bad: #a3261f; --bad-wash: #fbeae8;
  font: clamp(16px, 0.68vw, 26px) / 1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  background: var(--ground); color: var(--ink);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12181a; --paper: #1a2225; --ink: #e6ecec; --line: #75858a;
    --accent: #7fc1d3; --accent-ink: #0c1a1f; --bad: #f3968f; --bad-wash: #331a19;
  }
}
body { max-width: 46rem; margin: 0 auto; padding: clamp(1.5rem, 10vh, 9rem) 1.25rem 3rem; }
h1 { letter-spacing: -0.02em; margin: 0 0 0.75rem; }
p, strong { overflow-wrap: anywhere; }
label { display: block; margin: 1rem 0 0.25rem; }
form:not(.line) { max-width: 22rem; }
form:not(.line) input { width: 100%; box-sizing: border-box; }
input, select, button, a.button { font: inherit; padding: 0.45rem 0.75rem; border: 1px solid var(--line); border-radius: 8px; }
input, select { background: var(--paper); color: inherit; }
button, a.button {
  display: inline-block; background: var(--accent); border-color: var(--accent); color: var(--accent-ink);
  font-weight: 600; text-decoration: none; cursor: pointer;
}
form:not(.line) button { padding: 0.55rem 1.6rem; margin-top: 0.5rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
form.line { display: inline; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: 0.35rem 0.6rem 0.35rem 0; border-bottom: 1px solid var(--line); }
.warning { color: var(--bad); background: var(--bad-wash); border: 1px solid; border-radius: 8px; padding: 0.6rem 0.9rem; }
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
