import { child, dotted, type Finding, type Node, type Source, walk } from './source.ts';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Files of at most 400 lines, functions of at most 70. Golden vectors are tables and exempt. */
export function sizes(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter(({ path }) => !path.startsWith('test/golden/'))
    .flatMap((source) => [...fileSize(source), ...functionSizes(source)]);
}

function fileSize({ path, text }: Source): readonly Finding[] {
  const lines = text.trimEnd().split('\n').length;
  return lines > FILE_LINES_MAX
    ? [{ path, line: 1, message: `${lines} lines; ${FILE_LINES_MAX} is the stop` }]
    : [];
}

function functionSizes(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  walk(source.program, (node) => {
    if (!FUNCTIONS.has(node.type)) return;
    const line = source.lineOf(node.start);
    const lines = source.lineOf(node.end) - line + 1;
    if (lines <= FUNCTION_LINES_MAX || declaresTests(source, node)) return;
    found.push({
      path: source.path,
      line,
      message: `function of ${lines} lines; ${FUNCTION_LINES_MAX} is the stop`,
    });
  });
  return found;
}

/** What declares tests is a table of contents, not a function anyone has to follow; each test in it is measured. */
function declaresTests(source: Source, node: Node): boolean {
  if (!source.path.startsWith('test/')) return false;
  let found = false;
  walk(node, (inner) => {
    const callee = inner.type === 'CallExpression' ? child(inner, 'callee') : undefined;
    found ||= /^(describe|it|test)(\.|$)/.test(dotted(callee) ?? dotted(child(callee, 'callee')) ?? '');
  });
  return found;
}
