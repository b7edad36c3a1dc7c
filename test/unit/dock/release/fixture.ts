import { createHash, createHmac } from 'node:crypto';
import type {
  ContentSession,
  Holding,
  Holdings,
  HoldingState,
  Stamp,
  Verdict,
  Viewer,
} from '../../../../dock/ports.ts';
import { openRelease, type Release, type ReleaseNotice } from '../../../../dock/release/release.ts';
import { decodeEntry, type CustodyEntry, type UnknownEntry } from '../../../../proto/custody-entry.ts';
import { isPersonId, isRecordingId, type PersonId, type RecordingId } from '../../../../proto/ids.ts';
import { signManifest } from '../../../../proto/manifest.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { ScriptedPolicy } from '../../../../sim/fault/policy.ts';
import {
  CAMERA_KEY,
  cameraId,
  checked,
  CHUNKS,
  dockId,
  LEDGER_KEY,
  manifestOf,
  ORIGIN,
  sha256,
} from '../../proto/fixture.ts';

export const OFFICER = checked('4411', isPersonId);
export const PARTNER = checked('4412', isPersonId);
export const STRANGER = checked('5120', isPersonId);
/** What the officer's own release waits for. */
export const REPORT = {
  fact: 'report.filed',
  incident: '24-118842',
  person: OFFICER,
  text: 'initial report of Officer 4411',
};

export const isOpen = (opened: ContentSession | { readonly refused: Verdict }): opened is ContentSession =>
  !('refused' in opened);

/** Recording ids that tell themselves apart: `recording(1)`. */
export function recording(number: number): RecordingId {
  return checked(number.toString(16).padStart(32, '0'), isRecordingId);
}

/** Holdings in memory; every recording holds the same three small chunks. */
export class MemoryHoldings implements Holdings {
  readonly #held = new Map<RecordingId, Holding>();
  /** Called before each chunk is read, so that a test can act in between. */
  beforeRead: () => Promise<void> = async () => {};

  add(recordingId: RecordingId, officerId: string = OFFICER, entryIndex = 0): Holding {
    const signedManifest = signManifest({ ...manifestOf(), recordingId, officerId }, CAMERA_KEY.sign);
    const holding: Holding = {
      recordingId,
      cameraId,
      transport: 'serial',
      manifestSha256: sha256(signedManifest),
      manifestBytes: signedManifest.length,
      contentBytes: 600,
      state: 'held',
      leaseEpoch: 1,
      signedManifest,
      durableChunks: CHUNKS.length,
      entryIndex,
      received: { receivedAtUs: 1_800_000_000_000_000, uncertaintyUs: 500, basis: 'local' },
    };
    this.#held.set(recordingId, holding);
    return holding;
  }

  put(holding: Holding): void {
    this.#held.set(holding.recordingId, holding);
  }

  async named(state: HoldingState): Promise<readonly Holding[]> {
    return this.list(state);
  }

  async list(state?: HoldingState): Promise<readonly Holding[]> {
    return [...this.#held.values()].filter((holding) => state === undefined || holding.state === state);
  }

  async find(recordingId: RecordingId): Promise<Holding | undefined> {
    const holding = this.#held.get(recordingId);
    return holding?.state === 'held' ? holding : undefined;
  }

  async readChunk(_recordingId: RecordingId, index: number): Promise<Uint8Array> {
    await this.beforeRead();
    const chunk = CHUNKS[index];
    if (chunk === undefined) throw new RangeError(`no chunk ${index}`);
    return chunk;
  }

  async stamps(): Promise<readonly Stamp[]> {
    return [];
  }
}

export const keys = {
  dockId,
  pseudonym: (person: string): string => createHmac('sha256', 'test').update(person).digest('hex'),
  camera: (): Uint8Array => CAMERA_KEY.publicKey,
};

/** A release over stand-ins that a test moves by hand. */
export class Stage {
  readonly clock = new ManualClock();
  readonly policy = new ScriptedPolicy(this.clock);
  readonly holdings = new MemoryHoldings();
  readonly ledger = new MemoryLedger({
    origin: ORIGIN,
    publicKey: LEDGER_KEY.publicKey,
    sign: LEDGER_KEY.sign,
    sha256,
  });
  readonly notices: ReleaseNotice[] = [];
  #random = 0;

  async open(): Promise<Release> {
    return openRelease({
      policy: this.policy,
      holdings: this.holdings,
      ledger: this.ledger,
      clock: this.clock,
      keys: { ...keys, randomBytes: (count) => this.#bytes(count) },
      notify: (notice) => this.notices.push(notice),
    });
  }

  viewer(person: PersonId, roles: readonly string[] = ['officer']): Viewer {
    return {
      person,
      name: person,
      roles,
      keyThumbprint: `key-of-${person}`,
      expiresAtUs: this.clock.wallUs() + 900_000_000,
    };
  }

  async entries(): Promise<readonly (CustodyEntry | UnknownEntry)[]> {
    const { size } = await this.ledger.checkpoint();
    return (await this.ledger.read(0, size)).map(decodeEntry);
  }

  /** Entries of these types, in order, as `type person-or-nothing`. */
  async story(): Promise<readonly string[]> {
    const names = new Map([OFFICER, PARTNER, STRANGER].map((person) => [keys.pseudonym(person), person]));
    return (await this.entries()).map((entry) => {
      const person =
        'person' in entry && typeof entry.person === 'string' ? names.get(entry.person) : undefined;
      return `${entry.type} ${person ?? ''}`.trim();
    });
  }

  /** Lets every promise that can settle settle; nothing here waits for the machine. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
  }

  /** Lets time pass in small steps, with everything settled at each. */
  async pass(ms: number, stepMs = 50): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(stepMs);
      await this.settle();
    }
  }

  #bytes(count: number): Uint8Array {
    this.#random += 1;
    return new Uint8Array(createHash('sha512').update(`${this.#random}`).digest()).slice(0, count);
  }
}
