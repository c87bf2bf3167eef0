"""The newest item of every resource, converted."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from collector.aws_config_answers import Answers, answers_of
from collector.aws_config_files import Page, items_in
from collector.aws_config_items import GLOBAL, ConfigItem, check_selected, item_of
from collector.aws_config_shape import UnmappedError
from collector.aws_config_store import Store
from collector.aws_config_types import ConfigType, config_types
from collector.snapshot.canonical import time_text


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A resource, in the order in which resources are filed."""

    account_id: str
    place: str
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest item of a resource.

    Attributes:
        rank: orders items of one resource; the newest is the highest.
        region: that recorded it.
        place: where its answer stands; ``None`` if there is none.
        follow_ups: operation, subject and place of each.
        of: what the answer is for, where there is one for each of some parent.
        problem: why it is not taken.
        not_taken: parts that do not fit.
        managed: ARNs of AWS-managed policies that it names.
    """

    rank: tuple[str, int, bool, bytes]
    region: str
    gone: bool = False
    place: tuple[int, int] | None = None
    follow_ups: tuple[tuple[str, str, tuple[int, int]], ...] = ()
    of: str = ""
    problem: str = ""
    not_taken: tuple[str, ...] = ()
    managed: frozenset[str] = frozenset()


@dataclass
class Newest:
    """Everything that was read.

    Attributes:
        store: where answers are put.
        newest: of every resource.
        whole: of which account, place and type a configuration snapshot has items.
        unfinished: files that say there is more.
    """

    store: Store
    newest: dict[Key, Entry] = field(default_factory=dict)
    whole: set[tuple[str, str, str]] = field(default_factory=set)
    unfinished: dict[str, None] = field(default_factory=dict)

    def read(self, file: Path) -> None:
        """Take the items of a file.

        Raises:
            CollectError: it is broken or something else.
        """
        pages: dict[int, tuple[Page, set[tuple[str, str, str]]]] = {}
        for page, held in items_in(file):
            item = item_of(page, held)
            key = self._take(item)
            _, filed = pages.setdefault(id(page), (page, set()))
            if not item.gone:
                filed.add(filed_as(key))
        for page, filed in pages.values():
            check_selected(page)
            if page.snapshot:
                self.whole |= filed
            if page.more:
                self.unfinished[page.file] = None

    def _take(self, item: ConfigItem) -> Key:
        how = config_types().get(item.type)
        place = GLOBAL if how is not None and how.everywhere else item.region
        key = Key(item.account_id, place, item.type, item.id)
        content = json.dumps(
            [item.region, item.configuration, item.supplementary, item.tags, item.gone],
            sort_keys=True,
        )
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()
        moment = item.captured.isoformat(timespec="microseconds")
        rank = (moment, item.state, not item.queried, digest)
        before = self.newest.get(key)
        if before is None or before.rank < rank:
            self.newest[key] = self._entry(item, how, rank)
        return key

    def _entry(
        self,
        item: ConfigItem,
        how: ConfigType | None,
        rank: tuple[str, int, bool, bytes],
    ) -> Entry:
        if item.gone or how is None:
            return Entry(rank, item.region, gone=item.gone)
        try:
            answers = answers_of(item, how)
        except UnmappedError as problem:
            return Entry(rank, item.region, problem=str(problem))
        if answers is None:
            return Entry(rank, item.region)
        return Entry(
            rank,
            item.region,
            place=self._kept(answers.item),
            follow_ups=tuple(
                (each.operation, each.subject, self._kept(each.value))
                for each in answers.follow_ups
            ),
            of=str(answers.item.get(how.of)) if how.of else "",
            not_taken=answers.not_taken,
            managed=_managed_by_aws(answers),
        )

    def _kept(self, answer: Any) -> tuple[int, int]:
        return self.store.put(json.dumps(answer).encode())

    @cached_property
    def present(self) -> list[tuple[Key, Entry]]:
        """What is there and of a type that is taken, in order."""
        known = config_types()
        return sorted(
            (key, entry)
            for key, entry in self.newest.items()
            if not entry.gone and key.type in known
        )

    @property
    def times(self) -> Mapping[str, str]:
        """When the oldest and the newest of what is used was captured."""
        moments = [entry.rank[0] for _, entry in self.present if entry.place is not None]
        if not moments:
            return {}
        return {"oldest": _time_text(min(moments)), "newest": _time_text(max(moments))}


def filed_as(key: Key) -> tuple[str, str, str]:
    """Account, place and type: what one list is about."""
    return key.account_id, key.place, key.type


def _time_text(moment: str) -> str:
    return time_text(dt.datetime.fromisoformat(moment))


def _managed_by_aws(answers: Answers) -> frozenset[str]:
    if not isinstance(answers.item, dict):
        return frozenset()
    named = [row.get("PolicyArn") for row in answers.item.get("AttachedManagedPolicies", ())]
    named.append(answers.item.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"))
    return frozenset(arn for arn in named if isinstance(arn, str) and ":iam::aws:policy/" in arn)
