import { type Camera, createCamera } from '../../device/capture/camera.ts';
import { checker } from '../../device/keys/checker.ts';
import { type FileFlash, openFlash } from '../../device/flash/file-flash.ts';
import { openTickets } from '../../device/flash/tickets.ts';
import type { Flash, Keys, Link, Vault } from '../../device/ports.ts';
import { ownHead } from '../../device/seal/own-head.ts';
import { Cradle, type CradleNews } from '../../device/upload/cradle.ts';
import { FieldError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { WearyDisk } from '../fault/weary-disk.ts';
import type { MachineClock } from './machine-clock.ts';
import { chanceOptics, type FootageSize } from './optics.ts';
import type { Chance } from '../fault/chance.ts';
import { ownSignatures } from './own-signatures.ts';
import type { Scene } from './scene.ts';
import { watchFlash } from './watched-flash.ts';

const FOLDER = '/flash';
const BOOT_ID_BYTES = 16;
// As much as a manifest of the few chunks here and a receipt need, and what a file costs besides.
const RESERVE_BYTES = 24 * 1024;

/** What one life of a camera starts from. */
export interface LifeParts {
  readonly scene: Scene;
  readonly clock: MachineClock;
  readonly disk: WearyDisk;
  readonly keys: Keys;
  readonly chance: Chance;
  readonly officer: string;
  readonly footage: FootageSize;
  readonly preEventMs: number;
  readonly capacityBytes: number;
  readonly openLink: () => Promise<Link>;
  /** Its clock was read for something that it signs: a recording that begins, or one that it closes after a power cut. */
  readonly dated: (doing: 'recording' | 'recovering') => void;
  /** It takes commands from here on. */
  readonly ready: () => void;
  /** The program ended by itself, for this reason; a bug is none that a camera in the field may have. */
  readonly died: (error: unknown) => void;
}

/** A camera's program between its start and its end: everything in it is the product's, but the light and the hardware. */
export class CameraLife {
  readonly #parts: LifeParts;
  #camera: Camera | undefined;
  #cradle: Cradle | undefined;
  #isOver = false;
  #recordingId: RecordingId | undefined;
  #doing = 'booting';
  #dockId = '';

  constructor(parts: LifeParts) {
    this.#parts = parts;
    this.#attempt('boot', () => this.#boot());
  }

  get clock(): MachineClock {
    return this.#parts.clock;
  }

  get isReady(): boolean {
    return this.#cradle !== undefined && !this.#isOver;
  }

  /** One word for the table of states that faults met. */
  get doing(): string {
    return this.#camera?.recording === undefined ? this.#doing : 'recording';
  }

  /** The end of it, in the middle of whatever it did. */
  over(): void {
    this.#isOver = true;
    this.#parts.clock.off();
  }

  record(): void {
    this.#command('record', async (camera, cradle) => {
      await cradle.undock();
      this.#doing = 'opening';
      await camera.trigger().finally(() => this.#rest());
    });
  }

  stop(): void {
    this.#command('stop', async (camera) => {
      this.#doing = 'closing';
      await camera.stop('button').finally(() => this.#rest());
    });
  }

  mark(kind: string): void {
    this.#command('mark', (camera) => camera.mark(kind));
  }

  dock(): void {
    this.#command('dock', async (camera, cradle) => {
      await camera.stop('docked');
      this.#doing = 'seeking';
      cradle.dock();
    });
  }

  undock(): void {
    this.#command('undock', async (_camera, cradle) => {
      await cradle.undock();
      this.#rest();
    });
  }

  /** Switches it off as a person does; `off` is told when it has closed what it recorded. */
  shut(off: () => void): void {
    this.#command('shut', async (camera, cradle) => {
      await cradle.undock();
      await camera.close();
      if (!this.#isOver) off();
    });
  }

  get #id(): string {
    return this.#parts.keys.cameraId;
  }

  #rest(): void {
    this.#doing = 'idle';
  }

  async #boot(): Promise<void> {
    const { scene, clock, disk, keys, chance, capacityBytes } = this.#parts;
    const headOf = (signed: Uint8Array): ReturnType<typeof ownHead> => ownHead(signed, keys);
    const flash = await openFlash(FOLDER, { disk, capacityBytes, reserveBytes: RESERVE_BYTES, headOf });
    const tickets = await openTickets(FOLDER, { disk });
    const vault = this.#watched(flash);
    const bootId = chance.bytes(BOOT_ID_BYTES);
    const { officer, footage, preEventMs } = this.#parts;
    const camera = createCamera({
      ...{ flash: vault, clock, keys, bootId, preEventMs },
      officerId: officer,
      incidentTag: '',
      ticket: () => tickets.newest()?.note,
      optics: chanceOptics(footage, chance, () => this.#capturing()),
    });
    await camera.ready();
    this.#camera = camera;
    this.#attempt('film', () => drained(camera.closed()));
    this.#cradle = new Cradle({
      ...{ open: this.#parts.openLink, clock, vault, tickets },
      gauges: {
        read: async () => ({
          batteryPercent: 80,
          flashFreeBytes: await flash.freeBytes(),
          officerId: officer,
        }),
      },
      context: ({ pduBytesMax, fragmentBytes }) => ({
        ...{ keys, ...checker, verify: ownSignatures.verify, bootId, fragmentBytes },
        limits: { pduBytesMax, fragmentBytesMax: fragmentBytes.max, streamsMax: 1 },
      }),
      tell: (news) => this.#heard(news),
    });
    this.#rest();
    scene.history.record({ what: 'booted', machine: this.#id });
    this.#parts.ready();
  }

  #watched(flash: FileFlash): Flash & Vault {
    const { scene, officer } = this.#parts;
    const camera = this.#id;
    return watchFlash(flash, {
      opening: () => {
        this.#recordingId = undefined;
      },
      opened: (recordingId, triggeredWallUs) => {
        this.#recordingId = recordingId;
        scene.history.record({ what: 'recording', camera, recordingId, officer, triggeredWallUs });
        this.#parts.dated('recording');
      },
      stored: (recordingId, index, isFragmentEnd) =>
        scene.history.record({ what: 'stored', camera, recordingId, index, isFragmentEnd }),
      marked: (recordingId, kind) => scene.history.record({ what: 'marked', camera, recordingId, kind }),
      closed: (recordingId, chunks) => {
        const what = this.#camera === undefined ? 'recovered' : 'closed';
        scene.history.record({ what, camera, recordingId, chunks });
        if (what === 'recovered') this.#parts.dated('recovering');
      },
      discarded: (recordingId) => scene.history.record({ what: 'discarded', camera, recordingId }),
      erasing: (recordingId) => scene.history.record({ what: 'erased', camera, recordingId }),
      full: () => scene.fault('flash-full', camera, this.doing),
    });
  }

  /** A new muxer is a new recording: the one that was opened last. What was seen before a trigger that was refused is of none. */
  #capturing(): (chunk: PlainPiece) => void {
    const { history } = this.#parts.scene;
    const [camera, recordingId] = [this.#id, this.#recordingId];
    if (recordingId === undefined) return () => undefined;
    let index = 0;
    return ({ bytes, endOfFragment }) => {
      history.record({
        what: 'captured',
        camera,
        recordingId,
        index,
        plain: bytes,
        isFragmentEnd: endOfFragment,
      });
      index += 1;
    };
  }

  #heard(news: CradleNews): void {
    if (this.#isOver) return;
    const { history } = this.#parts.scene;
    if (news.news === 'docked') [this.#doing, this.#dockId] = ['docked', news.dockId];
    else if (news.news === 'progress') this.#doing = 'uploading';
    else if (news.news === 'idle') this.#doing = 'docked';
    else if (news.news === 'interrupted') this.#doing = 'seeking';
    else if (news.news === 'receipt') {
      this.#doing = 'erasing';
      const { recordingId, outcome } = news;
      history.record({ what: 'receipt', camera: this.#id, recordingId, outcome, dock: this.#dockId });
    }
  }

  #command(command: string, act: (camera: Camera, cradle: Cradle) => Promise<void>): void {
    const [camera, cradle] = [this.#camera, this.#cradle];
    if (this.#isOver || camera === undefined || cradle === undefined) return;
    this.#attempt(command, () => act(camera, cradle));
  }

  /** What was refused is written down. When the program cannot go on, it ends; what comes after its end is nothing. */
  #attempt(command: string, act: () => Promise<void>): void {
    act().catch((error: unknown) => {
      if (this.#isOver) return;
      const isDeath = command === 'boot' || command === 'film' || !(error instanceof FieldError);
      if (isDeath) return this.#parts.died(error);
      const { history } = this.#parts.scene;
      history.record({ what: 'declined', camera: this.#id, command, code: String(error.code) });
    });
  }
}

interface PlainPiece {
  readonly bytes: Uint8Array;
  readonly endOfFragment: boolean;
}

async function drained(films: AsyncIterable<unknown>): Promise<void> {
  for await (const film of films) void film;
}
