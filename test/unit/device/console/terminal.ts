const ESCAPE = '\u001B';
const PIECES = new RegExp(`${ESCAPE}\\[\\d*[A-Za-z]|[^]`, 'gu');

/** A terminal that cannot scroll sideways: rows as they stand, and how many of a row's cells are taken. */
export function terminal(columns: number): {
  readonly screen: { isTTY: boolean; columns: number; write(text: string): void };
  readonly rows: string[];
} {
  const rows = [''];
  const write = (text: string): void => {
    for (const piece of text.match(PIECES) ?? []) {
      const row = rows.pop() ?? '';
      if (piece === '\n') rows.push(row, '');
      else if (piece === `${ESCAPE}[2K` || piece === '\r') rows.push(piece === '\r' ? row : '');
      else if (piece.startsWith(ESCAPE)) rows.push(row);
      else if (row.length < columns) rows.push(row + piece);
      else rows.push(row, piece);
    }
  };
  return { screen: { isTTY: true, columns, write }, rows };
}
