const CONTINUES = 0x80;
const LENGTH_BYTES_MAX = 4;

/**
 * Walks the fixed headers of an MQTT byte stream (MQTT 3.1.1, 2.2) and says when a packet announces more than it may have.
 * The broker's own parser would first collect such a packet, up to 256 MB of it, and only then hand it over.
 */
export class PacketGuard {
  readonly #bytesMax: number;
  /** Bytes of the current packet's body still to come. */
  #body = 0;
  /** Bytes of the length field read so far; undefined outside a header. */
  #lengthBytes: number | undefined;
  #length = 0;

  /** `bytesMax`: of a packet without its fixed header. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False once a packet is too large or its length cannot be read; the connection must then be cut. */
  passes(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; ) {
      if (this.#body > 0) {
        const step = Math.min(this.#body, bytes.length - at);
        this.#body -= step;
        at += step;
        continue;
      }
      if (!this.#header(bytes[at] ?? 0)) return false;
      at += 1;
    }
    return true;
  }

  #header(byte: number): boolean {
    if (this.#lengthBytes === undefined) {
      this.#lengthBytes = 0;
      this.#length = 0;
      return true;
    }
    this.#length += (byte & ~CONTINUES) * CONTINUES ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (this.#length > this.#bytesMax) return false;
    if (byte >= CONTINUES) return this.#lengthBytes < LENGTH_BYTES_MAX;
    this.#body = this.#length;
    this.#lengthBytes = undefined;
    return true;
  }
}
