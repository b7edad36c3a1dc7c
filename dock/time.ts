import { existsSync, readFileSync } from 'node:fs';
import { askChrony } from './clock/chrony.ts';
import { EpochClock } from './clock/epoch.ts';
import { makeStamper } from './clock/stamper.ts';
import { TimeSync } from './clock/time-sync.ts';
import type { DockConfig } from './config.ts';
import { openChronicle } from './keep/chronicle.ts';
import { FieldError } from '../proto/errors.ts';
import type { Clock, Ledger, Stamper } from './ports.ts';
import { settingsDigest } from './settings.ts';

/** The part of a logger that is used here. */
interface Log {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

/** CLOCK_DOUBT: chronyd was asked to vouch for this machine's clock and does not. */
export class TimeError extends FieldError<'CLOCK_DOUBT'> {}

/** How a dock tells the time, from one start to its stop. */
export interface Time {
  /** Of the epoch that began with this start, watched for jumps. */
  readonly clock: Clock;
  readonly stamper: Stamper;
  /** The epoch of the clock at this moment. */
  epoch(this: void): number;
  /**
   * Looks at the clock now: has it jumped, is its epoch on record, and does chronyd vouch for it? Resolves to that in words. Throws
   * TimeError when stamps cannot claim UTC, or no stamp can be kept as the ledger lacks the epoch; LedgerError why it does.
   */
  check(this: void): Promise<string>;
  /** Before the ledger is closed. */
  close(): void;
}

/** Begins the next epoch in the ledger and starts to watch the system's clock. Throws LedgerError when the ledger cannot be read. */
export async function openTime(from: {
  readonly system: Clock;
  readonly ledger: Ledger;
  readonly config: DockConfig;
  readonly log: Log;
  /** Told of each jump of the clock once it is on its way to the ledger. Must not throw. */
  readonly stepped?: () => void;
}): Promise<Time> {
  const { system, ledger, config, log } = from;
  const chronicle = await openChronicle({
    ledger,
    clock: system,
    version: ownVersion(),
    config: settingsDigest(config),
    tell: (problem) => log.error({ problem: String(problem) }, 'chronicle.waits'),
  });
  const clock = new EpochClock({
    clock: system,
    epoch: chronicle.epoch,
    onStep: (step) => {
      chronicle.stepped(step);
      log.warn({ step }, 'clock.stepped');
      from.stepped?.();
    },
  });
  const stopWatch = clock.watch();
  const sync = config.timeSync === 'chrony' ? askingChrony(clock, from) : undefined;
  const recorded = (): Promise<void> => chronicle.recorded();
  return {
    clock,
    epoch: () => clock.read().epoch,
    stamper: makeStamper({ clock, recorded, ...(sync === undefined ? {} : { sync }) }),
    check: () => checkTime({ clock, recorded, sync }),
    close: () => {
      stopWatch();
      sync?.close();
      chronicle.close();
    },
  };
}

async function checkTime(of: {
  readonly clock: EpochClock;
  readonly recorded: () => Promise<void>;
  readonly sync: TimeSync | undefined;
}): Promise<string> {
  const { clock, recorded, sync } = of;
  const doubt = await sync?.check();
  const now = clock.read();
  await recorded();
  if (doubt !== undefined) throw new TimeError('CLOCK_DOUBT', doubt, { retry: 'later' });
  const boundUs = sync?.boundUs(now);
  return `epoch ${now.epoch}, ${boundUs === undefined ? 'no claim about UTC' : `UTC within ${boundUs} us`}`;
}

function askingChrony(
  clock: EpochClock,
  { config, log }: { readonly config: DockConfig; readonly log: Log },
): TimeSync {
  return new TimeSync({
    clock,
    ask: (signal) => askChrony(config.chrony, signal),
    tell: (news) => (news.basis === 'utc' ? log.info(news, 'time.utc') : log.warn(news, 'time.local')),
  });
}

/** The version in package.json, one folder up from the sources and two from the build. */
export function ownVersion(): string {
  const path = ['../package.json', '../../package.json']
    .map((relative) => new URL(relative, import.meta.url))
    .find((url) => existsSync(url));
  if (path === undefined) return 'unknown';
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
  return version;
}
