"""The naive evaluator against AWS's text: per rule a case, and a twin that differs in one control.

Page names are those of docs.aws.amazon.com/IAM/latest/UserGuide unless a guide is named.
"""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .evaluator import (
    OTHER_READINGS,
    Outcome,
    contexts,
    decidable,
    decide,
    possible,
    possible_decidable,
)
from .generate import build_case, case_of, cases

A, B = "111111111111", "222222222222"
ALICE = f"arn:aws:iam::{A}:user/alice"
APP = f"arn:aws:iam::{A}:role/app"
APP_SESSION = f"arn:aws:sts::{A}:assumed-role/app/s1"
OPS = f"arn:aws:iam::{A}:role/team/ops"
OPS_SESSION = f"arn:aws:sts::{A}:assumed-role/ops/s1"
LINKED = f"arn:aws:iam::{A}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
LINKED_SESSION = f"arn:aws:sts::{A}:assumed-role/AWSServiceRoleForX/s1"
FEDERATED = f"arn:aws:sts::{A}:federated-user/alice"
ROOT_USER = f"arn:aws:iam::{A}:root"
BUCKET = "arn:aws:s3:::data"
OBJECT = f"{BUCKET}/f.txt"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/k1"
QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
KINDS = {BUCKET: "s3-bucket", KEY: "kms-key", QUEUE: "sqs-queue"}

Doc = dict[str, Any]


def doc(*statements: Doc, version: str = "2012-10-17") -> Doc:
    return {"Version": version, "Statement": list(statements)}


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> Doc:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> Doc:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def to(principal: Any, **more: Any) -> Doc:
    """A resource policy that allows everything to a principal."""
    named = principal if principal == "*" or isinstance(principal, dict) else {"AWS": principal}
    return doc(allow(Principal=named, **more))


def trusting(principal: Any, effect: str = "Allow") -> Doc:
    named = principal if principal == "*" or isinstance(principal, dict) else {"AWS": principal}
    return doc({"Effect": effect, "Principal": named, "Action": "sts:AssumeRole"})


def managed(name: str, *versions: tuple[Doc, bool]) -> Doc:
    return {
        "PolicyName": name,
        "Arn": f"arn:aws:iam::{A}:policy/{name}",
        "PolicyVersionList": [
            {"VersionId": f"v{i}", "IsDefaultVersion": default, "Document": body}
            for i, (body, default) in enumerate(versions)
        ],
    }


def person(kind: str, name: str, arn: str, trust: Doc | None = None) -> Doc:
    prefix = {"User": "AIDA", "Role": "AROA"}[kind]
    return {
        f"{kind}Name": name,
        f"{kind}Id": prefix + name.upper(),
        "Arn": arn,
        "GroupList": [],
        f"{kind}PolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [{"Key": "team", "Value": "red"}],
        "AssumeRolePolicyDocument": trust,
    }


def organization(**changes: Any) -> Doc:
    full = [doc(allow())]
    return {
        "id": "o-1",
        "management": "000000000001",
        "root": "r-1",
        "parents": {A: "ou-2", B: "r-1", "ou-2": "ou-1", "ou-1": "r-1", "000000000001": "r-1"},
        "scps": dict.fromkeys(("r-1", "ou-1", "ou-2", A, B, "000000000001"), full),
        "rcps": {},
        **changes,
    }


def scps(**replaced: list[Doc]) -> Doc:
    """An organization whose SCPs at some levels are replaced (keys: r, ou1, ou2, a)."""
    names = {"r": "r-1", "ou1": "ou-1", "ou2": "ou-2", "a": A}
    changed = {names[key]: docs for key, docs in replaced.items()}
    return organization(scps={**organization()["scps"], **changed})


def rcps(level: str, *statements: Doc) -> Doc:
    return organization(rcps={level: [doc(*statements)]})


