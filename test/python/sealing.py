"""Sealing, as docs/PROTOCOL.md (section 11) gives it: chunk keys, Cobblestone-256 (c2sp.org/chunked-encryption), and wraps by
HPKE (RFC 9180) in base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from messages import FIELDS, decode_message, encode_message

SUITE = 1
KEY_BYTES = 32
SALT_BYTES, COMMITMENT_BYTES, TAG_BYTES = 24, 32, 16
SEGMENT_BYTES = 16_384
NONCE_BYTES = 12
KEM, KDF, AEAD = 16, 1, 2
KEM_SUITE = b"KEM" + KEM.to_bytes(2, "big")
HPKE_SUITE = b"HPKE" + b"".join(one.to_bytes(2, "big") for one in (KEM, KDF, AEAD))
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# What of a manifest is known before chunk 0.
HEADER_FIELDS = [*range(1, 14), 22, 23]


class Sealed(Exception):
    """What does not open: another key, another place, or bytes that were changed."""


def hkdf_extract(salt: bytes, key: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), key, "sha256")


def hkdf_expand(name: str, key: bytes, info: bytes, length: int) -> bytes:
    out = block = b""
    counter = 1
    while len(out) < length:
        block = hmac.digest(key, block + info + bytes([counter]), name)
        out += block
        counter += 1
    return out[:length]


# ---- chunks ----


def _place(recording_id: bytes, index: int) -> bytes:
    return recording_id + index.to_bytes(4, "big")


def chunk_key(recording_key: bytes, recording_id: bytes, index: int) -> bytes:
    return hkdf_expand("sha256", recording_key, b"bwc.v1 chunk key\n" + _place(recording_id, index), KEY_BYTES)


def chunk_context(recording_id: bytes, index: int) -> bytes:
    return b"bwc.v1 chunk\n" + _place(recording_id, index)


def stored_bytes(plain_bytes: int) -> int:
    return SALT_BYTES + COMMITMENT_BYTES + plain_bytes + TAG_BYTES * (plain_bytes // SEGMENT_BYTES + 1)


def _derive(key: bytes, salt: bytes, context: bytes):
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    okm = hkdf_expand("sha512", key, info, KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES)
    nonce = int.from_bytes(okm[KEY_BYTES : KEY_BYTES + NONCE_BYTES], "big")
    return AESGCM(okm[:KEY_BYTES]), nonce, okm[KEY_BYTES + NONCE_BYTES :]


def cobblestone_seal(key: bytes, context: bytes, plain: bytes, salt: bytes) -> bytes:
    """`salt` is 24 bytes, random, never used before with this key."""
    aead, nonce, commitment = _derive(key, salt, context)
    out = [salt, commitment]
    for n in range(len(plain) // SEGMENT_BYTES + 1):
        segment = plain[SEGMENT_BYTES * n : SEGMENT_BYTES * (n + 1)]
        out.append(aead.encrypt((nonce ^ n).to_bytes(NONCE_BYTES, "big"), segment, None))
    return b"".join(out)


def cobblestone_open(key: bytes, context: bytes, stored: bytes) -> bytes:
    salt, commitment = stored[:SALT_BYTES], stored[SALT_BYTES : SALT_BYTES + COMMITMENT_BYTES]
    body = stored[SALT_BYTES + COMMITMENT_BYTES :]
    step = SEGMENT_BYTES + TAG_BYTES
    if len(body) % step < TAG_BYTES:
        raise Sealed("it is cut short")
    aead, nonce, expected = _derive(key, salt, context)
    if not hmac.compare_digest(commitment, expected):
        raise Sealed("it is not under this key at this place")
    out = []
    for n in range(len(body) // step + 1):
        try:
            out.append(aead.decrypt((nonce ^ n).to_bytes(NONCE_BYTES, "big"), body[step * n : step * (n + 1)], None))
        except InvalidTag as error:
            raise Sealed(f"segment {n} was changed") from error
    return b"".join(out)


def seal_chunk(recording_key: bytes, recording_id: bytes, index: int, plain: bytes, salt=None) -> bytes:
    key, context = chunk_key(recording_key, recording_id, index), chunk_context(recording_id, index)
    return cobblestone_seal(key, context, plain, salt or os.urandom(SALT_BYTES))


def open_chunk(recording_key: bytes, recording_id: bytes, index: int, stored: bytes) -> bytes:
    return cobblestone_open(chunk_key(recording_key, recording_id, index), chunk_context(recording_id, index), stored)


# ---- HPKE ----


def _extract(suite: bytes, salt: bytes, label: bytes, key: bytes) -> bytes:
    return hkdf_extract(salt, b"HPKE-v1" + suite + label + key)


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return hkdf_expand("sha256", key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def derive_private_key(ikm: bytes) -> ec.EllipticCurvePrivateKey:
    """DeriveKeyPair of DHKEM(P-256)."""
    prk = _extract(KEM_SUITE, b"", b"dkp_prk", ikm)
    for counter in range(256):
        scalar = int.from_bytes(_expand(KEM_SUITE, prk, b"candidate", bytes([counter]), 32), "big")
        if 0 < scalar < P256_ORDER:
            return ec.derive_private_key(scalar, ec.SECP256R1())
    raise ValueError("no key can be made of this")


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _context(private: ec.EllipticCurvePrivateKey, peer: bytes, enc: bytes, recipient: bytes, info: bytes):
    """The AEAD and nonce that both sides come to: `private` is one's own key, `peer` the other's point."""
    shared_point = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), peer))
    prk = _extract(KEM_SUITE, b"", b"eae_prk", shared_point)
    shared = _expand(KEM_SUITE, prk, b"shared_secret", enc + recipient, 32)
    schedule = b"\0" + _extract(HPKE_SUITE, b"", b"psk_id_hash", b"") + _extract(HPKE_SUITE, b"", b"info_hash", info)
    secret = _extract(HPKE_SUITE, shared, b"secret", b"")
    key = _expand(HPKE_SUITE, secret, b"key", schedule, KEY_BYTES)
    return AESGCM(key), _expand(HPKE_SUITE, secret, b"base_nonce", schedule, NONCE_BYTES)


def hpke_seal(recipient: bytes, info: bytes, plain: bytes, ephemeral=None):
    """(enc, ciphertext) for a recipient's point."""
    ephemeral = ephemeral or ec.generate_private_key(ec.SECP256R1())
    enc = point(ephemeral)
    aead, nonce = _context(ephemeral, recipient, enc, recipient, info)
    return enc, aead.encrypt(nonce, plain, b"")


