import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { BAUD_MAX, BAUD_MAX_DEFAULT, BAUD_MIN } from '../proto/baud.ts';
import { parseCosignerVkey } from '../proto/cosignature.ts';
import { FieldError } from '../proto/errors.ts';
import { BAUD_START } from '../proto/limits.ts';
import type { MqttVersion } from '../proto/mqtt.ts';
import type { ChronyWhere } from './clock/chrony.ts';
import { isCron } from './clock/cron.ts';
import { dockCommands } from './commands.ts';
import { jobFlags, type JobSchedules, jobsOf, withJobs } from './keep/config.ts';
import { refuseTestData } from './keys/test-data.ts';
import { nodeChecker } from './ledger/checker.ts';

/** A flag or a file it names that cannot be used; the message says which and what to do. */
export class ConfigError extends FieldError<'CONFIG'> {
  constructor(message: string, cause?: unknown) {
    super('CONFIG', message, { retry: 'never', cause });
  }
}

export interface DockConfig {
  readonly data: string;
  readonly keys: string;
  readonly registry: string;
  readonly site: string;
  /** Paths of the bays' serial ports. */
  readonly serial: readonly string[];
  /** The same of bays for test cameras alone. */
  readonly testSerial: readonly string[];
  /** Where cameras look for the dock, bit/s. */
  readonly baud: number;
  /** The fastest rate to agree to; equal to `baud`, the rate is fixed. */
  readonly baudMax: number;
  readonly rtsCts: boolean;
  /** `embedded[:PORT]` starts a broker in this process; an `mqtt://` URL uses an outside one. */
  readonly mqtt:
    | { readonly broker: 'embedded'; readonly port: number }
    | { readonly broker: 'outside'; readonly url: string; readonly version: MqttVersion }
    | undefined;
  /** Memory for footage on its way to the disk, shared by all cameras, bytes. */
  readonly stagingBytes: number;
  readonly host: string;
  readonly httpPort: number;
  /** Origin besides the viewer's own that serves its page. */
  readonly pageOrigin?: string | undefined;
  readonly policy: { readonly url: string; readonly jwk: string; readonly token: string };
  /** Who cosigns the ledger: verifier key and address. */
  readonly witnesses: readonly { readonly vkey: string; readonly url: string }[];
  /** How many of them must have cosigned a checkpoint before anybody sees it. */
  readonly quorum: number;
  /** The quorum may be lower than that of the last start. */
  readonly lowerQuorum: boolean;
  /** Whose word on the system's clock counts as evidence of UTC. */
  readonly timeSync: 'none' | 'chrony';
  /** Where chronyd is asked; undefined: wherever its own tool looks. */
  readonly chrony: ChronyWhere | undefined;
  /** A camera that was not here for so long is listed as missing; 0: none ever is. */
  readonly overdueHours: number;
  /** An upload that has stood still for so long is listed as missing. */
  readonly partialMinutes: number;
  /** Folder on another disk for the second copy of every accepted recording. */
  readonly mirror: string | undefined;
  /** How fast what is held is read again and again, bytes a second; 0: never. */
  readonly scrubBytesPerS: number;
  /** How long a recording is kept when nothing asks for more, days; 0: nothing is ever destroyed. */
  readonly retainDays: number;
  readonly jobs: JobSchedules;
  readonly json: boolean;
  /** How often an event says how the dock is doing, seconds; 0: never. */
  readonly statsSeconds: number;
}