def make(
    principal: str = ALICE,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    *,
    identity: Doc | None = None,
    policy: Doc | None = None,
    boundary: Doc | None = None,
    session: Doc | None = None,
    group: Doc | None = None,
    trust: Doc | None = None,
    org: Doc | None = None,
    owner: str = A,
    tags: dict[str, str] | None = None,
    policies: tuple[Doc, ...] = (),
    attached: tuple[str, ...] = (),
    **context: Any,
) -> tuple[Doc, Doc]:
    """A world of one account (two users' worth of detail) and a request; all else as told."""
    alice = person("User", "alice", ALICE)
    roles = [
        person("Role", name, arn, trust)
        for name, arn in (("app", APP), ("ops", OPS), ("AWSServiceRoleForX", LINKED))
    ]
    known = [*policies]
    for detail, kind in [(alice, "User"), *((role, "Role") for role in roles)]:
        if identity:
            detail[f"{kind}PolicyList"] = [{"PolicyName": "p", "PolicyDocument": identity}]
        if boundary:
            arn = f"arn:aws:iam::{A}:policy/limit"
            detail["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}
        detail["AttachedManagedPolicies"] = [
            {"PolicyName": name, "PolicyArn": f"arn:aws:iam::{A}:policy/{name}"}
            for name in attached
        ]
    if boundary:
        known.append(managed("limit", (boundary, True)))
    groups = []
    if group:
        alice["GroupList"] = ["devs"]
        inline = [{"PolicyName": "g", "PolicyDocument": group}]
        groups = [{"GroupName": "devs", "GroupPolicyList": inline}]
    account = {
        "UserDetailList": [alice],
        "GroupDetailList": groups,
        "RoleDetailList": roles,
        "Policies": known,
    }
    resources = [
        {"arn": arn, "account": owner, "kind": kind, "policy": None, "tags": {}}
        for arn, kind in KINDS.items()
    ]
    for entry in resources:
        if resource.startswith(str(entry["arn"])):
            entry.update(policy=policy, tags=tags or {})
    world = {"organization": org, "accounts": {A: account}, "resources": resources}
    request = {
        "principal": principal,
        "session_policies": [session] if session else [],
        "action": action,
        "resource": resource,
        "context": {key.replace("__", ":"): value for key, value in context.items()},
    }
    return world, request


def ask(*args: Any, **controls: Any) -> Outcome:
    return decide(*make(*args, **controls))


def ok(*args: Any, **controls: Any) -> bool:
    return ask(*args, **controls).allowed


def by(*args: Any, **controls: Any) -> str:
    return ask(*args, **controls).denied_by


def as_cross(account: str = B) -> dict[str, Any]:
    """The resource belongs to another account."""
    return {"owner": account}


# ------------------------------------------------- A. order and combination


def test_rule_1_implicit_deny_but_root():
    """reference_policies_evaluation-logic_policy-eval-denyallow, first bullet."""
    assert by() == "implicit:identity"
    assert ok(principal=ROOT_USER)


@pytest.mark.parametrize(
    ("layer", "controls"),
    [
        ("identity", {"identity": doc(allow(), deny())}),
        ("identity", {"group": doc(deny())}),
        ("boundary", {"boundary": doc(allow(), deny())}),
        ("session", {"principal": APP_SESSION, "session": doc(allow(), deny())}),
        ("resource", {"policy": doc(deny(Principal="*"))}),
        ("scp", {"org": scps(ou1=[doc(allow(), deny())])}),
        ("rcp", {"org": rcps("ou-1", deny(Principal="*"))}),
    ],
)
def test_rule_2_one_deny_anywhere_wins(layer, controls):
    """evaluation-logic_policy-eval-denyallow, "Deny evaluation"."""
    assert by(**{"identity": doc(allow()), **controls}) == layer
    principal = controls.get("principal", ALICE)
    assert ok(principal=principal, identity=doc(allow()), org=organization())


def test_rule_4_default_version_and_groups():
    """access_policies_managed-versioning; id_groups."""
    wide, narrow = doc(allow()), doc(allow("sqs:*"))
    first = managed("m", (wide, False), (narrow, True))
    second = managed("m", (wide, True), (narrow, False))
    assert not ok(policies=(first,), attached=("m",))
    assert ok(policies=(second,), attached=("m",))
    assert ok(group=doc(allow()))
    assert not ok(principal=APP_SESSION, group=doc(allow()))


def test_rule_5_either_side_is_enough_in_one_account():
    """evaluation-logic, "Evaluating identity-based policies with resource-based policies"."""
    assert ok(identity=doc(allow()))
    assert ok(policy=to(ALICE))
    assert not ok(policy=to(f"arn:aws:iam::{A}:user/Alice"))


def test_rule_6_and_8_both_sides_across_accounts():
    """reference_policies_evaluation-logic-cross-account."""
    both = {"identity": doc(allow()), "policy": to(ALICE), **as_cross()}
    assert ok(**both)
    assert by(**{**both, "policy": None}) == "implicit:resource"
    assert by(**{**both, "identity": None}) == "implicit:identity"
    assert by(**both, boundary=doc(allow("sqs:*"))) == "implicit:boundary"
    assert by(**both, org=scps(a=[doc(allow("sqs:*"))])) == "implicit:scp"


# ------------------------------------------------- B. SCP, C. RCP


@pytest.mark.parametrize("level", ["r", "ou1", "ou2", "a"])
def test_rule_9_every_level_must_allow(level):
    """Organizations guide, orgs_manage_policies_scps_evaluation."""
    some, other = doc(allow("sqs:*")), doc(allow("s3:*"))
    assert by(identity=doc(allow()), org=scps(**{level: [some]})) == "implicit:scp"
    assert ok(identity=doc(allow()), org=scps(**{level: [some, other]}))


def test_rule_9_no_policies_at_a_level_is_no_allow_but_off_is_off():
    """Organizations guide, orgs_manage_policies_scps_evaluation."""
    assert not ok(identity=doc(allow()), org=scps(ou1=[]))
    assert ok(identity=doc(allow()), org=organization(scps={}))


def test_rule_10_whom_scps_bind():
    """Organizations guide, orgs_manage_policies_scps, "Tasks and entities not restricted"."""
    shut = scps(r=[doc(allow("sqs:*"))])
    everything = {"identity": doc(allow()), "policy": to("*")}
    assert by(principal=ROOT_USER, org=shut) == "implicit:scp"
    assert ok(principal=ROOT_USER, org={**shut, "management": A})
    assert not ok(principal=APP_SESSION, org=shut, **everything)
    assert ok(principal=LINKED_SESSION, org=shut, **everything)
    assert ok(principal="service:x.amazonaws.com", org=shut, **everything)
    assert ok(principal="anonymous", org=shut, **everything)
    elsewhere = {**shut, "parents": {k: v for k, v in shut["parents"].items() if k != A}}
    assert ok(identity=doc(allow()), org=elsewhere)


def test_rule_11_scp_limits_a_grant_of_the_resource():
    """evaluation-logic: SCPs bound identity-based and resource-based grants."""
    assert not ok(policy=to(ALICE), org=scps(a=[doc(allow("sqs:*"))]))
    assert ok(policy=to(ALICE), org=scps(a=[doc(allow("s3:*"))]))


def test_rule_11b_scps_have_the_full_language():
    """Organizations guide, orgs_manage_policies_scps_syntax."""
    only_here = allow("*", "*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
    org = scps(a=[doc(only_here)])
    assert ok(identity=doc(allow()), org=org, aws__RequestedRegion=["eu-west-1"])
    assert not ok(identity=doc(allow()), org=org, aws__RequestedRegion=["us-east-1"])


@pytest.mark.parametrize("level", ["r-1", "ou-1", "ou-2", A])
def test_rule_12_rcps_on_the_path_of_the_resource(level):
    """Organizations guide, orgs_manage_policies_rcps."""
    org = rcps(level, deny(Principal="*"))
    for principal in (ALICE, "anonymous", "service:x.amazonaws.com"):
        assert by(principal, identity=doc(allow()), policy=to("*"), org=org) == "rcp"
    assert ok(identity=doc(allow()), org=rcps(B, deny(Principal="*")))


def test_rule_12_what_rcps_leave_alone():
    """orgs_manage_policies_rcps, "Resources and entities not restricted by RCPs"."""
    org = rcps("r-1", deny(Principal="*"))
    base = {"identity": doc(allow()), "policy": to("*")}
    assert ok(org={**org, "management": A}, **base)
    assert ok(principal=LINKED_SESSION, org=org, **base)
    assert ok(action="iam:GetUser", resource=ALICE, org=org, **base)
    assert not ok(action="sqs:SendMessage", resource=QUEUE, org=org, **base)
    trust = trusting({"Service": "x.amazonaws.com"})
    service = {"principal": "service:x.amazonaws.com", "action": "sts:AssumeRole", "org": org}
    assert ok(**service, resource=LINKED, trust=trust)
    assert by(**service, resource=APP, trust=trust) == "rcp"


def test_rule_13_no_resource_type_takes_the_rcps_of_the_caller():
    """orgs_manage_policies_rcps: the RCPs of the calling principal's account are used."""
    asked = {"action": "sqs:ListQueues", "resource": "*", "identity": doc(allow())}
    assert by(**asked, org=rcps(A, deny(Principal="*"))) == "rcp"
    assert ok(**asked, org=rcps(B, deny(Principal="*")))


# ------------------------------------------------- D. boundaries, E. session policies

NARROW = doc(allow("sqs:*"))


@pytest.mark.parametrize("principal", [ALICE, APP_SESSION, APP])
def test_rule_14_boundary_limits_and_never_grants(principal):
    """access_policies_boundaries."""
    assert by(principal, identity=doc(allow()), boundary=NARROW) == "implicit:boundary"
    assert ok(principal, identity=doc(allow()), boundary=doc(allow("s3:Get*")))
    assert by(principal, boundary=doc(allow())) == "implicit:identity"


@pytest.mark.parametrize(
    ("rule", "principal", "named", "limit", "expected"),
    [
        ("15 user", ALICE, ALICE, "boundary", True),
        ("16 role", APP_SESSION, APP, "boundary", False),
        ("16 role", APP_SESSION, APP, "session", False),
        ("17 session", APP_SESSION, APP_SESSION, "boundary", True),
        ("17 session", APP_SESSION, APP_SESSION, "session", True),
        ("18 everybody", ALICE, "*", "boundary", True),
        ("18 everybody", APP_SESSION, "*", "boundary", True),
        ("18 everybody", APP_SESSION, "*", "session", True),
        ("26 account", ALICE, A, "boundary", False),
        ("federating user", FEDERATED, ALICE, "session", False),
        ("federated session", FEDERATED, FEDERATED, "session", True),
    ],
)
def test_rules_15_to_18_who_is_named_decides_what_limits(rule, principal, named, limit, expected):
    """evaluation-logic_policy-eval-denyallow, "Resource-based policies", by kind of principal."""
    assert ok(principal, policy=to(named), **{limit: NARROW}) is expected, rule
    if named != A:
        assert ok(principal, policy=to(named), **{limit: doc(allow())}), rule


def test_rule_19_boundary_limits_across_accounts_even_when_named():
    """evaluation-logic-cross-account: the account of the caller evaluates all its policies."""
    base = {"identity": doc(allow()), "policy": to(APP_SESSION), "principal": APP_SESSION}
    assert by(**base, **as_cross(), boundary=NARROW) == "implicit:boundary"
    assert ok(**base, **as_cross(), boundary=doc(allow()))


def test_rule_20_deny_notprincipal_and_a_boundary():
    """reference_policies_elements_notprincipal and access_policies_boundaries."""
    statement = {**deny(), "NotPrincipal": {"AWS": [ALICE, A]}}
    base = {"identity": doc(allow()), "policy": doc(statement)}
    assert ok(**base)
    assert by(**base, boundary=doc(allow())) == "resource"


def test_rule_21_service_linked_role_has_no_boundary():
    """access_policies_boundaries; id_roles."""
    base = {"identity": doc(allow()), "boundary": NARROW}
    assert ok(LINKED_SESSION, **base)
    assert not ok(APP_SESSION, **base)


def test_rule_22_a_boundary_without_its_document_is_undecided():
    world, request = make(identity=doc(allow()), boundary=doc(allow()))
    assert decidable(world, request)[0] is not None
    assert possible_decidable(world, request, {})[0] == "always"
    world["accounts"][A]["Policies"] = []
    assert decidable(world, request)[0] is None
    assert possible_decidable(world, request, {})[0] is None


def test_rule_23_session_is_an_intersection():
    """access_policies, "Session policies"."""
    base = {"principal": APP_SESSION, "identity": doc(allow("s3:*"))}
    assert ok(**base, session=doc(allow("s3:Get*")))
    assert by(**base, session=NARROW) == "implicit:session"
    assert by(principal=APP_SESSION, session=doc(allow())) == "implicit:identity"


def test_rule_24_federated_user_needs_a_session_policy():
    """evaluation-logic_policy-eval-denyallow, "Session policies"."""
    assert by(FEDERATED, identity=doc(allow())) == "implicit:session"
    assert ok(FEDERATED, identity=doc(allow()), session=doc(allow()))
    assert ok(FEDERATED, policy=to(ALICE), session=doc(allow()))
    assert not ok(FEDERATED, policy=to(f"arn:aws:iam::{A}:user/bob"), session=doc(allow()))
    assert ok(APP_SESSION, identity=doc(allow()))


# ------------------------------------------------- F. resource policies


@pytest.mark.parametrize("named", [A, f"arn:aws:iam::{A}:root"])
def test_rule_26_naming_the_account_delegates(named):
    """reference_policies_elements_principal, "AWS account principals"."""
    assert by(policy=to(named)) == "implicit:identity"
    assert ok(policy=to(named), identity=doc(allow()))
    assert ok(policy=to(named), identity=doc(allow()), **as_cross())
    assert not ok(policy=to(B), identity=doc(allow()), **as_cross())
    assert by(policy=doc(deny(Principal={"AWS": named})), identity=doc(allow())) == "resource"


def assume(**controls: Any) -> dict[str, Any]:
    return {"action": "sts:AssumeRole", "resource": OPS, **controls}


def test_rule_27_and_28_trust_is_needed_and_a_named_user_needs_no_more():
    """evaluation-logic: trust policies "must explicitly allow access for principals"."""
    assert ok(**assume(trust=trusting(ALICE)))
    assert by(**assume(trust=trusting(A))) == "implicit:identity"
    assert ok(**assume(trust=trusting(A), identity=doc(allow())))
    only_service = trusting({"Service": "ec2.amazonaws.com"})
    assert by(**assume(trust=only_service, identity=doc(allow()))) == "implicit:trust"
    both = doc(*trusting(ALICE)["Statement"], *trusting(ALICE, "Deny")["Statement"])
    assert by(**assume(trust=both)) == "trust"


def test_rule_28_trust_speaks_of_sts_only():
    """id_roles_use_passrole: iam:PassRole is decided by the identity side."""
    passing = {"action": "iam:PassRole", "resource": OPS, "identity": doc(allow())}
    assert ok(**passing, trust=trusting(B))
    assert ok(**passing, trust=doc(deny("*", Principal="*")))
    assert not ok(**assume(identity=doc(allow()), trust=trusting(B)))


def test_rule_29_a_role_does_not_trust_itself():
    """AWS Security Blog, role trust policy behavior; id_roles: the trust policy must say so."""
    itself = {"principal": OPS_SESSION, "identity": doc(allow())}
    assert by(**assume(**itself, trust=trusting(ALICE))) == "implicit:trust"
    assert ok(**assume(**itself, trust=trusting(OPS)))


def test_rule_30_trust_in_everybody():
    """reference_policies_elements_principal, "All principals"."""
    assert ok(**assume(trust=trusting("*")))
    foreign = f"arn:aws:iam::{B}:user/x"
    world, request = make(**assume(trust=trusting("*"), principal=foreign))
    world["accounts"][B] = {"UserDetailList": [person("User", "x", foreign)]}
    assert decide(world, request).denied_by == "implicit:identity"
    world["accounts"][B]["UserDetailList"][0]["UserPolicyList"] = [{"PolicyDocument": doc(allow())}]
    assert decide(world, request).allowed
    assert not ok(**assume(principal="anonymous", trust=trusting("*")))


def test_root_user_cannot_assume_roles():
    """STS guide, API_AssumeRole."""
    assert not ok(**assume(principal=ROOT_USER, trust=trusting("*")))
    assert ok(**assume(principal=ALICE, trust=trusting("*")))


def test_rule_31_the_key_policy_must_allow():
    """KMS guide, key-policies and key-policy-default."""
    decrypt = {"action": "kms:Decrypt", "resource": KEY}
    wide = {**decrypt, "identity": doc(allow())}
    assert by(**wide) == "implicit:resource"
    assert ok(**wide, policy=to(f"arn:aws:iam::{A}:root"))
    assert by(**decrypt, policy=to(f"arn:aws:iam::{A}:root")) == "implicit:identity"
    assert ok(**decrypt, policy=to(ALICE))
    assert by(**wide, policy=to(f"arn:aws:iam::{A}:user/bob")) == "implicit:resource"
    encrypt_only = doc(allow("kms:Encrypt", Principal={"AWS": A}))
    assert by(**wide, policy=encrypt_only) == "implicit:resource"
    assert by(**decrypt, principal=ROOT_USER) == "implicit:resource"
    assert ok(**decrypt, principal=ROOT_USER, policy=to(A))


def test_rule_31_other_kms_resources_are_ordinary_and_other_accounts_need_both():
    """KMS guide, alias-access and key-policy-modifying-external-accounts."""
    alias = f"arn:aws:kms:eu-west-1:{A}:alias/a"
    assert ok(action="kms:CreateAlias", resource=alias, identity=doc(allow()))
    cross = {"action": "kms:Decrypt", "resource": KEY, "policy": to(A), "owner": B}
    assert ok(**cross, identity=doc(allow()))
    assert not ok(**cross)


def test_rule_38_no_principal_element_names_nobody():
    """reference_policies_elements_principal: it must be there in resource-based policies."""
    assert not ok(policy=doc(allow()))
    assert ok(policy=doc(deny()), identity=doc(allow()))
    assert not ok(policy=doc(deny(Principal="*")), identity=doc(allow()))


# ------------------------------------------------- G. principals


@pytest.mark.parametrize(
    ("principal", "named", "expected"),
    [
        (ALICE, "*", True),
        (ALICE, {"AWS": "*"}, True),
        (ALICE, {"AWS": ["arn:aws:iam::222222222222:user/x", ALICE]}, True),
        (ALICE, {"Federated": ALICE}, False),
        (ALICE, {"Service": ALICE}, False),
        (ALICE, {"CanonicalUser": "0" * 64}, False),
        (ALICE, {"AWS": f"arn:aws:iam::{A}:user/*"}, False),
        (ALICE, {"AWS": f"arn:aws:iam::{A}:user/ali?e"}, False),
        (ALICE, {"AWS": "AIDAGONEGONEGONE"}, False),
        (APP_SESSION, {"AWS": "AROAGONEGONEGONE"}, False),
        (APP_SESSION, {"AWS": APP}, True),
        (APP_SESSION, {"AWS": APP_SESSION}, True),
        (APP_SESSION, {"AWS": f"arn:aws:sts::{A}:assumed-role/app/s2"}, False),
        (APP_SESSION, {"AWS": f"arn:aws:sts::{A}:assumed-role/app/*"}, False),
        (APP, {"AWS": APP_SESSION}, False),
        (OPS_SESSION, {"AWS": OPS}, True),
        (OPS_SESSION, {"AWS": f"arn:aws:iam::{A}:role/ops"}, False),
        (FEDERATED, {"AWS": FEDERATED}, True),
        (FEDERATED, {"AWS": f"arn:aws:sts::{A}:federated-user/bob"}, False),
        ("service:sns.amazonaws.com", {"Service": "sns.amazonaws.com"}, True),
        ("service:sns.amazonaws.com", {"Service": "s3.amazonaws.com"}, False),
        ("service:sns.amazonaws.com", {"AWS": A}, False),
        ("service:sns.amazonaws.com", "*", True),
        ("anonymous", "*", True),
        ("anonymous", {"AWS": "*"}, True),
        ("anonymous", {"AWS": A}, False),
    ],
)
def test_rules_39_to_42_and_45_forms_of_principal(principal, named, expected):
    """reference_policies_elements_principal, section by section."""
    assert ok(principal, policy=to(named)) is expected


def test_rule_39_a_deny_of_a_named_user_leaves_others_alone():
    """reference_policies_elements_principal: an ARN names one principal."""
    policy = doc(*to("*")["Statement"], deny(Principal={"AWS": ALICE}))
    assert ok("anonymous", policy=policy)
    assert ok(APP_SESSION, policy=policy)
    assert not ok(ALICE, policy=policy)


def test_rule_43_notprincipal_read_strictly():
    """reference_policies_elements_notprincipal: account, then role, then session are validated."""
    strict = dict(OTHER_READINGS)["notprincipal_needs_every_form"]

    def spared(principal: str, *named: str) -> bool:
        policy = doc({**deny(), "NotPrincipal": {"AWS": list(named)}})
        return decide(*make(principal, identity=doc(allow()), policy=policy), strict).allowed

    assert spared(ALICE, ALICE, A)
    assert not spared(ALICE, ALICE)
    assert not spared(ALICE, A)
    assert spared(APP_SESSION, APP_SESSION, APP, A)
    assert not spared(APP_SESSION, APP, A)
    assert spared(APP, APP, A)
    assert not spared(APP, A)
    assert spared(ROOT_USER, A)
    assert not spared(ROOT_USER, ALICE)


def test_rule_43_notprincipal():
    """reference_policies_elements_notprincipal."""
    spare = {**deny(), "NotPrincipal": {"AWS": [APP_SESSION, APP, A]}}
    assert ok(APP_SESSION, identity=doc(allow()), policy=doc(spare))
    others = {**spare, "NotPrincipal": {"AWS": B}}
    assert by(APP_SESSION, identity=doc(allow()), policy=doc(others)) == "resource"
    everybody_but = doc({**allow(), "NotPrincipal": {"AWS": APP}})
    assert ok(ALICE, policy=everybody_but)
    assert not ok(APP_SESSION, policy=everybody_but)
    short = {**deny(), "NotPrincipal": {"AWS": APP}}
    assert decidable(*make(APP_SESSION, identity=doc(allow()), policy=doc(spare)))[0] is not None
    assert decidable(*make(APP_SESSION, identity=doc(allow()), policy=doc(short)))[0] is None


def test_rule_45_anonymous_and_signed():
    """reference_policies_elements_principal, "All principals"; _variables: S3, SQS and SNS only."""
    assert ok("anonymous", policy=to("*"))
    assert not ok("anonymous", action="kms:Decrypt", resource=KEY, policy=to("*"))
    assert not ok(policy=to("*"), **as_cross())
    assert ok(policy=to("*"), identity=doc(allow()), **as_cross())


# ------------------------------------------------- H. actions and resources


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("s3:GetObject", True),
        ("S3:getobject", True),
        ("s3:Get*", True),
        ("s3:?etObject", True),
        ("s3:*Object", True),
        ("*", True),
        (["sqs:*", "s3:GetObject"], True),
        ("s3:Get", False),
        ("s3:GetObject?", False),
        ("sqs:GetObject", False),
        ([], False),
    ],
)
def test_rule_46_actions(pattern, expected):
    """reference_policies_elements_action and _notaction."""
    assert ok(identity=doc(allow(pattern))) is expected
    opposite = {"Effect": "Allow", "NotAction": pattern, "Resource": "*"}
    assert ok(identity=doc(opposite)) is not expected


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        (OBJECT, OBJECT, True),
        ("arn:aws:s3:::data/*", OBJECT, True),
        ("arn:aws:s3:::data/?.txt", OBJECT, True),
        ("arn:aws:s3:::d*/f.txt", OBJECT, True),
        ("arn:aws:s3:::DATA/*", OBJECT, False),
        ("arn:aws:s3:::data", OBJECT, False),
        ("arn:aws:s3*", OBJECT, True),
        ("arn:aws:sqs:*:*:jobs", QUEUE, True),
        (f"arn:aws:sqs:*:{A}:jobs", QUEUE, True),
        ("arn:aws:sqs:*:jobs", QUEUE, True),
        (f"arn:aws:sqs*t-1:{A}:jobs", QUEUE, False),
        (f"arn:aws:sqs:eu-*-1:{A}:jobs", QUEUE, True),
        (f"arn:aws:sqs:eu*1:{A}:jobs", QUEUE, True),
        (f"arn:aws:s*t-1:{A}:jobs", QUEUE, False),
        ([BUCKET, OBJECT], OBJECT, True),
    ],
)
def test_rules_47_and_48_resources(pattern, arn, expected):
    """reference_policies_elements_resource and _notresource."""
    action = "s3:GetObject" if arn == OBJECT else "sqs:SendMessage"
    asked = {"action": action, "resource": arn}
    assert ok(**asked, identity=doc(allow("*", pattern))) is expected
    opposite = {"Effect": "Allow", "Action": "*", "NotResource": pattern}
    assert ok(**asked, identity=doc(opposite)) is not expected


