import { packageOf } from './borders.ts';
import type { Finding, Source } from './source.ts';

/** The part of package.json these rules read. */
export interface PackageJson {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Page {
  readonly path: string;
  readonly text: string;
}

const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
// `npm run -s name`, `npm run name`, and npm's own short forms.
const NPM_SCRIPT = /\bnpm (?:run(?:-script)? (?:-s |--silent )?([\w:-]+)|(test|start)\b)/g;

/** docs/dependencies.md has one row for each dependency, and no row for what is not one; versions are exact. */
export function dependencyTable(packageJson: PackageJson, page: Page): readonly Finding[] {
  const wanted = { ...packageJson.dependencies, ...packageJson.devDependencies };
  const rows = new Map(
    page.text.split('\n').flatMap((line, index) => {
      const name = /^\| `([^`]+)` \|/.exec(line)?.[1];
      return name === undefined ? [] : [[name, index + 1] as const];
    }),
  );
  const absent = Object.keys(wanted).filter((name) => !rows.has(name));
  const stale = [...rows].filter(([name]) => !Object.hasOwn(wanted, name));
  const loose = Object.entries(wanted).filter(([, version]) => !EXACT_VERSION.test(version));
  return [
    ...absent.map((name) => ({ path: page.path, line: 1, message: `no row for ${name}` })),
    ...stale.map(([name, line]) => ({
      path: page.path,
      line,
      message: `${name} is not a dependency any more`,
    })),
    ...loose.map(([name, version]) => ({
      path: 'package.json',
      line: 1,
      message: `${name}: ${version} is not an exact version`,
    })),
  ];
}

/**
 * What a program imports is installed with it; what only a developer needs is not. The page is bundled, so its libraries may be
 * either, and what drives a browser is run from a checkout alone.
 */
export function declared(packageJson: PackageJson, sources: readonly Source[]): readonly Finding[] {
  const installed = new Set(Object.keys(packageJson.dependencies ?? {}));
  return sources
    .filter(
      ({ path }) =>
        /^(bin|device|dock|proto|sim)\//.test(path) &&
        !/^(dock\/viewer\/page\/|sim\/bench\/(view-|upload\/tus-server\.ts)|bin\/pack\.mjs$)/.test(path),
    )
    .flatMap(({ path, references }) =>
      references
        .filter(({ specifier }) => !/^(\.|node:)/.test(specifier) && !installed.has(packageOf(specifier)))
        .map(({ specifier, line }) => ({
          path,
          line,
          message: `${packageOf(specifier)} is not in dependencies`,
        })),
    );
}

/** A dependency nobody imports, and no script or configuration names, is only a risk. */
export function unused(
  packageJson: PackageJson,
  sources: readonly Source[],
  tools: ReadonlySet<string>,
): readonly Finding[] {
  const imported = new Set(
    sources.flatMap(({ references }) => references.map(({ specifier }) => packageOf(specifier))),
  );
  return Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies })
    .filter((name) => !imported.has(name) && !tools.has(name) && !name.startsWith('@types/'))
    .map((name) => ({ path: 'package.json', line: 1, message: `nothing uses ${name}` }));
}

/** The part of package-lock.json these rules read. */
export interface PackageLock {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/**
 * `npm ci` refuses a lock that lacks a package's binary for a platform we are not on, and npm writes such a lock
 * where the registry it asks carries only some platforms. An entry needs the version, `optional`, `os`, `cpu`
 * and, on Linux, `libc`.
 */
export function lockedPlatforms({ packages }: PackageLock): readonly Finding[] {
  return Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${parent}/node_modules/${name}` in packages),
      )
      .map((name) => ({
        path: 'package-lock.json',
        line: 1,
        message: `no entry for ${name}: npm ci will refuse`,
      })),
  );
}

/** Every npm script a page tells the reader to run exists. */
export function namedScripts(packageJson: PackageJson, pages: readonly Page[]): readonly Finding[] {
  const scripts = new Set(Object.keys(packageJson.scripts ?? {}));
  return pages.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) =>
      [...line.matchAll(NPM_SCRIPT)]
        .map(([, run, short]) => run ?? short ?? '')
        .filter((name) => !scripts.has(name))
        .map((name) => ({ path, line: index + 1, message: `there is no npm script "${name}"` })),
    ),
  );
}

/** A relative link in a page leads to a file of the tree. */
export function links(pages: readonly Page[], paths: readonly string[]): readonly Finding[] {
  const known = new Set(
    paths.flatMap((path) => [path, ...path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))]),
  );
  return pages.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) =>
      [...line.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
        .map(([, target = '']) => ({ target, resolved: resolve(path, target) }))
        .filter(({ resolved }) => !known.has(resolved))
        .map(({ target }) => ({ path, line: index + 1, message: `${target} does not exist` })),
    ),
  );
}

function resolve(path: string, target: string): string {
  return new URL(target, `file:///${path}`).pathname.slice(1).replace(/\/$/, '');
}
