import { Command, InvalidArgumentError } from 'commander';
import { badConfig, issuerUrl, readDocument, readText } from './config.ts';
import { buildFixtureServer, readFixture } from './http/fixture.ts';

interface FixtureFlags {
  readonly fixture: string;
  readonly fixtureToken?: string;
  readonly http: number;
  readonly host: string;
  readonly issuer?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly json?: boolean;
}

const PORT_MAX = 65_535;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;
/** Flags of the service that would be without meaning here, and whose meaning somebody might rely on. */
const OF_THE_SERVICE =
  /^--(data|regime|regimes|sources|people|registry|viewer|custodian-id|recovery|key-passphrase-file|demo-records|witness|quorum|ledger-origin)(=|$)/;

const EXAMPLES = `
Examples:
  holdfast policy --fixture certification.json --http 8095
  holdfast policy --fixture certification.json --host 0.0.0.0 --http 443 --tls-cert c.pem --tls-key k.pem \\
    --issuer https://pdp.example.org --fixture-token harness.token
`;

/**
 * `holdfast policy --fixture FILE`: decides by that file through the HTTP edge of the service, so that an outside harness
 * can certify it. Resolves with 0 after SIGTERM or SIGINT; throws ConfigError BAD_CONFIG for flags and files that are wrong.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const stopped = stopSignal();
  const foreign = argv.find((word) => OF_THE_SERVICE.test(word));
  if (foreign !== undefined) {
    throw badConfig(
      `${foreign.split('=', 1)[0] ?? foreign} does not go with --fixture, which decides by its file and has neither facts nor keys`,
    );
  }
  const flags = parseFlags(argv);
  const fixture = readFixture(flags.fixture, readDocument(flags.fixture));
  const tls = tlsOf(flags);
  const token = tokenOf(flags);
  const listening = { url: '' };
  const app = buildFixtureServer(fixture, {
    ...(tls === undefined ? {} : { tls }),
    ...(token === undefined ? {} : { token }),
    url: () => flags.issuer ?? listening.url,
    report: (error) => warn(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  try {
    listening.url = await app.listen({ port: flags.http, host: flags.host });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown error';
    throw badConfig(`cannot listen on ${flags.host}:${flags.http} (${why})`, cause);
  }
  announce(flags, listening.url);
  await stopped;
  await app.close();
  return 0;
}

function parseFlags(argv: readonly string[]): FixtureFlags {
  return new Command('holdfast policy --fixture')
    .description('Decides by a small file instead of facts, for certifying the AuthZEN API. No custodian.')
    .requiredOption(
      '--fixture <file>',
      '{"subjects":[{"type","id"}],"resources":[…],"allow":[{"subject","action","resource"}]}',
    )
    .option('--fixture-token <file>', 'bearer token to ask for; without it anybody may ask')
    .option('--http <port>', 'port to listen on; 0 picks a free one', port, 8443)
    .option('--host <address>', 'address to listen on; anything but loopback needs TLS', '127.0.0.1')
    .option(
      '--issuer <url>',
      'policy_decision_point in the metadata; default is the address it listens on',
      issuerUrl,
    )
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'key of the certificate, PEM')
    .option('--json', 'one JSON object a line on stdout')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .parse([...argv], { from: 'user' })
    .opts<FixtureFlags>();
}

function tlsOf({ host, tlsCert, tlsKey }: FixtureFlags): { cert: string; key: string } | undefined {
  if (tlsCert !== undefined && tlsKey !== undefined)
    return { cert: readText(tlsCert), key: readText(tlsKey) };
  if (tlsCert !== tlsKey) throw badConfig('--tls-cert and --tls-key go together');
  if (LOOPBACK.test(host)) return undefined;
  throw badConfig(`--host ${host} is not loopback: give --tls-cert and --tls-key, or listen on 127.0.0.1`);
}

function tokenOf({ fixtureToken }: FixtureFlags): string | undefined {
  if (fixtureToken === undefined) return undefined;
  const token = readText(fixtureToken).trim();
  if (/^[\x21-\x7e]{1,512}$/.test(token)) return token;
  throw badConfig(`${fixtureToken} holds no token of 1 to 512 printable characters without a space`);
}

function announce({ fixture, fixtureToken, json }: FixtureFlags, url: string): void {
  warn(
    `FIXTURE. Decides by ${fixture} alone: no facts, no regime, no keys, nothing is recorded. This is no custodian.`,
  );
  if (fixtureToken === undefined) warn('NO TOKEN. Anybody who reaches it may ask.');
  const line =
    json === true ? JSON.stringify({ event: 'listening', url, fixture }) : `fixture listening on ${url}`;
  process.stdout.write(`${line}\n`);
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

function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= PORT_MAX) return number;
  throw new InvalidArgumentError('a port is a number from 0 to 65535');
}