def test_a_statement_without_action_or_resource_says_nothing():
    """reference_policies_elements_action and _resource: an identity policy must have both."""
    assert not ok(identity=doc({"Effect": "Allow", "Resource": "*"}))
    assert not ok(identity=doc({"Effect": "Allow", "Action": "*"}))
    assert ok(identity={"Version": "2012-10-17", "Statement": allow()})


def test_rule_48_actions_on_no_resource():
    """reference_policies_elements_resource, Note: they need "*"."""
    asked = {"action": "sqs:ListQueues", "resource": "*"}
    assert ok(**asked, identity=doc(allow("sqs:*", "*")))
    assert not ok(**asked, identity=doc(allow("sqs:*", "arn:aws:sqs:*:*:*")))
    opposite = {"Effect": "Allow", "Action": "sqs:*", "NotResource": OBJECT}
    assert ok(**asked, identity=doc(opposite))


def test_rule_48_buckets_are_listed_on_all_of_s3():
    """reference_policies_elements_condition_operators, the example of s3:ListAllMyBuckets."""
    asked = {"action": "S3:ListAllMyBuckets", "resource": "*"}
    assert ok(**asked, identity=doc(allow("s3:*", "*")))
    assert ok(**asked, identity=doc(allow("s3:*", "arn:aws:s3:::*")))
    assert not ok(**asked, identity=doc(allow("s3:*", "arn:aws:s3:::data")))


