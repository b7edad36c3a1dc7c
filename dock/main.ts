import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino, { type Logger } from 'pino';
import type { RecordingId } from '../proto/ids.ts';
import { said, say, tellLedger, told } from './announce.ts';
import { openAuthzen } from './authzen/policy.ts';
import { SystemClock } from './clock/system.ts';
import { dockCommand } from './commands.ts';
import { ConfigError, type DockConfig, readConfig } from './config.ts';
import { openCameras } from './cameras.ts';
import { Bays } from './ingest/bays.ts';
import { bayName } from './link/serial.ts';
import { rememberFrom } from './ingest/remember.ts';
import { addChecks, openJobs } from './jobs.ts';
import { boundHeap } from './heap.ts';
import { type Keeping, openKeeping } from './keeping.ts';
import { type FileKeys, openFileKeys } from './keys/file-keys.ts';
import { httpCosigner } from './ledger/http-cosigner.ts';
import { openLedger, type OpenLedger } from './ledger/log.ts';
import { readLedger } from './ledger/reader.ts';
import { refuseLostLedger } from './ledger/lost.ts';
import { SealedPackages } from './package/sealed.ts';
import type { Clock, Ledger, Policy } from './ports.ts';
import { openRelease, type Release } from './release/release.ts';
import { openStore, type Store } from './store/store.ts';
import { openRetaining } from './retaining.ts';
import { Stats } from './stats.ts';
import { openTime, ownVersion } from './time.ts';
import { mirrorOf, openUpkeep } from './upkeep.ts';
import { buildViewer } from './viewer/server.ts';

interface RunningDock {
  stop(): Promise<void>;
}

/** What a benchmark may put in the place of a dock's disk. */
type Instead = Pick<Parameters<typeof openStore>[0], 'disk' | 'index'>;

/** `holdfast dock`: runs until SIGTERM or SIGINT; `holdfast dock WORD …` does what the word says. Resolves with the exit code. */
export async function main(argv: readonly string[], instead: Instead = {}): Promise<number> {
  const [word, ...rest] = argv;
  if (word !== undefined && !word.startsWith('-')) return other(word, rest);
  const config = readConfig(argv);
  const log = pino({ name: 'holdfast-dock', level: 'info' }, pino.destination({ dest: 2, sync: true }));
  const dock = await startDock(config, log, instead);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  await dock.stop();
  return 0;
}

async function other(word: string, argv: readonly string[]): Promise<number> {
  const command = await dockCommand(word);
  if (command === undefined) throw new ConfigError(`there is no command "holdfast dock ${word}"`);
  return command.main(argv);
}

/** Opens everything in the order in which one part may rely on the next, and starts taking cameras. */
async function startDock(config: DockConfig, log: Logger, instead: Instead): Promise<RunningDock> {
  const system = new SystemClock();
  const keys = openKeys(config, log);
  const ledger = await openLog(config, keys, { clock: system, log });
  const jobs = openJobs({ clock: system, log });
  const stepped = (): void => jobs.clockWasSet();
  const { clock, stamper, ...time } = await openTime({ system, ledger, config, log, stepped });
  const options = { dir: config.data, remember: rememberFrom(ledger), ...mirrorOf(config, ledger, log) };
  const stats = new Stats(config);
  const store = await openStore({ ...options, ...stats.disk, ...instead });
  tellRecovery(store, log);
  const { url: policyUrl, token } = config.policy;
  const authzen = { url: policyUrl, policyKey: policyKey(config), token, clock, keys };
  const policy = await openAuthzen({ ...authzen, warn: (text) => log.error({ text }, 'policy.key') });
  const gone = (recording: RecordingId): void => void release.gone(recording);
  const custody = { holdings: store, destroyer: store.keeper, ledger, keys, clock };
  const retaining = await openRetaining({ ...custody, config, authzen, gone, jobs, log });
  const notify: Notify = (notice) => told(config, log, notice);
  const { heard } = retaining;
  const release = await openRelease({ policy, holdings: store, ledger, keys, clock, notify, heard });
  retaining.start();
  const bays = new Bays(clock, config.serial.map(bayName));
  const report = (problem: unknown): void => log.error({ problem: said(problem) }, 'keeping.problem');
  const base = { config, ledger, store, keys, clock, bays, log };
  const upkeep = openUpkeep({ ...base, release, jobs });
  const keeping = await openKeeping({ ...base, epoch: time.epoch, retaining, upkeep, jobs, report });
  const { viewer, url } = await openViewer({ ...base, policy, release, keeping });
  const cameras = await openCameras({ ...base, stamper, release, keeping, upkeep });
  const look = async (): Promise<string> => {
    const [missing] = await Promise.all([keeping.count(), release.sweep()]);
    return `asked about what is withheld; ${missing} missing`;
  };
  jobs.add({ name: 'release', schedule: config.jobs.release, run: look });
  addChecks(jobs, { config, ledger, time, clock });
  stats.begin({ ...cameras.memory, store, clock });
  boundHeap();
  say(config, { event: 'listening', url, mqtt: cameras.mqtt });
  return {
    stop: async () => {
      const idle = jobs.close();
      await cameras.close();
      await Promise.all([keeping.close(), upkeep.close(), retaining.close()]);
      for (const part of [time, stats]) part.close();
      for (const part of [viewer, release, policy]) await part.close();
      // What a job still does needs both.
      await idle;
      for (const part of [ledger, store]) await part.close();
    },
  };
}

