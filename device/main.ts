import { createInterface } from 'node:readline';
import { toHex } from '../proto/bytes.ts';
import { FieldError } from '../proto/errors.ts';
import type { Limits } from '../proto/messages.ts';
import { simulatedBattery } from './battery/simulated.ts';
import { type Camera, createCamera } from './capture/camera.ts';
import { FOOTAGE_DEFAULT } from './capture/footage/footage.ts';
import type { Film } from './capture/recovery.ts';
import { systemClock } from './clock/system.ts';
import { ConfigError, type DeviceConfig, readConfig } from './config.ts';
import { type DamagedRecording, type FileFlash, openFlash } from './flash/file-flash.ts';
import { type FileTickets, openTickets } from './flash/tickets.ts';
import { checker } from './keys/checker.ts';
import { openKeys } from './keys/file-keys.ts';
import { mqttDialer } from './link/mqtt.ts';
import { BaudMemory } from './link/baud-memory.ts';
import { openSerialLink } from './link/serial.ts';
import type { Battery, Clock, Keys, Link, Vault } from './ports.ts';
import { ownHead } from './seal/own-head.ts';
import { Cradle, type CradleNews } from './upload/cradle.ts';
import type { CameraContext } from './upload/state.ts';

const BOOT_ID_BYTES = 16;

/** `holdfast device`: runs until told to quit, or with `--once` until everything is uploaded and erased. */
export async function main(argv: readonly string[]): Promise<number> {
  const config = readConfig(argv);
  const keys = openKeys(config.keys);
  if (keys.cameraId !== config.id)
    throw new ConfigError(
      `--keys: the keys in ${config.keys} are those of ${keys.cameraId}, not of ${config.id}`,
    );
  const clock = systemClock();
  const flash = await openFlash(config.flash, { headOf: (signed) => ownHead(signed, keys) });
  const tickets = await openTickets(config.flash);
  const bootId = keys.randomBytes(BOOT_ID_BYTES);
  const camera = createCamera({
    flash,
    clock,
    keys,
    bootId,
    officerId: config.officer,
    incidentTag: config.incident,
    ticket: () => tickets.newest()?.note,
    preEventMs: config.media === undefined ? config.preEventMs : 0,
    footage: { ...FOOTAGE_DEFAULT, fps: config.fps },
  });
  const context: Omit<CameraContext, 'limits' | 'fragmentBytes'> = { keys, ...checker, bootId };
  const device = new Device(config, {
    camera,
    clock,
    battery: simulatedBattery(clock, config.batteryPercent),
    vault: flash,
    tickets,
    context,
    warning: warningOf(keys, flash),
    damaged: flash.damaged(),
  });
  return device.run();
}

interface DeviceParts {
  readonly camera: Camera;
  readonly clock: Clock;
  readonly battery: Battery;
  readonly vault: Vault & Pick<FileFlash, 'freeBytes'>;
  readonly tickets: FileTickets;
  /** What whoever starts this camera must know. */
  readonly warning: string | undefined;
  /** What lies in the flash and could not be read. */
  readonly damaged: readonly DamagedRecording[];
  readonly context: Omit<CameraContext, 'limits' | 'fragmentBytes'>;
}

/** One camera switched on: its script or the commands from stdin drive it, and the cradle uploads while it is docked. */
class Device {
  readonly #config: DeviceConfig;
  readonly #parts: DeviceParts;
  readonly #cradle: Cradle;
  #finish: (code: number) => void = () => undefined;
  #isScriptDone = false;
  /** Nothing waits in the flash; said once each time it comes true. */
  #isIdle = false;

