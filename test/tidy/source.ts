import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

/** A node of the syntax tree (ESTree with TypeScript); fields beyond these are read with the helpers below. */
export interface Node {
  readonly type: string;
  /** Offsets into the text. */
  readonly start: number;
  readonly end: number;
}

export interface Comment {
  readonly text: string;
  readonly line: number;
}

/** One import, export-from, `import()`, `require()` or relative `new URL()` as written. */
export interface Reference {
  readonly specifier: string;
  readonly line: number;
  readonly kind: 'static' | 'dynamic' | 'url';
  readonly typeOnly: boolean;
}

/** A parsed file; `path` is relative to the root, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly program: Node;
  readonly comments: readonly Comment[];
  readonly references: readonly Reference[];
  lineOf(offset: number): number;
}

/** One broken rule in one place. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** The checkout this file is in. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const UNTRACKED = new Set(['.git', 'node_modules', 'data', '.prepare-lock']);
const isUntracked = (name: string): boolean => UNTRACKED.has(name) || /^dist(\.|$)|\.log$/.test(name);
const isGenerated = (path: string): boolean => path.startsWith('proto/gen/');
const isCode = (path: string): boolean => /\.(ts|tsx|cts|mjs)$/.test(path);

/** Every file of the checkout that git would keep, relative to the root, sorted. */
export function listTree(root = ROOT): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (isUntracked(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else found.push(relative(root, path));
    }
  };
  visit(root);
  return found.sort();
}

/** The tree's own code, parsed; generated files are left out. */
export function readSources(root = ROOT): readonly Source[] {
  return listTree(root)
    .filter((path) => isCode(path) && !isGenerated(path))
    .map((path) => parse(path, readFileSync(join(root, path), 'utf8')));
}

/** Parses one file. Throws on a syntax error: a file that cannot be read cannot be judged. */
export function parse(path: string, text: string): Source {
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) throw new Error(`${path}: ${parsed.errors[0]?.message ?? 'syntax error'}`);
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  const lineOf = (offset: number): number => {
    const after = lineStarts.findIndex((start) => start > offset);
    return after === -1 ? lineStarts.length : after;
  };
  const program: Node = parsed.program;
  return {
    path,
    text,
    program,
    comments: parsed.comments.map(({ value, start }) => ({ text: value, line: lineOf(start) })),
    references: referencesOf(program, lineOf),
    lineOf,
  };
}

/** Calls `visit` for every node, parents first; `parents` ends with the direct one. */
export function walk(root: Node, visit: (node: Node, parents: readonly Node[]) => void): void {
  const parents: Node[] = [];
  const enter = (node: Node): void => {
    visit(node, parents);
    parents.push(node);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) enter(child);
    }
    parents.pop();
  };
  enter(root);
}

/** The child node in a field, or undefined. */
export function child(node: Node | undefined, field: string): Node | undefined {
  const value: unknown = node === undefined ? undefined : Reflect.get(node, field);
  return isNode(value) ? value : undefined;
}

/** The child nodes in a list field; empty when there are none. */
export function children(node: Node | undefined, field: string): readonly Node[] {
  const value: unknown = node === undefined ? undefined : Reflect.get(node, field);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A text field, such as an identifier's `name`, or undefined. */
export function field(node: Node | undefined, name: string): string | undefined {
  const value: unknown = node === undefined ? undefined : Reflect.get(node, name);
  return typeof value === 'string' ? value : undefined;
}

/** `a.b.c` of nested member expressions and identifiers; undefined for anything computed. */
export function dotted(node: Node | undefined): string | undefined {
  if (node?.type === 'Identifier') return field(node, 'name');
  if (node?.type === 'MetaProperty') return 'import.meta';
  if (node?.type !== 'MemberExpression') return undefined;
  const object = dotted(child(node, 'object'));
  const property = child(node, 'property');
  const name = property?.type === 'Identifier' ? field(property, 'name') : field(property, 'value');
  return object === undefined || name === undefined ? undefined : `${object}.${name}`;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value;
}

function referencesOf(program: Node, lineOf: (offset: number) => number): readonly Reference[] {
  const found: Reference[] = [];
  walk(program, (node) => {
    const reference = referenceOf(node);
    if (reference !== undefined) found.push({ ...reference, line: lineOf(node.start) });
  });
  return found;
}

function referenceOf(node: Node): Omit<Reference, 'line'> | undefined {
  const specifier = field(child(node, 'source'), 'value');
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return specifier === undefined ? undefined : { specifier, kind: 'static', typeOnly: isTypeOnly(node) };
    case 'ImportExpression':
      return specifier === undefined ? undefined : { specifier, kind: 'dynamic', typeOnly: false };
    case 'TSImportType': {
      const named =
        specifier ?? field(child(child(node, 'argument'), 'literal') ?? child(node, 'argument'), 'value');
      return named === undefined ? undefined : { specifier: named, kind: 'static', typeOnly: true };
    }
    case 'NewExpression': {
      if (dotted(child(node, 'callee')) !== 'URL') return undefined;
      const [path, base] = children(node, 'arguments');
      const value = field(path, 'value');
      if (value === undefined || dotted(base) !== 'import.meta.url') return undefined;
      return { specifier: value, kind: 'url', typeOnly: false };
    }
    case 'CallExpression': {
      const named = field(children(node, 'arguments')[0], 'value');
      const resolves = /^(require|require\.resolve|import\.meta\.resolve)$/.test(
        dotted(child(node, 'callee')) ?? '',
      );
      return resolves && named !== undefined
        ? { specifier: named, kind: 'dynamic', typeOnly: false }
        : undefined;
    }
    default:
      return undefined;
  }
}

function isTypeOnly(node: Node): boolean {
  if (field(node, 'importKind') === 'type' || field(node, 'exportKind') === 'type') return true;
  const named = children(node, 'specifiers');
  return named.length > 0 && named.every((one) => field(one, 'importKind') === 'type');
}
