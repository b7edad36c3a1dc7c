"""Every message, field by field with its range, and the protobuf they are written in (docs/PROTOCOL.md, sections 1 to 3)."""

from __future__ import annotations

import re

U32 = 2**32 - 1
SAFE = 2**53 - 1
PDU_SERIAL_MAX = 16_384


class Malformed(Exception):
    """A PDU whose CRC holds and that is no valid message."""


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Malformed("a number that does not end")
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value & (2**64 - 1), at


class Field:
    """One field of a message: its number, how it is written, and what values it may have."""

    def __init__(self, number, name, kind, zero, check, message=None):
        self.number, self.name, self.kind = number, name, kind
        self.zero, self.check, self.message = zero, check, message


def num(number, name, low=0, high=U32):
    return Field(number, name, "varint", 0, lambda value: low <= value <= high)


def flag(number, name):
    return Field(number, name, "bool", False, lambda value: True)


def signed(number, name, most):
    """A sint32: zigzag."""
    return Field(number, name, "sint", 0, lambda value: -most <= value <= most)


def raw(number, name, *lengths, most=None):
    check = (lambda value: len(value) in lengths) if most is None else (lambda value: len(value) <= most)
    return Field(number, name, "bytes", b"", check)


def blob(number, name, least=0):
    return Field(number, name, "bytes", b"", lambda value: len(value) >= least)


def text(number, name, most=256, pattern=None):
    def check(value):
        return len(value.encode()) <= most and (pattern is None or re.fullmatch(pattern, value) is not None)

    return Field(number, name, "text", "", check)


def texts(number, name, most, high):
    """A list of texts, none of them empty, none twice."""

    def check(value):
        return len(value) <= high and len(set(value)) == len(value) and all(1 <= len(one.encode()) <= most for one in value)

    return Field(number, name, "texts", (), check)


def hashes(number, name, high):
    """A list of hashes of 32 bytes."""
    return Field(number, name, "hashes", (), lambda value: len(value) <= high and all(len(one) == 32 for one in value))


def sub(number, name, message):
    return Field(number, name, "message", None, lambda value: value is not None, message)


def maybe(number, name, message):
    """A message that may be missing."""
    return Field(number, name, "message", None, lambda value: True, message)


def many(number, name, message, low, high):
    return Field(number, name, "list", (), lambda value: low <= len(value) <= high, message)


ID = "[a-z0-9][a-z0-9-]{0,31}"
OFFICER = "[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"

