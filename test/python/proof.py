"""Keys, trees, manifests and receipts, as docs/PROTOCOL.md (sections 6, 7 and 11) and docs/IDENTITY.md give them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from messages import Malformed, decode_message, encode_message

ACCEPTED, QUARANTINED = 1, 2
# What a verifier key begins with (C2SP signed-note, tlog-cosignature).
LOG, COSIGNER = 1, 4


class Untrue(Exception):
    """A proof, a signature or an entry that does not hold; the text says which."""


class OtherRecording(Exception):
    """A receipt of this dock that is about another recording."""


def sha256(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()


def open_key(path: str) -> Ed25519PrivateKey:
    """The key in a PKCS#8 PEM file, made when there is none."""
    if not os.path.exists(path):
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    with open(path, "rb") as file:
        key = load_pem_private_key(file.read(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit(f"{path} holds no Ed25519 key")
    return key


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def signed_by(public: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
        return True
    except InvalidSignature:
        return False


def hello_text(role: str, hello: bytes, body: bytes) -> bytes:
    """What a side signs: the transcript of Hello (its protobuf bytes) and the body of HelloAck."""
    return f"bwc.v1 hello {role}\n".encode() + sha256(hello) + sha256(body)


class Dock:
    """A dock that this camera trusts, as its identity file says."""

    def __init__(self, path: str):
        with open(path, encoding="utf-8") as file:
            identity = json.load(file)
        if identity.get("format") != "holdfast/identity@1" or identity.get("kind") != "dock":
            raise SystemExit(f"{path} is no identity of a dock")
        self.id = identity["id"]
        self.public_key = base64.b64decode(identity["publicKey"], validate=True)
        self.vkey = parse_vkey(identity["ledger"])
        self.witnesses = [parse_vkey(one, COSIGNER) for one in identity.get("witnesses", [])]
        self.quorum = identity.get("quorum", 0)


def parse_vkey(vkey: str, kind=LOG):
    """(name, key id, Ed25519 public key) of `NAME+hex(key id)+base64(kind | public key)`."""
    name, key_id, encoded = vkey.split("+", 2)
    tagged = base64.b64decode(encoded, validate=True)
    if len(tagged) != 33 or tagged[0] != kind or bytes.fromhex(key_id) != sha256(name.encode(), b"\n", tagged)[:4]:
        raise Untrue("the verifier key contradicts itself")
    return name, bytes.fromhex(key_id), tagged[1:]


# ---- trees (RFC 6962) ----


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\0", data)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1", left, right)


def tree_root(leaves) -> bytes:
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def recording_root(chunk_hashes) -> bytes:
    return tree_root([leaf_hash(one) for one in chunk_hashes])


def prefix_digest(manifest_sha256: bytes, durable_hashes) -> bytes:
    return sha256(b"bwc.v1 prefix\n", manifest_sha256, recording_root(durable_hashes))


def root_by_path(index: int, size: int, leaf: bytes, path) -> bytes:
    """RFC 9162, 2.1.3.2: the root that an inclusion path leads to."""
    if index >= size:
        raise Untrue("the proof is about an entry beyond the checkpoint")
    at, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Untrue("the inclusion path is too long")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Untrue("the inclusion path is too short")
    return root


def check_growth(first: int, first_root: bytes, size: int, root: bytes, path) -> None:
    """RFC 9162, 2.1.4.2: the tree of `size` leaves begins with that of `first`. Raises Untrue."""
    if not 0 < first < size or not path:
        raise Untrue("this proves no growth")
    path = list(path) if first & (first - 1) else [first_root, *path]
    at, last = first - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Untrue("the consistency proof is too long")
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or old != first_root or new != root:
        raise Untrue("the log is not one that grew from the older checkpoint")


# ---- what the camera signs ----


def sign_manifest(key: Ed25519PrivateKey, manifest) -> bytes:
    """An encoded SignedManifest."""
    body = encode_message("Manifest", manifest)
    signature = key.sign(b"bwc.v1 manifest\n" + body)
    return encode_message("SignedManifest", {"manifest": body, "signature": signature})


# ---- what the dock and its ledger sign ----


def _note(note: str):
    """(text, [(signer, key id, signature)]) of a signed note; the text with its last newline."""
    text, blank, signatures = note.partition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Untrue("the checkpoint is no signed note")
    lines = []
    for line in signatures[:-1].split("\n"):
        dash, signer, encoded = (line.split(" ") + ["", ""])[:3]
        signature = _base64(encoded)
        if dash != "—" or len(signature) < 5:
            raise Untrue("the checkpoint has a line that is no signature")
        lines.append((signer, signature[:4], signature[4:]))
    return text + "\n", lines


def open_checkpoint(note: str, name: str, key_id: bytes, public: bytes):
    """(origin, size, root) of a checkpoint that the key signed."""
    text, lines = _note(note)
    ours = [signature for signer, key, signature in lines if (signer, key) == (name, key_id)]
    if not ours:
        raise Untrue("the checkpoint is not signed by the dock's ledger")
    if not all(signed_by(public, one, text.encode()) for one in ours):
        raise Untrue("the checkpoint's signature does not hold")
    origin, size, root = (text.split("\n") + ["", ""])[:3]
    if origin != name or not (size.isascii() and size.isdigit()) or len(_base64(root)) != 32:
        raise Untrue("the checkpoint is not of this log")
    return origin, int(size), _base64(root)


def cosigners(note: str, witnesses):
    """Names of the witnesses that cosigned a checkpoint (C2SP tlog-cosignature); a line of theirs that does not hold raises Untrue."""
    text, lines = _note(note)
    found = []
    for name, key_id, public in witnesses:
        for signer, key, stamped in lines:
            if (signer, key) != (name, key_id):
                continue
            said = f"cosignature/v1\ntime {int.from_bytes(stamped[:8], 'big')}\n{text}"
            if len(stamped) != 72 or not signed_by(public, stamped[8:], said.encode()):
                raise Untrue(f"the cosignature of {name} does not hold")
            found.append(name)
            break
    return found


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Untrue("not base64") from error


def check_proof(proof: str, entry: bytes, vkey):
    """(index, size, root) when the ledger of `vkey` has `entry`."""
    head, blank, note = proof.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Untrue("the proof is of another format")
    word, _, number = (lines[1] if len(lines) > 1 else "").partition(" ")
    if word != "index" or not number.isdigit():
        raise Untrue("the proof names no index")
    path = [_base64(line) for line in lines[2:]]
    if any(len(one) != 32 for one in path):
        raise Untrue("the proof has something that is no hash")
    _, size, root = open_checkpoint(note, *vkey)
    if root_by_path(int(number), size, leaf_hash(entry), path) != root:
        raise Untrue("the inclusion path leads to another root")
    return int(number), size, root


def note_in(proof: str) -> str:
    """The signed checkpoint of a tlog-proof."""
    return proof.partition("\n\n")[2]


def check_receipt(receipt, dock: Dock, recording_id: bytes, manifest_sha256: bytes):
    """What section 11 asks for before a camera may erase, but the growth of the ledger; what the receipt says. Raises Untrue,
    OtherRecording."""
    if not signed_by(dock.public_key, receipt["signature"], b"bwc.v1 receipt\n" + receipt["body"]):
        raise Untrue("the receipt is not signed by this dock")
    try:
        body = decode_message("ReceiptBody", receipt["body"])
    except Malformed as error:
        raise Untrue(f"the receipt's body: {error}") from error
    if body["recording_id"] != recording_id:
        raise OtherRecording(body["recording_id"].hex())
    if body["manifest_sha256"] != manifest_sha256:
        raise Untrue("the receipt is about another manifest")
    index, size, root = check_proof(body["proof"], body["entry"], dock.vkey)
    note = note_in(body["proof"])
    if len(cosigners(note, dock.witnesses)) < dock.quorum:
        raise Untrue("too few witnesses have cosigned the checkpoint")
    try:
        entry = json.loads(body["entry"].decode("utf-8"))
    except ValueError as error:
        raise Untrue("the entry is not JSON in UTF-8") from error
    expected = {
        "type": "accepted" if body["outcome"] == ACCEPTED else "refused",
        "recording": recording_id.hex(),
        "manifest": manifest_sha256.hex(),
    }
    if not isinstance(entry, dict) or any(entry.get(name) != value for name, value in expected.items()):
        raise Untrue("the entry says something else than the receipt")
    said = {"outcome": body["outcome"], "reason": body["reason"], "index": index, "size": size, "root": root}
    grown = {"consistency_from": body["consistency_from"], "consistency": body["consistency"]}
    return {**said, **grown, "note": note, "entry": entry}
