"""A session with a dock: the handshake, liveness, and what a dock may end it with (docs/PROTOCOL.md, sections 6, 10 and 12)."""

from __future__ import annotations

import json
import os
import time

from kept import Kept
from line import Line
from messages import PDU_SERIAL_MAX, Malformed, decode_message, encode_message
from proof import Dock, Untrue, hello_text, signed_by
from recording import mono_us, wall_us

HELLO_AGAIN_S = [0.5, 1.0, 2.0]
PING_S = 1.0
SILENCE_S = 3.0
RETRY_S = 2.0
REFUSED_S = 10.0
RETRY, RENEGOTIATE, RESTART_STREAM, NEVER = 1, 2, 3, 4
CODE_MALFORMED, CODE_PREFIX_MISMATCH, CODE_BAD_RECEIPT = 5, 10, 17
# A Data PDU without its payload: the header, for recordings of any size, type and CRC.
DATA_AROUND_BYTES = 29


class SessionOver(Exception):
    """A new session is needed, after so many seconds."""

    def __init__(self, why: str, wait_s: float = 0.0):
        super().__init__(why)
        self.wait_s = wait_s


class Refused(Exception):
    """The dock will not have this camera, or it was not done in time."""


def say(event) -> None:
    print(json.dumps(event), flush=True)


class Session:
    """One session with a dock over an open line: keeps it alive, and gives the messages that matter."""

    def __init__(self, line: Line, fragment_max: int, kept: Kept):
        self.line = line
        self.kept = kept
        self.fragment_max = fragment_max
        self.id = b""
        self.stream = 0
        self.recording_id = b""
        self._pinged_at = time.monotonic()

    def pump(self, wait_s: float):
        """Messages of the dock, less those that are answered here; raises what ends the session."""
        try:
            messages = self.line.pump(wait_s)
        except Malformed as error:
            self.abort(CODE_MALFORMED, str(error))
            raise SessionOver(f"malformed: {error}", RETRY_S) from error
        return [one for one in messages if not self._handled(*one)]

    def keep_alive(self) -> None:
        """Ping after a second in which nothing was heard, or nothing was said; over after three without a word."""
        now = time.monotonic()
        if now - self.line.heard_at > SILENCE_S:
            raise SessionOver("the dock is silent")
        quiet_s = now - min(self.line.heard_at, self.line.said_at)
        if quiet_s > PING_S and now - self._pinged_at > PING_S:
            self._pinged_at = now
            self.line.send("Ping", {"sent_us": mono_us()})

    def abort(self, code: int, why: str, about_recording: bool = False) -> None:
        about = {"stream": self.stream, "recording_id": self.recording_id} if about_recording else {}
        fields = {"code": code, "class": NEVER, "message": why[:200], "session_id": self.id}
        if code == CODE_PREFIX_MISMATCH:
            fields["class"] = RESTART_STREAM
        self.line.send("Abort", {**fields, **about})
        self.flush()

    def flush(self) -> None:
        self.line.flush(1.0)

    def _handled(self, name: str, message) -> bool:
        if name == "Ping":
            arrived = mono_us()
            pong = {"ping_sent_us": message["sent_us"], "received_us": arrived}
            self.line.send("Pong", {**pong, "sent_us": mono_us(), "wall_us": wall_us()})
            return True
        if name == "Ticket":
            self._ticket(message)
            return True
        if name == "Bye" and message["session_id"] == self.id:
            raise SessionOver(f"the dock says bye: {message['message']}", RETRY_S)
        if name != "Abort":
            return False
        return self._judge_abort(message)

    def _ticket(self, ticket) -> None:
        # Nothing but the checkpoint in it is signed, so anybody on the line may have said it: what does not hold is dropped.
        if ticket["session_id"] != self.id:
            return
        try:
            taken = self.kept.take(ticket["note"], ticket["consistency_from"], ticket["consistency"])
        except Untrue as error:
            say({"event": "bad-ticket", "why": str(error)})
            return
        if taken:
            say({"event": "ticket", "size": self.kept.size, "from": ticket["consistency_from"]})

    def _judge_abort(self, abort) -> bool:
        """False for an Abort of the upload under way, which the upload handles; true for one of the past."""
        if abort["session_id"] not in (b"", self.id):
            return True
        if abort["stream"] != 0 or abort["recording_id"] != b"":
            ours = abort["recording_id"] in (b"", self.recording_id) and abort["stream"] in (0, self.stream)
            return not ours
        why = f"dock: code {abort['code']}, class {abort['class']}: {abort['message']}"
        if abort["class"] == NEVER:
            raise Refused(why)
        raise SessionOver(why, RETRY_S if abort["class"] == RETRY else 0.0)


def greet(line: Line, camera, dock: Dock, fragment_max: int) -> Session:
    """Mutual authentication: the same Hello until the trusted dock has answered it."""
    session = Session(line, fragment_max, camera.kept)
    limits = {"pdu_bytes_max": PDU_SERIAL_MAX, "fragment_bytes_max": fragment_max, "streams_max": 1}
    hello = {
        **{"version_min": 1, "version_max": 1, "camera_id": camera.id, "boot_id": camera.boot_id},
        **{"nonce": os.urandom(32), "limits": limits, "camera_mono_us": mono_us(), "camera_wall_us": wall_us()},
    }
    waits = list(HELLO_AGAIN_S)
    while True:
        line.send("Hello", hello)
        until = time.monotonic() + (waits.pop(0) if len(waits) > 1 else waits[0])
        while time.monotonic() < until:
            camera.check_deadline()
            for name, message in session.pump(until - time.monotonic()):
                body = _dock_body(session, dock, hello, message) if name == "HelloAck" else None
                if body is not None:
                    return _confirm(session, camera, hello, message["body"], body)


def _dock_body(session: Session, dock: Dock, hello, ack):
    """What the dock says of itself, or None when it is not signed by the trusted dock over this Hello."""
    try:
        body = decode_message("HelloAckBody", ack["body"])
    except Malformed:
        return None
    text = hello_text("dock", encode_message("Hello", hello), ack["body"])
    if body["dock_id"] != dock.id or not signed_by(dock.public_key, ack["signature"], text):
        return None
    if body["version"] != 1:
        return None
    return body


def _confirm(session: Session, camera, hello, encoded: bytes, body) -> Session:
    session.id = body["session_id"]
    session.fragment_max = min(session.fragment_max, body["limits"]["fragment_bytes_max"])
    session.fragment_max = min(session.fragment_max, body["limits"]["pdu_bytes_max"] - DATA_AROUND_BYTES)
    signature = camera.key.sign(hello_text("camera", encode_message("Hello", hello), encoded))
    confirm = {"session_id": session.id, "signature": signature, "ledger_size": session.kept.say()}
    session.line.send("HelloConfirm", confirm)
    say({"event": "docked", "dock": body["dock_id"], "session": session.id.hex(), "baud": session.line.baud})
    return session
