"""Worlds for the techniques of IAM itself: who holds exactly which rights on which principal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from derivation.aws_world import FULL, LAMBDA, PROD, World, allow, doc, iam, trusting
from escalation.technique_lab import ATTACKER, VICTIM, TechniqueWorld
from snapshot_files import Absent

Json = dict[str, Any]
USER = iam("user", "victim")
ROLE = VICTIM
SELF_ROLE = iam("role", "mallory")
GROUP = iam("group", "staff")
POLICY = iam("policy", "own")
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ACCOUNT = f"account:{PROD}"
PROVIDER = iam("saml-provider", "login")
NOTHING = allow("sts:GetCallerIdentity")


@dataclass(frozen=True)
class Scenario:
    """A technique of IAM with the rights that it takes.

    Attributes:
        technique: its id.
        rights: each needed.
        make: a world in which the attacker has some rights.
        gained: nodes with verdicts.
        who: the attacker.
    """

    technique: str
    rights: tuple[Json, ...]
    make: Callable[[Sequence[Json]], World]
    gained: dict[str, str]
    who: str = ATTACKER

    def __str__(self) -> str:
        return (
            f"{self.technique}-{'-'.join(row['Action'].partition(':')[2] for row in self.rights)}"
        )


def managed(world: World, arn: str, *versions: Sequence[Json], **more: Any) -> str:
    """A managed policy; its last version is in force."""
    rows = [
        {"VersionId": f"v{number}", "IsDefaultVersion": False, "Document": doc(*statements)}
        for number, statements in enumerate(versions, 1)
    ]
    rows[-1]["IsDefaultVersion"] = True
    name = arn.rpartition("/")[2]
    last = rows[-1]["VersionId"]
    item = {"Arn": arn, "PolicyName": name, "DefaultVersionId": last, "PolicyVersionList": rows}
    return world.add("iam:policy", arn, item | more)


def attached(*arns: str) -> Json:
    """What a principal with attached policies has."""
    return {
        "AttachedManagedPolicies": [
            {"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in arns
        ]
    }


def bounded(arn: str) -> Json:
    """What a principal with a boundary has."""
    bound = {"PermissionsBoundaryArn": arn, "PermissionsBoundaryType": "Policy"}
    return {"PermissionsBoundary": bound}


def group(world: World, arn: str, *inline: Json, **more: Any) -> str:
    """A group with one inline policy, if it has statements."""
    rows = [{"PolicyName": "own", "PolicyDocument": doc(*inline)}] if inline else []
    item = {"Arn": arn, "GroupName": arn.rpartition("/")[2], "GroupPolicyList": rows}
    return world.add("iam:group", arn, {**item, "AttachedManagedPolicies": [], **more})


def credentials(world: World, user: str, keys: Sequence[str], password: bool, mfa: bool) -> None:
    """What a user signs in with."""
    listed = [{"AccessKeyId": f"AKIA{n}", "Status": one} for n, one in enumerate(keys)]
    profile = {"LoginProfile": {"UserName": user}} if password else Absent
    devices = [{"SerialNumber": "arn:mfa"}] if mfa else []
    world.add(
        "iam:user-credentials",
        user,
        {},
        list_access_keys=listed,
        get_login_profile=profile,
        list_mfa_devices=devices,
    )


def on_user(
    keys: Sequence[str] = (), *, password: bool = False, mfa: bool = False, read: bool = True
) -> Callable[[Sequence[Json]], World]:
    """Another user in a state of its credentials."""

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        world.user("victim", allow("s3:GetObject"))
        if read:
            credentials(world, USER, keys, password, mfa)
        world.user("mallory", *rights)
        return world

    return make


def on_role(*trust: Json, policy: bool = False, versions: int = 1, bound: bool = False) -> Any:
    """A role with a trust policy."""

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        more = {}
        if policy:
            managed(world, POLICY, *([allow("s3:GetObject")],) * versions)
            more = attached(POLICY)
        if bound:
            managed(world, iam("policy", "limit"), [allow("s3:*")])
            more |= bounded(iam("policy", "limit"))
        held = [FULL] if bound else [allow("s3:ListBucket")]
        world.role("bystander", [LAMBDA])
        world.role("victim", list(trust), *held, **more)
        world.user("mallory", *rights)
        return world

    return make


BY_ACCOUNT = trusting({"AWS": f"arn:aws:iam::{PROD}:root"})


def on_self(kind: str) -> Callable[[Sequence[Json]], World]:
    """The attacker itself, a user in a group or a role."""

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        group(world, GROUP, NOTHING)
        if kind == "user":
            world.user("mallory", *rights, GroupList=["staff"])
        else:
            world.role("mallory", [LAMBDA], *rights)
        return world

    return make


def on_own_policy(*older: Json) -> Callable[[Sequence[Json]], World]:
    """A customer-managed policy of the attacker's own with its rights, and older versions."""

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        managed(world, POLICY, *([row] for row in older), list(rights) or [NOTHING])
        world.user("mallory", **attached(POLICY))
        return world

    return make


def within_boundary(kind: str) -> Callable[[Sequence[Json]], World]:
    """An admin but for a boundary that leaves it its rights."""

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        limit = managed(world, iam("policy", "limit"), [NOTHING, *rights])
        world.role("bystander", [LAMBDA])
        if kind == "user":
            world.user("mallory", FULL, **bounded(limit))
        else:
            world.role("mallory", [LAMBDA], FULL, **bounded(limit))
        return world

    return make


