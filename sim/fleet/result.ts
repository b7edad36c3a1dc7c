/** One chunk's way, times in microseconds of one monotonic clock of the generator. */
export interface ChunkTimes {
  /** When the plan says it leaves. In a closed loop that is when the window let it go. */
  readonly intendedUs: number;
  /** When it was given to the socket. Later than intended: the generator itself was late, or held back by the dock. */
  readonly sentUs: number;
  /** When the acknowledgement arrived that says it is on the disk. */
  readonly durableUs: number;
  readonly bytes: number;
}

/** One recording's way, on the same clock. */
export interface RecordingTimes {
  /** When its camera was put into the dock; in an open loop, when the plan says so. */
  readonly dockedUs: number;
  /** When its receipt was checked, and the camera may erase. */
  readonly erasableUs: number;
  readonly bytes: number;
}

/** A chunk that was due and had no durable acknowledgement when the run ended. */
export interface UnfinishedTimes {
  readonly intendedUs: number;
  /** The end of the run. The chunk waited at least until then, and is counted so: leaving it out would hide the worst. */
  readonly untilUs: number;
}

/** What a generator tells of its cameras as it happens. Cameras are numbered from 0. Nothing here may wait. */
export interface Meter {
  chunk(camera: number, times: ChunkTimes): void;
  recording(camera: number, times: RecordingTimes): void;
  unfinished(camera: number, times: UnfinishedTimes): void;
  retransmit(camera: number, bytes: number): void;
  /** The code is the protocol's or the system's word: `STORE_FULL`, `ECONNRESET`. */
  failed(camera: number, code: string): void;
}

/** What one worker saw since its last report: plain values, so that it can be posted to another thread. */
export interface MeterReport {
  /** Histograms in HdrHistogram's V2 encoding, of microseconds. */
  readonly histograms: Readonly<Record<HistogramName, string>>;
  /** Durable bytes and recordings by the second since the run's start in which they became so. */
  readonly seconds: readonly SecondCount[];
  /** Of the cameras to which anything happened. */
  readonly cameras: readonly CameraCount[];
  readonly errors: Readonly<Record<string, number>>;
  readonly retransmits: { readonly chunks: number; readonly bytes: number };
  readonly unfinished: number;
}

export const HISTOGRAM_NAMES = ['chunk', 'service', 'erasable', 'lag'] as const;
export type HistogramName = (typeof HISTOGRAM_NAMES)[number];

export interface SecondCount {
  readonly second: number;
  readonly bytes: number;
  readonly chunks: number;
  readonly recordings: number;
}

export interface CameraCount {
  readonly camera: number;
  readonly bytes: number;
  readonly recordings: number;
  readonly errors: number;
  readonly retransmits: number;
  /** The longest that a chunk of this camera took from its intended time. */
  readonly worstUs: number;
}

/** Milliseconds. Of none, count is 0 and the rest is null. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
  readonly count: number;
}

export type Transport = 'mqtt' | 'serial';
/** Closed: every camera sends as fast as the dock lets it. Open: chunks are due at planned times, whatever the dock does. */
export type Loop = 'closed' | 'open';
export type ProfileName = 'precinct' | 'city' | 'stress';

export interface LoadOptions {
  readonly cameras: number;
  readonly transport: Transport;
  readonly loop: Loop;
  /** Null: no profile; then the capacity answer is for the city's shift. */
  readonly profile: ProfileName | null;
  readonly durationSeconds: number;
  readonly warmUpSeconds: number;
  readonly rampSeconds: number;
  readonly windowChunks: number;
  readonly chunkBytes: number;
  /** Of each bay's line, bit/s; null over MQTT. */
  readonly baud: number | null;
  /** Content bytes sent for each byte that they stand for. */
  readonly payloadScale: number;
  /** How many seconds of the profile pass in one of the run. */
  readonly timeWarp: number;
  readonly seed: number;
}

export interface LoadTarget {
  /** `own`: a dock that the run started, and that nobody else uses. */
  readonly kind: 'own' | 'given';
  /** URL or path, without anything secret. */
  readonly where: string;
  /** What the dock says it is, if it did. */
  readonly version: string | null;
}

/** A dock's process at one moment. Null is unknown, and never means zero. */
export interface DockSample {
  readonly cpuPercent: number | null;
  readonly rssMiB: number | null;
  readonly fds: number | null;
  /** Since the dock started. */
  readonly fsyncs: number | null;
  /** Its 99th percentile in the last interval, as the dock says. */
  readonly eventLoopDelayMs: number | null;
  /** Bytes or items waiting in the dock, by the names that it gives them. */
  readonly queues: Readonly<Record<string, number>> | null;
}

