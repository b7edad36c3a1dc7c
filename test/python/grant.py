"""Opened footage in an evidence package: the grants of the policy service, the decisions behind them, and where the ledger says that
they were used (docs/EVIDENCE-PACKAGE.md, docs/POLICY-SERVICE.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from archive import Package, parse_json, strictly
from proof import Untrue, check_proof, parse_vkey

OPENED = "opened/recording.mp4"
KEY, LEDGER = "policy/key.jwk.json", "policy/ledger.vkey"
# What a decision says just as the grant that it stands behind.
SHARED = ["iss", "sub", "jti", "recording", "manifest", "action", "purpose", "regime", "policySet", "newestFact"]


def _unpadded(text, what: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, TypeError, ValueError) as error:
        raise Untrue(f"{what} is not base64url") from error


def open_jws(jws: bytes, jwk, typ: str):
    """The claims of a compact JWS (ES256) of this type that the key signed."""
    parts = jws.decode("ascii").split(".")
    strictly(len(parts) == 3, f"no {typ}")
    header = parse_json(_unpadded(parts[0], f"the header of a {typ}"), f"the header of a {typ}")
    strictly((header.get("alg"), header.get("typ")) == ("ES256", f"holdfast-{typ}+jwt"), f"what should be a {typ} is of another kind")
    strictly((jwk.get("kty"), jwk.get("crv")) == ("EC", "P-256"), "the policy service's key is no P-256 key")
    point = b"\4" + _unpadded(jwk.get("x"), "x") + _unpadded(jwk.get("y"), "y")
    signature = _unpadded(parts[2], f"the signature of a {typ}")
    strictly(len(signature) == 64, f"the signature of a {typ} is of another length")
    dss = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key.verify(dss, f"{parts[0]}.{parts[1]}".encode(), ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise Untrue(f"a {typ} is not signed by the policy service") from error
    return parse_json(_unpadded(parts[1], f"the claims of a {typ}"), f"the claims of a {typ}")


def check_export(package: Package, entries, recording: str, manifest: str, chunks: int, sealed: bool, pinned, policy_ledger) -> str:
    """That the ledger names the export, and grants for all of it, with their decisions, where footage was opened. `pinned` is the
    policy service's JWK, `policy_ledger` the verifier key of its own ledger."""
    form = package.listing.get("form")
    strictly(form in ("sealed", "opened"), "the package is of another form")
    ours = {"type": "exported", "recording": recording, "manifest": manifest, "form": form}
    opened = [path for path in package.paths("") if path.startswith(("policy/", "opened/"))]
    if form == "sealed":
        strictly(opened == [], "the package holds more than its form says")
        _check_exported(package, entries, ours)
        return "stored as it is"
    numbers = [f"{n:03}" for n in range(len(package.paths("policy/grants/")))]
    strictly(numbers != [], "the footage was opened without a grant")
    files = {OPENED, KEY, *(f"policy/grants/{n}.jws" for n in numbers)}
    files |= {f"policy/decisions/{n}.{end}" for n in numbers for end in ("jws", "json")}
    custody = {LEDGER, *(f"policy/custody/{n}.{end}" for n in numbers for end in ("json", "tlog-proof"))}
    given = sealed and (policy_ledger is not None or any(path in opened for path in custody))
    strictly(set(opened) == (files | custody if given else files), "the package holds more or less than its form says")
    jwk = parse_json(package.read(KEY), KEY)
    pins = [] if pinned is None else pinned.get("keys", [pinned])
    same = [pin for pin in pins if all(pin.get(n) == jwk.get(n) for n in ("kty", "crv", "x", "y"))]
    strictly(pinned is None or same != [], "the grants are of another service")
    about = {"kind": "open", "action": "view", "recording": recording, "manifest": manifest, "aud": package.listing["dock"].get("id")}
    grants = [package.read(f"policy/grants/{n}.jws") for n in numbers]
    together = hashlib.sha256(b"".join(grants)).hexdigest()
    next_chunk, people, facts = 0, set(), 0
    for number, jws in zip(numbers, grants):
        claims = open_jws(jws, jwk, "grant")
        strictly(all(claims.get(name) == value for name, value in about.items()), f"grant {number} is for something else")
        start, end = claims.get("chunks")
        strictly(start == next_chunk < end <= chunks, f"grant {number} opens chunks {start} to {end}, where {next_chunk} is due")
        next_chunk = end
        digest = hashlib.sha256(jws).hexdigest()
        granted = {"type": "granted", "recording": recording, "grant": digest, "grantId": claims.get("jti"), "purpose": claims.get("purpose")}
        found = [entry for entry in entries if _holds([entry], granted)]
        strictly(found != [], f"no entry says that grant {number} was used")
        _check_exported(package, entries, {**ours, "grant": together, "person": found[0].get("person")})
        facts += _check_decision(package, number, jwk, claims, digest)
        if given:
            _check_custody(package, number, claims, digest, policy_ledger)
        people.add(claims.get("sub"))
    strictly(next_chunk == chunks, f"no grant opens the chunks from {next_chunk} on")
    strictly(len(people) == 1, "the grants are for several people")
    return f"opened for {people.pop()}, {claims.get('purpose')}, {len(grants)} grants, on {facts} facts, key {'pinned' if pinned else 'of the package'}"


