"""``mapper reach`` where FROM or TO stands for many things, and what is said of odd words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cli.test_reach import DATABASE, SCHEMA, A, B, lab  # noqa: F401
from network.aws_shapes import Lab, allow, arn
from network.between.lab import JoinedLab
from snapshot_files import ACCOUNT

CLUSTER = f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster:orders"


@pytest.fixture
def reach(
    lab: JoinedLab,  # noqa: F811
    tmp_path: Path,
    mapper: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    count = iter(range(100))
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))

    def call(*arguments: object, of: Lab = lab, command: str = "reach") -> Any:
        folder = tmp_path / str(next(count))
        of.build(folder)
        return mapper(command, *arguments, "--snapshot", folder, "-q")

    return call


def rows(outcome: Any) -> list[dict[str, Any]]:
    made = outcome.json
    jsonschema.validate(made, SCHEMA)
    return list(made["rows"])


def told(outcome: Any) -> set[tuple[str, str, str, str]]:
    return {
        (source, target, row["verdict"], row["mechanism"])
        for row in rows(outcome)
        for source in row["sources"]
        for target in row["targets"]
        if source != target
    }


def test_which_machines_reach_a_database(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    """One command; and its twin with the rule for one address only."""
    both = {(A, DATABASE, "yes", "peering/ipv4"), (B, DATABASE, "yes", "local/ipv4")}
    assert told(reach("any", "orders", "--format", "json")) == both
    text = reach("any", "orders").out
    assert "machine-a" in text
    assert "tcp/5432" in text
    assert "Answer: yes 2; " in text
    lab.item("sg-db")["IpPermissions"] = [allow("tcp/5432", "10.2.1.10/32")]
    one = {(B, DATABASE, "yes", "local/ipv4")}
    assert told(reach("any", "orders", "--format", "json")) == one


@pytest.mark.parametrize(
    "word",
    [
        "vpc-a",
        arn("vpc", "vpc-a"),
        "subnet-a",
        "sg-a",
        "tag:Name=machine-a",
        "10.1.0.0/16",
        "10.1.1.10/31",
    ],
)
def test_words_for_many(reach: Any, word: str) -> None:
    assert told(reach(word, "i-b", "--format", "json")) == {(A, B, "yes", "peering/ipv4")}


def test_an_account_stands_for_all_in_it(reach: Any) -> None:
    found = told(reach(ACCOUNT, "i-b", "--format", "json"))
    assert found == {(A, B, "yes", "peering/ipv4")}
    assert told(reach(f"account:{ACCOUNT}", "i-b", "--format", "json")) == found
    other = reach("444455556666", "i-b")
    assert (other.code, "was not collected" in other.err) == (2, True)


def test_rows_are_those_of_their_pairs(reach: Any) -> None:
    """Key, ports and verdict of the first pair; also from the internet."""
    for row in rows(reach("any", "any", "--format", "json")):
        source, target = row["source"], row["id"]
        alone = rows(reach(source, target, "--format", "json"))
        same = next(one for one in alone if one["key"] == row["key"])
        for name in ("verdict", "ports", "mechanism", "conditions"):
            assert same[name] == row[name]


def test_the_internet_is_among_any(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    assert not any(one[0] == "internet" for one in told(reach("any", "i-a", "--format", "json")))
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22")]
    assert ("internet", A, "yes", "eni/ipv4") in told(reach("any", "i-a", "--format", "json"))
    out = told(reach("i-a", "any", "--format", "json"))
    assert (A, "internet", "yes", "internet-gateway/ipv4") in out


def test_ranges_of_the_internet(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    (row,) = rows(reach("i-a", "203.0.113.0/24", "--format", "json"))
    assert (row["id"], row["verdict"]) == ("cidr:203.0.113.0/24", "yes")
    (row,) = rows(reach("203.0.113.0/24", "i-a", "--format", "json"))
    assert (row["source"], row["verdict"]) == ("cidr:203.0.113.0/24", "no")
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22", "203.0.113.0/25")]
    (row,) = rows(reach("203.0.113.0/24", "i-a", "--format", "json"))
    assert (row["verdict"], row["conditions"]) == ("conditional", ["source:203.0.113.0/25"])
    (row,) = rows(reach("203.0.113.9", "i-a", "--format", "json"))
    assert row["verdict"] == "yes"


def test_formats_and_exit_codes(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    assert reach("any", "orders", "--fail-on", "yes").code == 3
    assert reach("any", "orders", "--format", "csv").out.startswith("key,id,name,")
    assert "| yes |" in reach("any", "orders", "--format", "md").out
    totals = reach("any", "orders", "--format", "json").json["totals"]
    assert (totals["rows"], totals["verdict"]["yes"], totals["not_judged"]) == (2, 2, 0)
    lab.item("sg-db")["IpPermissions"] = []
    closed = reach("any", "orders", "--fail-on", "unknown")
    assert (closed.code, "no way is open" in closed.out) == (0, True)
    assert reach("internet", "203.0.113.0/24").code == 2
    assert "there is no pair to ask about" in reach("sg-a", "i-a").out


def test_a_pair_counts_once_by_its_best_way(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    """A neighbour reaches a machine by its private and its public address: one pair, two rows."""
    lab.item("sg-a")["IpPermissions"] = [allow("tcp/22")]
    lab.item("sg-b")["IpPermissions"] = lab.item("sg-db")["IpPermissions"] = []
    lab.eni("eni-c", "subnet-a", ("sg-a",), private="10.1.1.11", public="198.51.100.8", vpc="vpc-a")
    lab.item("eni-c")["Attachment"] = {"InstanceId": "i-c"}
    lab.instance("i-c", ("eni-c",))
    ways = {one for one in told(reach("subnet-a", "i-a", "--format", "json")) if one[1] == A}
    assert {way for *_, way in ways} == {"local/ipv4", "internet/ipv4"}
    totals = reach("subnet-a", "i-a", "--format", "json").json["totals"]
    assert (totals["pairs"], totals["pairs_by_verdict"]) == (1, {"yes": 1})
    assert (
        "Answer: yes 1; 1 pair asked about, each by its best way." in reach("subnet-a", "i-a").out
    )
    lab.item("i-c")["State"] = {"Name": "stopped"}
    totals = reach("subnet-a", "i-a", "--format", "json").json["totals"]
    assert totals["pairs_by_verdict"] == {"dormant": 1}


def test_a_tag_of_what_sends_nothing_says_so(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    """Beside its twin: the same tag on a machine too."""
    tags = [{"Key": "scenario", "Value": "x"}]
    lab.item("sg-b")["Tags"] = lab.item("sg-a")["Tags"] = tags
    for pair, does in (
        (("tag:scenario=x", "internet"), "begins"),
        (("tag:scenario=x", "i-b"), "begins"),
        (("i-b", "tag:scenario=x"), "takes"),
    ):
        found = reach(*pair)
        said = f"2 things have this tag, but none of them {does} connections by a network interface"
        assert (found.code, said in found.err) == (2, True), found.err
    del lab.item("sg-b")["Tags"]
    assert "1 thing has this tag, but it does not take" in reach("i-b", "tag:scenario=x").err
    lab.item("i-a")["Tags"] = tags
    assert reach("tag:scenario=x", "internet").code == 0


def test_a_name_that_means_two_things(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    """A database cluster of the same name, as ``mapper explain`` says; its twin has another."""
    item = {"DBClusterIdentifier": "orders", "Engine": "aurora", "Status": "available"}
    lab.add("rds:db-cluster", "orders-cluster", CLUSTER, item)
    found = reach("i-a", "orders")
    assert found.code == 2
    assert DATABASE in found.err
    assert CLUSTER in found.err
    assert reach("i-a", DATABASE).code == 0
    alone = reach("i-a", CLUSTER)
    assert (alone.code, f"mapper explain {CLUSTER}" in alone.err) == (2, True)
    lab.item("orders-cluster")["DBClusterIdentifier"] = "ledger"
    lab.remove("orders-cluster")
    lab.add("rds:db-cluster", "ledger-cluster", CLUSTER.replace("orders", "ledger"), item)
    lab.item("ledger-cluster")["DBClusterIdentifier"] = "ledger"
    assert reach("i-a", "orders").code == 0


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("999.1.1.1", "is no IPv4 address or range: its numbers are 0 to 255"),
        ("10.0.0.0/33", "is no IPv4 address or range"),
        ("2001:zz::1".replace("z", "f") + ":::", "is no IPv6 address"),
        ("pictures", "is of type s3:bucket and has no network interface of its own"),
        ("10.9.0.0/16", "has an address in this range"),
        ("tag:nothing", "has this tag"),
        ("qqqqqqqqqqqq", "is no instance, interface"),
    ],
)
def test_words_that_mean_nothing(
    reach: Any,
    lab: JoinedLab,  # noqa: F811
    word: str,
    said: str,
) -> None:
    lab.add("s3:bucket", "pictures", "arn:aws:s3:::pictures", {"Name": "pictures"})
    for pair in ((word, "i-b"), ("i-a", word)):
        found = reach(*pair)
        assert found.code == 2
        assert said in found.err
        assert "The nearest names" not in found.err


@pytest.mark.parametrize(
    ("port", "said"),
    [
        ("99999", "the highest port is 65535"),
        ("22-10", "the range ends before it begins; write 10-22"),
        ("ssh", "write 443, tcp/443"),
    ],
)
def test_ports_that_are_none(reach: Any, port: str, said: str) -> None:
    found = reach("i-a", "i-b", "--port", port)
    assert (found.code, said in found.err) == (2, True)


def test_any_address_of_a_delegated_prefix(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    """Not its first one alone; the twin has no prefix."""
    assert reach("i-a", "10.2.1.37").code == 2
    lab.item("eni-b")["Ipv4Prefixes"] = [{"Ipv4Prefix": "10.2.1.32/28"}]
    for address in ("10.2.1.32", "10.2.1.37", "10.2.1.47"):
        (row,) = rows(reach("i-a", address, "--format", "json"))
        assert (row["id"], row["verdict"]) == (B, "yes")
    assert reach("i-a", "10.2.1.48").code == 2
    assert told(reach("i-a", "10.2.1.36/30", "--format", "json")) == {(A, B, "yes", "peering/ipv4")}


def test_json_of_many_has_every_id(reach: Any) -> None:
    made = json.loads(reach("any", "any", "--format", "json").out)
    assert made["totals"]["pairs"] >= sum(1 for _ in made["rows"])
    assert all(row["source"] in row["sources"] for row in made["rows"])
    assert all(row["id"] in row["targets"] for row in made["rows"])


@pytest.mark.parametrize(
    ("source", "target", "mechanism"),
    [
        ("i-a", "i-b", "peering/ipv4"),
        ("i-b", "internet", "internet-gateway/ipv4"),
        ("internet", "i-a", "eni/ipv4"),
        ("on-prem", "i-a", "on-prem/ipv4"),
        ("any", "orders", "peering/ipv4"),
    ],
)
def test_keys_of_rows_are_taken_by_explain(
    reach: Any, source: str, target: str, mechanism: str
) -> None:
    """As their eight characters, or whole; another key is refused."""
    found = {row["mechanism"]: row for row in rows(reach(source, target, "--format", "json"))}
    row = found[mechanism]
    for key in (row["key"][:8], row["key"]):
        made = rows(reach(key, "--format", "json", command="explain"))
        assert [(one["source"], one["target"]) for one in made] == [(row["source"], row["id"])]
        assert [one["verdict"] for one in made] == [row["verdict"]]
        assert bool(made[0]["steps"]) == (source != "on-prem")
    other = "0" * 7 + ("1" if row["key"][7] == "0" else "0")
    assert reach(other, command="explain").code == 2


def test_no_way_between_vpcs_is_not_called_local(reach: Any, lab: JoinedLab) -> None:  # noqa: F811
    """Its twin is in one VPC."""
    lab.item("rtb-a")["Routes"] = lab.item("rtb-a")["Routes"][:1]
    (row,) = rows(reach("i-a", "i-b", "--format", "json"))
    assert (row["verdict"], row["mechanism"]) == ("no", "none/ipv4")
    lab.item("sg-db")["IpPermissions"] = []
    (row,) = rows(reach("i-b", "orders", "--format", "json"))
    assert (row["verdict"], row["mechanism"]) == ("no", "local/ipv4")
