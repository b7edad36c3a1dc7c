import { openBattery, type ModelBattery } from '../../../../device/battery/battery.ts';
import { createCamera } from '../../../../device/capture/camera.ts';
import type { Optics } from '../../../../device/capture/optics.ts';
import { Body } from '../../../../device/firmware/body.ts';
import type { BodyNews } from '../../../../device/firmware/body-ports.ts';
import { Desk } from '../../../../device/firmware/desk.ts';
import type { FirmwareSetting } from '../../../../device/firmware/state.ts';
import { type ChipOptions, openChip } from '../../../../device/flash/chip.ts';
import { type FileFlash, openFlash } from '../../../../device/flash/file-flash.ts';
import { checker } from '../../../../device/keys/checker.ts';
import { LinkError } from '../../../../proto/errors.ts';
import { type Manifest, openManifest } from '../../../../proto/manifest.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryTickets } from '../../../../sim/fault/memory-tickets.ts';
import { chanceOptics } from '../../../../sim/world/optics.ts';
import { BOOT_ID, SMALL, type TestKeys, testKeys } from '../camera-kit.ts';

/** How much a body sees that is shown chance. */
export const BODY_FOOTAGE = { gopMs: 1000, gopBytesMax: 400, chunkBytesMax: 300 };
// Work that is under way has gone on as far as it can without time going on.
const TURNS = 40;

/** A whole camera on a disk in memory, in a yard without a dock, with a clock that a test moves. */
export interface BodyRig {
  readonly body: Body;
  readonly desk: Desk;
  readonly battery: ModelBattery;
  readonly clock: ManualClock;
  readonly disk: FaultDisk;
  readonly flash: FileFlash;
  readonly keys: TestKeys;
  readonly news: BodyNews[];
  /** What it is told to do and what comes of it; time stands still. */
  readonly tell: (line: string) => Promise<string>;
  /** Time goes on, second by second. */
  readonly pass: (seconds: number) => Promise<void>;
  /** Every closed recording, oldest first. */
  readonly manifests: () => Promise<readonly Manifest[]>;
}

export interface BodyWorld {
  readonly setting?: Partial<FirmwareSetting>;
  readonly preEventMs?: number;
  readonly capacityBytes?: number;
  readonly disk?: FaultDisk;
  readonly keys?: TestKeys;
  readonly scarceBytes?: number;
  readonly chip?: Omit<ChipOptions, 'clock'>;
  /** Path of a film that it records in place of what it sees. */
  readonly film?: string;
  /** What it sees; chance when absent. */
  readonly optics?: Optics;
}

export async function bodyRig(world: BodyWorld = {}): Promise<BodyRig> {
  const {
    disk = new FaultDisk({ seed: 'body' }),
    keys = testKeys(),
    capacityBytes = 4e9,
    preEventMs = 0,
  } = world;
  const clock = new ManualClock();
  const chip = world.chip && (await openChip(disk.mount(), '/camera', { ...world.chip, clock }));
  const mount = chip ?? disk.mount();
  const flash = await openFlash('/camera', {
    disk: mount,
    reserveBytes: 60_000,
    capacityBytes,
  });
  const battery = openBattery(clock, { percent: 80 });
  const news: BodyNews[] = [];
  const body = new Body({
    setting: {
      ...{ postEventMs: 0, recordingMsMax: 4 * 3_600_000, whenFull: 'stop', tag: '' },
      ...{ isFilm: world.film !== undefined, ...world.setting },
    },
    officer: '4411',
    camera: createCamera({
      ...{ flash, clock, keys, preEventMs, bootId: BOOT_ID, footage: SMALL },
      ...{ officerId: '', incidentTag: '', ticket: () => undefined },
      ...(world.film === undefined ? {} : { film: world.film }),
      optics: world.optics ?? chanceOptics(BODY_FOOTAGE, new Chance('light'), () => () => undefined),
    }),
    ...{ clock, battery, vault: flash },
    memory: {
      interrupted: async () => (await flash.interrupted()).length,
      freeBytes: () => flash.freeBytes(),
      isReadOnly: () => chip?.health.isReadOnly ?? false,
      scarceBytes: world.scarceBytes ?? 0,
    },
    cradle: {
      open: () => Promise.reject(LinkError.gone('the bay')),
      tickets: new MemoryTickets(),
      context: () => {
        throw new TypeError('there is no link to talk over');
      },
    },
    tell: (one) => news.push(one),
    cut: () => disk.cutPower(),
  });
  const desk = new Desk({
    ...{ body, battery, memory: flash, issuedTo: '4411', tag: '' },
    clock: { step: (byUs) => clock.step(byUs), reset: () => clock.step(-clock.wallUs()) },
  });
  return {
    ...{ body, desk, battery, clock, disk, flash, keys, news },
    tell: async (line) => {
      const answered = desk.answer(line);
      await settle();
      const reply = await answered;
      return 'why' in reply ? `${reply.came}: ${reply.why}` : reply.came;
    },
    pass: async (seconds) => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000);
        await settle();
      }
    },
    manifests: async () =>
      (await flash.waiting())
        .map(({ signedManifest }) => openManifest(signedManifest, keys.publicKey, checker))
        .toSorted((one, other) => one.counter - other.counter),
  };
}

export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
