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
// The best sizes for bit error rates from 1e-4 to none (docs/PROTOCOL.md, "fragment size").
export const SERIAL_FRAGMENT_BYTES_MIN = 128;
export const SERIAL_FRAGMENT_BYTES_MAX = 8 * 1024;
export const SERIAL_FRAGMENT_BYTES_START = 2 * 1024;
// A longer PDU goes over a serial line in parts of this many bytes, so that a bad line carries it at all.
export const PART_BYTES = 128;
export const PART_ABOVE_BYTES = 256;
export const MQTT_PDU_BYTES_MAX = 320 * 1024;
// A whole stored chunk in one packet: one header, one hash, no copy.
export const MQTT_FRAGMENT_BYTES_MAX = STORED_CHUNK_BYTES_MAX;
export const MQTT_FRAGMENT_BYTES_MIN = 8 * 1024;
// type byte + Data header + payload tag and length + CRC, rounded up.
export const DATA_OVERHEAD_BYTES_MAX = 40;

// Units (the manifest, or a chunk) in memory for each upload: some being written, one being received.
export const CREDIT_UNITS_PER_STREAM = 8;
export const MISSING_RANGES_MAX = 16;
export const MESSAGE_TEXT_BYTES_MAX = 256;
// Origins are names such as `holdfast.local/dock-1`.
export const LEDGER_ORIGIN_BYTES_MAX = 255;
// A proof in a log of 2^40 entries is 40 lines of 45 B, and a checkpoint with a few signatures.
export const PROOF_BYTES_MAX = 8 * 1024;
// C2SP tlog-witness: a log of 2^62 entries needs no more.
export const CONSISTENCY_HASHES_MAX = 63;
// A checkpoint with the cosignatures of some twenty witnesses.
export const TICKET_BYTES_MAX = 4 * 1024;
// A custodian, an offline recovery key, and room for a change of either.
export const WRAPS_MAX = 8;
// Eight wraps of 151 B.
export const WRAPS_BYTES_MAX = 2 * 1024;
// Dock to camera while it has nothing else to say: a newer ticket, no more often than this.
export const TICKET_EVERY_MS = 30_000;
// Camera to dock: what it says of itself, again when something has changed, and otherwise only this often.
export const TELEMETRY_GAP_MS = 1_000;
export const TELEMETRY_LOOK_MS = 5_000;
export const TELEMETRY_REPEAT_MS = 30_000;
export const INCIDENT_TAG_BYTES_MAX = 128;
export const MEDIA_TYPE_BYTES_MAX = 128;
export const MARK_KIND_BYTES_MAX = 64;
// One mark every fifteen seconds of a four-hour recording.
export const MARKS_MAX = 1_000;
// Twice as often as anybody switches the sound off in a shift.
export const MUTES_MAX = 500;
export const CATEGORIES_MAX = 16;
export const CATEGORY_BYTES_MAX = 56;
// One point every five seconds of a four-hour recording.
export const TRACK_POINTS_MAX = 3_000;
export const SESSIONS_MAX = 6_000;

export const HELLO_RETRY_MS = 500;
// Each Hello makes the answer to the one before it worthless, so the pause must outgrow any round trip.
export const HELLO_RETRY_MS_MAX = 2_000;
export const OFFER_RETRY_MS = 1_000;
export const FIN_RETRY_MS = 1_000;
// What arrived is acknowledged after this long at the latest, and said again this long after nothing new came.
export const ACK_DELAY_MS = 200;
export const ACK_REPEAT_MS = 500;
export const MQTT_ACK_REPEAT_MS = 5_000;
// Bounds of the tail probe: a line never answers faster than its timers, and a dead one is found by the silence.
export const PROBE_MS_MIN = 30;
export const PROBE_MS_MAX = 1_500;
// A side that has heard nothing for this long asks whether the other is there.
export const PING_EVERY_MS = 1_000;
// A session with an upload under way, or on a serial line, that hears nothing for this long is dead.
export const SESSION_SILENCE_MS = 3_000;
// The same over MQTT: the broker's keepalive finds a dead connection, so these are for an end that hangs, and a dock may have thousands of
// uploads open, each of which costs these whatever it sends.
export const MQTT_PING_EVERY_MS = 5_000;
// Less than the client library's own patience (one and a half keepalives), which ends a process that has Data outstanding.
export const MQTT_SESSION_SILENCE_MS = 10_000;
// A camera that is heard is known to be there: what is left is how its clock runs.
export const MQTT_CLOCK_EVERY_MS = 15_000;
// An idle session over MQTT relies on the broker's keepalive; this is only for brokers that forget their clients.
export const IDLE_PING_EVERY_MS = 60_000;
export const IDLE_SILENCE_MS = 180_000;
// Bytes of an interrupted upload stay in the dock's memory for so long, unless another upload needs the room.
export const PARKED_MS = 120_000;

// Link negotiation on a serial line.
export const BAUD_START = 115_200;
export const PROBES_MAX = 16;
export const PROBE_COUNT = 8;
// Of PROBE_COUNT, each way: one may be lost to noise that the protocol lives with anyway.
export const PROBES_GOOD_MIN = 7;
export const PROBE_BYTES = 256;
export const PROPOSE_RETRY_MS = 200;
export const PROPOSE_TRIES = 5;
// From the last byte at the old rate to the first at the new one, for ports that change it late.
export const GUARD_MS = 30;
// A side that has switched and sees no proof that the line carries the new rate goes back after this long.
export const LINK_WATCHDOG_MS = 1_500;

// C2SP tlog-tiles: an entry has a 16-bit length.
export const LEDGER_ENTRY_BYTES_MAX = 65_535;

// Packets that arrived on one link and were not read yet: more than the credit of two uploads.
export const LINK_INBOX_BYTES_MAX = 4 * 1024 * 1024;
export const LINK_INBOX_PACKETS_MAX = 4_096;
// What waits in all links of one process together: less than that would be the links' own bounds a thousand times over.
export const INBOXES_BYTES_MAX = 64 * 1024 * 1024;
// Packets that wait in one lane of one link for the transport to take them.
export const LINK_LANE_PACKETS_MAX = 64;
// One being written and one behind it: the line never idles, and an acknowledgement waits for two frames at most.
export const SERIAL_FRAMES_IN_PORT_MAX = 2;
// Half a megabyte at the starting fragment size: enough to fill a fast network, little to lose with the connection.
export const MQTT_UNACKNOWLEDGED_MAX = 8;
export const MQTT_CONTROL_IN_SOCKET_MAX = 16;
// A dead connection is noticed after one and a half of these; an upload has its own, quicker pulse.
export const MQTT_KEEPALIVE_S = 10;
// Fixed header, topic length, packet id and properties of a PUBLISH of version 5 without any: MQTT 5, 3.3.
export const MQTT_PUBLISH_OVERHEAD_BYTES = 10;
// Data that this many times in a row was acknowledged earns a longer fragment, where longer ones were not refused.
export const MQTT_GOOD_BEFORE_LONGER = 64;
