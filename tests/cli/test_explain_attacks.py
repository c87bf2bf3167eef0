"""``mapper explain`` of rows of paths, of ``paths --choke`` and of blast: proof of every step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from derivation.aws_world import (
    DEV,
    EC2,
    FULL,
    LAMBDA,
    PROD,
    VENDOR,
    World,
    allow,
    iam,
    trusting,
)
from derivation.organisation import organisation
from mapper.attacking import blast_of, paths_of, wanted
from mapper.choking import choke
from mapper.errors import WrongUsageError
from mapper.explaining import explain
from mapper.explaining_attacks import attack_rows
from mapper.explanation import Explanation
from mapper.output.proof import proof_text
from mapper.session import Session
from mapper.whole_ways import way_of

OPEN, DEEP = iam("role", "open"), iam("role", "deep", DEV)
SHARED = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::open/*",
}


def world() -> World:
    """Anyone assumes a role, which assumes an admin role of another account; a bucket is public."""
    made = World()
    made.organisation(prod=PROD, dev=DEV)
    for account in (PROD, DEV):
        caller = {"Account": account}
        made.add("aws:account", account, {}, account=account, get_caller_identity=caller)
        made.role("plain", [EC2], account=account)
    made.role("open", [trusting("*")], allow("sts:AssumeRole"))
    made.role("deep", [trusting({"AWS": OPEN})], FULL, account=DEV)
    made.role("runs", [LAMBDA], allow("s3:GetObject"))
    made.user("alice", allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]))
    made.user("boss", FULL)
    made.user("maker", allow("iam:CreateAccessKey", iam("user", "boss")))
    made.bucket("open", SHARED)
    return made


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    with Session(world().write(tmp_path / "test")) as opened:
        yield opened


def proof(session: Session, *subject: str) -> Explanation:
    return explain(session, session.derivation, subject)


def told(explanation: Explanation) -> str:
    return proof_text(explanation, colour=False, whole=False)


def proved(explanation: Explanation) -> set[tuple[str, str]]:
    return {(one.source, one.target) for one in explanation.judgements}


def test_every_step_of_a_path_is_told_and_proved(session: Session) -> None:
    (row,) = (one for one in paths_of(session, wanted(session, "internet", "admin"))[0])
    found = proof(session, row.key[:8])
    assert found.row is not None
    assert found.row.key == row.key
    steps = [line for line in found.about if line.startswith("  ")]
    assert [line[:10] for line in steps] == ["  1. yes: ", "  2. yes: ", "  3. yes: "]
    assert set(pairwise(way_of(row))) == proved(found)
    targets = [one.target for one in found.judgements]
    assert targets == [OPEN, DEEP, f"account:{DEV}"]


def test_a_path_to_data_is_found_by_its_key(session: Session) -> None:
    rows, _ = paths_of(session, wanted(session, "internet", "data"))
    row = next(one for one in rows if one.id == "arn:aws:s3:::open")
    assert proved(proof(session, row.key)) == {(row.own["from"], row.id)}


def test_what_follows_from_any_node_is_proved(session: Session) -> None:
    for start in ("maker", "internet"):
        for row in blast_of(session, start)[1]:
            found = proof(session, row.key[:8])
            assert found.row is not None
            assert (found.row.key, found.row.own["class"]) == (row.key, row.own["class"])
            steps = [
                step for step in row.own["path"] if step["type"] not in ("CONTROLS", "IN_GROUP")
            ]
            ends = {one.target for one in found.judgements}
            assert {step["id"] for step in steps} <= ends
            told = [one for one in found.about if one.startswith("  ")]
            assert len(told) == len(row.own["path"])


def test_only_the_technique_that_the_row_took_is_proved(session: Session) -> None:
    row = next(one for one in blast_of(session, "maker")[1] if one.id == iam("user", "boss"))
    technique = row.own["path"][0]["technique"]
    found = proof(session, row.key)
    assert [one.mechanism for one in found.judgements] == [technique]
    assert f"[{technique}]" in told(found)


def test_a_change_is_told_with_what_it_cuts_and_what_trying_it_showed(session: Session) -> None:
    made = choke(session, wanted(session, "internet", "admin"), (), "none")
    first = made.rows[0]
    found = proof(session, first.key[:8])
    assert found.row is not None
    assert found.row.own["verified"] is True
    text = told(found)
    assert found.title.endswith(first.own["change"])
    assert "Change 1 of the plan; it is about a trust policy." in text
    assert "Paths that it cuts: 1 of 1; left then: 0." in text
    assert "Every path passes it: alone it cuts all." in text
    assert "Verified: Derived again with it, no path is left." in text
    assert "replace role/" in text
    cut = [line.split(" -CAN_ASSUME-> ") for line in first.own["steps_cut"]]
    assert proved(found) >= {(start, end) for start, end in cut}
    (path,) = paths_of(session, wanted(session, "internet", "admin"))[0]
    assert path.key[:8] in text


def test_a_change_that_cannot_be_written_is_not_called_verified(session: Session) -> None:
    made = choke(session, wanted(session, "internet", "data"), (), "none")
    row = next(one for one in made.rows if one.own["kind"] == "access")
    text = told(proof(session, row.key))
    assert "Not verified: " in text
    assert "it is about access to a resource." in text
    assert "Lines of the snapshot" not in text


def test_one_change_is_derived_and_no_other(session: Session) -> None:
    made = choke(session, wanted(session, "internet", "admin"), (), "none")
    assert len(made.rows) > 1
    tried = choke(session, wanted(session, "internet", "admin"), (), "all", only=made.rows[1].key)
    assert [row.own["verified"] for row in tried.rows[:2]] == [None, True]


def test_from_and_to_by_an_attack_path(session: Session) -> None:
    found = proof(session, "maker", "prod")
    assert found.row is not None
    assert way_of(found.row) == [iam("user", "maker"), iam("user", "boss"), f"account:{PROD}"]
    way = set(pairwise(way_of(found.row)))
    assert proved(found) == way | {(iam("user", "maker"), f"account:{PROD}")}
    refused = [one.question for one in found.judgements if one.answer.verdict == "no"]
    assert refused == ["admin"]
    nowhere = proof(session, iam("role", "plain"), "prod")
    assert nowhere.row is None
    assert {str(one.answer.verdict) for one in nowhere.judgements} <= {"no"}


def test_a_key_that_no_row_has_is_said(session: Session) -> None:
    assert attack_rows(session, "00000000") == []
    with pytest.raises(WrongUsageError, match="of reach, of blast, or of paths"):
        proof(session, "00000000")


def test_ways_over_the_network_of_a_machine_are_judged_there(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    with Session(organisation().write(tmp_path / "test")) as session:
        graph = session.attack_graph
        starts = [one.id for one in graph.things.values() if "EC2Instance" in one.end.labels]
        rows = [
            row
            for start in starts
            for row in blast_of(session, start)[1]
            if row.own["class"] == "network-only" and row.own["path"][-1]["type"] == "TARGETS"
        ]
        assert rows
        through = []
        for row in rows:
            found = explain(session, session.derivation, (row.key,))
            machine, passed = row.own["from"], row.own["path"][-2]["id"]
            if "loadbalancer" in passed:
                # A load balancer opens a connection of its own.
                through.append(row.id)
                assert {(machine, passed), (passed, row.id)} <= proved(found)
            else:
                assert (machine, row.id) in proved(found)
        assert through


def test_vendors_are_no_part_of_it(session: Session) -> None:
    """A key of a row of another start is not taken for one of the internet's."""
    keys = {row.key for row in blast_of(session, "alice")[1]}
    others = {row.key for row in blast_of(session, "internet")[1]}
    assert keys.isdisjoint(others)
    assert VENDOR not in told(proof(session, min(keys)))