FIELDS = {
    "Limits": [num(1, "pdu_bytes_max", 1), num(2, "fragment_bytes_max", 1), num(3, "streams_max", 1)],
    "Hello": [
        *(num(1, "version_min", 1), num(2, "version_max", 1), num(3, "features", 0, SAFE)),
        *(text(4, "camera_id", 32, ID), raw(5, "boot_id", 16), raw(6, "nonce", 32), sub(7, "limits", "Limits")),
        *(num(8, "camera_mono_us", 0, SAFE), num(9, "camera_wall_us", 0, SAFE)),
    ],
    "HelloAckBody": [
        *(num(1, "version", 1), num(2, "features", 0, SAFE), text(3, "dock_id", 32, ID), raw(4, "session_id", 8)),
        *(raw(5, "nonce", 32), sub(6, "limits", "Limits"), num(7, "camera_mono_us", 0, SAFE)),
        *(num(8, "dock_received_us", 0, SAFE), num(9, "dock_sent_us", 0, SAFE), text(10, "ledger_origin", 255)),
    ],
    "HelloAck": [blob(1, "body"), raw(2, "signature", 64)],
    "HelloConfirm": [raw(1, "session_id", 8), raw(2, "signature", 64), num(3, "ledger_size", 0, SAFE)],
    "LinkPropose": [
        *(num(1, "id", 1), num(2, "baud", 300, 4_000_000)),
        *(flag(3, "rts_cts"), num(4, "fragment_bytes_max", 1)),
    ],
    "LinkProbe": [num(1, "id", 1), num(2, "seq"), num(3, "count", 1, 16), raw(4, "pattern", most=256)],
    "LinkReport": [num(1, "id", 1), num(2, "received", 0, 16), flag(3, "keep")],
    "Part": [num(1, "id"), num(2, "total", 1, PDU_SERIAL_MAX), num(3, "offset"), blob(4, "piece", 1)],
    "Offer": [
        *(raw(1, "session_id", 8), raw(2, "recording_id", 16), num(3, "manifest_bytes", 1)),
        *(raw(4, "manifest_sha256", 32), num(5, "content_bytes", 0, SAFE), raw(6, "wraps", most=2_048)),
        num(7, "ledger_size", 0, SAFE),
    ],
    "Range": [num(1, "start", 0, SAFE), num(2, "end", 0, SAFE)],
    "Accept": [
        *(raw(1, "session_id", 8), raw(2, "recording_id", 16), num(3, "stream", 1), num(4, "lease_epoch")),
        *(num(5, "durable_to", 0, SAFE), raw(6, "prefix_digest", 0, 32), num(7, "credit_to", 0, SAFE)),
        *(num(8, "received_to", 0, SAFE), many(9, "held", "Range", 0, 16)),
    ],
    "Data": [
        *(num(1, "stream", 1), num(2, "tx_seq"), num(3, "flags")),
        *(num(4, "offset", 0, SAFE), blob(5, "payload")),
    ],
    "Ack": [
        *(num(1, "stream"), num(2, "max_tx_seq"), num(3, "received_to", 0, SAFE), num(4, "durable_to", 0, SAFE)),
        *(num(5, "credit_to", 0, SAFE), many(6, "missing", "Range", 0, 16), flag(7, "pause"), num(8, "code", 0, 17)),
    ],
    "Fin": [num(1, "stream"), num(2, "total_bytes", 0, SAFE), num(3, "ledger_size", 0, SAFE)],
    "ReceiptBody": [
        *(num(1, "outcome", 1, 2), raw(2, "recording_id", 16), raw(3, "manifest_sha256", 32)),
        *(raw(4, "entry", most=65_535), text(5, "proof", 8_192), text(6, "reason")),
        *(num(7, "consistency_from", 0, SAFE), hashes(8, "consistency", 63)),
    ],
    "Ticket": [
        *(raw(1, "session_id", 8), text(2, "note", 4_096), num(3, "consistency_from", 0, SAFE)),
        hashes(4, "consistency", 63),
    ],
    "Receipt": [blob(1, "body"), raw(2, "signature", 64)],
    "ReceiptAck": [raw(1, "recording_id", 16), flag(2, "erased")],
    "Ping": [num(1, "sent_us", 0, SAFE)],
    "Pong": [
        *(num(1, "ping_sent_us", 0, SAFE), num(2, "received_us", 0, SAFE)),
        *(num(3, "sent_us", 0, SAFE), num(4, "wall_us", 0, SAFE)),
    ],
    "Telemetry": [
        *(num(1, "state", 1, 5), num(2, "battery_percent", 0, 100), num(3, "flash_free_bytes", 0, SAFE)),
        *(num(4, "recordings_held"), text(5, "officer_id", 64, f"({OFFICER})?"), num(6, "camera_wall_us", 0, SAFE)),
    ],
    "Abort": [
        *(num(1, "stream"), num(2, "code", 1, 17), num(3, "class", 1, 4), text(4, "message")),
        *(raw(5, "recording_id", 0, 16), raw(6, "session_id", 0, 8)),
    ],
    "Bye": [raw(1, "session_id", 0, 8), text(2, "message")],
    "Moment": [num(1, "wall_us", 0, SAFE), num(2, "mono_us", 0, SAFE)],
    "Mark": [sub(1, "at", "Moment"), text(2, "kind", 64)],
    "Mute": [sub(1, "from", "Moment"), sub(2, "to", "Moment")],
    "BatteryUse": [num(1, "start_percent", 0, 100), num(2, "end_percent", 0, 100)],
    "TrackPoint": [
        *(sub(1, "at", "Moment"), signed(2, "latitude_e7", 900_000_000)),
        *(signed(3, "longitude_e7", 1_800_000_000), num(4, "accuracy_dm")),
    ],
    "ChunkInfo": [
        *(raw(1, "sha256", 32), num(2, "stored_bytes", 1, 263_168), num(3, "plain_bytes", 1, 262_144)),
        *(num(4, "media_start_ms"), num(5, "media_ms"), flag(6, "end_of_fragment")),
    ],
    "Manifest": [
        *(num(1, "format", 1, 1), raw(2, "recording_id", 16), text(3, "camera_id", 32, ID)),
        *(num(4, "counter", 1, SAFE), raw(5, "previous_root", 0, 32), raw(6, "boot_id", 16)),
        *(text(7, "officer_id", 64, f"({OFFICER})?"), text(8, "incident_tag", 128), text(9, "media_type", 128)),
        *(num(10, "suite", 0, 1), num(11, "chunk_bytes_max", 1, 262_144), sub(12, "triggered", "Moment")),
        *(sub(13, "started", "Moment"), sub(14, "ended", "Moment"), num(15, "stop_reason", 1, 8)),
        *(many(16, "marks", "Mark", 0, 1_000), many(17, "chunks", "ChunkInfo", 1, 40_000)),
        *(raw(18, "root", 32), num(19, "content_bytes", 0, SAFE), raw(20, "wraps_sha256", 0, 32)),
        *(num(21, "lost_chunks"), text(22, "ticket", 4_096), num(23, "cause", 0, 8), flag(24, "critical")),
        *(many(25, "mutes", "Mute", 0, 500), texts(26, "categories", 56, 16), maybe(27, "battery", "BatteryUse")),
        many(28, "track", "TrackPoint", 0, 3_000),
    ],
    "Wrap": [raw(1, "recipient", 32), raw(2, "enc", 65), raw(3, "ciphertext", 48)],
    "Wraps": [many(1, "wraps", "Wrap", 1, 8)],
    "Head": [raw(1, "recording_id", 16), num(2, "chunks"), raw(3, "root", 32), sub(4, "at", "Moment")],
    "SignedHead": [blob(1, "head"), raw(2, "signature", 64)],
    "SignedManifest": [blob(1, "manifest"), raw(2, "signature", 64)],
}
FIELDS["LinkCommit"] = FIELDS["LinkPropose"]

