#!/usr/bin/env python3
"""Reads test/golden/v1 with a codec written from docs/PROTOCOL.md alone: every PDU decodes to its meaning and encodes to the
same bytes, every frame and every signature is right. One JSON object on stdout; exit code 1 with the first difference.

  vectors.py test/golden/v1
"""

from __future__ import annotations

import json
import os
import re
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from proof import Dock, OtherRecording, Untrue, check_growth, check_proof, check_receipt, hello_text, leaf_hash, node_hash
from proof import open_checkpoint, parse_vkey, prefix_digest, recording_root, sha256, sign_manifest, signed_by, tree_root
from line import probe_pattern
from messages import NAME, TYPE, decode_message, encode_message
from sealing import Sealed, derive_private_key, header_of, make_wraps, open_chunk, open_wraps, point, seal_chunk, stored_bytes
from sealing import thumbprint, wrap_info
from wire import Deframer, Parts, crc32c, decode, encode, frame, uncobs

ENUMS = {
    "class": ["", "retry", "renegotiate", "restart-stream", "never"],
    "outcome": ["", "accepted", "quarantined"],
    "state": ["", "ready", "recording", "docked", "transferring", "storage-full"],
    "stop_reason": ["", "button", "docked", "storage-full", "power-loss", "replay", "battery", "limit", "power-off"],
    "cause": ["", "button", "holster", "light-bar", "taser", "fall", "peer", "limit", "command"],
    "code": [
        *("", "version", "unknown-camera", "unknown-dock", "bad-signature", "malformed", "oversize", "no-session"),
        *("unknown-stream", "stale-lease", "prefix-mismatch", "bad-manifest", "bad-chunk", "storage-full"),
        *("storage-fault", "busy", "shutting-down", "bad-receipt"),
    ],
}


class Different(Exception):
    pass


def same(what: str, one, other) -> None:
    if one != other:
        raise Different(f"{what}: {one!r} is not {other!r}")


def meaning(value, name=""):
    """A vector's `message` as this codec would say it."""
    if isinstance(value, dict):
        if set(value) == {"hex"}:
            return bytes.fromhex(value["hex"])
        fields = ((re.sub("[A-Z]", lambda m: "_" + m[0].lower(), key), one) for key, one in value.items())
        return {key: meaning(one, key) for key, one in fields if key != "type"}
    if isinstance(value, list):
        return [meaning(one) for one in value]
    if name == "recording_id":
        return bytes.fromhex(value)
    return ENUMS[name].index(value) if name in ENUMS and isinstance(value, str) else value


def join(pieces) -> bytes:
    return bytes.fromhex("".join(piece for piece, _ in pieces))


