import { openSerialLink } from '../../device/link/serial.ts';
import { SystemClock } from '../../dock/clock/system.ts';
import { serialBays } from '../../dock/link/serial.ts';
import type { Link as CameraLink } from '../../device/ports.ts';
import type { LinkSource } from '../../dock/ports.ts';
import { openPtyPair } from '../rig/pty.ts';
import { makeSigner, Town } from '../world/town.ts';
import { goodputOf, type WireFigures } from './figures.ts';
import { makePayload, type Upload } from './virtual-cell.ts';

const POLL_MS = 2;

/** The same upload in real time: a modelled line between two pseudo-terminals, and the serial links of both programs. */
export async function uploadOverPty(
  { line, bytes, seed }: Upload,
  limitMs: number,
): Promise<WireFigures | undefined> {
  const cable = await openPtyPair({ uart: { ...line, seed } });
  const bays = serialBays([cable.dockPath], { baudRate: line.baud, clock: new SystemClock() });
  try {
    const open = (): Promise<CameraLink> => openSerialLink({ path: cable.cameraPath, baudRate: line.baud });
    const tookMs = await uploadInRealTime({ open, source: bays, bytes, seed, limitMs });
    if (tookMs === undefined) return undefined;
    const { toDock, toCamera } = cable.sentBytes;
    return {
      wireRatio: toDock / bytes,
      ackRatio: toCamera / bytes,
      goodput: goodputOf(bytes, { tookMs, baud: line.baud }),
    };
  } finally {
    await bays.close();
    await cable.close();
  }
}

export interface RealUpload {
  readonly open: () => Promise<CameraLink>;
  readonly source: LinkSource;
  readonly bytes: number;
  readonly seed: string;
  readonly limitMs: number;
}

/** Milliseconds from the first Hello to the receipt; undefined when the time ran out. */
export async function uploadInRealTime(upload: RealUpload): Promise<number | undefined> {
  const { open, source, bytes, seed, limitMs } = upload;
  const town = new Town({
    seed,
    faults: {},
    time: new SystemClock(),
    recordings: [makePayload(bytes, seed)],
    cameraSigner: makeSigner(`${seed}/camera`),
  });
  const serving = serveAll(town, source);
  let startMs: number | undefined;
  town.dockOver(async () => {
    const link = await open();
    startMs ??= performance.now();
    return link;
  });
  const deadlineMs = performance.now() + limitMs;
  while (town.vault.receipts.size === 0 && performance.now() < deadlineMs) await pause(POLL_MS);
  const tookMs = performance.now() - (startMs ?? 0);
  const isDone = town.vault.receipts.size === 1 && town.problems.length === 0;
  await town.leave();
  await source.close();
  await serving;
  return isDone ? tookMs : undefined;
}

async function serveAll(town: Town, source: LinkSource): Promise<void> {
  const served: Promise<unknown>[] = [];
  for await (const link of source.links()) served.push(town.serve(link));
  await Promise.all(served);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
