import { peekManifest } from '../../proto/manifest.ts';
import type { RecordingId } from '../../proto/ids.ts';
import type { Holdings, Policy } from '../ports.ts';

/** Tells the policy service of each held recording once, and again until it succeeds. */
export class Registrar {
  readonly #policy: Pick<Policy, 'register'>;
  readonly #holdings: Pick<Holdings, 'find'>;
  readonly #registered = new Set<RecordingId>();
  readonly #trying = new Map<RecordingId, Promise<boolean>>();

  constructor(policy: Pick<Policy, 'register'>, holdings: Pick<Holdings, 'find'>) {
    this.#policy = policy;
    this.#holdings = holdings;
  }

  /** True once the service knows the recording. False: it could not be told now; ask again later. */
  async ensure(recordingId: RecordingId): Promise<boolean> {
    if (this.#registered.has(recordingId)) return true;
    let trying = this.#trying.get(recordingId);
    if (trying === undefined) {
      trying = this.#register(recordingId).finally(() => this.#trying.delete(recordingId));
      this.#trying.set(recordingId, trying);
    }
    return trying;
  }

  async #register(recordingId: RecordingId): Promise<boolean> {
    const holding = await this.#holdings.find(recordingId);
    if (holding?.signedManifest === undefined) return false;
    const { signedManifest, wraps } = holding;
    const manifest = peekManifest(signedManifest);
    // The fact is written once, so it waits until the wraps that the disk has lost are repaired.
    if (manifest.wrapsSha256 !== undefined && wraps === undefined) return false;
    const done = await this.#policy.register({
      recordingId,
      manifest,
      signedManifest,
      ...(wraps === undefined ? {} : { wraps }),
    });
    if (done) this.#registered.add(recordingId);
    return done;
  }
}
