import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recipientThumbprint } from '../../proto/identity.ts';
import { nodeChecker } from '../ledger/checker.ts';
import { unusedLines } from './agencies.ts';
import { adoptRegimes, loadRegimes } from './adoption.ts';
import { systemClock } from './clock.ts';
import { policyCommand } from './commands.ts';
import {
  asSources,
  badConfig,
  parseOptions,
  readLines,
  readPeople,
  readRecovery,
  readSources,
  readText,
  type PolicyOptions,
} from './config.ts';
import { Accounts, type Account } from './custodian/accounts.ts';
import { openCustodianKey } from './custodian/custodian-key.ts';
import { openSigningKey } from './custodian/keys.ts';
import { PendingSignIns } from './custodian/oidc-pending.ts';
import { Provider, type ProviderSettings } from './custodian/oidc.ts';
import { openRegistry } from './custodian/registry.ts';
import { plainKeys } from './custodian/rotate.ts';
import { regimes } from './decide/load.ts';
import { ruleBook } from './decide/rule-book.ts';
import { enrolPeople } from './enrolment.ts';
import { ConfigError, RegimeError } from './errors.ts';
import { FactBook } from './facts/book.ts';
import { closeDatabase, lockFolder, openDatabase, type Database } from './facts/database.ts';
import { openJournal } from './facts/journal.ts';
import { keepPolicySet } from './facts/policy-sets.ts';
import { openFactStore } from './facts/store.ts';
import { openWraps, thumbprintText } from './facts/wraps.ts';
import { DEMO_SOURCE } from './http/demo-records.ts';
import { readOidc } from './http/oidc-config.ts';
import type { OpenId } from './http/oidc.ts';
import { buildServer, type ServerOptions } from './http/server.ts';
import { rulesOfNobody, type Service } from './http/service.ts';
import { startOwnLog } from './ledger/start.ts';
import { readWitnessing } from './ledger/witnessing.ts';

const EXIT_USAGE = 2;
const MINUTE_MS = 60_000;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** `holdfast policy`, or the command that follows it. Resolves with the exit code after SIGTERM or SIGINT, or 2 when flags or files are wrong. */
export async function main(argv: readonly string[]): Promise<number> {
  const [word = ''] = argv;
  try {
    if (/^[a-z]/.test(word)) return await other(word, argv.slice(1));
    if (argv.some((flag) => /^--fixture(=|$)/.test(flag)))
      return await (await import('./fixture-main.ts')).main(argv);
    return await serve(parseOptions(argv, regimes()));
  } catch (error) {
    const isOperators =
      error instanceof ConfigError || (error instanceof RegimeError && error.code === 'NO_SUCH_REGIME');
    if (!isOperators) throw error;
    process.stderr.write(`holdfast policy: ${error.message}\n`);
    return EXIT_USAGE;
  }
}

async function other(word: string, argv: readonly string[]): Promise<number> {
  const command = await policyCommand(word);
  if (command === undefined) throw badConfig(`there is no command "holdfast policy ${word}"`);
  return command.main(argv);
}

async function serve(options: PolicyOptions): Promise<number> {
  // Heard from the first moment on, so that a stop during start-up is a stop too.
  const stopped = stopSignal();
  const tls = checkExposure(options);
  readWitnessing(options);
  const people = readAccounts(options);
  const openId = options.oidc === undefined ? undefined : openIdOf(readOidc(options.oidc, process.env));
  const { service, listening, database, unlock } = await open(options, { people, openId });
  enrolPeople(service.book, people, service.clock.nowMs());
  for (const trouble of unusedLines(service.book.known)) warn(trouble);
  const app = buildServer(service, serverOptions(options, service, tls));
  try {
    listening.url = await app.listen({ port: options.http, host: options.host });
    announce(options, service);
    void reachProvider(service);
    await stopped;
  } catch (cause) {
    if (!isListenError(cause)) throw cause;
    throw badConfig(`cannot listen on ${options.host}:${options.http} (${cause.code})`, cause);
  } finally {
    await app.close();
    await service.log.close();
    service.shelf.close();
    closeDatabase(database);
    unlock();
  }
  return 0;
}

