"""A closed recording and its byte space: the signed manifest, then every chunk (docs/PROTOCOL.md, sections 7 and 11)."""

from __future__ import annotations

import bisect
import itertools
import os
import time

from proof import prefix_digest, recording_root, sha256, sign_manifest
from sealing import KEY_BYTES, SUITE, header_of, make_wraps, seal_chunk

MEDIA_TYPE = "application/octet-stream"


def mono_us() -> int:
    return time.monotonic_ns() // 1_000


def wall_us() -> int:
    return time.time_ns() // 1_000


class Recording:
    """A closed recording: its bytes, its signed manifest, and the byte space of both. With recipients it is sealed to them."""

    def __init__(self, camera, args, counter: int, previous_root: bytes):
        self.plain = os.urandom(args.bytes)
        pieces = [self.plain[at : at + args.chunk_bytes] for at in range(0, len(self.plain), args.chunk_bytes)]
        self.id = os.urandom(16)
        self.counter = counter
        now = {"wall_us": wall_us(), "mono_us": mono_us()}
        manifest = {
            **{"format": 1, "recording_id": self.id, "camera_id": camera.id, "counter": counter},
            **{"previous_root": previous_root, "boot_id": camera.boot_id, "officer_id": args.officer},
            **{"incident_tag": args.incident, "media_type": MEDIA_TYPE, "suite": SUITE if camera.recipients else 0},
            **{"chunk_bytes_max": args.chunk_bytes, "triggered": now, "started": now, "ticket": camera.kept.note},
        }
        self.wraps, chunks = self._seal(camera.recipients, manifest, pieces)
        self.content = b"".join(chunks)
        self.hashes = [sha256(chunk) for chunk in chunks]
        self.root = recording_root(self.hashes)
        closed = {
            **{"ended": {"wall_us": wall_us(), "mono_us": mono_us()}, "stop_reason": 1, "root": self.root},
            **{"chunks": [self._info(n, chunk, pieces[n]) for n, chunk in enumerate(chunks)]},
            **{"content_bytes": len(self.content), "wraps_sha256": sha256(self.wraps) if self.wraps else b""},
        }
        self.signed = sign_manifest(camera.key, {**manifest, **closed})
        self.manifest_sha256 = sha256(self.signed)
        self._space = self.signed + self.content
        sizes = [len(self.signed)] + [len(chunk) for chunk in chunks]
        self.unit_ends = list(itertools.accumulate(sizes))

    def _seal(self, recipients, manifest, pieces):
        """(encoded Wraps, chunks as stored). The recording key lives no longer than this."""
        if not recipients:
            return b"", pieces
        key = os.urandom(KEY_BYTES)
        wraps = make_wraps(recipients, header_of(manifest), key)
        return wraps, [seal_chunk(key, self.id, n, piece) for n, piece in enumerate(pieces)]

    def _info(self, n: int, chunk: bytes, piece: bytes):
        info = {"sha256": self.hashes[n], "stored_bytes": len(chunk), "plain_bytes": len(piece)}
        return {**info, "end_of_fragment": True, "media_start_ms": 1_000 * n, "media_ms": 1_000}

    def read(self, start: int, end: int) -> bytes:
        return self._space[start:end]

    def prefix_is(self, durable_to: int, digest: bytes) -> bool:
        """Whether the dock's durable bytes are the first ones of this recording."""
        if durable_to == 0:
            return digest == b""
        if durable_to not in self.unit_ends:
            return False
        chunks = bisect.bisect_left(self.unit_ends, durable_to)
        return digest == prefix_digest(self.manifest_sha256, self.hashes[:chunks])
