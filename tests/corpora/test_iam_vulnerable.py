"""``iam-vulnerable``: who is admin now, and who can only become it.

The labels say from where a path to admin leads. Paths are another matter; here stands who holds a
whole takeover set, and that nobody who must not be found is admin.
"""

from itertools import pairwise

import pytest

from graph.iam.assume import assume_answers
from graph.verdict import Verdict
from tests.corpora import files
from tests.corpora.files import beside, needs_corpora
from tests.corpora.imported import edited

pytestmark = needs_corpora

FOLDER = "iam-vulnerable"
NAMES = files.names(FOLDER)
PINNED = beside("admins.json")["iam-vulnerable"]
HERE = "arn:aws:iam::111111111111:"
ALL_SETS = frozenset(beside("admins.json")["all_techniques"])


def labels(name):
    return files.read(name)["expected"]


@pytest.mark.parametrize("name", NAMES)
def test_admins_are_those_that_hold_a_whole_takeover_set(name, corpus):
    found = corpus(name).admins()
    assert found == {HERE + arn: ALL_SETS for arn in PINNED[name.rpartition("/")[2]]}


@pytest.mark.parametrize("name", NAMES)
def test_the_root_user_is_admin_as_always(name, corpus):
    assert corpus(name).admin(f"{HERE}root").answer.verdict is Verdict.YES


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_admin_under_a_condition_or_for_want_of_data(name, corpus):
    one = corpus(name)
    assert one.admins(Verdict.CONDITIONAL) == {}
    assert one.admins(Verdict.UNKNOWN) == {}


@pytest.mark.parametrize(
    ("name", "arn"),
    [(name, arn) for name in NAMES for arn in labels(name)["cannot_escalate"]],
)
def test_who_cannot_escalate_is_no_admin(name, arn, corpus):
    assert corpus(name).admin(arn).answer.verdict is Verdict.NO


@pytest.mark.parametrize(
    ("name", "arn"),
    [(name, arn) for name in NAMES for arn in labels(name)["can_escalate"]],
)
def test_who_can_escalate_is_admin_only_with_a_whole_set(name, arn, corpus):
    held = arn.removeprefix(HERE) in PINNED[name.rpartition("/")[2]]
    assert (corpus(name).admin(arn).answer.verdict is Verdict.YES) is held


def without_deny(item):
    """The policy without its Deny statements; a policy of nothing else allows nothing."""
    for version in item["PolicyVersionList"]:
        document = version["Document"]
        kept = [row for row in document["Statement"] if row["Effect"] == "Allow"]
        version["Document"] = {**document, "Statement": kept}
    return item


@pytest.mark.parametrize(
    ("policy", "freed"),
    [
        ("fp1-allow-and-deny", {"user/fp1-allow-and-deny-user", "role/fp1-allow-and-deny-role"}),
        (
            "deny-all",
            {
                "user/fp2-allow-and-deny-multiple-policies-user",
                "role/fp2-allow-and-deny-multiple-policies-role",
            },
        ),
        ("fp3-deny-iam", set()),
    ],
)
def test_twins_without_the_deny_are_admin_where_an_allow_is_left(policy, freed, corpus):
    twin = edited(corpus(f"{FOLDER}/tool-testing.json"), f"{HERE}policy/{policy}", without_deny)
    assert {arn.removeprefix(HERE) for arn in twin.admins()} == freed


def test_the_user_of_the_admin_group_is_none_outside_of_it(corpus):
    user = f"{HERE}user/privesc-sre-user"
    one = corpus(f"{FOLDER}/combined.json")
    twin = edited(one, user, lambda item: item | {"GroupList": []})
    assert one.admins().keys() - twin.admins().keys() == {user}


def test_a_chain_of_roles_is_assumed_link_by_link_and_no_further(corpus):
    world = corpus(f"{FOLDER}/combined.json").world
    roles = [f"{HERE}role/privesc-AssumeRole-{one}-role" for one in ("starting", "intermediate")]
    roles.append(f"{HERE}role/privesc-AssumeRole-ending-role")
    for source, target in pairwise(roles):
        found = assume_answers(world, target)
        assert {row.source: row.answer.verdict for row in found} == {source: Verdict.YES}
