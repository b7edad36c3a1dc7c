"""The ZIP of an evidence package (docs/EVIDENCE-PACKAGE.md): its files, their listing, and the dock's signature over that."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import struct
import zipfile

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from proof import Untrue, signed_by

LISTING, SIGNATURE = "PACKAGE.json", "PACKAGE.sig"
LOCAL_HEADER = struct.Struct("<I2xHH4xIIIHH")
LOCAL_MARK = 0x04034B50
DESCRIPTOR = struct.Struct("<IIII")
DESCRIPTOR_MARK = 0x08074B50
DESCRIPTOR_FLAG = 8
FILE_BYTES_MAX = 8_388_608
# The one file as long as the footage; it is read a piece at a time.
FOOTAGE = "opened/recording.mp4"
PIECE_BYTES = 1_048_576
PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


def strictly(condition: bool, why: str) -> None:
    if not condition:
        raise Untrue(why)


def parse_json(data: bytes, what: str):
    try:
        value = json.loads(data.decode("utf-8"))
    except ValueError as error:
        raise Untrue(f"{what} is not JSON in UTF-8") from error
    strictly(isinstance(value, dict), f"{what} is no object")
    return value


def decode_base64(text, length: int, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise Untrue(f"{what} is not base64") from error
    strictly(len(data) == length, f"{what} has {len(data)} bytes")
    return data


def raw_public_key(pem: bytes, what: str) -> bytes:
    try:
        return load_pem_public_key(pem).public_bytes(Encoding.Raw, PublicFormat.Raw)
    except ValueError as error:
        raise Untrue(f"{what} is no public key in PEM") from error


class Package:
    """An open package. Nothing is unpacked; a file is read when it is asked for."""

    def __init__(self, path: str):
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise Untrue(f"no ZIP: {error}") from error
        self.listing = {}

    def check_archive(self) -> str:
        """Nothing is packed, hidden, or beneath something else."""
        infos = self._zip.infolist()
        for info in infos:
            strictly(PATH.fullmatch(info.filename) is not None, f"{info.filename!r} is no path of a package")
            plain = info.compress_type == zipfile.ZIP_STORED and info.file_size == info.compress_size
            strictly(plain and not info.flag_bits & 1, f"{info.filename} is compressed or encrypted")
            strictly(info.file_size <= FILE_BYTES_MAX or info.filename == FOOTAGE, f"{info.filename} is too long")
            strictly(info.external_attr >> 28 in (0, 8), f"{info.filename} is no plain file")
        names = self._zip.namelist()
        strictly(len(set(names)) == len(names), "two files have one name")
        end = 0
        for info in sorted(infos, key=lambda info: info.header_offset):
            strictly(info.header_offset == end, f"{info.filename} lies upon another file, or behind bytes that are in none")
            end = self._end(info)
        strictly(end == self._zip.start_dir and self._zip.comment == b"", "there are bytes that are in no file")
        return f"{len(names)} files"

    def _end(self, info) -> int:
        """Where a file ends, by its own header, which must say what the directory says."""
        file = self._zip.fp
        file.seek(info.header_offset)
        head = file.read(LOCAL_HEADER.size)
        strictly(len(head) == LOCAL_HEADER.size, f"{info.filename} has no header")
        mark, flags, method, crc, packed, size, name_bytes, extra_bytes = LOCAL_HEADER.unpack(head)
        name = file.read(name_bytes)
        end = info.header_offset + LOCAL_HEADER.size + name_bytes + extra_bytes + info.file_size
        if flags & DESCRIPTOR_FLAG:
            # Written before its length was known: the three numbers stand behind the file, with a mark before them.
            strictly((crc, packed, size) == (0, 0, 0), f"{info.filename}: lengths in two places")
            file.seek(end)
            tail = file.read(DESCRIPTOR.size)
            strictly(len(tail) == DESCRIPTOR.size, f"{info.filename} is cut short")
            descriptor, crc, packed, size = DESCRIPTOR.unpack(tail)
            strictly(descriptor == DESCRIPTOR_MARK, f"{info.filename} has no length")
            end += DESCRIPTOR.size
        same = (mark, flags, method, name) == (LOCAL_MARK, info.flag_bits, 0, info.filename.encode())
        same = same and (crc, packed, size) == (info.CRC, info.file_size, info.file_size)
        strictly(same, f"{info.filename}: header and directory differ")
        return end

    def read(self, path: str) -> bytes:
        try:
            return self._zip.read(path)
        except KeyError as error:
            raise Untrue(f"{path} is missing") from error
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise Untrue(f"{path}: {error}") from error

    def _measure(self, path: str):
        """Length and SHA-256."""
        length, digest = 0, hashlib.sha256()
        try:
            with self._zip.open(path) as file:
                while piece := file.read(PIECE_BYTES):
                    length += len(piece)
                    digest.update(piece)
        except KeyError as error:
            raise Untrue(f"{path} is missing") from error
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise Untrue(f"{path}: {error}") from error
        return length, digest.hexdigest()

    def paths(self, start: str):
        return sorted(path for path in self._zip.namelist() if path.startswith(start))

    def check_listing(self) -> str:
        self.listing = parse_json(self.read(LISTING), LISTING)
        strictly(self.listing.get("format") == "holdfast/package@2", "the listing is of another format")
        files = self.listing.get("files")
        strictly(isinstance(files, list) and all(isinstance(one, dict) for one in files), "there is no listing")
        listed = [one.get("path") for one in files]
        strictly(all(isinstance(path, str) for path in listed), "a file in the listing has no path")
        strictly(sorted([*listed, LISTING, SIGNATURE]) == self.paths(""), "the files are not those listed")
        for one in files:
            length, digest = self._measure(one["path"])
            strictly(length == one.get("bytes"), f"{one['path']} has another length than listed")
            strictly(digest == one.get("sha256"), f"{one['path']} is not the file listed")
        return f"{len(files)} files are as listed"

    def check_signature(self, pinned) -> str:
        """The dock's key is `pinned`, or else the one that the package names itself."""
        dock = self.listing.get("dock")
        strictly(isinstance(dock, dict), "the listing names no dock")
        public = decode_base64(dock.get("publicKey"), 32, "the dock's key")
        strictly(pinned in (None, public), "the package is of another dock than the one pinned")
        strictly(raw_public_key(self.read("check/dock.pub.pem"), "dock.pub.pem") == public, "dock.pub.pem is another key")
        strictly(signed_by(public, self.read(SIGNATURE), self.read(LISTING)), "the listing is not signed by the dock")
        return f"by {dock.get('id')}, key {'pinned' if pinned else 'of the package'}"
