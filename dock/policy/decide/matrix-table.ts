import { COLUMNS, type Column, type Matrix, type MatrixRow } from './matrix.ts';

// Longer lists are told by what they leave out.
const LISTED_MAX = 3;

/**
 * The matrix as CSV, for people to read line by line. Lines that begin with `#` say whose it is. In a cell `*` is any
 * value, `a|b` one of these, `not a|b` any other.
 */
export function matrixTable({ regime, policySet, policies, columns, rows }: Matrix): readonly string[] {
  const unread = Object.keys(COLUMNS).filter((name) => !columns.some((column) => column === name));
  return [
    `# regime: ${regime}`,
    `# policySet: ${policySet}`,
    '# One person with one role, one recording, one incident. Every combination is in exactly one line.',
    `# Never read: ${unread.join(', ')}`,
    ...policies.map(({ id, text }) => `# ${id}: ${text}`),
    ['answer', ...columns, 'why'].join(','),
    ...rows.map((row) =>
      [row.allowed ? 'allow' : 'deny', ...columns.map((column) => cell(column, row)), why(row)].join(','),
    ),
  ];
}

function cell(column: Column, { when }: MatrixRow): string {
  const values = when[column];
  if (values === undefined) return '*';
  const others = COLUMNS[column].filter((value) => !values.includes(value));
  const isShorter = values.length > LISTED_MAX && others.length < values.length;
  return isShorter ? `not ${others.join('|')}` : values.join('|');
}

function why({ policies, isUnspokenOf }: MatrixRow): string {
  if (policies.length > 0) return policies.join('|');
  return isUnspokenOf ? 'no rule permits it' : 'several rules';
}