# ------------------------------------------------- I. conditions


def holds(operator: str, key: str, wanted: Any, *got: Any, version: str = "2012-10-17") -> bool:
    """Whether a condition lets an Allow through; no values is an absent key."""
    body = allow(Condition={operator: {key: wanted}})
    world, request = make(identity=doc(body, version=version))
    request["context"] = {key: list(got)}
    return decide(world, request).allowed


@pytest.mark.parametrize(
    ("operator", "wanted", "matching", "other"),
    [
        ("StringEquals", "Red", "Red", "red"),
        ("StringEquals", "r*", "r*", "red"),
        ("StringEquals", True, "true", "True"),
        ("StringNotEquals", "Red", "red", "Red"),
        ("StringEqualsIgnoreCase", "Red", "rED", "redd"),
        ("StringNotEqualsIgnoreCase", "Red", "blue", "rED"),
        ("StringLike", "r?d*", "red:go/on", "raed"),
        ("StringLike", "red", "red", "Red"),
        ("StringNotLike", "r*", "Red", "red"),
        ("NumericEquals", "10", "10.0", "11"),
        ("NumericNotEquals", "10", "11", "10.0"),
        ("NumericLessThan", "10", "9.5", "10"),
        ("NumericLessThanEquals", "10", "10", "10.1"),
        ("NumericGreaterThan", "10", "100", "9"),
        ("NumericGreaterThan", "10", "10.01", "10"),
        ("NumericGreaterThanEquals", 10, "10", "9"),
        ("NumericLessThan", "10", "9", "nine"),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", "2026-01-01T00:00:01Z"),
        ("DateNotEquals", "2026-01-01", "2026-01-02", "2026-01-01T00:00:00Z"),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "2026-01-01"),
        ("DateLessThanEquals", "2026-01", "2026-01-01T00:00:00Z", "2026-01-02"),
        ("DateGreaterThan", "2026-01-01T00:00:00+01:00", "2025-12-31T23:30:00Z", "2025-12-31"),
        ("DateGreaterThanEquals", "2026-01-01", "2026-01-01", "soon"),
        ("Bool", "true", "true", "false"),
        ("Bool", True, "true", "yes"),
        ("BinaryEquals", "QUJD", "QUJD", "QUJE"),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9"),
        ("IpAddress", "203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("IpAddress", "2001:db8::/32", "2001:DB8::1", "2001:db9::1"),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", "::ffff"),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", "ten"),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", "203.0.113.9"),
        ("ArnLike", "arn:aws:sns:*:1:t/*", "arn:aws:sns:eu:1:t/a:b/c", "arn:aws:sns:a:b:1:t/c"),
        ("ArnEquals", "arn:aws:s?s:*:*:*", "arn:aws:sqs:eu:1:q", "arn:aws:s3:eu:1:q"),
        ("ArnLike", "arn:aws:logs:*:1:a:b?", "arn:aws:logs:eu:1:a:bc", "arn:aws:logs:eu:1:a:b"),
        ("ArnNotLike", "arn:aws:sns:*:1:t", "arn:aws:sns:eu:2:t", "arn:aws:sns:eu:1:t"),
        ("ArnNotEquals", "arn:aws:sns:*:1:t", "arn:aws:sns:eu:1:T", "arn:aws:sns:eu:1:t"),
    ],
)
def test_rules_57_and_59_operators(operator, wanted, matching, other):
    """reference_policies_elements_condition_operators, each family."""
    assert holds(operator, "x:k", wanted, matching)
    assert not holds(operator, "x:k", wanted, other)


