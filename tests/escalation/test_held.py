"""Admin rights for a principal that is gained anyway: the account is gained, by whichever steps."""

from __future__ import annotations

from typing import Any

import pytest

from derivation.aws_world import DEV, EC2, FULL, LAMBDA, World, allow, iam, trusting
from escalation.identity_lab import (
    ACCOUNT,
    ADMIN,
    BY_ACCOUNT,
    GROUP,
    POLICY,
    ROLE,
    USER,
    attached,
    bounded,
    credentials,
    group,
    managed,
)
from escalation.technique_lab import ATTACKER, TechniqueWorld, derived, found, with_scp
from graph.escalation import gaining
from snapshot_files import REGION

Json = dict[str, Any]
WRITE = allow("iam:PutRolePolicy", ROLE)
PASS = (allow("iam:PassRole", ROLE), allow(["lambda:CreateFunction", "lambda:InvokeFunction"]))
MIDDLE = iam("role", "middle")
ONLY_MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
POLICY_OF = "x-iam-gained-policy"


def world_of(*rights: Json, trust: Json = LAMBDA, **more: Any) -> World:
    world = TechniqueWorld()
    world.role("victim", [trust], allow("s3:GetObject"), **more)
    world.role("bystander", [EC2])
    world.user("mallory", *rights)
    return world


def gained(world: World, technique: str = POLICY_OF, who: str = ATTACKER) -> dict[str, str]:
    rows = found(world, technique, who)
    return {end: str(one.props["verdict"]) for end, one in rows.items()}


@pytest.mark.technique(POLICY_OF)
def test_the_path_and_the_writing_are_told_in_their_order() -> None:
    (row,) = found(world_of(WRITE, *PASS), POLICY_OF).values()
    why = str(row.props["why"])
    assert why.index("can pass") < why.index("and then give") < why.index("an admin")
    assert row.props["actions"] == [
        "iam:PassRole",
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
        "iam:PutRolePolicy",
    ]
    assert row.props["via"] == [ROLE]


@pytest.mark.technique(POLICY_OF)
@pytest.mark.parametrize(
    ("trust", "expected"),
    [(BY_ACCOUNT, {ACCOUNT: "yes"}), (trusting({"AWS": iam("user", "nobody")}), {})],
)
def test_several_steps_lead_to_the_principal_that_is_written(
    trust: Json, expected: dict[str, str]
) -> None:
    world = world_of(WRITE, allow("sts:AssumeRole", MIDDLE), trust=trust)
    world.role("middle", [BY_ACCOUNT], allow("sts:AssumeRole", ROLE))
    assert gained(world) == expected
    if expected:
        (row,) = found(world, POLICY_OF).values()
        assert "in 2 steps" in str(row.props["why"])
        assert row.props["via"] == [ROLE, MIDDLE]


@pytest.mark.technique(POLICY_OF)
@pytest.mark.parametrize("there", [True, False])
def test_a_step_through_another_account_counts(there: bool) -> None:
    far = iam("role", "middle", DEV)
    world = world_of(WRITE, allow("sts:AssumeRole", far), trust=trusting({"AWS": far}))
    back = allow("sts:AssumeRole", ROLE if there else iam("role", "bystander"))
    world.role("middle", [trusting({"AWS": ATTACKER})], back, account=DEV)
    assert gained(world) == ({ACCOUNT: "yes"} if there else {})


@pytest.mark.technique(POLICY_OF)
@pytest.mark.parametrize("carried", ["victim", "bystander"])
def test_a_machine_that_commands_run_on_gives_its_role(carried: str) -> None:
    world = world_of(WRITE, allow("ssm:SendCommand"), trust=EC2)
    world.profile(carried, iam("role", carried))
    world.instance("i-1", iam("instance-profile", carried))
    agent = f"arn:aws:ssm:{REGION}:111122223333:managed-instance/i-1"
    told = {"InstanceId": "i-1", "PingStatus": "Online"}
    world.add("ssm:managed-instance", agent, told, region=REGION)
    assert gained(world) == ({ACCOUNT: "yes"} if carried == "victim" else {})


@pytest.mark.technique(POLICY_OF)
def test_a_condition_of_a_step_or_of_the_writing_stays() -> None:
    passing, lambdas = PASS
    for rights in ((WRITE, passing | ONLY_MFA, lambdas), (WRITE | ONLY_MFA, *PASS)):
        (row,) = found(world_of(*rights), POLICY_OF).values()
        assert row.props["verdict"] == "conditional"
        assert row.props["conditions"] == ["context:aws:MultiFactorAuthPresent=true"]


