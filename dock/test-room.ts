import { join } from 'node:path';
import type { Logger } from 'pino';
import { said } from './announce.ts';
import type { DockConfig } from './config.ts';
import { converse, type IngestPorts } from './ingest/converse.ts';
import { rememberFrom } from './ingest/remember.ts';
import { type FileKeys, openFileKeys } from './keys/file-keys.ts';
import { openLedger, type OpenLedger } from './ledger/log.ts';
import type { Keys, Link, Stamp } from './ports.ts';
import { openStore, type Store } from './store/store.ts';
import { isTestCamera, markTestData, testPlacesOf } from './keys/test-data.ts';

/** What test cameras share with all others: the machine, and nothing that is written. */
export type SharedPorts = Omit<
  IngestPorts,
  'limits' | 'tell' | 'store' | 'mirror' | 'ledger' | 'keys' | 'doubt' | 'stamper'
>;

export interface TestRoomParts {
  readonly config: Pick<DockConfig, 'data'>;
  readonly shared: SharedPorts;
  readonly stamper: IngestPorts['stamper'];
  /** The dock's own: a camera that it knows is no test camera. */
  readonly keys: Pick<Keys, 'camera'>;
  readonly limitsOf: (link: Link) => IngestPorts['limits'];
  readonly log: Logger;
}

interface Room {
  readonly keys: FileKeys;
  readonly ledger: OpenLedger;
  readonly store: Store;
}

/**
 * The same dock a second time, for test cameras: it takes their recordings into a store and a ledger of their own, signs receipts with keys that
 * only they trust, and tells nobody. Release, retention, scrub and viewer do not have it. It opens when the first of them comes.
 */
export class TestRoom {
  readonly #parts: TestRoomParts;
  #room: Promise<Room> | undefined;

  constructor(parts: TestRoomParts) {
    this.#parts = parts;
  }

  /** Does what comes over this link belong here? Over a serial line nobody has said yet who it is. */
  isFor({ cameraId }: Link): boolean {
    return cameraId !== undefined && isTestCamera(this.#parts.config.data, cameraId);
  }

  /** Resolves when the link has ended. Never throws for what a peer or a disk does. */
  async talk(link: Link): Promise<void> {
    const { shared, stamper, limitsOf, log } = this.#parts;
    try {
      const { keys, store, ledger } = await this.#open();
      await converse(link, {
        ...shared,
        ...{ store, mirror: store, ledger, limits: limitsOf(link) },
        keys: { ...keys, camera: (camera) => this.#camera(keys, camera) },
        // The clock's epoch is in the other ledger.
        stamper: { ...stamper, stamp: (sinceUs) => withoutEpoch(stamper.stamp(sinceUs)) },
        doubt: () => undefined,
        tell: (news) => {
          if (news.news === 'refused') log.warn({ camera: news.cameraId, code: news.code }, 'test.refused');
        },
      });
    } catch (problem) {
      log.error({ problem: said(problem) }, 'test.problem');
      await link.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    const room = await this.#room?.catch(() => undefined);
    for (const part of room === undefined ? [] : [room.ledger, room.store]) await part.close();
  }

  /** One that both know could bring evidence to the wrong one of them, so neither takes it. */
  #camera(keys: Keys, camera: Parameters<Keys['camera']>[0]): Uint8Array | undefined {
    const own = keys.camera(camera);
    if (own === undefined || this.#parts.keys.camera(camera) === undefined) return own;
    this.#parts.log.error({ camera }, 'test.camera-is-enrolled-twice');
    return undefined;
  }

  #open(): Promise<Room> {
    this.#room ??= openRoom(this.#parts).catch((error: unknown) => {
      this.#room = undefined;
      throw error;
    });
    return this.#room;
  }
}

async function openRoom({ config, shared: { clock }, log }: TestRoomParts): Promise<Room> {
  const { dir, keys: keyDir, registry } = testPlacesOf(config.data);
  markTestData(dir);
  const onBadIdentity = (error: Error): void => log.warn({ error: error.message }, 'identity.bad');
  const keys = openFileKeys({ dir: keyDir, registry, onBadIdentity });
  const ledger = await openLedger({
    dir: join(dir, 'ledger'),
    ...keys.ledgerSigner,
    clock,
    cosigners: { witnesses: [], quorum: 0 },
    lowerQuorum: true,
    tell: () => undefined,
  });
  try {
    return { keys, ledger, store: await openStore({ dir, remember: rememberFrom(ledger) }) };
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

/** The dock's own keys, which do not know a camera that is enrolled for tests. */
export function withoutTestCameras(keys: FileKeys, { data }: Pick<DockConfig, 'data'>): FileKeys {
  return { ...keys, camera: (camera) => (isTestCamera(data, camera) ? undefined : keys.camera(camera)) };
}

function withoutEpoch({ epoch: _, ...stamp }: Stamp): Stamp {
  return stamp;
}
