import { Worker } from 'node:worker_threads';
import { CaptureError } from '../error.ts';
import type { WorkerAnswer } from './encoder-worker.ts';
import { checkFootage, type Footage, type Gop, type Shot } from './footage.ts';

/** Turns shots into groups of pictures, one at a time and in order. */
export interface Encoder {
  readonly footage: Footage;
  /** RFC 6381, e.g. `avc1.420016`; the same for all that this encoder makes. */
  readonly codec: string;
  /** Rejects with CaptureError ENCODER_FAILED. The caller waits for one shot before it asks for the next. */
  encode(shot: Shot): Promise<Gop>;
  close(): Promise<void>;
}

/** Where the encoding runs. */
interface Room {
  encode(shot: Shot): Promise<Gop>;
  close(): Promise<void>;
}

/**
 * Starts the encoder on a thread of its own, so that a picture in the making never holds up an upload. Where
 * the source runs as TypeScript, as under vitest, no worker can be loaded, and it runs on the calling thread.
 * One frame is encoded at once: it shows that the encoder works, and gives the codec that a header must name.
 * Throws CaptureError FOOTAGE_RANGE, ENCODER_FAILED.
 */
export async function openEncoder(footage: Footage): Promise<Encoder> {
  checkFootage(footage);
  const room = import.meta.url.endsWith('.ts') ? await sameThread(footage) : ownThread(footage);
  try {
    const probe = await room.encode({
      firstFrame: 0,
      frames: 1,
      startWallUs: 0,
      cameraId: '',
      officerId: '',
    });
    const encode = async (shot: Shot): Promise<Gop> => checkSame(probe, await room.encode(shot));
    return { footage, codec: probe.codec, encode, close: () => room.close() };
  } catch (error) {
    await room.close();
    throw error;
  }
}

// The init segment is written once and must fit every fragment after it.
function checkSame(probe: Gop, gop: Gop): Gop {
  if (Buffer.compare(probe.description, gop.description) === 0) return gop;
  throw failed('the encoder changed its decoder settings between two groups of pictures');
}

async function sameThread(footage: Footage): Promise<Room> {
  const { encodeGop } = await import('./gop.ts');
  const { makeScene } = await import('./picture.ts');
  const scene = makeScene(footage);
  return { encode: (shot) => encodeGop(scene, shot), close: () => Promise.resolve() };
}

function ownThread(footage: Footage): Room {
  const worker = new Worker(new URL('./encoder-worker.js', import.meta.url), { workerData: footage });
  let ended: CaptureError | undefined;
  worker.on('error', (error: unknown) => {
    ended = failed('the encoder thread died', error);
  });
  worker.on('exit', () => {
    ended ??= failed('the encoder thread has ended');
  });
  return {
    encode: (shot) => (ended ? Promise.reject(ended) : ask(worker, shot)),
    close: async () => {
      await worker.terminate();
    },
  };
}

function ask(worker: Worker, shot: Shot): Promise<Gop> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off('message', answered).off('error', died).off('exit', exited);
      act();
    };
    const answered = (answer: WorkerAnswer): void =>
      settle(() => ('gop' in answer ? resolve(answer.gop) : reject(failed(answer.failed))));
    const died = (error: unknown): void => settle(() => reject(failed('the encoder thread died', error)));
    const exited = (): void => settle(() => reject(failed('the encoder thread has ended')));
    worker.on('message', answered).on('error', died).on('exit', exited);
    worker.postMessage(shot);
  });
}

function failed(message: string, cause?: unknown): CaptureError {
  return new CaptureError('ENCODER_FAILED', message, { retry: 'never', cause });
}
