"""``mapper trusts`` from a snapshot to its table: chains, options, what is not known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.derive import derive
from queries.answers.chains import Chains
from queries.answers.walk import hops_of
from queries.runner import records, run_query
from tests.queries.embedded import Embedded
from tests.snapshot_files import line, write_snapshot

PROD, SHARED, DEV = "111111111111", "222222222222", "333333333333"
NOBODY = "999999999999"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
UNSAID = object()
MADE: dict[str, str] = {}
"""When roles were made, by name; nothing is said of others."""


def arn(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def role(
    account: str,
    name: str,
    trusts: list[str],
    *statements: Any,
    admin: bool = False,
    used: Any = UNSAID,
) -> dict[str, Any]:
    own = {"Version": "2012-10-17", "Statement": list(statements)}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": trusts}}
    item = {
        "Arn": arn(account, name),
        "RoleName": name,
        "RoleId": f"AROA{name.upper():0<17}",
        "Path": "/",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": own}] if statements else [],
        "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": ADMIN}] if admin else [],
        "InstanceProfileList": [],
        "Tags": [],
    }
    if name in MADE:
        item["CreateDate"] = MADE[name]
    if used is not UNSAID:
        item["RoleLastUsed"] = used
    return line(item["Arn"], item)


def assumes(*names: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": "sts:AssumeRole", "Resource": list(names)}


LATELY = {"LastUsedDate": "2026-11-20T00:00:00Z"}
OUTSIDE = f"account:{NOBODY}"
ENTRY, HUB, CROWN = arn(PROD, "entry"), arn(SHARED, "hub"), arn(DEV, "crown")


def lines(
    *denied: str, entry_used: Any = UNSAID
) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Nobody's account -> entry (prod) -> hub (shared) -> crown (dev, admin); some roles deny."""

    def denies(name: str) -> list[dict[str, Any]]:
        return [assumes("*", effect="Deny")] if name in denied else []

    administrator = line(
        ADMIN,
        {
            "Arn": ADMIN,
            "Path": "/",
            "PolicyVersionList": [
                {
                    "VersionId": "v1",
                    "IsDefaultVersion": True,
                    "Document": {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                    },
                }
            ],
        },
    )
    return {
        (PROD, "global", "iam:role"): [
            role(PROD, "entry", [NOBODY], assumes(HUB), *denies("entry"), used=entry_used)
        ],
        (SHARED, "global", "iam:role"): [
            role(SHARED, "hub", [ENTRY], assumes(CROWN), *denies("hub"), used=LATELY)
        ],
        (DEV, "global", "iam:role"): [role(DEV, "crown", [HUB], admin=True, used=LATELY)],
        (DEV, "global", "iam:policy"): [administrator],
        (SHARED, "global", "org:account"): [
            line(account, {"Id": account, "Name": name, "Status": "ACTIVE"})
            for account, name in ((PROD, "prod"), (SHARED, "shared"), (DEV, "dev"))
        ],
    }


@pytest.fixture
def ask(mapper: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask ``mapper trusts`` of the chain's snapshot."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAPPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*options: str, used: Any = UNSAID) -> Any:
        name = f"snapshot-{len(list(tmp_path.iterdir()))}"
        write_snapshot(tmp_path / name, lines(entry_used=used))
        return mapper("trusts", "-q", "--snapshot", tmp_path / name, *options)

    return call


def starts(outcome: Any) -> list[tuple[str, int]]:
    assert outcome.code == 0, outcome.err
    return sorted((row["from"], len(row["hops"])) for row in outcome.json["rows"])


def test_a_chain_over_three_accounts_is_one_row_with_its_accounts_by_name(ask) -> None:
    text = ask().out
    assert "entry (prod) > hub (shared) >" in " ".join(text.split())
    assert "admin of dev" in text


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), [(HUB, 1), (ENTRY, 1), (ENTRY, 3), (OUTSIDE, 1), (OUTSIDE, 4)]),
        (("--external",), [(OUTSIDE, 1), (OUTSIDE, 4)]),
        (("--from", "prod"), [(ENTRY, 1), (ENTRY, 3)]),
        (("--from", "prod,shared", "--single-hop"), [(HUB, 1), (ENTRY, 1)]),
        (("--to", "dev"), [(HUB, 1), (ENTRY, 3), (OUTSIDE, 4)]),
        (("--to", DEV, "--from", NOBODY), [(OUTSIDE, 4)]),
        (("--vendors",), []),
    ],
)
def test_options_leave_what_they_say(ask, options: tuple[str, ...], expected: Any) -> None:
    assert starts(ask(*options, "--format", "json")) == sorted(expected)