class Vectors:
    def __init__(self, folder: str):
        self.all = {}
        for name in sorted(os.listdir(folder)):
            if name.endswith(".json"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    self.all[name[:-5]] = json.load(file)

    def pdu(self, name: str) -> bytes:
        return join(self.all[name]["pdu"])

    def message(self, name: str):
        return decode(self.pdu(name))[1]

    def public(self, name: str, role: str) -> bytes:
        """A test key's public half, which its seed must make."""
        key = self.all[name][role]
        public = bytes.fromhex(key["publicKey"])
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"]))
        same(f"{name}: {role}", signed_by(public, private.sign(b"x"), b"x"), True)
        return public


def check_pdus(vectors: Vectors):
    """How many PDUs there are, each checked in every way that bytes can be."""
    same("CRC-32C of 123456789", crc32c(b"123456789"), 0xE3069283)
    seen = set()
    for name, vector in vectors.all.items():
        if "pdu" not in vector:
            continue
        pdu, framed = vectors.pdu(name), bytes.fromhex(vector["frame"])
        same(f"{name}: CRC", pdu[-4:], crc32c(pdu[:-4]).to_bytes(4, "little"))
        same(f"{name}: frame", frame(pdu), framed)
        same(f"{name}: frame back", uncobs(framed[1:-1]), pdu)
        # Byte by byte, behind noise, and once more with one bit wrong.
        deframer = Deframer()
        stream = b"\x07noise" + framed + framed[:5] + bytes([framed[5] ^ 4]) + framed[6:] + framed
        arrived = [one for at in range(len(stream)) for one in deframer.push(stream[at : at + 1])]
        same(f"{name}: deframed", arrived, [pdu, pdu])
        kind, message = decode(pdu)
        seen.add(kind)
        same(f"{name}: type", kind.lower(), vector["message"]["type"].replace("-", ""))
        expected = meaning(vector["message"])
        same(f"{name}: fields", {**message, **expected}, message)
        same(f"{name}: encoded", encode(kind, message), pdu)
        same(f"{name}: encoded from its meaning", encode(kind, expected), pdu)
    same("types without a vector", sorted(set(TYPE) - seen), [])
    return len(seen)


def check_handshake(vectors: Vectors) -> int:
    hello = vectors.pdu("hello")[1:-4]
    ack, confirm = vectors.message("hello-ack"), vectors.message("hello-confirm")
    body = decode_message("HelloAckBody", ack["body"])
    same("HelloAckBody", body, {**body, **meaning(vectors.all["hello-ack"]["body"])})
    same("HelloAckBody again", encode_message("HelloAckBody", body), ack["body"])
    for role, signed, name in (("dock", ack, "hello-ack"), ("camera", confirm, "hello-confirm")):
        public = vectors.public(name, f"{role}Key")
        same(name, signed_by(public, signed["signature"], hello_text(role, hello, ack["body"])), True)
    swapped = hello_text("camera", hello, ack["body"])
    same("the other role's text", signed_by(vectors.public("hello-ack", "dockKey"), ack["signature"], swapped), False)
    return 2


def check_link(vectors: Vectors) -> None:
    probe = vectors.message("link-probe")
    same("probe pattern", probe_pattern(probe["id"], probe["seq"]), probe["pattern"])
    part, receipt = vectors.message("part"), vectors.pdu("receipt")
    same("part", receipt[part["offset"] :][: len(part["piece"])], part["piece"])
    same("part's id", part["id"].to_bytes(4, "little"), receipt[-4:])
    parts = Parts()
    pieces = [{**part, "offset": at, "piece": receipt[at : at + 128]} for at in range(0, len(receipt), 128)]
    same("receipt of its parts", [parts.add(one) for one in reversed(pieces)][-1], receipt)


def check_course(vectors: Vectors) -> int:
    vector = vectors.all["course-manifest"]
    signed = join(vector["signed"])
    same("course manifest's name", sha256(signed).hex(), vector["sha256"])
    manifest = decode_message("Manifest", decode_message("SignedManifest", signed)["manifest"])
    same("course manifest", {**manifest, **meaning(vector["manifest"])}, manifest)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["cameraKey"]["seed"]))
    same("course manifest signed again", sign_manifest(key, manifest), signed)
    return 1


def check_manifest(vectors: Vectors) -> int:
    vector = vectors.all["signed-manifest"]
    signed = join(vector["signed"])
    same("manifest's name", sha256(signed).hex(), vector["sha256"])
    opened = decode_message("SignedManifest", signed)
    manifest = decode_message("Manifest", opened["manifest"])
    same("manifest", {**manifest, **meaning(vector["manifest"])}, manifest)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vector["cameraKey"]["seed"]))
    same("manifest signed again", sign_manifest(key, manifest), signed)
    public = vectors.public("signed-manifest", "cameraKey")
    same("manifest's signature", signed_by(public, opened["signature"], b"bwc.v1 manifest\n" + opened["manifest"]), True)
    contents = [bytes([n + 1]) * chunk["stored_bytes"] for n, chunk in enumerate(manifest["chunks"])]
    hashes = [chunk["sha256"] for chunk in manifest["chunks"]]
    same("chunks", [sha256(content) for content in contents], hashes)
    same("root", recording_root(hashes), manifest["root"])
    accept, offer = vectors.message("accept"), vectors.message("offer")
    same("offer", (offer["manifest_bytes"], offer["content_bytes"]), (len(signed), manifest["content_bytes"]))
    same("accept's prefix", accept["durable_to"], len(signed) + len(contents[0]))
    same("prefix digest", prefix_digest(sha256(signed), hashes[:1]), accept["prefix_digest"])
    return 1


