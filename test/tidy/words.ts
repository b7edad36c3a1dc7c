import { child, dotted, type Comment, type Finding, type Source, walk } from './source.ts';

// `TODO(ada): take this out once cameras speak version 2.`
const TODO_WELL_FORMED = /TODO\([\w-]+\): .*\b(when|once|until|after|if)\b/;
const TODO = /\b(TODO|FIXME|HACK|XXX)\b/;
const SUPPRESSION =
  /@ts-(ignore|expect-error|nocheck)|(eslint|oxlint)-disable(-next-line|-line)?|biome-ignore|v8 ignore/;
/** What follows a suppression must say why, in more than a word. */
const REASON_LENGTH_MIN = 15;
const ISSUE_NUMBER = /\bissue #?\d+|(^|\s)#\d+\b/i;
const UNFINISHED_TESTS = /^(x?(it|test|describe)|f(it|describe))(\..*)?$/;

/** Remarks and marks that may not be left lying: promises without an owner, silenced checks without a reason. */
export function words(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap((source) => [...remarks(source), ...anys(source), ...unfinishedTests(source)]);
}

function remarks({ path, comments }: Source): readonly Finding[] {
  return comments.flatMap((comment) => {
    const message = judge(comment);
    return message === undefined ? [] : [{ path, line: comment.line, message }];
  });
}

function judge({ text }: Comment): string | undefined {
  const todo = TODO.exec(text)?.[1];
  if (todo !== undefined && !TODO_WELL_FORMED.test(text)) {
    return `${todo} without an owner and a condition: TODO(name): what, once when`;
  }
  if (SUPPRESSION.test(text) && !hasReason(text)) return `"${text.trim()}" gives no reason`;
  return ISSUE_NUMBER.test(text) ? 'a comment says why in words, not by an issue number' : undefined;
}

/** The names of silenced rules are no reason: it starts after ` -- `, or a colon, or the directive of the compiler. */
function hasReason(text: string): boolean {
  const match = SUPPRESSION.exec(text);
  const rest = text.slice((match?.index ?? 0) + (match?.[0].length ?? 0));
  const reason = match?.[0].startsWith('@ts-') ? rest : (/(?: -- |: )(.*)/s.exec(rest)?.[1] ?? '');
  return reason.trim().length >= REASON_LENGTH_MIN;
}

function anys(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  walk(source.program, (node) => {
    if (node.type !== 'TSAnyKeyword') return;
    const line = source.lineOf(node.start);
    const excused = source.comments.some(
      (comment) =>
        (comment.line === line || comment.line === line - 1) &&
        SUPPRESSION.test(comment.text) &&
        hasReason(comment.text),
    );
    if (!excused) found.push({ path: source.path, line, message: '`any` without a reason beside it' });
  });
  return found;
}

function unfinishedTests(source: Source): readonly Finding[] {
  if (!source.path.startsWith('test/')) return [];
  const found: Finding[] = [];
  walk(source.program, (node) => {
    if (node.type !== 'CallExpression') return;
    const name = dotted(child(node, 'callee'));
    if (name === undefined || !UNFINISHED_TESTS.test(name)) return;
    if (!/^[xf]|\.(only|skip|todo|fails)$/.test(name)) return;
    found.push({
      path: source.path,
      line: source.lineOf(node.start),
      message: `${name}: a test runs or does not exist; for a missing peer there is skipIf`,
    });
  });
  return found;
}
