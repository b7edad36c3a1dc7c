import type { Keys } from '../../../device/ports.ts';
import type { Meter } from '../result.ts';
import { type Errand, LoadCamera } from './camera.ts';
import { Connection } from './connection.ts';
import { Wakes } from './wakes.ts';

const TICK_MS = 200;
const KEEPALIVE_MS = 5_000;
const RECONNECT_US = 1_000_000;

/** What one camera does in a run. */
export interface Itinerary {
  /** When it is put into the dock, on the clock of {@link monotonicUs}. */
  readonly startUs: number;
  /** Makes what it brings next; undefined when that was all. */
  next(): Errand | undefined;
}

export interface FleetPlan {
  /** `mqtt://HOST:PORT` of the broker. */
  readonly url: string;
  readonly site: string;
  /** Of each camera; they are numbered in this order, from `firstCamera`. */
  readonly keys: readonly Keys[];
  readonly firstCamera: number;
  readonly window: number;
  readonly meter: Meter;
  readonly itinerary: (camera: number, keys: Keys) => Itinerary;
}

export interface Fleet {
  /** Resolves once no camera has anything left to bring. One whose connection is lost comes back and goes on. */
  run(): Promise<void>;
  /** How many cameras are docked now. */
  readonly docked: number;
  /** Ends the run: what is under way is told to the meter as unfinished. */
  close(): void;
}

/** Microseconds of the machine's monotonic clock: the same in every thread. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n);

export function makeFleet(plan: FleetPlan): Fleet {
  const wakes = new Wakes(monotonicUs);
  const members = plan.keys.map((keys, index) => new Member(plan, { keys, index, wakes }));
  let timer: NodeJS.Timeout | undefined;
  let aliveUs = monotonicUs();
  const beat = (): void => {
    const isDue = monotonicUs() - aliveUs >= KEEPALIVE_MS * 1_000;
    if (isDue) aliveUs = monotonicUs();
    for (const member of members) member.tick(isDue);
  };
  return {
    run: async () => {
      timer = setInterval(beat, TICK_MS);
      await Promise.all(members.map((member) => member.begin()));
    },
    get docked() {
      return members.filter(({ isDocked }) => isDocked).length;
    },
    close: () => {
      clearInterval(timer);
      wakes.stop();
      for (const member of members) member.close();
    },
  };
}

interface Own {
  readonly keys: Keys;
  readonly index: number;
  readonly wakes: Wakes;
}

/** One camera, and whatever connection it has now. */
class Member {
  readonly #plan: FleetPlan;
  readonly #own: Own;
  readonly #number: number;
  readonly #itinerary: Itinerary;
  readonly #camera: LoadCamera;
  #connection: Connection | undefined;
  #idle: () => void = () => undefined;
  #isOver = false;

  constructor(plan: FleetPlan, own: Own) {
    this.#plan = plan;
    this.#own = own;
    this.#number = plan.firstCamera + own.index;
    this.#itinerary = plan.itinerary(this.#number, own.keys);
    const { window, meter } = plan;
    this.#camera = new LoadCamera({
      ...{ camera: this.#number, keys: own.keys, window, meter, nowUs: monotonicUs },
      next: () => this.#itinerary.next(),
      idle: () => this.#idle(),
      wakeAt: (us) => own.wakes.at(us, () => this.#camera.pump()),
      cut: (backAfterUs) => this.#cut(backAfterUs),
      link: {
        control: (pdu) => this.#connection?.control(pdu),
        data: (header, payload, crc) => this.#connection?.data(header, payload, crc),
        unacknowledged: () => this.#connection?.unacknowledged ?? 0,
      },
    });
  }

  get isDocked(): boolean {
    return this.#camera.isDocked;
  }

  begin(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      this.#own.wakes.at(this.#itinerary.startUs, () => this.#connect());
    });
  }

  tick(isKeepAliveDue: boolean): void {
    if (isKeepAliveDue) this.#connection?.keepAlive();
    if (this.#connection !== undefined) this.#camera.tick();
  }

  close(): void {
    this.#isOver = true;
    this.#camera.leave();
    this.#connection?.close();
    this.#idle();
  }

  #connect(): void {
    if (this.#isOver) return;
    const { hostname, port } = new URL(this.#plan.url);
    this.#connection = new Connection(
      { host: hostname, port: Number(port), site: this.#plan.site, cameraId: this.#own.keys.cameraId },
      {
        ready: () => this.#camera.greet(),
        heard: (pdu) => this.#camera.heard(pdu),
        acknowledged: () => this.#camera.pump(),
        lost: (code) => {
          this.#plan.meter.failed(this.#number, code);
          this.#comeBack(RECONNECT_US);
        },
      },
    );
  }

  /** Torn out, without a word. */
  #cut(backAfterUs: number | null): void {
    this.#connection?.cut();
    if (backAfterUs !== null) return this.#comeBack(backAfterUs);
    this.#camera.vanish();
    this.#connection = undefined;
    this.#idle();
  }

  #comeBack(afterUs: number): void {
    this.#camera.undocked();
    this.#connection = undefined;
    this.#own.wakes.at(monotonicUs() + afterUs, () => this.#connect());
  }
}
