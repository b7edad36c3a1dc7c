import type { Cancel, PeerCall, Radio, RadioCounts } from '../../device/ports.ts';
import { readCall } from '../../device/radio/call.ts';
import type { Chance } from './chance.ts';

export interface AirOptions {
  readonly chance: Chance;
  /** How much of what is called is lost on its way, and how much is heard twice, 0 to 1. */
  readonly lost?: number;
  readonly repeated?: number;
}

/** The air between cameras in one process: everyone in it hears, as far as chance lets them. */
export class Air {
  readonly #options: AirOptions;
  readonly #radios = new Set<MemoryRadio>();

  constructor(options: AirOptions) {
    this.#options = options;
  }

  /** Another camera is near. */
  join(camera: PeerCall['camera']): Radio {
    const radio = new MemoryRadio(camera, this);
    this.#radios.add(radio);
    return radio;
  }

  leave(radio: MemoryRadio): void {
    this.#radios.delete(radio);
  }

  /** Something is heard by one camera, whatever it is. */
  whisper(camera: PeerCall['camera'], line: string): void {
    for (const radio of this.#radios) if (radio.camera === camera) radio.take(readCall(line));
  }

  /** How many it came to. */
  carry(call: PeerCall, from: MemoryRadio): number {
    const { chance, lost = 0, repeated = 0 } = this.#options;
    let reached = 0;
    for (const radio of [...this.#radios].filter((one) => one !== from)) {
      if (chance.happens(lost)) continue;
      reached += 1;
      radio.take(call);
      if (chance.happens(repeated)) radio.take(call);
    }
    return reached;
  }
}

/** Stand-in for a camera's radio: what it hears it hears at once. */
class MemoryRadio implements Radio {
  readonly camera: PeerCall['camera'];
  readonly #air: Air;
  readonly #hearers = new Set<(call: PeerCall) => void>();
  #counts: RadioCounts = { reached: 0, heard: 0, garbled: 0, late: 0 };

  constructor(camera: PeerCall['camera'], air: Air) {
    this.camera = camera;
    this.#air = air;
  }

  call(call: PeerCall): void {
    this.#counts = { ...this.#counts, reached: this.#counts.reached + this.#air.carry(call, this) };
  }

  onCall(hear: (call: PeerCall) => void): Cancel {
    this.#hearers.add(hear);
    return () => this.#hearers.delete(hear);
  }

  counts(): RadioCounts {
    return this.#counts;
  }

  close(): Promise<void> {
    this.#air.leave(this);
    this.#hearers.clear();
    return Promise.resolve();
  }

  take(call: PeerCall | undefined): void {
    const { heard, garbled } = this.#counts;
    if (call === undefined || call.camera === this.camera) {
      this.#counts = { ...this.#counts, garbled: garbled + 1 };
      return;
    }
    this.#counts = { ...this.#counts, heard: heard + 1 };
    for (const hear of this.#hearers) hear(call);
  }
}
