import { adoptRegimes } from '../../dock/policy/adoption.ts';
import type { RegimeLine } from '../../dock/policy/config.ts';
import { instant, type Clock as OfficeClock } from '../../dock/policy/clock.ts';
import type { GrantClaims } from '../../dock/policy/custodian/grant.ts';
import { registryOf } from '../../dock/policy/custodian/registry.ts';
import { edition, ruleBook, type RuleBook } from '../../dock/policy/decide/rule-book.ts';
import { FactBook } from '../../dock/policy/facts/book.ts';
import { OWN_SOURCE, type Fact, type Role, type Source } from '../../dock/policy/facts/fact.ts';
import { FactError, KeysError, RegimeError } from '../../dock/policy/errors.ts';
import { handOverIn, type Handover } from '../../dock/policy/handover.ts';
import { judgeIn, type Sitting } from '../../dock/policy/hearing.ts';
import { evaluation, requestOf } from '../../dock/policy/http/authzen.ts';
import { RequestError } from '../../dock/policy/http/failure.ts';
import { parseFacts } from '../../dock/policy/http/fact-schema.ts';
import type { KeyPapers } from '../../dock/policy/papers.ts';
import { recipientThumbprint, type Identity } from '../../proto/identity.ts';
import { isRecordingId } from '../../proto/ids.ts';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { thumbprintText } from '../../dock/policy/facts/wraps.ts';
import type { WrapPair } from '../fault/hpke.ts';
import { OfficeBooks } from './office-books.ts';
import { officePapers, signToken } from './office-papers.ts';
import { loadedOnce } from './office-rules.ts';
import type { Scene } from './scene.ts';
import { statementKey, type StatementKey } from './statement.ts';

/** Whom the agency has, as its records say. */
export interface Person {
  readonly person: string;
  readonly roles: readonly Role[];
  readonly org: string;
}

export interface OfficeOptions {
  readonly scene: Scene;
  /** Which rules hold for whom and from when on, milliseconds since 1970. */
  readonly regimes: readonly RegimeLine[];
  readonly people: readonly Person[];
  /** Cameras and docks that were enrolled here. */
  readonly identities: readonly Identity[];
  /** The pair that cameras seal to. */
  readonly custodian: WrapPair;
  /** Most footage that one grant covers, milliseconds. */
  readonly grantMediaMs: number;
}

/** What the service answers over HTTP. */
export type Said = { readonly status: number; readonly body: unknown };

const RULES_MS = 250;
/** The records management system, which says what people filed. */
export const RECORDS = 'records';
const ANYTHING: ReadonlySet<string> = new Set(['*']);
const DOCKS_SAY: ReadonlySet<string> = new Set(['recording.registered', 'recording.destroyed']);

/**
 * The policy service of a world: its real facts, admission, rules (Cedar), court and custodian over books in memory that outlive
 * its power. What stands between it and a dock is {@link OfficeWire}.
 */
export class Office {
  readonly books = new OfficeBooks();
  readonly signer: StatementKey;
  readonly #options: OfficeOptions;
  readonly #clock: OfficeClock;
  readonly #papers: ReturnType<typeof officePapers>;
  readonly #registry: ReturnType<typeof registryOf>;
  readonly #listeners = new Set<(what: 'facts' | 'rules') => void>();
  readonly #pages = new Map<string, StatementKey>();
  readonly #ruleBook: RuleBook;
  #book: FactBook;
  #requests = 0;
  #edition = '';

