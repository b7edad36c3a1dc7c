import type { Link as CameraLink } from '../../device/ports.ts';
import type { Link as DockLink } from '../../dock/ports.ts';
import { decodePdu } from '../../proto/codec.ts';
import { LinkError, PduError } from '../../proto/errors.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import { SESSION_SILENCE_MS } from '../../proto/limits.ts';
import { type Accept, type Message, MESSAGE_TYPE } from '../../proto/messages.ts';
import { makeUartWire } from '../fault/uart-wire.ts';
import { makeWire, type Wire, type WireHarm } from '../fault/wire.ts';
import type { FaultKind } from './coverage.ts';
import type { DockMachine } from './parties.ts';
import type { Scene } from './scene.ts';
import { watchLink } from './watched.ts';

/** How the way between one camera and a dock behaves, from the scenario. */
export interface WireSetting {
  /** A line of packets, a UART at its bytes, or a broker that all cameras of a dock share. */
  readonly over: 'line' | 'uart' | 'broker';
  readonly baud: number;
}

/** What goes wrong on wires while the storm lasts; all zero in calm. */
export interface WireWeather {
  readonly loss: number;
  readonly repeat: number;
  readonly reorder: number;
  readonly delayMs: number;
  readonly bitErrorRate: number;
}

export const CALM_WIRES: WireWeather = { loss: 0, repeat: 0, reorder: 0, delayMs: 0, bitErrorRate: 0 };

const CALM_DELAY_MS = 2;
const LAST_MOMENT_MS = 300;
const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(MESSAGE_TYPE).map(([name, byte]) => [byte, name]),
);
const KIND_OF_HARM: Readonly<Record<WireHarm, FaultKind>> = {
  loss: 'packet-loss',
  repeat: 'packet-repeat',
  reorder: 'packet-reorder',
  delay: 'packet-delay',
};

interface OpenWire {
  readonly number: number;
  readonly camera: CameraId;
  readonly dock: DockMachine;
  readonly wire: Wire;
  /** What was said last on it, for the table of states. */
  last: string;
  /** When its camera said something last, by true time. */
  heardUs: number;
  /** What each stream is of, and how much of each recording the dock said was durable. */
  readonly streams: Map<number, RecordingId>;
  readonly durable: Map<RecordingId, number>;
  isServed: boolean;
  /** The camera's end is gone, whether the dock has been told or not. */
  isLoose: boolean;
  /** The end of the last partition that took something from it. */
  partedUs: number;
  /** How long what the camera says on it is held back. */
  heldMs: number;
  /** The number of the newest Data of each stream. */
  readonly txSeqs: Map<number, number>;
  /** By which a stream was opened, until the first Data of it. */
  readonly accepts: Map<number, Accept>;
}

/** All links between cameras and docks, and what befalls them. */
export class Wires {
  readonly #scene: Scene;
  readonly #crashed: (error: unknown) => void;
  readonly #open = new Set<OpenWire>();
  readonly #partedUntilUs = new Map<CameraId, number>();
  weather: WireWeather = CALM_WIRES;
  /** Is told of everything that is given to a wire: between whom, and the name of the message. */
  said: ((camera: CameraId, dock: string, name: string) => void) | undefined;
  #made = 0;

  /** `crashed` hears of a conversation that ended as none may. */
  constructor(scene: Scene, crashed: (error: unknown) => void) {
    this.#scene = scene;
    this.#crashed = crashed;
  }

