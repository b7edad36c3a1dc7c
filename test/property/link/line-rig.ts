import { BaudMemory } from '../../../device/link/baud-memory.ts';
import type { PortSettings } from '../../../device/link/port.ts';
import { openSerialLink } from '../../../device/link/serial.ts';
import type { Link as CameraLink } from '../../../device/ports.ts';
import { serialBays } from '../../../dock/link/serial.ts';
import type { Link as DockLink, LinkSource } from '../../../dock/ports.ts';
import type { BytePort, BytePortEvents } from '../../../proto/byte-port.ts';
import { encodeMessage } from '../../../proto/codec.ts';
import { LinkError } from '../../../proto/errors.ts';
import { Deframer } from '../../../proto/frame.ts';
import { SERIAL_PDU_BYTES_MAX, SESSION_SILENCE_MS } from '../../../proto/limits.ts';
import { MESSAGE_TYPE } from '../../../proto/messages.ts';
import { Chance } from '../../../sim/fault/chance.ts';
import { ManualClock } from '../../../sim/fault/manual-clock.ts';
import { makeUartCable } from '../../../sim/fault/uart-port.ts';

const GREET_EVERY_MS = 500;
const REOPEN_AFTER_MS = 250;
const HELLO = encodeMessage({ type: 'ping', sentUs: 1 });
const ANSWER = encodeMessage({ type: 'pong', pingSentUs: 1, receivedUs: 0, sentUs: 0, wallUs: 0 });

type Side = 'camera' | 'dock';

export interface LineOptions {
  readonly seed: string;
  /** Above this rate nothing but noise arrives, bit/s. */
  readonly topBaud?: number;
  readonly cameraMax?: number;
  /** Undefined: a dock that has never heard of negotiation. */
  readonly dockMax?: number | undefined;
  readonly baud?: number;
  /** Rates that a port refuses, bit/s. */
  readonly refused?: Partial<Record<Side, readonly number[]>>;
  /** Is asked about each frame; true loses it on its way. */
  readonly lose?: (frame: { readonly by: Side; readonly pdu: Uint8Array; readonly atUs: number }) => boolean;
}

/**
 * A camera and a dock over a modelled serial line, through the real links of both: the camera greets twice a second, the
 * dock answers, and a side that hears nothing for three seconds closes its port and opens it again, as both programs do.
 */
export class LineRig {
  readonly clock = new ManualClock();
  readonly options: LineOptions;
  /** Types of the frames about the line that each side sent, with the rate they went out at. */
  readonly sent: {
    readonly by: Side;
    readonly type: number;
    readonly baud: number;
    readonly atUs: number;
  }[] = [];
  readonly told: string[] = [];
  /** When the camera was answered last; -1 for never. */
  answeredUs = -1;
  /** When each of the camera's links was ready. */
  readonly readyUs: number[] = [];
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #chance: Chance;
  #camera: CameraLink | undefined;
  #memory = new BaudMemory();
  #bays: LinkSource | undefined;
  /** Counts the lives of the camera: an older one is over. */
  #life = 0;

