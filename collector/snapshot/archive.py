"""One zip of a snapshot: the same bytes for the same snapshot, and safe to read from strangers."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path, PurePosixPath

from collector.snapshot.whole import sha256_of

LARGEST_MEMBER = 2 * 1024**3
"""Bytes of one file after unpacking. A hundred thousand resources are about 0.2 GiB."""
LARGEST_RATIO = 1000
"""Unpacked to packed. Snapshots pack 10 to 60 times; deflate cannot do much more than 1000."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


class UnsafeZipError(Exception):
    """The zip holds what no snapshot holds."""


def pack(snapshot: Path, target: Path) -> Path:
    """Write a finished snapshot directory as one zip.

    Raises:
        ValueError: the snapshot is unfinished or not whole. OSError: it cannot be read or written.
    """
    manifest = json.loads((snapshot / "manifest.json").read_bytes())
    if not manifest.get("finished"):
        raise ValueError(f"{snapshot} is unfinished")
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as out:
        for file in ["manifest.json", *sorted(manifest["files"])]:
            digest = manifest["files"].get(file)
            if digest and sha256_of(snapshot / file) != digest:
                raise ValueError(f"{snapshot}: {file} was truncated or changed")
            entry = zipfile.ZipInfo(file, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with (snapshot / file).open("rb") as data, out.open(entry, "w") as packed:
                while chunk := data.read(1 << 20):
                    packed.write(chunk)
    part.replace(target)
    return target


def member(packed: zipfile.ZipFile, file: str) -> bytes:
    """One file of a zip; nothing is unpacked to the disk.

    Raises:
        KeyError: there is none. UnsafeZipError: it is a bomb, or its name leads elsewhere.
    """
    info = packed.getinfo(file)
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file:
        raise UnsafeZipError(f"the name {file!r} leads out of the snapshot")
    bomb = info.file_size > LARGEST_RATIO * max(info.compress_size, 1)
    if info.file_size > LARGEST_MEMBER or bomb:
        raise UnsafeZipError(f"{file} claims {info.file_size} bytes: too many to be a snapshot's")
    return packed.read(info)
