import type { Finding, Source } from './source.ts';
import { child, children, field } from './source.ts';

const TOP_FOLDERS = new Set(['.ci', 'bin', 'deploy', 'device', 'dock', 'docs', 'proto', 'sim', 'test']);
const TOP_FILES = new Set([
  '.gitignore',
  '.oxlintrc.json',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'biome.json',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
  'vite.config.ts',
  'vitest.config.ts',
]);
/** The rooms of each program; a new one needs a sentence in ARCHITECTURE.md and a place here. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  device: [
    'battery',
    'capture',
    'clock',
    'console',
    'firmware',
    'flash',
    'keys',
    'link',
    'radio',
    'seal',
    'upload',
    'vault',
  ],
  dock: [
    'authzen',
    'clock',
    'ingest',
    'keep',
    'keys',
    'ledger',
    'link',
    'package',
    'policy',
    'release',
    'store',
    'viewer',
    'witness',
  ],
  'dock/policy': ['custodian', 'decide', 'facts', 'http', 'ledger', 'oversight', 'regimes', 'shift'],
  'dock/viewer': ['page', 'schema'],
  proto: ['gen'],
  sim: ['bench', 'check', 'demo', 'fault', 'fleet', 'rig', 'scenario', 'world'],
  test: ['browser', 'contract', 'go', 'golden', 'process', 'property', 'python', 'tidy', 'unit', 'world'],
};
const CODE_NAME = /^[a-z0-9]+(-[a-z0-9]+){0,2}(\.(test|config|d))?\.(ts|tsx|cts|mjs)$/;
// A check of a world is named by what it says, as its failures are.
const CHECK_NAME = /^sim\/check\/[a-z]+(-[a-z]+)*\.ts$/;
const EMPTY_WORDS = /^(utils?|common|helpers?|misc|shared|index|data|info|manager|handler|process)$/;

/** The tree holds what the architecture says and nothing beside it. */
export function shape(paths: readonly string[]): readonly Finding[] {
  const folders = new Set(paths.flatMap(foldersOf));
  return paths.flatMap((path) =>
    [misplaced(path), misnamed(path), unmirrored(path, folders)]
      .filter((message) => message !== undefined)
      .map((message) => ({ path, line: 1, message })),
  );
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function misplaced(path: string): string | undefined {
  const parts = path.split('/');
  const [top = ''] = parts;
  if (parts.length === 1)
    return TOP_FILES.has(top) ? undefined : 'nothing but the known files may be at the top';
  if (!TOP_FOLDERS.has(top)) return `${top}/ is not a folder of this project`;
  const stray = foldersOf(path).find((folder) => {
    const cut = folder.lastIndexOf('/');
    const rooms = ROOMS[folder.slice(0, Math.max(cut, 0))];
    return rooms !== undefined && !rooms.includes(folder.slice(cut + 1));
  });
  return stray === undefined ? undefined : `${stray}/ is not a room of the architecture`;
}

function misnamed(path: string): string | undefined {
  const name = path.split('/').at(-1) ?? '';
  if (!/\.(ts|tsx|cts|mjs)$/.test(name)) return undefined;
  if (!CODE_NAME.test(name) && !CHECK_NAME.test(path))
    return 'name a file with one lower-case noun, hyphen if two';
  const stem = name.split('.', 1)[0] ?? '';
  return EMPTY_WORDS.test(stem) ? `"${stem}" says nothing: name the file after its main export` : undefined;
}

/** test/unit mirrors the source tree, so that the tests of a file are found without searching. */
function unmirrored(path: string, folders: ReadonlySet<string>): string | undefined {
  if (!path.startsWith('test/unit/') || !path.endsWith('.test.ts')) return undefined;
  const mirrored = path.slice('test/unit/'.length).split('/').slice(0, -1).join('/');
  return folders.has(mirrored)
    ? undefined
    : `test/unit mirrors the source tree, and there is no ${mirrored || 'root'}/`;
}

/** A variable at module level is shared by every world and every test in the process. A test file runs once, for itself. */
export function moduleState(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .flatMap((source) =>
      children(source.program, 'body')
        .map((statement) => child(statement, 'declaration') ?? statement)
        .filter((node) => node.type === 'VariableDeclaration' && field(node, 'kind') !== 'const')
        .map((node) => ({
          path: source.path,
          line: source.lineOf(node.start),
          message: 'module-level mutable state',
        })),
    );
}