def test_the_arn_example_of_the_page():
    """reference_policies_elements_condition_operators, ARN: StringLike matches, ArnLike not."""
    pattern = "arn:aws:someservice:*:111122223333:finance/*"
    got = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert holds("StringLike", "x:k", pattern, got)
    assert not holds("ArnLike", "x:k", pattern, got)


def test_rule_52_and_between_operators_and_keys_or_between_values():
    """reference_policies_condition-logic-multiple-context-keys-or-values."""
    assert holds("StringEquals", "x:k", ["a", "b"], "b")
    assert not holds("StringNotEquals", "x:k", ["a", "b"], "b")
    two = {"StringEquals": {"x:k": "a", "x:l": "b"}, "Bool": {"x:m": "true"}}
    base = {"identity": doc(allow(Condition=two))}
    fitting = {"x__k": ["a"], "x__l": ["b"], "x__m": ["true"]}
    assert ok(**base, **fitting)
    for key in fitting:
        assert not ok(**base, **{**fitting, key: ["false"]})


@pytest.mark.parametrize(
    ("operator", "absent", "fitting", "wanted"),
    [
        ("StringEquals", False, "a", "a"),
        ("StringNotEquals", True, "b", "a"),
        ("StringEqualsIfExists", True, "a", "a"),
        ("StringNotEqualsIfExists", True, "b", "a"),
        ("ArnNotLike", True, "arn:aws:s3:::b", "arn:aws:s3:::a"),
        ("NotIpAddress", True, "10.0.0.1", "11.0.0.0/8"),
        ("NumericNotEquals", True, "2", "1"),
        ("Bool", False, "true", "true"),
        ("BoolIfExists", True, "true", "true"),
        ("Null", True, "", "true"),
        ("Null", False, "a", "false"),
        ("ForAllValues:StringEquals", True, "a", "a"),
        ("ForAnyValue:StringEquals", False, "a", "a"),
        ("ForAnyValue:StringEqualsIfExists", True, "a", "a"),
    ],
)
def test_rules_53_to_56_absent_keys(operator, absent, fitting, wanted):
    """reference_policies_elements_condition_operators: Important box, IfExists, Null; sets."""
    assert holds(operator, "x:k", wanted) is absent
    if operator != "Null":
        assert holds(operator, "x:k", wanted, fitting)
    else:
        assert holds(operator, "x:k", wanted, "some") is not absent


