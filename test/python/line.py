"""A serial port: raw bytes, two lanes, frames in and out, and the negotiation of its rate (docs/PROTOCOL.md, 4 and 5)."""

from __future__ import annotations

import collections
import errno
import fcntl
import os
import random
import select
import struct
import termios
import time

from wire import Deframer, Parts, cut_in_parts, decode, encode, frame

FRAMES_IN_PORT = 2
RATES = [3_000_000, 2_000_000, 1_500_000, 921_600, 460_800, 230_400, 115_200]
GUARD_S = 0.03
PROBES = 8
PROBES_GOOD = 7
REPORT_WAIT_S = 1.5
SERIAL_FRAGMENT_MAX = 8_192


class LineGone(Exception):
    """The port went away."""


class Line:
    """One open tty. `pump` does all reading and writing; nothing else blocks but a change of rate."""

    def __init__(self, path: str, baud: int):
        self.path = path
        self.baud = baud
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._words = collections.deque()
        self._data = collections.deque()
        self._rest = b""
        self._sizes = collections.deque()
        self._deframer = Deframer()
        self._parts = Parts()
        self.heard_at = self.said_at = time.monotonic()
        self._set(baud, False)

    def close(self) -> None:
        os.close(self._fd)

    def cut(self) -> None:
        """As if the cable was pulled: what the port still holds is thrown away."""
        termios.tcflush(self._fd, termios.TCIOFLUSH)

    def _set(self, baud: int, rts_cts: bool) -> None:
        speed = getattr(termios, f"B{baud}", None)
        if speed is None:
            raise SystemExit(f"this system has no rate of {baud} bit/s")
        *_, characters = termios.tcgetattr(self._fd)
        control = termios.CS8 | termios.CREAD | termios.CLOCAL | (termios.CRTSCTS if rts_cts else 0)
        termios.tcsetattr(self._fd, termios.TCSANOW, [0, 0, control, 0, speed, speed, characters])
        self.baud = baud

    def change(self, baud: int, rts_cts: bool = False) -> None:
        """Drains, waits the guard, switches."""
        self.flush(1.0)
        termios.tcdrain(self._fd)
        time.sleep(GUARD_S)
        self._set(baud, rts_cts)

    def send(self, name: str, message) -> None:
        """Everything but Data: it goes ahead of Data."""
        for pdu in cut_in_parts(encode(name, message)):
            self._words.append(frame(pdu))

    def send_data(self, message) -> int:
        """Bytes that this Data takes on the wire."""
        framed = frame(encode("Data", message))
        self._data.append(framed)
        self._write()
        return len(framed)

    @property
    def wants_data(self) -> bool:
        return not self._data and not self._words and not self._rest and self._port_has_room()

    def drop_data(self) -> None:
        self._data.clear()

    def pump(self, wait_s: float):
        """Writes what there is room for, reads what is there, and gives the messages in it; waits at most so long."""
        self._write()
        writing = [self._fd] if self._rest else []
        if (self._words or self._data) and not writing:
            wait_s = min(wait_s, 0.002)
        readable, writable, _ = select.select([self._fd], writing, [], max(0.0, wait_s))
        if writable:
            self._write()
        messages = []
        for pdu in self._deframer.push(self._read()) if readable else []:
            self.heard_at = time.monotonic()
            messages += self._open(pdu)
        return messages

    def flush(self, patience_s: float) -> None:
        """Waits until everything was handed to the port and has left it; reads nothing."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            self._write()
            if not self._data and not self._words and not self._rest and self._queued() == 0:
                return
            time.sleep(0.002)

    def _open(self, pdu: bytes):
        opened = decode(pdu)
        if opened is not None and opened[0] == "Part":
            whole = self._parts.add(opened[1])
            opened = None if whole is None else decode(whole)
        return [] if opened is None else [opened]

    def _read(self) -> bytes:
        try:
            data = os.read(self._fd, 65_536)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise LineGone(str(error)) from error
        if not data:
            raise LineGone("the port was closed from the other side")
        return data

    def _write(self) -> None:
        while True:
            if not self._rest:
                lane = self._words or self._data
                if not lane or not self._port_has_room():
                    return
                self._rest = lane.popleft()
                self._sizes.append(len(self._rest))
            try:
                count = os.write(self._fd, self._rest)
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    return
                raise LineGone(str(error)) from error
            self._rest = self._rest[count:]
            self.said_at = time.monotonic()

    def _queued(self) -> int:
        return struct.unpack("i", fcntl.ioctl(self._fd, termios.TIOCOUTQ, b"\0\0\0\0"))[0]

    def _port_has_room(self) -> bool:
        """At most two frames in the port's own queue, as far as the port says what it holds."""
        queued = self._queued()
        while self._sizes and sum(self._sizes) - self._sizes[0] >= queued:
            self._sizes.popleft()
        return len(self._sizes) < FRAMES_IN_PORT