export interface DockUse {
  readonly cpuPercent: number | null;
  readonly rssMiB: { readonly max: number; readonly last: number } | null;
  readonly fds: { readonly max: number; readonly last: number } | null;
  readonly fsyncs: number | null;
  readonly eventLoopDelayMs: number | null;
  /** The most that was seen in each. */
  readonly queues: Readonly<Record<string, number>> | null;
}

/** One second of the run. */
export interface SecondPoint {
  readonly second: number;
  readonly MBps: number;
  readonly chunks: number;
  readonly recordings: number;
  /** Of the chunks whose durable acknowledgement came in this second; null of none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  readonly generatorCpuPercent: number | null;
  readonly dock: DockSample | null;
}

export interface Bay {
  readonly camera: number;
  readonly bytes: number;
  readonly MBps: number;
  readonly recordings: number;
  readonly errors: number;
  readonly retransmits: number;
  readonly worstMs: number | null;
}

/** One row a camera up to 64; above that, the slowest. */
export interface Bays {
  readonly count: number;
  readonly meanMBps: number;
  readonly minMBps: number;
  readonly maxMBps: number;
  /** The slowest camera's share of the mean: 1 is perfectly fair. Null when nothing arrived. */
  readonly minOverMean: number | null;
  /** MB/s at each twentieth of the cameras, slowest first: 21 values. */
  readonly spread: readonly number[];
  readonly each: readonly Bay[];
}

/** What the dock keeps beside footage at the end, and what the run added to it for each GiB (1,073,741,824 bytes) that it stands for. */
export interface Kept {
  readonly ledgerBytes: number;
  readonly indexBytes: number;
  readonly gib: number;
  readonly ledgerBytesPerGiB: number;
  readonly indexBytesPerGiB: number;
}

/** Medians of the second and of the last minute of a run. */
export interface Steady {
  readonly rssMiB: { readonly second: number; readonly last: number; readonly ratio: number } | null;
  readonly fds: { readonly second: number; readonly last: number; readonly ratio: number } | null;
}

/** What serial bays made of their lines. */
export interface LineUse {
  /** Bit/s. A line at 8N1 carries a tenth of it in bytes. */
  readonly baud: number;
  /** Durable payload as a share of that, of the slowest bay and of all. */
  readonly slowest: number;
  readonly mean: number;
}

export interface Capacity {
  readonly profile: ProfileName;
  /** The slowest third of the run, so that a dock which fades is not promised at its first speed. */
  readonly MBps: number;
  /** `sustained`: the dock was kept busy. `at-least`: it took what it was offered, and might take more. */
  readonly basis: 'sustained' | 'at-least';
  /** What one camera brings from one shift. */
  readonly shiftBytes: number;
  /** No camera is done sooner than its own link lets it. */
  readonly oneCameraMinutes: number;
  /** How many cameras of the profile the dock takes in so many minutes. */
  readonly within: readonly { readonly minutes: number; readonly cameras: number }[];
  /** How many cameras end one shift in this profile, and how long the dock needs for them. */
  readonly shift: { readonly cameras: number; readonly minutes: number };
}

/** The `--json` line, and all that the report is made of. */
export interface LoadResult {
  readonly target: LoadTarget;
  readonly options: LoadOptions;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly machine: {
    readonly cpus: number;
    readonly model: string;
    readonly node: string;
    readonly memoryMiB: number;
  };
  readonly durable: {
    readonly bytes: number;
    readonly seconds: number;
    /** Of 10^6 bytes. */
    readonly MBps: number;
    readonly chunks: number;
    readonly recordings: number;
    readonly recordingsPerSecond: number;
  };
  /** From the intended send time to the durable acknowledgement: what a camera waits, coordinated omission included. */
  readonly chunkLatencyMs: Percentiles;
  /** From the moment it was sent: what a generator that waits for its dock would have shown. */
  readonly serviceMs: Percentiles;
  /** From docking to the checked receipt. */
  readonly erasableMs: Percentiles;
  /** From intended to sent: how late the generator was, whoever's fault it is. */
  readonly generatorLagMs: Percentiles;
  /** Chunks that were due and not durable at the end. They are in `chunkLatencyMs` with the time they had waited. */
  readonly unfinished: number;
  readonly retransmits: { readonly chunks: number; readonly bytes: number };
  readonly errors: Readonly<Record<string, number>>;
  readonly generator: { readonly cpuPercent: number | null };
  readonly dock: DockUse;
  readonly series: readonly SecondPoint[];
  readonly bays: Bays;
  /** Null over MQTT. */
  readonly line: LineUse | null;
  /** Null when nothing was durable. */
  readonly kept: Kept | null;
  /** Null under three minutes. */
  readonly steady: Steady | null;
  /** Null where the run cannot say: too short, or with errors. */
  readonly capacity: Capacity | null;
  /** Why there is no capacity answer; null where there is one. */
  readonly noCapacity: string | null;
  /** Sentences: what this run did not measure. */
  readonly notMeasured: readonly string[];
}