def test_rule_54_deny_if_exists_still_denies_when_absent():
    """reference_policies_condition-keys, aws:MultiFactorAuthPresent, recommended combination."""
    body = deny(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    base = {"identity": doc(allow(), body)}
    assert not ok(**base)
    assert not ok(**base, aws__MultiFactorAuthPresent=["false"])
    assert ok(**base, aws__MultiFactorAuthPresent=["true"])


@pytest.mark.parametrize(
    ("operator", "got", "expected"),
    [
        ("ForAllValues:StringLike", ["team", "env"], True),
        ("ForAllValues:StringLike", ["team", "cost"], False),
        ("ForAnyValue:StringLike", ["team", "cost"], True),
        ("ForAnyValue:StringLike", ["cost"], False),
        ("ForAllValues:StringNotLike", ["cost", "x"], True),
        ("ForAllValues:StringNotLike", ["cost", "team"], False),
        ("ForAnyValue:StringNotLike", ["cost", "team"], True),
        ("ForAnyValue:StringNotLike", ["env", "team"], False),
        ("StringLike", ["team", "env"], False),
        ("ForAllValues:StringLike", [""], True),
        ("ForAnyValue:StringLike", [""], False),
    ],
)
def test_rule_56_sets(operator, got, expected):
    """reference_policies_condition-single-vs-multi-valued-context-keys, and its Note on empty."""
    assert holds(operator, "aws:TagKeys", ["t*m", "env"], *got) is expected


def test_rule_58_key_names_ignore_case_and_values_do_not():
    """reference_policies_variables, Important: key names are case-insensitive."""
    base = {"x__Key": ["v"]}
    assert ok(identity=doc(allow(Condition={"StringEquals": {"X:kEY": "v"}})), **base)
    assert not ok(identity=doc(allow(Condition={"StringEquals": {"x:Key": "V"}})), **base)
    tag = allow(Condition={"StringEquals": {"aws:principaltag/TEAM": "red"}})
    assert ok(identity=doc(tag))


HOME = "arn:aws:s3:::data/${aws:username}/*"


@pytest.mark.parametrize(
    ("version", "resource", "principal", "expected"),
    [
        ("2012-10-17", f"{BUCKET}/alice/f", ALICE, True),
        ("2012-10-17", f"{BUCKET}/bob/f", ALICE, False),
        ("2008-10-17", f"{BUCKET}/alice/f", ALICE, False),
        ("2008-10-17", f"{BUCKET}/${{aws:username}}/f", ALICE, True),
        ("2012-10-17", f"{BUCKET}/alice/f", APP_SESSION, False),
    ],
)
def test_rules_60_and_61_variables_in_resources(version, resource, principal, expected):
    """reference_policies_variables, introduction and Note on Version."""
    policy = doc(allow("*", HOME), version=version)
    assert ok(principal, resource=resource, identity=policy) is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "got", "expected"),
    [
        ("StringEquals", "${aws:PrincipalTag/team}", "red", True),
        ("StringEquals", "${AWS:principaltag/TEAM}", "red", True),
        ("StringEquals", "${aws:PrincipalTag/team}", "blue", False),
        ("StringEquals", "${aws:PrincipalTag/none, 'dflt'}", "dflt", True),
        ("StringEquals", "${aws:PrincipalTag/team, 'dflt'}", "dflt", False),
        ("StringEquals", "${aws:PrincipalTag/none}", "${aws:PrincipalTag/none}", False),
        ("StringNotEquals", "${aws:PrincipalTag/none}", "x", False),
        ("StringLike", "a${*}b", "a*b", True),
        ("StringLike", "a${*}b", "axb", False),
        ("StringLike", "a${?}b", "a?b", True),
        ("StringLike", "a${?}b", "axb", False),
        ("StringEquals", "a${$}{b}", "a${b}", True),
        ("ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:user/alice", True),
        ("ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:user/bob", False),
    ],
)
def test_rule_61_variables_in_conditions(operator, wanted, got, expected):
    """reference_policies_variables: condition element, default values, special characters."""
    assert holds(operator, "x:k", wanted, got) is expected


