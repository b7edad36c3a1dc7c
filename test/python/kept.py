"""The newest checkpoint of a dock's ledger that this camera has checked, and what it lets that ledger become (docs/PROTOCOL.md,
section 11). Kept in a folder, so that the next start remembers it."""

from __future__ import annotations

import os

from proof import Dock, Untrue, check_growth, open_checkpoint

NOTE_BYTES_MAX = 4_096


class Kept:
    """What is kept of one dock. Without a folder it is kept in memory only."""

    def __init__(self, folder, dock: Dock):
        self._dock = dock
        self._path = None if folder is None else os.path.join(folder, f"{dock.id}.checkpoint")
        self.note, self.size, self._root = "", 0, b""
        # What the dock was told in the handshake: nothing it says afterwards may be behind that.
        self._said = 0
        if folder is not None:
            os.makedirs(folder, exist_ok=True)
        if self._path is not None and os.path.exists(self._path):
            with open(self._path, encoding="utf-8", newline="") as file:
                self._set(file.read())

    def say(self) -> int:
        """The size for HelloConfirm."""
        self._said = self.size
        return self.size

    def take(self, note: str, consistency_from: int, consistency) -> bool:
        """Keeps a checkpoint of this dock, durably, when its log grew from the kept one. False: it is late and says nothing.
        Raises Untrue when it is not the log that was kept."""
        _, size, root = open_checkpoint(note, *self._dock.vkey)
        if len(note.encode()) > NOTE_BYTES_MAX:
            raise Untrue("the checkpoint is too long to be kept")
        if size < self.size:
            if size < self._said:
                raise Untrue(f"the ledger has {size} entries and had {self._said}")
            return False
        if size == self.size:
            if self.size > 0 and root != self._root:
                raise Untrue(f"the ledger has two histories of {size} entries")
            return True
        if consistency_from != self.size:
            return False
        if self.size > 0:
            check_growth(self.size, self._root, size, root, consistency)
        self._write(note)
        self._set(note)
        return True

    def _set(self, note: str) -> None:
        _, self.size, self._root = open_checkpoint(note, *self._dock.vkey)
        self.note = note

    def _write(self, note: str) -> None:
        if self._path is None:
            return
        beside = f"{self._path}.new"
        with open(beside, "w", encoding="utf-8", newline="") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)
        folder = os.open(os.path.dirname(self._path), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