def check_ledger(vectors: Vectors) -> int:
    checkpoint, proof = vectors.all["checkpoint"], vectors.all["tlog-proof"]
    vkey = parse_vkey(checkpoint["vkey"])
    same("ledger key", vkey[2], vectors.public("checkpoint", "ledgerKey"))
    origin, size, root = open_checkpoint("\n".join(checkpoint["note"]), *vkey)
    same("checkpoint", {"origin": origin, "size": size, "root": root}, meaning(checkpoint["checkpoint"]))
    entries = vectors.all["custody-entries"]["entries"]
    leaves = [leaf_hash(entry["text"].encode()) for entry in entries]
    same("leaves", [leaf.hex() for leaf in leaves], [entry["leafHash"] for entry in entries])
    same("root of the entries", (len(leaves), tree_root(leaves)), (size, root))
    same("two leaves", tree_root(leaves[:2]), node_hash(*leaves[:2]))
    text, entry = "\n".join(proof["proof"]), proof["entry"].encode()
    same("proof", check_proof(text, entry, vkey), (proof["index"], size, root))
    for broken in (entry + b" ", entries[0]["text"].encode()):
        refused("another entry", lambda broken=broken: check_proof(text, broken, vkey))
    refused("another index", lambda: check_proof(text.replace("index 1", "index 2"), entry, vkey))
    refused("another size", lambda: check_proof(text.replace("\n10\n", "\n11\n"), entry, vkey))
    return 1


def check_growths(vectors: Vectors) -> int:
    ticket = vectors.message("ticket")
    entries = vectors.all["custody-entries"]["entries"]
    leaves = [leaf_hash(entry["text"].encode()) for entry in entries]
    _, size, root = open_checkpoint(ticket["note"], *parse_vkey(vectors.all["checkpoint"]["vkey"]))
    first, path = ticket["consistency_from"], ticket["consistency"]
    same("ticket", (size, root), (len(leaves), tree_root(leaves)))
    check_growth(first, tree_root(leaves[:first]), size, root, path)
    for at in range(len(path)):
        spoilt = [*path[:at], bytes(32), *path[at + 1 :]]
        refused(f"hash {at}", lambda spoilt=spoilt: check_growth(first, tree_root(leaves[:first]), size, root, spoilt))
    refused("a hash too few", lambda: check_growth(first, tree_root(leaves[:first]), size, root, path[:-1]))
    refused("a hash too many", lambda: check_growth(first, tree_root(leaves[:first]), size, root, [*path, path[0]]))
    refused("another beginning", lambda: check_growth(first, tree_root(leaves[1 : first + 1]), size, root, path))
    return 1


def check_sealed(vectors: Vectors) -> int:
    vector = vectors.all["sealed-recording"]
    bytes_of = {name: bytes.fromhex(value) for name, value in vector.items() if isinstance(value, str) and name != "what"}
    custodian = {name: bytes.fromhex(value) for name, value in vector["custodian"].items()}
    recording_key, ephemeral = bytes_of["recordingKey"], derive_private_key(bytes_of["ephemeralIkm"])
    private = derive_private_key(custodian["ikm"])
    same("custodian's key", private.private_numbers().private_value, int.from_bytes(custodian["privateKey"], "big"))
    same("custodian's point", point(private), custodian["publicKey"])
    same("custodian's thumbprint", thumbprint(point(private)), custodian["thumbprint"])
    opened = decode_message("SignedManifest", bytes_of["signed"])
    manifest = decode_message("Manifest", opened["manifest"])
    header = header_of(manifest)
    same("header", header, bytes_of["header"])
    same("wrap info", wrap_info(header), bytes_of["wrapInfo"])
    wraps = make_wraps([point(private)], header, recording_key, ephemeral)
    same("wraps", wraps, bytes_of["wraps"])
    same("wraps again", encode_message("Wraps", decode_message("Wraps", wraps)), wraps)
    same("wraps' hash", sha256(wraps), manifest["wraps_sha256"])
    same("recording key", open_wraps(wraps, header, private), recording_key)
    refused("another header", lambda: open_wraps(wraps, header + b" ", private), Sealed)
    refused("another custodian", lambda: open_wraps(wraps, header, ephemeral), Sealed)
    check_sealed_chunks(vector["chunks"], recording_key, manifest)
    key = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    same("sealed manifest signed again", sign_manifest(key, manifest), bytes_of["signed"])
    first = decode_message("Manifest", decode_message("SignedManifest", join(vectors.all["signed-manifest"]["signed"]))["manifest"])
    same("the chain", manifest["previous_root"], first["root"])
    same("the ticket", manifest["ticket"], vectors.message("ticket")["note"])
    head = decode_message("SignedHead", bytes_of["head"])
    same("head signed again", key.sign(b"bwc.v1 head\n" + head["head"]), head["signature"])
    said = decode_message("Head", head["head"])
    same("head again", encode_message("Head", said), head["head"])
    same("head's root", said["root"], recording_root([one["sha256"] for one in manifest["chunks"][: said["chunks"]]]))
    return 2


