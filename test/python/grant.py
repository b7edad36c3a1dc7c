"""Opened footage in an evidence package: the grant of the policy service, and where the ledger says that it was used
(docs/EVIDENCE-PACKAGE.md, docs/POLICY-SERVICE.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from archive import Package, parse_json, strictly
from proof import Untrue

OPENED = "opened/recording.mp4"
FILES = ["policy/decision.json", "policy/grant.jws", "policy/key.jwk.json"]


def _unpadded(text, what: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, TypeError, ValueError) as error:
        raise Untrue(f"{what} is not base64url") from error


def open_grant(jws: bytes, jwk):
    """The claims of a grant that the key signed (ES256)."""
    parts = jws.decode("ascii").split(".")
    strictly(len(parts) == 3, "the grant is no JWS")
    header = parse_json(_unpadded(parts[0], "the grant's header"), "the grant's header")
    strictly((header.get("alg"), header.get("typ")) == ("ES256", "holdfast-grant+jwt"), "the grant is of another kind")
    strictly((jwk.get("kty"), jwk.get("crv")) == ("EC", "P-256"), "the policy service's key is no P-256 key")
    point = b"\4" + _unpadded(jwk.get("x"), "x") + _unpadded(jwk.get("y"), "y")
    signature = _unpadded(parts[2], "the grant's signature")
    strictly(len(signature) == 64, "the grant's signature is of another length")
    dss = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key.verify(dss, f"{parts[0]}.{parts[1]}".encode(), ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise Untrue("the grant is not signed by the policy service") from error
    return parse_json(_unpadded(parts[1], "the grant's claims"), "the grant's claims")


def check_export(package: Package, entries, recording: str, manifest: str, pinned) -> str:
    """That the ledger names the export, and a grant for it where footage was opened. `pinned` is the policy service's JWK."""
    form = package.listing.get("form")
    strictly(form in ("sealed", "opened"), "the package is of another form")
    ours = {"type": "exported", "recording": recording, "manifest": manifest, "form": form}
    opened = [path for path in package.paths("") if path.startswith(("policy/", "opened/"))]
    if form == "sealed":
        strictly(opened == [], "the package holds more than its form says")
        _check_exported(package, entries, ours)
        return "stored as it is"
    strictly(opened == [OPENED, *FILES], "the package holds more or less than its form says")
    jws = package.read("policy/grant.jws")
    jwk = parse_json(package.read("policy/key.jwk.json"), "key.jwk.json")
    strictly(pinned is None or all(pinned.get(n) == jwk.get(n) for n in ("kty", "crv", "x", "y")), "the grant is of another service")
    claims = open_grant(jws, jwk)
    strictly(parse_json(package.read("policy/decision.json"), "decision.json") == claims, "decision.json is not the grant")
    about = {"kind": "open", "recording": recording, "manifest": manifest, "aud": package.listing["dock"].get("id")}
    strictly(all(claims.get(name) == value for name, value in about.items()), "the grant is for something else")
    digest = hashlib.sha256(jws).hexdigest()
    granted = {"type": "granted", "recording": recording, "grant": digest, "grantId": claims.get("jti"), "purpose": claims.get("purpose")}
    strictly(_holds(entries, granted), "no entry says that the grant was used")
    _check_exported(package, entries, {**ours, "grant": digest})
    return f"opened for {claims.get('sub')}, {claims.get('purpose')}, key {'pinned' if pinned else 'of the package'}"


def _check_exported(package: Package, entries, wanted) -> None:
    found = [entry for entry in entries if _holds([entry], wanted)]
    strictly(found != [], "no entry says that this was exported")
    # Instants of one spelling sort as text.
    strictly(found[-1].get("at") <= package.listing.get("madeAt"), "the package was made before the ledger said so")


def _holds(entries, wanted) -> bool:
    return any(all(entry.get(name) == value for name, value in wanted.items()) for entry in entries)
