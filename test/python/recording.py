"""A closed recording and its byte space: the signed manifest, then every chunk (docs/PROTOCOL.md, sections 7 and 11)."""

from __future__ import annotations

import bisect
import os
import time

from proof import prefix_digest, recording_root, sha256, sign_manifest

MEDIA_TYPE = "application/octet-stream"


def mono_us() -> int:
    return time.monotonic_ns() // 1_000


def wall_us() -> int:
    return time.time_ns() // 1_000


class Recording:
    """A closed recording: its bytes, its signed manifest, and the byte space of both."""

    def __init__(self, camera, args, counter: int, previous_root: bytes):
        content = os.urandom(args.bytes)
        chunks = [content[at : at + args.chunk_bytes] for at in range(0, len(content), args.chunk_bytes)]
        self.id = os.urandom(16)
        self.counter = counter
        self.content = content
        self.hashes = [sha256(chunk) for chunk in chunks]
        now = {"wall_us": wall_us(), "mono_us": mono_us()}
        manifest = {
            **{"format": 1, "recording_id": self.id, "camera_id": camera.id, "counter": counter},
            **{"previous_root": previous_root, "boot_id": camera.boot_id, "officer_id": args.officer},
            **{"incident_tag": args.incident, "media_type": MEDIA_TYPE, "suite": 0},
            **{"chunk_bytes_max": args.chunk_bytes, "triggered": now, "started": now, "ended": now},
            **{"stop_reason": 1, "chunks": [self._info(n, chunk) for n, chunk in enumerate(chunks)]},
            **{"root": recording_root(self.hashes), "content_bytes": len(content)},
        }
        self.root = manifest["root"]
        self.signed = sign_manifest(camera.key, manifest)
        self.manifest_sha256 = sha256(self.signed)
        self._space = self.signed + content
        sizes = [len(self.signed)] + [len(chunk) for chunk in chunks]
        self.unit_ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]

    def _info(self, n: int, chunk: bytes):
        size = len(chunk)
        info = {"sha256": self.hashes[n], "stored_bytes": size, "plain_bytes": size, "end_of_fragment": True}
        return {**info, "media_start_ms": 1_000 * n, "media_ms": 1_000}

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
