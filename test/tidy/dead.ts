import { posix } from 'node:path';
import { targetOf } from './borders.ts';
import { type Finding, type Source, walk, field } from './source.ts';

/** Where running starts: the command, the page, the benchmarks that package.json runs, the tests, and the tools' configuration. */
const PROGRAM_ROOTS =
  /^bin\/|^sim\/world\/((worker|mutants)-)?main\.ts$|^sim\/bench\/[a-z]+-main\.ts$|^dock\/viewer\/page\/main\.tsx?$|^[^/]+\.ts$/;
const TEST_ROOTS = /\.test\.ts$/;
/** Code of the product must be reached from a program: a test alone does not keep it alive. */
const PRODUCT = /^(bin|device|dock|proto)\//;

/** Files that nothing runs. */
export function dead(sources: readonly Source[]): readonly Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const programs = reach(byPath, PROGRAM_ROOTS);
  const tests = reach(byPath, TEST_ROOTS);
  return sources.flatMap(({ path }) => {
    if (programs.has(path) || (!PRODUCT.test(path) && tests.has(path))) return [];
    const message = tests.has(path) ? 'only tests use this file' : 'nothing uses this file';
    return [{ path, line: 1, message }];
  });
}

function reach(byPath: ReadonlyMap<string, Source>, roots: RegExp): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...byPath.keys()].filter((path) => roots.test(path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const source = byPath.get(path);
    if (source === undefined || reached.has(path)) continue;
    reached.add(path);
    waiting.push(...namedBy(source));
  }
  return reached;
}

/** Every file a source names: imports, and relative paths in strings (workers, set-up files, the page's entry). */
function namedBy(source: Source): readonly string[] {
  const named = source.references.map(({ specifier }) => specifier);
  walk(source.program, (node) => {
    const value = node.type === 'Literal' ? field(node, 'value') : undefined;
    if (value !== undefined && /^\.{1,2}\/.*\.(ts|tsx|cts|mjs|js)$/.test(value)) named.push(value);
  });
  return named
    .map((specifier) => targetOf(source.path, specifier))
    .filter((target) => target !== undefined)
    .flatMap((target) => [target, target.replace(/\.js$/, '.ts'), target.replace(/\.js$/, '.mjs')])
    .map((target) => posix.normalize(target));
}
