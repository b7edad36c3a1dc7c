/**
 * A serial port as the drivers of both ends see it, and nothing more: bytes in, bytes out, a line rate. The
 * serial adapters put one around the real port; a modelled UART is one as well.
 */
export interface BytePort {
  /** The present line rate in bit/s. */
  readonly baud: number;
  /**
   * Queues bytes, kept in order and not changed by the caller any more. `taken` is called once, never before `write`
   * returns, when the port's own queue has taken them in; never, when the port closes first.
   */
  write(bytes: Uint8Array, taken: () => void): void;
  /**
   * Resolves when all that was written has left on the wire. It may hang while the other side stalls, so
   * callers bound it; it never rejects.
   */
  drain(): Promise<void>;
  /**
   * Changes the rate of an open port; what is queued in either direction may be lost. `baud` is 300 to 4,000,000 bit/s.
   * Rejects when the port cannot run at that rate or is closed, and then the old rate stays.
   */
  setBaud(baud: number): Promise<void>;
  /** Called once, by whoever drives the port, before anything is awaited. `closed` is called once, whoever closed it. */
  listen(on: BytePortEvents): void;
  /** Gives the port back; resolves when that is done. May be called again. */
  close(): Promise<void>;
}

export interface BytePortEvents {
  /** Bytes as they came, cut anywhere; the callee must not keep the array without a copy. */
  bytes(bytes: Uint8Array): void;
  /** The port is gone: closed, hung up or broken. No more bytes come. */
  closed(): void;
}
