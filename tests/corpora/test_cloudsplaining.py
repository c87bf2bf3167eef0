"""``cloudsplaining``: real accounts load, and their admins are those that one would name."""

import pytest

from collector.snapshot.ledger import Status
from graph.verdict import Verdict
from tests.corpora import files
from tests.corpora.files import beside, needs_corpora
from tests.corpora.imported import edited

pytestmark = needs_corpora

FOLDER = "cloudsplaining"
PINNED = beside("admins.json")[FOLDER]
NAMES = [name for name in files.names(FOLDER) if name.rpartition("/")[2] in PINNED]

EXPLAINED = {
    "example_authz_v2.json": {
        "arn:aws:iam::aws:policy/AdministratorAccess": "its text is missing",
    },
}
"""Policies that cannot be read. The file names AdministratorAccess but does not hold its text, as
account details that were cut by hand; AWS's own answer always holds the attached policies."""


def test_every_account_file_is_here():
    assert {name.rpartition("/")[2] for name in NAMES} == PINNED.keys()


@pytest.mark.parametrize("name", NAMES)
def test_it_loads_without_a_warning_that_is_not_explained(name, corpus):
    one = corpus(name)
    assert one.result.warnings == ()
    assert one.unread() == EXPLAINED.get(name.rpartition("/")[2], {})
    said = {row.status for row in one.snapshot.ledger if row.service == "iam"}
    assert said <= {Status.OK, Status.EMPTY, Status.NOT_ATTEMPTED}


@pytest.mark.parametrize("name", NAMES)
def test_all_principals_arrive(name, corpus):
    held = files.read(name)
    listed = {row["Arn"] for row in (*held["UserDetailList"], *held["RoleDetailList"])}
    world = corpus(name).world
    assert {arn for arn, one in world.principals.items() if one.kind != "root"} == listed


@pytest.mark.parametrize("name", NAMES)
def test_admins_are_those_whose_policies_say_so(name, corpus):
    assert corpus(name).admins().keys() == PINNED[name.rpartition("/")[2]].keys()


@pytest.mark.parametrize("name", NAMES)
def test_service_linked_roles_are_never_admin(name, corpus):
    one = corpus(name)
    for arn, principal in one.world.principals.items():
        if principal.service_linked:
            assert one.admin(arn).answer.verdict is Verdict.NO


def test_who_has_a_policy_without_a_text_is_unknown(corpus):
    found = corpus(f"{FOLDER}/example_authz_v2.json").admins(Verdict.UNKNOWN)
    assert found.keys() == {"arn:aws:iam::012345678901:user/BlakeBortles"}


def test_twin_outside_of_the_admin_group_is_no_admin(corpus):
    user = "arn:aws:iam::012345678901:user/userwithlotsofpermissions"
    one = corpus(f"{FOLDER}/example-authz-details.json")
    twin = edited(one, user, lambda item: item | {"GroupList": []})
    assert user in one.admins()
    assert user not in twin.admins()


def test_twin_with_administrator_access_of_its_own_needs_no_group(corpus):
    user = "arn:aws:iam::012345678901:user/obama"
    one = corpus(f"{FOLDER}/example-authz-details.json")
    assert user in edited(one, user, lambda item: item | {"GroupList": []}).admins()


def test_twin_without_the_deny_is_admin(corpus):
    one = corpus(f"{FOLDER}/examples-files-example.json")
    user = "arn:aws:iam::200611803367:user/fp2-allow-and-deny-multiple-policies-user"

    def allow_only(item):
        kept = [row for row in item["AttachedManagedPolicies"] if row["PolicyName"] != "deny-all"]
        return item | {"AttachedManagedPolicies": kept}

    assert edited(one, user, allow_only).admins().keys() - one.admins().keys() == {user}
