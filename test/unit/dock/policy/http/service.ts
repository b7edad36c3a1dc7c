import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, scryptSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { Accounts, type Account } from '../../../../../dock/policy/custodian/accounts.ts';
import { openCustodianKey } from '../../../../../dock/policy/custodian/custodian-key.ts';
import { openSigningKey } from '../../../../../dock/policy/custodian/keys.ts';
import { GRANT_MEDIA_MS_MAX } from '../../../../../dock/policy/custodian/range.ts';
import { openRegistry } from '../../../../../dock/policy/custodian/registry.ts';
import { enrolPeople } from '../../../../../dock/policy/enrolment.ts';
import { adoptRegimes, loadRegimes } from '../../../../../dock/policy/adoption.ts';
import type { RegimeLine } from '../../../../../dock/policy/config.ts';
import { oneRegime, ruleBook } from '../../../../../dock/policy/decide/rule-book.ts';
import { pageThumbprint } from '../../../../../dock/policy/custodian/token.ts';
import { FactBook } from '../../../../../dock/policy/facts/book.ts';
import { openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import type { Fact } from '../../../../../dock/policy/facts/fact.ts';
import { openJournal } from '../../../../../dock/policy/facts/journal.ts';
import { openKeyBook } from '../../../../../dock/policy/facts/key-book.ts';
import { keepPolicySet } from '../../../../../dock/policy/facts/policy-sets.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import type { OwnLog } from '../../../../../dock/policy/ledger/open.ts';
import { openShownBook } from '../../../../../dock/policy/ledger/shown.ts';
import { openWraps, thumbprintText } from '../../../../../dock/policy/facts/wraps.ts';
import { buildServer } from '../../../../../dock/policy/http/server.ts';
import type { Service } from '../../../../../dock/policy/http/service.ts';
import { toBase64 } from '../../../../../proto/bytes.ts';
import { formatIdentity } from '../../../../../proto/identity.ts';
import { signManifest } from '../../../../../proto/manifest.ts';
import {
  CAMERA_KEY,
  cameraId,
  DOCK_KEY,
  dockId,
  LEDGER_VKEY,
  manifestOf,
  recordingId,
} from '../../../proto/fixture.ts';
import { memoryLog } from '../ledger/rig.ts';
import { city, doj, fact, NOW_MS } from '../story.ts';

export const RECORDS_TOKEN = 'token-of-records';
export const DOCK_TOKEN = 'token-of-dock-1';
export const PASSWORD = 'correct horse';
/** Thumbprint of the recovery key that the service knows. */
export const RECOVERY = Buffer.alloc(32, 5).toString('base64url');
export const ISSUER = 'http://policy.test';
export const SIGNED = signManifest(manifestOf(), CAMERA_KEY.sign);
export const MANIFEST_HASH = createHash('sha256').update(SIGNED).digest('hex');

/** Who made the recording of the shared manifest. */
export const RECORDER = manifestOf().officerId;
export const REGISTERED = fact(
  'recording.registered',
  {
    recording: recordingId,
    camera: cameraId,
    officer: RECORDER,
    manifestHash: MANIFEST_HASH,
    manifest: toBase64(SIGNED),
  },
  `registered/${recordingId}`,
);
export const LINKED = fact('recording.linked', { recording: recordingId });

function account(person: string, roles: Account['roles']): Account {
  const salt = Buffer.alloc(16, person);
  const hash = scryptSync(PASSWORD, salt, 32, { N: 1024, r: 1, p: 1 });
  const password = { n: 1024, r: 1, p: 1, salt: salt.toString('base64'), hash: hash.toString('base64') };
  return { person, name: `Name of ${person}`, roles, password };
}

// Once for all tests: hashing passwords takes longer than most of them.
const PEOPLE: readonly Account[] = [
  account(RECORDER, ['officer']),
  account('5522', ['officer']),
  account('ipr-1', ['independent_review']),
  account('chief-1', ['chief']),
];

export interface Bearer {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The service as the program wires it, on a folder of its own, with a clock that the test moves. */
export class TestService {
  readonly app: FastifyInstance;
  readonly service: Service;
  readonly database: Database;
  readonly folder: string;
  readonly reported: unknown[];
  readonly time: { nowMs: number };
  /** Everything that is to be done every so often; the test says when. */
  readonly ticks: ReadonlySet<() => void>;
  #facts = 0;

  private constructor(
    made: Pick<TestService, 'app' | 'service' | 'database' | 'folder' | 'reported' | 'time' | 'ticks'>,
  ) {
    this.app = made.app;
    this.service = made.service;
    this.database = made.database;
    this.folder = made.folder;
    this.reported = made.reported;
    this.time = made.time;
    this.ticks = made.ticks;
  }

  static async start(
    options: {
      regime?: 'doj' | 'city';
      /** As `--regimes` says it: rules then follow the facts, as in the program. */
      lines?: readonly RegimeLine[];
      regimesDirectory?: string;
      folder?: string;
      demoRecords?: boolean;
      /** Default: a log in memory. */
      log?: (database: Database) => OwnLog;
    } = {},
  ): Promise<TestService> {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'holdfast-policy-'));
    const camera = { kind: 'camera', id: cameraId, publicKey: CAMERA_KEY.publicKey } as const;
    const dock = { kind: 'dock', id: dockId, publicKey: DOCK_KEY.publicKey, ledger: LEDGER_VKEY } as const;
    for (const one of [camera, dock]) writeFileSync(join(folder, `${one.id}.json`), formatIdentity(one));
    const database = openDatabase(join(folder, 'facts.db'));
    const shelf = openWraps(join(folder, 'wraps.db'));
    const registry = openRegistry(folder);
    const journal = openJournal(database);
    const time = { nowMs: NOW_MS };
    const reported: unknown[] = [];
    const ticks = new Set<() => void>();
    const loaded = loadRegimes(options.lines ?? [], options.regimesDirectory);
    const pseudonym = (person: string): string => createHash('sha256').update(person).digest('hex');
    const custodian = await openCustodianKey(folder, { id: 'custodian', passphrase: undefined });
    const service: Service = {
      ruleBook:
        options.lines === undefined
          ? oneRegime(options.regime === 'city' ? city : doj)
          : ruleBook(loaded.map(({ rules }) => rules)),
      book: new FactBook({
        ...{ store: openFactStore(database), enrolled: registry, shelf, decided: journal },
        recipients: { custodian: thumbprintText(custodian.thumbprint), recovery: [RECOVERY] },
        report: (trouble) => void reported.push(trouble),
      }),
      journal,
      custodian,
      shelf,
      keyBook: openKeyBook(database, pseudonym),
      shownBook: openShownBook(database, pseudonym),
      log: options.log?.(database) ?? memoryLog(database, time),
      ledgerOf: registry.ledgerOf,
      grantMediaMs: GRANT_MEDIA_MS_MAX,
      issuer: { key: await openSigningKey(folder, undefined), url: ISSUER },
      clock: { nowMs: () => time.nowMs, every: (_ms, tick) => every(ticks, tick) },
      sources: [
        { name: 'records', token: RECORDS_TOKEN, may: new Set(['*']) },
        {
          name: 'dock-1',
          token: DOCK_TOKEN,
          may: new Set(['recording.registered', 'recording.destroyed', 'recording.linked']),
        },
      ],
      accounts: new Accounts(PEOPLE),
      viewers: ['https://viewer.example/app'],
      url: () => ISSUER,
      report: (error) => void reported.push(error),
    };
    enrolPeople(service.book, PEOPLE, NOW_MS);
    for (const { rules, texts } of loaded) keepPolicySet(database, rules.hash, texts);
    if (options.lines !== undefined)
      reported.push(...adoptRegimes(service.book, { lines: options.lines, loaded }, NOW_MS));
    const app = buildServer(service, { demoRecords: options.demoRecords ?? false });
    return new TestService({ app, service, database, folder, reported, time, ticks });
  }

  async stop({ keepFolder = false }: { keepFolder?: boolean } = {}): Promise<void> {
    await this.app.close();
    await this.service.log.close();
    this.service.shelf.close();
    this.database.close();
    if (!keepFolder) rmSync(this.folder, { recursive: true });
  }

  async post(url: string, body: unknown, { token = RECORDS_TOKEN, headers = {} }: Bearer = {}) {
    const response = await this.app.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.statusCode, headers: response.headers, body: json(response.body) };
  }

  async get(url: string, token: string = RECORDS_TOKEN) {
    const response = await this.app.inject({
      method: 'GET',
      url,
      headers: { authorization: `Bearer ${token}` },
    });
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      body: json(response.body),
    };
  }

  /** Facts as a records system posts them; each with an id of its own. */
  async tell(...facts: readonly Fact[]): Promise<void> {
    for (const one of facts) {
      const { status, body } = await this.post('/v1/facts', { ...one, id: `t${(this.#facts += 1)}` });
      if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
    }
  }

  async evaluate(person: string, context: Readonly<Record<string, unknown>>, token: string = RECORDS_TOKEN) {
    const { body } = await this.post('/access/v1/evaluation', evaluation(person, context), { token });
    return body as { decision: boolean; context: Record<string, unknown> };
  }
}