type Viewer = Awaited<ReturnType<typeof buildViewer>>;
type Notify = Parameters<typeof openRelease>[0]['notify'];

interface ViewerParts {
  readonly config: DockConfig;
  readonly policy: Policy;
  readonly release: Release;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly keys: FileKeys;
  readonly clock: Clock;
  readonly bays: Bays;
  readonly keeping: Keeping;
  readonly log: Logger;
}

async function openViewer(parts: ViewerParts): Promise<{ readonly viewer: Viewer; readonly url: string }> {
  const { config, policy, release, store, ledger, keys, clock, bays, keeping, log } = parts;
  const witnesses = config.witnesses.map(({ vkey }) => vkey);
  const ledgerDir = join(config.data, 'ledger');
  const viewer = await buildViewer(
    {
      released: release,
      leaving: release.leaving,
      packages: new SealedPackages({
        store: join(config.data, 'recordings'),
        readLedger: () => readLedger({ dir: ledgerDir, vkey: keys.identity.ledger }),
        witnesses,
        dock: { identity: keys.identity, sign: (message) => keys.sign(message) },
        clock,
      }),
      policy,
      holdings: store,
      ledger,
      keys,
      clock,
      bays: () => bays.standings(),
      missing: () => keeping.missing(),
      onProblem: (problem) => log.error({ problem: said(problem) }, 'viewer.problem'),
    },
    {
      version: ownVersion(),
      policyUrl: config.policy.url,
      pageDir: fileURLToPath(new URL('../page', import.meta.url)),
      ledgerDir,
      witnesses,
      pageOrigin: config.pageOrigin,
    },
  );
  return { viewer, url: await viewer.listen({ host: config.host, port: config.httpPort }) };
}

function openKeys({ keys: dir, registry }: DockConfig, log: Logger): FileKeys {
  const onBadIdentity = (error: Error): void => log.warn({ error: error.message }, 'identity.bad');
  return openFileKeys({ dir, registry, onBadIdentity });
}

async function openLog(
  config: DockConfig,
  { ledgerSigner }: FileKeys,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<OpenLedger> {
  await refuseLostLedger(config.data);
  return openLedger({
    dir: join(config.data, 'ledger'),
    ...ledgerSigner,
    clock,
    cosigners: {
      witnesses: config.witnesses.map((witness) => httpCosigner(witness, clock)),
      quorum: config.quorum,
    },
    // The digest of its settings is in the log at each start, so that it now asks for less does not go unseen.
    lowerQuorum: config.lowerQuorum,
    tell: (news) => tellLedger(config, log, news),
  });
}

function tellRecovery(store: Store, log: Logger): void {
  const { damage, ...recovered } = store.recovered;
  log.info({ recovered }, 'store.opened');
  for (const damaged of damage) log.error({ damaged }, 'store.damaged');
}

function policyKey(config: DockConfig): unknown {
  try {
    return JSON.parse(config.policy.jwk);
  } catch (cause) {
    throw new ConfigError('--policy-key: the file is not JSON', cause);
  }
}