  constructor(config: DeviceConfig, parts: DeviceParts) {
    this.#config = config;
    this.#parts = parts;
    this.#cradle = new Cradle({
      open: linkOpener(config, parts, (message) => this.#say({ event: 'notice', message })),
      clock: parts.clock,
      vault: parts.vault,
      tickets: parts.tickets,
      gauges: {
        read: async () => ({
          batteryPercent: parts.battery.percent(),
          flashFreeBytes: await parts.vault.freeBytes(),
          officerId: config.officer,
        }),
      },
      context: (link) => ({
        ...parts.context,
        limits: limitsOf(link),
        fragmentBytes: link.fragmentBytes,
      }),
      tell: (news) => this.#heard(news),
    });
  }

  async run(): Promise<number> {
    const { camera } = this.#parts;
    await camera.ready();
    const finished = new Promise<number>((resolve) => {
      this.#finish = resolve;
    });
    const films = this.#announceFilms();
    const stdin = createInterface({ input: process.stdin }).on(
      'line',
      (line) => void this.#command(line.trim()),
    );
    process.once('SIGTERM', () => this.#finish(0));
    process.once('SIGINT', () => this.#finish(0));
    for (const { dockId, why } of this.#parts.tickets.damaged())
      this.#say({ event: 'notice', message: `the checkpoint kept of ${dockId} is lost: ${why}` });
    for (const { recordingId, why } of this.#parts.damaged)
      this.#say({ event: 'notice', message: `recording ${recordingId} is set aside as it is: ${why}` });
    const { warning } = this.#parts;
    if (warning !== undefined) this.#say({ event: 'notice', message: warning });
    this.#say({ event: 'ready' });
    try {
      // The films end early only when the camera itself fails; that failure ends the program.
      return await Promise.race([finished, films.then(() => finished), this.#script().then(() => finished)]);
    } finally {
      stdin.close();
      process.stdin.destroy();
      await this.#cradle.undock();
      await camera.close();
    }
  }

  async #announceFilms(): Promise<void> {
    for await (const film of this.#parts.camera.closed()) this.#say(closedEvent(film));
  }

  async #script(): Promise<void> {
    const { recordMs, media, preEventMs, markAtMs } = this.#config;
    const { camera } = this.#parts;
    if (media !== undefined) {
      await camera.replay(media);
    } else if (recordMs !== undefined) {
      await this.#wait(preEventMs);
      await this.#record();
      if (markAtMs !== undefined && markAtMs < recordMs) {
        await this.#wait(markAtMs);
        await camera.mark('button');
      }
      await this.#wait(recordMs - (markAtMs !== undefined && markAtMs < recordMs ? markAtMs : 0));
      await camera.stop('docked');
    }
    // A camera that is here for one upload needs its lens no more.
    if (this.#config.once) await camera.close();
    this.#isScriptDone = true;
    this.#dock();
  }

  async #record(): Promise<void> {
    const recording = await this.#parts.camera.trigger();
    this.#parts.battery.use('recording');
    this.#say({ event: 'recording', recording });
  }

  #dock(): void {
    this.#parts.battery.use('docked');
    this.#cradle.dock();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.after(ms, resolve);
    });
  }

  async #command(line: string): Promise<void> {
    const { camera } = this.#parts;
    const [word, ...rest] = line.split(/\s+/);
    try {
      switch (word) {
        case 'record':
          await this.#cradle.undock();
          return await this.#record();
        case 'mark':
          return await camera.mark(rest.join(' ') || 'button');
        case 'stop':
          await camera.stop('button');
          return this.#parts.battery.use('idle');
        case 'dock':
          await camera.stop('docked');
          return this.#dock();
        case 'undock':
          await this.#cradle.undock();
          this.#parts.battery.use('idle');
          return this.#say({ event: 'undocked' });
        case 'quit':
          return this.#finish(0);
        case '':
          return;
        default:
          this.#say({
            event: 'refused',
            message: `no command "${line}"; there are record, mark, stop, dock, undock, quit`,
          });
      }
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      this.#say({ event: 'refused', message: error.message });
    }
  }

  #heard(news: CradleNews): void {
    switch (news.news) {
      case 'docked':
        return this.#say({ event: 'docked', dock: news.dockId });
      case 'progress':
        this.#isIdle = false;
        return this.#say({
          event: 'progress',
          recording: news.recordingId,
          durableBytes: news.durableBytes,
          totalBytes: news.totalBytes,
        });
      case 'receipt':
        return this.#say({
          event: 'receipt',
          recording: news.recordingId,
          outcome: news.outcome,
          ...(news.reason === '' ? {} : { reason: news.reason }),
        });
      case 'erased':
        return this.#say({ event: 'erased', recording: news.recordingId });
      case 'refused':
        return this.#say({
          event: 'refused',
          code: news.abort.code,
          class: news.abort.class,
          message: news.abort.message,
        });
      case 'distrust':
        return this.#say({ event: 'distrust', message: news.why });
      case 'unreachable':
        return this.#say({ event: 'unreachable', message: news.why });
      case 'interrupted':
        return this.#say({ event: 'interrupted', because: news.because });
      case 'idle':
        if (!this.#isIdle) this.#say({ event: 'idle' });
        this.#isIdle = true;
        if (this.#config.once && this.#isScriptDone) this.#finish(0);
        return;
      default:
        news satisfies never;
    }
  }

  #say(event: Readonly<Record<string, unknown>> & { readonly event: string }): void {
    const { event: name, ...rest } = event;
    const plain = [name, ...Object.entries(rest).map(([key, value]) => `${key}=${String(value)}`)].join(' ');
    process.stdout.write(
      `${this.#config.json ? JSON.stringify({ ...event, camera: this.#config.id }) : plain}\n`,
    );
  }
}

/** Sealing is what keeps footage from everybody on its way, so its absence is said aloud. */
function warningOf(keys: Keys, flash: FileFlash): string | undefined {
  if (keys.sealer !== undefined) return undefined;
  const remedy = 'give it its custodian: holdfast enrol camera ID --out KEYS --custodian FILE';
  return flash.takesSealedOnly
    ? `this camera has sealed recordings before and records nothing unsealed; ${remedy}`
    : `this camera does not seal: whoever has its memory, or a dock's, can watch what it records; ${remedy}`;
}

function closedEvent(film: Film): Readonly<Record<string, unknown>> & { readonly event: string } {
  return {
    event: 'closed',
    recording: film.recordingId,
    counter: film.counter,
    bytes: film.bytes,
    chunks: film.chunks,
    ...(film.plainSha256 === undefined ? {} : { sha256: toHex(film.plainSha256) }),
    mediaMs: film.mediaMs,
    stopReason: film.stopReason,
  };
}

function linkOpener(
  { link, id }: DeviceConfig,
  { clock, context }: DeviceParts,
  tell: (text: string) => void,
): () => Promise<Link> {
  if (link.over === 'mqtt')
    return mqttDialer({ url: link.url, site: link.site, cameraId: id, version: link.version, clock, tell });
  const { path, baud: baudRate, baudMax, rtsCts } = link;
  const randomBytes = (count: number): Uint8Array => context.keys.randomBytes(count);
  const negotiation = { baudMax, clock, randomBytes, memory: new BaudMemory(), tell };
  return () => openSerialLink({ path, baudRate, rtsCts, negotiation });
}

function limitsOf({ pduBytesMax, fragmentBytes }: Link): Limits {
  return { pduBytesMax, fragmentBytesMax: fragmentBytes.max, streamsMax: 1 };
}
