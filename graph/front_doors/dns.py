"""Host names: what answers under which name of AWS, and which names of the customer lead there.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias.html
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from collector.snapshot import Item
from graph.evidence import Step
from graph.front_doors.sight import Sight, member, rows
from graph.schema.path import ShapeError, look

_ADDRESSED = ("A", "AAAA", "CNAME", "HTTPS")
_LONGEST_CHAIN = 8
_MOST_SHOWN = 20
# Far more values than one name has; thousands of names that share a hub of junk stay cheap.
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
_MOST_VALUES = 4000
_FEW = 3
_NUMBERS = re.compile(r"[0-9.]+")
# https://docs.aws.amazon.com/general/latest/gr/s3.html
_SUFFIX = r"amazonaws\.com(?:\.cn)?"
_BUCKET = re.compile(
    rf"(?P<bucket>.+)\.s3(?:[.-](?:dualstack\.)?(?P<region>[a-z]{{2}}(?:-[a-z]+)+-\d))?\.{_SUFFIX}"
)
_WEBSITE = re.compile(rf"(?:(?P<bucket>.+)\.)?s3-website[.-](?P<region>[a-z0-9-]+)\.{_SUFFIX}")


def host_of(text: Any) -> str:
    """A host name or URL as a bare host name in lower case; empty for anything else."""
    if not isinstance(text, str):
        return ""
    bare = text.partition("://")[2] or text
    found = bare.partition("/")[0].lower().rstrip(".").replace(r"\052", "*")
    if found.count(":") == 1:
        found = found.partition(":")[0]
    return found.removeprefix("dualstack.")


def bucket_of(host: str) -> str:
    """The bucket that a REST host name of S3 names; empty if it names none."""
    found = _BUCKET.fullmatch(host)
    return found["bucket"] if found and "s3-website" not in host else ""


def website_bucket_of(host: str, name: str = "") -> str:
    """The bucket behind a host name of S3's website endpoint; empty if it is none.

    Args:
        host: ``bucket.s3-website-region...``, or without a bucket as an alias record has it.
        name: the record's own name, which is the bucket's where the host names none.
    """
    found = _WEBSITE.fullmatch(host)
    return (found["bucket"] or name) if found else ""


def hosts(sight: Sight) -> Mapping[str, tuple[str, ...]]:
    """Node ids by host name (lower case, without ``dualstack.``) or public address."""
    return sight.once(("hosts",), lambda: _all_hosts(sight))


def _all_hosts(sight: Sight) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for type_id, path in _places():
        for item in sight.items(type_id):
            for text in _values(path, item):
                found[host_of(text)].append(item.id)
    for item in sight.items("apigateway:rest-api"):
        found[_execute_api(item)].append(item.id)
    for interface in sight.network.facts.interfaces:
        for address in interface.addresses:
            found[address.public].append(interface.owner or interface.id)
    found.pop("", None)
    return {host: tuple(dict.fromkeys(nodes)) for host, nodes in found.items()}


def nodes_at(sight: Sight, host: str) -> tuple[str, ...]:
    """Node ids of what answers at a host name, through the customer's own records if need be."""
    name = host_of(host)
    return hosts(sight).get(name) or tuple(dict.fromkeys(_led(sight, name)))


def names_of(sight: Sight) -> Mapping[str, tuple[str, ...]]:
    """Names of the collected public zones that lead to a node, by node id; sorted.

    A bucket stands under the id by which the inventory knows it.
    """
    return sight.once(("names",), lambda: _all_names(sight))


def _all_names(sight: Sight) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name in _records(sight):
        for node in _led(sight, name):
            found[node].add(name)
    return {node: tuple(sorted(names)) for node, names in found.items()}


def name_step(sight: Sight, item: Item, *own: str) -> Step:
    """Under which names a door is called: AWS's own, and those of the collected zones."""
    every = dict.fromkeys(filter(None, (*own, *names_of(sight).get(item.id, ()))))
    if not every:
        text = f"No name that leads to it was collected.{cut_note(sight)}"
        return Step("name", item.id, "pass", text)
    shown = list(every)[:_MOST_SHOWN]
    more = f" and {len(every) - len(shown)} more" if len(every) > len(shown) else ""
    text = f"It is called {', '.join(shown)}{more}.{cut_note(sight)}"
    return Step("name", item.id, "pass", text, hosts=host_names(every))


