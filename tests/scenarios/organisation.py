"""Organisations: service and resource control policies, and the management account's power."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.scenarios import things
from tests.scenarios.labels import IAM, ORGS, Claim, Lab, admin, can, path, scenario
from tests.scenarios.worlds import (
    ADMINISTRATOR,
    DAY,
    FULL,
    Account,
    Json,
    allow,
    deny,
    doc,
    may,
    trust,
)

ROOT, UNIT = "r-ab12", "ou-ab12-11111111"
SSO = "arn:aws:sso:::instance/ssoins-1111222233334444"
STORE = "d-1111111111"


@dataclass
class Organisation:
    """Accounts below a root, those of ``unit`` in a unit, with policies.

    Attributes:
        management: the management account.
        members: directly below the root.
        unit: accounts of the unit.
        policies: of kind ``scp`` or ``rcp``: kind, target id, statements.
        trusted: services with trusted access.
        delegated: account to services.
        closed: targets from which FullAWSAccess was taken.
    """

    number: str
    management: Account
    members: Sequence[Account] = ()
    unit: Sequence[Account] = ()
    policies: list[tuple[str, str, tuple[Json, ...]]] = field(default_factory=list)
    trusted: Sequence[str] = ()
    delegated: Mapping[str, Sequence[str]] = field(default_factory=dict)
    closed: Sequence[str] = ()

    def _arn(self, rest: str) -> str:
        return f"arn:aws:organizations::{self.management.number}:{rest}"

    def put(self) -> None:
        """Record what Organizations answers the management account."""
        m = self.management
        every = [m, *self.members, *self.unit]
        kinds = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
        told = {"Id": self.number, "Arn": self._arn(f"organization/{self.number}")}
        told |= {"FeatureSet": "ALL", "MasterAccountId": m.number}
        for one in every:
            answer = {"Organization": told}
            one.answer("organizations.describe_organization", answer, place="global")
        enabled = [{"Type": kind, "Status": "ENABLED"} for kind in kinds]
        root = {"Id": ROOT, "Arn": self._arn(f"root/{self.number}/{ROOT}"), "Name": "Root"}
        self._say("list_roots", {"Roots": [root | {"PolicyTypes": enabled}]})
        ou = {"Id": UNIT, "Arn": self._arn(f"ou/{self.number}/{UNIT}"), "Name": "Unit"}
        self._say("list_organizational_units_for_parent", {"OrganizationalUnits": [ou]}, ROOT)
        self._say("list_organizational_units_for_parent", {"OrganizationalUnits": []}, UNIT)
        below = [self._account(one) for one in (m, *self.members)]
        self._say("list_accounts_for_parent", {"Accounts": below}, ROOT)
        inside = [self._account(one) for one in self.unit]
        self._say("list_accounts_for_parent", {"Accounts": inside}, UNIT)
        self._say("list_accounts", {"Accounts": [*below, *inside]})
        for one in every:
            up = {"Id": UNIT, "Type": "ORGANIZATIONAL_UNIT"}
            if one not in self.unit:
                up = {"Id": ROOT, "Type": "ROOT"}
            self._say("list_parents", {"Parents": [up]}, one.number)
            self._say("list_tags_for_resource", {"Tags": []}, one.number)
        m.absent(
            "organizations.describe_resource_policy",
            "ResourcePolicyNotFoundException",
            place="global",
        )
        services = [{"ServicePrincipal": name, "DateEnabled": DAY} for name in self.trusted]
        answer = {"EnabledServicePrincipals": services}
        self._say("list_aws_service_access_for_organization", answer)
        self._delegate(every)
        self._policies(every)

    def _account(self, one: Account) -> Json:
        arn = self._arn(f"account/{self.number}/{one.number}")
        return {"Id": one.number, "Arn": arn, "Name": f"acc-{one.number}", "Status": "ACTIVE"}

    def _say(self, call: str, answer: Json, subject: str = "") -> None:
        self.management.answer(f"organizations.{call}", answer, subject, "global")

    def _delegate(self, every: Sequence[Account]) -> None:
        held = [self._account(one) for one in every if one.number in self.delegated]
        self._say("list_delegated_administrators", {"DelegatedAdministrators": held})
        for number, names in self.delegated.items():
            services = [{"ServicePrincipal": name, "DelegationEnabledDate": DAY} for name in names]
            call = "list_delegated_services_for_account"
            self._say(call, {"DelegatedServices": services}, number)

    def _policies(self, every: Sequence[Account]) -> None:
        everywhere = [ROOT, UNIT, *(one.number for one in every)]
        listed: dict[str, list[Json]] = {"scp": [], "rcp": []}
        full_rcp = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
        rows: list[tuple[str, str, list[str], Json]] = [
            ("scp", "p-FullAWSAccess", [t for t in everywhere if t not in self.closed], doc(FULL)),
            ("rcp", "p-RCPFullAWSAccess", everywhere, doc(full_rcp)),
        ]
        for n, (kind, target, statements) in enumerate(self.policies):
            rows.append((kind, f"p-0000000{n}", [target], doc(*statements)))
        for kind, name, targets, document in rows:
            title = f"{'SERVICE' if kind == 'scp' else 'RESOURCE'}_CONTROL_POLICY"
            owner = "aws" if "Full" in name else self.management.number
            place = "service" if kind == "scp" else "resource"
            rest = f"policy/{self.number}/{place}_control_policy/{name}"
            arn = f"arn:aws:organizations::{owner}:{rest}"
            item = {"Id": name, "Arn": arn, "Name": name, "Type": title}
            item["AwsManaged"] = owner == "aws"
            listed[kind].append(item)
            told = {"PolicySummary": item, "Content": json.dumps(document)}
            self._say("describe_policy", {"Policy": told}, name)
            at = [{"TargetId": one, "Type": _kind(one)} for one in targets]
            self._say("list_targets_for_policy", {"Targets": at}, name)
        for kind, title in (("scp", "SERVICE"), ("rcp", "RESOURCE")):
            self._say("list_policies", {"Policies": listed[kind]}, f"{title}_CONTROL_POLICY")
        for title in ("DECLARATIVE_POLICY_EC2", "S3_POLICY"):
            self._say("list_policies", {"Policies": []}, title)


def _kind(target: str) -> str:
    if target.startswith("r-"):
        return "ROOT"
    return "ORGANIZATIONAL_UNIT" if target.startswith("ou-") else "ACCOUNT"


@scenario(ORGS + "orgs_manage_policies_scps.html", alone=True)
def service_control_policies(lab: Lab) -> Iterator[Claim]:
    top, plain, tight, held = (lab.account() for _ in range(4))
    no_iam = deny("iam:*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ok"}})
    org = Organisation("o-aaaaaaaaaa", top, [plain], [tight, held])
    org.policies.append(("scp", UNIT, (no_iam,)))
    org.put()
    for one, verdict in ((top, "yes"), (plain, "yes"), (tight, "no")):
        boss = one.user("boss", managed=[ADMINISTRATOR])
        climber = one.user("climber", allow("iam:AttachUserPolicy", one.iam("user", "climber")))
        yield admin(boss, one, verdict, "the unit's SCP denies iam:* to all but role/ok")
        yield path(climber, one.node, verdict, why="the unit's SCP denies iam:*")
    spared = held.admin("ok", trust(held.root))
    yield admin(spared, held, "yes", "the SCP spares role/ok")
    big = held.user("big", managed=[ADMINISTRATOR])
    yield admin(
        big, held, "yes", "not by its own rights, but sts is not denied: it assumes role/ok"
    )
    helper = held.user("helper", allow("sts:AssumeRole", spared))
    yield path(helper, held.node, "yes", "sts-001", why="sts is not denied, and role/ok is spared")
    linked = held.user("linked", allow("sts:AssumeRole", held.iam("role", "other")))
    held.admin("other", trust(held.root))
    yield path(linked, held.iam("role", "other"), "yes", "sts-001", why="sts is not denied")
    yield path(linked, held.node, "yes", why="role/other may do sts:*: it assumes role/ok")


@scenario(ORGS + "orgs_manage_policies_rcps.html", alone=True)
def resource_control_policies(lab: Lab) -> Iterator[Claim]:
    top, inside, shut, outside = (lab.account() for _ in range(4))
    number = "o-bbbbbbbbbb"
    ours = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": number},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    fence = {"Effect": "Deny", "Principal": "*", "Resource": "*", "Condition": ours}
    org = Organisation(number, top, [inside], [shut])
    org.policies.append(("rcp", UNIT, (fence | {"Action": ["s3:*", "sts:AssumeRole"]},)))
    org.put()
    outside.absent(
        "organizations.describe_organization",
        "AWSOrganizationsNotInUseException",
        place="global",
    )
    partner = outside.user("partner", allow(["sts:AssumeRole", "s3:GetObject"]))
    colleague = inside.user("colleague", allow(["sts:AssumeRole", "s3:GetObject"]))
    for one, verdict in ((inside, "yes"), (shut, "no")):
        door = one.role("door", trust({"AWS": [partner, colleague]}))
        name = f"papers-{one.number}"
        grant = may([partner, colleague], "s3:GetObject", f"arn:aws:s3:::{name}/*")
        data = things.bucket(one, name, grant)
        yield path(partner, door, verdict, why="the RCP refuses whoever is not of ours")
        yield path(partner, data, verdict, why="the RCP refuses whoever is not of ours")
        yield path(colleague, door, "yes", why="of the same organisation")
        yield path(colleague, data, "yes", why="of the same organisation")


@scenario(ORGS + "orgs_manage_accounts_access.html", alone=True)
def roles_of_the_organisation(lab: Lab) -> Iterator[Claim]:
    top, first, second = (lab.account() for _ in range(3))
    Organisation("o-cccccccccc", top, [first, second]).put()
    role = "OrganizationAccountAccessRole"
    first.admin(role, trust(top.root))
    second.admin(role, trust("arn:aws:iam::999988887777:root"))
    every = f"arn:aws:iam::*:role/{role}"
    start = top.user("start", allow("sts:AssumeRole", every))
    yield path(start, first.node, "yes", "x-orgs-account-role|sts-001", why="the role trusts us")
    yield path(start, second.node, "no", why="there the role trusts another account")
    yield path(start, top.node, "no", why="it is no admin of the management account")
    none = top.user("none", allow("organizations:Describe*"))
    yield path(none, first.node, "no", why="no right to assume it")
    aside = first.user("aside", allow("sts:AssumeRole", every))
    yield path(aside, second.node, "no", why="no member is trusted")
    boss = top.user("boss", managed=[ADMINISTRATOR])
    yield admin(boss, first, "yes", "by the organisation's role")
    member = first.user("member", managed=[ADMINISTRATOR])
    yield path(member, top.node, "no", why="members have no power over the management account")
    yield path(member, second.node, "no", why="nor over each other")


@scenario(IAM + "reference_policies_condition-keys.html", alone=True)
def org_id_in_trusts(lab: Lab) -> Iterator[Claim]:
    top, dev, prod, outside = (lab.account() for _ in range(4))
    Organisation("o-dddddddddd", top, [dev, prod]).put()
    ours = {"StringEquals": {"aws:PrincipalOrgID": "o-dddddddddd"}}
    theirs = {"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}
    right = prod.role("right", trust("*", Condition=ours))
    wrong = prod.role("wrong", trust("*", Condition=theirs))
    any_role = allow("sts:AssumeRole")
    outside.absent(
        "organizations.describe_organization",
        "AWSOrganizationsNotInUseException",
        place="global",
    )
    start, stranger = dev.user("start", any_role), outside.user("stranger", any_role)
    yield path(start, right, "yes", "sts-001", why="of the organisation, with the right")
    yield path(start, wrong, "no", why="of another organisation")
    yield path(stranger, right, "no", why="of no organisation of ours")
    yield path("internet", right, "no", why="not for everyone")
    bare = dev.user("bare")
    yield path(bare, right, "no", why="across accounts the right is needed too")
    paths = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"o-dddddddddd/{ROOT}/ou-zz*"}}
    unit = prod.role("unit", trust("*", Condition=paths))
    yield path(start, unit, "no", why="the account stands in no such unit")
    prod.role("reader", trust(prod.root))
    data = things.bucket(
        prod,
        f"org-{prod.number}",
        may("*", "s3:GetObject", f"arn:aws:s3:::org-{prod.number}/*", Condition=ours),
    )
    yield can(start, "s3:GetObject", f"{data}/x", "no", "its own side has no s3")
    taker = dev.user("taker", allow("s3:GetObject"))
    yield path(taker, data, "yes", why="of the organisation, with the right")
    alien = outside.user("alien", allow("s3:GetObject"))
    yield path(alien, data, "no", why="of no organisation of ours")


@scenario(
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts-accts-perms.html",
    alone=True,
)
def stack_sets_of_the_organisation(lab: Lab) -> Iterator[Claim]:
    top, tools, prod = (lab.account() for _ in range(3))
    service = "member.org.stacksets.cloudformation.amazonaws.com"
    delegated = {tools.number: [service]}
    Organisation("o-eeeeeeeeee", top, [tools, prod], (), [], [service], delegated).put()
    calls = ["cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"]
    start = top.user("start", allow(calls))
    yield path(start, prod.node, "possible", "x-orgs-stackset", why="service-managed StackSets")
    yield path(start, top.node, "no", why="they never reach the management account")
    second = tools.user("second", allow(calls))
    yield path(second, prod.node, "possible", "x-orgs-stackset", why="a delegated administrator")
    yield path(second, top.node, "no", why="they never reach the management account")
    third = prod.user("third", allow(calls))
    yield path(third, tools.node, "no", why="neither management nor delegated")
    half = top.user("half", allow(calls[:1]))
    yield path(half, prod.node, "no", why="a StackSet without instances does nothing")


@scenario(
    "https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html", alone=True
)
def delegated_administrator_of_identity_center(lab: Lab) -> Iterator[Claim]:
    top, identity, prod = (lab.account() for _ in range(3))
    service = "sso.amazonaws.com"
    delegated = {identity.number: [service]}
    Organisation("o-ffffffffff", top, [identity, prod], (), [], [service], delegated).put()
    calls = [
        "sso:CreatePermissionSet",
        "sso:AttachManagedPolicyToPermissionSet",
        "sso:CreateAccountAssignment",
        "sso:ProvisionPermissionSet",
    ]
    item = {"InstanceArn": SSO, "IdentityStoreId": STORE, "OwnerAccountId": top.number}
    item |= {"Name": "main", "Status": "ACTIVE"}
    top.listed("sso-admin.list_instances", "Instances", item)
    top.answer("sso-admin.list_permission_sets", {"PermissionSets": []}, SSO)
    top.answer("sso-admin.list_applications", {"Applications": []}, SSO)
    top.answer("sso-admin.list_trusted_token_issuers", {"TrustedTokenIssuers": []}, SSO)
    top.answer("identitystore.list_users", {"Users": []}, SSO)
    top.answer("identitystore.list_groups", {"Groups": []}, SSO)
    start = identity.user("start", allow([*calls, "identitystore:*", "iam:*SAML*"]))
    yield path(start, prod.node, "possible", "sso-001", why="the delegated account assigns users")
    yield path(start, top.node, "no", why="not to the management account")
    head = top.user("head", allow([*calls, "identitystore:*"]))
    yield path(head, prod.node, "possible", "sso-001", why="the management account assigns")
    other = prod.user("other", allow([*calls, "identitystore:*"]))
    yield path(other, identity.node, "no", why="neither management nor delegated")


@scenario(ORGS + "orgs_manage_policies_scps_strategies.html", alone=True)
def lists_of_what_is_allowed(lab: Lab) -> Iterator[Claim]:
    top, free, held, inner = (lab.account() for _ in range(4))
    org = Organisation("o-gggggggggg", top, [free, inner], [held])
    org.closed = (UNIT, inner.number)
    org.policies.append(("scp", UNIT, (allow(["s3:*", "ec2:*"]),)))
    org.policies.append(("scp", inner.number, (allow(["s3:*", "iam:*"]),)))
    org.put()
    cases = (
        (top, "yes", "no SCP holds for the management account"),
        (free, "yes", "FullAWSAccess on every level"),
        (held, "no", "the unit's only SCP lets s3 and ec2"),
        (inner, "yes", "iam:* is let on every level"),
    )
    for one, verdict, why in cases:
        boss = one.user("boss", managed=[ADMINISTRATOR])
        yield admin(boss, one, verdict, why)
        yield can(boss, "s3:ListAllMyBuckets", "*", "yes", "s3 is let everywhere")
    worker = inner.user("worker", FULL)
    last = inner.user("last", allow("lambda:*"))
    yield can(worker, "iam:CreateUser", "*", "yes", "iam is let in that account")
    yield can(last, "lambda:ListFunctions", "*", "no", "lambda is not let in that account")