function every(ticks: Set<() => void>, tick: () => void): () => void {
  ticks.add(tick);
  return () => void ticks.delete(tick);
}

export function evaluation(person: string, context?: Readonly<Record<string, unknown>>) {
  return {
    subject: { type: 'person', id: person },
    action: { name: 'view' },
    resource: { type: 'recording', id: recordingId },
    ...(context === undefined ? {} : { context }),
  };
}

/** A page as a person's browser makes it: a key pair, a sign-in, and signed openings. */
export class TestPage {
  readonly jwk: JWK;
  readonly #privateKey: CryptoKey;
  readonly #town: TestService;
  #nonces = 0;

  private constructor(town: TestService, jwk: JWK, privateKey: CryptoKey) {
    this.#town = town;
    this.jwk = jwk;
    this.#privateKey = privateKey;
  }

  static async open(town: TestService): Promise<TestPage> {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    return new TestPage(town, await exportJWK(publicKey), privateKey);
  }

  async signIn(person: string, password: string = PASSWORD) {
    return this.#town.post('/v1/sign-in', { person, password, jwk: this.jwk });
  }

  /** What names this page's key in tokens and grants. */
  thumbprint(): Promise<string> {
    return pageThumbprint(this.jwk);
  }

  async token(person: string): Promise<string> {
    return (await this.signIn(person)).body['token'] as string;
  }

  /** A proof of opening (JWS), with anything in it changed. */
  async proof(
    claims: Readonly<Record<string, unknown>> = {},
    header: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const all = { recording: recordingId, purpose: 'supplement_report', aud: 'dock-1', ...claims };
    return this.sign('holdfast-open+jwt', all, header);
  }

  /** A JWS by this page's key, made now, with a nonce; each of these can be given otherwise. */
  async sign(
    typ: string,
    claims: Readonly<Record<string, unknown>>,
    header: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const nonce = `page-nonce-${(this.#nonces += 1)}`.padEnd(22, '-');
    const iat = Math.floor(this.#town.time.nowMs / 1_000);
    return new SignJWT({ nonce, iat, ...claims })
      .setProtectedHeader({ alg: 'ES256', typ, jwk: this.jwk, ...header })
      .sign(this.#privateKey);
  }
}

function json(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