def check_sealed_chunks(chunks, recording_key: bytes, manifest) -> None:
    recording_id = manifest["recording_id"]
    same("sealed chunks", len(chunks), len(manifest["chunks"]))
    for n, (chunk, info) in enumerate(zip(chunks, manifest["chunks"])):
        plain, salt, stored = (bytes.fromhex(chunk[name]) for name in ("plain", "salt", "stored"))
        same(f"chunk {n} sealed", seal_chunk(recording_key, recording_id, n, plain, salt), stored)
        same(f"chunk {n} opened", open_chunk(recording_key, recording_id, n, stored), plain)
        same(f"chunk {n}", info, {**info, "sha256": sha256(stored), "stored_bytes": len(stored), "plain_bytes": len(plain)})
        same(f"chunk {n}: size", stored_bytes(len(plain)), len(stored))
        refused(f"chunk {n} elsewhere", lambda n=n, s=stored: open_chunk(recording_key, recording_id, n + 1, s), Sealed)
        for at in (0, 24, 56, len(stored) - 1):
            spoilt = stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]
            refused(f"chunk {n}, byte {at}", lambda n=n, s=spoilt: open_chunk(recording_key, recording_id, n, s), Sealed)
    same("root of the sealed", recording_root([one["sha256"] for one in manifest["chunks"]]), manifest["root"])
    # At a segment's end an empty one follows, and what is cut off there is missed.
    for size in (0, 1, 16_383, 16_384, 16_385, 40_000):
        stored = seal_chunk(recording_key, recording_id, 0, bytes(size))
        same(f"{size} bytes sealed", len(stored), stored_bytes(size))
        same(f"{size} bytes opened", open_chunk(recording_key, recording_id, 0, stored), bytes(size))
    whole = seal_chunk(recording_key, recording_id, 0, bytes(16_384))
    refused("a chunk without its end", lambda: open_chunk(recording_key, recording_id, 0, whole[:-16]), Sealed)


def check_receipts(vectors: Vectors) -> int:
    receipt, offer = vectors.message("receipt"), vectors.message("offer")
    dock = Dock.__new__(Dock)
    dock.public_key = vectors.public("receipt", "dockKey")
    dock.vkey, dock.witnesses, dock.quorum = parse_vkey(vectors.all["receipt"]["vkey"]), [], 0
    about = (offer["recording_id"], offer["manifest_sha256"])
    said = check_receipt(receipt, dock, *about)
    same("receipt", said["entry"], {**said["entry"], "type": "accepted", "recording": about[0].hex()})
    for at in range(len(receipt["body"])):
        body = bytearray(receipt["body"])
        body[at] ^= 1
        refused(f"receipt, byte {at}", lambda body=body: check_receipt({**receipt, "body": bytes(body)}, dock, *about))
    refused("another recording", lambda: check_receipt(receipt, dock, bytes(16), about[1]), OtherRecording)
    refused("another manifest", lambda: check_receipt(receipt, dock, about[0], bytes(32)))
    return 1


def refused(what: str, check, error=Untrue) -> None:
    try:
        check()
    except error:
        return
    raise Different(f"{what} was believed")


def main(argv) -> int:
    vectors = Vectors(argv[0])
    try:
        pdus = check_pdus(vectors)
        check_link(vectors)
        signatures = check_handshake(vectors) + check_manifest(vectors) + check_course(vectors) + check_ledger(vectors) + check_receipts(vectors)
        signatures += check_growths(vectors) + check_sealed(vectors)
    except Different as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"event": "vectors", "files": len(vectors.all), "messages": pdus, "types": len(NAME), "signatures": signatures}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
