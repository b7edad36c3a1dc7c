import { crc32 } from 'node:zlib';
import type { Stamp } from '../../dock/ports.ts';
import type { Entry } from '../../dock/policy/facts/fact.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { FaultKind } from './coverage.ts';
import type { Trace } from './trace.ts';

/** What happened in a world, as somebody sees it who stands beside all machines; the checks judge by nothing else. */
export type WorldEvent = { readonly atUs: number } & Happening;

/** One thing that happened, and where. Times in microseconds; those called `wall` are what the machine believed. */
export type Happening =
  | CameraHappening
  | DockHappening
  | OfficeHappening
  | { readonly what: 'fault'; readonly kind: FaultKind; readonly where: string; readonly state: string }
  | { readonly what: 'booted' | 'power-cut'; readonly machine: string };

export type CameraHappening =
  /** The header is durable: this recording has begun, and whoever has the camera now is its officer. */
  | {
      readonly what: 'recording';
      readonly camera: string;
      readonly recordingId: RecordingId;
      readonly officer: string;
      readonly triggeredWallUs: number;
    }
  /** The truth beside the device: a plain chunk, as the capture core handed it to the sealing; `durable` follows when the flash said so. */
  | {
      readonly what: 'captured';
      readonly camera: string;
      readonly recordingId: RecordingId;
      readonly index: number;
      readonly plain: Uint8Array;
      readonly isFragmentEnd: boolean;
    }
  /** The flash has said that chunk `index` of this recording survives a pulled battery. */
  | {
      readonly what: 'stored';
      readonly camera: string;
      readonly recordingId: RecordingId;
      readonly index: number;
      readonly isFragmentEnd: boolean;
    }
  /** A closed recording, by a stop or by recovery after a power cut. */
  | {
      readonly what: 'closed' | 'recovered';
      readonly camera: string;
      readonly recordingId: RecordingId;
      readonly chunks: number;
    }
  /** The camera gave a Data a number that is not above those of all Data before it on that stream. */
  | {
      readonly what: 'number-reused';
      readonly camera: string;
      readonly stream: number;
      readonly txSeq: number;
    }
  /** The camera sends the first Data of a stream, after an Accept that says that so many bytes are durable. */
  | {
      readonly what: 'resumed';
      readonly camera: string;
      readonly dock: string;
      readonly recordingId: RecordingId;
      readonly bytes: number;
      readonly prefixDigest: Uint8Array;
    }
  /** A mark is durable in the camera. */
  | {
      readonly what: 'marked';
      readonly camera: string;
      readonly recordingId: RecordingId;
      readonly kind: string;
    }
  | {
      readonly what: 'receipt';
      readonly camera: string;
      readonly recordingId: RecordingId;
      readonly outcome: string;
      readonly dock: string;
    }
  /** The camera begins to erase a recording that it has a receipt for, or one that has no footage of its own. */
  | {
      readonly what: 'erased' | 'discarded';
      readonly camera: string;
      readonly recordingId: RecordingId;
    }
  /** The camera will not do what it was told: the code of the refusal. */
  | { readonly what: 'declined'; readonly camera: string; readonly command: string; readonly code: string };

