import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { banned } from './banned.ts';
import { borders } from './borders.ts';
import { dead } from './dead.ts';
import { declared, dependencyTable, links, lockedPlatforms, namedScripts, unused } from './paper.ts';
import type { PackageJson, PackageLock, Page } from './paper.ts';
import { moduleState, shape } from './shape.ts';
import { sizes } from './size.ts';
import { type Finding, listTree, readSources, ROOT } from './source.ts';
import { words } from './words.ts';

/** Programs that scripts run and nobody imports. */
const TOOLS = new Set(['@biomejs/biome', 'oxlint', 'oxlint-tsgolint', 'protobufjs-cli', 'typescript']);

const read = (path: string): Page => ({ path, text: readFileSync(join(ROOT, path), 'utf8') });
const say = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ path, line, message }) => `${path}:${line}: ${message}`);

// Goal: the tree keeps the rules that its own tests show to work. Method: run each rule over every file; none may find anything.
describe('this tree', () => {
  const paths = listTree();
  const sources = readSources();
  const packageJson = JSON.parse(read('package.json').text) as PackageJson;
  const lock = JSON.parse(read('package-lock.json').text) as PackageLock;
  const pages = paths.filter((path) => path.endsWith('.md')).map(read);
  const instructions = [...pages, ...paths.filter((path) => path.startsWith('.ci/')).map(read)];

  const findings: Readonly<Record<string, () => readonly Finding[]>> = {
    'imports only across open borders': () => borders(sources),
    'keeps files and functions small': () => sizes(sources),
    'leaves time, chance and output to those who own them': () => banned(sources),
    'leaves no remark without an owner or a reason': () => words(sources),
    'has the shape the architecture gives it': () => shape(paths),
    'keeps no mutable state in a module': () => moduleState(sources),
    'has no dead file': () => dead(sources),
    'explains every dependency': () => dependencyTable(packageJson, read('docs/dependencies.md')),
    'declares what it imports': () => declared(packageJson, sources),
    'has no dependency without a use': () => unused(packageJson, sources, TOOLS),
    'locks every platform': () => lockedPlatforms(lock),
    'names only npm scripts that exist': () => namedScripts(packageJson, instructions),
    'links only to files that exist': () => links(pages, paths),
  };
  it.each(Object.entries(findings))('%s', (_, find) => {
    expect(say(find())).toEqual([]);
  });
});
