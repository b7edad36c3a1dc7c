import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { ProofError } from '../../proto/errors.ts';
import { type Identity, parseIdentity } from '../../proto/identity.ts';
import { isDockId } from '../../proto/ids.ts';
import { policyCommands } from './commands.ts';
import type { Account } from './custodian/accounts.ts';
import { GRANT_MEDIA_MS_MAX } from './custodian/range.ts';
import { ConfigError } from './errors.ts';
import { FACT_TYPES, OWN_SOURCE, ROLES, type Source } from './facts/fact.ts';

export const PEOPLE_FORMAT = 'holdfast/people@1';
export const SOURCE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Strictest of all: nothing is released before the report. */
const DEFAULT_REGIME = 'doj';
const GRANT_MINUTES_MAX = GRANT_MEDIA_MS_MAX / 60_000;
export const PERSON = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/;

/** Flags of `holdfast policy`. */
export interface PolicyOptions {
  readonly data: string;
  readonly http: number;
  readonly host: string;
  readonly regime: string;
  /** Whose rules apply from when on, instead of `regime`. */
  readonly regimes?: string;
  readonly sources: string;
  readonly people?: string;
  /** How to sign in at an OpenID provider. */
  readonly oidc?: string;
  readonly registry: string;
  readonly issuer?: string;
  /** Names the custodian to cameras. */
  readonly custodianId: string;
  /** Addresses, besides loopback ones, that a sign-in may lead back to. */
  readonly viewer: readonly string[];
  /** Docks whose page is served from here, without a slash at the end. */
  readonly pageFor: readonly string[];
  /** Identity files of the recovery keys that cameras may seal to besides. */
  readonly recovery: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly keyPassphraseFile?: string;
  /** Who cosigns the service's own ledger: VKEY=URL. */
  readonly witness: readonly string[];
  /** How many of them must have cosigned before keys are given. */
  readonly quorum: number;
  /** The quorum may be lower than that of the last start. */
  readonly lowerQuorum?: boolean;
  /** Name of the service's own ledger. */
  readonly ledgerOrigin?: string;
  /** The most minutes of footage that one grant covers. */
  readonly grantMinutes: number;
  readonly demoRecords?: boolean;
  readonly json?: boolean;
}

/** One regime for one agency from one moment on. */
export interface RegimeLine {
  /** The `org` of the officer who recorded; empty for everybody whose agency has no line. */
  readonly agency: string;
  readonly regime: string;
  readonly fromMs: number;
}

/** A source together with its secret. */
export interface SourceAccount extends Source {
  readonly token: string;
}

const source = z.strictObject({
  name: z
    .string()
    .regex(SOURCE_NAME, 'letters, digits, dot, hyphen and underscore')
    .refine((name) => name !== OWN_SOURCE, `"${OWN_SOURCE}" is the service itself`),
  token: z.string().min(1).max(512),
  may: z.array(z.enum([...FACT_TYPES, '*'])),
});
const sources = z.array(source).max(10_000);

const regimeLines = z
  .array(
    z.strictObject({
      agency: z.string().max(200).default(''),
      regime: z.string().min(1).max(64),
      from: z.iso.datetime({ offset: true, error: 'must be an RFC 3339 date and time with an offset' }),
    }),
  )
  .min(1)
  .max(1_000);

const account = z.strictObject({
  person: z.string().regex(PERSON),
  name: z.string().min(1).max(200),
  roles: z.array(z.enum(ROLES)),
  org: z.string().max(200).optional(),
  password: z.strictObject({
    n: z
      .int()
      .min(1024)
      .max(2 ** 20),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(16),
    salt: z.base64().min(16),
    hash: z.base64().min(24).max(128),
  }),
});
const people = z.strictObject({ format: z.literal(PEOPLE_FORMAT), people: z.array(account).max(100_000) });

export type StoredSource = z.infer<typeof source>;