TYPE = {
    **{"Hello": 0x01, "HelloAck": 0x02, "HelloConfirm": 0x03, "LinkPropose": 0x04, "LinkCommit": 0x05},
    **{"LinkProbe": 0x06, "LinkReport": 0x07, "Part": 0x08, "Offer": 0x10, "Accept": 0x11, "Data": 0x12},
    **{"Ack": 0x13, "Fin": 0x14, "Receipt": 0x15, "ReceiptAck": 0x16, "Ticket": 0x17, "Ping": 0x20, "Pong": 0x21},
    **{"Telemetry": 0x22, "Abort": 0x2E, "Bye": 0x2F},
}
LISTS = ("list", "hashes", "texts")
VARINTS = ("varint", "bool", "sint")
NAME = {number: name for name, number in TYPE.items()}


def encode_message(name: str, message) -> bytes:
    """The one canonical encoding: fields in the order of their numbers, zero and empty left out."""
    out = bytearray()
    for field in FIELDS[name]:
        value = message.get(field.name, field.zero)
        if value is None:
            continue
        for one in value if field.kind in LISTS else [value]:
            out += _encode_field(field, one)
    return bytes(out)


def _encode_field(field: Field, value) -> bytes:
    if field.kind in ("message", "list"):
        body = encode_message(field.message, value)
    elif not value:
        return b""
    elif field.kind in VARINTS:
        number = (value << 1) ^ (value >> 31) if field.kind == "sint" else int(value)
        return varint(field.number << 3) + varint(number)
    else:
        body = value.encode() if field.kind in ("text", "texts") else value
    return varint(field.number << 3 | 2) + varint(len(body)) + body


