/** What every cell of this benchmark moves: the same bytes, in the same shape. */
export interface Shape {
  readonly cameras: number;
  readonly window: number;
  readonly chunkBytes: number;
  /** Of each camera. */
  readonly chunks: number;
}

export interface RoundFigures {
  /** Of 10^6 bytes; what was stored was read again and hashed again afterwards, and is what was sent. */
  readonly MBps: number;
  /** From the last durable acknowledgement to the last receipt, where there are receipts. */
  readonly receiptLagMs?: number;
  /** The slowest camera's rate as a share of the mean, where that is known. */
  readonly slowest?: number;
}

/** One way to store footage durably. */
export interface UploadCell {
  readonly name: string;
  round(): Promise<RoundFigures>;
  close(): Promise<void>;
}

export const bytesOf = ({ cameras, chunks, chunkBytes }: Shape): number => cameras * chunks * chunkBytes;

export function rate(bytes: number, ms: number): number {
  return bytes / 1e3 / ms;
}
