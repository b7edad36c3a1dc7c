#!/usr/bin/env python3
"""A camera on a serial line, written from docs/PROTOCOL.md alone: makes recordings of random bytes, hands them to a dock, and
believes nothing but a receipt that it has checked. One JSON object a line on stdout. Exit code 0: all are in custody;
1: they are not; 2: the command line is wrong; 3: one was quarantined, under a receipt that holds.

  camera.py --id cam-7 --key cam-7.pem --public-key
  camera.py --id cam-7 --key cam-7.pem --dock dock.json --port /dev/ttyUSB0 --bytes 1000000
  camera.py … --seal-to custodian.json --kept checkpoints
"""

from __future__ import annotations

import argparse
import base64
import os
import sys
import time

from kept import Kept
from line import SERIAL_FRAGMENT_MAX, Line, LineGone, negotiate
from proof import ACCEPTED, Dock, OtherRecording, Untrue, check_receipt, open_key, public_bytes, sha256
from recording import Recording
from session import CODE_BAD_RECEIPT, CODE_PREFIX_MISMATCH, NEVER, REFUSED_S, RENEGOTIATE, RETRY, RETRY_S
from session import Refused, Session, SessionOver, greet, say
from sealing import read_recipient
from upload import FragmentSize, Upload

SAY_AGAIN_S = 1.0
GROWTH_PATIENCE_S = 30.0
LINK_MEMORY_S = 3.0


class Left(Exception):
    """This recording is left alone for the rest of the session."""


class Cut(Exception):
    """The operator pulled the cable, as --cut-after asked."""


class Handover:
    """One recording, from Offer to a receipt that holds, in one session."""

    def __init__(self, session: Session, camera, recording: Recording, dock: Dock):
        self._session, self._camera, self._recording, self._dock = session, camera, recording, dock
        session.recording_id = recording.id
        self._upload = None
        self._say_at = 0.0
        self._wait_until = 0.0
        self._fin_at = None

    def run(self):
        """What the checked receipt says."""
        while True:
            self._camera.check_deadline()
            now = time.monotonic()
            self._speak(now)
            wait_s = min(0.02, max(0.0, self._say_at - now)) if self._upload is None else 0.02
            for name, message in self._session.pump(wait_s):
                receipt = self._take(name, message)
                if receipt is not None:
                    return receipt
            self._session.keep_alive()

    def _speak(self, now: float) -> None:
        upload = self._upload
        if now < self._wait_until:
            return
        if upload is None:
            if now >= self._say_at:
                self._say_at = now + SAY_AGAIN_S
                self._offer()
        elif upload.is_durable:
            if now >= self._say_at:
                self._say_at = now + SAY_AGAIN_S
                self._fin_at = self._fin_at or now
                fin = {"stream": upload.stream, "total_bytes": upload.total, "ledger_size": self._session.kept.size}
                self._session.line.send("Fin", fin)
        else:
            self._send_data(upload)

    def _send_data(self, upload: Upload) -> None:
        line = self._session.line
        while line.wants_data:
            data = upload.next_data(time.monotonic(), self._recording.read)
            if data is None:
                return
            line.send_data(data)
            self._camera.sent(len(data["payload"]))

    def _offer(self) -> None:
        recording = self._recording
        offer = {"session_id": self._session.id, "recording_id": recording.id}
        offer["manifest_bytes"] = len(recording.signed)
        offer["manifest_sha256"] = recording.manifest_sha256
        offer["content_bytes"] = len(recording.content)
        offer["wraps"] = recording.wraps
        offer["ledger_size"] = self._session.kept.size
        self._session.line.send("Offer", offer)

    def _take(self, name: str, message):
        if name == "Accept":
            self._accepted(message)
        elif name == "Ack" and self._upload is not None and message["stream"] == self._upload.stream:
            was_durable = self._upload.is_durable
            self._upload.acknowledged(message, time.monotonic())
            if self._upload.is_durable and not was_durable:
                self._say_at = 0.0
        elif name == "Abort":
            self._aborted(message)
        elif name == "Receipt":
            return self._receipted(message)
        return None

    def _accepted(self, accept) -> None:
        if accept["session_id"] != self._session.id or accept["recording_id"] != self._recording.id:
            return
        if self._upload is not None and accept["lease_epoch"] <= self._upload.lease_epoch:
            return
        self._session.stream = accept["stream"]
        if not self._recording.prefix_is(accept["durable_to"], accept["prefix_digest"]):
            self._session.abort(CODE_PREFIX_MISMATCH, "these are not the first bytes of this recording", True)
            self._start_again(RETRY_S)
            return
        self._session.line.drop_data()
        size = FragmentSize(self._session.fragment_max, self._camera.fragment)
        self._upload = Upload(accept, self._recording.unit_ends, size, time.monotonic())
        self._say_at = 0.0
        say({"event": "accepted", "durableTo": accept["durable_to"], "receivedTo": accept["received_to"]})

    def _start_again(self, wait_s: float) -> None:
        self._upload = None
        self._session.stream = 0
        self._session.line.drop_data()
        self._wait_until = time.monotonic() + wait_s
        self._say_at = 0.0

    def _aborted(self, abort) -> None:
        why = f"code {abort['code']}, class {abort['class']}: {abort['message']}"
        say({"event": "aborted", "code": abort["code"], "class": abort["class"], "message": abort["message"]})
        if abort["class"] == NEVER:
            raise Left(why)
        if abort["class"] == RENEGOTIATE:
            raise SessionOver(why)
        self._start_again(RETRY_S if abort["class"] == RETRY else 0.0)

    def _receipted(self, receipt):
        recording = self._recording
        try:
            said = check_receipt(receipt, self._dock, recording.id, recording.manifest_sha256)
            if self._session.kept.take(said["note"], said["consistency_from"], said["consistency"]):
                return said
            if self._fin_at is not None and time.monotonic() > self._fin_at + GROWTH_PATIENCE_S:
                raise Untrue("none that grows from what is kept")
            return None
        except OtherRecording:
            # The late answer to a Fin that was repeated for the recording before.
            return None
        except Untrue as error:
            self._session.abort(CODE_BAD_RECEIPT, str(error), True)
            raise Left(f"the receipt does not hold: {error}") from error


