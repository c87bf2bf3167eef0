"""Chains of roles, trusted outsiders, admins and one who escalates, each with its decoy."""

from __future__ import annotations

from collections.abc import Sequence

from mapper.demo.clients import GLOBAL_REGION
from mapper.demo.world.facts import (
    Assumes,
    Carries,
    Escalates,
    Fact,
    IsAdmin,
    Principal,
    Thing,
    Touch,
    account_node,
)
from mapper.demo.world.organization import ADMINISTRATOR
from mapper.demo.world.plan import UNKNOWN_ACCOUNT, VENDOR_ACCOUNT
from mapper.demo.world.stage import (
    Stage,
    admits,
    document,
    flip_call,
    tag_list,
    trusts,
    trusts_service,
)

_CHAIN = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining"
_MACHINE = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    "id_roles_use_switch-role-ec2_instance-profiles.html"
)
_TRUST = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
)
_EXTERNAL_ID = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
_ORG_ID = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
    "#condition-keys-principalorgid"
)
_BOUNDARY = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"
_ADMIN = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
    "access_policies_job-functions.html#jf_administrator"
)
_VERSIONS = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html"


def _touch(account: str) -> tuple[Touch, ...]:
    return (Touch(account, "global", ("iam",)),)


def prepare_chain(stage: Stage) -> tuple[str, str]:
    """The roles of the two machines of the chain, before the machines; returns their ARNs."""
    scenario = "web-front"
    account, plan = stage.plan.account(scenario), stage.plan
    web = stage.machine_role(account, plan.name(scenario, "web-role"), scenario)
    worker = stage.machine_role(account, plan.name(scenario, "worker-role"), scenario)
    return web, worker


def chain(stage: Stage, roles: tuple[str, str], web_machines: Sequence[str]) -> None:
    """A web server's role may assume the hub's, the hub's the admin role of a third account.

    Beside it a worker whose role may ask for the hub's as well, but the hub does not trust it.
    """
    scenario, plan = "chain", stage.plan
    start, hub_account, goal = (plan.account(name) for name in ("web-front", "hub", "crown"))
    web, worker = roles
    hub_name = plan.name("hub", "deploy-hub")
    hub = stage.role(hub_account, hub_name, trusts(web), scenario)
    crown_name = plan.name("crown", "deploy-admin")
    crown = stage.role(goal, crown_name, trusts(hub), scenario)
    stage.iam(goal).attach_role_policy(RoleName=crown_name, PolicyArn=ADMINISTRATOR)
    stage.may(hub_account, hub_name, {"Action": "sts:AssumeRole", "Resource": crown})
    for role in roles:
        name = role.rpartition("/")[2]
        stage.may(start, name, {"Action": "sts:AssumeRole", "Resource": hub})
    site = stage.site("web-front")
    subnet = stage.subnet(site, plan.name("web-front", "worker-net"))
    group = stage.group(site, plan.name("web-front", "worker-sg"), admits(22, "10.0.0.0/8"))
    worker_name = plan.name("web-front", "job-runner")
    profile = {"IamInstanceProfile": {"Name": worker.rpartition("/")[2]}}
    _, machine = stage.instance(subnet, worker_name, scenario, group, **profile)
    to_hub = Assumes(web, start, hub, hub_account)
    fixed: tuple[Fact, ...] = (
        *(Carries(one, start, web) for one in web_machines),
        Principal(web, start),
        Principal(hub, hub_account),
        Principal(crown, goal),
        IsAdmin(crown, goal),
    )
    onward = Assumes(hub, hub_account, crown, goal)
    alone: tuple[Fact, ...] = (Carries(machine, start, worker), Principal(worker, start))
    both = document({"Effect": "Allow", **trusts(web)}, {"Effect": "Allow", **trusts(worker)})
    nobody = document({"Effect": "Allow", **trusts_service("codepipeline.amazonaws.com")})
    stage.add(
        scenario,
        Thing(
            hub_name, "planted", "iam", _CHAIN, "the last role trusts the hub's",
            facts=(*fixed, to_hub, onward), flipped=(*fixed, to_hub),
            flip=flip_call(
                goal, "iam", GLOBAL_REGION, "update_assume_role_policy",
                RoleName=crown_name, PolicyDocument=nobody,
            ),
            touches=_touch(goal),
        ),
        Thing(
            worker_name, "decoy", "iam", _MACHINE, "the hub's role does not trust its role",
            facts=alone,
            flipped=(*alone, Assumes(worker, start, hub, hub_account)),
            flip=flip_call(
                hub_account, "iam", GLOBAL_REGION, "update_assume_role_policy",
                RoleName=hub_name, PolicyDocument=both,
            ),
            touches=_touch(hub_account),
        ),
    )  # fmt: skip


