/**
 * Every number that both ends must agree on. Sizes are bytes, times are milliseconds, counts are counts;
 * the unit is the last word of the name.
 */

// 256 KiB: under a second of footage, so a camera pulled mid-chunk wastes little,
// and one hash and one sync are shared by enough bytes to be cheap.
export const CHUNK_BYTES_MAX = 256 * 1024;
// A sealed chunk grows by 56 B and 16 B per 16 KiB; rounded up so that one number serves every suite.
export const STORED_CHUNK_BYTES_MAX = CHUNK_BYTES_MAX + 1024;
// 40,000 chunks are about 5.5 hours at 4 Mbit/s; more than the 4 h cap on one recording.
export const CHUNKS_MAX = 40_000;
// Table of 40,000 chunks at about 60 B each, rounded up.
export const MANIFEST_BYTES_MAX = 4 * 1024 * 1024;

// A serial PDU holds one Data of at most 8 KiB or a receipt with its proof.
export const SERIAL_PDU_BYTES_MAX = 16 * 1024;
export const SERIAL_FRAGMENT_BYTES_MAX = 8 * 1024;
export const SERIAL_FRAGMENT_BYTES_START = 2 * 1024;
export const MQTT_PDU_BYTES_MAX = 320 * 1024;
export const MQTT_FRAGMENT_BYTES_MAX = 256 * 1024;
export const MQTT_FRAGMENT_BYTES_START = 64 * 1024;
// type byte + Data header + payload tag and length + CRC, rounded up.
export const DATA_OVERHEAD_BYTES_MAX = 40;

// Two chunks in memory for each upload: one being written, one being received.
export const CREDIT_BYTES_PER_STREAM = 2 * STORED_CHUNK_BYTES_MAX;
export const MISSING_RANGES_MAX = 16;
export const MESSAGE_TEXT_BYTES_MAX = 256;
// Origins are names such as `holdfast.local/dock-1`.
export const LEDGER_ORIGIN_BYTES_MAX = 255;
// A proof in a log of 2^40 entries is 40 lines of 45 B, and a checkpoint with a few signatures.
export const PROOF_BYTES_MAX = 8 * 1024;
export const INCIDENT_TAG_BYTES_MAX = 128;
export const MEDIA_TYPE_BYTES_MAX = 128;
export const MARK_KIND_BYTES_MAX = 64;
// One mark every fifteen seconds of a four-hour recording.
export const MARKS_MAX = 1_000;
export const SESSIONS_MAX = 1_000;

export const HELLO_RETRY_MS = 500;
// Each Hello makes the answer to the one before it worthless, so the pause must outgrow any round trip.
export const HELLO_RETRY_MS_MAX = 2_000;
export const OFFER_RETRY_MS = 1_000;
export const FIN_RETRY_MS = 1_000;
export const ACK_REPEAT_MS = 500;
export const RETRANSMIT_MS_MIN = 200;
export const RETRANSMIT_MS_MAX = 3_000;
// A session with an upload under way that hears nothing for this long is dead.
export const SESSION_SILENCE_MS = 3_000;

// C2SP tlog-tiles: an entry has a 16-bit length.
export const LEDGER_ENTRY_BYTES_MAX = 65_535;

// Packets that arrived on one link and were not read yet: more than the credit of two uploads.
export const LINK_INBOX_BYTES_MAX = 2 * 1024 * 1024;
export const LINK_INBOX_PACKETS_MAX = 4_096;
// Packets that wait in one lane of one link for the transport to take them.
export const LINK_LANE_PACKETS_MAX = 64;
// One being written and one behind it: the line never idles, and an acknowledgement waits for two frames at most.
export const SERIAL_FRAMES_IN_PORT_MAX = 2;
// Half a megabyte at the starting fragment size: enough to fill a fast network, little to lose with the connection.
export const MQTT_UNACKNOWLEDGED_MAX = 8;
export const MQTT_CONTROL_IN_SOCKET_MAX = 16;
