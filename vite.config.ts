import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Puts each file there compressed as well, once and as small as it gets, for a dock to send. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    writeBundle: ({ dir = '' }) => {
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        const bytes = readFileSync(file);
        writeFileSync(`${file}.br`, brotliCompressSync(bytes));
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

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
    rolldownOptions: { external: ['crypto'], checks: { pluginTimings: false } },
  },
  plugins: [compressed()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
});