def cut_note(sight: Sight) -> str:
    """Which names were not followed to their end, in words; empty if every one was."""
    names_of(sight)
    cut = sorted(_cut(sight))
    if not cut:
        return ""
    more = f" and {len(cut) - _FEW} more names" if len(cut) > _FEW else ""
    shown = ", ".join(cut[:_FEW])
    return f" Of {shown}{more} only the first {_MOST_VALUES} values were followed."


def _cut(sight: Sight) -> set[str]:
    return sight.once(("names cut",), set)


def host_names(told: Iterable[str]) -> tuple[str, ...]:
    """The host names among names, URLs and addresses, as they are spelled; each once."""
    found = dict.fromkeys(_bare(one) for one in told)
    return tuple(name for name in found if "." in name and not _NUMBERS.fullmatch(name))


def _bare(text: str) -> str:
    host = (text.partition("://")[2] or text).partition("/")[0].strip().rstrip(".")
    return host.partition(":")[0] if host.count(":") < 2 else ""


def zone_leads(sight: Sight, zone: Item) -> Iterator[tuple[str, str]]:
    """(name of a record, node id of what it leads to), each once, in order of the records.

    A VPC's resolver asks nobody else for a name below a private zone's domain.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    """
    own, public = _targets_by_name((zone,)), _records(sight)
    domain = "" if is_public(zone) else host_of(zone.item.get("Name"))

    def targets(name: str) -> tuple[str, ...]:
        below = name == domain or (domain and name.endswith(f".{domain}"))
        return own.get(name, ()) if below else public.get(name, ())

    for name in own:
        for node in dict.fromkeys(_led(sight, name, targets)):
            yield name, node


def is_public(zone: Item) -> bool:
    """Whether a hosted zone answers everybody."""
    return member(zone.item, "Config", "PrivateZone") is not True


def _led(
    sight: Sight, name: str, targets: Callable[[str], tuple[str, ...]] | None = None
) -> Iterator[str]:
    """What a name leads to, record by record; chains that go in circles end."""
    known = hosts(sight)
    targets_of = targets or (lambda one: _records(sight).get(one, ()))
    seen, wanted, left = {name}, [name], _MOST_VALUES
    for _ in range(_LONGEST_CHAIN):
        following: list[str] = []
        for one in wanted:
            every = targets_of(one)
            values = every[:left]
            left -= len(values)
            if targets is None and len(values) < len(every):
                _cut(sight).add(name)
            for value in values:
                bucket = website_bucket_of(value, one) or bucket_of(value)
                if bucket:
                    yield f"arn:{_partition(value)}:s3:::{bucket}"
                yield from known.get(value, ())
                if value not in known and value not in seen:
                    seen.add(value)
                    following.append(value)
        wanted = following


def _records(sight: Sight) -> Mapping[str, tuple[str, ...]]:
    """Targets of the public zones' records by name."""
    public = (zone for zone in sight.items("route53:zone") if is_public(zone))
    return sight.once(("records",), lambda: _targets_by_name(public))


def _targets_by_name(zones: Iterable[Item]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for zone in zones:
        for record in rows(zone.call("list_resource_record_sets").value):
            if record.get("Type") in _ADDRESSED:
                found[host_of(record.get("Name"))] += _targets(record)
    found.pop("", None)
    return {name: tuple(dict.fromkeys(to)) for name, to in found.items()}


def _targets(record: Mapping[str, Any]) -> Iterable[str]:
    alias = host_of(member(record, "AliasTarget", "DNSName"))
    plain = (host_of(one.get("Value")) for one in rows(record.get("ResourceRecords")))
    return [host for host in (alias, *plain) if host]


def _values(path: str, item: Item) -> tuple[Any, ...]:
    try:
        return look(path, item).values
    except ShapeError:
        return ()


def _execute_api(item: Item) -> str:
    ending = "amazonaws.com.cn" if item.region.startswith("cn-") else "amazonaws.com"
    short = item.item.get("id")
    return f"{short}.execute-api.{item.region}.{ending}" if isinstance(short, str) else ""


def _partition(host: str) -> str:
    if host.endswith(".cn"):
        return "aws-cn"
    return "aws-us-gov" if "us-gov-" in host else "aws"


@cache
def _places() -> tuple[tuple[str, str], ...]:
    path = Path(__file__).with_name("data") / "dns.json"
    listed = json.loads(path.read_text(encoding="utf-8"))["hosts"]
    return tuple((type_id, where) for type_id, where in listed)


__all__ = [
    "bucket_of",
    "cut_note",
    "host_names",
    "host_of",
    "hosts",
    "is_public",
    "name_step",
    "names_of",
    "nodes_at",
    "website_bucket_of",
    "zone_leads",
]
