import { createHash } from 'node:crypto';
import type { Shot } from '../../../device/capture/footage/footage.ts';
import { checker } from '../../../device/keys/checker.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import { openManifest } from '../../../proto/manifest.ts';
import { FaultDisk } from '../../../sim/fault/disk.ts';
import { testKeys } from '../../unit/device/camera-kit.ts';
import { type BodyRig, type BodyWorld, bodyRig, settle } from '../../unit/device/firmware/body-rig.ts';
import {
  checkChains,
  checkKept,
  checkRoom,
  checkSilent,
  checkOrder,
  checkRecording,
  shotsIn,
  type Sights,
  type Truth,
  watched,
} from './shift-truth.ts';

export const SENSORS = ['taser', 'holster', 'fall'] as const;
const ISSUED_TO = '4411';

/** What happens next: a command, some time, the loss of all power, or a dock that takes a recording. */
export type Deed =
  | { readonly say: string }
  | { readonly passMs: number }
  | { readonly do: 'cut' | 'collect' };

/** How a camera is made and set. */
export interface Made {
  readonly preEventMs: number;
  readonly capacityBytes: number;
  readonly scarceBytes: number;
  readonly whenFull: 'stop' | 'refuse';
  readonly postEventMs: number;
  readonly recordingMsMax: number;
}

/** The camera over all its lives, and what is true of it. */
export class Shift {
  readonly #made: Made;
  readonly #world: BodyWorld;
  readonly #sights: Sights = new Map();
  readonly #truths = new Map<RecordingId, Truth>();
  /** Digest of each recording that was closed and not collected. */
  readonly #closed = new Map<RecordingId, string>();
  #rig: BodyRig;
  #lives = 0;
  #officer = ISSUED_TO;
  #isDocked = false;
  #sightedUs = 0;
  #open: Truth | undefined;
  #heard = 0;

  private constructor(how: Made, world: BodyWorld, rig: BodyRig) {
    this.#made = how;
    this.#world = world;
    this.#rig = rig;
  }

  static async begin(how: Made): Promise<Shift> {
    const { preEventMs, capacityBytes, scarceBytes, ...setting } = how;
    const world = {
      preEventMs,
      capacityBytes,
      scarceBytes,
      setting,
      keys: testKeys(),
      disk: new FaultDisk({ seed: 'shift' }),
    };
    const shift = new Shift(how, world, await bodyRig(world));
    await shift.#start();
    return shift;
  }

