import type { MirrorNews } from '../../../../dock/store/mirror.ts';
import { openHoldingIndex } from '../../../../dock/store/holding-index.ts';
import type { HoldingIndex } from '../../../../dock/store/holding-index.ts';
import { openStore, type Store } from '../../../../dock/store/store.ts';
import type { Remember } from '../../../../dock/store/survey.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { FaultIndex } from '../../../../sim/fault/fault-index.ts';
import { type Sample, upload } from '../../../contract/stores.ts';

export const ORIGIN = 'test.example/dock-1';

/** A store on a faulty disk with its mirror on another one, and the power of both in one hand. */
export class TwoDisks {
  readonly disk: FaultDisk;
  readonly mirror: FaultDisk;
  readonly news: MirrorNews[] = [];
  index: HoldingIndex = openHoldingIndex(':memory:');
  store!: Store;
  #hasMirror = true;

  private constructor(seed: string) {
    this.disk = new FaultDisk({ seed });
    this.mirror = new FaultDisk({ seed: `${seed} mirror` });
  }

  static async open(seed: string): Promise<TwoDisks> {
    const world = new TwoDisks(seed);
    const mount = world.mirror.mount();
    await mount.makeFolder('/mirror');
    await mount.syncFolder('/');
    await world.boot();
    return world;
  }

  /** Starts a store on what the last one left. */
  async boot(remember?: Remember): Promise<void> {
    const mount = this.disk.mount();
    const tell = (news: MirrorNews): void => void this.news.push(news);
    const mirror = { dir: '/mirror', origin: ORIGIN, disk: this.mirror.mount(), tell };
    this.store = await openStore({
      ...{ dir: '/dock', disk: mount, index: new FaultIndex(this.index, mount) },
      ...(this.#hasMirror ? { mirror } : {}),
      ...(remember === undefined ? {} : { remember }),
    });
  }

  /** From the next start on there is one disk, or there are two again. */
  useMirror(use: boolean): void {
    this.#hasMirror = use;
  }

  cutPower(): void {
    this.disk.cutPower();
    this.mirror.cutPower();
  }

  async hold(recording: Sample, entryIndex = 7): Promise<void> {
    await upload(this.store, recording);
    await this.store.rehash(recording);
    await this.store.copy(recording);
    await this.store.settle(recording, { state: 'held', entryIndex });
  }

  /** What of a recording is in the mirror. */
  mirrored({ recordingId }: Sample, file: string): Uint8Array | undefined {
    return this.mirror.peek(`/mirror/recordings/${recordingId}/${file}`);
  }

  stored(
    { recordingId }: Sample,
    file: string,
    folder = `recordings/${recordingId}`,
  ): Uint8Array | undefined {
    return this.disk.peek(`/dock/${folder}/${file}`);
  }
}
