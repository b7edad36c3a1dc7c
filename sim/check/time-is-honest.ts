import type { Stamp } from '../../dock/ports.ts';
import { decodeEntry } from '../../proto/custody-entry.ts';
import { FieldError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { parseInstant } from '../../proto/instant.ts';
import { peekManifest } from '../../proto/manifest.ts';
import type { WorldEvent } from '../world/history.ts';
import type { Check, DockView } from './check.ts';

type Stamped = Extract<WorldEvent, { what: 'stamped' }>;

// Within one epoch two readings of a dock's clock are off by at most this and so much of the time between them (dock/clock/epoch.ts),
// and its oscillator by as much again.
const PARTED_US = 100_000;
const PARTED_PPM = 1_000;

/**
 * Whoever claims UTC is right: true arrival lies within the bound of each stamp. Stamps of one epoch can be compared, epochs rise
 * along the log, what is kept is what was stamped, and a camera's times are kept as its clock said them.
 */
export function timeIsHonest(): Check {
  const stamped = new Map<string, Stamped[]>();
  const firsts = new Map<string, Stamped>();
  const triggered = new Map<RecordingId, number>();
  return {
    name: 'time-is-honest',
    promise: 5,
    see: (event) => {
      if (event.what === 'recording') triggered.set(event.recordingId, event.triggeredWallUs);
      if (event.what !== 'stamped') return undefined;
      const place = `${event.dock}/${event.recordingId}/${event.index}`;
      stamped.set(place, [...(stamped.get(place) ?? []), event]);
      const epoch = `${event.dock}/${event.stamp.epoch}`;
      const first = firsts.get(epoch) ?? event;
      firsts.set(epoch, first);
      return untrue(event) ?? incomparable(first, event);
    },
    end: async (world) => {
      const problems: string[] = [];
      for (const dock of world.docks.filter(({ isUp }) => isUp)) {
        problems.push(...(await epochs(dock)));
        for (const { recordingId, signedManifest, state } of await dock.holdings.list()) {
          if (state !== 'held' || signedManifest === undefined) continue;
          const { wallUs } = peekManifest(signedManifest).triggered;
          const said = triggered.get(recordingId);
          if (said !== wallUs)
            problems.push(`${recordingId} says it began at ${wallUs}, and its camera said ${said}`);
          const kept = await stampsOf(dock, recordingId);
          if (typeof kept === 'string') problems.push(kept);
          for (const [index, stamp] of typeof kept === 'string' ? [] : kept.entries()) {
            const given = stamped.get(`${dock.dockId}/${recordingId}/${index}`) ?? [];
            if (!given.some((one) => isSame(one.stamp, stamp)))
              problems.push(`${dock.dockId} has a stamp of ${recordingId}/${index} that was never made`);
          }
        }
      }
      return problems;
    },
  };
}

/** What rotted since it was read is a matter of scrubs and mirrors. */
async function stampsOf(dock: DockView, recordingId: RecordingId): Promise<readonly Stamp[] | string> {
  try {
    return await dock.holdings.stamps(recordingId);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return dock.isSpoilt(recordingId) ? [] : `the stamps of ${recordingId} cannot be read: ${error.message}`;
  }
}

function untrue({ dock, recordingId, index, stamp, arrivedUs }: Stamped): string | undefined {
  const what = `the stamp of ${recordingId}/${index}`;
  if (arrivedUs === undefined) return `${what} was not made by the clock of ${dock}`;
  const offUs = Math.abs(stamp.receivedAtUs - arrivedUs);
  if (stamp.basis !== 'utc' || offUs <= stamp.uncertaintyUs) return undefined;
  return `${what} by ${dock} is off by ${offUs} us, and says at most ${stamp.uncertaintyUs}`;
}

function incomparable(first: Stamped, { dock, stamp, arrivedUs = 0 }: Stamped): string | undefined {
  const betweenUs = arrivedUs - (first.arrivedUs ?? 0);
  const partedUs = Math.abs(stamp.receivedAtUs - first.stamp.receivedAtUs - betweenUs);
  const ownUs = stamp.uncertaintyUs + first.stamp.uncertaintyUs;
  if (partedUs <= PARTED_US + ownUs + (Math.abs(betweenUs) * PARTED_PPM) / 1e6) return undefined;
  return `the clock of ${dock} jumped by ${partedUs} us within epoch ${stamp.epoch}`;
}

/** Epochs rise along a log; an `accepted` entry says when its last chunk came. */
async function epochs({ dockId, ledger }: DockView): Promise<readonly string[]> {
  const problems: string[] = [];
  const { size } = await ledger.checkpoint();
  let newest = 0;
  for (const [index, bytes] of (await ledger.read(0, size)).entries()) {
    const entry = decodeEntry(bytes);
    if (entry.type !== 'started' && entry.type !== 'clock.stepped') continue;
    if (entry.epoch <= newest)
      problems.push(`entry ${index} of ${dockId} begins epoch ${entry.epoch} after ${newest}`);
    if (parseInstant(entry.at) === undefined) problems.push(`entry ${index} of ${dockId} has no time`);
    newest = Math.max(newest, entry.epoch);
  }
  return problems;
}

function isSame(one: Stamp, other: Stamp): boolean {
  return (
    one.receivedAtUs === other.receivedAtUs &&
    one.uncertaintyUs === other.uncertaintyUs &&
    one.basis === other.basis &&
    one.epoch === other.epoch
  );
}
