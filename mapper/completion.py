"""What a shell's tab completes: principals, actions, services, queries, resources."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

MOST = 500
"""Words that are given to the shell at most."""
CLASSES = ("anonymous", "any-aws", "account:", "service:")
_ID = re.compile(rb'\{"id": ?"([^"\\]+)"')
# IAM's own characters: nothing that a shell could take for more than a word.
_PLAIN = re.compile(r"[\w+=,.@/:-]+", re.ASCII)
_PRINCIPALS = re.compile(r"accounts/\d{12}/global/iam/(?:user|role)\.jsonl")
_RESOURCES = re.compile(
    r"accounts/\d{12}/[^/]+/(?:s3/bucket|kms/key|sqs/queue|lambda/function)\.jsonl"
)


def principals(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Users and roles of the newest snapshot, by name; by ARN once ``arn:`` is written."""
    return _matching([*CLASSES, *_words("principals", _PRINCIPALS)], incomplete)


def resources(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Buckets, keys, queues and functions of the newest snapshot, then its principals."""
    found = (*_words("resources", _RESOURCES), *_words("principals", _PRINCIPALS))
    return _matching(found, incomplete)


def actions(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Services up to the colon, then the actions of the service."""
    from graph.iam import catalogue

    service, colon, _rest = incomplete.partition(":")
    if not colon:
        return _matching((f"{prefix}:" for prefix in catalogue.services()), incomplete)
    return _matching(catalogue.actions_of(service), incomplete)


def services(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Service prefixes."""
    from graph.iam import catalogue

    return _matching(catalogue.services(), incomplete)


def queries(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Names of the packaged queries."""
    import queries

    folder = Path(next(iter(queries.__path__)))
    return _matching(sorted(path.stem for path in folder.rglob("*.cypher")), incomplete)


def subjects(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """For ``explain``: a principal or resource, then an action, then a resource."""
    given = len(ctx.params.get(parameter.name or "") or ())
    if given == 1:
        return [*actions(ctx, parameter, incomplete), *resources(ctx, parameter, incomplete)][:MOST]
    if given == 2:
        return resources(ctx, parameter, incomplete)
    return [*principals(ctx, parameter, incomplete), *resources(ctx, parameter, incomplete)][:MOST]


def _matching(words: Iterable[str], incomplete: str) -> list[str]:
    """Words that begin so, in any case; those of ARNs only where an ARN was begun."""
    begun = incomplete.lower()
    found: dict[str, None] = {}
    for word in words:
        if word.startswith("arn:") and not begun.startswith("arn:"):
            continue
        if word.lower().startswith(begun):
            found[word] = None
            if len(found) == MOST:
                break
    return list(found)


def _words(kind: str, wanted: re.Pattern[str]) -> list[str]:
    """Names and ARNs of a snapshot's lines; kept in the cache, so that a tab does not wait."""
    from mapper.cache import cache_dir

    try:
        snapshot = _snapshot()
        stamp = f"{snapshot.resolve()} {snapshot.stat().st_mtime_ns}"
        kept = cache_dir() / f"completion-{kind}.json"
        if (found := _kept(kept, stamp)) is not None:
            return found
        words = sorted({word for arn in _ids(snapshot, wanted) for word in _forms(arn)})
        kept.parent.mkdir(parents=True, exist_ok=True)
        temporary = kept.with_name(f"{kept.name}.{os.getpid()}")
        temporary.write_text(json.dumps([stamp, words]), encoding="utf-8")
        temporary.replace(kept)
    except Exception:
        # A tab must never print an error: no snapshot, an unreadable one, a full disk.
        return []
    return words


def _kept(file: Path, stamp: str) -> list[str] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return list(found[1]) if isinstance(found, list) and found[:1] == [stamp] else None


def _snapshot() -> Path:
    from mapper.snapshots import find_snapshot

    return find_snapshot(None)


def _ids(snapshot: Path, wanted: re.Pattern[str]) -> Iterator[str]:
    """Ids of the lines of some files; read without JSON where the id stands first."""
    if snapshot.is_file():
        from collector.snapshot import Snapshot

        opened = Snapshot.open(snapshot)
        for file in sorted(filter(wanted.fullmatch, opened.files)):
            _, account, _, service, name = file.split("/")
            kind = f"{service}:{name.removesuffix('.jsonl')}"
            yield from (item.id for item in opened.items(kind, account))
        return
    for path in sorted(snapshot.glob("accounts/*/*/*/*.jsonl")):
        if wanted.fullmatch(path.relative_to(snapshot).as_posix()):
            with path.open("rb") as lines:
                for line in lines:
                    found = _ID.match(line)
                    yield found[1].decode() if found else str(json.loads(line)["id"])


def _forms(arn: str) -> Iterator[str]:
    name = arn.rpartition("/")[2] if "/" in arn else arn.rpartition(":")[2]
    for word in (name, arn):
        if _PLAIN.fullmatch(word):
            yield word