def _check_decision(package: Package, number: str, jwk, grant, digest: str) -> int:
    """How many facts the decision behind a grant rested on."""
    claims = open_jws(package.read(f"policy/decisions/{number}.jws"), jwk, "decision")
    what = f"decision {number}"
    strictly(all(name in claims and claims[name] == grant.get(name) for name in SHARED), f"{what} is about something else than its grant")
    strictly(claims.get("grant") == digest, f"{what} is about another grant")
    strictly(claims.get("decision") is True, f"{what} says no")
    strictly(grant["iat"] <= claims.get("iat", -1) <= grant["exp"], f"{what} was not signed while its grant was open")
    policies, facts = claims.get("policies"), claims.get("facts")
    strictly(isinstance(policies, list) and policies != [], f"{what} names no policy")
    strictly(all(one.get("effect") == "permit" for one in policies), f"{what} names a policy that does not permit")
    strictly(isinstance(facts, list) and facts != [], f"{what} rests on no fact")
    indices = [one["index"] for one in facts]
    strictly(indices == sorted(set(indices)) and indices[0] > 0, f"{what} lists its facts out of order")
    strictly(indices[-1] <= claims["newestFact"], f"{what} lists a fact that it did not know")
    strictly(all(isinstance(one.get(name), str) for one in facts for name in ("source", "receivedAt")), f"{what} lists a fact of nobody")
    said = package.read(f"policy/decisions/{number}.json")
    strictly(said == (json.dumps(claims, indent=2, ensure_ascii=False) + "\n").encode(), f"{what}: the JSON is not what was signed")
    return len(facts)


def _check_custody(package: Package, number: str, grant, digest: str, pinned) -> None:
    """That the custodian's own ledger says that it gave these keys."""
    vkey = package.read(LEDGER).decode().strip()
    strictly(pinned in (None, vkey), "the custodian has another ledger than the one pinned")
    entry = package.read(f"policy/custody/{number}.json")
    check_proof(package.read(f"policy/custody/{number}.tlog-proof").decode(), entry, parse_vkey(vkey))
    said = parse_json(entry, "an entry of the custodian")
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    strictly(canonical.encode() == entry, f"the custodian's entry {number} is not in canonical form")
    wanted = {"v": 1, "type": "keys.released", "recording": grant["recording"], "manifest": grant["manifest"], "dock": grant["aud"]}
    wanted |= {"grant": digest, "grantId": grant["jti"], "chunks": grant["chunks"], "page": grant["cnf"]["jkt"]}
    strictly(_holds([said], wanted), f"the custodian's entry {number} is about other keys")


def _check_exported(package: Package, entries, wanted) -> None:
    found = [entry for entry in entries if _holds([entry], wanted)]
    strictly(found != [], "no entry says that this was exported")
    # Instants of one spelling sort as text.
    strictly(found[-1].get("at") <= package.listing.get("madeAt"), "the package was made before the ledger said so")


def _holds(entries, wanted) -> bool:
    return any(all(entry.get(name) == value for name, value in wanted.items()) for entry in entries)