  constructor(options: OfficeOptions) {
    const { scene, identities, custodian } = options;
    this.#options = options;
    this.#ruleBook = ruleBook(loadedOnce(options.regimes).map(({ rules }) => rules));
    this.signer = statementKey(scene.chance.split('office'));
    this.#clock = {
      nowMs: () => Math.floor(scene.clock.wallUs() / 1_000),
      every: () => () => undefined,
    };
    this.#papers = officePapers({
      signer: this.signer,
      pages: this.#pages,
      custodian,
      chance: scene.chance.split('office papers'),
      onGrant: (claims) => this.#granted(claims),
    });
    this.#registry = registryOf((name) => identities.find(({ id }) => id === name));
    this.books.facts.onTaken = (entry) =>
      scene.history.record({ what: 'fact', entry: withoutManifest(entry) });
    this.#book = this.#open();
    this.#start();
  }

  get nowMs(): number {
    return this.#clock.nowMs();
  }

  get book(): FactBook {
    return this.#book;
  }

  /** The program ended and was started again: what it knew is read from its books. */
  restart(): void {
    this.#book = this.#open();
  }

  /** Hears of new facts, and of rules that hold from now on, until the returned function is called. */
  subscribe(listener: (what: 'facts' | 'rules') => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** `POST /access/v1/evaluation` and `POST /v1/facts` of a dock. Answers without waiting for anything but its own books. */
  async answer(dock: string, request: { readonly path: string; readonly body?: unknown }): Promise<Said> {
    const source: Source = { name: dock, may: DOCKS_SAY };
    try {
      if (request.path === '/v1/facts') return this.take(source, request.body);
      return { status: 200, body: await this.#evaluate(source, request.body) };
    } catch (error) {
      return failed(error);
    }
  }

  /** Takes a fact of this source, or says why not. */
  take(source: Source, body: unknown): Said {
    try {
      const [posted] = this.#book.post(source, parseFacts(body).facts, instant(this.nowMs));
      return { status: posted?.added === true ? 201 : 200, body: { index: posted?.index ?? 0 } };
    } catch (error) {
      return failed(error);
    }
  }

  /** A fact of the records management system. */
  file(fact: Fact): Said {
    return this.take({ name: RECORDS, may: ANYTHING }, fact);
  }

  /** A token for somebody who proved who they are, bound to the page's key; undefined for nobody it knows. */
  signIn(person: string, page: StatementKey): string | undefined {
    const roles = this.#book.known.person(person)?.roles;
    if (roles === undefined) return undefined;
    this.#pages.set(page.thumbprint, page);
    return signToken(this.signer, { person, roles, page: page.thumbprint }, this.nowMs);
  }

  /** `POST /v1/keys`. Throws KeysError. */
  async handOver(request: string): Promise<Handover> {
    const { keys: keyBook, shelf } = this.books;
    const sitting = { ...this.#sitting(), papers: this.#papers, shelf, keyBook, log: PUBLISHED };
    return handOverIn({ ...sitting, ledgerOf: this.#registry.ledgerOf }, request);
  }

  async #evaluate(source: Source, body: unknown): Promise<unknown> {
    const parsed = evaluation.parse(JSON.parse(JSON.stringify(body)));
    const requestId = `request-${(this.#requests += 1)}`;
    const { answer } = await judgeIn(this.#sitting(), requestOf(parsed, { source, requestId }));
    return JSON.parse(JSON.stringify(await answer()));
  }

  #sitting(): Sitting & { readonly papers: KeyPapers } {
    const { grantMediaMs } = this.#options;
    const { journal } = this.books;
    return {
      ruleBook: this.#ruleBook,
      book: this.#book,
      journal,
      clock: this.#clock,
      grantMediaMs,
      papers: this.#papers,
    };
  }

  #open(): FactBook {
    const { custodian } = this.#options;
    const recipient = thumbprintText(recipientThumbprint(custodian.point, nodeChecker.sha256));
    const { facts: store, shelf, journal: decided } = this.books;
    const recipients = { custodian: recipient, recovery: [] };
    const enrolled = this.#registry;
    const book = new FactBook({ store, enrolled, shelf, decided, recipients, report: () => undefined });
    book.subscribe(() => this.#tell('facts'));
    return book;
  }

  /** Which rules hold, and who is enrolled: said before anything else, as at the first start of the real one. */
  #start(): void {
    const { regimes, people, scene } = this.#options;
    adoptRegimes(this.#book, { lines: regimes, loaded: loadedOnce(regimes) }, this.nowMs);
    const at = instant(this.nowMs);
    const enrolments = people.map(
      ({ person, roles, org }): Fact => ({
        id: `enrolled/${person}`,
        type: 'person.enrolled',
        at,
        person,
        roles,
        org,
      }),
    );
    this.#book.post({ name: OWN_SOURCE, may: ANYTHING }, enrolments, at);
    this.#edition = this.#currentEdition();
    // The moment of a later line comes without any fact.
    for (const { fromMs } of regimes)
      if (fromMs > this.nowMs) scene.clock.after(fromMs - this.nowMs + RULES_MS, () => this.#watchRules());
  }

  #watchRules(): void {
    const current = this.#currentEdition();
    if (current !== this.#edition) this.#tell('rules');
    this.#edition = current;
  }

  #currentEdition(): string {
    return edition(this.#book.known.adoptions(), this.nowMs);
  }

  #tell(what: 'facts' | 'rules'): void {
    for (const listener of this.#listeners) listener(what);
  }

  #granted(claims: GrantClaims): void {
    const {
      id: grantId,
      kind,
      dock,
      person,
      recording,
      purpose,
      chunks,
      newestFact,
      authorisedUntilMs,
    } = claims;
    if (!isRecordingId(recording)) return;
    const until = authorisedUntilMs === undefined ? {} : { untilMs: authorisedUntilMs };
    const about = { dock, person, recordingId: recording, purpose, kind, grantId, chunks, newestFact };
    this.#options.scene.history.record({ what: 'granted', ...about, ...until });
  }
}

/** Every entry of the service's own ledger counts as seen at once: no promise of a world is about that log. */
const PUBLISHED = {
  published: async () => ({ entry: new Uint8Array(), proof: '' }),
};

function withoutManifest<Taken extends { readonly fact: Fact }>(entry: Taken): Taken {
  const { fact } = entry;
  if (fact.type !== 'recording.registered' || fact.manifest === undefined) return entry;
  return { ...entry, fact: { ...fact, manifest: '' } };
}

function failed(error: unknown): Said {
  if (error instanceof RequestError) return { status: 400, body: { error: { code: error.code } } };
  if (error instanceof FactError) return { status: 409, body: { error: { code: error.code } } };
  if (error instanceof RegimeError || error instanceof KeysError)
    return { status: 500, body: { error: { code: error.code } } };
  throw error;
}
