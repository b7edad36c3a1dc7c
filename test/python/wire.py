"""Bytes on the wire: CRC-32C, PDUs, COBS frames and Parts (docs/PROTOCOL.md, sections 1 and 4)."""

from __future__ import annotations

from messages import NAME, PDU_SERIAL_MAX, TYPE, U32, decode_message, encode_message

PART_FROM = 256
PART_BYTES = 128


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_CRC = _crc_table()


def crc32c(data: bytes) -> int:
    crc = U32
    table = _CRC
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ U32


def cobs(data: bytes) -> bytes:
    out = bytearray()
    pieces = data.split(b"\0")
    for n, piece in enumerate(pieces):
        full = len(piece) // 254
        for at in range(0, 254 * full, 254):
            out += b"\xff" + piece[at : at + 254]
        rest = piece[254 * full :]
        # Data that ends in a full block ends there: no empty block follows.
        if rest or full == 0 or n < len(pieces) - 1:
            out.append(len(rest) + 1)
            out += rest
    return bytes(out)


def uncobs(data: bytes):
    """The bytes that were stuffed, or None when these are no stuffed bytes."""
    out = bytearray()
    at = 0
    while at < len(data):
        code = data[at]
        block = data[at + 1 : at + code]
        if code == 0 or len(block) != code - 1 or 0 in block:
            return None
        out += block
        at += code
        if code < 255 and at < len(data):
            out.append(0)
    return bytes(out)


def frame(pdu: bytes) -> bytes:
    return b"\0" + cobs(pdu) + b"\0"


class Deframer:
    """Splits what arrives at zeros; gives PDUs whose CRC holds. Collects no more than the longest frame."""

    def __init__(self, pdu_max: int = PDU_SERIAL_MAX):
        self._max = pdu_max + pdu_max // 254 + 2
        self._open = bytearray()
        self._skipping = False
        self.dropped = 0

    def push(self, data: bytes):
        pdus = []
        pieces = data.split(b"\0")
        for n, piece in enumerate(pieces):
            if not self._skipping:
                self._open += piece
            if len(self._open) > self._max:
                self._skipping = True
                self._open.clear()
            if n < len(pieces) - 1:
                pdus += self._close()
        return pdus

    def _close(self):
        stuffed, skipped = bytes(self._open), self._skipping
        self._open.clear()
        self._skipping = False
        if skipped or not stuffed:
            self.dropped += skipped
            return []
        pdu = uncobs(stuffed)
        if pdu is None or not crc_holds(pdu):
            self.dropped += 1
            return []
        return [pdu]


def crc_holds(pdu: bytes) -> bool:
    return len(pdu) >= 5 and int.from_bytes(pdu[-4:], "little") == crc32c(pdu[:-4])


class Parts:
    """Puts a long PDU together again from its pieces, whatever their order; one PDU at a time."""

    def __init__(self):
        self._key = None
        self._bytes = bytearray()
        self._have = bytearray()

    def add(self, part):
        key = (part["id"], part["total"])
        if key != self._key:
            self._key = key
            self._bytes = bytearray(part["total"])
            self._have = bytearray(part["total"])
        start, end = part["offset"], part["offset"] + len(part["piece"])
        self._bytes[start:end] = part["piece"]
        self._have[start:end] = b"\1" * (end - start)
        if 0 in self._have:
            return None
        pdu, self._key = bytes(self._bytes), None
        good = crc_holds(pdu) and int.from_bytes(pdu[-4:], "little") == part["id"]
        return pdu if good and pdu[0] != TYPE["Part"] else None


def cut_in_parts(pdu: bytes):
    """The PDUs to send instead of one that is too long for a bad line."""
    if len(pdu) <= PART_FROM or pdu[0] in (TYPE["Data"], TYPE["LinkProbe"]):
        return [pdu]
    whole = {"id": int.from_bytes(pdu[-4:], "little"), "total": len(pdu)}
    pieces = range(0, len(pdu), PART_BYTES)
    return [encode("Part", {**whole, "offset": at, "piece": pdu[at : at + PART_BYTES]}) for at in pieces]


def encode(name: str, message) -> bytes:
    """A whole PDU."""
    body = bytes([TYPE[name]]) + encode_message(name, message)
    return body + crc32c(body).to_bytes(4, "little")


def decode(pdu: bytes):
    """(name, message) of a PDU whose CRC holds; None for a type that only a newer peer knows."""
    name = NAME.get(pdu[0])
    return None if name is None else (name, decode_message(name, pdu[1:-4]))
