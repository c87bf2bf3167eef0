"""The answers of AWS's own analysers that a snapshot holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collector.snapshot import Item, Snapshot
from graph.evidence import Ref
from graph.network import ports
from graph.network.ec2_shapes import integer, rows, text
from graph.network.second_opinions import ACCESS, REACHABILITY, Opinion, span_of
from graph.network.spans import Spans, union


def opinions(snapshot: Snapshot) -> Iterator[Opinion]:
    """Every answer of both tools that a snapshot holds: those of analyses that succeeded."""
    paths = {
        text(item.item.get("NetworkInsightsPathId")): item
        for item in snapshot.items("ec2:network-insights-path")
    }
    for item in snapshot.items("ec2:network-insights-analysis"):
        asked = paths.get(text(item.item.get("NetworkInsightsPathId")))
        found = item.item.get("NetworkPathFound")
        if asked is not None and item.item.get("Status") == "succeeded" and isinstance(found, bool):
            yield _analysis(item, asked.item, found)
    for item in snapshot.items("ec2:network-insights-access-scope-analysis"):
        call = item.call("get_network_insights_access_scope_analysis_findings")
        held = call.value.get("AnalysisFindings") if isinstance(call.value, Mapping) else call.value
        for number, finding in enumerate(rows(held)):
            yield from _finding(item, finding, number)


def _analysis(item: Item, asked: Mapping[str, Any], found: bool) -> Opinion:
    codes = [text(one.get("ExplanationCode")) for one in rows(item.item.get("Explanations"))]
    filters = asked.get("FilterAtSource")
    filtered = filters if isinstance(filters, Mapping) else {}
    return Opinion(
        tool=REACHABILITY,
        id=item.id,
        source=_short(asked.get("Source")),
        target=_short(asked.get("Destination")),
        found=found,
        reason="a path was found" if found else ", ".join(dict.fromkeys(filter(None, codes))),
        at=text(item.item.get("StartDate")),
        opened=_asked_ports(asked, filtered),
        sender=text(filtered.get("SourceAddress")) or text(asked.get("SourceIp")),
        receiver=text(filtered.get("DestinationAddress")) or text(asked.get("DestinationIp")),
        account_id=item.account_id,
        region=item.region,
        ref=Ref.to(item, "/item"),
    )


def _short(value: Any) -> str:
    """An id; of what lies in another account the path holds the ARN."""
    return text(value).rpartition("/")[2]


def _asked_ports(asked: Mapping[str, Any], filtered: Mapping[str, Any]) -> Spans:
    number = ports.UDP if asked.get("Protocol") == "udp" else ports.TCP
    span = filtered.get("DestinationPortRange")
    wanted = span if isinstance(span, Mapping) else {}
    port = integer(asked.get("DestinationPort"))
    first = integer(wanted.get("FromPort"))
    last = integer(wanted.get("ToPort"))
    low = first if first is not None else port
    high = last if last is not None else low
    return span_of(number, low, high)


def _finding(item: Item, finding: Mapping[str, Any], number: int) -> Iterator[Opinion]:
    steps = rows(finding.get("FindingComponents"))
    parts = [one.get("Component") for one in steps]
    ids = [text(one.get("Id")) if isinstance(one, Mapping) else "" for one in parts]
    named = [one for one in ids if one]
    if len(named) < 2:
        return
    yield Opinion(
        tool=ACCESS,
        id=text(finding.get("FindingId")) or f"{item.id}#{number}",
        source=named[0],
        target=named[-1],
        found=True,
        reason=" > ".join(named),
        at=text(item.item.get("StartDate")),
        opened=_header_ports(steps),
        sender="",
        receiver="",
        account_id=item.account_id,
        region=item.region,
        ref=Ref.to(item, "/calls/get_network_insights_access_scope_analysis_findings/value"),
    )


def _header_ports(steps: list[Mapping[str, Any]]) -> Spans:
    """Protocol and ports with which the packet arrives; everything where that is not told."""
    for step in reversed(steps):
        header = step.get("InboundHeader")
        if isinstance(header, Mapping):
            number = {"6": ports.TCP, "17": ports.UDP}.get(text(header.get("Protocol")))
            if number is None:
                return ports.ALL
            ranges = rows(header.get("DestinationPortRanges"))
            found = [span_of(number, integer(r.get("From")), integer(r.get("To"))) for r in ranges]
            return union(found) if found else ports.of_protocol(number)
    return ports.ALL
