import type { Logger } from 'pino';
import { ByteBudget } from '../proto/budget.ts';
import {
  INBOXES_BYTES_MAX,
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_PDU_BYTES_MAX,
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_PDU_BYTES_MAX,
} from '../proto/limits.ts';
import type { Limits } from '../proto/messages.ts';
import { announcer, say } from './announce.ts';
import type { DockConfig } from './config.ts';
import type { Bays } from './ingest/bays.ts';
import { converse, type IngestPorts, type SettledNews } from './ingest/converse.ts';
import { Parking } from './ingest/parking.ts';
import type { SeatPorts } from './ingest/seat.ts';
import { Staging } from './ingest/staging.ts';
import type { IngestNews } from './ingest/state.ts';
import type { Keeping } from './keeping.ts';
import type { FileKeys } from './keys/file-keys.ts';
import { nodeChecker } from './ledger/checker.ts';
import { nativeCrc32c } from './link/crc32c.ts';
import { Slots } from './link/slots.ts';
import { openBroker, openSources, openTestSources, takeCameras } from './links.ts';
import type { Clock, HoldingKey, Ledger, Link, Stamper } from './ports.ts';
import type { Release } from './release/release.ts';
import type { Store } from './store/store.ts';
import { TestRoom, withoutTestCameras } from './test-room.ts';
import type { Upkeep } from './upkeep.ts';

export interface CamerasParts {
  readonly config: DockConfig;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly keys: FileKeys;
  readonly clock: Clock;
  readonly stamper: Stamper;
  readonly bays: Bays;
  readonly release: Pick<Release, 'held'>;
  readonly keeping: Pick<Keeping, 'sighted' | 'look'>;
  readonly upkeep: Pick<Upkeep, 'arrived' | 'doubt'>;
  readonly log: Logger;
}

/** Every way in, open. */
export interface Cameras {
  /** Address of the broker, of this process or outside; null without one. */
  readonly mqtt: string | null;
  /** What waits in it. */
  readonly memory: { readonly staging: Staging; readonly budget: ByteBudget };
  /** Takes nobody any more; resolves when every conversation has ended. */
  close(): Promise<void>;
}

// Part of what the runtime may take besides the staging memory.
const SLOTS_BYTES_MAX = 32 * 1024 * 1024;

/** Opens bays and broker, and takes cameras in: those that are enrolled for tests in a room of their own, all others for evidence. */
export async function openCameras(parts: CamerasParts): Promise<Cameras> {
  const { config, store, ledger, keys, clock, stamper, upkeep, log } = parts;
  const budget = new ByteBudget(INBOXES_BYTES_MAX);
  const slots = new Slots(Math.min(config.stagingBytes, SLOTS_BYTES_MAX));
  const broker = await openBroker(config, { budget, slots, clock });
  const sources = openSources(config, { broker, budget, clock, dockId: keys.dockId, log });
  const testSources = openTestSources(config, { budget, clock, log });
  const memory = openMemory(config, clock);
  const shared = {
    ...{ checker: nodeChecker, sum: nativeCrc32c, clock, ...memory },
    spent: (bytes: Uint8Array) => slots.give(bytes),
    nextStream: streamNumbers(keys.randomBytes(2)),
  };
  const testRoom = new TestRoom({ config, shared, stamper, keys, limitsOf, log });
  const ingest = {
    ...{ ...shared, store, mirror: store, ledger, stamper },
    keys: withoutTestCameras(keys, config),
    doubt: (key: HoldingKey) => upkeep.doubt(key),
  };
  const evidence = { ...parts, ingest, announced: announcer(config, log, clock) };
  const conversations = Promise.all([
    takeCameras(sources, (link) => (testRoom.isFor(link) ? testRoom.talk(link) : talk(link, evidence))),
    takeCameras(testSources, (link) => testRoom.talk(link)),
  ]);
  return {
    mqtt: broker?.url ?? (config.mqtt?.broker === 'outside' ? config.mqtt.url : null),
    memory: { staging: memory.staging, budget },
    close: async () => {
      await Promise.all([...sources, ...testSources].map((source) => source.close()));
      await broker?.close();
      await conversations;
      memory.parking.close();
      await testRoom.close();
    },
  };
}

/** One for all cameras: what a camera may send is what there is room for here. */
function openMemory({ stagingBytes }: DockConfig, clock: Clock): SeatPorts {
  const staging = new Staging(stagingBytes);
  return { staging, parking: new Parking(staging, clock) };
}

interface Talk extends CamerasParts {
  readonly ingest: Omit<IngestPorts, 'limits' | 'tell'>;
  readonly announced: ReturnType<typeof announcer>;
}

async function talk(
  link: Link,
  { ingest, bays, release, keeping, upkeep, announced, config, log }: Talk,
): Promise<void> {
  bays.opened(link);
  const tell = (news: IngestNews | SettledNews): void => {
    bays.heard(link, news);
    announced(news);
    if (news.news === 'docked' || news.news === 'left') keeping.sighted(news.cameraId);
    if (news.news !== 'settled' || news.settled.outcome !== 'accepted') return;
    void release.held(news.recordingId);
    upkeep.arrived(news.recordingId);
  };
  const why = await converse(link, { ...ingest, limits: limitsOf(link), tell });
  bays.ended(link);
  keeping.look();
  say(config, { event: 'link-ended', link: link.name, why });
  log.info({ link: link.name, why }, 'link.ended');
}

function limitsOf(link: Link): Limits {
  const isSerial = link.transport === 'serial';
  return {
    pduBytesMax: isSerial ? SERIAL_PDU_BYTES_MAX : MQTT_PDU_BYTES_MAX,
    fragmentBytesMax: Math.min(
      link.fragmentBytesMax,
      isSerial ? SERIAL_FRAGMENT_BYTES_MAX : MQTT_FRAGMENT_BYTES_MAX,
    ),
    streamsMax: 1,
  };
}

/** Never the same number twice in one process, and a random start in each, so that a late Data finds no stream of that number. */
function streamNumbers([high = 0, low = 0]: Uint8Array): () => number {
  let last = high * 256 + low;
  return () => {
    last += 1;
    return last;
  };
}
