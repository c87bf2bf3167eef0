"""Where data leaves a resource: logs, copies, events; to a bucket, an account, a host.

Which settings say so is data (``flows.json``), each with AWS's page. A flow within one account is a
relationship like any other; ``data-flows-outside`` tells those that leave it.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from collector.snapshot import Item
from graph.records import Value
from graph.schema.account import of_region
from graph.schema.convert import document
from graph.schema.declare import Edge, Link, Reference, Setting
from graph.schema.links import account, partition_of
from graph.schema.path import ShapeError, inside, look

_MEANS = {
    "LOGS_TO": "Where its logs, findings or results go.",
    "REPLICATES_TO": "Where copies of its data go.",
    "SENDS_TO": "Where its events or messages go.",
}
_PROPERTIES = (
    ("setting", "Which setting says so, e.g. flow-log."),
    ("carries", "What goes there."),
    ("active", "False where the setting is switched off or not confirmed."),
    ("owner_account_id", "Who owns the destination, where the setting says so."),
    ("says", "One sentence."),
)
_ACCOUNT = re.compile(r"[0-9]{12}\Z")
_BUCKET_ARN = re.compile(r"arn:[a-z-]+:s3:::([^/]+)")
_S3_URI = re.compile(r"s3[an]?://([^/]+)")
_BUCKET_HOST = re.compile(r"(.+?)\.s3[.-]")
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


@dataclass(frozen=True, slots=True)
class Flow:
    """A setting of a type that names where data goes.

    Paths beginning with ``@`` are of the line, with ``^`` of its item; others of each object that
    ``each`` finds.

    Attributes:
        type: snapshot type of the line.
        label: label of the node that the data leaves.
        relationship: ``LOGS_TO``, ``REPLICATES_TO`` or ``SENDS_TO``.
        mechanism: a word for the setting.
        carries: what goes there.
        to: path of the destination.
        kind: how the destination is written: a key of :data:`KINDS`.
        source: AWS's page.
        each: path of the objects that each name a destination; empty: the item.
        document: member of such an object that holds JSON text, in which ``to`` stands.
        owner: path of the destination's account.
        region: path of the destination's region.
        start: ``region`` or ``zone`` where the data leaves another node than the line's own; else
            the path of that node's ARN.
        starts_like: a pattern of that ARN, where a type's lines are about nodes of several labels.
        off: path and values of a setting that is switched off.
    """

    type: str
    label: str
    relationship: str
    mechanism: str
    carries: str
    to: str
    kind: str
    source: str
    each: str = ""
    document: str = ""
    owner: str = ""
    region: str = ""
    start: str = ""
    starts_like: str = "*"
    off: Mapping[str, Any] | None = None

    def edges(self, line: Item) -> Iterator[Edge]:
        """The destinations that a line names.

        Raises:
            ShapeError: AWS's shape is not the declared one.
        """
        for row in look(self.each, line).values if self.each else (line.item,):
            held = document(row.get(self.document)) if self.document else row
            owner = _first(self.owner, line, held)
            active = not self._is_off(line, held)
            for value in _values(self.to, line, held):
                if not isinstance(value, str):
                    raise ShapeError(f"{self.to}: a destination is no text")
                region = str(_first(self.region, line, held) or "")
                where = Destination(value, str(owner or "").replace("-", ""), region)
                if (end := KINDS[self.kind](where, line)) is not None:
                    yield self._edge(line, where, end, active)

    def _is_off(self, line: Item, row: Any) -> bool:
        if self.off is None:
            return False
        return any(value in self.off["is"] for value in _values(self.off["path"], line, row))

    def _edge(self, line: Item, where: Destination, end: Reference, active: bool) -> Edge:
        text = f"{line.id} sends {self.carries} to {where.text}."
        props: dict[str, Value] = {
            "setting": self.mechanism,
            "carries": self.carries,
            "active": active,
            "owner_account_id": where.owner if _ACCOUNT.match(where.owner) else None,
            "says": text if active else f"{text} The setting is switched off or not confirmed.",
        }
        return Edge(end, discriminator=self.mechanism, props=props)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where data goes, as the setting writes it.

    Attributes:
        text: a name, ARN, URL, address or account id.
        owner: the account that the setting says it belongs to; empty where it says none.
        region: its region, likewise.
    """

    text: str
    owner: str = ""
    region: str = ""


def _values(path: str, line: Item, row: Any) -> tuple[Any, ...]:
    if path.startswith("@"):
        return look(path, line).values
    if path.startswith("^"):
        return inside(path[1:], line.item)
    return inside(path, row)


def _first(path: str, line: Item, row: Any) -> Any:
    return next(iter(_values(path, line, row)), None) if path else None


def _bucket(name: str, where: Destination, line: Item) -> Reference | None:
    if not name:
        return None
    regional = (value for prefix, value in _PARTITIONS if line.region.startswith(prefix))
    partition = next(regional, partition_of(line))
    return Reference(id=f"arn:{partition}:s3:::{name}", label="S3Bucket", account=where.owner)


