import type { FastifyInstance } from 'fastify';
import { badRequest } from './failure.ts';

/** No request of ours nests a tenth as deep. */
const DEPTH_MAX = 64;

/**
 * Reads JSON bodies (RFC 8259) so that there is one way to understand them: UTF-8 alone, no name twice in one object, no
 * `__proto__`, bounded nesting. A gateway in front that takes the first of two `id` members, where we take the last,
 * would otherwise let something else through than what it has checked.
 */
export function acceptJson(app: FastifyInstance): void {
  // Refuses `__proto__`, and `constructor` with a `prototype` in it.
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const text = textOf(bytes);
    if (text === undefined) {
      done(badRequest('the body is not UTF-8'));
      return;
    }
    // Both of the parser's forms, with a callback and with a promise, are called with one: it takes the callback.
    void parse(request, text, (error, value: unknown) => {
      const problem = error === null ? ambiguityOf(text) : undefined;
      done(problem === undefined ? error : badRequest(problem), value);
    });
  });
}

function textOf(bytes: string | Buffer): string | undefined {
  if (typeof bytes === 'string') return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What is wrong with this text, which is JSON. */
function ambiguityOf(text: string): string | undefined {
  /** For each bracket that is open: the names so far of an object, undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let isName = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{' || char === '[') {
      isName = char === '{';
      open.push(isName ? new Set() : undefined);
      if (open.length > DEPTH_MAX) return `the body nests deeper than ${DEPTH_MAX}`;
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === ',') {
      isName = open.at(-1) !== undefined;
    } else if (char === '"') {
      const end = endOfString(text, at);
      const names = isName ? open.at(-1) : undefined;
      if (names !== undefined) {
        const name = String(JSON.parse(text.slice(at, end + 1)));
        if (names.has(name)) return `the body has ${JSON.stringify(name)} twice in one object`;
        names.add(name);
      }
      isName = false;
      at = end;
    }
  }
  return undefined;
}

/** Where the string that begins here has its closing quote: the next one that no odd number of backslashes stands before. */
function endOfString(text: string, start: number): number {
  let end = start;
  let slashes = 1;
  while (slashes % 2 === 1) {
    end = text.indexOf('"', end + 1);
    slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
  }
  return end;
}
