#!/usr/bin/env node
// What a build makes beside what the compiler does, in a compiled tree (its only argument): the page, and the programs packed together
// with the libraries they use into a few files under start/. Node opens and compiles hundreds of small modules otherwise, and that is
// most of what a short command takes. The tree stays as it was: workers, `holdfast/rig` and the mistakes that tests plant use it.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
// They, or what they need, find binaries, WebAssembly or pages by the place of their own files.
const LEFT_OUTSIDE = [
  '@cedar-policy/cedar-wasm',
  '@fastify/swagger-ui',
  '@lydell/node-pty',
  '@node-rs/crc32',
  'h264-mp4-encoder',
  'hdr-histogram-js',
  'libsql',
  'serialport',
];

const [tree] = process.argv.slice(2);
if (tree === undefined) throw new Error('Usage: node bin/pack.mjs TREE');
// Paths in what is written are relative to here, so two builds are the same wherever they are made.
process.chdir(tree);
await page(join(tree, 'page'));
await programs(join(tree, 'start'));
launch(join(tree, 'bin/start.cjs'));

async function page(outDir) {
  const configFile = join(ROOT, 'vite.config.ts');
  await build({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
}

async function programs(outDir) {
  await build({
    configFile: false,
    root: tree,
    logLevel: 'warn',
    plugins: [addresses(outDir)],
    ssr: { noExternal: true, external: LEFT_OUTSIDE },
    build: {
      ssr: true,
      outDir,
      target: 'node20',
      minify: false,
      // Libraries are handed on in this form, and their licences with them.
      license: { fileName: 'licenses.md' },
      rolldownOptions: {
        checks: { pluginTimings: false },
        input: join(tree, 'bin/holdfast.js'),
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  });
}

/** A module that looks for a file beside itself finds it: its address stays the one it has in the tree. */
function addresses(outDir) {
  return {
    name: 'addresses',
    transform(code, path) {
      if (!path.startsWith(tree) || !code.includes('import.meta.url')) return null;
      const own = `new URL(${JSON.stringify(relative(outDir, path))}, import.meta.url).href`;
      return { code: code.replaceAll('import.meta.url', own), map: null };
    },
  };
}

/** The launcher opens the packed programs. */
function launch(path) {
  const code = readFileSync(path, 'utf8');
  const pieces = code.split("'./holdfast.js'");
  if (pieces.length !== 2) throw new Error(`${path} does not open ./holdfast.js once.`);
  writeFileSync(path, pieces.join("'../start/holdfast.js'"));
}