def outsiders(stage: Stage) -> None:
    """Roles for outside accounts: with an ExternalId, without, and behind PrincipalOrgID."""
    vendor = stage.plan.account("vendor")
    monitoring = stage.plan.name("vendor", "datadog-integration")
    bare = trusts(f"arn:aws:iam::{VENDOR_ACCOUNT}:root")
    secret = {"StringEquals": {"sts:ExternalId": "f3a9c1d27b5e4086"}}
    _outside_role(
        stage, vendor, monitoring, "vendor", "planted", VENDOR_ACCOUNT, _EXTERNAL_ID,
        {**bare, "Condition": secret}, ("conditional", ("secret",), "yes"),
    )  # fmt: skip
    account = stage.plan.account("unknown-trust")
    everyone = trusts(f"arn:aws:iam::{UNKNOWN_ACCOUNT}:root")
    _outside_role(
        stage, account, stage.plan.name("unknown-trust", "partner-reports"), "unknown-trust",
        "planted", UNKNOWN_ACCOUNT, _TRUST, everyone, ("yes", (), "no"),
    )  # fmt: skip
    own = {"StringEquals": {"aws:PrincipalOrgID": stage.organization_id}}
    _outside_role(
        stage, account, stage.plan.name("unknown-trust", "partner-archive"), "unknown-trust",
        "decoy", UNKNOWN_ACCOUNT, _ORG_ID, {**everyone, "Condition": own}, ("no", (), "yes"),
    )  # fmt: skip


def _outside_role(
    stage: Stage, account: str, name: str, scenario: str, part: str, outside: str, page: str,
    trust: dict[str, object], told: tuple[str, tuple[str, ...], str],
) -> None:  # fmt: skip
    """Build one role for an outside account; ``told``: verdict, conditions, flipped verdict."""
    verdict, conditions, flipped = told
    arn = stage.role(account, name, dict(trust), scenario)
    reads = {"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::reports-*"}
    stage.may(account, name, reads)
    if flipped == "yes":
        control = f"its condition {next(iter(next(iter(dict(trust)['Condition'].values()))))}"  # type: ignore[attr-defined]
        after = {key: value for key, value in trust.items() if key != "Condition"}
    else:
        control = f"its trust policy names account {outside}"
        after = trusts_service("lambda.amazonaws.com")
    source = account_node(outside)

    def facts(text: str) -> tuple[Fact, ...]:
        held: tuple[Fact, ...] = (Principal(arn, account),)
        if text == "no":
            return held
        kinds = conditions if text == "conditional" else ()
        return (*held, Assumes(source, outside, arn, account, text, kinds))

    stage.add(
        scenario,
        Thing(
            name, part, "iam", page, control, facts=facts(verdict), flipped=facts(flipped),
            flip=flip_call(
                account, "iam", GLOBAL_REGION, "update_assume_role_policy", RoleName=name,
                PolicyDocument=document({"Effect": "Allow", **after}),
            ),
            touches=_touch(account),
        ),
    )  # fmt: skip


