import { EpochClock } from '../../dock/clock/epoch.ts';
import { makeStamper } from '../../dock/clock/stamper.ts';
import { TimeSync } from '../../dock/clock/time-sync.ts';
import { converse, type IngestPorts, type SettledNews } from '../../dock/ingest/converse.ts';
import { Parking } from '../../dock/ingest/parking.ts';
import { rememberFrom } from '../../dock/ingest/remember.ts';
import { Staging } from '../../dock/ingest/staging.ts';
import type { IngestNews } from '../../dock/ingest/state.ts';
import { openChronicle } from '../../dock/keep/chronicle.ts';
import { Pace } from '../../dock/keep/pace.ts';
import { Scrub } from '../../dock/keep/scrub.ts';
import { openLedger, type OpenLedger } from '../../dock/ledger/log.ts';
import type { LedgerMachine } from '../../dock/ledger/machine.ts';
import type { LogIdentity } from '../../dock/ledger/published.ts';
import type {
  Clock,
  HoldingKey,
  Keys,
  Ledger,
  Link,
  Policy,
  Rehashed,
  Stamp,
  Stamper,
} from '../../dock/ports.ts';
import { openRelease, type Release } from '../../dock/release/release.ts';
import { StoreError } from '../../dock/store/errors.ts';
import type { Wound } from '../../dock/store/examine.ts';
import type { HoldingIndex } from '../../dock/store/holding-index.ts';
import { openStore, type Store } from '../../dock/store/store.ts';
import { toHex } from '../../proto/bytes.ts';
import { FieldError } from '../../proto/errors.ts';
import {
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_PDU_BYTES_MAX,
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_PDU_BYTES_MAX,
} from '../../proto/limits.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Limits } from '../../proto/messages.ts';
import type { Mount } from '../fault/disk.ts';
import type { MachineClock } from './machine-clock.ts';
import { ownSignatures } from './own-signatures.ts';
import { watchLedger } from './watched-ledger.ts';
import type { TimeDaemon } from './time-daemon.ts';

/** Where a dock keeps everything, and where its second disk is. */
export const DOCK_FOLDER = '/dock';
export const MIRROR_FOLDER = '/mirror';

const VERSION = 'world';
const CONFIG = '0'.repeat(64);
const STAGING_BYTES = 16 * 1024 * 1024;

/** What one life of a dock starts from. */
export interface DockLifeParts {
  readonly clock: MachineClock;
  /** What disciplines its clock; without one no stamp claims UTC. */
  readonly daemon?: TimeDaemon;
  readonly mount: Mount;
  readonly mirror?: Mount;
  readonly index: HoldingIndex;
  readonly machine: LedgerMachine;
  readonly log: LogIdentity;
  readonly keys: Keys;
  /** The line to the policy service. */
  readonly connect: (caller: { readonly clock: Clock; readonly keys: Keys }) => Policy;
  readonly heard: DockListener;
}

/** Somebody beside the machine, who hears what it says; nothing is told of a life that is over. */
export interface DockListener {
  checkpoint(note: string): void;
  settled(news: SettledNews): void;
  /** The store begins to read this recording back; the answer is called when it found all of it good, or forgot what is not. */
  readingBack(key: HoldingKey): () => void;
  /** The dock has noticed that its clock was set. */
  stepped(): void;
  /** The store is given a chunk with this stamp. */
  storing(recordingId: RecordingId, index: number, stamp: Stamp): void;
  /** The store took a chunk from whoever has an older lease of the recording than somebody else. */
  overtaken(recordingId: RecordingId, index: number): void;
  /** The store gave a session a lease of the recording that is no newer than one that it gave before. */
  leasedTwice(recordingId: RecordingId, leaseEpoch: number): void;
  /** The dock's clock gave this stamp, now, for what has been here since its monotonic clock said `sinceUs`. */
  stamped(stamp: Stamp, sinceUs: number): void;
  /** The program ended by itself. */
  died(error: unknown): void;
}

/** What people at the counter of a dock have to do with. */
export interface DockCounter {
  readonly released: Release;
  readonly policy: Policy;
  readonly ledger: Ledger;
  /** Entries in the checkpoint that its log shows at this moment. */
  published(): number;
}

/** What is open in a life of a dock. */
export interface OpenedDock {
  readonly ledger: OpenLedger;
  readonly store: Store;
  readonly scrub: Scrub<Wound>;
  readonly counter: DockCounter;
  readonly ingest: Omit<IngestPorts, 'limits' | 'tell'>;
}

/** What is open before anything else can be. */
interface Begun {
  readonly ledger: OpenLedger;
  readonly watched: Ledger;
  readonly store: Store;
  readonly time: Pick<IngestPorts, 'stamper'> & { readonly clock: EpochClock };
}

/** A dock's program between its start and its end, wired as `dock/main.ts` wires it: all of it is the product's, but what it stands on. */
export class DockLife {
  readonly #parts: DockLifeParts;
  #opened: OpenedDock | undefined;
  #isOver = false;
  #end: () => void = () => undefined;
  readonly #ended: Promise<void>;
  readonly #links = new Set<Link>();
  #receiving = 0;
  #settling = 0;
  #published = 0;