  async #start(): Promise<void> {
    this.#lives += 1;
    this.#rig = await bodyRig({ ...this.#world, optics: watched(`life ${this.#lives}`, this.#sights) });
    [this.#officer, this.#isDocked, this.#sightedUs, this.#open, this.#heard] = [
      ISSUED_TO,
      false,
      0,
      undefined,
      0,
    ];
    await this.#rig.body.start();
    await settle();
    await this.#compare();
  }

  async follow(one: Deed): Promise<void> {
    if ('say' in one) await this.#say(one.say);
    else if ('passMs' in one) await this.#pass(one.passMs);
    else if (one.do === 'cut') await this.#cut();
    else await this.#collect();
    await this.#compare();
  }

  async #say(line: string): Promise<void> {
    const { clock, flash } = this.#rig;
    const nowUs = clock.monoUs();
    const freeBytes = await flash.freeBytes();
    // What ended before is not what is meant.
    if (!('number' in this.#rig.body.state.mode)) this.#open = undefined;
    const came = await this.#rig.tell(line);
    if (came === 'done') this.#happened(line, nowUs);
    const begun = this.#listen();
    if (begun === 0) return;
    if (this.#made.whenFull === 'refuse') checkRoom(freeBytes, this.#made.scarceBytes);
    if (this.#open && SENSORS.some((sensor) => sensor === line)) this.#open.isCritical = true;
  }

  #happened(line: string, nowUs: number): void {
    const [word = '', name = ISSUED_TO] = line.split(' ');
    const isOut = word === 'undock' || (word === 'record' && this.#isDocked);
    if (isOut) [this.#officer, this.#isDocked] = [word === 'record' ? ISSUED_TO : name, false];
    if (word === 'dock') [this.#isDocked, this.#open] = [true, undefined];
    if (word === 'assign') this.#officer = name;
    if (word === 'unassign') this.#officer = '';
    if (isOut || word === 'assign' || word === 'unassign' || word === 'wake') this.#sightedUs = nowUs;
    if (word === 'mute') this.#open?.mutes.push({ fromUs: nowUs });
    const last = this.#open?.mutes.at(-1);
    if (word === 'unmute' && last !== undefined) last.toUs = nowUs;
    if (this.#open && SENSORS.some((sensor) => sensor === word)) this.#open.isCritical = true;
  }

  /** Notes what began since it last listened, and says how many did. */
  #listen(): number {
    const news = this.#rig.news.slice(this.#heard);
    this.#heard = this.#rig.news.length;
    const begun = news.filter((one) => one.news === 'recording');
    for (const { recordingId, cause } of begun) {
      const before = cause === 'limit' ? this.#open : undefined;
      const isMuted =
        before !== undefined && before.mutes.length > 0 && before.mutes.at(-1)?.toUs === undefined;
      // Of a file that follows another the first moment is known from its own manifest: it is checked against the one before.
      const mutes = isMuted ? [{ fromUs: Number.NaN }] : [];
      this.#open = {
        officer: before?.officer ?? this.#officer,
        ...{ sightedUs: this.#sightedUs, mutes, isCritical: false },
      };
      this.#truths.set(recordingId, this.#open);
    }
    return begun.length;
  }

  async #pass(ms: number): Promise<void> {
    const { body, clock, news } = this.#rig;
    const wasReady = body.state.mode.at === 'ready';
    const heard = news.length;
    clock.advance(ms);
    await settle();
    if (wasReady && body.state.mode.at === 'ready') checkSilent(news.slice(heard));
    this.#listen();
  }

  async #cut(): Promise<void> {
    if (this.#isDocked) await this.#rig.tell('unplug');
    this.#rig.battery.set(0);
    await this.#rig.body.ended;
    await this.#start();
  }

  /** A dock takes one, where there is one. */
  async #collect(): Promise<void> {
    const { flash } = this.#rig;
    const [first] = await flash.waiting();
    if (first === undefined || !this.#isDocked) return;
    await flash.erase(first.recordingId, Uint8Array.of(1));
    this.#closed.delete(first.recordingId);
  }

  /** What was closed is as it was, and there. */
  async #compare(): Promise<void> {
    const { flash } = this.#rig;
    const found = new Map<RecordingId, string>();
    let bytes = 0;
    for (const { recordingId, signedManifest, contentBytes } of await flash.waiting()) {
      const content = await flash.read(recordingId, 0, contentBytes);
      bytes += content.length;
      found.set(recordingId, createHash('sha256').update(signedManifest).update(content).digest('hex'));
    }
    checkKept(this.#closed, found);
    for (const [recordingId, digest] of found) this.#closed.set(recordingId, digest);
    checkRoom(this.#made.capacityBytes, bytes);
  }

  async end(): Promise<void> {
    await this.#rig.tell('quit');
    await this.#rig.body.ended;
    await this.#start();
    const { flash, keys } = this.#rig;
    const shotsOf = new Map<RecordingId, readonly Shot[]>();
    const waiting = await flash.waiting();
    const manifests = waiting.map(({ signedManifest }) =>
      openManifest(signedManifest, keys.publicKey, checker),
    );
    for (const manifest of manifests) {
      const { recordingId } = manifest;
      const content = await flash.read(recordingId, 0, manifest.contentBytes);
      const shots = shotsIn(content, this.#sights);
      const truth = this.#truths.get(recordingId);
      if (truth === undefined) throw new Error(`nobody saw ${recordingId} begin`);
      const mutes = truth.mutes.map((one) =>
        Number.isNaN(one.fromUs) ? { ...one, fromUs: manifest.started.monoUs } : one,
      );
      checkRecording(manifest, shots, { truth: { ...truth, mutes }, preEventMs: this.#made.preEventMs });
      shotsOf.set(recordingId, shots);
    }
    checkOrder(manifests);
    checkChains(manifests, shotsOf, this.#made.recordingMsMax);
  }
}
