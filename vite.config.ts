import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Builds the viewer's page. Everything it needs is in `dist/page`: it runs where nothing else can be reached. */
export default defineConfig({
  root: path('./dock/viewer/page'),
  build: {
    outDir: path('./dist/page'),
    emptyOutDir: true,
    target: 'es2022',
    // The polyfill would be an inline script, which the page's content security policy forbids.
    modulePreload: false,
    // No file becomes a `data:` address, for the same reason.
    assetsInlineLimit: 0,
    // HPKE looks for Node's module only where there is no `crypto` of the browser's own.
    rolldownOptions: { external: ['crypto'] },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