def denied(kind: str, place: str) -> Callable[[Sequence[Json]], World]:
    """An admin but for a Deny in one place that leaves it its rights."""

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        left = ["sts:GetCallerIdentity", *(row["Action"] for row in rights)]
        no = {"Effect": "Deny", "NotAction": left, "Resource": "*"}
        narrow = [{"Effect": "Deny", "Action": row["Action"], "NotResource": row["Resource"]}
                  for row in rights]  # fmt: skip
        inline, held, own = [FULL], {}, {"AttachedManagedPolicies": []}
        if place == "inline":
            inline += [no, *narrow]
        if place == "managed":
            own = attached(managed(world, POLICY, [no, *narrow]))
        if place == "group-managed":
            held = attached(managed(world, POLICY, [no, *narrow]))
        if kind == "role":
            world.role("mallory", [LAMBDA], **_two(inline), **own)
            return world
        group(world, GROUP, *([no, *narrow] if place == "group-inline" else []), **held)
        world.user("mallory", GroupList=["staff"], **_two(inline), **own)
        return world

    return make


def _two(inline: Sequence[Json]) -> Json:
    """Each statement as an inline policy, so that one of them can be deleted."""
    rows = [
        {"PolicyName": f"p{number}", "PolicyDocument": doc(*held)}
        for number, held in enumerate((inline[:1], inline[1:]))
        if held
    ]
    return {"UserPolicyList": rows, "RolePolicyList": rows}


def joining(*statements: Json) -> Callable[[Sequence[Json]], World]:
    """A group that the attacker is not in."""

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        group(world, GROUP, *statements)
        world.user("mallory", *rights)
        return world

    return make


def everywhere(rights: Sequence[Json]) -> World:
    """Roles and users and a group, the attacker among the users."""
    world = TechniqueWorld()
    world.role("one", [LAMBDA])
    world.role("two", [LAMBDA])
    world.user("first")
    world.user("mallory", *rights)
    group(world, GROUP, FULL)
    world.user("member", GroupList=["staff"])
    return world


def federated(rights: Sequence[Json]) -> TechniqueWorld:
    """A role that an identity provider vouches for."""
    world = TechniqueWorld()
    to = {"Federated": PROVIDER}
    when = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    world.add("iam:saml-provider", PROVIDER, {"Arn": PROVIDER})
    world.role("victim", [trusting(to, "sts:AssumeRoleWithSAML", Condition=when)])
    world.user("mallory", *rights)
    return world


def of_a_provider_that_is_gone(rights: Sequence[Json]) -> TechniqueWorld:
    """As :func:`federated`, and the provider is not there."""
    world = federated(rights)
    for rows in world.lines.values():
        rows.pop(PROVIDER, None)
    world.read.add("iam:saml-provider")
    return world


ISSUER = iam("oidc-provider", "token.actions.githubusercontent.com")


def of_an_issuer_that_is_gone(rights: Sequence[Json]) -> World:
    """A role that trusts whomever a shared issuer vouches for, whose provider is not there."""
    world = TechniqueWorld(read={"iam:oidc-provider"})
    world.role("victim", [trusting({"Federated": ISSUER}, "sts:AssumeRoleWithWebIdentity")])
    world.user("mallory", *rights)
    return world


def on_member(*versions: Json, by: str = "user", held: Sequence[Json] = ()) -> Any:
    """Another user with a policy of its own, in a group; a second user and group stand beside.

    Args:
        versions: statements of the versions of its policy, the last one in force.
        by: kind of the attacker.
        held: statements of a group that nobody is in.
    """

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        managed(world, POLICY, *([row] for row in versions or (allow("s3:GetObject"),)))
        group(world, iam("group", "members"), allow("s3:ListBucket"))
        group(world, GROUP, *held)
        world.user("victim", GroupList=["members"], **attached(POLICY))
        world.user("somebody")
        credentials(world, USER, [], password=False, mfa=False)
        world.role("bystander", [LAMBDA])
        if by == "user":
            world.user("mallory", *rights)
        else:
            world.role("mallory", [LAMBDA], *rights)
        return world

    return make


def by_tag(kind: str) -> Callable[[Sequence[Json]], World]:
    """Admin rights of the attacker's own that hang on a tag that it does not have."""

    def make(rights: Sequence[Json]) -> World:
        world = TechniqueWorld()
        when = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "ops"}}}
        world.role("bystander", [LAMBDA])
        if kind == "user":
            world.user("mallory", FULL | when, *rights)
        else:
            world.role("mallory", [LAMBDA], FULL | when, *rights)
        return world

    return make


def by_tag_of_role(rights: Sequence[Json]) -> World:
    """Functions may be made, and roles passed that have a tag; the role has another."""
    world = TechniqueWorld()
    when = {"Condition": {"StringEquals": {"iam:ResourceTag/env": "dev"}}}
    tags = [{"Key": "env", "Value": "prod"}]
    world.role("victim", [LAMBDA], allow("s3:GetObject"), Tags=tags)
    functions = allow(["lambda:CreateFunction", "lambda:InvokeFunction"])
    world.user("mallory", allow("iam:PassRole", ROLE) | when, functions, *rights)
    return world