  constructor(options: LineOptions) {
    this.options = options;
    this.#chance = new Chance(options.seed);
    const baud = options.baud ?? 115_200;
    const cable = makeUartCable({ clock: this.clock, chance: this.#chance.split('line'), baud });
    this.#sockets = {
      camera: new Socket('camera', cable.camera, this),
      dock: new Socket('dock', cable.dock, this),
    };
  }

  get baud(): Readonly<Record<Side, number>> {
    return { camera: this.#sockets.camera.baud, dock: this.#sockets.dock.baud };
  }

  get camera(): CameraLink | undefined {
    return this.#camera;
  }

  /** Switches a side on, or off and on again: its port was closed and it remembers nothing. */
  start(side: Side): void {
    if (side === 'dock') this.#startDock();
    else void this.#liveAsCamera();
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const untilUs = this.clock.monoUs() + ms * 1_000;
    for (;;) {
      await settle();
      const nextUs = Math.min(this.clock.nextUs, untilUs);
      this.clock.advanceTo(nextUs);
      if (nextUs >= untilUs && this.clock.nextUs > untilUs) break;
    }
    await settle();
  }

  /** Closes the camera's link; its own life opens the next one. */
  async undock(): Promise<void> {
    await this.#camera?.close();
  }

  /** Takes the camera away. */
  async leave(): Promise<void> {
    this.#life += 1;
    await this.#camera?.close();
  }

  async end(): Promise<void> {
    await Promise.all([this.leave(), this.#bays?.close()]);
  }

  lost(by: Side, bytes: Uint8Array): boolean {
    const [pdu] = new Deframer(SERIAL_PDU_BYTES_MAX).push(bytes);
    if (pdu === undefined) return false;
    const [type = 0] = pdu;
    const { baud } = this.#sockets[by];
    const atUs = this.clock.monoUs();
    if (type <= MESSAGE_TYPE['link-report']) this.sent.push({ by, type, baud, atUs });
    return this.options.lose?.({ by, pdu, atUs }) ?? false;
  }

  /** What is left of bytes that arrive at this rate. */
  arrived(bytes: Uint8Array, baud: number): Uint8Array {
    if (baud <= (this.options.topBaud ?? Infinity)) return bytes;
    return bytes.map((byte) => byte ^ (1 << this.#chance.below(8)));
  }

  #startDock(): void {
    const { dockMax, baud = 115_200 } = this.options;
    const before = this.#bays?.close();
    void (async () => {
      await before;
      const bays = serialBays(['bay'], {
        baudRate: baud,
        ...(dockMax === undefined ? {} : { baudMax: dockMax }),
        clock: this.clock,
        open: (settings) => this.#sockets.dock.open(settings),
        tell: (text) => void this.told.push(text),
      });
      this.#bays = bays;
      for await (const link of bays.links()) void this.#answer(link);
    })();
  }

  async #answer(link: DockLink): Promise<void> {
    let cancel = (): void => {};
    for await (const pdu of link.packets()) {
      cancel();
      cancel = this.clock.after(SESSION_SILENCE_MS, () => void link.close());
      if (pdu[0] === MESSAGE_TYPE.ping) void link.send(ANSWER, 'control').catch(() => undefined);
    }
    cancel();
  }

  async #liveAsCamera(): Promise<void> {
    this.#life += 1;
    const life = this.#life;
    this.#memory = new BaudMemory();
    await this.#camera?.close();
    while (life === this.#life) {
      const link = await this.#openCamera().catch(() => undefined);
      if (life !== this.#life) return link?.close();
      if (link !== undefined) await this.#greet(link);
      await new Promise<void>((resolve) => void this.clock.after(REOPEN_AFTER_MS, resolve));
    }
  }

  async #openCamera(): Promise<CameraLink> {
    const { cameraMax = 921_600, baud = 115_200 } = this.options;
    const link = await openSerialLink({
      path: 'camera',
      baudRate: baud,
      open: (settings) => this.#sockets.camera.open(settings),
      negotiation: {
        baudMax: cameraMax,
        clock: this.clock,
        randomBytes: (count) => this.#chance.bytes(count),
        memory: this.#memory,
        tell: (text) => void this.told.push(text),
      },
    });
    this.#camera = link;
    this.readyUs.push(this.clock.monoUs());
    return link;
  }

  /** Until nothing has been heard for too long, or the link ends. */
  async #greet(link: CameraLink): Promise<void> {
    let heardUs = this.clock.monoUs();
    let cancel = (): void => {};
    const greet = (): void => {
      if (this.clock.monoUs() - heardUs > SESSION_SILENCE_MS * 1_000) return void link.close();
      void link.send(HELLO, 'control').catch(() => undefined);
      cancel = this.clock.after(GREET_EVERY_MS, greet);
    };
    greet();
    for await (const pdu of link.packets()) {
      heardUs = this.clock.monoUs();
      if (pdu[0] === MESSAGE_TYPE.pong) this.answeredUs = heardUs;
    }
    cancel();
  }
}

/** One end of the cable, which a program may open, close and open again. */
class Socket {
  readonly #side: Side;
  readonly #under: BytePort;
  readonly #rig: LineRig;
  #open: { readonly events: () => BytePortEvents | undefined; isOpen: boolean } | undefined;

  constructor(side: Side, under: BytePort, rig: LineRig) {
    this.#side = side;
    this.#under = under;
    this.#rig = rig;
    under.listen({
      bytes: (bytes) => {
        if (this.#open?.isOpen === true) this.#open.events()?.bytes(rig.arrived(bytes, under.baud));
      },
      closed: () => undefined,
    });
  }

  get baud(): number {
    return this.#under.baud;
  }

  async open({ baudRate }: PortSettings): Promise<BytePort> {
    if (this.#open?.isOpen === true)
      throw new LinkError('LINK_OPEN', 'the port is locked', { retry: 'later' });
    let events: BytePortEvents | undefined;
    const life = { events: () => events, isOpen: true };
    this.#open = life;
    await this.#under.setBaud(baudRate);
    const under = this.#under;
    const isRefused = (baud: number): boolean =>
      this.#rig.options.refused?.[this.#side]?.includes(baud) === true;
    return {
      get baud(): number {
        return under.baud;
      },
      write: (bytes, taken) => {
        if (!life.isOpen) return;
        const then = (): void => {
          if (life.isOpen) taken();
        };
        if (this.#rig.lost(this.#side, bytes)) queueMicrotask(then);
        else under.write(bytes, then);
      },
      drain: () => under.drain(),
      setBaud: (baud) =>
        !life.isOpen || isRefused(baud) ? Promise.reject(new Error('refused')) : under.setBaud(baud),
      listen: (on) => {
        events = on;
      },
      close: () => {
        if (life.isOpen) {
          life.isOpen = false;
          events?.closed();
        }
        return Promise.resolve();
      },
    };
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
