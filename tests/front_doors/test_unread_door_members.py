"""Members of front doors that cannot be read leave the answer open; their twins are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from front_doors import test_globalaccelerator as ga
from front_doors import test_opensearch_serverless as serverless
from front_doors import test_redshift as redshift
from front_doors.door_lab import failing
from graph.verdict import Verdict
from network.aws_shapes import allow


def test_a_redshift_flag_that_is_absent_is_not_false(tmp_path: Path) -> None:
    lab = redshift.cluster()
    (line,) = lab.lines[(redshift.ACCOUNT, redshift.REGION, "redshift:cluster")].values()
    del line["item"]["PubliclyAccessible"]
    assert redshift.reach(lab, tmp_path / "absent").verdict is Verdict.UNKNOWN
    line["item"]["PubliclyAccessible"] = False
    assert redshift.reach(lab, tmp_path / "false").verdict is Verdict.NO


@pytest.mark.parametrize(
    "rules",
    [None, "x", ["x"], [{"ResourceType": "collection"}], [{"Resource": ["collection/docs"]}]],
)
def test_rules_of_a_network_policy_that_cannot_be_read(tmp_path: Path, rules: Any) -> None:
    opening: dict[str, Any] = {"AllowFromPublic": True, "Rules": rules}
    found = serverless.reach(serverless.collection([opening]), tmp_path / "open")
    assert found.verdict is Verdict.UNKNOWN
    closing = opening | {"AllowFromPublic": False}
    found = serverless.reach(serverless.collection([closing]), tmp_path / "closed")
    assert failing(found) == ["network policy"]


@pytest.mark.parametrize(("kind", "verdict"), [("x", "conditional"), ("encryption", "no")])
def test_a_policy_whose_type_cannot_be_read_is_looked_at(
    tmp_path: Path, kind: str, verdict: str
) -> None:
    lab = serverless.collection([serverless.block()], kind=kind)
    assert serverless.reach(lab, tmp_path).verdict == verdict


@pytest.mark.parametrize("spans", [None, "x", [{"FromPort": "?"}]])
def test_an_accelerators_ports_that_cannot_be_read(tmp_path: Path, spans: Any) -> None:
    listener = {"ListenerArn": ga.LISTENER, "Protocol": "TCP", "PortRanges": spans}
    behind = ga.hidden([allow("tcp/443")])
    lab = ga.accelerator(behind, ga.endpoint("i-web"), listeners=[listener])
    found = ga.one(lab, tmp_path / "a", ga.INSTANCE, ga.V4)
    assert (found.verdict, found.ports) == (Verdict.UNKNOWN, ("tcp/443",))
    behind.item("sg-web")["IpPermissions"] = []
    assert ga.one(lab, tmp_path / "b", ga.INSTANCE, ga.V4).verdict is Verdict.NO


@pytest.mark.parametrize(
    "endpoints", ["x", ["x"], [{"EndpointId": None}], [{"Weight": 128}]], ids=str
)
def test_endpoints_of_an_accelerator_that_cannot_be_read(tmp_path: Path, endpoints: Any) -> None:
    lab = ga.accelerator(None, group={"EndpointDescriptions": endpoints})
    assert ga.one(lab, tmp_path / "a", ga.ACCELERATOR, ga.V4).verdict is Verdict.UNKNOWN
    lab = ga.accelerator(None, group={"EndpointDescriptions": []})
    assert failing(ga.one(lab, tmp_path / "b", ga.ACCELERATOR, ga.V4)) == ["endpoint"]


def test_a_collection_without_a_name_may_be_any(tmp_path: Path) -> None:
    lab = serverless.collection([serverless.block()], name=None)
    assert serverless.reach(lab, tmp_path / "a").verdict is Verdict.UNKNOWN
    lab = serverless.collection([serverless.block()], name="other")
    assert serverless.reach(lab, tmp_path / "b").verdict is Verdict.NO
