import { ApiError, type Api } from './api.ts';

/** Where a file goes as it arrives. */
export interface Sink {
  write(part: Uint8Array<ArrayBuffer>): Promise<void>;
  /** All of it is there. */
  close(): Promise<void>;
  /** Nothing of it is to be left. */
  abort(): Promise<void>;
}

/** Bytes that have come, and all that are to come. */
export type OnBytes = (bytes: number, of: number) => void;

// A browser moves a blob to its disk, but not the parts of one that is still to be made.
const BLOB_BYTES = 8 * 1024 * 1024;

/** Takes a package to a sink. Rejects with ApiError, in words, or an AbortError; nothing is left then. */
export async function takePackage(
  api: Pick<Api, 'takePackage'>,
  { id, purpose }: { readonly id: string; readonly purpose: string },
  to: { readonly sink: Sink; readonly signal: AbortSignal; readonly onBytes: OnBytes },
): Promise<void> {
  const { sink, signal, onBytes } = to;
  try {
    const response = await api.takePackage(id, purpose, signal);
    const all = Number(response.headers.get('content-length'));
    let bytes = 0;
    for await (const part of partsOf(response)) {
      await sink.write(part);
      bytes += part.length;
      onBytes(bytes, all);
    }
    if (bytes !== all) throw cutShort();
    await sink.close();
  } catch (error) {
    await sink.abort();
    // The browser says of a cut connection only that the network failed.
    throw error instanceof TypeError ? cutShort() : error;
  }
}

function cutShort(): ApiError {
  return new ApiError('passing', 'The package did not come whole, so nothing was kept of it. Try again.');
}

async function* partsOf({ body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const reader = body?.getReader();
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read())
    yield read.value;
}

/** Keeps the file in the browser and offers it as a download at the end. */
export function downloadSink(name: string): Sink {
  let blobs: Blob[] = [];
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const pack = (): void => {
    blobs.push(new Blob(parts));
    parts = [];
    bytes = 0;
  };
  return {
    async write(part) {
      parts.push(part);
      bytes += part.length;
      if (bytes >= BLOB_BYTES) pack();
    },
    async close() {
      pack();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob(blobs, { type: 'application/zip' }));
      link.download = name;
      link.click();
      blobs = [];
      // The download has its own hold on the bytes once it has begun.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    async abort() {
      [blobs, parts] = [[], []];
    },
  };
}

type Picker = (options: { readonly suggestedName: string }) => Promise<FileSystemFileHandle>;

/** Straight to a file that the person chooses, where the browser can; undefined where it cannot. Rejects with AbortError when they choose none. */
export async function fileSink(name: string): Promise<Sink | undefined> {
  const { showSaveFilePicker: pick } = globalThis as { readonly showSaveFilePicker?: Picker };
  if (pick === undefined) return undefined;
  const handle = await pick({ suggestedName: name });
  // Until it is closed the bytes are in a file of the browser's own.
  const file = await handle.createWritable();
  return {
    write: (part) => file.write(part),
    close: () => file.close(),
    abort: () => file.abort(),
  };
}
