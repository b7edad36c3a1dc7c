const PAGE_BYTES = 4_096;

/**
 * Memory for packets on their way to the disk, used again and again. Fresh memory for each would be work for the garbage collector
 * by the megabyte: with hundreds of megabytes a second it takes more of the processor than the hashing does.
 *
 * Nobody has to give anything back: what is not is collected like any other memory. So only whoever has seen that nobody reads the
 * bytes any more says so, and every other way that a packet can go needs no care.
 */
export class Slots {
  readonly #keptBytesMax: number;
  readonly #free = new Map<number, ArrayBuffer[]>();
  /** Out, and not given back. */
  readonly #lent = new WeakSet<ArrayBuffer>();
  #keptBytes = 0;

  /** `keptBytesMax`: free memory that is kept for later. */
  constructor(keptBytesMax: number) {
    this.#keptBytesMax = keptBytesMax;
  }

  /** Bytes that are kept free. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** So many bytes of any content. */
  take(bytes: number): Uint8Array {
    const size = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    const kept = this.#free.get(size)?.pop();
    if (kept !== undefined) this.#keptBytes -= size;
    // Not zeroed: it is filled before anybody sees it.
    const buffer = kept ?? Buffer.allocUnsafeSlow(size).buffer;
    this.#lent.add(buffer);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** Nobody reads these bytes, or any others of their slot, any more. What is of no slot is ignored. */
  give({ buffer }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer) || !this.#lent.delete(buffer)) return;
    if (this.#keptBytes + buffer.byteLength > this.#keptBytesMax) return;
    this.#keptBytes += buffer.byteLength;
    const free = this.#free.get(buffer.byteLength);
    if (free === undefined) this.#free.set(buffer.byteLength, [buffer]);
    else free.push(buffer);
  }
}
