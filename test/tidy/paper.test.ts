import { describe, expect, it } from 'vitest';
import { declared, dependencyTable, links, lockedPlatforms, namedScripts, unused } from './paper.ts';
import { parse } from './source.ts';

const PACKAGE = {
  scripts: { demo: 'x', 'format:check': 'x' },
  dependencies: { mqtt: '5.16.0', '@fastify/static': '10.1.11' },
  devDependencies: { vitest: '4.1.12' },
};
const ROWS = '| `mqtt` | why |\n| `@fastify/static` | why |\n| `vitest` | why |\n';
const page = (text: string): { readonly path: string; readonly text: string } => ({
  path: 'docs/a.md',
  text,
});

describe('paper', () => {
  // Goal: every dependency is explained, nothing else is, versions are exact. Method: one row too few, one too many, a range.
  it('finds a dependency without a row and a row without a dependency', () => {
    expect(dependencyTable(PACKAGE, page(ROWS))).toEqual([]);
    expect(dependencyTable(PACKAGE, page(ROWS.replace('`mqtt`', '`mqtt5`')))).toHaveLength(2);
    expect(dependencyTable({ ...PACKAGE, devDependencies: { vitest: '^4.1.12' } }, page(ROWS))).toHaveLength(
      1,
    );
  });

  // Goal: a program imports only what is installed with it. Method: a developer's library in the dock, in a test and in the page.
  it('finds an import that an installed holdfast would not have', () => {
    const judge = (path: string, name: string): number =>
      declared(PACKAGE, [parse(path, `import '${name}';`)]).length;
    expect(judge('dock/link/mqtt.ts', 'mqtt')).toBe(0);
    expect(judge('dock/link/mqtt.ts', 'node:net')).toBe(0);
    expect(judge('dock/viewer/http.ts', '@fastify/static/deep.js')).toBe(0);
    expect(judge('dock/link/mqtt.ts', 'vitest')).toBe(1);
    expect(judge('test/unit/a.test.ts', 'vitest')).toBe(0);
    expect(judge('dock/viewer/page/main.tsx', 'preact')).toBe(0);
  });

  // Goal: no dependency stays behind when its use goes. Method: a tree that imports one of three.
  it('finds a dependency that nothing imports', () => {
    const findings = unused(PACKAGE, [parse('dock/link/mqtt.ts', `import 'mqtt';`)], new Set(['vitest']));
    expect(findings.map(({ message }) => message)).toEqual(['nothing uses @fastify/static']);
  });

  // Goal: npm ci works on every platform. Method: a lock with the binary of one platform of two.
  it('finds a lock without a platform', () => {
    const binaries = { '@tool/linux-x64': '1.0.0', '@tool/darwin-x64': '1.0.0' };
    const packages = {
      'node_modules/tool': { optionalDependencies: binaries },
      'node_modules/@tool/linux-x64': {},
    };
    expect(lockedPlatforms({ packages })).toHaveLength(1);
    expect(lockedPlatforms({ packages: { ...packages, 'node_modules/@tool/darwin-x64': {} } })).toEqual([]);
  });

  // Goal: what a page tells the reader to type works. Method: each way of naming a script, known and unknown.
  it('finds an npm script that does not exist', () => {
    const judge = (text: string): number => namedScripts(PACKAGE, [page(text)]).length;
    expect(judge('`npm run demo -- --once`, `npm run -s demo`, `npm run format:check`, `npm ci`')).toBe(0);
    expect(judge('`npm run fly`')).toBe(1);
    expect(judge('`npm run -s fly -- now`')).toBe(1);
    expect(judge('`npm test`')).toBe(1);
  });

  // Goal: a link leads somewhere. Method: files, folders and anchors from a page in a folder, and a link to nothing.
  it('finds a link to a file that is not there', () => {
    const judge = (text: string): number =>
      links([page(text)], ['docs/b.md', 'README.md', 'dock/main.ts']).length;
    expect(
      judge('[b](b.md) [readme](../README.md#top) [dock](../dock) [web](https://example.org) [here](#here)'),
    ).toBe(0);
    expect(judge('[gone](gone.md)')).toBe(1);
    expect(judge('[wrong](README.md)')).toBe(1);
  });
});