// Their lines must fit into the checkpoint that a camera keeps.
const WITNESSES_MAX = 16;
// State law, as docs/KEEPING.md tells it: 180 days at least, 30 months at most.
const RETAIN_DAYS_MIN = 180;
const RETAIN_DAYS_MAX = 913;
const port = z.coerce.number().int().min(0).max(65_535);
const rate = z.coerce.number().int().min(BAUD_MIN).max(BAUD_MAX);
const flags = z.object({
  data: z.string().min(1),
  keys: z.string().min(1),
  registry: z.string().min(1),
  site: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a site is 1 to 32 lower-case letters, digits and hyphens'),
  serial: z.array(z.string().min(1)).default([]),
  testSerial: z.array(z.string().min(1)).default([]),
  baud: rate,
  baudMax: rate.optional(),
  rtscts: z.boolean().default(false),
  mqtt: z
    .string()
    .regex(/^(embedded(:\d{1,5})?|mqtt:\/\/.+)$/, 'give embedded, embedded:PORT or mqtt://HOST:PORT')
    .optional(),
  mqttVersion: z.enum(['auto', '3', '5']),
  stagingMib: z.coerce.number().int().min(8, 'the largest manifest needs 8 MiB').max(65_536),
  host: z
    .string()
    .refine(
      isLoopback,
      'tokens and footage would travel in the clear: listen on loopback and put a TLS proxy in front',
    ),
  http: port,
  pageOrigin: z
    .url({ protocol: /^https?$/ })
    .refine(isPrivate, 'a page that came in the clear could be anybody’s: use https, or this machine')
    .refine((url) => new URL(url).origin === url, 'an origin has no path, and no slash at its end')
    .optional(),
  policy: z
    .url({ protocol: /^https?$/ })
    .refine(isPrivate, 'the token would travel in the clear: use https, or a policy service on this machine'),
  policyKey: z.string().min(1),
  policyTokenFile: z.string().min(1),
  witness: z.array(z.string()).max(WITNESSES_MAX, `at most ${WITNESSES_MAX} witnesses`).default([]),
  quorum: z.coerce.number().int().min(0),
  lowerQuorum: z.boolean().default(false),
  timeSync: z.enum(['none', 'chrony']),
  chrony: z
    .string()
    .regex(/^(\/.+|.+:\d{1,5})$/, 'give HOST:PORT on this machine, or the path of its socket')
    .optional(),
  overdueHours: z.coerce.number().min(0).max(8_784),
  partialMinutes: z.coerce.number().min(0).max(527_040),
  mirror: z.string().min(1).optional(),
  scrubMibS: z.coerce.number().min(0).max(4_096),
  retainDays: z.coerce
    .number()
    .int()
    .refine(
      (days) => days === 0 || (days >= RETAIN_DAYS_MIN && days <= RETAIN_DAYS_MAX),
      `give ${RETAIN_DAYS_MIN} to ${RETAIN_DAYS_MAX} days, or 0 to destroy nothing`,
    ),
  ...jobFlags(isCron),
  json: z.boolean().default(false),
  stats: z.coerce.number().int().min(0).max(86_400),
});

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname);
}

const EXAMPLES = `
Examples:
  One serial bay and an embedded broker, beside a policy service on this machine:
    holdfast dock --data /var/lib/holdfast --keys /etc/holdfast/keys --registry /etc/holdfast/enrolled \\
      --serial /dev/ttyUSB0 --mqtt embedded:1883 --policy http://127.0.0.1:8090 \\
      --policy-key /etc/holdfast/policy.jwk.json --policy-token-file /etc/holdfast/policy.token
  Four bays on good cables with all wires, at up to 3 Mbit/s:
    holdfast dock … --serial /dev/ttyUSB0 /dev/ttyUSB1 /dev/ttyUSB2 /dev/ttyUSB3 --baud-max 3000000 --rtscts
  Two outsiders who remember the ledger, both of whom must have cosigned before a camera gets its receipt:
    holdfast dock … --witness "$(cat w1.vkey)=https://w1.example" "$(cat w2.vkey)=https://w2.example" --quorum 2
  The broker of the site, no serial bays:
    holdfast dock … --mqtt mqtt://broker.example:1883
`;

