/** A yes or no for every combination of values: which branch to follow at each column, in the order of the columns. */
export type Diagram = boolean | Branch;

export interface Branch {
  readonly column: number;
  /** One for each value of the column; never all the same. */
  readonly branches: readonly Diagram[];
}

/** Combinations that share an answer: for each column the values that it speaks of, all when it is not there. */
export interface Row {
  readonly when: ReadonlyMap<number, readonly number[]>;
  readonly answer: boolean;
}

/**
 * Builds diagrams over columns with so many values each. Equal answers make the very same diagram, so nothing is said
 * twice and a column that does not matter is not there.
 */
export class Diagrams {
  readonly #sizes: readonly number[];
  readonly #branches = new Map<string, Branch>();
  readonly #ids = new Map<Branch, number>();

  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
  }

  /** The diagram of a question that depends on these columns only, asked for each combination of their values. */
  table(columns: readonly number[], ask: (values: ReadonlyMap<number, number>) => boolean): Diagram {
    const sorted = columns.toSorted((a, b) => a - b);
    const below = (depth: number, values: ReadonlyMap<number, number>): Diagram => {
      const column = sorted[depth];
      if (column === undefined) return ask(values);
      return this.#branch(column, (value) => below(depth + 1, new Map([...values, [column, value]])));
    };
    return below(0, new Map());
  }

  not(one: Diagram): Diagram {
    return typeof one === 'boolean'
      ? !one
      : this.#branch(one.column, (value) => this.not(followed(one, one.column, value)));
  }

  and(one: Diagram, other: Diagram): Diagram {
    return this.#both(one, other, new Map());
  }

  or(one: Diagram, other: Diagram): Diagram {
    return this.not(this.and(this.not(one), this.not(other)));
  }

  #both(one: Diagram, other: Diagram, done: Map<string, Diagram>): Diagram {
    if (typeof one === 'boolean') return one ? other : false;
    if (typeof other === 'boolean') return other ? one : false;
    const key = `${this.#id(one)} ${this.#id(other)}`;
    const before = done.get(key);
    if (before !== undefined) return before;
    const column = Math.min(one.column, other.column);
    const result = this.#branch(column, (value) =>
      this.#both(followed(one, column, value), followed(other, column, value), done),
    );
    done.set(key, result);
    return result;
  }

  #branch(column: number, below: (value: number) => Diagram): Diagram {
    const branches = Array.from({ length: this.#sizes[column] ?? 0 }, (_, value) => below(value));
    const [first = false] = branches;
    if (branches.every((one) => one === first)) return first;
    const key = `${column}: ${branches.map((one) => (typeof one === 'boolean' ? one : this.#id(one))).join(' ')}`;
    const before = this.#branches.get(key);
    if (before !== undefined) return before;
    const made = { column, branches };
    this.#branches.set(key, made);
    return made;
  }

  #id(branch: Branch): number {
    const id = this.#ids.get(branch) ?? this.#ids.size;
    this.#ids.set(branch, id);
    return id;
  }
}

/** Every way through the diagram, values that lead on alike taken together. Each combination is on exactly one. */
export function* rows(diagram: Diagram, when: Row['when'] = new Map()): Generator<Row, void, void> {
  if (typeof diagram === 'boolean') return yield { when, answer: diagram };
  const { column, branches } = diagram;
  const ways = new Map<Diagram, number[]>();
  for (const [value, branch] of branches.entries()) ways.set(branch, [...(ways.get(branch) ?? []), value]);
  for (const [branch, values] of ways) yield* rows(branch, new Map([...when, [column, values]]));
}

/** Is this the answer for every combination of that row? */
export function isThroughout(diagram: Diagram, when: Row['when'], answer: boolean): boolean {
  if (typeof diagram === 'boolean') return diagram === answer;
  const values = when.get(diagram.column);
  return diagram.branches.every(
    (branch, value) => values?.includes(value) === false || isThroughout(branch, when, answer),
  );
}

function followed(diagram: Diagram, column: number, value: number): Diagram {
  return typeof diagram === 'boolean' || diagram.column !== column
    ? diagram
    : (diagram.branches[value] ?? false);
}
