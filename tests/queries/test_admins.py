"""Rows of admins, direct and by a chain, and of the machines whose roles get there."""

from __future__ import annotations

from graph.verdict import Verdict
from queries.answers.admins import admin_rows, compute_rows
from queries.answers.answer import Filters, answered
from queries.answers.coverage import Coverage, Gap
from queries.answers.parties import Parties
from queries.answers.row import Row
from queries.runner import run_query
from tests.queries import organisation as org

OURS = frozenset({org.PROD, org.DEV, org.SEC})
PARTIES = Parties(collected=OURS, organisation=OURS)
DEV, SEC = f"account:{org.DEV}", f"account:{org.SEC}"


def rows_of(store) -> dict[tuple[str, str, str], Row]:
    made = admin_rows(run_query(store, "identity-steps"), PARTIES)
    return {(r.id, r.own["admin_of"], r.own["reach"]): r for r in made}


def machines_of(
    store, reached: dict[str, Verdict] | None = None, network: Coverage | None = None
) -> dict[tuple[str, str], Row]:
    made = compute_rows(
        run_query(store, "identity-steps"),
        run_query(store, "machines"),
        PARTIES,
        reached or {},
        network or Coverage(),
    )
    return {(r.id, r.own["admin_of"]): r for r in made}


def test_every_principal_that_reaches_admin_is_a_row(store) -> None:
    assert {(key, str(row.verdict)) for key, row in rows_of(store).items()} == {
        ((org.CAROL, DEV, "direct"), "yes"),
        ((org.ANY_ROLE, DEV, "direct"), "yes"),
        ((org.SEC_ADMIN, SEC, "direct"), "yes"),
        ((org.DAVE, DEV, "path"), "yes"),
        ((org.ERIN, DEV, "path"), "yes"),
        ((org.FRANK, f"account:{org.PROD}", "path"), "yes"),
        (("any-aws-principal", DEV, "path"), "yes"),
        ((org.WEB_ROLE, SEC, "path"), "conditional"),
        ((org.HOP_ROLE, SEC, "path"), "conditional"),
    }


def test_running_commands_on_a_set_of_machines_leads_to_the_role_of_one(store, changed) -> None:
    row = rows_of(store)[org.ERIN, DEV, "path"]
    assert [hop["id"] for hop in row.own["path"]] == [org.MACHINES, org.I_INSIDE, org.ANY_ROLE, DEV]
    assert row.own["techniques"][0] == "ssm-001"
    twin = changed(without=lambda one: one.start == org.MACHINES)
    assert (org.ERIN, DEV, "path") not in rows_of(twin)


def test_a_path_is_listed_beside_rights_of_its_own_only_where_it_is_stronger(changed) -> None:
    weak = org.walked("HAS_ADMIN", org.DAVE, DEV, "", "conditional", ("context:x",))
    rows = rows_of(changed(plus=(weak,)))
    assert rows[org.DAVE, DEV, "direct"].verdict is Verdict.CONDITIONAL
    assert rows[org.DAVE, DEV, "path"].verdict is Verdict.YES
    strong = org.walked("HAS_ADMIN", org.DAVE, DEV, "")
    assert (org.DAVE, DEV, "path") not in rows_of(changed(plus=(strong,)))


def test_what_an_admin_controls_leads_on_to_other_accounts(changed) -> None:
    """A sure admin gets no other relationship inside the account: CONTROLS leads on."""
    control = org.walked("CONTROLS", f"account:{org.PROD}", org.WEB_ROLE, "account")
    owner = org.walked("HAS_ADMIN", org.VENDOR_ROLE, f"account:{org.PROD}", "")
    rows = rows_of(changed(plus=(control, owner)))
    assert rows[org.VENDOR_ROLE, SEC, "path"].own["path"][0] == {
        "id": f"account:{org.PROD}",
        "type": "HAS_ADMIN",
    }
    assert (org.VENDOR_ROLE, SEC, "path") not in rows_of(changed(plus=(owner,)))


