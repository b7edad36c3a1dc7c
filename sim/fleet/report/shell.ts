import { STYLE } from './style.ts';
import { escaped } from './words.ts';

/** A page that needs nothing else: no network, no script. All but `title` is HTML already. */
export function pageOf(page: {
  readonly title: string;
  readonly header: string;
  readonly main: string;
  readonly footer: string;
}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${escaped(page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
${page.header}
</header>
<main>
${page.main}
</main>
<footer><p>${page.footer}</p></footer>
</body>
</html>
`;
}