def test_rule_61_a_wildcard_inside_a_value_is_a_character():
    """reference_policies_variables: a variable stands for the value of the key."""
    body = allow("*", "arn:aws:s3:::data/${x:k}")
    assert not ok(identity=doc(body), x__k=["*"])
    assert ok(resource=f"{BUCKET}/*", identity=doc(body), x__k=["*"])


# ------------------------------------------------- J. derived keys


@pytest.mark.parametrize(
    ("principal", "key", "value"),
    [
        (ALICE, "aws:PrincipalArn", ALICE),
        (OPS_SESSION, "aws:PrincipalArn", OPS),
        (ROOT_USER, "aws:PrincipalArn", ROOT_USER),
        (ALICE, "aws:PrincipalAccount", A),
        ("anonymous", "aws:PrincipalAccount", "anonymous"),
        (ALICE, "aws:PrincipalType", "User"),
        (APP_SESSION, "aws:PrincipalType", "AssumedRole"),
        (ROOT_USER, "aws:PrincipalType", "Account"),
        (FEDERATED, "aws:PrincipalType", "FederatedUser"),
        ("anonymous", "aws:PrincipalType", "Anonymous"),
        (ALICE, "aws:username", "alice"),
        (APP_SESSION, "aws:username", None),
        (ROOT_USER, "aws:username", None),
        (ALICE, "aws:userid", "AIDAALICE"),
        (APP_SESSION, "aws:userid", "AROAAPP:s1"),
        (ROOT_USER, "aws:userid", A),
        (FEDERATED, "aws:userid", f"{A}:alice"),
        ("anonymous", "aws:userid", "anonymous"),
        (ALICE, "aws:PrincipalTag/team", "red"),
        (APP_SESSION, "aws:PrincipalTag/team", "red"),
        ("service:x.amazonaws.com", "aws:PrincipalTag/team", None),
        (ALICE, "aws:PrincipalOrgID", "o-1"),
        ("anonymous", "aws:PrincipalOrgID", None),
        (ALICE, "aws:PrincipalOrgPaths", "o-1/r-1/ou-1/ou-2/"),
        (ALICE, "aws:ResourceAccount", A),
        (ALICE, "aws:ResourceOrgID", "o-1"),
        (ALICE, "aws:ResourceOrgPaths", "o-1/r-1/ou-1/ou-2/"),
        (ALICE, "aws:ResourceTag/env", "prod"),
        ("service:x.amazonaws.com", "aws:PrincipalIsAWSService", "true"),
        (ALICE, "aws:PrincipalIsAWSService", "false"),
        ("anonymous", "aws:PrincipalIsAWSService", None),
        (ALICE, "kms:CallerAccount", None),
        (ALICE, "aws:SourceIp", None),
    ],
)
def test_rule_62_derived_keys(principal, key, value):
    """reference_policies_condition-keys and the table of principals in _variables.

    A Deny on everything but the value must not fire, and one on the value must.
    """
    asked = {
        "principal": principal,
        "action": "sqs:SendMessage",
        "resource": QUEUE,
        "tags": {"env": "prod"},
        "org": organization(),
    }
    everybody = to("*")["Statement"]

    def with_deny(condition: Doc) -> bool:
        statement = deny(Principal="*", Condition=condition)
        extra = doc(*everybody, statement)
        return ok(**asked, policy=extra, identity=doc(allow()), session=doc(allow()))

    if value is None:
        assert not with_deny({"Null": {key: "true"}})
        assert with_deny({"Null": {key: "false"}})
    else:
        assert with_deny({"StringNotEquals": {key: value}})
        assert not with_deny({"StringEquals": {key: value}})


def test_rule_62_organization_keys_are_absent_outside_one():
    """reference_policies_condition-keys, aws:PrincipalOrgID, Availability."""
    body = allow(Condition={"Null": {"aws:PrincipalOrgID": "true"}})
    assert ok(identity=doc(body))
    assert not ok(identity=doc(body), org=organization())
    assert not ok(identity=doc(body), org={**organization(), "management": A})
    assert ok(identity=doc(body), org=organization(parents={B: "r-1"}))
    assert not ok(identity=doc(body), org=organization(parents={B: "r-1"}, management=A))


def test_rule_62_an_action_on_no_resource_is_of_the_callers_account():
    """reference_policies_condition-keys, aws:ResourceAccount."""
    asked = {"action": "sqs:ListQueues", "resource": "*"}
    own = allow(Condition={"StringEquals": {"aws:ResourceAccount": A}})
    other = allow(Condition={"StringEquals": {"aws:ResourceAccount": B}})
    assert ok(**asked, identity=doc(own))
    assert not ok(**asked, identity=doc(other))


def test_rule_62_kms_caller_account():
    """KMS guide, conditions-kms: kms:CallerAccount."""
    policy = to("*", Condition={"StringEquals": {"kms:CallerAccount": A}})
    assert ok(action="kms:Decrypt", resource=KEY, policy=policy)
    other = to("*", Condition={"StringEquals": {"kms:CallerAccount": B}})
    assert not ok(action="kms:Decrypt", resource=KEY, policy=other)


def test_given_context_wins_over_derived():
    """The contract of the comparison: session tags, for one, differ from the role's own."""
    body = allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})
    world, request = make(identity=doc(body))
    assert not decide(world, request).allowed
    assert decide(world, {**request, "context": {"aws:principaltag/Team": ["blue"]}}).allowed


# ------------------------------------------------- unknown keys, undecided points, generator


def test_possible_enumerates():
    body = allow(Condition={"StringEquals": {"x:k": "a"}})
    world, request = make(identity=doc(body))
    assert possible(world, request, {"x:k": ["a", "b"]}) == "sometimes"
    assert possible(world, request, {"X:K": ["b", None]}) == "never"
    assert possible(world, request, {"x:k": ["a"], "x:l": [None, "z"]}) == "always"
    given = {**request, "context": {"X:k": ["a"], "x:l": ["b"]}}
    assert possible(world, given, {"x:l": ["z"]}) == "always"
    assert possible(world, given, {"x:K": [None]}) == "never"
    assert next(iter(contexts(given, {"x:K": ["c"]})))["context"] == {"x:l": ["b"], "x:K": ["c"]}
    assert len(list(contexts(request, {"x:k": ["a", "b"], "x:l": [None, ["p", "q"]]}))) == 4
    assert possible_decidable(world, request, {"x:k": ["a", "b"]}) == ("sometimes", "")
    many = {"x:k": [["a", "b"]]}
    assert possible_decidable(world, request, many)[0] is None


