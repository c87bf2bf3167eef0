"""A user's access key in data, from the command line: paths, blast, admins, explain and choke."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from derivation.aws_world import DEV, EC2, FULL, PROD, allow
from escalation.key_lab import OWNER, SECRET, KeyWorld, both, key_id
from escalation.technique_lab import MANAGEMENT
from graph.escalation.technique import ACCESS_KEY_FOUND
from mapper.cli import run
from network.aws_shapes import arn, exposed

MACHINE = arn("instance", "i-web")
ADMIN = f"account:{PROD}"
Ask = Callable[..., Any]


def world(text: str) -> KeyWorld:
    """A machine that the internet reaches, with a text in its user data; an admin's key."""
    made = KeyWorld()
    made.lab = exposed()
    item = made.lab.item("i-web")
    made.hold(
        "ec2:instance", MACHINE, item, describe_instance_attribute={"UserData": {"Value": text}}
    )
    made.organisation(management=MANAGEMENT, prod=PROD, dev=DEV)
    made.key(made.owner(FULL))
    for account in (PROD, DEV):
        made.role("other", [EC2], account=account)  # An admin needs somebody to take over.
    return made


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Ask:
    """Ask a world something; its rows."""
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    snapshots: dict[int, Path] = {}

    def asked(made: KeyWorld, *words: str) -> Any:
        folder = snapshots.setdefault(id(made), tmp_path / str(len(snapshots)))
        if not folder.exists():
            made.write(folder)
        assert run([*words, "--snapshot", str(folder), "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)["rows"]

    return asked


def steps(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(hop["type"], hop["id"]) for hop in row["hops"]]


def test_from_the_internet_by_a_machine_to_the_user_to_admin(ask: Ask) -> None:
    (row,) = ask(world(both()), "paths")
    assert row["verdict"] == "yes"
    assert steps(row)[-2:] == [("CAN_ESCALATE_TO", OWNER), ("HAS_ADMIN", ADMIN)]
    assert row["hops"][-2]["technique"] == ACCESS_KEY_FOUND


def test_its_twin_without_a_key_has_no_path(ask: Ask) -> None:
    assert ask(world("echo nothing"), "paths") == []


def test_its_twin_without_the_secret_has_a_path_under_that_condition(ask: Ask) -> None:
    (row,) = ask(world(f"export AWS_ACCESS_KEY_ID={key_id()}"), "paths")
    assert row["verdict"] == "conditional"
    assert f"secret:aws-secret-access-key={key_id()}" in row["conditions"]


def test_a_function_that_anyone_may_call_does_not_show_its_environment(ask: Ask) -> None:
    made = KeyWorld()
    made.key(made.owner(FULL))
    node = made.function(AWS_ACCESS_KEY_ID=key_id(), AWS_SECRET_ACCESS_KEY=SECRET)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:InvokeFunction",
        "Resource": node,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made.lines[PROD, "eu-west-1", "lambda:function"][node]["calls"]["get_policy"] = {
        "status": "ok",
        "value": {"Policy": policy},
    }
    assert ask(made, "paths", "--from", "internet", "--to", OWNER) == []
    (row,) = ask(made, "paths", "--from", node, "--to", OWNER)
    assert row["verdict"] == "yes"


def test_blast_of_what_holds_a_key_has_the_user_and_its_account(ask: Ask) -> None:
    found = {row["id"]: row["class"] for row in ask(world(both()), "blast", MACHINE)}
    assert found[OWNER] == "principal"
    assert found[ADMIN] == "admin"


def test_a_thing_that_holds_a_key_is_no_principal_but_a_machine_is_told_with_compute(
    ask: Ask,
) -> None:
    made = world(both())
    parameter = f"arn:aws:ssm:eu-west-1:{PROD}:parameter/key"
    made.hold("ssm:parameter", parameter, {"Name": "/key"})
    made.hold("ssm:parameter-value", parameter, {}, get_parameters={"Value": both()})
    (found,) = [row for row in ask(made, "blast", parameter) if row["id"] == OWNER]
    assert found["verdict"] == "yes"
    assert {row["id"] for row in ask(made, "admins")} == {OWNER}
    (row,) = ask(made, "admins", "--compute", "--workloads")
    assert (row["id"], row["internet"]) == (MACHINE, "yes")


def test_who_reads_the_place_becomes_admin_by_name_of_the_call(ask: Ask) -> None:
    made = world(both())
    made.user("reader", allow("ec2:DescribeInstanceAttribute"))
    rows = {row["name"]: row for row in ask(made, "admins")}
    (first, last) = rows["reader"]["path"]
    assert (first["id"], first["technique"]) == (OWNER, "x-access-key-in-user-data")
    assert last["type"] == "HAS_ADMIN"


def test_explain_names_the_place_and_the_id_and_never_the_secret(
    ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world(both())
    ask(made, "paths")
    assert run(["explain", MACHINE, OWNER, "--snapshot", str(tmp_path / "0")]) == 0
    told = capsys.readouterr().out
    assert key_id() in told
    assert "UserData" in told
    assert SECRET not in told


def test_choke_deactivates_the_key_and_tries_it(ask: Ask) -> None:
    rows = ask(world(both()), "paths", "--choke", "--from", MACHINE)
    (row,) = [row for row in rows if row["kind"] == "access-key"]
    assert row["verified"] is True
    assert "Deactivate the access key of owner" in row["change"]


def test_a_key_of_another_account_is_a_way_into_it(ask: Ask) -> None:
    made = world(both(key_id(1, DEV)))
    far = made.owner(FULL, name="far", account=DEV)
    made.key(far, key_id(1, DEV))
    (row,) = ask(made, "paths")
    assert row["id"] == f"account:{DEV}"
    assert ("CAN_ESCALATE_TO", far) in steps(row)
