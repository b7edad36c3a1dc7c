import type { CustodyEntry } from '../../../proto/custody-entry.ts';
import type { EntryOf } from '../../../proto/custody-fields.ts';
import { parseInstant } from '../../../proto/instant.ts';
import type { FindingCode } from './finding.ts';

/** A rule that an entry breaks. */
export interface Breach {
  readonly code: FindingCode & ('sequence' | 'seal-off');
  readonly message: string;
}

/**
 * The order that a dock's own rules impose on its ledger. Entries carry the dock's clock, which may step, so their
 * places in the log are compared; a time only where an entry promises one, the end of retention.
 */
export class Sequence {
  readonly #enrolled = new Set<string>();
  readonly #accepted = new Map<string, EntryOf<'accepted'>>();
  /** Recording to camera. */
  readonly #refused = new Map<string, string>();
  /** Lowest counter of the sealed recordings of each camera that has sealed. */
  readonly #sealing = new Map<string, number>();
  /** Recording and person. */
  readonly #released = new Set<string>();
  readonly #granted = new Set<string>();
  /** Manifests of what was refused. */
  readonly #quarantined = new Set<string>();
  /** Legal holds on each recording that are in force, by who placed them. */
  readonly #held = new Map<string, Map<string, number>>();
  /** Facts of the policy service that holds come from. */
  readonly #facts = new Set<string>();
  /** Recording to the instant until which it is kept. */
  readonly #retained = new Map<string, string>();
  readonly #destroyed = new Set<string>();
  #epoch = -1;

  /** What rule this entry breaks where it stands, or undefined. Entries must be given in log order. */
  judge(entry: CustodyEntry): Breach | undefined {
    if (entry.type === 'accepted') return this.#judgeAccepted(entry);
    const message = this.#breach(entry);
    return message === undefined ? undefined : { code: 'sequence', message };
  }

  #breach(entry: Exclude<CustodyEntry, { type: 'accepted' }>): string | undefined {
    switch (entry.type) {
      case 'device.enrolled':
        this.#enrolled.add(entry.camera);
        return undefined;
      case 'refused':
        this.#refused.set(entry.recording, entry.camera);
        this.#quarantined.add(entry.manifest);
        return undefined;
      case 'erased':
        return this.#judgeErased(entry.recording, entry.camera);
      case 'released':
        this.#released.add(`${entry.recording} ${entry.person}`);
        return this.#needsAccepted(entry.recording, 'released');
      case 'withheld':
        return this.#needsAccepted(entry.recording, 'withheld');
      case 'revoked':
        // A revocation may stand twice: a dock whose disk failed half-way says it again.
        return this.#released.has(`${entry.recording} ${entry.person}`)
          ? undefined
          : `revokes a release of ${entry.recording} that never was`;
      case 'granted':
        this.#granted.add(`${entry.recording} ${entry.person} ${entry.session}`);
        return this.#needsAccepted(entry.recording, 'granted');
      case 'viewed':
        return this.#granted.has(`${entry.recording} ${entry.person} ${entry.session}`)
          ? undefined
          : `${entry.recording} was viewed in a session without a grant`;
      case 'started':
      case 'clock.stepped':
        return this.#judgeEpoch(entry.epoch);
      case 'denied':
      case 'config.changed':
      case 'missing':
      case 'found':
        return undefined;
      default:
        return this.#keeping(entry);
    }
  }

  /** What is done with a recording in custody, up to its end. */
  #keeping(
    entry: Extract<
      CustodyEntry,
      {
        type: 'hold.placed' | 'hold.lifted' | 'exported' | 'damaged' | 'repaired' | 'retained' | 'destroyed';
      }
    >,
  ): string | undefined {
    switch (entry.type) {
      case 'hold.placed':
      case 'hold.lifted':
        this.#hold(entry);
        return undefined;
      case 'retained':
        this.#retained.set(entry.recording, entry.until);
        return this.#needsCustody(entry.recording, entry.type);
      case 'exported':
        return this.#needsAccepted(entry.recording, entry.type);
      case 'damaged':
      case 'repaired':
        return this.#needsCustody(entry.recording, entry.type);
      case 'destroyed':
        return this.#judgeDestroyed(entry);
      default:
        return entry satisfies never;
    }
  }

  #judgeAccepted(entry: EntryOf<'accepted'>): Breach | undefined {
    const { recording, camera } = entry;
    const again = this.#accepted.has(recording);
    this.#accepted.set(recording, entry);
    const isSealed = entry.suite === 1;
    const sealedFrom = this.#sealing.get(camera) ?? Number.POSITIVE_INFINITY;
    if (isSealed) this.#sealing.set(camera, Math.min(entry.counter, sealedFrom));
    if (again) return { code: 'sequence', message: `${recording} was accepted before` };
    if (!this.#enrolled.has(camera)) {
      const message = `${camera} had not been enrolled when ${recording} was accepted`;
      return { code: 'sequence', message };
    }
    if (isSealed || entry.counter <= sealedFrom) return undefined;
    const message = `${recording} of ${camera} is not sealed, and one of that camera with a lower counter is`;
    return { code: 'seal-off', message };
  }

  #judgeErased(recording: string, camera: string): string | undefined {
    const cameras = [this.#accepted.get(recording)?.camera, this.#refused.get(recording)];
    if (cameras.some((known) => known === camera)) return undefined;
    return `${camera} erased ${recording}, of which the dock had not taken custody`;
  }

  #judgeEpoch(epoch: number): string | undefined {
    const before = this.#epoch;
    this.#epoch = Math.max(before, epoch);
    return epoch > before ? undefined : `epoch ${epoch} of the clock begins after epoch ${before}`;
  }

  #judgeDestroyed(entry: EntryOf<'destroyed'>): string | undefined {
    const { recording } = entry;
    const accepted = this.#accepted.get(recording);
    const until = this.#retained.get(recording);
    const again = this.#destroyed.has(entry.manifest);
    this.#destroyed.add(entry.manifest);
    if (again) return `${recording} was destroyed before`;
    const isAccepted = accepted?.manifest === entry.manifest && entry.wraps === (accepted.wraps ?? '');
    // What was refused is kept under custody too, and its time ends as well.
    if (!isAccepted && !this.#quarantined.has(entry.manifest))
      return `what was destroyed of ${recording} is not what was accepted`;
    if ((this.#held.get(recording)?.size ?? 0) > 0) return `${recording} was destroyed under a legal hold`;
    if (until === undefined)
      return `${recording} was destroyed, and nothing said until when it was to be kept`;
    if ((parseInstant(entry.at) ?? 0) < (parseInstant(until) ?? 0))
      return `${recording} was destroyed, and was to be kept until ${until}`;
    return undefined;
  }

  /** A hold ends by the word of whoever placed it; a fact that was read twice counts once. */
  #hold({ type, recording, by = '', fact }: EntryOf<'hold.placed' | 'hold.lifted'>): void {
    if (fact !== undefined && this.#facts.has(fact)) return;
    if (fact !== undefined) this.#facts.add(fact);
    const holds = this.#held.get(recording) ?? new Map<string, number>();
    const count = (holds.get(by) ?? 0) + (type === 'hold.placed' ? 1 : -1);
    if (count > 0) holds.set(by, count);
    else holds.delete(by);
    this.#held.set(recording, holds);
  }

  #needsCustody(recording: string, act: string): string | undefined {
    return this.#refused.has(recording) ? undefined : this.#needsAccepted(recording, act);
  }

  #needsAccepted(recording: string, act: string): string | undefined {
    return this.#accepted.has(recording) ? undefined : `${recording} was ${act} before it was accepted`;
  }
}