@pytest.mark.technique(POLICY_OF)
@pytest.mark.parametrize(("through", "enough"), [("*", True), ("s3:*", False)])
def test_a_boundary_of_the_gained_limits_what_is_written(through: str, enough: bool) -> None:
    limit = iam("policy", "limit")
    world = world_of(WRITE, *PASS, **bounded(limit))
    managed(world, limit, [allow(through)])
    assert gained(world) == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique(POLICY_OF)
def test_writing_one_role_and_gaining_another_gives_nothing() -> None:
    other = allow("iam:PutRolePolicy", iam("role", "bystander"))
    assert gained(world_of(other, *PASS)) == {}


@pytest.mark.technique(POLICY_OF, "iam-017")
def test_what_a_technique_of_its_own_tells_is_told_once() -> None:
    world = world_of(WRITE, allow("sts:AssumeRole", ROLE), trust=BY_ACCOUNT)
    assert gained(world, "iam-017") == {ACCOUNT: "yes", ROLE: "yes"}
    assert gained(world) == {}


@pytest.mark.technique(POLICY_OF)
@pytest.mark.parametrize(("policy", "enough"), [(ADMIN, True), (POLICY, False)])
def test_a_harmless_policy_is_no_gain(policy: str, enough: bool) -> None:
    limited = {"Condition": {"ArnEquals": {"iam:PolicyARN": policy}}}
    world = world_of(allow("iam:AttachRolePolicy", ROLE) | limited, *PASS)
    assert gained(world) == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique(POLICY_OF, "x-iam-createservicespecificcred")
def test_a_password_of_a_service_is_no_hold_of_the_user() -> None:
    world = world_of(
        allow("iam:PutUserPolicy", USER), allow("iam:CreateServiceSpecificCredential", USER)
    )
    world.user("victim")
    credentials(world, USER, [], password=False, mfa=False)
    assert gained(world) == {}
    world.user("mallory", allow(["iam:PutUserPolicy", "iam:CreateLoginProfile"], USER))
    assert gained(world) == {ACCOUNT: "yes"}


@pytest.mark.technique("x-iam-gained-version")
@pytest.mark.parametrize(("older", "enough"), [(3, True), (4, False)])
def test_a_sixth_version_needs_room(older: int, enough: bool) -> None:
    world = world_of(allow("iam:CreatePolicyVersion", POLICY), *PASS, **attached(POLICY))
    managed(world, POLICY, *[[allow("s3:*")]] * (older + 1))
    assert gained(world, "x-iam-gained-version") == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique("x-iam-gained-group")
def test_a_policy_of_a_group_is_one_of_its_members() -> None:
    rights = (allow("iam:PutGroupPolicy", GROUP), allow("iam:CreateAccessKey", USER))
    for member, enough in (("staff", True), ("other", False)):
        world = world_of(*rights)
        group(world, GROUP)
        group(world, iam("group", "other"))
        world.user("victim", GroupList=[member])
        world.user("somebody", GroupList=["other"])
        credentials(world, USER, [], password=False, mfa=False)
        assert gained(world, "x-iam-gained-group") == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique("x-iam-gained-boundary")
def test_a_boundary_that_hides_no_admin_is_no_gain() -> None:
    limit = iam("policy", "limit")
    free = allow("iam:DeleteRolePermissionsBoundary", ROLE)
    for held, enough in ((FULL, True), (allow("s3:*"), False)):
        world = TechniqueWorld()
        managed(world, limit, [allow("s3:*")])
        world.role("victim", [LAMBDA], held, **bounded(limit))
        world.role("bystander", [EC2])
        world.user("mallory", free, *PASS)
        expected = {ACCOUNT: "yes"} if enough else {}
        assert gained(world, "x-iam-gained-boundary") == expected


@pytest.mark.technique("x-iam-joinwrite")
def test_whose_group_it_may_write_it_must_be_able_to_join() -> None:
    for joined, enough in ((GROUP, True), (iam("group", "other"), False)):
        world = world_of(allow("iam:PutGroupPolicy", GROUP), allow("iam:AddUserToGroup", joined))
        group(world, GROUP)
        group(world, iam("group", "other"))
        assert gained(world, "x-iam-joinwrite") == ({ACCOUNT: "yes"} if enough else {})


@pytest.mark.technique(POLICY_OF)
def test_sets_of_roles_are_gone_through() -> None:
    names = [f"r{number}" for number in range(80)]
    world = world_of(
        allow("iam:PutRolePolicy", iam("role", "r7")),
        allow("iam:PassRole", iam("role", "r*")),
        allow(["lambda:CreateFunction", "lambda:InvokeFunction"]),
    )
    for name in names:
        world.role(name, [LAMBDA])
    assert gained(world) == {ACCOUNT: "yes"}


