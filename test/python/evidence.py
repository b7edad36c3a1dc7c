#!/usr/bin/env python3
"""Checks an evidence package of one recording, written from docs/EVIDENCE-PACKAGE.md and docs/LEDGER.md alone: files, signatures,
chunks, wraps, stamps, ledger entries, witnesses. With a private key that the recording was sealed to it opens the footage. One
JSON object a line on stdout, one for each check. Exit code 1 with the first that fails, 2: the command line is wrong.

  evidence.py evidence.zip --vkey "$(cat pinned.vkey)" --dock dock.json
  evidence.py evidence.zip --custodian custodian.key.pem --out footage.mp4
"""

from __future__ import annotations

import argparse
import base64
import datetime
import json
import os
import sys

from archive import Package, decode_base64, parse_json, raw_public_key, strictly
from grant import OPENED, check_export
from messages import Malformed, decode_message, encode_message
from proof import COSIGNER, Untrue, check_growth, check_proof, cosigners, note_in, open_checkpoint, parse_vkey, recording_root, sha256, signed_by, tree_root
from sealing import SUITE, Sealed, header_of, open_chunk, open_wraps, read_private_key, stored_bytes

STOPS = ["", "button", "docked", "storage-full", "power-loss", "replay", "battery", "limit", "power-off"]
CAUSES = ["", "button", "holster", "light-bar", "taser", "fall", "peer", "limit", "command"]
MAY_BE_EMPTY = ("lost_chunks", "ticket", "wraps_sha256", "cause", "critical", "mutes", "categories", "battery", "track")
WORDS = {"stop_reason": STOPS, "cause": CAUSES}
# What bytes that somebody else made may raise.
FAILURES = (Untrue, Malformed, Sealed, ValueError)


