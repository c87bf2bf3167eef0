"""Resources that a list of accounts shares, each type declared in ``shared_lists.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.iam.world import IamWorld
from graph.judgement import Judgement
from graph.schema.path import look
from graph.sharing.decrypting import Decryption
from graph.sharing.policies import unread
from graph.sharing.receiving import ANYONE, Receiver, Sharing, asks, judged, source_of
from graph.verdict import Answer, Verdict, all_of, condition

_LOGIN = {
    "database": "A login of the database is needed as well.",
    "directory": "An account of the directory is needed as well.",
}
_NONE = Answer(Verdict.YES)


@dataclass(frozen=True, slots=True)
class SharedList:
    """Where one type keeps a list of receivers; the members are those of the data file."""

    row: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.row.get(name)

    def pairs(self, name: str) -> Mapping[str, Any]:
        """An object of the row, empty where it has none."""
        held = self.row.get(name)
        return held if isinstance(held, Mapping) else {}

    @property
    def call(self) -> str:
        """The follow-up call that reads the list; empty where the item itself holds it."""
        rows = str(self.row["rows"])
        return rows[1:].partition("/")[0] if rows.startswith("@") else ""


@cache
def shared_lists() -> tuple[SharedList, ...]:
    """Every row of the data file."""
    text = Path(__file__).with_name("shared_lists.json").read_text(encoding="utf-8")
    return tuple(SharedList(row) for row in json.loads(text)["lists"])


def list_judgements(snapshot: Snapshot, world: IamWorld) -> Iterator[Judgement]:
    """Who receives what is shared by a list of accounts."""
    decryption = Decryption(snapshot, world)
    for place in shared_lists():
        for item in snapshot.items(place["type"]):
            if _is_own(place, item):
                yield from _judged(place, item, snapshot, world, decryption)


def _is_own(place: SharedList, item: Item) -> bool:
    """Whether the account owns it and it is of a kind that can be shared."""
    owner = item.item.get(place["owner"]) if place["owner"] else item.id.split(":", 5)[4:5]
    if isinstance(owner, list):
        owner = owner[0] if owner else ""
    if owner not in (None, "", item.account_id):
        return False
    return _has(item.item, place.pairs("when"))


def _has(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a row has one of the values of each member; a member that is missing does."""
    return all(row.get(name) in (None, *values) for name, values in wanted.items())


def _judged(
    place: SharedList, item: Item, snapshot: Snapshot, world: IamWorld, decryption: Decryption
) -> Iterator[Judgement]:
    call = item.call(place.call) if place.call else None
    known = call is None or call.known
    ref = Ref.to(item, f"/calls/{place.call}/value" if call is not None and known else "/item")
    status = "" if call is None else str(call.status)
    sharing = Sharing(
        item,
        place["mechanism"],
        place["operation"],
        known,
        status,
        ref,
        tuple(place["actions"]),
        everyone=bool(place["everyone"]),
    )
    key = item.item.get(place["key"]) if place["key"] else None
    encrypted = place["encrypted"] and item.item.get(place["encrypted"])
    if encrypted and key not in (place["aws_owned"] or ()):
        sharing = replace(sharing, limit=decryption.limit(item, key, place["key_service"]))
    yield from judged(sharing, _receivers(place, item, snapshot, known), world)


def _receivers(
    place: SharedList, item: Item, snapshot: Snapshot, known: bool
) -> Iterator[Receiver]:
    if place["public"] and item.item.get(place["public"]):
        yield Receiver(ANYONE)
    for row in look(place["rows"], item).values if known else ():
        held = row if isinstance(row, Mapping) else {}
        if not _has(held, place.pairs("in_force")):
            continue
        names = [held.get(name) for name in place["receiver"] or ()] if held else [row]
        for name in names:
            if name:
                source = source_of(name)
                more = _of_everybody(place, item, snapshot) if source == ANYONE else _NONE
                yield Receiver(source, all_of((more, *_of_row(place, item, held))))


def _of_row(place: SharedList, item: Item, row: Mapping[str, Any]) -> Iterator[Answer]:
    """What else a row asks: an approval, a login; what it keeps out, as guards."""
    ref = Ref.to(item)
    for name, texts in place.pairs("waiting").items():
        if text := texts.get(str(row.get(name))):
            yield asks("acceptance", item, text, condition("approval", place["mechanism"]), ref)
    for held, pairs in ((row, "guard"), (item.item, "guard_item")):
        for name, texts in place.pairs(pairs).items():
            if text := texts.get(str(held.get(name)).lower()):
                yield Answer(Verdict.YES, guards=(text,))
    if place["login"]:
        text = _LOGIN[place["login"]]
        yield asks("login", item, text, condition("authn", f"{place['login']}-login"), ref)


def _of_everybody(place: SharedList, item: Item, snapshot: Snapshot) -> Answer:
    """The account's setting against public documents: it stops sharing, of what is shared
    already AWS's text says nothing."""
    if place["setting"] != "ssm-documents":
        return _NONE
    operation = "get_service_setting"
    for line in snapshot.items("ssm:setting", item.account_id, item.region):
        call = line.call(operation)
        if not call.known:
            break
        values = look(f"@{operation}/ServiceSetting/SettingValue", line).values
        ref = Ref.to(line, f"/calls/{operation}/value")
        if values and str(values[0]).lower() == "disable":
            text = (
                "The account blocks public sharing of documents in this region; whether the block "
                "also hides what is public already, AWS does not say."
            )
            term = condition("context", "public-sharing-permission", "leaves what is shared")
            return asks("public sharing of documents", item, text, term, ref)
        return _NONE
    why = "Whether the account blocks public sharing of documents was not read."
    answer = unread(f"ssm.{operation}", item, why)
    return replace(answer, verdict=Verdict.CONDITIONAL)
