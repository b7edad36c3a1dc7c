import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { FieldError } from '../../proto/errors.ts';
import { disagreements, type Place } from './agree.ts';
import { type Scenario, scenarioSchema } from './schema.ts';

const PROBLEMS_SHOWN = 8;
const ANOTHER_SHAPE = 50;

/** A scenario file that cannot be run; says file, line, key and what to do. */
export class ScenarioError extends FieldError<'CONFIG'> {
  constructor(message: string) {
    super('CONFIG', message, { retry: 'never' });
  }
}

/**
 * Reads one scenario. `file` is its name for messages. Throws ScenarioError with every place that is wrong:
 * syntax, a key that is unknown or missing, a value that does not fit, or a name that nothing in the file has.
 */
export function readScenario(text: string, file: string): Scenario {
  const lines = new LineCounter();
  // Version 1.2 alone: "no" is a word there and 12:30 no number.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const { line, col } = lines.linePos(syntax.pos[0]);
    throw new ScenarioError(`${file}:${line}:${col}: this is not YAML: ${syntax.message}`);
  }
  const where = (place: Place): number => lineOf(document, place, lines);
  const content = plain(document, file);
  const read = scenarioSchema.safeParse(content, { reportInput: true });
  if (!read.success) throw rejected(file, where, read.error.issues.flatMap(spread));
  const problems = disagreements(read.data);
  if (problems.length > 0) throw rejected(file, where, problems);
  return {
    ...read.data,
    places: read.data.timeline.map((_, index) => `${file}:${where(['timeline', index])}`),
  };
}

function plain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ScenarioError(`${file}: aliases (*name) are not taken, write each value out: ${why}`);
  }
}

interface Problem {
  readonly path: Place;
  readonly message: string;
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly input?: unknown;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** What zod found, at the narrowest place and in words that say what to write. */
function spread(issue: Issue): readonly Problem[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map((key) => ({
      path: [...path, key],
      message: 'is not known here: look for a slip of the pen, or take it out',
    }));
  if (issue.code === 'invalid_union') {
    // Of several shapes the one that was meant is the one with the least to mend.
    const [nearest = []] = (issue.errors ?? []).toSorted((a, b) => toMend(a) - toMend(b));
    return nearest.flatMap((one) => spread({ ...one, path: [...path, ...one.path] }));
  }
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return [{ path, message: 'is missing: give it' }];
  return [{ path, message: issue.message.replace(/^Invalid input: /, '') }];
}

function toMend(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'invalid_union') return sum + Math.min(...(issue.errors ?? []).map(toMend));
    // Something else altogether stands there.
    return sum + (issue.code === 'invalid_type' && issue.path.length === 0 ? ANOTHER_SHAPE : 1);
  }, 0);
}

function rejected(
  file: string,
  where: (place: Place) => number,
  problems: readonly Problem[],
): ScenarioError {
  const lines = problems
    .slice(0, PROBLEMS_SHOWN)
    .map(
      ({ path, message }) =>
        `${file}:${where(path)}: ${path.length === 0 ? 'the scenario' : path.join('.')} ${message}`,
    );
  if (problems.length > PROBLEMS_SHOWN) lines.push(`and ${problems.length - PROBLEMS_SHOWN} more`);
  return new ScenarioError(lines.join('\n'));
}

/** The line of the node at this place, or of the nearest one around it when it is missing. */
function lineOf(document: Document, place: Place, lines: LineCounter): number {
  for (let length = place.length; length >= 0; length -= 1) {
    const path = place.slice(0, length);
    const node: unknown = length === 0 ? document.contents : document.getIn(path, true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