/** The flags in `argv`; `known` are the regimes that its help names. commander prints help and its own errors, and throws after them. */
export function parseOptions(argv: readonly string[], known: readonly string[] = []): PolicyOptions {
  const command = new Command('holdfast policy')
    .description(
      'The policy service and key custodian: keeps facts, decides who may view what, signs grants.',
    )
    .requiredOption('--data <dir>', 'folder of facts.db, wraps.db and the keys; made on first start')
    .option('--http <port>', 'port to listen on; 0 picks a free one', port, 8443)
    .option(
      '--host <address>',
      'address to listen on; anything but loopback needs TLS and a key passphrase',
      '127.0.0.1',
    )
    .addOption(
      new Option('--regime <name>', `whose rules to apply, always and to everybody: ${known.join(', ')}`)
        .default(DEFAULT_REGIME)
        .conflicts('regimes'),
    )
    .option(
      '--regimes <file>',
      `whose rules apply to which agency from when on: [{"agency","regime","from"},…]; what no line covers is under ${DEFAULT_REGIME}`,
    )
    .requiredOption('--sources <file>', 'who may post facts: [{"name","token","may":[type,…]|["*"]}]')
    .option('--people <file>', 'local accounts, made by `holdfast enrol person`; needed without --oidc')
    .option('--oidc <file>', 'an OpenID provider to sign in at: {"issuer","clientId","label","person",…}')
    .requiredOption('--registry <dir>', 'identities of enrolled cameras and docks, one <id>.json each')
    .option(
      '--issuer <url>',
      'name of this service in tokens and grants; default is the address it listens on',
      issuerUrl,
    )
    .option(
      '--viewer <url>',
      'address a sign-in may lead back to, besides loopback; may be repeated',
      collect,
      [],
    )
    .option(
      '--page-for <url>',
      "serve the viewer's page here, for the dock at this address (which needs --page-origin); may be repeated",
      collectDock,
      [],
    );
  return withTrust(command)
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'key of the certificate, PEM')
    .option('--key-passphrase-file <file>', 'passphrase of the keys')
    .option(
      '--grant-minutes <n>',
      'most minutes of footage that one grant covers, 1 to 10; who watches on asks again',
      grantMinutes,
      GRANT_MINUTES_MAX,
    )
    .option('--demo-records', 'serve a small records system at /demo/records, for demonstrations only')
    .option('--json', 'one JSON object a line on stdout')
    .addHelpText('after', EXAMPLES)
    .addHelpText('after', policyCommands())
    .exitOverride()
    .parse([...argv], { from: 'user' })
    .opts<PolicyOptions>();
}

/** The flags that say whose keys and whose signatures count. */
function withTrust(command: Command): Command {
  return command
    .option('--custodian-id <id>', 'name of the key that cameras seal to', deviceId, 'custodian')
    .option(
      '--recovery <file>',
      'identity of a recovery key that cameras seal to besides; any other recipient is reported; may be repeated',
      collect,
      [],
    )
    .option(
      '--witness <vkey=url...>',
      "a witness that cosigns the service's own ledger (holdfast witness); repeat for more",
      collect,
      [],
    )
    .option(
      '--quorum <n>',
      'how many witnesses must have cosigned before keys are given; 0 waits for none',
      count,
      0,
    )
    .option('--lower-quorum', 'start although the quorum was higher the last time')
    .option(
      '--ledger-origin <name>',
      "name of the service's own ledger, settled at its first start (default: host of the issuer, then /policy)",
    );
}

const EXAMPLES = `
Examples:
  holdfast enrol source records --may '*' --sources sources.json
  holdfast enrol person 4411 --name "A. Ruiz" --role officer --people people.json --password-file -
  holdfast policy --data ./policy --sources sources.json --people people.json --registry ./registry
  echo '[{"agency":"PPB","regime":"portland-2023","from":"2023-04-26T00:00:00-07:00"}]' > regimes.json
  holdfast policy --data ./policy --regimes regimes.json --sources sources.json --people people.json --registry ./registry
  holdfast policy --fixture certification.json   (decides by a file, for certifying the AuthZEN API; has its own --help)
`;