export type DockHappening =
  /** An Ack with this `durable_to` was given to a wire. */
  | {
      readonly what: 'durable';
      readonly dock: string;
      readonly camera: string;
      readonly recordingId: RecordingId;
      readonly bytes: number;
    }
  | {
      readonly what: 'settled';
      readonly dock: string;
      readonly camera: string;
      readonly recordingId: RecordingId;
      readonly outcome: 'held' | 'quarantined';
      readonly entryIndex: number;
    }
  /** The store was given a chunk with this stamp. `arrivedUs`: true time when its last byte was here, UTC; absent when the dock's clock never gave such a stamp. */
  | {
      readonly what: 'stamped';
      readonly dock: string;
      readonly recordingId: RecordingId;
      readonly index: number;
      readonly stamp: Stamp;
      readonly arrivedUs?: number;
    }
  /** The store took a chunk from a session whose lease was older than another's already. */
  | {
      readonly what: 'overtaken';
      readonly dock: string;
      readonly recordingId: RecordingId;
      readonly index: number;
    }
  /** The store gave a session a lease that is no newer than one that another had. */
  | {
      readonly what: 'leased-twice';
      readonly dock: string;
      readonly recordingId: RecordingId;
      readonly leaseEpoch: number;
    }
  /** The dock's log showed this checkpoint to somebody: in a ticket, a receipt, or to a reader. */
  | {
      readonly what: 'checkpoint';
      readonly dock: string;
      readonly size: number;
      readonly root: Uint8Array;
      readonly note: string;
    }
  /** A content session: `session` is the digest of its id, as the ledger names it. */
  | {
      readonly what: 'opened';
      readonly dock: string;
      readonly person: string;
      readonly recordingId: RecordingId;
      readonly grantId: string;
      readonly session: string;
    }
  /** Stored bytes of a chunk left a dock for a person, under whatever session they named; `published`: entries in the dock's checkpoint then. */
  | {
      readonly what: 'delivered';
      readonly dock: string;
      readonly person: string;
      readonly recordingId: RecordingId;
      readonly index: number;
      readonly session: string;
      readonly published: number;
      readonly stored: Uint8Array;
    };

export type OfficeHappening =
  /** The policy service has it on file. */
  | { readonly what: 'fact'; readonly entry: Entry }
  /** The event stream brought a dock the news of every fact up to this one; `isAgain`: by way of a new connection. */
  | {
      readonly what: 'announced';
      readonly dock: string;
      readonly index: number;
      readonly isAgain: boolean;
    }
  /** What the policy service is from now on: `up`, `slow`, `down`, `lying`. */
  | { readonly what: 'office'; readonly mode: string }
  /** The policy service signed this, with a grant's own claims. */
  | {
      readonly what: 'granted';
      readonly dock: string;
      readonly person: string;
      readonly recordingId: RecordingId;
      readonly purpose: string;
      readonly kind: string;
      readonly grantId: string;
      readonly chunks: readonly [start: number, end: number];
      readonly newestFact: number;
      /** When an authorisation that it rests on ends, milliseconds since 1970. */
      readonly untilMs?: number;
    }
  /** The custodian gave keys of these chunks. */
  | {
      readonly what: 'keyed';
      readonly person: string;
      readonly recordingId: RecordingId;
      readonly grantId: string;
    }
  | {
      readonly what: 'refused';
      readonly person: string;
      readonly recordingId: RecordingId;
      readonly why: string;
    };

/** All events of a run, in order. Each is written to the trace and shown to whoever watches as it happens. */
export class History {
  readonly #nowUs: () => number;
  readonly #trace: Trace;
  readonly #events: WorldEvent[] = [];
  readonly #watchers: ((event: WorldEvent) => void)[] = [];

  /** `nowUs` is true time, in microseconds since the start of the world. */
  constructor(nowUs: () => number, trace: Trace) {
    this.#nowUs = nowUs;
    this.#trace = trace;
  }

  get events(): readonly WorldEvent[] {
    return this.#events;
  }

  watch(watcher: (event: WorldEvent) => void): void {
    this.#watchers.push(watcher);
  }

  record(happening: Happening): void {
    const event: WorldEvent = { ...happening, atUs: this.#nowUs() };
    this.#events.push(event);
    this.#trace.line(lineOf(event));
    for (const watcher of this.#watchers) watcher(event);
  }

  /** Every event of one kind, in order. */
  of<What extends WorldEvent['what']>(what: What): readonly Extract<WorldEvent, { what: What }>[] {
    return this.#events.filter((event): event is Extract<WorldEvent, { what: What }> => event.what === what);
  }
}

function lineOf({ atUs, what, ...rest }: WorldEvent): string {
  const told = JSON.stringify(rest, (_name, value: unknown) =>
    value instanceof Uint8Array ? `${value.length} B ${crc32(value).toString(16)}` : value,
  );
  return `${atUs} ${what} ${told}`;
}