interface Opened {
  readonly service: Service;
  /** Filled in once the port is known; names the service where no issuer is given. */
  readonly listening: { url: string };
  readonly database: Database;
  unlock(this: void): void;
}

/** Who may sign in, and how. */
interface Entrances {
  readonly people: readonly Account[];
  readonly openId: OpenId | undefined;
}

async function open(options: PolicyOptions, { people, openId }: Entrances): Promise<Opened> {
  const sources = asSources(readSources(options.sources));
  // The rules first: with a policy set that must not decide, nothing else is touched.
  const lines = readLines(options, regimes());
  const loaded = loadRegimes(lines);
  const recovery = readRecovery(options.recovery);
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(options.data);
  const passphrase = passphraseOf(options);
  if (passphrase !== undefined) checkEncrypted(options.data);
  const key = await openSigningKey(options.data, passphrase);
  const custodian = await openCustodianKey(options.data, { id: options.custodianId, passphrase });
  const database = openDatabase(join(options.data, 'facts.db'));
  const shelf = openWraps(join(options.data, 'wraps.db'));
  const registry = openRegistry(options.registry);
  const { log, keyBook, shownBook } = await startOwnLog({
    ...{ options, passphrase, database, report },
    custodian: thumbprintText(custodian.thumbprint),
  });
  const journal = openJournal(database, log.wake);
  const listening = { url: '' };
  const url = (): string => options.issuer ?? listening.url;
  const service: Service = {
    ruleBook: ruleBook(loaded.map(({ rules }) => rules)),
    book: new FactBook({
      ...{ store: openFactStore(database), enrolled: registry, shelf, decided: journal },
      recipients: {
        custodian: thumbprintText(custodian.thumbprint),
        retired: custodian.retired.map(({ thumbprint }) => thumbprintText(thumbprint)),
        recovery: recovery.map((key) => thumbprintText(recipientThumbprint(key, nodeChecker.sha256))),
      },
      report: warn,
    }),
    journal,
    custodian,
    shelf,
    keyBook,
    shownBook,
    log,
    ledgerOf: registry.ledgerOf,
    grantMediaMs: options.grantMinutes * MINUTE_MS,
    issuer: {
      key,
      get url() {
        return url();
      },
    },
    clock: systemClock,
    sources,
    accounts: new Accounts(people),
    openId,
    viewers: viewersOf(options),
    url,
    report,
  };
  service.book.subscribe(log.wake);
  // The texts first: nothing is decided by rules that could not be looked up again.
  for (const { rules, texts } of loaded) keepPolicySet(database, rules.hash, texts);
  for (const change of adoptRegimes(service.book, { lines, loaded }, service.clock.nowMs())) warn(change);
  return { service, listening, database, unlock };
}

function readAccounts({ people, oidc }: PolicyOptions): readonly Account[] {
  if (people !== undefined) return readPeople(people);
  if (oidc !== undefined) return [];
  throw badConfig('nobody could sign in: give --people, --oidc or both');
}

/** The page that is served here comes back here; on loopback it may in any case. */
function viewersOf({ viewer, pageFor, issuer }: PolicyOptions): readonly string[] {
  return pageFor.length === 0 || issuer === undefined ? viewer : [...viewer, `${issuer}/`];
}

function openIdOf(settings: ProviderSettings): OpenId {
  return { provider: new Provider(settings, systemClock), pending: new PendingSignIns() };
}

/** The service is there for docks and for accounts whether or not the provider is; who asks for it later finds out anew. */
async function reachProvider({ openId }: Service): Promise<void> {
  try {
    await openId?.provider.reach();
  } catch (error) {
    warn(
      `${error instanceof Error ? error.message : String(error)}. Asked again when somebody signs in by it.`,
    );
  }
}