def hpke_open(private: ec.EllipticCurvePrivateKey, info: bytes, enc: bytes, ciphertext: bytes) -> bytes:
    try:
        aead, nonce = _context(private, enc, enc, point(private), info)
        return aead.decrypt(nonce, ciphertext, b"")
    except (InvalidTag, ValueError) as error:
        raise Sealed("the wrap is of another recording, or was changed") from error


# ---- wraps ----


def thumbprint(public: bytes) -> bytes:
    """RFC 7638, of an uncompressed point."""
    x, y = (base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in (public[1:33], public[33:]))
    jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
    return hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest()


def read_recipient(path: str) -> bytes:
    """The point of a custodian's or a recovery key's identity file."""
    with open(path, encoding="utf-8") as file:
        identity = json.load(file)
    if identity.get("format") != "holdfast/identity@1" or identity.get("kind") not in ("custodian", "recovery"):
        raise SystemExit(f"{path} is no identity of a custodian or of a recovery key")
    public = base64.b64decode(identity["publicKey"], validate=True)
    # Refuses what is no point of the curve.
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    return public


def read_private_key(path: str, passphrase=None) -> ec.EllipticCurvePrivateKey:
    with open(path, "rb") as file:
        key = load_pem_private_key(file.read(), passphrase)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SystemExit(f"{path} holds no P-256 key")
    return key


def header_of(manifest) -> bytes:
    names = {field.name for field in FIELDS["Manifest"] if field.number in HEADER_FIELDS}
    return encode_message("Manifest", {name: value for name, value in manifest.items() if name in names})


def wrap_info(header: bytes) -> bytes:
    return b"bwc.v1 wrap\n" + hashlib.sha256(header).digest()


def make_wraps(recipients, header: bytes, recording_key: bytes, ephemeral=None) -> bytes:
    """An encoded Wraps, one for each point."""
    wraps = []
    for recipient in recipients:
        enc, ciphertext = hpke_seal(recipient, wrap_info(header), recording_key, ephemeral)
        wraps.append({"recipient": thumbprint(recipient), "enc": enc, "ciphertext": ciphertext})
    return encode_message("Wraps", {"wraps": wraps})


def open_wraps(wraps: bytes, header: bytes, private: ec.EllipticCurvePrivateKey) -> bytes:
    """The recording key; raises Sealed when none of the wraps is for this key."""
    name = thumbprint(point(private))
    for wrap in decode_message("Wraps", wraps)["wraps"]:
        if wrap["recipient"] == name:
            return hpke_open(private, wrap_info(header), wrap["enc"], wrap["ciphertext"])
    raise Sealed("no wrap is for this key")
