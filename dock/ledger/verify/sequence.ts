import type { CustodyEntry } from '../../../proto/custody-entry.ts';

/**
 * The order that a dock's own rules impose on its ledger. Entries carry the dock's clock, which may step, so only
 * their places in the log are compared, never their times.
 */
export class Sequence {
  readonly #enrolled = new Set<string>();
  /** Recording to camera. */
  readonly #accepted = new Map<string, string>();
  readonly #refused = new Map<string, string>();
  /** Recording and person. */
  readonly #released = new Set<string>();
  readonly #granted = new Set<string>();

  /** What rule this entry breaks where it stands, or undefined. Entries must be given in log order. */
  judge(entry: CustodyEntry): string | undefined {
    switch (entry.type) {
      case 'device.enrolled':
        this.#enrolled.add(entry.camera);
        return undefined;
      case 'accepted':
        return this.#judgeAccepted(entry.recording, entry.camera);
      case 'refused':
        this.#refused.set(entry.recording, entry.camera);
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
      case 'denied':
      case 'started':
      case 'config.changed':
      case 'clock.stepped':
      case 'missing':
      case 'found':
      case 'hold.placed':
      case 'hold.lifted':
        return undefined;
      case 'exported':
      case 'damaged':
      case 'repaired':
      case 'retained':
      case 'destroyed':
        return this.#needsAccepted(entry.recording, entry.type);
      default:
        return entry satisfies never;
    }
  }

  #judgeAccepted(recording: string, camera: string): string | undefined {
    const again = this.#accepted.has(recording);
    this.#accepted.set(recording, camera);
    if (again) return `${recording} was accepted before`;
    return this.#enrolled.has(camera)
      ? undefined
      : `${camera} had not been enrolled when ${recording} was accepted`;
  }

  #judgeErased(recording: string, camera: string): string | undefined {
    const cameras = [this.#accepted.get(recording), this.#refused.get(recording)];
    if (cameras.includes(camera)) return undefined;
    return `${camera} erased ${recording}, of which the dock had not taken custody`;
  }

  #needsAccepted(recording: string, act: string): string | undefined {
    return this.#accepted.has(recording) ? undefined : `${recording} was ${act} before it was accepted`;
  }
}