@pytest.mark.technique(POLICY_OF)
def test_what_was_not_looked_at_for_its_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(WRITE, allow("sts:AssumeRole", MIDDLE), trust=BY_ACCOUNT)
    world.role("middle", [BY_ACCOUNT], allow("sts:AssumeRole", ROLE))

    def told() -> list[str]:
        rows = derived(world).judgements
        return [str(one.answer.verdict) for one in rows if one.mechanism == "through-the-gained"]

    assert told() == []
    monkeypatch.setattr(gaining, "MOST", 0)
    assert told() == ["unknown"]


@pytest.mark.technique(POLICY_OF)
def test_an_scp_under_which_nobody_is_admin_ends_it() -> None:
    nobody = {"Effect": "Deny", "Action": ["iam:*", "sts:*"], "Resource": "*"}
    exempt = {"ArnNotEquals": {"aws:PrincipalArn": ATTACKER}}
    world = world_of(WRITE, *PASS)
    assert gained(with_scp(world)) == {ACCOUNT: "yes"}
    assert gained(with_scp(world, nobody | {"Condition": exempt})) == {}


RAISE = allow("iam:PutUserPolicy", ATTACKER)


def raising(*rights: Json, by: tuple[Json, ...] = (RAISE,)) -> World:
    """The attacker may take a writer that may write the attacker's own policies."""
    world = TechniqueWorld()
    world.role("middle", [BY_ACCOUNT], *by)
    world.role("bystander", [EC2])
    world.user("mallory", *rights)
    world.user("somebody")
    return world


TAKE = {
    "assumes": allow("sts:AssumeRole", MIDDLE),
    "writes-the-trust": allow("iam:UpdateAssumeRolePolicy", MIDDLE),
}


@pytest.mark.technique(POLICY_OF)
@pytest.mark.parametrize("right", TAKE.values(), ids=list(TAKE))
def test_who_is_taken_may_raise_the_one_that_took_it(right: Json) -> None:
    (row,) = found(raising(right), POLICY_OF).values()
    assert (row.end, row.props["verdict"]) == (ACCOUNT, "yes")
    assert row.props["via"] == [MIDDLE, ATTACKER]
    assert list(row.props["actions"])[-1] == "iam:PutUserPolicy"
    assert MIDDLE in str(row.props["why"])


@pytest.mark.technique(POLICY_OF)
@pytest.mark.parametrize(
    "world",
    [
        raising(),
        raising(TAKE["assumes"], by=(allow("iam:PutUserPolicy", iam("user", "nobody")),)),
        raising(TAKE["assumes"], by=(RAISE, {**RAISE, "Effect": "Deny"})),
        raising(allow("sts:AssumeRole", iam("role", "bystander"))),
    ],
    ids=["takes-nobody", "writes-another", "denied", "takes-another"],
)
def test_one_difference_and_nobody_raises_the_start(world: World) -> None:
    assert gained(world) == {}


@pytest.mark.technique(POLICY_OF)
def test_a_condition_of_the_writer_stays() -> None:
    office = {"Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}}
    (row,) = found(raising(TAKE["assumes"], by=(RAISE | office,)), POLICY_OF).values()
    assert row.props["verdict"] == "conditional"


@pytest.mark.technique("x-iam-gained-group")
@pytest.mark.parametrize("inside", [True, False])
def test_a_writer_raises_the_group_that_the_start_is_in(inside: bool) -> None:
    world = TechniqueWorld()
    group(world, GROUP)
    world.role("middle", [BY_ACCOUNT], allow("iam:PutGroupPolicy", GROUP))
    world.user("mallory", TAKE["assumes"], GroupList=["staff"] if inside else [])
    world.user("somebody", GroupList=["staff"])
    expected = {ACCOUNT: "yes"} if inside else {}
    assert gained(world, "x-iam-gained-group") == expected


@pytest.mark.technique(POLICY_OF)
@pytest.mark.parametrize("both", [True, False])
def test_one_that_is_held_writes_the_rights_of_another_that_is_held(both: bool) -> None:
    retrust = allow("iam:UpdateAssumeRolePolicy", ROLE)
    world = world_of(retrust, *([TAKE["assumes"]] if both else []))
    world.role("middle", [BY_ACCOUNT], WRITE)
    assert gained(world) == ({ACCOUNT: "yes"} if both else {})
    if both:
        (row,) = found(world, POLICY_OF).values()
        assert f"{ROLE} and {MIDDLE}" in str(row.props["why"])


@pytest.mark.technique(POLICY_OF)
def test_beyond_very_many_steps_backwards_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaining, "MOST", 0)
    world = raising(TAKE["assumes"])
    assert gained(world) == {}
    told = [one for one in derived(world).judgements if one.mechanism == "through-the-gained"]
    assert [str(one.answer.verdict) for one in told] == ["unknown"]
