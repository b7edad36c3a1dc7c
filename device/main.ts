import { createInterface } from 'node:readline';
import { FieldError } from '../proto/errors.ts';
import type { Limits } from '../proto/messages.ts';
import type { ModelBattery } from './battery/battery.ts';
import { type Camera, createCamera } from './capture/camera.ts';
import { FOOTAGE_DEFAULT } from './capture/footage/footage.ts';
import { adoptDockTime, type CameraClock } from './clock/camera-clock.ts';
import { ConfigError, type DeviceConfig, readConfig } from './config.ts';
import { type Control, openControl } from './console/control.ts';
import { Display } from './console/display.ts';
import { Body } from './firmware/body.ts';
import type { BodyNews } from './firmware/body-ports.ts';
import { Neighbours } from './firmware/neighbours.ts';
import { openFolderRadio } from './radio/folder-radio.ts';
import { Desk, type Reply } from './firmware/desk.ts';
import { statesMarkdown } from './firmware/diagram.ts';
import { type FileFlash, openFlash } from './flash/file-flash.ts';
import { type FileTickets, openTickets } from './flash/tickets.ts';
import { checker } from './keys/checker.ts';
import { openHardware } from './hardware.ts';
import { openKeys } from './keys/file-keys.ts';
import { mqttDialer } from './link/mqtt.ts';
import { BaudMemory } from './link/baud-memory.ts';
import { openSerialLink } from './link/serial.ts';
import type { DockTime, Keys, Link, PeerCall, Radio } from './ports.ts';
import { plainLine, replyLine, replySaying, type Saying, sayingOf } from './says.ts';
import { ownHead } from './seal/own-head.ts';
import type { CameraContext } from './upload/state.ts';

const BOOT_ID_BYTES = 16;
const REDRAW_MS = 1_000;
const FILM_LOOK_MS = 20;
// A minute and a half of busy footage.
const SCARCE_BYTES = 32 * 1024 * 1024;

/** `holdfast device`: runs until told to quit, or with `--once` until everything is uploaded and erased. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && argv[0] === '--states') {
    process.stdout.write(statesMarkdown());
    return 0;
  }
  const config = readConfig(argv);
  const keys = openKeys(config.keys);
  if (keys.cameraId !== config.id)
    throw new ConfigError(
      `--keys: the keys in ${config.keys} are those of ${keys.cameraId}, not of ${config.id}`,
    );
  const [walkSeed = 0] = keys.randomBytes(1);
  const hardware = await openHardware(config, walkSeed);
  const { clock, battery, disk, sensors, chipHealth } = hardware;
  const flash = await openFlash(config.flash, {
    disk,
    headOf: (signed) => ownHead(signed, keys),
    ...(config.flashBytesMax === undefined ? {} : { capacityBytes: config.flashBytesMax }),
  });
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
    preEventMs: config.preEventMs,
    ...(config.media === undefined ? {} : { film: config.media }),
    footage: { ...FOOTAGE_DEFAULT, fps: config.fps },
    sensors,
  });
  const radio =
    config.radio === undefined
      ? undefined
      : await openFolderRadio({ folder: config.radio, camera: config.id, clock });
  const device = new Device(config, {
    radio,
    camera,
    clock,
    clockKept: hardware.settled,
    battery,
    flash,
    tickets,
    context: { keys, ...checker, bootId },
    warning: warningOf(keys, flash),
    isReadOnly: () => chipHealth()?.isReadOnly ?? false,
  });
  return device.run();
}

interface DeviceParts {
  readonly radio: Radio | undefined;
  readonly camera: Camera;
  readonly clock: CameraClock;
  /** Resolves when the memory has what the clock was set to. */
  readonly clockKept: () => Promise<void>;
  readonly battery: ModelBattery;
  readonly flash: FileFlash;
  readonly tickets: FileTickets;
  readonly isReadOnly: () => boolean;
  /** What whoever starts this camera must know. */
  readonly warning: string | undefined;
  readonly context: Omit<CameraContext, 'limits' | 'fragmentBytes'>;
}