class Checker:
    """What was found so far, for the checks that build on it."""

    def __init__(self, package: Package, args):
        self._package, self._args = package, args
        self._vkey = None
        self._entries = {}
        self._manifest = self._signed = self._accepted = None

    @property
    def checks(self):
        """(name, check) in the order in which they build on one another; a check says what holds, or raises one of FAILURES."""
        pinned = None if self._args.dock is None else _identity_key(self._args.dock)
        return [
            ("archive", self._package.check_archive),
            ("listing", self._package.check_listing),
            ("package", lambda: self._package.check_signature(pinned)),
            ("checkpoint", self._checkpoint),
            ("entries", self._prove_entries),
            ("witnesses", self._witnesses),
            ("manifest", self._read_manifest),
            ("camera", self._camera),
            ("ticket", self._ticket),
            ("chunks", self._chunks),
            ("wraps", self._wraps),
            ("stamps", self._stamps),
            ("reading", self._reading),
            ("export", self._export),
            *([] if self._args.custodian is None else [("footage", self._open)]),
        ]

    def _checkpoint(self) -> str:
        vkey = self._package.read("ledger/vkey").decode().strip()
        strictly(self._args.vkey in (None, vkey), "the ledger has another key than the one pinned")
        strictly(self._package.listing["dock"].get("ledger") == vkey, "the listing names another ledger")
        self._vkey = parse_vkey(vkey)
        _, size, root = open_checkpoint(self._package.read("ledger/checkpoint").decode(), *self._vkey)
        return f"{size} entries, root {root.hex()}, key {'pinned' if self._args.vkey else 'of the package'}"

    def _prove_entries(self) -> str:
        checkpoint = self._package.read("ledger/checkpoint").decode()
        numbers = [path[len("ledger/entries/") : -len(".json")] for path in self._package.paths("ledger/entries/")]
        proofs = [path[len("ledger/proofs/") : -len(".tlog-proof")] for path in self._package.paths("ledger/proofs/")]
        strictly(numbers == proofs, "an entry has no proof, or a proof no entry")
        for number in numbers:
            entry = self._package.read(f"ledger/entries/{number}.json")
            proof = self._package.read(f"ledger/proofs/{number}.tlog-proof").decode()
            index, _, _ = check_proof(proof, entry, self._vkey)
            strictly(number == f"{index:06}", f"the proof of entry {number} is of entry {index}")
            strictly(note_in(proof) == checkpoint, f"entry {number} is proved against another checkpoint")
            self._entries[index] = parse_json(entry, f"entry {number}")
        return ", ".join(f"{index} {entry.get('type')}" for index, entry in self._entries.items())

    def _witnesses(self) -> str:
        asked = self._package.read("ledger/witnesses").decode().split()
        wanted = self._args.witness or asked
        found = cosigners(self._package.read("ledger/checkpoint").decode(), [parse_vkey(one, COSIGNER) for one in wanted])
        quorum = self._args.quorum if self._args.quorum is not None else len(self._args.witness)
        strictly(len(found) >= quorum, f"{len(found)} of {quorum} witnesses cosigned the checkpoint")
        return f"{len(found)} of {len(wanted)} cosigned: {', '.join(found)}" if wanted else "the dock asks none"

    def _read_manifest(self) -> str:
        encoded = self._package.read("recording/manifest")
        self._signed = decode_message("SignedManifest", encoded)
        manifest = self._manifest = decode_message("Manifest", self._signed["manifest"])
        canonical = encode_message("Manifest", manifest) == self._signed["manifest"]
        strictly(canonical and encode_message("SignedManifest", self._signed) == encoded, "the manifest is not canonical")
        recording = manifest["recording_id"].hex()
        strictly(self._package.listing.get("recording") == recording, "the manifest is of another recording")
        accepted = [(n, one) for n, one in self._entries.items() if one.get("type") == "accepted" and one.get("recording") == recording]
        strictly(len(accepted) == 1, f"{len(accepted)} entries say that the recording was accepted")
        index, self._accepted = accepted[0]
        said = {
            **{"manifest": sha256(encoded).hex(), "camera": manifest["camera_id"], "counter": manifest["counter"]},
            **{"previousRoot": manifest["previous_root"].hex(), "root": manifest["root"].hex()},
            **{"bytes": manifest["content_bytes"], "chunks": len(manifest["chunks"])},
        }
        for name, value in said.items():
            strictly(self._accepted.get(name) == value, f"{name}: the manifest is not the one that was accepted")
        strictly(self._accepted.get("suite", 0) == manifest["suite"], "the manifest has another suite than was accepted")
        return f"recording {recording}, accepted as entry {index}"

    def _camera(self) -> str:
        camera = self._manifest["camera_id"]
        index = next(n for n, one in self._entries.items() if one is self._accepted)
        keys = [
            one.get("publicKey")
            for n, one in self._entries.items()
            if n < index and one.get("type") == "device.enrolled" and one.get("camera") == camera
        ]
        strictly(keys != [], f"no entry says how {camera} was enrolled")
        message = b"bwc.v1 manifest\n" + self._signed["manifest"]
        publics = [decode_base64(key, 32, "the camera's key") for key in keys]
        # A camera that was given another key is enrolled again; what it recorded before is under the older one.
        public = next((one for one in publics if signed_by(one, self._signed["signature"], message)), None)
        strictly(public is not None, "the manifest is not signed by its camera")
        pinned = None if self._args.camera is None else _identity_key(self._args.camera)
        strictly(pinned in (None, public), "the recording is of another camera than the one pinned")
        same = {
            "manifest-message.bin": lambda data: data == message,
            "manifest.sig": lambda data: data == self._signed["signature"],
            "camera.pub.pem": lambda data: raw_public_key(data, "camera.pub.pem") == public,
        }
        for name, holds in same.items():
            strictly(holds(self._package.read(f"recording/signed/{name}")), f"{name} is not what the manifest says")
        return f"{camera} signed the manifest, key {'pinned' if pinned else 'of the ledger'}"

    def _ticket(self) -> str:
        ticket, path = self._manifest["ticket"], "ledger/ticket.consistency"
        given = self._package.paths(path) == [path]
        try:
            _, size, root = open_checkpoint(ticket, *self._vkey)
        except Untrue:
            strictly(not given, "a proof from a checkpoint that the camera had not seen")
            return "none" if not ticket else "of another log"
        index = next(n for n, one in self._entries.items() if one is self._accepted)
        strictly(size <= index, "the camera had seen more of the ledger than there was")
        lines = self._package.read(path).decode("ascii").splitlines()
        proof = [decode_base64(line, 32, "a hash") for line in lines]
        strictly(self._package.read(path) == b"".join(base64.b64encode(one) + b"\n" for one in proof), "the proof is written otherwise")
        _, now, now_root = open_checkpoint(self._package.read("ledger/checkpoint").decode(), *self._vkey)
        if size == 0:
            strictly(proof == [] and root == tree_root([]), "the camera had seen an empty ledger that was none")
        else:
            check_growth(size, root, now, now_root, proof)
        return f"the camera had seen {size} entries"

    def _chunk(self, index: int) -> bytes:
        return self._package.read(f"recording/chunks/{index:06}")

    def _chunks(self) -> str:
        manifest = self._manifest
        infos = manifest["chunks"]
        names = [f"recording/chunks/{n:06}" for n in range(len(infos))]
        strictly(self._package.paths("recording/chunks/") == names, "there are other chunks than the manifest lists")
        for n, info in enumerate(infos):
            stored = self._chunk(n)
            strictly(len(stored) == info["stored_bytes"], f"chunk {n} has another length")
            strictly(sha256(stored) == info["sha256"], f"chunk {n} is not the one that the camera listed")
            made = stored_bytes(info["plain_bytes"]) if manifest["suite"] == SUITE else info["plain_bytes"]
            strictly(made == info["stored_bytes"], f"chunk {n} is not stored as its suite says")
            strictly(info["plain_bytes"] <= manifest["chunk_bytes_max"], f"chunk {n} is too long")
        strictly(recording_root([one["sha256"] for one in infos]) == manifest["root"], "the chunks make another root")
        strictly(sum(one["stored_bytes"] for one in infos) == manifest["content_bytes"], "the chunks make another length")
        return f"{len(infos)} chunks, {manifest['content_bytes']} bytes, root {manifest['root'].hex()}"

    def _wraps(self) -> str:
        if self._manifest["suite"] != SUITE:
            strictly(self._package.paths("recording/wraps") == [], "there are wraps, and nothing is sealed")
            return "not sealed"
        wraps = self._package.read("recording/wraps")
        digest = sha256(wraps)
        strictly(digest == self._manifest["wraps_sha256"], "the wraps are not those that the camera signed")
        strictly(self._accepted.get("wraps") == digest.hex(), "the wraps are not those that were accepted")
        recipients = [one["recipient"].hex() for one in decode_message("Wraps", wraps)["wraps"]]
        return f"for {', '.join(recipients)}; header {sha256(header_of(self._manifest)).hex()}"

    def _stamps(self) -> str:
        stamps = self._package.read("recording/stamps")
        strictly(self._accepted.get("stamps") == sha256(stamps).hex(), "the stamps are not those that were accepted")
        lines = [parse_json(line, "a stamp") for line in stamps.splitlines()]
        strictly(len(lines) == len(self._manifest["chunks"]), "there is not one stamp for each chunk")
        begun = [one.get("epoch") for one in self._entries.values() if one.get("type") in ("started", "clock.stepped")]
        for n, (stamp, info) in enumerate(zip(lines, self._manifest["chunks"])):
            about = (stamp.get("chunk"), stamp.get("sha256")) == (n, info["sha256"].hex())
            strictly(about, f"stamp {n} is of another chunk")
            strictly("epoch" not in stamp or stamp["epoch"] in begun, f"stamp {n} is of an epoch that no entry begins")
        received = [self._accepted.get(name) for name in ("receivedAt", "uncertaintyUs", "basis", "epoch")]
        stamped = [[stamp.get(name) for name in ("receivedAt", "uncertaintyUs", "basis", "epoch")] for stamp in lines]
        strictly(received in stamped, "the recording was received when no chunk was")
        return f"received at {received[0]} ± {received[1]} us, {received[2]}"

    def _reading(self) -> str:
        manifest = self._manifest
        said = parse_json(self._package.read("recording/manifest.json"), "manifest.json")
        strictly(said == reading(manifest), "manifest.json does not say what the manifest says")
        hashes = [info["sha256"].hex() for info in manifest["chunks"]]
        sums = "".join(f"{one}  chunks/{n:06}\n" for n, one in enumerate(hashes))
        strictly(self._package.read("recording/SHA256SUMS").decode() == sums, "SHA256SUMS lists other chunks")
        return "manifest.json and SHA256SUMS say what the manifest says"

    def _export(self) -> str:
        recording, manifest = self._manifest["recording_id"].hex(), self._accepted["manifest"]
        pinned = None
        if self._args.policy_key is not None:
            with open(self._args.policy_key, encoding="utf-8") as file:
                pinned = json.load(file)
        strictly(self._package.listing.get("form") != "sealed" or self._manifest["suite"] == SUITE, "footage that nobody sealed, without a grant")
        chunks, sealed = len(self._manifest["chunks"]), self._manifest["suite"] == SUITE
        return check_export(self._package, self._entries.values(), recording, manifest, chunks, sealed, pinned, self._args.policy_ledger)

    def _open(self) -> str:
        strictly(self._manifest["suite"] == SUITE, "the recording is not sealed: its chunks are the footage")
        passphrase = None
        if self._args.passphrase_file is not None:
            with open(self._args.passphrase_file, "rb") as file:
                passphrase = file.read().rstrip(b"\r\n")
        private = read_private_key(self._args.custodian, passphrase)
        key = open_wraps(self._package.read("recording/wraps"), header_of(self._manifest), private)
        pieces = []
        for n, info in enumerate(self._manifest["chunks"]):
            plain = open_chunk(key, self._manifest["recording_id"], n, self._chunk(n))
            strictly(len(plain) == info["plain_bytes"], f"chunk {n} opens to another length")
            pieces.append(plain)
        footage = b"".join(pieces)
        if self._package.listing["form"] == "opened":
            strictly(self._package.read(OPENED) == footage, "the opened footage is not what the chunks hold")
        if self._args.out is not None:
            with os.fdopen(os.open(self._args.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(footage)
        return f"{len(footage)} bytes of {self._manifest['media_type']}, SHA-256 {sha256(footage).hex()}"


def reading(manifest):
    """What manifest.json says of a manifest: names in camel case, bytes in hexadecimal, what may be empty left out then."""
    said = {}
    for name, value in manifest.items():
        if name in MAY_BE_EMPTY and not value:
            continue
        said[camel(name)] = WORDS[name][value] if name in WORDS else readable(value)
    return said


def readable(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [readable(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "wall_us" in value:
        seconds, us = divmod(value["wall_us"], 1_000_000)
        at = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds, microseconds=us)
        return {"wall": at.isoformat(timespec="microseconds") + "Z", "monoUs": value["mono_us"]}
    return {camel(name): readable(one) for name, one in value.items()}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(one.capitalize() for one in rest)


def check(args, say):
    """The name of the first check that fails, or None; `say` is told of each."""
    name = "archive"
    try:
        for name, one in Checker(Package(args.package), args).checks:
            say({"event": "holds", "check": name, "what": one()})
    except FAILURES as error:
        say({"event": "fails", "check": name, "why": str(error)})
        return name
    return None


def _identity_key(path: str) -> bytes:
    with open(path, encoding="utf-8") as file:
        return base64.b64decode(json.load(file)["publicKey"], validate=True)


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", help="the ZIP")
    parser.add_argument("--vkey", help="verifier key of the ledger, from a place you trust")
    parser.add_argument("--dock", help="identity file of the dock, from a place you trust")
    parser.add_argument("--camera", help="identity file of the camera, from a place you trust")
    parser.add_argument("--witness", action="append", default=[], help="verifier key of a witness; again for each")
    parser.add_argument("--quorum", type=int, help="how many of them must have cosigned; all unless said")
    parser.add_argument("--policy-key", help="public key of the policy service, a JWK, from a place you trust")
    parser.add_argument("--policy-ledger", help="verifier key of the policy service's own ledger, from a place you trust")
    parser.add_argument("--custodian", help="private key that the recording was sealed to, P-256, PKCS#8 PEM")
    parser.add_argument("--passphrase-file", help="its passphrase")
    parser.add_argument("--out", help="where to put the footage; must not be there")
    return parser.parse_args(argv)


def main(argv) -> int:
    failed = check(parse(argv), lambda event: print(json.dumps(event, ensure_ascii=False), flush=True))
    return 0 if failed is None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
