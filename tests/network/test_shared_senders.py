"""Who sends through an AWS-managed list connects to some ports only."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.network.exposure import internet_reach
from graph.verdict import Verdict
from network.aws_shapes import exposed
from snapshot_files import Denied

CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"
CHECKS = "com.amazonaws.eu-west-1.route53-healthchecks"
WEB = ("tcp/80", "tcp/443", "tcp/1024-65535")


def found(
    folder: Path, title: str, rule: dict[str, object], owner: str = "AWS", *, read: bool = True
) -> tuple[str, Verdict, tuple[str, ...]]:
    lab = exposed([rule | {"PrefixListIds": [{"PrefixListId": "pl-9"}]}])
    lab.prefix_list("pl-9", ["120.52.22.96/27"] if read else Denied, title=title, owner=owner)
    (reach,) = internet_reach(lab.build(folder))
    return reach.source, reach.verdict, reach.ports


def over(protocol: str, first: int = -1, last: int = -1) -> dict[str, object]:
    return {"IpProtocol": protocol} | ({"FromPort": first, "ToPort": last} if first >= 0 else {})


@pytest.mark.parametrize(("rule", "ports"), [
    (over("-1"), WEB),
    (over("tcp", 22, 22), ()),
    (over("tcp", 22, 90), ("tcp/80",)),
    (over("tcp", 443, 443), ("tcp/443",)),
    (over("udp", 2000, 2000), ()),
])  # fmt: skip
def test_cloudfront_connects_to_web_ports(
    tmp_path: Path, rule: dict[str, object], ports: tuple[str, ...]
) -> None:
    expected = (
        ("any-customer-of:cloudfront", Verdict.YES, ports) if ports else
        ("internet", Verdict.NO, ())
    )  # fmt: skip
    assert found(tmp_path, CLOUDFRONT, rule) == expected


def test_a_list_of_the_same_name_that_is_not_amazons_is_a_range(tmp_path: Path) -> None:
    expected = ("cidr:120.52.22.96/27", Verdict.YES, ("tcp/22",))
    assert found(tmp_path, CLOUDFRONT, over("tcp", 22, 22), "111122223333") == expected


def test_where_its_entries_were_not_read_the_ports_are_the_same(tmp_path: Path) -> None:
    expected = ("any-customer-of:cloudfront", Verdict.YES, WEB)
    assert found(tmp_path, CLOUDFRONT, over("-1"), read=False) == expected


@pytest.mark.parametrize(("rule", "verdict"), [
    (over("tcp", 22, 22), Verdict.YES),
    (over("udp", 53, 53), Verdict.NO),
])  # fmt: skip
def test_health_checks_connect_by_tcp(
    tmp_path: Path, rule: dict[str, object], verdict: Verdict
) -> None:
    assert found(tmp_path, CHECKS, rule)[1] is verdict
