import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What one person is answered: the status, and which recordings the answer may tell of. */
export interface Cell {
  readonly status: number;
  /** Small letters: named in it. Capitals: stored bytes of it are in it. Sorted. */
  readonly tells: string;
}

/** One address and way of asking, and what each person is answered. */
export interface Row {
  readonly server: 'dock' | 'policy';
  /** As the router has it: `GET /v1/recordings/:id`. */
  readonly route: string;
  /** How the address is filled in, and what else is special. */
  readonly about: string;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly line: number;
}

const FILE = fileURLToPath(new URL('table.md', import.meta.url));
const CELL = /^([1-5]\d\d)(?: ([a-zA-Z]+))?$/;
/** Everybody who asks, and the columns that stand for several of them: for those of the several who have no column of their own. */
export interface Columns {
  readonly all: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** Reads `table.md`. Throws for a cell that cannot be read, so that none is passed over. */
export function readTable(columns: Columns): readonly Row[] {
  const rows: Row[] = [];
  let server: Row['server'] | undefined;
  let heads: readonly string[] = [];
  for (const [index, text] of readFileSync(FILE, 'utf8').split('\n').entries()) {
    const line = index + 1;
    if (text.startsWith('## '))
      server = /^## (dock|policy)\b/i.exec(text)?.[1]?.toLowerCase() as typeof server;
    const fields = text.startsWith('|') ? fieldsOf(text) : undefined;
    if (fields === undefined || server === undefined) heads = [];
    else if (heads.length === 0) heads = fields;
    else if (!/^[-: ]+$/.test(fields[0] ?? '')) rows.push(rowOf({ server, line, columns }, heads, fields));
  }
  return rows;
}

function fieldsOf(text: string): readonly string[] {
  return text
    .split('|')
    .slice(1, -1)
    .map((field) => field.trim());
}

function rowOf(
  { columns, ...at }: Pick<Row, 'server' | 'line'> & { readonly columns: Columns },
  heads: readonly string[],
  fields: readonly string[],
): Row {
  const [route = '', about = ''] = fields;
  const cells = new Map<string, Cell>();
  for (const [index, head] of heads.entries()) {
    if (index < 2) continue;
    const cell = cellOf(fields[index] ?? '', `table.md:${at.line}, column ${head}`);
    const meant = columns.groups[head]?.filter((one) => !heads.includes(one)) ?? [head];
    for (const one of meant) cells.set(one, cell);
  }
  const absent = columns.all.filter((one) => !cells.has(one));
  const unknown = [...cells.keys()].filter((one) => !columns.all.includes(one));
  if (absent.length + unknown.length > 0)
    throw new Error(
      `table.md:${at.line} says nothing of ${absent.join()}, and something of ${unknown.join()}`,
    );
  return { ...at, route: route.replaceAll('`', ''), about, cells };
}

function cellOf(text: string, where: string): Cell {
  const [, status, tells = ''] = CELL.exec(text) ?? [];
  if (status === undefined) throw new Error(`${where}: "${text}" is no status with what it tells`);
  return { status: Number(status), tells: tells.split('').toSorted().join('') };
}
