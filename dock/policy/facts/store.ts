import { newSalt } from '../custodian/keys.ts';
import { toBase64 } from '../../../proto/bytes.ts';
import { canonical } from './canonical.ts';
import { damaged, fields, written, type Database } from './database.ts';
import { subjects, type Entry, type Fact } from './fact.ts';
import { factTaken, openOutbox } from './outbox.ts';

export interface FactFilter {
  /** Only facts with a higher index. */
  readonly after?: number;
  /** Only facts with this index or a lower one. */
  readonly upTo?: number;
  readonly incident?: string;
  readonly recording?: string;
  readonly person?: string;
  /** Any of these. */
  readonly types?: readonly string[];
  readonly limit: number;
}

/** The stored facts: append-only, indexed 1, 2, 3, … */
export interface FactStore {
  /** Durable when it returns, with an entry each in the outbox; all or none. Indices must continue where the store ends. */
  append(entries: readonly Entry[]): void;
  /** The fact a source has already given under this id. */
  find(source: string, id: string): Entry | undefined;
  /** In index order. Manifests are left out unless asked for, as they may be megabytes. */
  list(filter: FactFilter, options?: { readonly manifests: boolean }): readonly Entry[];
  /** The last enrolment of a person by this source. */
  lastEnrolment(source: string, person: string): Entry | undefined;
  newest(): number;
}

/** Throws StoreError STORE_DAMAGED when the indices have a gap. */
export function openFactStore(database: Database): FactStore {
  const insert = database.prepare(
    `INSERT INTO facts (idx, source, id, type, incident, recording, person, received_at, body, manifest, salt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const bySourceAndId = database.prepare('SELECT * FROM facts WHERE source = ? AND id = ?');
  const enrolment = database.prepare(
    `SELECT * FROM facts WHERE type = 'person.enrolled' AND source = ? AND person = ? ORDER BY idx DESC LIMIT 1`,
  );
  const span = database.prepare(
    'SELECT count(*) AS count, max(idx) AS newest, min(idx) AS oldest FROM facts',
  );
  const outbox = openOutbox(database);
  const appendAll = database.transaction((entries: readonly Entry[]) => {
    for (const entry of entries) {
      const salt = newSalt();
      insert.run(...row(entry), salt);
      const { index, source, receivedAt, fact } = entry;
      outbox.put(factTaken({ index, factType: fact.type, source, receivedAt, salt, body: textOf(fact) }));
    }
  });

  const newest = (): number => {
    const { count, newest, oldest } = fields(span.get());
    if (count === 0) return 0;
    if (oldest !== 1 || newest !== count) throw damaged('facts are missing from the middle or the start');
    return Number(count);
  };
  newest();
  return {
    append: (entries) => {
      written(() => appendAll(entries));
    },
    find: (source, id) => one(bySourceAndId.get(source, id)),
    list: (filter, options) => list(database, filter, options?.manifests ?? false),
    lastEnrolment: (source, person) => one(enrolment.get(source, person)),
    newest,
  };
}

function row({ index, source, receivedAt, fact }: Entry): readonly unknown[] {
  const { incident = null, recording = null, person = null } = subjects(fact);
  // The manifest is bound by its hash in the body, so it can stand in a column of its own, as bytes.
  const manifest = fact.type === 'recording.registered' ? fact.manifest : undefined;
  const bytes = manifest === undefined ? null : Buffer.from(manifest, 'base64');
  return [index, source, fact.id, fact.type, incident, recording, person, receivedAt, textOf(fact), bytes];
}

/** The text two facts must share to be the same: what was said, not what this service remarked on it. */
export function saidOf(fact: Fact): string {
  return textOf(fact, { recipients: undefined, unknownRecipients: undefined });
}

/** A fact as its row holds it: canonical JSON without the manifest, whose hash is in it. */
export function textOf(fact: Fact, without: Readonly<Record<string, undefined>> = {}): string {
  if (fact.type !== 'recording.registered') return canonical(fact);
  // What stands in `wraps` is never part of a stored fact; those of before sealing have an empty list there.
  return canonical({
    ...fact,
    ...without,
    manifest: undefined,
    wraps: undefined,
    hasManifest: fact.manifest !== undefined,
  });
}

export function list(database: Database, filter: FactFilter, manifests: boolean): readonly Entry[] {
  const columns = manifests ? '*' : 'idx, source, received_at, body, manifest IS NOT NULL AS has_manifest';
  const clauses = ['idx > ?'];
  const values: (string | number)[] = [filter.after ?? 0];
  if (filter.upTo !== undefined) {
    clauses.push('idx <= ?');
    values.push(filter.upTo);
  }
  for (const column of ['incident', 'recording', 'person'] as const) {
    const value = filter[column];
    if (value === undefined) continue;
    clauses.push(`${column} = ?`);
    values.push(value);
  }
  if (filter.types !== undefined) {
    clauses.push(`type IN (${filter.types.map(() => '?').join(', ')})`);
    values.push(...filter.types);
  }
  const sql = `SELECT ${columns} FROM facts WHERE ${clauses.join(' AND ')} ORDER BY idx LIMIT ?`;
  return database
    .prepare(sql)
    .all(...values, filter.limit)
    .map(entryOf);
}

function one(found: unknown): Entry | undefined {
  return found === undefined ? undefined : entryOf(found);
}

function entryOf(found: unknown): Entry {
  const { idx, source, received_at: receivedAt, body, manifest, has_manifest: hasManifest } = fields(found);
  try {
    // What stands here passed the schema of the HTTP edge when it was written.
    const stored = JSON.parse(String(body)) as Fact & { hasManifest?: boolean };
    const { hasManifest: flag, ...fact } = stored;
    const bytes = manifest instanceof ArrayBuffer ? toBase64(new Uint8Array(manifest)) : undefined;
    const held = bytes ?? (flag === true || hasManifest === 1 ? '' : undefined);
    const whole = held === undefined ? fact : { ...fact, manifest: held };
    return {
      index: Number(idx),
      source: String(source),
      receivedAt: String(receivedAt),
      fact: whole,
    };
  } catch (cause) {
    throw damaged(`fact ${String(idx)} cannot be read`, cause);
  }
}