/** Throws ConfigError BAD_CONFIG with file, place and problem. */
export function readSources(path: string): readonly StoredSource[] {
  const found = parse(path, sources);
  const twice = found.find(({ name }, index) => found.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw badConfig(`${path}: two sources are called ${twice.name}`);
  return found;
}

/** Throws ConfigError BAD_CONFIG with file, place and problem. */
export function readPeople(path: string): readonly Account[] {
  const found = parse(path, people).people;
  const twice = found.find(
    ({ person }, index) => found.findIndex((other) => other.person === person) !== index,
  );
  if (twice !== undefined) throw badConfig(`${path}: two accounts are called ${twice.person}`);
  return found;
}

/**
 * Which regime holds for whom from when on, one of `known` each. Something holds for everybody at every moment: what no line
 * covers is under the default. Throws ConfigError BAD_CONFIG with file, place and problem.
 */
export function readLines(
  { regime, regimes }: Pick<PolicyOptions, 'regime' | 'regimes'>,
  known: readonly string[],
): readonly RegimeLine[] {
  if (regimes === undefined) return [{ agency: '', regime, fromMs: 0 }];
  const lines = parse(regimes, regimeLines).map(({ from, ...line }) => ({
    ...line,
    fromMs: Date.parse(from),
  }));
  for (const [index, line] of lines.entries()) {
    const { agency, fromMs } = line;
    const wrong = (field: string, what: string): ConfigError =>
      badConfig(`${regimes}: ${index}.${field}: ${what}`);
    if (!known.includes(line.regime))
      throw wrong('regime', `no regime "${line.regime}"; there are: ${known.join(', ')}`);
    const first = lines.findIndex((other) => other.agency === agency && other.fromMs === fromMs);
    if (first !== index)
      throw wrong('from', `line ${first} is of the same moment for ${agency === '' ? 'everybody' : agency}`);
  }
  const covered = lines.some(({ agency, fromMs }) => agency === '' && fromMs <= 0);
  return covered ? lines : [{ agency: '', regime: DEFAULT_REGIME, fromMs: 0 }, ...lines];
}

export function asSources(stored: readonly StoredSource[]): readonly SourceAccount[] {
  return stored.map(({ name, token, may }) => ({ name, token, may: new Set(may) }));
}

export function badConfig(message: string, cause?: unknown): ConfigError {
  return new ConfigError('BAD_CONFIG', message, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The public keys in identity files of kind `recovery`. Throws ConfigError BAD_CONFIG. */
export function readRecovery(paths: readonly string[]): readonly Uint8Array[] {
  return paths.map((path) => {
    const identity = parseRecovery(path);
    if (identity.kind === 'recovery') return identity.publicKey;
    throw badConfig(`--recovery ${path} is the identity of a ${identity.kind}`);
  });
}

function parseRecovery(path: string): Identity {
  try {
    return parseIdentity(readDocument(path));
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw badConfig(`--recovery ${path} is no identity: ${cause.message}`, cause);
  }
}

/** The text of a JSON file that a flag names, without the byte order mark that some editors put first. Throws ConfigError BAD_CONFIG. */
export function readDocument(path: string): string {
  return readText(path).replace(/^\uFEFF/, '');
}

/** The text of a file that a flag names, as it stands there. Throws ConfigError BAD_CONFIG. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw badConfig(
      `cannot read ${path}: ${cause instanceof Error ? cause.message : 'unknown error'}`,
      cause,
    );
  }
}

function parse<Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema> {
  const result = schema.safeParse(parseJson(path, readDocument(path)));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw badConfig(`${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as it should be'}`);
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badConfig(`${path} is not JSON`, cause);
  }
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new InvalidArgumentError('a port is a number from 0 to 65535');
}

/**
 * What names a service in tokens, grants and metadata, without slashes at its end: no query and no fragment (AuthZEN 1.0, section 9.1.1).
 * Throws commander's InvalidArgumentError.
 */
export function issuerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isIssuer = /^https?:$/.test(url?.protocol ?? '') && !/[?#]/.test(text);
  if (isIssuer) return text.replace(/\/+$/, '');
  throw new InvalidArgumentError('an http or https URL without query and fragment');
}

function grantMinutes(text: string): number {
  const minutes = Number(text);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= GRANT_MINUTES_MAX) return minutes;
  throw new InvalidArgumentError(`a grant covers 1 to ${GRANT_MINUTES_MAX} whole minutes`);
}

function count(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a number');
}

function deviceId(text: string): string {
  if (isDockId(text)) return text;
  throw new InvalidArgumentError('an id is 1 to 32 of a-z, 0-9 and hyphen');
}

function collectDock(value: string, before: readonly string[]): readonly string[] {
  return collect(issuerUrl(value), before);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
