"""What of a recording is sent next: repeats of what was lost, new bytes within the credit, probes of the tail
(docs/PROTOCOL.md, sections 7 to 9). No input or output; times are seconds of a monotonic clock."""

from __future__ import annotations

import bisect

ACK_NOW = 1
ACK_NOW_EVERY_S = 0.1
PTO_S = (0.03, 1.5)
PTO_FIRST_S = 0.5
PROBE_BYTES = (1_024, 128)
RANGES_MAX = 16
# Around a payload: Data's header, type, CRC, stuffing and two zeros.
OVERHEAD_BYTES = 32
FRAGMENTS = [128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192]
# What a line is taken for before anything is known of it: errors and bits, so that 2,048 B is best to begin with.
BELIEF = (0.9, 1.0e6)


def without(ranges, cuts):
    """The parts of `ranges` that are in none of `cuts`; both are lists of (start, end)."""
    for low, high in cuts:
        kept = []
        for start, end in ranges:
            if start < min(end, low):
                kept.append((start, min(end, low)))
            if max(start, high) < end:
                kept.append((max(start, high), end))
        ranges = kept
    return ranges


class FragmentSize:
    """The payload that costs least on a line, by what was lost of late."""

    def __init__(self, most: int, fixed=None):
        self._most = most
        self._fixed = fixed
        self._errors, self._bits = BELIEF

    def learn(self, payload_bytes: int, lost: bool) -> None:
        bits = 8.0 * (payload_bytes + OVERHEAD_BYTES)
        keep = max(0.0, 1.0 - bits / 4e6)
        self._errors = self._errors * keep + lost
        self._bits = self._bits * keep + (bits / 2 if lost else bits)

    @property
    def bytes(self) -> int:
        if self._fixed is not None:
            return min(self._fixed, self._most)
        p = min(0.5, self._errors / self._bits)
        sizes = [size for size in FRAGMENTS if size <= self._most] or [self._most]
        return max(sizes, key=lambda size: self._worth(size, p))

    @staticmethod
    def _worth(size: int, p: float) -> float:
        framed = size + OVERHEAD_BYTES
        return size / framed * (1 - p) ** (8 * framed)


class Upload:
    """One stream. `ends` are the ends of the units, in order."""

    def __init__(self, accept, ends, size: FragmentSize, now: float):
        self.stream = accept["stream"]
        self.lease_epoch = accept["lease_epoch"]
        self._ends = ends
        self._size = size
        self.total = ends[-1]
        self.received_to = accept["received_to"]
        self.durable_to = accept["durable_to"]
        self._credit_to = accept["credit_to"]
        held = [(one["start"], one["end"]) for one in accept["held"]]
        # Never sent on this stream, and not in the dock's memory.
        self._unsent = without([(self.received_to, self.total)], held)
        self._lost = []
        self._paused = False
        self._tx_seq = 0
        self._max_tx_seq = 0
        self._flight = []
        self._highest = None
        self._flagged_at = now
        self._srtt = None
        self._rttvar = 0.0
        self._probe_doubled = 0
        self._quiet_since = now

    @property
    def is_durable(self) -> bool:
        return self.durable_to == self.total

    def acknowledged(self, ack, now: float) -> None:
        if ack["max_tx_seq"] < self._max_tx_seq or not self._is_possible(ack):
            return
        missing = [(one["start"], one["end"]) for one in ack["missing"]]
        answered = [one for one in self._flight if one[0] <= ack["max_tx_seq"]]
        self._learn(answered, missing, ack["received_to"])
        for tx_seq, _, _, sent_at, flagged in answered:
            if flagged and tx_seq == ack["max_tx_seq"]:
                self._sample(now - sent_at)
        if answered or ack["received_to"] > self.received_to or ack["durable_to"] > self.durable_to:
            self._probe_doubled = 0
            self._quiet_since = now
        self._max_tx_seq = ack["max_tx_seq"]
        self._flight = [one for one in self._flight if one[0] > ack["max_tx_seq"]]
        self.received_to = max(self.received_to, ack["received_to"])
        self.durable_to = max(self.durable_to, ack["durable_to"])
        self._credit_to = max(self._credit_to, ack["credit_to"])
        self._paused = ack["pause"]
        done = [(0, self.received_to)]
        self._unsent = without(self._unsent, done)
        self._lost = without(missing, done + [(start, end) for _, start, end, _, _ in self._flight])

    def _is_possible(self, ack) -> bool:
        """False for an Ack of bytes that were never sent."""
        known_to = self._unsent[0][0] if self._unsent else self.total
        return ack["max_tx_seq"] <= self._tx_seq and ack["received_to"] <= known_to

    def _learn(self, answered, missing, received_to: int) -> None:
        # A full list may end before the last gap: nothing is known beyond it.
        known_to = missing[-1][1] if len(missing) == RANGES_MAX else float("inf")
        for _, start, end, _, _ in answered:
            lost = any(low < end and start < high for low, high in missing)
            if end <= received_to or (end <= known_to and start < known_to):
                self._size.learn(end - start, lost)

    def _sample(self, seconds: float) -> None:
        if self._srtt is None:
            self._srtt, self._rttvar = seconds, seconds / 2
            return
        self._rttvar += (abs(self._srtt - seconds) - self._rttvar) / 4
        self._srtt += (seconds - self._srtt) / 8

    def next_data(self, now: float, read):
        """The fields of the next Data, or None when there is none to send now. `read` gives bytes of the recording."""
        if self._paused:
            return None
        for ranges in (self._lost, self._unsent):
            if ranges and ranges[0][0] < self._credit_to:
                start, end = ranges[0]
                return self._send(start, self._cut(start, end), now, read)
        return self._probe(now, read)

    def _cut(self, start: int, end: int) -> int:
        unit_end = self._ends[bisect.bisect_right(self._ends, start)]
        return min(end, unit_end, self._credit_to, start + self._size.bytes)

    def _send(self, start: int, end: int, now: float, read, probing: bool = False):
        span = [(start, end)]
        self._lost = without(self._lost, span)
        self._unsent = without(self._unsent, span)
        self._tx_seq += 1
        is_last = not self._lost and (not self._unsent or self._unsent[0][0] >= self._credit_to)
        flagged = probing or is_last or now - self._flagged_at >= ACK_NOW_EVERY_S
        if flagged:
            self._flagged_at = now
        self._flight.append((self._tx_seq, start, end, now, flagged))
        if self._highest is None or end >= self._highest[1]:
            self._highest = (start, end)
        self._quiet_since = now
        flags = ACK_NOW if flagged else 0
        fields = {"stream": self.stream, "tx_seq": self._tx_seq, "flags": flags, "offset": start}
        return {**fields, "payload": read(start, end)}

    @property
    def _pto(self) -> float:
        base = PTO_FIRST_S if self._srtt is None else self._srtt + 4 * self._rttvar
        return min(max(PTO_S[0], base) * 2**self._probe_doubled, PTO_S[1])

    def _probe(self, now: float, read):
        # The bytes with the highest offset: only their arrival makes the dock name every gap before them.
        if self._highest is None or self._highest[1] <= self.received_to or now - self._quiet_since < self._pto:
            return None
        most = max(PROBE_BYTES[0] >> self._probe_doubled, PROBE_BYTES[1])
        self._probe_doubled = min(self._probe_doubled + 1, 10)
        start, end = self._highest
        return self._send(max(start, self.received_to, end - most), end, now, read, probing=True)