# ---- negotiation ----


def probe_pattern(negotiation: int, seq: int) -> bytes:
    pattern = bytearray(b"\x00\xff\x55\xaa" * 16)
    x = (negotiation + seq + 1) % 2**32 or 1
    while len(pattern) < 256:
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        pattern.append(x & 255)
    return bytes(pattern)


def negotiate(line: Line, first: int, baud_max: int, said) -> int:
    """Finds the fastest rate that the line carries; the largest fragment for it. `first` is the rate where both begin when they
    remember no better one; `said` is told what happened."""
    if line.baud != first:
        committed = _propose(line, max(line.baud, baud_max), 2)
        if committed is not None:
            return _agree(line, committed, said) or SERIAL_FRAGMENT_MAX
        line.change(first)
    start = line.baud
    failed = False
    for rate in [rate for rate in RATES if start < rate <= baud_max] + [start]:
        committed = _propose(line, rate, 5)
        if committed is None and failed:
            # The dock may still wait for its watchdog at the rate that failed.
            committed = _propose(line, rate, 5)
        if committed is None:
            said({"event": "link", "baud": line.baud, "note": "the dock does not negotiate"})
            return SERIAL_FRAGMENT_MAX
        fragment_max = _agree(line, committed, said)
        if fragment_max is not None:
            return fragment_max
        failed = True
    return SERIAL_FRAGMENT_MAX


def _agree(line: Line, committed, said):
    """The largest fragment of the rate that the dock chose, or None, at the rate before, when the line does not carry it."""
    before = line.baud
    if committed["baud"] == before:
        said({"event": "link", "baud": before, "note": "stay"})
        return committed["fragment_bytes_max"]
    line.change(committed["baud"], committed["rts_cts"])
    kept = _try(line, committed["id"])
    said({"event": "link", "baud": line.baud, "note": "switched" if kept else "failed"})
    if kept:
        return committed["fragment_bytes_max"]
    line.change(before)
    return None


def _propose(line: Line, baud: int, times: int):
    proposal = {"id": random.randint(1, 2**32 - 1), "baud": baud, "rts_cts": False}
    proposal["fragment_bytes_max"] = SERIAL_FRAGMENT_MAX
    for _ in range(times):
        line.send("LinkPropose", proposal)
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            for name, message in line.pump(until - time.monotonic()):
                if name == "LinkCommit" and message["id"] == proposal["id"] and message["baud"] <= baud:
                    return message
    return None


def _try(line: Line, negotiation: int) -> bool:
    """Probes both ways at the new rate; true when both sides stay."""
    switched = time.monotonic()
    time.sleep(GUARD_S)
    for seq in range(PROBES):
        pattern = probe_pattern(negotiation, seq)
        line.send("LinkProbe", {"id": negotiation, "seq": seq, "count": PROBES, "pattern": pattern})
    good = set()
    reported = None
    while reported is None and time.monotonic() < switched + REPORT_WAIT_S:
        for name, message in line.pump(0.05):
            if name not in ("LinkProbe", "LinkReport") or message["id"] != negotiation:
                continue
            if name == "LinkReport":
                reported = message["received"]
            elif message["pattern"] == probe_pattern(negotiation, message["seq"]):
                good.add(message["seq"])
    keep = reported is not None and reported >= PROBES_GOOD and len(good) >= PROBES_GOOD
    line.send("LinkReport", {"id": negotiation, "received": len(good), "keep": keep})
    return keep
