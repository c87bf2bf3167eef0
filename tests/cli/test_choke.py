"""``mapper paths --choke`` on snapshots: each kind of change is written and tried."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import mapper.schema as schema_package
from derivation.aws_world import DEV, EC2, FULL, PROD, VENDOR, World, allow, trusting
from graph.derive import derive
from graph.verdict import Verdict
from mapper.attacking import nothing_found, wanted
from mapper.choking import choke
from mapper.choking_edits import CannotWriteError, Edits
from mapper.session import Session
from queries.answers.attack_records import attack_graph_of
from queries.answers.choke_changes import Change, Kind

SCHEMA = json.loads(
    (Path(next(iter(schema_package.__path__))) / "mapper-1.schema.json").read_text()
)


def world() -> World:
    """Two accounts, in which there is something to take over."""
    made = World()
    made.organisation(prod=PROD, dev=DEV)
    made.role("other", [EC2])
    made.user("plain")
    return made


def of_trust() -> tuple[World, str]:
    made = world()
    made.role("deploy", [trusting({"AWS": f"arn:aws:iam::{DEV}:root"})], FULL)
    made.role("runner", [EC2], allow("sts:AssumeRole"), account=DEV)
    return made, "runner"


def of_vendor() -> tuple[World, str]:
    made = world()
    made.role("audit", [trusting({"AWS": f"arn:aws:iam::{VENDOR}:root"})], FULL)
    return made, f"account:{VENDOR}"


def of_anyone() -> tuple[World, str]:
    made = world()
    made.role("open", [trusting("*")], FULL)
    return made, "internet"


def of_machine() -> tuple[World, str]:
    made = world()
    profile = made.profile("boss", made.role("boss", [EC2], FULL))
    return made, made.instance("i-0aaaaaaaaaaaaaaaa", profile)


def of_technique() -> tuple[World, str]:
    made = world()
    made.user("admin", FULL)
    made.user("alice", allow("iam:CreateAccessKey"))
    return made, "alice"


def of_members() -> tuple[World, str]:
    made = world()
    for name in ("ann", "ben", "cem"):
        made.user(name, allow("sts:AssumeRole"))
    made.role("shared", [trusting({"AWS": f"arn:aws:iam::{PROD}:root"})], FULL)
    return made, "user"


def of_group() -> tuple[World, str]:
    made = world()
    made.add(
        "iam:group",
        f"arn:aws:iam::{DEV}:group/bosses",
        {
            "Arn": f"arn:aws:iam::{DEV}:group/bosses",
            "GroupName": "bosses",
            "GroupId": "AGPABOSSES",
            "Path": "/",
            "GroupPolicyList": [
                {"PolicyName": "all", "PolicyDocument": {"Statement": [FULL]}},
            ],
            "AttachedManagedPolicies": [],
        },
        account=DEV,
    )
    made.role("target", [EC2], account=DEV)
    made.user("eve", account=DEV, GroupList=["bosses"])
    return made, "eve"


def asked(made: World, start: str, folder: Path, goal: str = "admin", verify: str = "all"):
    with Session(made.write(folder / "test")) as session:
        return choke(session, wanted(session, start, goal), (), verify)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("build", "kind"),
    [
        (of_trust, "trust"),
        (of_vendor, "trust"),
        (of_anyone, "trust"),
        (of_machine, "workload-role"),
        (of_technique, "technique"),
        (of_group, "admin"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_each_kind_of_change_is_tried_and_cuts_every_path(build, kind, tmp_path):
    found = asked(*build(), tmp_path)
    first = found.rows[0]
    assert first.own["kind"] == kind
    assert first.own["verified"] is True
    assert first.own["left"] == 0
    assert first.own["verification"] == "Derived again with it, no path is left."
    assert found.whole == first.own["overlay"]


def test_a_plan_of_two_changes_is_tried_step_by_step(tmp_path):
    found = asked(*of_members(), tmp_path)
    assert [(row.own["plan"], row.own["verified"]) for row in found.rows] == [(1, True), (2, True)]
    assert found.rows[1].own["verification"].startswith("Derived again with it and those before")
    assert "2 changes cut every path; counted by steps, no fewer do." in found.notes


def test_a_change_that_cuts_more_than_its_own_steps_is_told_as_it_was_tried(tmp_path):
    """The policy that makes her admin also lets her assume roles of the other account."""
    made, start = of_group()
    for name in ("deploy", "release"):
        trust = trusting({"AWS": f"arn:aws:iam::{DEV}:user/{start}"})
        made.role(name, [trust], allow("iam:*"))
    with Session(made.write(tmp_path / "test")) as session:
        ends = wanted(session, start, "admin")
        none, found = (choke(session, ends, (Verdict.YES,), word) for word in ("none", "all"))
    first, (only,) = none.rows[0].own, [row for row in found.rows if row.own["plan"]]
    assert (first["kind"], first["cuts"], first["left"], first["every_path"]) == (
        "admin",
        1,
        1,
        False,
    )
    assert (only.own["cuts"], only.own["left"], only.own["every_path"]) == (2, 0, True)
    assert "1 change cuts every path, seen by deriving again." in found.notes


def test_access_is_taken_where_it_names_the_resource(tmp_path):
    made = world()
    made.user("bob", allow("s3:GetObject", "arn:aws:s3:::data/*"))
    made.bucket("data")
    (row,) = asked(made, "bob", tmp_path, "data").rows
    assert (row.own["kind"], row.own["verified"]) == ("access", True)
    (line,) = row.own["overlay"]
    (own, new) = line["line"]["item"]["UserPolicyList"]
    assert own["PolicyName"] == "own"
    assert new["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Deny",
            "Action": ["s3:GetObject"],
            "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
        }
    ]


def test_a_trust_policy_gets_a_deny_and_keeps_the_rest(tmp_path):
    (row, *_) = asked(*of_trust(), tmp_path).rows
    (line,) = row.own["overlay"]
    allowed, denied = line["line"]["item"]["AssumeRolePolicyDocument"]["Statement"]
    assert allowed == trusting({"AWS": f"arn:aws:iam::{DEV}:root"})
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{DEV}:role/runner"]}
    }


def test_the_policy_of_a_resource_is_not_written(tmp_path):
    made = world()
    made.bucket("open", {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                         "Resource": "arn:aws:s3:::open/*"})  # fmt: skip
    found = asked(made, "internet", tmp_path, "data")
    assert found.whole is None
    assert {row.own["verified"] for row in found.rows} == {None}
    assert all("not rewritten" in row.own["verification"] for row in found.rows)
    assert found.rows[0].own["overlay"] is None


def test_a_change_after_which_paths_are_left_says_so(tmp_path):
    """The graph that was asked knows one role less than the snapshot that is derived again."""
    made, start = of_trust()
    older = made.twin()
    made.role("deploy2", [trusting({"AWS": f"arn:aws:iam::{DEV}:root"})], FULL)
    stale = derive(older.write(tmp_path / "older"))
    with Session(made.write(tmp_path / "test")) as session:
        session.__dict__["attack_graph"] = attack_graph_of(stale.nodes, stale.relationships)
        found = choke(session, wanted(session, start, "admin"), (), "top")
    assert found.rows[0].own["verified"] is False
    assert found.rows[0].own["verification"].endswith("paths are left.")


def test_without_trying_rows_say_so(tmp_path):
    made, start = of_trust()
    found = asked(made, start, tmp_path, verify="none")
    assert found.rows[0].own["verified"] is None
    assert "--verify all" in found.rows[0].own["verification"]
    assert found.rows[0].own["overlay"]


def test_derived_and_loaded_graphs_are_walked_alike(tmp_path):
    made, _ = of_members()
    derived = derive(made.write(tmp_path / "one"))
    with Session(made.write(tmp_path / "test")) as session:
        loaded = session.attack_graph
        direct = attack_graph_of(derived.nodes, derived.relationships)
        assert direct.things == loaded.things
        key = repr
        assert sorted(direct.every_link(), key=key) == sorted(loaded.every_link(), key=key)


def command(made: World, folder: Path, mapper, *arguments: object):
    place = folder / "snapshots" / "test"
    made.write(place)
    return mapper("paths", "--snapshot", place, *arguments)


def test_the_overlays_are_what_what_if_takes(tmp_path, mapper):
    made, start = of_trust()
    ends = ("--from", start)
    out = tmp_path / "overlays"
    told = command(made, tmp_path, mapper, *ends, "--choke", "--write-overlay", out,
                   "--format", "json")  # fmt: skip
    assert told.code == 0
    jsonschema.Draft202012Validator(SCHEMA).validate(told.json)
    assert told.json["notes"]
    assert sorted(path.name for path in out.iterdir()) == ["change-1.json", "plan.json"]
    before = command(made, tmp_path, mapper, *ends, "--format", "json").json
    after = command(made, tmp_path, mapper, *ends, "--format", "json",
                    "--what-if", out / "plan.json").json  # fmt: skip
    assert len(before["rows"]) > len(after["rows"]) == 0
    again = command(made, tmp_path, mapper, *ends, "--choke", "--what-if", out / "plan.json")
    assert again.code == 0
    assert "0 rows" in again.out


def test_a_plan_is_written_on_top_of_what_is_already_asked(tmp_path, mapper):
    made, start = of_trust()
    made.role("deploy2", [trusting({"AWS": f"arn:aws:iam::{DEV}:root"})], FULL)
    ends = ("--from", start, "--choke", "-k", "1")
    one, two = tmp_path / "one", tmp_path / "two"
    command(made, tmp_path, mapper, *ends, "--write-overlay", one)
    first = one / "change-1.json"
    command(made, tmp_path, mapper, *ends, "--what-if", first, "--write-overlay", two)
    changed = [change["id"] for change in json.loads((two / "plan.json").read_text())]
    assert changed == [f"arn:aws:iam::{PROD}:role/deploy", f"arn:aws:iam::{PROD}:role/deploy2"]


def test_the_table_has_a_line_for_each_change(tmp_path, mapper):
    told = command(*of_members()[:1], tmp_path, mapper, "--from", "user", "--choke")
    assert "The few changes that cut most paths" in told.out
    assert "A path is a way in and a goal" in told.out


def test_nothing_to_cut_says_how_far_the_start_leads(tmp_path, mapper):
    made = world()
    made.role("reader", [trusting({"AWS": f"arn:aws:iam::{PROD}:user/plain"})])
    told = command(made, tmp_path, mapper, "--from", "plain", "--choke")
    assert told.code == 0
    assert "0 rows" in told.out
    assert "none of which leads on to admin" in " ".join(told.out.split())


def test_what_belongs_to_choke_is_refused_without_it(tmp_path, mapper):
    told = command(world(), tmp_path, mapper, "--verify", "all")
    assert told.code == 2
    assert "--choke" in told.err


def test_what_cannot_be_read_of_a_policy_stays_as_it_is(tmp_path):
    made, _ = of_trust()
    clean = derive(made.write(tmp_path / "clean"))
    deploy = f"arn:aws:iam::{PROD}:role/deploy"
    made.item(deploy)["AssumeRolePolicyDocument"]["Statement"].append("not a statement")
    graph = attack_graph_of(clean.nodes, clean.relationships)
    edits = Edits(made.write(tmp_path / "test"), graph)
    edits.add(Change(Kind.TRUST, deploy, f"arn:aws:iam::{DEV}:role/runner"), [])
    (line,) = edits.changes()
    _, broken, denied = line["line"]["item"]["AssumeRolePolicyDocument"]["Statement"]
    assert broken == "not a statement"
    assert denied["Effect"] == "Deny"


def test_a_policy_that_cannot_be_read_is_not_written(tmp_path):
    made, _ = of_trust()
    clean = derive(made.write(tmp_path / "clean"))
    deploy = f"arn:aws:iam::{PROD}:role/deploy"
    made.item(deploy)["AssumeRolePolicyDocument"] = "%7Bnot json"
    edits = Edits(made.write(tmp_path / "test"), attack_graph_of(clean.nodes, clean.relationships))
    with pytest.raises(CannotWriteError, match="cannot be read"):
        edits.add(Change(Kind.TRUST, deploy, f"arn:aws:iam::{DEV}:role/runner"), [])
    assert edits.changes() == []


def test_without_a_path_the_nearest_lock_is_named(tmp_path):
    """A role trusts him, and a Deny of his own keeps him out; whom nobody trusts has no lock."""
    made = world()
    made.role("deploy", [trusting({"AWS": f"arn:aws:iam::{DEV}:user/bob"})], FULL)
    refused = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}
    made.user("bob", refused, account=DEV)
    made.user("carol", refused, account=DEV)
    with Session(made.write(tmp_path / "test")) as session:
        told = " ".join(nothing_found(session, wanted(session, "bob", "admin")))
        assert "The nearest lock: deploy trusts bob" in told
        assert "mapper explain bob deploy tells why" in told
        told = nothing_found(session, wanted(session, "carol", "admin"))
        assert not any("nearest lock" in text for text in told)
