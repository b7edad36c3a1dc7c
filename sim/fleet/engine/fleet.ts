import { openKeys } from '../../../device/keys/file-keys.ts';
import type { Meter } from '../result.ts';
import { LoadCamera } from './camera.ts';
import { Connection } from './connection.ts';
import { type FilmChunk, type LoadRecording, makeRecording } from './film.ts';

const TICK_MS = 250;
// Half of the time that MQTT gives between packets.
const KEEPALIVE_MS = 5_000;

export interface FleetPlan {
  /** `mqtt://HOST:PORT` of the broker. */
  readonly url: string;
  readonly site: string;
  /** Keys folder of each camera; they are numbered in this order, from `firstCamera`. */
  readonly keysDirs: readonly string[];
  readonly firstCamera: number;
  readonly window: number;
  readonly film: readonly FilmChunk[];
  /** 0: the cameras only stay connected. */
  readonly recordingsEach: number;
  readonly chunksEach: number;
  readonly meter: Meter;
}

/** What was uploaded by a fleet, for whoever reads the dock's folder afterwards. */
export interface Fleet {
  readonly recordings: readonly LoadRecording[];
  /** Connects every camera; resolves once each has nothing left to offer. Rejects when a connection is lost. */
  run(): Promise<void>;
  close(): void;
}

/** Microseconds of the machine's monotonic clock: the same in every thread. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Makes every recording before anything is connected, so that the run sends and does nothing else. */
export function makeFleet(plan: FleetPlan): Fleet {
  const members = plan.keysDirs.map((keysDir, index) => new Member(plan, keysDir, index));
  let timer: NodeJS.Timeout | undefined;
  let aliveUs = monotonicUs();
  const beat = (): void => {
    const isDue = monotonicUs() - aliveUs >= KEEPALIVE_MS * 1_000;
    if (isDue) aliveUs = monotonicUs();
    for (const member of members) member.tick(isDue);
  };
  return {
    recordings: members.flatMap(({ recordings }) => recordings),
    run: async () => {
      timer = setInterval(beat, TICK_MS);
      await Promise.all(members.map((member) => member.connect()));
    },
    close: () => {
      clearInterval(timer);
      for (const member of members) member.close();
    },
  };
}

/** One camera with its connection. */
class Member {
  readonly recordings: readonly LoadRecording[];
  readonly #plan: FleetPlan;
  readonly #index: number;
  readonly #keys: ReturnType<typeof openKeys>;
  #connection: Connection | undefined;
  #camera: LoadCamera | undefined;

  constructor(plan: FleetPlan, keysDir: string, index: number) {
    this.#plan = plan;
    this.#index = index;
    const keys = openKeys(keysDir);
    this.#keys = keys;
    this.recordings = Array.from({ length: plan.recordingsEach }, (_, nth) => {
      // Each starts at another place, so that no two neighbours send the same bytes at once.
      const start = (index * 7 + nth * 3) % plan.film.length;
      const chunks = Array.from({ length: plan.chunksEach }, (_unused, at) => filmAt(plan.film, start + at));
      return makeRecording({ cameraId: keys.cameraId, sign: (m) => keys.sign(m), counter: nth + 1, chunks });
    });
  }

  connect(): Promise<void> {
    const { url, site, window, meter, firstCamera } = this.#plan;
    const { hostname, port } = new URL(url);
    const number = firstCamera + this.#index;
    const waiting = [...this.recordings];
    return new Promise((resolve, reject) => {
      const connection: Connection = new Connection(
        { host: hostname, port: Number(port), site, cameraId: this.#keys.cameraId },
        {
          ready: () => camera.greet(),
          heard: (pdu) => camera.heard(pdu),
          acknowledged: () => camera.pump(),
          lost: (code) => {
            meter.failed(number, code);
            reject(new Error(`camera ${number}: connection lost, ${code}`));
          },
        },
      );
      const camera = new LoadCamera({
        ...{ camera: number, keys: this.#keys, window, meter, nowUs: monotonicUs, idle: resolve },
        next: () => waiting.shift(),
        link: {
          control: (pdu) => connection.control(pdu),
          data: (header, payload, crc) => connection.data(header, payload, crc),
          unacknowledged: () => connection.unacknowledged,
        },
      });
      this.#connection = connection;
      this.#camera = camera;
    });
  }

  tick(isKeepAliveDue: boolean): void {
    if (isKeepAliveDue) this.#connection?.keepAlive();
    this.#camera?.tick();
  }

  close(): void {
    this.#camera?.leave();
    this.#connection?.close();
  }
}

function filmAt(film: readonly FilmChunk[], at: number): FilmChunk {
  const chunk = film[at % film.length];
  if (chunk === undefined) throw new RangeError('no film');
  return chunk;
}