/** Refuses to speak in the clear to a network, and says so when it speaks in the clear at all. */
function checkExposure({
  host,
  tlsCert,
  tlsKey,
  keyPassphraseFile,
  viewer,
  demoRecords,
}: PolicyOptions): ServerOptions['tls'] {
  const unusable = viewer.find((address) => !URL.canParse(address));
  if (unusable !== undefined) throw badConfig(`--viewer ${unusable} is not a URL`);
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw badConfig('--tls-cert and --tls-key go together');
  const isLoopback = LOOPBACK.test(host);
  if (demoRecords === true && !isLoopback)
    throw badConfig(`--demo-records lets anybody file reports: it is for --host 127.0.0.1, not for ${host}`);
  if (!isLoopback && tlsCert === undefined) {
    throw badConfig(`--host ${host} is not loopback: give --tls-cert and --tls-key, or listen on 127.0.0.1`);
  }
  if (!isLoopback && keyPassphraseFile === undefined) {
    throw badConfig(
      `--host ${host} is not loopback: give --key-passphrase-file, so that the signing key is encrypted`,
    );
  }
  if (tlsCert === undefined)
    warn('NO TLS. Passwords and tokens travel in the clear; this is for one machine only.');
  if (keyPassphraseFile === undefined)
    warn('NO KEY PASSPHRASE. Whoever can read the data folder can sign grants and open every recording.');
  return tlsCert === undefined || tlsKey === undefined
    ? undefined
    : { cert: readText(tlsCert), key: readText(tlsKey) };
}

function passphraseOf({ keyPassphraseFile }: PolicyOptions): string | undefined {
  if (keyPassphraseFile === undefined) return undefined;
  const passphrase = readText(keyPassphraseFile).replace(/\r?\n$/, '');
  if (passphrase === '') throw badConfig(`${keyPassphraseFile} is empty`);
  return passphrase;
}

/** A passphrase that a key is not under protects nothing, and nobody would notice. */
function checkEncrypted(data: string): void {
  const plain = plainKeys(data);
  if (plain.length === 0) return;
  const remedy = `encrypt them: holdfast policy keys passphrase --data ${data} --new-passphrase-file FILE`;
  throw badConfig(`--key-passphrase-file is given, and ${plain.join(', ')} are not encrypted; ${remedy}`);
}

function serverOptions(
  options: PolicyOptions,
  { sources }: Service,
  tls: ServerOptions['tls'],
): ServerOptions {
  const demoRecords = options.demoRecords === true;
  if (demoRecords && !sources.some(({ name }) => name === DEMO_SOURCE)) {
    throw badConfig(
      `--demo-records posts facts as the source "${DEMO_SOURCE}", which ${options.sources} does not have`,
    );
  }
  if (demoRecords) warn('DEMO RECORDS. Anybody at this machine can file reports at /demo/records.');
  const { pageFor: docks } = options;
  const pageDir = fileURLToPath(new URL('../../page', import.meta.url));
  const page = docks.length === 0 ? {} : { page: { pageDir, docks } };
  return { demoRecords, ...page, ...(tls === undefined ? {} : { tls }) };
}

function announce({ json }: PolicyOptions, service: Service): void {
  const { book } = service;
  const rules = rulesOfNobody(service);
  const url = service.url();
  const line =
    json === true
      ? JSON.stringify({
          event: 'listening',
          url,
          regime: rules.regime,
          policySet: rules.hash,
          newestFact: book.known.newest,
        })
      : `policy service listening on ${url}, regime ${rules.regime}, ${book.known.newest} facts`;
  process.stdout.write(`${line}\n`);
}

function report(error: unknown): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`holdfast policy: ${detail}\n`);
}

function warn(text: string): void {
  process.stderr.write(`holdfast policy: WARNING: ${text}\n`);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

function isListenError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