def admins(stage: Stage) -> None:
    """A user with AdministratorAccess; a role and a user whose boundary cuts theirs."""
    scenario, plan = "admins", stage.plan
    account = plan.account(scenario)
    iam = stage.iam(account)
    boundary = iam.create_policy(
        PolicyName=plan.name(scenario, "workload-boundary"),
        PolicyDocument=document(
            {
                "Effect": "Allow",
                "Action": ["s3:*", "dynamodb:*", "logs:*", "ec2:Describe*"],
                "Resource": "*",
            }
        ),
    )["Policy"]["Arn"]
    things: list[Thing] = []

    breakglass = plan.name(scenario, "breakglass")
    arn = iam.create_user(UserName=breakglass, Tags=tag_list(breakglass, scenario))["User"]["Arn"]
    iam.attach_user_policy(UserName=breakglass, PolicyArn=ADMINISTRATOR)
    held = Principal(arn, account)
    things.append(
        Thing(
            breakglass, "planted", "iam", _ADMIN, "AdministratorAccess is attached",
            facts=(held, IsAdmin(arn, account)), flipped=(held,),
            flip=flip_call(
                account, "iam", GLOBAL_REGION, "detach_user_policy",
                UserName=breakglass, PolicyArn=ADMINISTRATOR,
            ),
            touches=_touch(account),
        )
    )  # fmt: skip

    pipeline = plan.name(scenario, "pipeline")
    role = stage.role(
        account, pipeline, trusts_service("codebuild.amazonaws.com"), scenario,
        PermissionsBoundary=boundary,
    )  # fmt: skip
    iam.attach_role_policy(RoleName=pipeline, PolicyArn=ADMINISTRATOR)
    contractor = plan.name(scenario, "contractor")
    user = iam.create_user(
        UserName=contractor, PermissionsBoundary=boundary, Tags=tag_list(contractor, scenario)
    )["User"]["Arn"]
    iam.attach_user_policy(UserName=contractor, PolicyArn=ADMINISTRATOR)
    for name, bounded, operation, key in (
        (pipeline, role, "delete_role_permissions_boundary", "RoleName"),
        (contractor, user, "delete_user_permissions_boundary", "UserName"),
    ):
        things.append(
            Thing(
                name, "decoy", "iam", _BOUNDARY, "its permissions boundary allows no IAM action",
                facts=(Principal(bounded, account),),
                flipped=(Principal(bounded, account), IsAdmin(bounded, account)),
                flip=flip_call(account, "iam", GLOBAL_REGION, operation, **{key: name}),
                touches=_touch(account),
            )
        )  # fmt: skip
    stage.add(scenario, *things)


def escalation(stage: Stage) -> None:
    """A user who may write new versions of a policy that it holds; another, of one it does not."""
    scenario, plan = "escalation", stage.plan
    account = plan.account(scenario)
    iam = stage.iam(account)
    things: list[Thing] = []
    for what, part in (("release-bot", "planted"), ("build-bot", "decoy")):
        name, policy_name = plan.name(scenario, what), plan.name(scenario, what + "-policy")
        policy = f"arn:aws:iam::{account}:policy/{policy_name}"
        iam.create_policy(
            PolicyName=policy_name,
            PolicyDocument=document(
                {
                    "Effect": "Allow",
                    "Action": ["iam:GetPolicy", "iam:GetPolicyVersion"],
                    "Resource": policy,
                }
            ),
        )
        arn = iam.create_user(UserName=name, Tags=tag_list(name, scenario))["User"]["Arn"]
        iam.put_user_policy(
            UserName=name,
            PolicyName="maintain",
            PolicyDocument=document(
                {"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "Resource": policy}
            ),
        )
        if part == "planted":
            iam.attach_user_policy(UserName=name, PolicyArn=policy)
        held = Principal(arn, account)
        able = (held, Escalates(arn, account, "iam:CreatePolicyVersion"))
        verb = "detach" if part == "planted" else "attach"
        things.append(
            Thing(
                name, part, "escalation", _VERSIONS,
                "the policy that it may rewrite is "
                + ("attached to it" if part == "planted" else "attached to nobody"),
                facts=able if part == "planted" else (held,),
                flipped=(held,) if part == "planted" else able,
                flip=flip_call(
                    account, "iam", GLOBAL_REGION, f"{verb}_user_policy",
                    UserName=name, PolicyArn=policy,
                ),
                touches=_touch(account),
            )
        )  # fmt: skip
    stage.add(scenario, *things)