/** One camera switched on: its script or commands drive its body, and what comes of it is said and shown. */
class Device {
  readonly #config: DeviceConfig;
  readonly #parts: DeviceParts;
  readonly #body: Body;
  readonly #desk: Desk;
  readonly #neighbours: Neighbours | undefined;
  readonly #display: Display;
  #isScriptDone = false;
  /** Nothing waits in the flash; said once each time it comes true. */
  #isIdle = false;

  constructor(config: DeviceConfig, parts: DeviceParts) {
    this.#config = config;
    this.#parts = parts;
    this.#display = new Display(process.stdout, !config.json);
    this.#body = new Body({
      setting: { ...config, isFilm: config.media !== undefined },
      officer: config.officer,
      camera: parts.camera,
      clock: parts.clock,
      battery: parts.battery,
      vault: parts.flash,
      memory: {
        interrupted: async () => (await parts.flash.interrupted()).length,
        freeBytes: () => parts.flash.freeBytes(),
        isReadOnly: () => parts.isReadOnly(),
        scarceBytes: SCARCE_BYTES,
      },
      cradle: {
        open: linkOpener(config, parts, (message) => this.#say({ event: 'notice', message })),
        tickets: parts.tickets,
        context: (link) => ({
          ...parts.context,
          limits: limitsOf(link),
          fragmentBytes: link.fragmentBytes,
        }),
      },
      announce: (began) => this.#call(began),
      syncClock: (time) => this.#syncClock(time),
      tell: (news) => this.#heard(news),
      cut: () => this.#loseThePower(),
    });
    this.#neighbours = this.#listenTo(parts.radio);
    this.#desk = new Desk({
      body: this.#body,
      ...(this.#neighbours === undefined ? {} : { neighbours: this.#neighbours }),
      issuedTo: config.officer,
      tag: config.tag,
      battery: parts.battery,
      memory: parts.flash,
      clock: parts.clock,
    });
  }

  async run(): Promise<number> {
    const { control: path } = this.#config;
    await this.#body.start();
    if (!this.#parts.clock.isSet) void this.#body.do({ event: 'clock-reset' });
    const control = path === undefined ? undefined : await this.#listen(path);
    const stdin = createInterface({ input: process.stdin }).on('line', (line) => {
      this.#display.typed();
      void this.#told(line);
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => this.#quit());
    this.#greet();
    const redraw = this.#redraw();
    try {
      // A script that fails ends the camera with what it failed of; a camera that fails ends its script.
      await Promise.race([this.#body.ended, this.#script().then(() => this.#body.ended)]);
      return 0;
    } finally {
      redraw();
      this.#display.close();
      stdin.close();
      process.stdin.destroy();
      await control?.close();
      await this.#parts.radio?.close();
      await this.#body.do({ event: 'power-off' });
    }
  }

  #greet(): void {
    const { tickets, flash, warning } = this.#parts;
    for (const { dockId, why } of tickets.damaged())
      this.#say({ event: 'notice', message: `the checkpoint kept of ${dockId} is lost: ${why}` });
    for (const { recordingId, why } of flash.damaged())
      this.#say({ event: 'notice', message: `recording ${recordingId} is set aside as it is: ${why}` });
    if (warning !== undefined) this.#say({ event: 'notice', message: warning });
    this.#say({ event: 'ready' });
  }

  async #script(): Promise<void> {
    const { recordMs, media, preEventMs } = this.#config;
    if (media !== undefined) await this.#record('--media', () => this.#film());
    if (recordMs !== undefined) {
      await this.#wait(preEventMs);
      await this.#record('--record', () => this.#mark(recordMs));
    }
    this.#isScriptDone = true;
    // What a script recorded ends with it, in the bay or out of it.
    await this.#body.do({ event: this.#config.isUndocked ? 'stop' : 'dock' });
  }

  /** Begins one; then what it is to be goes on. */
  async #record(flag: string, go: () => Promise<void>): Promise<void> {
    const begun = await this.#body.do({ event: 'record' });
    if (begun.came !== 'refused') return go();
    // A memory that takes nothing more still has what is to be uploaded.
    if (this.#body.state.memory !== 'read-only')
      throw begun.error ?? new ConfigError(`${flag}: ${begun.why}`);
    this.#say({ event: 'refused', message: begun.why });
  }

  /** However it ends: by itself, by a command, or as the memory is full. */
  async #film(): Promise<void> {
    while ('number' in this.#body.state.mode) await this.#wait(FILM_LOOK_MS);
  }

  async #mark(recordMs: number): Promise<void> {
    const { markAtMs } = this.#config;
    const isMarked = markAtMs !== undefined && markAtMs < recordMs;
    if (isMarked) {
      await this.#wait(markAtMs);
      await this.#body.do({ event: 'mark' });
    }
    await this.#wait(recordMs - (isMarked ? markAtMs : 0));
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.after(ms, resolve);
    });
  }

  #listen(path: string): Promise<Control> {
    return openControl(path, async (line) => replyLine(await this.#answer(line), this.#config.json));
  }

  async #told(line: string): Promise<void> {
    const saying = replySaying(await this.#answer(line));
    if (saying !== undefined) this.#say(saying);
  }

  async #answer(line: string): Promise<Reply> {
    try {
      const reply = await this.#desk.answer(line);
      if (reply.came !== 'refused' && line.trim().startsWith('undock')) this.#say({ event: 'undocked' });
      return reply;
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      return { came: 'refused', why: error.message };
    }
  }

  #listenTo(radio: Radio | undefined): Neighbours | undefined {
    if (radio === undefined) return undefined;
    const { clock, context } = this.#parts;
    return new Neighbours({ radio, clock, keys: context.keys, heard: (call) => void this.#called(call) });
  }

  #call(began: Parameters<Neighbours['call']>[0]): void {
    const call = this.#neighbours?.call(began);
    if (call !== undefined) this.#say({ event: 'called', call: call.callId, cause: call.cause });
  }

  async #called({ callId: call, camera, tag, cause }: PeerCall): Promise<void> {
    const outcome = await this.#body.do({ event: 'peer', camera, tag });
    const why = 'why' in outcome ? { message: outcome.why } : {};
    this.#say({ event: 'heard', call, from: camera, cause, came: outcome.came, ...why });
  }

  #quit(): void {
    void this.#body.do({ event: 'power-off' });
  }

  /** As when the battery is pulled: nothing is closed, and nothing that runs is asked. */
  #loseThePower(): void {
    this.#say({ event: 'power-lost' });
    process.kill(process.pid, 'SIGKILL');
  }

  #heard(news: BodyNews): void {
    if (news.news === 'idle') {
      if (!this.#isIdle) this.#say({ event: 'idle' });
      this.#isIdle = true;
      if (this.#config.once && this.#isScriptDone) this.#quit();
      return;
    }
    if (news.news === 'progress') this.#isIdle = false;
    const saying = sayingOf(news);
    if (saying !== undefined) this.#say(saying);
  }

  /** Before anything is uploaded; what comes after a restart is dated by it too. */
  async #syncClock(time: DockTime | undefined): Promise<boolean> {
    const { clock, camera, clockKept } = this.#parts;
    if (time !== undefined) adoptDockTime(clock, time, { isRecording: camera.recording !== undefined });
    await clockKept();
    return clock.isSet;
  }

  /** Draws the display once a second for as long as the camera is on. */
  #redraw(): () => void {
    let isOver = false;
    const draw = async (): Promise<void> => {
      while (!isOver && process.stdout.isTTY && !this.#config.json) {
        const { face } = await this.#desk.look();
        if (!isOver) this.#display.show(face);
        await this.#wait(REDRAW_MS);
      }
    };
    // A display that has nothing to show is no reason to end a recording.
    draw().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }

  #say(saying: Saying): void {
    this.#display.say(
      this.#config.json ? JSON.stringify({ ...saying, camera: this.#config.id }) : plainLine(saying),
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

function linkOpener(
  { link, id }: DeviceConfig,
  { clock, context }: Pick<DeviceParts, 'clock' | 'context'>,
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