  /** A fresh link to a dock, whose other end that dock serves. Rejects with LinkError while there is no way. */
  open(camera: CameraId, dock: DockMachine, setting: WireSetting): Promise<CameraLink> {
    if (!dock.isUp) return Promise.reject(LinkError.gone(`${dock.dockId} is off`));
    this.#countRivals(camera);
    this.#made += 1;
    const wire: OpenWire = {
      ...{
        number: this.#made,
        camera,
        dock,
        last: 'nothing',
        heardUs: 0,
        isServed: true,
        isLoose: false,
        partedUs: 0,
      },
      ...{ heldMs: 0, txSeqs: new Map<number, number>(), accepts: new Map<number, Accept>() },
      ...{ streams: new Map<number, RecordingId>(), durable: new Map<RecordingId, number>() },
      wire: this.#make(camera, setting, (): OpenWire => wire),
    };
    this.#open.add(wire);
    this.#serve(wire, wire.wire.dock);
    return Promise.resolve(watchLink(wire.wire.camera, this.#listener(wire, 'camera')));
  }

  #serve(wire: OpenWire, link: DockLink): void {
    wire.isServed = true;
    wire.dock
      .serve(watchLink(link, this.#listener(wire, 'dock')))
      .then(() => this.#served(wire))
      .catch(this.#crashed);
  }

  /** A dock that gave a camera up has a broker between them: what the camera goes on sending is a new link for it. */
  #serveAgain(wire: OpenWire): void {
    const isThere = this.#open.has(wire) && wire.dock.isUp && !wire.isLoose;
    if (wire.isServed || !isThere || wire.wire.dock.transport !== 'mqtt') return;
    const link = wire.wire.again?.();
    if (link !== undefined) this.#serve(wire, link);
  }

  /** Something is under way between this camera and a dock. */
  isInUse(camera: CameraId): boolean {
    return this.#inUse(camera).length > 0;
  }

  /** The camera's links vanish: it was pulled out, or has no power. `isNoticed`: the dock sees it too. */
  unplug(camera: CameraId, isNoticed: boolean): void {
    for (const wire of this.#open) {
      if (wire.camera !== camera) continue;
      if (isNoticed) this.#cut(wire);
      else if (!wire.isLoose) void wire.wire.camera.close();
      wire.isLoose = true;
    }
  }

  /** Both ends of whatever links the camera has end at once. */
  hangUp(camera: CameraId): void {
    for (const wire of this.#inUse(camera)) {
      this.#scene.fault('hang-up', camera, wire.last);
      this.#cut(wire);
    }
  }

  /**
   * The camera's end is gone and the dock is not told: the next link is the rival of this one. What the camera says on it in its last
   * moment may be held back for so long, as by a bridge that is choked, and comes when the rival is at work.
   */
  halfClose(camera: CameraId, heldMs = 0): void {
    for (const wire of this.#inUse(camera)) {
      wire.heldMs = heldMs;
      if (heldMs === 0) this.#loosen(wire);
      else this.#scene.clock.after(LAST_MOMENT_MS, () => this.#loosen(wire));
    }
  }

  #loosen(wire: OpenWire): void {
    if (wire.isLoose || !this.#open.has(wire)) return;
    wire.isLoose = true;
    this.#scene.fault('hang-up', wire.camera, wire.last);
    void wire.wire.camera.close();
  }

  /** Nothing gets through, either way, for so long; nobody is told. */
  part(camera: CameraId, ms: number): void {
    this.#partedUntilUs.set(camera, this.#scene.clock.monoUs() + ms * 1_000);
  }

  /** The broker of a dock starts over: every link through it ends. */
  restartBroker(dock: DockMachine): void {
    const through = [...this.#open].filter(
      (wire) => wire.dock === dock && wire.wire.dock.transport === 'mqtt',
    );
    for (const wire of through) {
      if (isInUse(wire)) this.#scene.fault('broker-restart', dock.dockId, wire.last);
      this.#cut(wire);
    }
  }

  /** The dock has no power: nobody is told anything, but both ends are gone. */
  cutDock(dock: DockMachine): void {
    for (const wire of this.#open) if (wire.dock === dock) this.#cut(wire);
  }

  calm(): void {
    this.weather = CALM_WIRES;
    this.#partedUntilUs.clear();
  }

  #make(camera: CameraId, { over, baud }: WireSetting, self: () => OpenWire): Wire {
    const { clock } = this.#scene;
    const chance = this.#scene.chance.split(`wire ${this.#made}`);
    const count = (kind: FaultKind): void => this.#scene.coverage.count(kind, self().last);
    const isParted = (): boolean => clock.monoUs() < (this.#partedUntilUs.get(camera) ?? 0);
    const weather = (): WireWeather => this.weather;
    if (over === 'uart')
      return makeUartWire({
        ...{ clock, chance, baud, latencyMs: 1 },
        get bitErrorRate() {
          return weather().bitErrorRate;
        },
        get isParted() {
          return isParted();
        },
        met: () => count('bit-error'),
        parted: () => this.#countParted(self()),
      });
    return makeWire({
      ...{ clock, chance },
      ...(over === 'broker' ? { cameraId: camera } : {}),
      // Asked anew for every packet: weather changes while a link is up.
      get loss() {
        return isParted() ? 1 : weather().loss;
      },
      get repeat() {
        return weather().repeat;
      },
      get reorder() {
        return weather().reorder;
      },
      get delayMs() {
        return CALM_DELAY_MS + weather().delayMs;
      },
      get heldMs() {
        return self().heldMs;
      },
      met: (harm, pdu) => {
        if (harm === 'loss' && isParted()) return this.#countParted(self());
        if (harm === 'delay' && weather().delayMs === 0) return;
        this.#scene.coverage.count(KIND_OF_HARM[harm], nameOf(pdu));
      },
    });
  }

  /** A dock that was not told that the camera's end is gone is still in the middle of something, until it has heard nothing for long. */
  #countRivals(camera: CameraId): void {
    const sinceUs = this.#scene.clock.monoUs() - SESSION_SILENCE_MS * 1_000;
    for (const wire of this.#open)
      if (wire.camera === camera && wire.isServed && !isOverBy(wire.last) && wire.heardUs >= sinceUs)
        this.#scene.fault('rival-session', camera, wire.last);
  }

  /** Once for each wire and partition, with the first thing that it takes. */
  #countParted(wire: OpenWire): void {
    const untilUs = this.#partedUntilUs.get(wire.camera) ?? 0;
    if (wire.partedUs === untilUs) return;
    wire.partedUs = untilUs;
    this.#scene.fault('partition', wire.camera, wire.last);
  }

  #inUse(camera: CameraId): readonly OpenWire[] {
    return [...this.#open].filter((wire) => wire.camera === camera && isInUse(wire));
  }

  #cut(wire: OpenWire): void {
    wire.wire.cut();
    this.#open.delete(wire);
  }

  #served(wire: OpenWire): void {
    wire.isServed = false;
    if (wire.isLoose || wire.wire.dock.transport !== 'mqtt') this.#open.delete(wire);
  }

  /** Everything that is said goes into the trace; what a dock promises goes into the history. */
  #listener(wire: OpenWire, by: 'camera' | 'dock'): (what: 'sent' | 'heard', pdu: Uint8Array) => void {
    const { trace, clock, onlookers } = this.#scene;
    const { number } = wire;
    return (what, pdu) => {
      const name = nameOf(pdu);
      // Its last four bytes are its checksum.
      const sum = Buffer.from(pdu.subarray(-4)).toString('hex');
      trace.line(`${clock.monoUs()} wire ${number} ${by} ${what} ${name} ${pdu.length} ${sum}`);
      if (what === 'heard') return;
      if (by === 'camera') this.#serveAgain(wire);
      onlookers.show(`the wire of ${wire.camera}`, pdu);
      wire.last = name;
      if (by === 'camera') wire.heardUs = clock.monoUs();
      this.said?.(wire.camera, wire.dock.dockId, name);
      if (by === 'dock' && (name === 'accept' || name === 'ack')) this.#promised(wire, pdu);
      if (by === 'camera' && name === 'hello') {
        wire.txSeqs.clear();
        wire.accepts.clear();
      }
      if (by === 'camera' && name === 'data') this.#numbered(wire, pdu);
    };
  }

  /** Numbers of the Data of a stream rise, repeats included: an Ack speaks of them by these. The first goes on from what was accepted. */
  #numbered({ camera, dock, txSeqs, accepts }: OpenWire, pdu: Uint8Array): void {
    const message = decodePdu(pdu, pdu.length);
    if (message instanceof PduError || message.type !== 'data') return;
    const { stream, txSeq } = message;
    const { history } = this.#scene;
    if (txSeq <= (txSeqs.get(stream) ?? 0)) history.record({ what: 'number-reused', camera, stream, txSeq });
    txSeqs.set(stream, txSeq);
    const accept = accepts.get(stream);
    accepts.delete(stream);
    if (accept === undefined || accept.durableTo === 0) return;
    const { recordingId, durableTo: bytes, prefixDigest } = accept;
    history.record({ what: 'resumed', camera, dock: dock.dockId, recordingId, bytes, prefixDigest });
  }

  #promised({ camera, dock, streams, durable, accepts, txSeqs }: OpenWire, pdu: Uint8Array): void {
    const message: Message | PduError = decodePdu(pdu, pdu.length);
    if (message instanceof PduError) return;
    if (message.type === 'accept') {
      streams.set(message.stream, message.recordingId);
      if (!txSeqs.has(message.stream)) accepts.set(message.stream, message);
    }
    if (message.type !== 'accept' && message.type !== 'ack') return;
    const recordingId = streams.get(message.stream);
    const { durableTo: bytes } = message;
    if (recordingId === undefined || bytes === 0 || durable.get(recordingId) === bytes) return;
    durable.set(recordingId, bytes);
    this.#scene.history.record({ what: 'durable', dock: dock.dockId, camera, recordingId, bytes });
  }
}

/** After a goodbye the dock waits for whoever comes next on that wire: nothing is under way that could be harmed. */
function isOverBy(last: string): boolean {
  return last === 'bye' || last === 'nothing';
}

function isInUse({ isLoose, last }: OpenWire): boolean {
  return !isLoose && !isOverBy(last);
}

function nameOf(pdu: Uint8Array): string {
  return TYPE_NAMES.get(pdu[0] ?? 0) ?? 'unknown';
}
