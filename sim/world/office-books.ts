import { textOf, type FactFilter, type FactStore } from '../../dock/policy/facts/store.ts';
import { subjects, type Entry } from '../../dock/policy/facts/fact.ts';
import type { DecisionRecord, Journal, UsedProof } from '../../dock/policy/facts/journal.ts';
import type { KeyBook, KeyRecord, Recorded, SeenHead } from '../../dock/policy/facts/key-book.ts';
import type { WrapsPlace, WrapsShelf } from '../../dock/policy/facts/wraps.ts';
import type { KeptHead } from '../../proto/growth.ts';

/** What the policy service has on its disk, without a disk: all that was written stays, whatever happens to the program. */
export class OfficeBooks {
  readonly facts = new FactRows();
  readonly journal = new DecisionRows();
  readonly keys = new KeyRows();
  readonly shelf = new Shelf();
}

/** Stand-in for the table of facts. */
class FactRows implements FactStore {
  readonly #entries: Entry[] = [];
  /** By source and id, which no source gives twice. A search through all of them for each fact made a long world slow. */
  readonly #bySource = new Map<string, Map<string, Entry>>();
  /** Told of each fact once it is on file. */
  onTaken: (entry: Entry) => void = () => undefined;

  append(entries: readonly Entry[]): void {
    for (const { index, source, receivedAt, fact } of entries) {
      // As a row holds it: without what a canonical text leaves out, and with the manifest in a column of its own.
      const manifest = fact.type === 'recording.registered' ? fact.manifest : undefined;
      const said = JSON.parse(textOf(fact)) as Entry['fact'] & { hasManifest?: boolean };
      delete said.hasManifest;
      const stored = manifest === undefined ? said : { ...said, manifest };
      const entry: Entry = { index, source, receivedAt, fact: stored };
      this.#entries.push(entry);
      this.#index(entry);
      this.onTaken(entry);
    }
  }

  #index(entry: Entry): void {
    const { source, fact } = entry;
    const said = this.#bySource.get(source) ?? new Map<string, Entry>();
    this.#bySource.set(source, said);
    said.set(fact.id, entry);
  }

  find(source: string, id: string): Entry | undefined {
    return this.#bySource.get(source)?.get(id);
  }

  list(filter: FactFilter): readonly Entry[] {
    const { after = 0, upTo = Number.POSITIVE_INFINITY, limit } = filter;
    // Indexes begin at 1 and have no gaps.
    const later = after > 0 ? this.#entries.slice(after) : this.#entries;
    return later.filter((entry) => isAsked(entry, { ...filter, after, upTo })).slice(0, limit);
  }

  lastEnrolment(source: string, person: string): Entry | undefined {
    return this.#entries.findLast(
      ({ source: by, fact }) => by === source && fact.type === 'person.enrolled' && fact.person === person,
    );
  }

  newest(): number {
    return this.#entries.length;
  }
}

function isAsked(
  { index, fact }: Entry,
  filter: FactFilter & { readonly after: number; readonly upTo: number },
): boolean {
  const about = subjects(fact);
  return (
    index > filter.after &&
    index <= filter.upTo &&
    (filter.types === undefined || filter.types.includes(fact.type)) &&
    (['incident', 'recording', 'person'] as const).every(
      (name) => filter[name] === undefined || about[name] === filter[name],
    )
  );
}

/** Stand-in for the table of decisions: each is on file when `record` returns. */
class DecisionRows implements Journal {
  readonly #decisions: DecisionRecord[] = [];
  readonly #used = new Set<string>();

  isUsed(proof: UsedProof): boolean {
    return this.#used.has(nameOf(proof));
  }

  async record(decision: DecisionRecord, proof?: UsedProof): Promise<void> {
    if (proof !== undefined) this.#used.add(nameOf(proof));
    this.#decisions.push(decision);
  }

  flushSoon(): void {
    // Nothing waits to be written.
  }

  mayDestroy(recording: string, source: string): boolean {
    return this.about(recording).some(
      (one) => one.allowed && one.source === source && actionOf(one) === 'delete',
    );
  }

  granted(grantId: string): DecisionRecord | undefined {
    return this.#decisions.find((one) => one.grantId === grantId);
  }

  about(recording: string): readonly DecisionRecord[] {
    return this.#decisions.filter((one) => one.recording === recording);
  }
}

function nameOf({ thumbprint, nonce }: UsedProof): string {
  return `${thumbprint} ${nonce}`;
}

function actionOf({ request }: DecisionRecord): unknown {
  return typeof request === 'object' && request !== null && 'action' in request ? request.action : undefined;
}

/** Stand-in for the tables of keys given and of ledgers seen. */
class KeyRows implements KeyBook {
  readonly #rows: (KeyRecord & { readonly entry?: number })[] = [];
  readonly #heads = new Map<string, readonly KeptHead[]>();

  head(vkey: string): KeptHead | undefined {
    return this.heads(vkey)[0];
  }

  heads(vkey: string): readonly KeptHead[] {
    return this.#heads.get(vkey) ?? [];
  }

  record(row: KeyRecord, { vkey, size, root }: SeenHead): Recorded | undefined {
    const ofGrant = this.#rows.filter(({ grantId }) => grantId === row.grantId);
    if (ofGrant.some(({ given, askedBy }) => given && askedBy !== row.askedBy)) return undefined;
    if (size > (this.head(vkey)?.size ?? 0)) this.#heads.set(vkey, [{ size, root }, ...this.heads(vkey)]);
    const last = ofGrant.findLast(({ askedBy }) => askedBy === row.askedBy);
    if (last?.given === row.given) return last.entry === undefined ? {} : { entry: last.entry };
    const entry = row.given ? { entry: this.#rows.length + 1 } : {};
    this.#rows.push({ ...row, ...entry });
    return entry;
  }

  hasGiven({ grantId, askedBy }: Pick<KeyRecord, 'grantId' | 'askedBy'>): boolean {
    return this.#rows.some((row) => row.given && row.grantId === grantId && row.askedBy === askedBy);
  }

  forked(row: KeyRecord & { readonly given: false }): void {
    this.#rows.push(row);
  }

  about(recording: string): readonly KeyRecord[] {
    return this.#rows.filter((row) => row.recording === recording);
  }
}

/** Stand-in for the file of wraps. */
class Shelf implements WrapsShelf {
  readonly #wraps = new Map<string, Uint8Array>();

  keep(place: WrapsPlace, wraps: Uint8Array): void {
    const key = keyOf(place);
    if (!this.#wraps.has(key)) this.#wraps.set(key, wraps);
  }

  find(place: WrapsPlace): Uint8Array | undefined {
    return this.#wraps.get(keyOf(place));
  }

  /** Nobody recovers anything in a world. */
  keepRewrap(): void {
    throw new TypeError('no key is recovered in a world');
  }

  rewraps(): readonly [] {
    return [];
  }

  destroy(place: WrapsPlace): void {
    this.#wraps.delete(keyOf(place));
  }

  close(): void {
    // Nothing is open.
  }
}

function keyOf({ recording, manifestHash }: WrapsPlace): string {
  return `${recording}/${manifestHash}`;
}