function program(): Command {
  const command = withKeeping(new Command('holdfast dock'))
    .description(
      'The docking-station daemon: takes footage into custody and releases it only when the policy service says so.',
    )
    .requiredOption('--data <dir>', 'where recordings, index and ledger are kept')
    .requiredOption('--keys <dir>', "this dock's keys, made by `holdfast enrol dock`")
    .requiredOption('--registry <dir>', 'identities of enrolled cameras')
    .option('--site <name>', 'MQTT topic level for this site', 'site')
    .option('--serial <path...>', 'serial port of a bay; repeat for more bays')
    .option(
      '--test-serial <path...>',
      'serial port of a bay for test cameras (holdfast enrol test-cameras), whose recordings are kept apart',
    )
    .option('--baud <rate>', 'line rate of the serial bays to begin with, bit/s', String(BAUD_START))
    .option(
      '--baud-max <rate>',
      `fastest line rate a camera may ask for; equal to --baud, the rate is fixed (default: ${BAUD_MAX_DEFAULT})`,
    )
    .option('--rtscts', 'the cables of the bays have RTS and CTS: use them for flow control')
    .option('--mqtt <where>', 'embedded[:PORT] or mqtt://HOST:PORT')
    .option('--mqtt-version <version>', 'towards an outside broker: auto (5, then 3.1.1), 3 or 5', 'auto')
    .option(
      '--staging-mib <n>',
      'memory for footage on its way to the disk, shared by all cameras; under load the dock grows by at most this, 64 MiB of inboxes, 128 KiB a camera and 192 MiB for the runtime',
      '128',
    )
    .option('--host <address>', 'address of the viewer', '127.0.0.1')
    .option('--http <port>', 'port of the viewer; 0 picks a free one', '8080')
    .option('--page-origin <origin>', 'a policy service that serves the page for this dock (--page-for)')
    .requiredOption('--policy <url>', 'the policy service')
    .requiredOption(
      '--policy-key <file>',
      'its public key, a JWK; grants signed by any other key are not believed',
    )
    .requiredOption(
      '--policy-token-file <file>',
      'file with the bearer token this dock shows to the policy service',
    )
    .option(
      '--witness <vkey=url...>',
      'a witness that cosigns the ledger (holdfast witness); repeat for more',
    )
    .option(
      '--quorum <n>',
      'how many witnesses must have cosigned before a receipt is given; 0 waits for none',
      '0',
    )
    .option('--lower-quorum', 'start although the quorum was higher the last time')
    .option(
      '--time-sync <how>',
      "chrony: ask this machine's chronyd how far the clock is from UTC, so that stamps claim it; none: they never do",
      'none',
    )
    .option(
      '--chrony <where>',
      'where chronyd takes questions: HOST:PORT or a socket (default: where chronyc looks)',
    )
    .option('--json', 'one JSON object a line on stdout')
    .option(
      '--stats <seconds>',
      'say so often how the dock is doing: syncs, event loop, queues; 0: never',
      '0',
    );
  return withJobs(command)
    .addHelpText('after', EXAMPLES)
    .addHelpText('after', dockCommands())
    .exitOverride()
    .allowExcessArguments(false);
}

/** What looks after recordings once they are here. */
function withKeeping(command: Command): Command {
  return command
    .option('--overdue-hours <n>', 'list a camera as missing that was not here for so long; 0: never', '24')
    .option('--partial-minutes <n>', 'list an upload as missing that has stood still for so long', '60')
    .option(
      '--mirror <dir>',
      'folder on another disk: no receipt before every byte was copied there and read back',
    )
    .option(
      '--scrub-mib-s <n>',
      'read everything that is held again and again at this rate, to find what a disk has lost; 0: never',
      '16',
    )
    .option(
      '--retain-days <n>',
      'destroy a recording after so many days, 180 to 913, if the policy service agrees; 0: never',
      '0',
    );
}

/**
 * Reads the flags. Throws ConfigError with the flag's name for a value that cannot be used; an unknown flag, and
 * help that was asked for, leave as commander's own error after it has printed what there is to say.
 */
export function readConfig(argv: readonly string[]): DockConfig {
  const command = program();
  command.parse(argv, { from: 'user' });
  const parsed = flags.safeParse(command.opts());
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`${flagOf(issue?.path[0])}: ${issue?.message ?? 'not usable'}`);
  }
  return fromFlags(parsed.data);
}