def decode_message(name: str, data: bytes):
    """Every field of the message, those left out as zero or empty. Raises Malformed; skips fields it does not know."""
    fields = {field.number: field for field in FIELDS[name]}
    message = {field.name: [] if field.kind in LISTS else field.zero for field in FIELDS[name]}
    for number, wire, value in _raw_fields(data):
        field = fields.get(number)
        if field is None:
            continue
        if wire != (0 if field.kind in VARINTS else 2):
            raise Malformed(f"{name}.{field.name} is written in another way")
        if field.kind == "list":
            message[field.name].append(decode_message(field.message, value))
        elif field.kind in LISTS:
            message[field.name].append(_decode_value(field, value))
        else:
            message[field.name] = _decode_value(field, value)
    for field in FIELDS[name]:
        if not field.check(message[field.name]):
            raise Malformed(f"{name}.{field.name} is out of range")
    _check_whole(name, message)
    return message


def _decode_value(field: Field, value):
    if field.kind == "bool":
        return value != 0
    if field.kind == "message":
        return decode_message(field.message, value)
    if field.kind == "sint":
        return (value >> 1) ^ -(value & 1)
    if field.kind not in ("text", "texts"):
        return value
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"{field.name} is not UTF-8") from error


def _raw_fields(data: bytes):
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        number, wire = key >> 3, key & 7
        if number == 0 or wire not in (0, 1, 2, 5):
            raise Malformed("not protobuf")
        if wire == 0:
            value, at = _read_varint(data, at)
        else:
            length, at = _read_varint(data, at) if wire == 2 else ({1: 8, 5: 4}[wire], at)
            value = data[at : at + length]
            if len(value) != length:
                raise Malformed("a field that is cut short")
            at += length
        yield number, wire, value


def _in_order(ranges, start: int) -> bool:
    for one in ranges:
        if one["start"] < start:
            return False
        start = one["end"]
    return True


def _is_course(manifest) -> bool:
    """Mutes and track in the order of the camera's monotonic clock."""
    mutes = [one[end]["mono_us"] for one in manifest["mutes"] for end in ("from", "to")]
    track = [one["at"]["mono_us"] for one in manifest["track"]]
    return mutes == sorted(mutes) and track == sorted(track)


_WHOLE = {
    "Hello": lambda m: m["version_min"] <= m["version_max"],
    "LinkProbe": lambda m: m["seq"] < m["count"],
    "Part": lambda m: m["offset"] + len(m["piece"]) <= m["total"],
    "Range": lambda m: m["start"] < m["end"],
    "Accept": lambda m: m["durable_to"] <= m["received_to"]
    and (m["prefix_digest"] == b"") == (m["durable_to"] == 0)
    and _in_order(m["held"], m["received_to"]),
    "Ack": lambda m: m["durable_to"] <= m["received_to"] and _in_order(m["missing"], m["received_to"]),
    "ReceiptBody": lambda m: m["consistency_from"] > 0 or not m["consistency"],
    "Ticket": lambda m: m["consistency_from"] > 0 or not m["consistency"],
    "Manifest": lambda m: (m["wraps_sha256"] == b"") == (m["suite"] == 0) and _is_course(m),
    "Data": lambda m: m["offset"] + len(m["payload"]) <= SAFE,
}


def _check_whole(name: str, message) -> None:
    check = _WHOLE.get(name)
    if check is not None and not check(message):
        raise Malformed(f"{name} contradicts itself")