class Camera:
    """Who this is, what its operator asked for, and how it comes through several sessions."""

    def __init__(self, args, dock: Dock | None):
        self.kept = None if dock is None else Kept(args.kept, dock)
        self.recipients = [read_recipient(path) for path in args.seal_to]
        self.id = args.id
        self.key = open_key(args.key)
        self.boot_id = os.urandom(16)
        self.fragment = args.fragment
        self._args = args
        self._cut_left = args.cut_after
        self._until = time.monotonic() + args.deadline
        self._pending = []
        self._code = 0

    def check_deadline(self) -> None:
        if time.monotonic() > self._until:
            raise Refused(f"not done in {self._args.deadline} s")

    def sent(self, payload_bytes: int) -> None:
        if self._cut_left is None:
            return
        self._cut_left -= payload_bytes
        if self._cut_left <= 0:
            self._cut_left = None
            raise Cut()

    def serve(self, recordings, dock: Dock) -> int:
        """Hands over what there is, in as many sessions as it takes; the exit code."""
        self._pending = list(recordings)
        baud, heard_at = self._args.baud, 0.0
        while True:
            self.check_deadline()
            if time.monotonic() - heard_at > LINK_MEMORY_S:
                baud = self._args.baud
            try:
                line = Line(self._args.port, baud)
            except OSError as error:
                say({"event": "no-port", "why": str(error)})
                time.sleep(RETRY_S)
                continue
            wait_s = 0.0
            try:
                return self._dock(line, dock)
            except Cut:
                line.cut()
                say({"event": "cut"})
            except (SessionOver, LineGone, Refused) as error:
                say({"event": "session-over", "why": str(error)})
                if isinstance(error, Refused) and not self._args.stay:
                    raise
                wait_s = error.wait_s if isinstance(error, SessionOver) else REFUSED_S
            finally:
                heard_at, baud = line.heard_at, line.baud
                line.close()
            time.sleep(wait_s)

    def _dock(self, line: Line, dock: Dock) -> int:
        fragment_max = SERIAL_FRAGMENT_MAX
        if self._args.negotiate is not None:
            fragment_max = min(fragment_max, negotiate(line, self._args.baud, self._args.negotiate, say))
        session = greet(line, self, dock, fragment_max)
        for recording in list(self._pending):
            try:
                receipt = Handover(session, self, recording, dock).run()
                self._finish(session, recording, receipt)
            except Left as error:
                say({"event": "left", "recording": recording.id.hex(), "why": str(error)})
            session.stream, session.recording_id = 0, b""
        while self._args.stay:
            session.pump(0.1)
            session.keep_alive()
            self.check_deadline()
        session.line.send("Bye", {"session_id": session.id, "message": "nothing left"})
        session.flush()
        return 1 if self._pending else self._code

    def _finish(self, session: Session, recording: Recording, receipt) -> None:
        accepted = receipt["outcome"] == ACCEPTED
        say(
            {
                **{"event": "receipt", "outcome": "accepted" if accepted else "quarantined"},
                **{"reason": receipt["reason"], "index": receipt["index"], "size": receipt["size"]},
                **{"from": receipt["consistency_from"], "kept": self.kept.size},
                **{"ledgerRoot": receipt["root"].hex(), "entry": receipt["entry"]},
            }
        )
        self._pending.remove(recording)
        self._code = self._code if accepted else 3
        session.line.send("ReceiptAck", {"recording_id": recording.id, "erased": True})
        done = {"event": "done", "recording": recording.id.hex(), "sha256": sha256(recording.content).hex()}
        sealed = {"plainSha256": sha256(recording.plain).hex(), "wraps": recording.wraps.hex()}
        say({**done, **sealed, "bytes": len(recording.content), "counter": recording.counter, "root": recording.root.hex()})


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--id", required=True, help="the camera's id")
    parser.add_argument("--key", required=True, help="its private key, PKCS#8 PEM; made when there is none")
    parser.add_argument("--public-key", action="store_true", help="print the public key in base64 and end")
    parser.add_argument("--port", help="serial port")
    parser.add_argument("--baud", type=int, default=115_200, help="rate to begin with")
    parser.add_argument("--negotiate", type=int, metavar="BAUD", help="ask for another rate, up to this one")
    parser.add_argument("--dock", help="identity file of the dock to trust")
    parser.add_argument("--bytes", type=int, default=100_000, help="size of the recording")
    parser.add_argument("--chunk-bytes", type=int, default=65_536, help="size of its chunks")
    parser.add_argument("--recordings", type=int, default=1, help="how many of them")
    parser.add_argument("--counter", type=int, default=1, help="number of the first recording")
    parser.add_argument("--previous-root", default="", help="root of the recording before the first, hexadecimal")
    parser.add_argument("--officer", default="4411", help="officer of the recording")
    parser.add_argument("--incident", default="", help="incident tag of the recording")
    parser.add_argument("--seal-to", nargs="+", default=[], metavar="FILE", help="identity files of custodian and recovery keys")
    parser.add_argument("--kept", metavar="DIR", help="folder for the checkpoints that it keeps")
    parser.add_argument("--fragment", type=int, help="send fragments of so many bytes, whatever the line is like")
    parser.add_argument("--cut-after", type=int, help="close the port after so many bytes, once, and go on in a new session")
    parser.add_argument("--stay", action="store_true", help="stay docked when nothing is left, until the deadline or a signal")
    parser.add_argument("--deadline", type=float, default=120.0, help="give up after so many seconds")
    args = parser.parse_args(argv)
    if not args.public_key and (args.port is None or args.dock is None):
        parser.error("--port and --dock are needed")
    return args


def main(argv) -> int:
    args = parse(argv)
    dock = None if args.dock is None else Dock(args.dock)
    camera = Camera(args, dock)
    if args.public_key:
        print(base64.b64encode(public_bytes(camera.key)).decode())
        return 0
    recordings = []
    root = bytes.fromhex(args.previous_root)
    for counter in range(args.counter, args.counter + args.recordings):
        recordings.append(Recording(camera, args, counter, root))
        root = recordings[-1].root
    try:
        return camera.serve(recordings, dock)
    except Refused as error:
        say({"event": "refused", "why": str(error)})
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
