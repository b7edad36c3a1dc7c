import type { Logger } from 'pino';
import type { ByteBudget } from '../proto/budget.ts';
import type { DockConfig } from './config.ts';
import { type Broker, startBroker } from './link/broker.ts';
import { mqttLinks } from './link/mqtt.ts';
import type { Slots } from './link/slots.ts';
import { type BayOptions, serialBays } from './link/serial.ts';
import type { Clock, Link, LinkSource } from './ports.ts';

/** The broker in this process, when the configuration asks for one. */
export async function openBroker(
  { mqtt, site }: DockConfig,
  shared: { readonly budget: ByteBudget; readonly slots: Slots; readonly clock: Clock },
): Promise<Broker | undefined> {
  if (mqtt?.broker !== 'embedded') return undefined;
  return startBroker({ host: '127.0.0.1', port: mqtt.port, site, ...shared });
}

function lineOf({ baud, baudMax, rtsCts }: DockConfig): Pick<BayOptions, 'baudRate' | 'baudMax' | 'rtsCts'> {
  return { baudRate: baud, baudMax, rtsCts };
}

/** Everywhere that cameras may come from. */
export function openSources(
  config: DockConfig,
  from: { broker: Broker | undefined; budget: ByteBudget; clock: Clock; dockId: string; log: Logger },
): readonly LinkSource[] {
  const tell = (text: string): void => from.log.info({ text }, 'link.changed');
  const sources: LinkSource[] = [];
  if (config.serial.length > 0)
    sources.push(
      serialBays(config.serial, { ...lineOf(config), clock: from.clock, budget: from.budget, tell }),
    );
  if (from.broker !== undefined) sources.push(from.broker.source);
  if (config.mqtt?.broker === 'outside') {
    sources.push(
      mqttLinks({
        url: config.mqtt.url,
        site: config.site,
        clientId: `holdfast-dock-${from.dockId}`,
        version: config.mqtt.version,
        budget: from.budget,
        clock: from.clock,
        tell,
      }),
    );
  }
  return sources;
}

/** The bays of test cameras alone. */
export function openTestSources(
  config: DockConfig,
  from: { budget: ByteBudget; clock: Clock; log: Logger },
): readonly LinkSource[] {
  const { testSerial } = config;
  if (testSerial.length === 0) return [];
  const tell = (text: string): void => from.log.info({ text }, 'link.changed');
  return [serialBays(testSerial, { ...lineOf(config), clock: from.clock, budget: from.budget, tell })];
}

/** Talks on every link that comes up; resolves when all sources have ended and every conversation with them. */
export async function takeCameras(
  sources: readonly LinkSource[],
  talkOn: (link: Link) => Promise<void>,
): Promise<void> {
  await Promise.all(
    sources.map(async (source) => {
      const talks = new Set<Promise<void>>();
      for await (const link of source.links()) {
        const talk = talkOn(link).finally(() => talks.delete(talk));
        talks.add(talk);
      }
      await Promise.all(talks);
    }),
  );
}