def _matched(pattern: re.Pattern[str]) -> Callable[[Destination, Item], Reference | None]:
    def find(where: Destination, line: Item) -> Reference | None:
        found = pattern.match(where.text)
        return _bucket(found[1], where, line) if found else None

    return find


def _bucket_path(where: Destination, line: Item) -> Reference | None:
    found = _BUCKET_ARN.match(where.text)
    return _bucket(found[1] if found else where.text.partition("/")[0], where, line)


def _arn(where: Destination, line: Item) -> Reference | None:
    """An ARN; of a place in a bucket the bucket, of a log group without its streams."""
    if found := _BUCKET_ARN.match(where.text):
        return Reference(id=found[0], label="S3Bucket", account=where.owner)
    if not where.text.startswith("arn:"):
        return None
    return Reference(id=where.text.removesuffix(":*"), account=where.owner)


def _account(where: Destination, line: Item) -> Reference | None:
    return account(where.text) if _ACCOUNT.match(where.text) else None


def _host(where: Destination, line: Item) -> Reference | None:
    """The host of a URL; a JDBC URL has its scheme behind ``jdbc:``."""
    text = where.text.removeprefix("jdbc:")
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        raise ShapeError("a destination is no URL") from None
    return Reference(id=f"address:{host}", label="OutsideAddress") if host else None


def _mailbox(where: Destination, line: Item) -> Reference | None:
    text = where.text.strip()
    return Reference(id=f"address:{text}", label="OutsideAddress") if text else None


def _file_system(where: Destination, line: Item) -> Reference | None:
    """By id in the line's own account, by ARN in another.

    https://docs.aws.amazon.com/efs/latest/ug/API_DestinationToCreate.html
    """
    if where.text.startswith("arn:"):
        return _arn(where, line)
    return Reference(
        short=where.text,
        label="EFSFileSystem",
        region=where.region,
        account=where.owner or line.account_id,
    )


KINDS: Mapping[str, Callable[[Destination, Item], Reference | None]] = {
    "bucket": _bucket_path,
    "bucket-path": _bucket_path,
    "bucket-host": _matched(_BUCKET_HOST),
    "s3-uri": _matched(_S3_URI),
    "arn": _arn,
    "account": _account,
    "url": _host,
    "mailbox": _mailbox,
    "file-system": _file_system,
}
"""How a destination is written, and the reference that it makes."""
_ENDS = {"account": ("AWSAccount", "ExternalAccount"), "file-system": ("EFSFileSystem",)}
_ENDS |= dict.fromkeys(("bucket", "bucket-path", "bucket-host", "s3-uri"), ("S3Bucket",))
_ENDS |= dict.fromkeys(("url", "mailbox"), ("OutsideAddress",))


@cache
def flows() -> tuple[Flow, ...]:
    """``flows.json``."""
    text = resources.files("graph.schema").joinpath("flows.json").read_text("utf-8")
    return tuple(Flow(**entry) for entry in json.loads(text)["flows"])


def _zone(line: Item) -> Reference:
    zone = str(line.item.get("HostedZoneId") or "").rpartition("/")[2]
    if not zone:
        raise ShapeError("the line does not say which hosted zone it is about")
    return Reference(
        id=f"arn:{partition_of(line)}:route53:::hostedzone/{zone}",
        label="HostedZone",
        account=line.account_id,
    )


def _own(label: str) -> Callable[[Item], Reference | None]:
    return lambda line: Reference(id=line.id, label=label, account=line.account_id)


def _named(flow: Flow) -> Callable[[Item], Reference | None]:
    def describe(line: Item) -> Reference | None:
        arn = str(_first(flow.start, line, line.item) or "")
        if not arn.startswith("arn:") or not fnmatch.fnmatchcase(arn, flow.starts_like):
            return None
        return Reference(id=arn, label=flow.label)

    return describe


def _starts(flow: Flow) -> Callable[[Item], Reference | None]:
    known = {"": _own(flow.label), "region": of_region, "zone": _zone}
    return known.get(flow.start) or _named(flow)


def _link(kind: str, same: list[Flow]) -> Link:
    def find(line: Item) -> Iterator[Edge]:
        edges = [edge for flow in same for edge in flow.edges(line)]
        # Of two settings for one destination the one that is switched on counts.
        yield from sorted(edges, key=lambda edge: not edge.props["active"])

    ends = {label for flow in same for label in _ENDS.get(flow.kind, ("Resource",))}
    return Link(kind, tuple(sorted(ends)), _MEANS[kind], find, properties=_PROPERTIES)


def _declared() -> Iterator[Setting]:
    ordered = sorted(flows(), key=lambda flow: (flow.type, flow.relationship))
    for (kind, label), same in groupby(ordered, key=lambda flow: (flow.type, flow.label)):
        listed = list(same)
        links = groupby(listed, key=lambda flow: flow.relationship)
        yield Setting(
            snapshot_type=kind,
            label=label,
            describes=_starts(listed[0]),
            description="Where its data goes.",
            links=tuple(_link(name, list(found)) for name, found in links),
        )


DECLARATIONS = tuple(_declared())
