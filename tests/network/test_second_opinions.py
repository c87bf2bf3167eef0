"""AWS's own analyses beside our answers: each contradiction, with the twin that agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.derive import derive
from graph.network.from_snapshot import network_world
from graph.network.second_opinions import Compared, compare
from graph.network.second_opinions_from_snapshot import opinions
from graph.verdict import Verdict
from network.aws_shapes import INSTANCE, Lab, allow, arn, entry, exposed
from snapshot_files import write_snapshot

Json = dict[str, Any]
PATH, ANALYSIS = arn("network-insights-path", "nip-1"), arn("network-insights-analysis", "nia-1")
SCOPE = arn("network-insights-access-scope-analysis", "nisa-1")


def analysed(lab: Lab, found: bool, codes: tuple[str, ...] = (), **asked: Any) -> Lab:
    path = {
        "NetworkInsightsPathId": "nip-1",
        "Source": "igw-1",
        "Destination": "i-web",
        "Protocol": "tcp",
        "DestinationPort": 22,
    } | asked
    lab.add("ec2:network-insights-path", "nip-1", PATH, path)
    item = {
        "NetworkInsightsAnalysisId": "nia-1",
        "NetworkInsightsPathId": "nip-1",
        "Status": "succeeded",
        "StartDate": "2026-11-01T00:00:00Z",
        "NetworkPathFound": found,
        "Explanations": [{"ExplanationCode": code} for code in codes],
    }
    lab.add("ec2:network-insights-analysis", "nia-1", ANALYSIS, item)
    return lab


def only(lab: Lab, folder: Path) -> Compared:
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    snapshot = write_snapshot(folder, rows, list(lab.ledger()))
    (opinion,) = opinions(snapshot)
    return compare(network_world(snapshot), opinion)


@pytest.mark.parametrize(("found", "differs"), [(True, False), (False, True)])
def test_an_open_port(tmp_path: Path, found: bool, differs: bool) -> None:
    one = only(analysed(exposed(), found, ("ENI_SG_RULES_MISMATCH",)), tmp_path)
    assert one.verdict is Verdict.YES
    assert one.differs is differs


@pytest.mark.parametrize(("found", "differs"), [(True, True), (False, False)])
def test_a_closed_port(tmp_path: Path, found: bool, differs: bool) -> None:
    one = only(analysed(exposed(), found, DestinationPort=443), tmp_path)
    assert one.verdict is Verdict.NO
    assert one.differs is differs


def test_a_range_of_ports_that_holds_the_open_one(tmp_path: Path) -> None:
    filters = {"DestinationPortRange": {"FromPort": 20, "ToPort": 25}}
    one = only(analysed(exposed(), False, FilterAtSource=filters), tmp_path)
    assert one.differs


def test_a_sender_outside_the_admitted_range(tmp_path: Path) -> None:
    lab = exposed()
    lab.item("sg-web")["IpPermissions"][0]["IpRanges"] = [{"CidrIp": "198.51.100.0/24"}]
    inside = {"FilterAtSource": {"SourceAddress": "198.51.100.7/32"}}
    outside = {"FilterAtSource": {"SourceAddress": "192.0.2.7/32"}}
    assert only(analysed(lab.twin(), True, **inside), tmp_path / "a").verdict is Verdict.YES
    assert only(analysed(lab.twin(), True, **outside), tmp_path / "b").verdict is Verdict.NO


@pytest.mark.parametrize(("denied", "verdict"), [("52.1.2.0/24", "no"), ("52.1.3.0/24", "yes")])
def test_a_sender_that_the_network_acl_denies(tmp_path: Path, denied: str, verdict: str) -> None:
    lab = exposed()
    lab.item("acl-1")["Entries"].insert(0, entry(1, "deny", cidr=denied))
    filters = {"FilterAtSource": {"SourceAddress": "52.1.2.3/32"}}
    assert str(only(analysed(lab, True, **filters), tmp_path).verdict) == verdict


def test_what_we_do_not_know_is_no_disagreement(tmp_path: Path) -> None:
    lab = analysed(exposed(), True)
    lab.deny("ec2.describe_network_acls")
    for name in list(lab.lines[next(k for k in lab.lines if k[2] == "ec2:network-acl")]):
        lab.remove(name)
    one = only(lab, tmp_path)
    assert one.verdict is Verdict.UNKNOWN
    assert not one.differs


def neighbours() -> Lab:
    """A machine beside the exposed one, whose group lets tcp/5432 in from the VPC alone."""
    lab = exposed()
    lab.group("sg-db", [allow("tcp/5432", "10.0.0.0/16")])
    lab.eni("eni-db", "subnet-a", ("sg-db",), private="10.0.0.40", instance="i-db")
    lab.instance("i-db", ("eni-db",))
    return lab


def between(**more: Any) -> Json:
    return {"Source": "i-web", "Destination": "eni-db", "DestinationPort": 5432} | more


@pytest.mark.parametrize(("found", "differs"), [(True, False), (False, True)])
def test_from_one_machine_to_another(tmp_path: Path, found: bool, differs: bool) -> None:
    one = only(analysed(neighbours(), found, **between()), tmp_path)
    assert one.verdict is Verdict.YES
    assert one.target == arn("network-interface", "eni-db")
    assert one.differs is differs


@pytest.mark.parametrize(("found", "differs"), [(True, True), (False, False)])
def test_to_a_port_of_another_that_is_closed(tmp_path: Path, found: bool, differs: bool) -> None:
    one = only(analysed(neighbours(), found, **between(DestinationPort=22)), tmp_path)
    assert one.verdict is Verdict.NO
    assert one.differs is differs


def test_from_a_machine_to_the_gateway(tmp_path: Path) -> None:
    out = {"Source": "eni-web", "Destination": "igw-1", "DestinationPort": 443}
    one = only(analysed(neighbours(), False, **out), tmp_path / "a")
    assert (one.verdict, one.target, one.differs) == (
        Verdict.YES,
        arn("network-interface", "eni-web"),
        True,
    )
    twin = neighbours()
    twin.item("sg-web")["IpPermissionsEgress"] = []
    assert only(analysed(twin, False, **out), tmp_path / "b").verdict is Verdict.NO


def test_ends_may_be_named_by_their_arns(tmp_path: Path) -> None:
    ends = {"Source": INSTANCE, "Destination": arn("network-interface", "eni-db")}
    assert only(analysed(neighbours(), True, **between(**ends)), tmp_path).verdict is Verdict.YES


@pytest.mark.parametrize(
    "more",
    [
        {"Source": "eni-other"},
        {"Destination": "tgw-1"},
        {"FilterAtSource": {"SourceAddress": "10.9.9.9/32"}},
        {"FilterAtSource": {"DestinationAddress": "10.9.9.9/32"}},
        {"DestinationIp": "10.0.0.0/24"},
    ],
)
def test_what_we_were_not_asked_is_no_disagreement(tmp_path: Path, more: Json) -> None:
    one = only(analysed(neighbours(), False, **between(**more)), tmp_path)
    assert one.verdict is None
    assert not one.differs


def test_the_addresses_of_both_ends_are_the_same_question(tmp_path: Path) -> None:
    filters = {"DestinationAddress": "10.0.0.40/32"}
    one = only(analysed(neighbours(), False, **between(FilterAtSource=filters)), tmp_path)
    assert one.differs


@pytest.mark.parametrize("status", ["running", "failed"])
def test_an_analysis_that_did_not_end_says_nothing(tmp_path: Path, status: str) -> None:
    lab = analysed(exposed(), False)
    lab.item("nia-1")["Status"] = status
    rows = {key: list(found.values()) for key, found in lab.lines.items()}
    assert list(opinions(write_snapshot(tmp_path, rows, list(lab.ledger())))) == []


def component(name: str) -> Json:
    return {"Component": {"Id": name, "Arn": name}}


@pytest.mark.parametrize(("port", "differs"), [(22, False), (443, True)])
def test_a_path_that_network_access_analyzer_lists(
    tmp_path: Path, port: int, differs: bool
) -> None:
    lab = exposed()
    arrives = {"Protocol": "6", "DestinationPortRanges": [{"From": port, "To": port}]}
    finding = {
        "FindingId": "f-1",
        "FindingComponents": [
            component("igw-1"),
            component("acl-1"),
            component("eni-web") | {"InboundHeader": arrives},
        ],
    }
    item = {"NetworkInsightsAccessScopeAnalysisId": "nisa-1", "Status": "succeeded"}
    call = {"get_network_insights_access_scope_analysis_findings": [finding]}
    lab.add("ec2:network-insights-access-scope-analysis", "nisa-1", SCOPE, item, **call)
    one = only(lab, tmp_path)
    assert one.opinion.reason == "igw-1 > acl-1 > eni-web"
    assert one.differs is differs


@pytest.mark.parametrize(("found", "count"), [(True, 0), (False, 1)])
def test_disagreements_are_nodes_about_the_resource(
    tmp_path: Path, found: bool, count: int
) -> None:
    lab = analysed(exposed(), found, ("ENI_SG_RULES_MISMATCH",))
    rows = {key: list(held.values()) for key, held in lab.lines.items()}
    derived = derive(write_snapshot(tmp_path, rows, list(lab.ledger())))
    nodes = [node for node in derived.nodes if "Disagreement" in node.labels]
    assert len(nodes) == count
    for node in nodes:
        assert (node.props["theirs"], node.props["ours"]) == ("not reachable", "yes")
        assert node.props["their_reason"] == "ENI_SG_RULES_MISMATCH"
        (link,) = [one for one in derived.relationships if one.type == "CONCERNS"]
        assert (link.start, link.end) == (node.id, INSTANCE)


@pytest.mark.parametrize("value", [None, [], "x", {"FromPort": "a"}, {"ToPort": -1}])
def test_nonsense_in_a_question_ends_nothing(tmp_path: Path, value: Any) -> None:
    lab = analysed(exposed(), True, FilterAtSource=value, DestinationPort=value)
    only(lab, tmp_path)