  constructor(parts: DockLifeParts) {
    this.#parts = parts;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get clock(): MachineClock {
    return this.#parts.clock;
  }

  get isReady(): boolean {
    return this.#opened !== undefined && !this.#isOver;
  }

  get opened(): OpenedDock | undefined {
    return this.#isOver ? undefined : this.#opened;
  }

  get doing(): string {
    if (!this.isReady) return 'booting';
    if (this.#settling > 0) return 'settling';
    return this.#receiving > 0 ? 'receiving' : 'idle';
  }

  /** Resolves when it serves, or when it is over before that. */
  async boot(): Promise<void> {
    await Promise.race([this.#attempt(() => this.#boot()), this.#ended]);
  }

  /** The end of it, in the middle of whatever it did. */
  over(): void {
    this.#isOver = true;
    this.#parts.clock.off();
    this.#end();
  }

  /** Its links end, as they do when a program dies and its machine goes on. */
  hangUp(): void {
    for (const link of this.#links) void link.close().catch(() => undefined);
  }

  /** Talks with a camera until the link ends; says why. */
  async serve(link: Link): Promise<string> {
    const opened = this.opened;
    if (opened === undefined) return 'the dock is not ready';
    const taking = { is: false };
    this.#links.add(link);
    const tell = (news: IngestNews | SettledNews): void => this.#heard(news, taking);
    const conversation = converse(link, { ...opened.ingest, limits: limitsOf(link), tell });
    const why = await conversation.catch((error: unknown) => this.#died(error));
    this.#links.delete(link);
    this.#taking(taking, false);
    return why ?? 'the dock died';
  }

  /** One pass over everything that it holds. */
  scrub(): void {
    const scrub = this.opened?.scrub;
    if (scrub !== undefined) void this.#attempt(async () => void (await scrub.ask()));
  }

  async #boot(): Promise<void> {
    const { clock, mount, machine, log, heard, index, mirror } = this.#parts;
    const dir = `${DOCK_FOLDER}/ledger`;
    const ledger = await openLedger({ dir, ...log, clock, machine });
    const watched = watchLedger(ledger, (note) => this.#alive(() => this.#seen(note, heard)));
    const time = await this.#openTime(watched);
    const { origin } = ledger;
    // A mount point is there before anything is mounted.
    await mirror?.makeFolder(MIRROR_FOLDER);
    await mirror?.syncFolder('/');
    const second = mirror && { mirror: { dir: MIRROR_FOLDER, origin, disk: mirror, tell: () => undefined } };
    const remember = rememberFrom(watched);
    const store = await openStore({ dir: DOCK_FOLDER, disk: mount, index, remember, ...second });
    this.#opened = await this.#open({ ledger, watched, store, time });
  }

  /** As `dock/time.ts` does, with a daemon of this world's. */
  async #openTime(ledger: Ledger): Promise<Begun['time']> {
    const { clock: system, daemon } = this.#parts;
    const tell = (): void => undefined;
    const chronicle = await openChronicle({ ledger, clock: system, version: VERSION, config: CONFIG, tell });
    const clock = new EpochClock({
      clock: system,
      epoch: chronicle.epoch,
      onStep: (step) => {
        this.#alive(() => this.#parts.heard.stepped());
        chronicle.stepped(step);
      },
    });
    clock.watch();
    const ask = async (): Promise<ReturnType<TimeDaemon['tracking']>> => {
      if (daemon === undefined) throw new Error('no daemon runs');
      return daemon.tracking();
    };
    const sync = daemon === undefined ? {} : { sync: new TimeSync({ clock, ask, tell }) };
    const stamper = makeStamper({ clock, recorded: () => chronicle.recorded(), ...sync });
    const stamp: Stamper['stamp'] = (sinceUs) => {
      const given = stamper.stamp(sinceUs);
      this.#alive(() => this.#parts.heard.stamped(given, sinceUs));
      return given;
    };
    return { clock, stamper: { stamp, recorded: () => stamper.recorded() } };
  }

  async #open(from: Begun): Promise<OpenedDock> {
    const { ledger, watched, store, time } = from;
    const { keys, connect } = this.#parts;
    const { clock, stamper } = time;
    const policy = connect({ clock, keys });
    const custody = { holdings: store, ledger: watched, keys, clock };
    const released = await openRelease({ policy, ...custody, notify: () => undefined });
    const staging = new Staging(STAGING_BYTES);
    const memory = { staging, parking: new Parking(staging, clock) };
    const parts = { store: this.#watchedStore(store), mirror: store, ledger: watched, keys, clock, stamper };
    const published = (): number => this.#published;
    const scrub = this.#openScrub(from, released);
    const doubt = ({ recordingId, manifestSha256 }: HoldingKey): void =>
      scrub.soon({ recordingId, manifestSha256 });
    return {
      ...{ ledger, store, scrub },
      counter: { released, policy, ledger: watched, published },
      ingest: { ...parts, checker: ownSignatures, nextStream: streamNumbers(keys), doubt, ...memory },
    };
  }

  #openScrub({ watched, store, time }: Begun, release: Release): Scrub<Wound> {
    const { clock } = time;
    const pace = new Pace({ clock, bytesPerS: Number.POSITIVE_INFINITY, isBusy: () => false });
    const scrub = new Scrub<Wound>({
      ...{ upkeep: store.keeper, ledger: watched, clock, pace, passes: false },
      tell: (news) => {
        if (news.news === 'withdrawn') void release.gone(news.recordingId);
        if (news.news === 'restored') void release.held(news.recordingId);
      },
    });
    for (const { recordingId, manifestSha256 } of store.recovered.damage)
      scrub.soon({ recordingId, manifestSha256 });
    scrub.start();
    return scrub;
  }

  #watchedStore(store: Store): IngestPorts['store'] {
    const newest = new Map<string, number>();
    return {
      lease: async (offer) => {
        const holding = await store.lease(offer);
        const { recordingId, leaseEpoch } = holding;
        if (leaseEpoch <= (newest.get(nameOf(holding)) ?? 0))
          this.#alive(() => this.#parts.heard.leasedTwice(recordingId, leaseEpoch));
        newest.set(nameOf(holding), leaseEpoch);
        return holding;
      },
      putManifest: (key, signed, wraps) => store.putManifest(key, signed, wraps),
      putChunk: async (...chunk) => {
        const [key, index, , , stamp] = chunk;
        const { recordingId, leaseEpoch = Number.POSITIVE_INFINITY } = key;
        const isStale = leaseEpoch < (newest.get(nameOf(key)) ?? 0);
        this.#alive(() => this.#parts.heard.storing(recordingId, index, stamp));
        await store.putChunk(...chunk);
        if (isStale) this.#alive(() => this.#parts.heard.overtaken(recordingId, index));
      },
      hasSealed: (camera, before) => store.hasSealed(camera, before),
      settle: (key, outcome) => store.settle(key, outcome),
      rehash: (key) => this.#rehash(store, key),
    };
  }

  async #rehash(store: Store, key: HoldingKey): Promise<Rehashed> {
    const isKnown = this.#isOver ? (): void => undefined : this.#parts.heard.readingBack(key);
    this.#settling += 1;
    try {
      const found = await store.rehash(key);
      this.#alive(isKnown);
      return found;
    } catch (error) {
      // Before custody what rotted is forgotten, and comes again: all from the bad chunk on. A bad manifest ends the reading before the chunks.
      const isRot = error instanceof StoreError && error.code === 'STORE_ROT' && error.retry === 'later';
      if (isRot && error.facts['chunk'] !== undefined) this.#alive(isKnown);
      throw error;
    } finally {
      this.#settling -= 1;
    }
  }

  #heard(news: IngestNews | SettledNews, taking: { is: boolean }): void {
    this.#alive(() => {
      if (news.news === 'taking') this.#taking(taking, true);
      if (news.news === 'left' || news.news === 'aborted') this.#taking(taking, false);
      if (news.news !== 'settled') return;
      this.#taking(taking, false);
      this.#parts.heard.settled(news);
      if (news.settled.outcome === 'accepted') this.#arrived(news.recordingId);
    });
  }

  #arrived(recordingId: RecordingId): void {
    const { opened } = this;
    if (opened === undefined) return;
    const { store, scrub, counter } = opened;
    void counter.released.held(recordingId);
    void this.#attempt(async () => {
      const holding = await store.find(recordingId);
      if (holding !== undefined) await scrub.arrived(holding);
    });
  }

  #taking(taking: { is: boolean }, is: boolean): void {
    if (taking.is === is) return;
    taking.is = is;
    this.#receiving += is ? 1 : -1;
  }

  #seen(note: string, heard: DockListener): void {
    const [, size = '0'] = note.split('\n');
    this.#published = Math.max(this.#published, Number(size));
    heard.checkpoint(note);
  }

  #alive(tell: () => void): void {
    if (!this.#isOver) tell();
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => this.#died(error));
  }

  #died(error: unknown): undefined {
    this.#alive(() => this.#parts.heard.died(error));
  }
}

function nameOf({ recordingId, manifestSha256 }: HoldingKey): string {
  return `${recordingId}/${toHex(manifestSha256)}`;
}

/** A bug is none that a dock in the field may have; everything else it says itself. */
export function isBug(error: unknown): boolean {
  return !(error instanceof FieldError);
}

/** As the daemon promises them. */
function limitsOf({ transport, fragmentBytesMax }: Link): Limits {
  const [pduBytesMax, mostBytes] =
    transport === 'serial'
      ? [SERIAL_PDU_BYTES_MAX, SERIAL_FRAGMENT_BYTES_MAX]
      : [MQTT_PDU_BYTES_MAX, MQTT_FRAGMENT_BYTES_MAX];
  return { pduBytesMax, fragmentBytesMax: Math.min(fragmentBytesMax, mostBytes), streamsMax: 1 };
}

function streamNumbers(keys: Pick<Keys, 'randomBytes'>): () => number {
  const [high = 0, low = 0] = keys.randomBytes(2);
  let last = high * 256 + low;
  return () => (last += 1);
}
