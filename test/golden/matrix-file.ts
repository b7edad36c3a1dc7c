import { readFileSync } from 'node:fs';
import type { Column } from '../../dock/policy/decide/matrix.ts';

/** One combination: a value for each column. */
export type Cells = Readonly<Partial<Record<Column, string>>>;

/** One line of a reviewed table. */
export interface Line {
  readonly allowed: boolean;
  readonly cells: ReadonlyMap<string, string>;
  readonly why: readonly string[];
  readonly isIn: readonly (readonly [Column, (value: string | undefined) => boolean])[];
}

/** The reviewed file, read the way its readers do. */
export function linesOf(regime: string): readonly Line[] {
  const file = new URL(`matrix/${regime}.csv`, import.meta.url);
  const [head = '', ...body] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  const names = head.split(',');
  return body.map((line) => {
    const cells = new Map(line.split(',').map((text, at) => [names[at] ?? '', text]));
    const why = cells.get('why') ?? '';
    return {
      allowed: cells.get('answer') === 'allow',
      cells,
      why: why.includes(' ') ? [] : why.split('|'),
      isIn: asked(cells),
    };
  });
}

/** Does the line speak of this combination? What a combination leaves open does not count against it. */
export function speaksOf({ isIn }: Line, situation: Cells): boolean {
  return isIn.every(([column, holds]) => holds(situation[column]));
}

/** A cell as a question, for those columns that matter to the line. */
function asked(cells: ReadonlyMap<string, string>): Line['isIn'] {
  return [...cells].flatMap(([column, cell]): Line['isIn'] => {
    if (cell === '*' || column === 'answer' || column === 'why') return [];
    const isNot = cell.startsWith('not ');
    const values: ReadonlySet<string> = new Set(cell.replace('not ', '').split('|'));
    return [[column as Column, (value) => value === undefined || values.has(value) !== isNot]];
  });
}
