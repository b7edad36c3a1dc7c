import { nodeChecker } from '../../dock/ledger/checker.ts';
import { decodeEntry } from '../../proto/custody-entry.ts';
import type { Holding } from '../../dock/ports.ts';
import { FieldError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { peekManifest } from '../../proto/manifest.ts';
import { equal } from '../../proto/bytes.ts';
import type { WorldEvent } from '../world/history.ts';
import type { Check, DockView, World } from './check.ts';

/** What is known of one recording by whoever stood beside the camera. */
interface Truth {
  readonly camera: string;
  readonly officer: string;
  readonly plain: Uint8Array[];
  /** Numbers of chunks after which a fragment is whole. */
  readonly ends: Set<number>;
  /** Kinds of the marks that were durable. */
  readonly marks: string[];
  /** Chunks up to the last whole fragment that the flash called durable. */
  durable: number;
}

/**
 * What a dock holds of a recording is what the camera saw, whole fragments from the first on and at least all that the flash
 * had called durable, with every mark; it opens with the custodian's key, names the officer who had the camera, as the log does, and
 * is there once. What it accepted it holds. Only of a recording of which something rotted since the dock read it back may it say that
 * it cannot be read, or hold it no more.
 */
export function storedEqualsCaptured(): Check {
  const truths = new Map<RecordingId, Truth>();
  const accepted = new Map<string, Set<RecordingId>>();
  return {
    name: 'stored-equals-captured',
    promise: 3,
    see: (event) => {
      if (event.what === 'settled' && event.outcome === 'held')
        accepted.set(event.dock, new Set(accepted.get(event.dock)).add(event.recordingId));
      return learn(truths, event);
    },
    end: async (world) => {
      const problems: string[] = [];
      for (const dock of world.docks.filter(({ isUp }) => isUp)) {
        problems.push(...(await strangers(dock, truths)));
        const held = (await dock.holdings.list()).filter(({ state }) => state === 'held');
        const ids = held.map(({ recordingId }) => recordingId);
        for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at)))
          problems.push(`${dock.dockId} holds ${id} more than once`);
        for (const id of accepted.get(dock.dockId) ?? [])
          if (!ids.includes(id) && !dock.isSpoilt(id))
            problems.push(`${dock.dockId} accepted ${id} and does not hold it`);
        for (const holding of held) {
          const judged = await judge(holding, { truth: truths.get(holding.recordingId), dock, world });
          const isRot = judged?.isRot === true && dock.isSpoilt(holding.recordingId);
          if (judged !== undefined && !isRot)
            problems.push(`${holding.recordingId} on ${dock.dockId} ${judged.problem}`);
        }
      }
      return problems;
    },
  };
}

function learn(truths: Map<RecordingId, Truth>, event: WorldEvent): string | undefined {
  if (event.what === 'recording') {
    const { camera, officer, recordingId } = event;
    if (truths.has(recordingId)) return `${recordingId} was begun twice`;
    truths.set(recordingId, { camera, officer, plain: [], ends: new Set(), marks: [], durable: 0 });
  }
  if (event.what === 'captured') {
    const truth = truths.get(event.recordingId);
    if (truth === undefined) return `${event.recordingId} has pictures before it has a header`;
    truth.plain.push(event.plain);
    if (event.isFragmentEnd) truth.ends.add(event.index + 1);
  }
  if (event.what === 'marked') truths.get(event.recordingId)?.marks.push(event.kind);
  if (event.what === 'stored' && event.isFragmentEnd) {
    const truth = truths.get(event.recordingId);
    if (truth !== undefined) truth.durable = event.index + 1;
  }
  return undefined;
}

/** What the log says of whose recordings they are. */
async function strangers(
  dock: DockView,
  truths: ReadonlyMap<RecordingId, Truth>,
): Promise<readonly string[]> {
  const { dockId, ledger } = dock;
  const { size } = await ledger.checkpoint();
  const entries = (await ledger.read(0, size)).map(decodeEntry);
  return entries.flatMap((entry) => {
    const truth = entry.type === 'accepted' ? truths.get(entry.recording) : undefined;
    if (entry.type !== 'accepted' || truth === undefined) return [];
    if (entry.officer === dock.pseudonym(truth.officer)) return [];
    return [`${entry.recording} is in the log of ${dockId} as that of somebody else than ${truth.officer}`];
  });
}

interface Judged {
  readonly problem: string;
  /** The dock itself says that the bytes are not what it accepted. */
  readonly isRot: boolean;
}

async function judge(
  { recordingId, signedManifest, cameraId, wraps }: Holding,
  {
    truth,
    dock,
    world,
  }: { readonly truth: Truth | undefined; readonly dock: DockView; readonly world: World },
): Promise<Judged | undefined> {
  const wrong = (problem: string): Judged => ({ problem, isRot: false });
  if (truth === undefined) return wrong('was recorded by no camera');
  // What a dock accepted had one.
  if (signedManifest === undefined) return { problem: 'has lost its manifest', isRot: true };
  const manifest = peekManifest(signedManifest);
  if (cameraId !== truth.camera) return wrong(`is said to be of ${cameraId}, and is of ${truth.camera}`);
  if (manifest.officerId !== truth.officer)
    return wrong(`is said to be of officer ${manifest.officerId}, and is of ${truth.officer}`);
  const lost = truth.marks.filter((kind) => !manifest.marks.some((mark) => mark.kind === kind));
  if (lost.length > 0) return wrong(`has lost its marks ${lost.join(', ')}`);
  const count = manifest.chunks.length;
  if (count < truth.durable) return wrong(`has ${count} chunks, and ${truth.durable} were durable`);
  if (!truth.ends.has(count)) return wrong(`ends within a fragment, after ${count} chunks`);
  const { wrapsSha256 } = manifest;
  const areWhole =
    wrapsSha256 === undefined || (wraps !== undefined && equal(nodeChecker.sha256(wraps), wrapsSha256));
  if (!areWhole) return { problem: 'has lost the wraps that its camera made', isRot: true };
  for (let index = 0; index < count; index++) {
    const stored = await readChunk(dock, recordingId, index);
    if (typeof stored === 'string') return { problem: `cannot be read back: ${stored}`, isRot: true };
    const plain = manifest.suite === 0 ? stored : world.open({ manifest, wraps, index }, stored);
    if (plain === undefined) return wrong(`does not open with the custodian's key at chunk ${index}`);
    if (!equal(plain, truth.plain[index] ?? new Uint8Array()))
      return wrong(`is not what was captured at chunk ${index}`);
  }
  return undefined;
}

async function readChunk(
  dock: DockView,
  recordingId: RecordingId,
  index: number,
): Promise<Uint8Array | string> {
  try {
    return await dock.holdings.readChunk(recordingId, index);
  } catch (error) {
    if (error instanceof FieldError) return error.message;
    throw error;
  }
}
