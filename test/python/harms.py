#!/usr/bin/env python3
"""Harms an evidence package in many ways and says which check of evidence.py finds each. A byte of a file is changed in an
otherwise sound ZIP; then again, with the listing made anew and signed by the dock, as a dock that lies would. One JSON object a
line on stdout.

  harms.py evidence.zip dock.key.pem custodian.key.pem
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import zipfile

import evidence
from archive import LISTING, SIGNATURE
from proof import open_key


def read(path: str):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def write(path: str, files) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        for name, data in files.items():
            package.writestr(name, data)


def flipped(data: bytes) -> bytes:
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def signed_again(files, key):
    """The same files under a listing that fits them."""
    listing = json.loads(files[LISTING])
    rest = {name: data for name, data in files.items() if name not in (LISTING, SIGNATURE)}
    listing["files"] = [{"path": n, "bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in rest.items()]
    text = json.dumps(listing).encode()
    return {**rest, LISTING: text, SIGNATURE: key.sign(text)}


def without(files, *names):
    return {name: data for name, data in files.items() if name not in names}


def harms(files):
    """(what, files) of everything that a dock could do to a package besides changing a byte."""
    chunks = ["recording/chunks/000000", "recording/chunks/000001"]
    yield "chunks exchanged", {**files, chunks[0]: files[chunks[1]], chunks[1]: files[chunks[0]]}
    yield "a chunk too few", without(files, chunks[1])
    yield "a chunk too many", {**files, "recording/chunks/999999": b"x"}
    if "opened/recording.mp4" in files:
        yield "no grant", without(files, "policy/grants/000.jws")
        yield "no decision", without(files, "policy/decisions/000.jws")
        yield "no decision to read", without(files, "policy/decisions/000.json")
        yield "the grant as decision", {**files, "policy/decisions/000.jws": files["policy/grants/000.jws"]}
        yield "a grant twice", {**files, "policy/grants/001.jws": files["policy/grants/000.jws"]}
        yield "opened, and not said", {**files, LISTING: files[LISTING].replace(b'"form":"opened"', b'"form":"sealed"')}
    made_at = json.loads(files[LISTING])["madeAt"].encode()
    yield "made before it was exported", {**files, LISTING: files[LISTING].replace(made_at, b"2000" + made_at[4:])}
    yield "no wraps", without(files, "recording/wraps")
    for path in [path for path in files if path.startswith("ledger/entries/")]:
        kind = json.loads(files[path])["type"]
        proof = path.replace("entries", "proofs").replace(".json", ".tlog-proof")
        yield f"no proof of {kind}", without(files, proof)
        yield f"no {kind}", without(files, path, proof)


def main(argv) -> int:
    package, dock_key, custodian = argv
    files, key = read(package), open_key(dock_key)
    with tempfile.TemporaryDirectory() as folder:

        def found(harmed):
            path = os.path.join(folder, "harmed.zip")
            write(path, harmed)
            return evidence.check(evidence.parse([path, "--custodian", custodian]), lambda event: None)

        def tell(harm, harmed):
            print(json.dumps({"event": "harm", "harm": harm, "found": found(harmed)}), flush=True)

        tell("none", files)
        tell("signed again", signed_again(files, key))
        for name in [name for name, data in files.items() if data]:
            harmed = {**files, name: flipped(files[name])}
            tell(f"a byte of {name}", harmed)
            if name not in (LISTING, SIGNATURE):
                tell(f"a byte of {name}, signed again", signed_again(harmed, key))
        for harm, harmed in harms(files):
            tell(f"{harm}, signed again", signed_again(harmed, key))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
