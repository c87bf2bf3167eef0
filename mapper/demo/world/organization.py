"""The organisation: accounts under OUs, SCPs, and the roles that every account has."""

from __future__ import annotations

from typing import Any

from mapper.demo.clients import GLOBAL_REGION, MEMBER_ROLE
from mapper.demo.world.facts import Assumes, IsAdmin, Principal, Thing, Touch
from mapper.demo.world.plan import MEMBERS
from mapper.demo.world.stage import Stage, document, flip_call, tag_list, trusts

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
SECURITY_AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
COLLECTOR_ROLE = "mapper-assessor"

_MEMBER_ROLE_PAGE = (
    "https://docs.aws.amazon.com/organizations/latest/userguide/"
    "orgs_manage_accounts_access-cross-account-role.html"
)
_SCP_PAGE = (
    "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"
)
_ADMIN_PAGE = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    "access_policies_job-functions.html#jf_administrator"
)

# OU -> parent OU, and account -> OU.
_OUS = {
    "Security": "",
    "Infrastructure": "",
    "Workloads": "",
    "Production": "Workloads",
    "Development": "Workloads",
}
_HOMES = {
    "security": "Security",
    "shared-services": "Infrastructure",
    "prod": "Production",
    "dev": "Development",
}
# Global services answer in one region whatever the caller wants: the usual exceptions.
_NOT_REGIONAL = [
    "iam:*", "sts:*", "organizations:*", "account:*", "s3:*", "support:*", "cloudfront:*",
    "route53:*", "kms:*",
]  # fmt: skip


def organization(stage: Stage) -> None:
    """Create the organisation, its OUs and accounts, and turn SCPs on."""
    plan = stage.plan
    management = plan.accounts["management"]
    org = stage.clients(management, "organizations", GLOBAL_REGION)
    stage.organization_id = org.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    root = org.list_roots()["Roots"][0]["Id"]
    org.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    units = {"": root}
    for name, parent in _OUS.items():
        unit = org.create_organizational_unit(ParentId=units[parent], Name=name)
        units[name] = unit["OrganizationalUnit"]["Id"]
    for role in MEMBERS:
        org.create_account(Email=f"aws-{role}@example.com", AccountName=role)
        org.move_account(
            AccountId=plan.accounts[role],
            SourceParentId=root,
            DestinationParentId=units[_HOMES[role]],
        )
    _region_policy(stage, org, units["Workloads"])
    _quarantine(stage, org, units[_HOMES[plan.role("scp")]])


def _region_policy(stage: Stage, org: Any, unit: str) -> None:
    """An SCP that keeps the workloads in the used regions; it leaves global services alone."""
    content = document(
        {
            "Sid": "OnlyOurRegions",
            "Effect": "Deny",
            "NotAction": _NOT_REGIONAL,
            "Resource": "*",
            "Condition": {
                "StringNotEquals": {"aws:RequestedRegion": sorted(stage.plan.regions)},
            },
        }
    )
    _attach(org, "only-our-regions", content, unit)


def _attach(org: Any, name: str, content: str, target: str) -> str:
    policy = str(
        org.create_policy(
            Name=name, Description=name, Content=content, Type="SERVICE_CONTROL_POLICY"
        )["Policy"]["PolicySummary"]["Id"]
    )
    org.attach_policy(PolicyId=policy, TargetId=target)
    return policy


def _quarantine(stage: Stage, org: Any, unit: str) -> None:
    """A role with AdministratorAccess that an SCP denies everything."""
    scenario = "scp"
    account = stage.plan.account(scenario)
    name = "-".join(filter(None, ("quarantine", stage.plan.word, "migration-admin")))
    content = document(
        {
            "Sid": "Quarantined",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/quarantine-*"}},
        }
    )
    policy = _attach(org, "quarantine", content, unit)
    trust = {"Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = stage.role(account, name, trust, scenario)
    stage.iam(account).attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)
    management = stage.plan.accounts["management"]
    stage.add(
        scenario,
        Thing(
            name,
            "decoy",
            "iam",
            _SCP_PAGE,
            "an SCP denies it everything",
            facts=(Principal(role, account),),
            flipped=(Principal(role, account), IsAdmin(role, account)),
            flip=flip_call(
                management,
                "organizations",
                GLOBAL_REGION,
                "detach_policy",
                PolicyId=policy,
                TargetId=unit,
            ),
            touches=(Touch(management, "global", ("organizations",)),),
        ),
    )


def baseline(stage: Stage) -> None:
    """What every organisation has: its first admin, the assessor's role, the members' role.

    ``OrganizationAccountAccessRole`` is admin of each member and trusts the management account:
    who may assume it there, reaches admin everywhere.
    """
    scenario = "organization"
    plan = stage.plan
    management = plan.accounts["management"]
    iam = stage.iam(management)
    name = "-".join(filter(None, ("alice", plan.word)))
    alice = iam.create_user(UserName=name, Tags=tag_list(name, scenario))["User"]["Arn"]
    iam.create_group(GroupName="Administrators")
    iam.attach_group_policy(GroupName="Administrators", PolicyArn=ADMINISTRATOR)
    iam.add_user_to_group(GroupName="Administrators", UserName=name)
    # The account, not alice by name: a user that its own account's role names needs nothing else.
    trust = trusts(f"arn:aws:iam::{management}:root")
    assessor = stage.role(management, COLLECTOR_ROLE, trust, scenario)
    iam.attach_role_policy(RoleName=COLLECTOR_ROLE, PolicyArn=SECURITY_AUDIT)
    anywhere = f"arn:aws:iam::*:role/{MEMBER_ROLE}"
    stage.may(management, COLLECTOR_ROLE, {"Action": "sts:AssumeRole", "Resource": anywhere})
    members = [plan.accounts[role] for role in MEMBERS]
    for member in members:
        # CreateAccount made it, trusting the management account, without a policy.
        stage.iam(member).attach_role_policy(RoleName=MEMBER_ROLE, PolicyArn=ADMINISTRATOR)
    stage.add(
        scenario,
        Thing(
            name,
            "planted",
            "iam",
            _ADMIN_PAGE,
            "her group has AdministratorAccess",
            facts=(
                Principal(alice, management),
                IsAdmin(alice, management),
                Assumes(alice, management, assessor, management),
                *_into_members(stage, alice, members),
            ),
            flipped=(Principal(alice, management),),
            flip=flip_call(
                management,
                "iam",
                GLOBAL_REGION,
                "remove_user_from_group",
                GroupName="Administrators",
                UserName=name,
            ),
            touches=(Touch(management, "global", ("iam",)),),
        ),
        Thing(
            COLLECTOR_ROLE,
            "setting",
            "iam",
            _MEMBER_ROLE_PAGE,
            facts=(Principal(assessor, management), *_into_members(stage, assessor, members)),
        ),
        Thing(
            MEMBER_ROLE,
            "setting",
            "iam",
            _MEMBER_ROLE_PAGE,
            facts=tuple(
                fact
                for member in members
                for fact in (
                    Principal(f"arn:aws:iam::{member}:role/{MEMBER_ROLE}", member),
                    IsAdmin(f"arn:aws:iam::{member}:role/{MEMBER_ROLE}", member),
                )
            ),
        ),
    )


def _into_members(stage: Stage, principal: str, members: list[str]) -> tuple[Assumes, ...]:
    management = stage.plan.accounts["management"]
    return tuple(
        Assumes(principal, management, f"arn:aws:iam::{member}:role/{MEMBER_ROLE}", member)
        for member in members
    )