def test_decidable_names_the_open_point():
    body = allow("sqs:*", "arn:aws:sqs:*:jobs")
    asked = {"action": "sqs:SendMessage", "resource": QUEUE}
    outcome, why = decidable(*make(**asked, identity=doc(body)))
    assert outcome is None
    assert why == "resource_glob=segments"
    exact = allow("sqs:*", QUEUE)
    assert decidable(*make(**asked, identity=doc(exact)))[0] == Outcome(True, "", "allowed")


def test_resources_and_callers_of_which_nothing_is_known_are_undecided():
    """Rules 7 and 11c: what was not collected is not absent."""
    base = {"identity": doc(allow())}
    assert decidable(*make(resource="arn:aws:s3:::strange/x", **base))[0] is None
    stranger = f"arn:aws:iam::{B}:user/x"
    assert decidable(*make(stranger, policy=to("*")))[0] is None
    assert decidable(*make(stranger))[0] == Outcome(
        False, "implicit:resource", "no Allow of the resource policies applies"
    )


def test_a_key_not_collected_is_not_a_key_without_policy():
    """Rule 31: without its policy nothing allows; the verdict is open."""
    strange = {"action": "kms:Decrypt", "resource": f"arn:aws:kms:eu-west-1:{A}:key/k9"}
    assert by(**strange, identity=doc(allow())) == "implicit:resource"
    assert decidable(*make(**strange, identity=doc(allow())))[0] is None


def test_iam_resources_of_other_accounts():
    """Rule 36: a user has no policy of its own to admit anybody; a role not collected may."""
    base = {"identity": doc(allow())}
    foreign_user = {"action": "iam:GetUser", "resource": f"arn:aws:iam::{B}:user/x"}
    assert decidable(*make(**foreign_user, **base))[0] is not None
    assert not ok(**foreign_user, **base)
    foreign_role = {"action": "sts:AssumeRole", "resource": f"arn:aws:iam::{B}:role/x"}
    assert decidable(*make(**foreign_role, **base))[0] is None


def test_unknown_operators_are_errors():
    with pytest.raises(ValueError, match="no such condition operator"):
        holds("StringMatches", "x:k", "a", "a")


SAMPLE = [case_of(seed) for seed in range(400)]


def test_generated_cases_are_interesting():
    outcomes = [decide(world, request) for world, request, _ in SAMPLE]
    allowed = sum(outcome.allowed for outcome in outcomes)
    assert allowed * 3 >= len(outcomes)
    layers = {outcome.denied_by.removeprefix("implicit:") for outcome in outcomes}
    assert layers >= {"identity", "boundary", "session", "scp", "rcp", "resource", "trust", ""}
    verdicts = {possible(world, request, unknown) for world, request, unknown in SAMPLE}
    assert verdicts == {"always", "sometimes", "never"}


CHOOSES = {
    "notprincipal_needs_every_form": make(
        APP_SESSION,
        identity=doc(allow()),
        policy=doc({**deny(), "NotPrincipal": {"AWS": APP}}),
    ),
    "allow_notprincipal_is_delegation": make(policy=doc({**allow(), "NotPrincipal": {"AWS": APP}})),
    "bare_operator_takes_many_values": make(
        identity=doc(allow(Condition={"StringEquals": {"x:k": "a"}})), x__k=["a", "b"]
    ),
    "bare_operator_fails_on_set_key": make(
        identity=doc(allow(Condition={"StringEquals": {"aws:TagKeys": "a"}})), aws__TagKeys=["a"]
    ),
    "any_value_negated_means_none": make(
        identity=doc(allow(Condition={"ForAnyValue:StringNotEquals": {"x:k": "a"}})),
        x__k=["a", "b"],
    ),
    "any_value_negated_missing_is_true": make(
        identity=doc(allow(Condition={"ForAnyValue:StringNotEquals": {"x:k": "a"}}))
    ),
    "unparsable_fails_negated": make(
        identity=doc(allow(Condition={"NumericNotEquals": {"x:k": "1"}})), x__k=["one"]
    ),
    "unresolved_spoils_value_only": make(
        identity=doc(allow("*", [OBJECT, "arn:aws:s3:::data/${aws:PrincipalTag/none}"]))
    ),
    "service_wildcard_matches_nothing": make(
        resource=f"{BUCKET}/f", identity=doc(allow("*", "arn:aws:s*:::data/f"))
    ),
    "resource_glob=string": make(
        action="sqs:SendMessage",
        resource=QUEUE,
        identity=doc(allow("*", f"arn:aws:s*t-1:{A}:jobs")),
    ),
    "resource_glob=segments": make(
        action="sqs:SendMessage", resource=QUEUE, identity=doc(allow("*", "arn:aws:sqs:*:jobs"))
    ),
    "empty_string_is_a_value": make(
        identity=doc(allow(Condition={"ForAllValues:StringLike": {"x:k": "a"}})), x__k=[""]
    ),
    "star_resource_has_no_account": make(
        action="sqs:ListQueues",
        resource="*",
        identity=doc(allow(Condition={"Null": {"aws:ResourceAccount": "false"}})),
    ),
    "bare_role_has_user_id": make(
        APP, identity=doc(allow(Condition={"Null": {"aws:userid": "true"}}))
    ),
    "unknown_identity_allows": make(f"arn:aws:iam::{B}:user/x", policy=to("*")),
    "unknown_resource_policy_allows": make(
        resource=f"arn:aws:lambda:eu-west-1:{B}:function:f", identity=doc(allow())
    ),
    "unknown_resource_policy_denies": make(
        resource=f"arn:aws:lambda:eu-west-1:{A}:function:f", identity=doc(allow())
    ),
    "aws_star_excludes_services": make("service:sns.amazonaws.com", policy=to({"AWS": "*"})),
    "short_arn_is_a_string": make(
        identity=doc(allow(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam*"}}))
    ),
}


@pytest.mark.parametrize("name", [name for name, _ in OTHER_READINGS])
def test_every_open_point_decides_some_request_and_says_so(name):
    outcome, why = decidable(*CHOOSES[name])
    assert outcome is None
    assert why == name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_a_deny_of_everything_denies_and_possible_agrees_with_decide(case):
    """Rule 2 on generated worlds, and `possible` against its own enumeration."""
    world, request, unknown = case
    verdicts = [decide(world, each).allowed for each in contexts(request, unknown)]
    expected = "always" if all(verdicts) else "sometimes" if any(verdicts) else "never"
    assert possible(world, request, unknown) == expected
    shut = {**request, "session_policies": [*request["session_policies"], doc(deny())]}
    assert not decide(world, shut).allowed


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200))
def test_any_tape_is_a_case(tape):
    world, request, unknown = build_case(tape)
    assert len(unknown) <= 2
    assert decide(world, request).allowed in (True, False)