function flagOf(name: PropertyKey = '?'): string {
  return `--${String(name).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function fromFlags(given: z.infer<typeof flags>): DockConfig {
  refuseTestData(given.data);
  const twice = given.testSerial.find((path) => given.serial.includes(path));
  if (twice !== undefined) throw new ConfigError(`--test-serial: ${twice} is a bay for evidence too`);
  if (given.serial.length === 0 && given.mqtt === undefined) {
    throw new ConfigError('no way in: give at least one --serial PATH or --mqtt');
  }
  const baudMax = given.baudMax ?? Math.max(given.baud, BAUD_MAX_DEFAULT);
  if (baudMax < given.baud) throw new ConfigError(`--baud-max: ${baudMax} is less than --baud ${given.baud}`);
  return {
    data: given.data,
    keys: given.keys,
    registry: given.registry,
    site: given.site,
    serial: given.serial,
    testSerial: given.testSerial,
    baud: given.baud,
    baudMax,
    rtsCts: given.rtscts,
    mqtt: mqttOf(given.mqtt, given.mqttVersion),
    stagingBytes: given.stagingMib * 1024 * 1024,
    host: given.host,
    httpPort: given.http,
    pageOrigin: given.pageOrigin,
    policy: {
      url: given.policy.replace(/\/$/, ''),
      jwk: fileText('--policy-key', given.policyKey),
      token: fileText('--policy-token-file', given.policyTokenFile).trim(),
    },
    ...witnessesOf(given),
    timeSync: given.timeSync,
    chrony: chronyOf(given),
    overdueHours: given.overdueHours,
    partialMinutes: given.partialMinutes,
    mirror: given.mirror,
    scrubBytesPerS: given.scrubMibS * 1024 * 1024,
    retainDays: given.retainDays,
    jobs: jobsOf(given, given, (problem) => {
      throw new ConfigError(problem);
    }),
    json: given.json,
    statsSeconds: given.stats,
  };
}

function chronyOf({ chrony, timeSync }: z.infer<typeof flags>): ChronyWhere | undefined {
  if (chrony === undefined) return undefined;
  if (timeSync !== 'chrony') throw new ConfigError('--chrony: nobody asks there without --time-sync chrony');
  if (chrony.startsWith('/')) return { socket: chrony };
  const colon = chrony.lastIndexOf(':');
  const [host, number] = [chrony.slice(0, colon), port.safeParse(chrony.slice(colon + 1))];
  if (!number.success) throw new ConfigError(`--chrony: ${chrony} has no usable port`);
  // Another machine's chronyd speaks of another machine's clock.
  if (!isLoopback(host)) throw new ConfigError(`--chrony: ${host} is not this machine`);
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: number.data };
}

function witnessesOf(given: z.infer<typeof flags>): Pick<DockConfig, 'witnesses' | 'quorum' | 'lowerQuorum'> {
  const witnesses = given.witness.map(witnessOf);
  const keys = new Set(witnesses.map(({ vkey }) => vkey.split('+').at(-1)));
  // One key under two names would count twice, and the signed message does not name its signer.
  if (keys.size < witnesses.length) throw new ConfigError('--witness: the same key is given twice');
  if (given.quorum > witnesses.length)
    throw new ConfigError(`--quorum: ${given.quorum} of ${witnesses.length} witnesses can never be reached`);
  return { witnesses, quorum: given.quorum, lowerQuorum: given.lowerQuorum };
}

function witnessOf(given: string): DockConfig['witnesses'][number] {
  const [, vkey = '', url = ''] = /^(.*?)=(https?:.*)$/.exec(given) ?? [];
  if (!URL.canParse(url)) throw new ConfigError(`--witness: ${given} is not VKEY=URL`);
  try {
    parseCosignerVkey(vkey, nodeChecker.sha256);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : 'unusable key';
    throw new ConfigError(`--witness: ${given}: ${problem}`, cause);
  }
  return { vkey, url };
}

function mqttOf(where: string | undefined, version: MqttVersion): DockConfig['mqtt'] {
  if (where === undefined) return undefined;
  if (!where.startsWith('embedded')) return { broker: 'outside', url: where, version };
  const parsed = port.safeParse(where.slice('embedded:'.length) || '0');
  if (!parsed.success) throw new ConfigError(`--mqtt: ${where} has no usable port`);
  return { broker: 'embedded', port: parsed.data };
}

function fileText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${flag}: cannot read ${path}`, cause);
  }
}
