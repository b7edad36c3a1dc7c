import {
  DATA_OVERHEAD_BYTES_MAX,
  MQTT_FRAGMENT_BYTES_MAX,
  MQTT_FRAGMENT_BYTES_MIN,
  MQTT_GOOD_BEFORE_LONGER,
} from '../../proto/limits.ts';

/**
 * How long a fragment one broker has been seen to take, for the life of this process. A broker of MQTT 3.1.1 does not tell its
 * limit: it cuts the connection at a packet that is too long, and would do so for ever if the same were sent again. So a
 * connection lost over a length that it never carried halves the fragments; fragments that were acknowledged
 * earn longer ones again, but never as long as one that failed.
 */
export class FragmentMemory {
  #bytes = MQTT_FRAGMENT_BYTES_MAX;
  #failedPduBytes = Infinity;
  #good = 0;

  /** Payload bytes of a Data to send next. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The broker acknowledged a Data PDU of so many bytes. Short ones prove nothing. */
  acknowledged(pduBytes: number): void {
    if (pduBytes <= this.#bytes / 2) return;
    this.#good += 1;
    if (this.#good < MQTT_GOOD_BEFORE_LONGER) return;
    this.#good = 0;
    const longer = Math.min(2 * this.#bytes, MQTT_FRAGMENT_BYTES_MAX);
    if (longer + DATA_OVERHEAD_BYTES_MAX < this.#failedPduBytes) this.#bytes = longer;
  }

  /**
   * A connection was lost with Data unacknowledged. True when the fragments are shorter from now on: not when as
   * long a PDU had been acknowledged on that connection, since its length then was not the reason.
   */
  lost(longest: { readonly unacknowledged: number; readonly acknowledged: number }): boolean {
    const { unacknowledged, acknowledged } = longest;
    if (unacknowledged === 0 || acknowledged >= unacknowledged) return false;
    const half = Math.floor(Math.min(this.#bytes, unacknowledged) / 2);
    this.#failedPduBytes = Math.min(this.#failedPduBytes, unacknowledged);
    this.#bytes = Math.max(half, MQTT_FRAGMENT_BYTES_MIN);
    this.#good = 0;
    return true;
  }
}