def test_a_table_says_what_was_asked_for(ask) -> None:
    assert "Only --from prod --single-hop." in ask("--from", "prod", "--single-hop").out


def test_a_name_that_nothing_has_is_refused(ask) -> None:
    outcome = ask("--from", "pord")
    assert outcome.code == 2
    assert "Did you mean prod?" in outcome.err
    assert ask("--to", "elsewhere").code == 2


@pytest.mark.parametrize(
    ("used", "unused", "noted"),
    [
        ({}, "never", False),
        ({"LastUsedDate": "2026-03-01T00:00:00Z"}, "2026-03-01", False),
        ({"LastUsedDate": "2026-11-21T00:00:00Z"}, None, False),
        (UNSAID, None, True),
    ],
)
def test_unused_tells_never_from_not_known(ask, used: Any, unused: str | None, noted: bool) -> None:
    made = ask("--unused", "--external", "--format", "json", used=used).json
    assert {row["unused"] for row in made["rows"]} == ({unused} if unused else set())
    assert (
        any("the last use of some roles (2 rows" in text for text in made["not_evaluated"]) is noted
    )


def test_the_threshold_is_that_of_the_configuration(ask, tmp_path: Path) -> None:
    used = {"LastUsedDate": "2026-11-10T00:00:00Z"}
    asked = ("--unused", "--external", "--format", "json")
    assert not ask(*asked, used=used).json["rows"]
    (tmp_path / "mapper.toml").write_text("[thresholds]\nunused_days = 10\n")
    assert len(ask(*asked, used=used).json["rows"]) == 2
    (tmp_path / "mapper.toml").write_text('[thresholds]\nunused_days = "ten"\n')
    assert ask(*asked).code == 2


def test_explain_proves_every_hop_of_a_row(ask, mapper, tmp_path: Path) -> None:
    (row,) = (row for row in ask("--external", "--to", "dev", "--format", "json").json["rows"])
    proof = mapper("explain", "-qv", row["key"][:8], "--snapshot", tmp_path / "snapshot-0")
    assert proof.code == 0
    shown = [text for text in proof.out.splitlines() if "AssumeRolePolicyDocument" in text]
    for found in (ENTRY, HUB, CROWN):
        assert any(found in text and text.endswith("/Statement/0") for text in shown)


def test_explain_of_a_trust_proves_that_the_role_is_admin(ask, mapper, tmp_path: Path) -> None:
    asked = ("--from", "shared", "--to", "dev", "--format", "json")
    (row,) = ask(*asked).json["rows"]
    assert row["admin_of"] == [f"account:{DEV}"]
    proof = mapper("explain", "-q", row["key"][:8], "--snapshot", tmp_path / "snapshot-0").out
    assert "Allowed by managed policy AdministratorAccess, statement 0." in proof
    assert "attacker" not in proof


def test_an_end_that_only_starts_rows_is_no_empty_answer(ask) -> None:
    refused = ask("--to", NOBODY)
    assert refused.code == 2
    assert f"nothing ends there. Ask --from {NOBODY}." in refused.err
    assert ask("--from", NOBODY).code == 0
    assert [row["id"] for row in ask("--to", "hub", "--format", "json").json["rows"]] == [HUB]


def test_a_role_made_of_late_is_not_unused(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("--unused", "--external", "--format", "json")
    assert {row["unused"] for row in ask(*asked, used={}).json["rows"]} == {"never"}
    monkeypatch.setitem(MADE, "entry", "2026-11-20T00:00:00Z")
    assert ask(*asked, used={}).json["rows"] == []
    monkeypatch.setitem(MADE, "entry", "2024-11-20T00:00:00Z")
    assert {row["unused"] for row in ask(*asked, used={}).json["rows"]} == {"never"}


def chains(folder: Path, *denied: str) -> set[tuple[str, str]]:
    derived = derive(write_snapshot(folder, lines(*denied)))
    store = Embedded(derived.nodes, derived.relationships)
    found = Chains(hops_of(records(run_query(store, "identity-steps"))))
    return {
        (start, account)
        for account, hops in found.admins().items()
        for start in found.to_account(hops)
    }


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(["entry", "hub"])), st.sampled_from(["entry", "hub"]))
def test_a_deny_never_adds_a_chain(
    tmp_path_factory: pytest.TempPathFactory, denied: set[str], more: str
) -> None:
    folder = tmp_path_factory.mktemp("worlds")
    before = chains(folder / "before", *denied)
    after = chains(folder / "after", *denied, more)
    assert after <= before
    assert (OUTSIDE, f"account:{DEV}") not in after
    assert json.dumps(sorted(after)) == json.dumps(sorted(chains(folder / "again", *denied, more)))
