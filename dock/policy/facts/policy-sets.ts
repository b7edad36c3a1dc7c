import { canonical } from './canonical.ts';
import { damaged, fields, written, type Database } from './database.ts';

/** What a policy set is made of: enough to decide by it again when the files it came from are long gone. */
export interface PolicyTexts {
  readonly regime: string;
  readonly schema: string;
  /** Cedar text by the name of the file, without its ending: `base` and the regime. */
  readonly files: Readonly<Record<string, string>>;
}

/** Keeps the texts behind a hash for ever; those that are there already stay. Durable when it returns. Throws StoreError STORE_IO. */
export function keepPolicySet(database: Database, hash: string, texts: PolicyTexts): void {
  const { regime, schema, files } = texts;
  const insert = database.prepare(
    'INSERT OR IGNORE INTO policy_sets (hash, regime, schema, files) VALUES (?, ?, ?, ?)',
  );
  written(() => insert.run(hash, regime, schema, canonical(files)));
}

/**
 * The texts behind a hash as they stand on file; whether the hash is theirs is for the reader to check. Undefined when there are
 * none. Throws StoreError STORE_DAMAGED.
 */
export function findPolicySet(database: Database, hash: string, regime: string): PolicyTexts | undefined {
  const exists = database.prepare(
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'policy_sets'",
  );
  // A file of before there was the table is read as it is.
  if (exists.get() === undefined) return undefined;
  const found = database
    .prepare('SELECT schema, files FROM policy_sets WHERE hash = ? AND regime = ?')
    .get(hash, regime);
  if (found === undefined) return undefined;
  const { schema, files } = fields(found);
  try {
    const texts = new Map(
      Object.entries(fields(JSON.parse(String(files)))).map(([name, text]) => [name, String(text)]),
    );
    return { regime, schema: String(schema), files: Object.fromEntries(texts) };
  } catch (cause) {
    throw damaged(`the texts of policy set ${hash} cannot be read`, cause);
  }
}
