import { child, children, dotted, field, type Finding, type Node, type Source, walk } from './source.ts';

/** Time, timers and chance live behind ports, so that the seeded world can replay a run. */
const CLOCK_HOMES =
  /^(device|dock)\/(clock|keys)\/|^dock\/policy\/(custodian\/|clock\.ts$)|^dock\/witness\/(clock|keys)\.ts$|^dock\/viewer\/page\/|^sim\/(bench|rig|fleet|demo)\/|^bin\//;
/** Here tests run real programs and devices and wait for them; elsewhere a test that sleeps is slow or flaky. */
const WAITING_TESTS = /^test\/(process|browser|contract)\/|^test\/[a-z-]+\.ts$/;
/** Adapters of real devices may give other I/O its turn, as may tests; the seeded world only lets promises settle before its clock goes on. */
const YIELDING = /^(device|dock)\/(flash|ledger|link|store)\/|^sim\/world\//;
const SPEAKING = /^(bin|test|sim\/demo)\/|(^|\/)(main|enrol|[a-z]+-main)\.ts$/;
const PAGE = /^dock\/viewer\/page\//;
const BROWSER = /^(proto|dock\/viewer\/page)\//;

const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const TIMER_MODULES = new Set(['node:timers', 'node:timers/promises']);
const CLOCKS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.hrtime',
  'process.hrtime.bigint',
]);
const CHANCE = new Set([
  'generateKeyPair',
  'generateKeyPairSync',
  'getRandomValues',
  'randomBytes',
  'randomFill',
  'randomFillSync',
  'randomInt',
  'randomUUID',
]);
/** Globals of Node that a browser lacks. */
const NODE_GLOBALS = new Set(['Buffer', 'process', '__dirname', 'setImmediate', 'global', 'require']);

/** Calls that would make a run impossible to replay, tie proto to Node, or speak over a program's output. */
export function banned(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) => {
    const found: Finding[] = [];
    walk(source.program, (node, parents) => {
      const message = judge(source.path, node, parents.at(-1));
      if (message !== undefined) found.push({ path: source.path, line: source.lineOf(node.start), message });
    });
    return found;
  });
}

function judge(path: string, node: Node, parent: Node | undefined): string | undefined {
  const name = nameUsed(node, parent);
  const unreplayable = timerUse(node, name) ?? clockUse(node, name) ?? chanceUse(node, name);
  if (unreplayable !== undefined && !isAtHome(path, unreplayable)) {
    return `${unreplayable} belongs behind a port, in clock/ or keys/`;
  }
  if (name === undefined) return undefined;
  if (/(^|\.)(web)?crypto\.subtle(\.|$)/i.test(name) && !PAGE.test(path) && !path.startsWith('test/')) {
    return 'crypto.subtle answers from a thread pool when it likes: use synchronous node:crypto';
  }
  if (name.startsWith('console.') && !SPEAKING.test(path)) return `${name} outside main and bin`;
  if (BROWSER.test(path) && NODE_GLOBALS.has(name.split('.', 1)[0] ?? ''))
    return `${name} does not exist in a browser`;
  return undefined;
}

/** Tests may read clocks and draw chance; only those of real programs may sleep. */
function isAtHome(path: string, use: string): boolean {
  if (use === 'setImmediate' && (YIELDING.test(path) || path.startsWith('test/'))) return true;
  if (!path.startsWith('test/')) return CLOCK_HOMES.test(path);
  return WAITING_TESTS.test(path) || !(TIMERS.has(use) || TIMER_MODULES.has(use));
}

/** The dotted name a node reads: once per chain, and never a declaration, a key or a type. */
function nameUsed(node: Node, parent: Node | undefined): string | undefined {
  if (parent === undefined || parent.type === 'MemberExpression') return undefined;
  if (node.type === 'MemberExpression') return dotted(node)?.replace(/^(globalThis|window|self)\./, '');
  if (node.type !== 'Identifier' || parent.type.startsWith('TS') || parent.type === 'ImportSpecifier')
    return undefined;
  const isKey = child(parent, 'key') === node && child(parent, 'value') !== node;
  return isKey || child(parent, 'id') === node ? undefined : field(node, 'name');
}

function timerUse(node: Node, name: string | undefined): string | undefined {
  const module = node.type === 'ImportDeclaration' ? field(child(node, 'source'), 'value') : undefined;
  if (module !== undefined && TIMER_MODULES.has(module)) return module;
  return name !== undefined && TIMERS.has(name) ? name : undefined;
}

function clockUse(node: Node, name: string | undefined): string | undefined {
  if (name !== undefined && CLOCKS.has(name)) return name;
  const isDate = dotted(child(node, 'callee')) === 'Date';
  if (!isDate || (node.type === 'NewExpression' && children(node, 'arguments').length > 0)) return undefined;
  return node.type === 'NewExpression' ? 'new Date()' : 'Date()';
}

/** By import or by `crypto.…`: a port may well have a method called `randomBytes`. */
function chanceUse(node: Node, name: string | undefined): string | undefined {
  if (
    node.type === 'ImportDeclaration' &&
    /^(node:)?crypto$/.test(field(child(node, 'source'), 'value') ?? '')
  ) {
    return children(node, 'specifiers')
      .map((specifier) => field(child(specifier, 'imported'), 'name') ?? '')
      .find((imported) => CHANCE.has(imported));
  }
  const [object = '', method = ''] = name?.split('.').slice(-2) ?? [];
  return /^(web|node)?crypto$/i.test(object) && CHANCE.has(method) ? `${object}.${method}` : undefined;
}
