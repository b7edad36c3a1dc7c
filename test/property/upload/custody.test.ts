import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FlashError } from '../../../device/flash/error.ts';
import { type FileTickets, openTickets } from '../../../device/flash/tickets.ts';
import type { ClosedRecording } from '../../../device/ports.ts';
import type { UploadContext, UploadEffect, UploadEvent, UploadState } from '../../../device/upload/state.ts';
import { step } from '../../../device/upload/step.ts';
import { equal } from '../../../proto/bytes.ts';
import type { Receipt } from '../../../proto/messages.ts';
import { openReceipt } from '../../../proto/receipt.ts';
import { FaultDisk } from '../../../sim/fault/disk.ts';
import { runs } from '../../runs.ts';
import { checker } from '../../unit/proto/fixture.ts';
import { contextOver, recordingOf } from '../../unit/device/upload/upload-kit.ts';
import { type Head, TwoFacedDock, type Word } from './two-faced-dock.ts';

const OFFERS_MAX = 3;
const NONCE = new Uint8Array(32);

/** A camera whose tickets lie on a faulty disk, and everything that it erased, with the tree that it was erased for. */
class Camera {
  readonly disk: FaultDisk;
  readonly docks: readonly TwoFacedDock[];
  readonly erased = new Map<TwoFacedDock, Head>();
  erasures = 0;
  readonly problems: string[] = [];
  #tickets: FileTickets;
  #recordings = 0;
  #waiting: readonly ClosedRecording[] = [];

  private constructor(disk: FaultDisk, tickets: FileTickets, docks: readonly TwoFacedDock[]) {
    this.disk = disk;
    this.docks = docks;
    this.#tickets = tickets;
  }

  static async on(disk: FaultDisk, docks: readonly TwoFacedDock[]): Promise<Camera> {
    return new Camera(disk, await openTickets('/flash', { disk: disk.mount() }), docks);
  }

  kept(dock: TwoFacedDock): Head | undefined {
    return this.#tickets.kept(dock.trusted.dockId);
  }

  /** The battery is pulled. What was erased was erased for a tree that is still known, and so were all before it. */
  async restart(): Promise<void> {
    this.disk.cutPower();
    this.#tickets = await openTickets('/flash', { disk: this.disk.mount() });
    this.problems.push(...this.#tickets.damaged().map(({ why }) => why));
    for (const [dock, head] of this.erased) {
      const kept = this.kept(dock);
      if (kept === undefined || !dock.extends(head, kept))
        this.problems.push(
          `what was erased for ${head.size} entries is not in the ${kept?.size ?? 0} that are kept`,
        );
    }
  }

  /** One session with a dock, up to a few Offers or to a power cut. */
  async meet(dock: TwoFacedDock): Promise<void> {
    if (this.#waiting.length === 0) this.#waiting = [this.#record()];
    const context: UploadContext = {
      ...contextOver('serial'),
      ...checker,
      kept: (dockId) => this.#tickets.kept(dockId),
    };
    const known = {
      ...context.keys,
      dock: (id: string) => (id === dock.trusted.dockId ? dock.trusted : undefined),
    };
    const events: UploadEvent[] = [{ event: 'start', nowUs: 0, wallUs: 0, nonce: NONCE }];
    let state: UploadState = { at: 'undocked' };
    for (let nowUs = 0; nowUs < OFFERS_MAX * 1_000_000; nowUs += 1_000_000) {
      events.push({ event: 'tick', nowUs });
      for (let event = events.shift(); event !== undefined; event = events.shift()) {
        const [next, effects] = step(state, event, { ...context, keys: known });
        state = next;
        for (const effect of effects) events.push(...(await this.#perform(effect, dock, nowUs)));
      }
    }
  }

  async #perform(effect: UploadEffect, dock: TwoFacedDock, nowUs: number): Promise<readonly UploadEvent[]> {
    switch (effect.effect) {
      case 'send':
        return dock
          .answer(effect.message)
          .map((message) => ({ event: 'message', nowUs, wallUs: 0, nonce: NONCE, message }));
      case 'list':
        return [{ event: 'listed', nowUs, recordings: this.#waiting }];
      case 'keep': {
        const { ticket, recordingId } = effect;
        await this.#tickets.keep(ticket);
        return recordingId === undefined ? [] : [{ event: 'kept', nowUs, recordingId, size: ticket.size }];
      }
      case 'erase':
        this.#erase(dock, effect.receipt);
        return [{ event: 'erased', nowUs, recordingId: effect.recordingId }];
      default:
        return [];
    }
  }

  #erase(dock: TwoFacedDock, receipt: Receipt): void {
    const { size, root } = openReceipt(receipt, dock.trusted, checker);
    const before = this.erased.get(dock);
    if (before !== undefined && !dock.extends(before, { size, root }))
      this.problems.push(`erased for ${size} entries that do not begin with the ${before.size} before`);
    this.erased.set(dock, { size, root });
    this.erasures += 1;
    this.#waiting = [];
  }

  #record(): ClosedRecording {
    this.#recordings += 1;
    const digit = (this.#recordings % 15) + 1;
    return recordingOf(digit.toString(16));
  }
}

const word = fc.constantFrom<Word>('truth', 'truth', 'nothing', 'other size', 'another past');
const meeting = fc.record({
  dock: fc.nat(1),
  setBack: fc.option(fc.nat(12), { freq: 2 }),
  grows: fc.nat(4),
  words: fc.array(word, { maxLength: 3 }),
  givesTicket: fc.boolean(),
  cutAfter: fc.option(fc.nat(14), { freq: 2 }),
  restarts: fc.boolean(),
});

// Goal: whatever a dock does with its log, and whenever the power goes, footage goes only for one history of it, each tree the
// beginning of the next; and a dock that tells the truth about that history is always believed again.
// Method: two docks that fork, shrink and lie about their logs; tickets on a disk that forgets what was not synced. In the end
// each goes on honestly from what the camera keeps of it, which must free a recording.
it('erases only along one history of each dock', async () => {
  let freed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.string(),
      fc.array(meeting, { minLength: 1, maxLength: 12 }),
      async (seed, meetings) => {
        const docks = [new TwoFacedDock('dock-1', 10), new TwoFacedDock('dock-2', 20)];
        const camera = await Camera.on(new FaultDisk({ seed }), docks);
        for (const [index, one] of meetings.entries()) {
          const dock = docks[one.dock] ?? camera.docks[0];
          if (dock === undefined) throw new Error('there are two docks');
          if (one.setBack !== null) dock.setBack(one.setBack);
          dock.log.fill(one.grows, `meeting-${index}`);
          dock.prepare(one.words, one.givesTicket);
          if (one.cutAfter !== null) camera.disk.failAfter(one.cutAfter);
          const isDark = await camera.meet(dock).then(
            () => false,
            (error: unknown) => {
              if (error instanceof FlashError) return true;
              throw error;
            },
          );
          if (isDark || one.cutAfter !== null || one.restarts) await camera.restart();
        }
        for (const dock of docks) {
          const kept = camera.kept(dock);
          if (kept !== undefined) dock.repent(kept.root, kept.size);
          dock.prepare([], false);
          const before = camera.erasures;
          await camera.meet(dock);
          expect(camera.erasures).toBeGreaterThan(before);
          const last = camera.erased.get(dock);
          expect(last !== undefined && equal(last.root, camera.kept(dock)?.root ?? NONCE)).toBe(true);
        }
        expect(camera.problems).toEqual([]);
        freed += camera.erasures;
      },
    ),
    { numRuns: runs(60) },
  );
  expect(freed).toBeGreaterThan(2 * runs(60));
}, 60_000);