def test_writing_admin_rights_into_the_account_is_a_path(changed) -> None:
    bill = org.arn("iam", org.PROD, "user/bill")
    node = org._node(bill, "IAMUser", "AWS::IAM::User", org.PROD)
    hop = org.walked("CAN_ESCALATE_TO", bill, f"account:{org.PROD}", "iam:PutUserPolicy")
    rows = rows_of(changed(nodes=(node,), plus=(hop,)))
    assert (bill, f"account:{org.PROD}", "path") in rows


def test_sets_services_and_machines_are_no_principals(changed) -> None:
    group = org._node("principal-set:1", "PrincipalSet", None, org.DEV)
    twin = changed(
        nodes=(group,),
        plus=(
            org.walked("CAN_ASSUME", group.id, org.ANY_ROLE, "sts:AssumeRole"),
            org.walked("IN_GROUP", org.VENDOR_ROLE, group.id, "member"),
        ),
    )
    ids = {row.id for row in rows_of(twin).values()}
    assert org.VENDOR_ROLE in ids
    assert not ids & {"principal-set:1", org.I_INSIDE, "service:ec2.amazonaws.com"}


def test_root_users_are_listed_when_asked(changed) -> None:
    root = f"arn:aws:iam::{org.DEV}:root"
    node = org._node(root, "RootUser", "AWS::IAM::Root", org.DEV)
    twin = changed(nodes=(node,), plus=(org.walked("HAS_ADMIN", root, DEV, ""),))
    rows = list(rows_of(twin).values())
    plain = answered("admins", rows, Coverage(), Filters())
    assert root not in {row.id for row in plain.rows}
    assert plain.left_out == 1
    assert root in {r.id for r in answered("admins", rows, Coverage(), Filters(root=True)).rows}


def test_machines_are_rows_of_compute(store) -> None:
    rows = machines_of(store, {org.I_WEB: Verdict.YES})
    assert set(rows) == {(org.I_WEB, SEC), (org.I_INSIDE, DEV)}
    web, inside = rows[org.I_WEB, SEC], rows[org.I_INSIDE, DEV]
    assert (web.own["reach"], web.own["internet"], web.severity) == ("path", "yes", "high")
    assert (inside.own["reach"], inside.own["internet"]) == ("direct", "no")
    assert web.own["imds"] == {"v1": True, "endpoint": "enabled", "hop_limit": 2}
    assert str(web.verdict) == "conditional"


def test_imds_that_was_not_seen_is_not_said(changed) -> None:
    hop = org.walked("HAS_ROLE", org.I_MAYBE, org.ANY_ROLE)
    rows = machines_of(changed(plus=(hop,)))
    assert rows[org.I_MAYBE, DEV].own["imds"]["v1"] is None
    assert rows[org.I_INSIDE, DEV].own["imds"]["v1"] is True


def test_a_gap_where_the_machine_stands_makes_no_internet_unknown(store) -> None:
    def internet(account: str, region: str) -> str:
        gap = Gap(account, region, "ec2", "describe_route_tables", "denied", "ec2:route-table")
        rows = machines_of(store, network=Coverage((gap,)))
        return str(rows[org.I_INSIDE, DEV].own["internet"])

    assert internet(org.DEV, "eu-west-1") == "unknown"
    assert internet(org.DEV, "us-east-1") == "no"
    assert internet(org.PROD, "eu-west-1") == "no"


def test_the_saved_queries_find_the_same(store) -> None:
    saved = {
        (row["machine"], row["admin_of"])
        for row in run_query(store, "compute-admins").to_dict("records")
    }
    assert saved == set(machines_of(store))
    paths = {
        (row["id"], row["admin_of"])
        for row in run_query(store, "admins-paths").to_dict("records")
        if ":instance/" not in row["id"]
    }
    assert paths == {key[:2] for key in rows_of(store) if key[2] == "path"}
