"""Worlds, requests and unknown keys for comparing IAM evaluators, biased towards the interesting.

Every choice reads one byte of a tape, and byte 0 is the plainest choice, so that one draw of
`hypothesis` makes a case and shrinking the tape makes the case plainer.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import strategies as st

Doc = dict[str, Any]
T = TypeVar("T")

TAPE = 900
A, B, C, FOREIGN = "111111111111", "222222222222", "333333333333", "999999999999"
ORG, ROOT, OU, INNER = "o-abc1234567", "r-ab12", "ou-ab12-aaaaaaaa", "ou-ab12-bbbbbbbb"
REGION = "eu-west-1"
KEY = "11111111-2222-3333-4444-555555555555"
DELETED = ["AROAGONEGONEGONEGONE", "AIDAGONEGONEGONEGONE"]
SERVICE = "events.amazonaws.com"
TAGGED_NAME = "${aws:PrincipalTag/name, 'bob'}"
LINKED = f"aws-service-role/{SERVICE}/AWSServiceRoleForThing"
ASSUME = "sts:AssumeRole"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"

# the actions asked for, with the kind of resource each is asked on
ASKED = [
    ("s3:GetObject", "object"),
    ("s3:PutObject", "object"),
    ("s3:ListBucket", "bucket"),
    ("sqs:SendMessage", "queue"),
    ("sqs:ReceiveMessage", "queue"),
    ("kms:Decrypt", "key"),
    ("kms:Encrypt", "key"),
    ("sts:AssumeRole", "role"),
    ("sts:AssumeRole", "role"),
    ("iam:GetUser", "user"),
    ("iam:PassRole", "role"),
    ("dynamodb:GetItem", "table"),
    ("secretsmanager:GetSecretValue", "secret"),
    ("sns:Publish", "topic"),
    ("lambda:InvokeFunction", "function"),
    ("s3:ListAllMyBuckets", "none"),
    ("sqs:ListQueues", "none"),
    ("iam:ListUsers", "none"),
]
KINDS = {
    "object": "s3-bucket",
    "bucket": "s3-bucket",
    "queue": "sqs-queue",
    "key": "kms-key",
    "table": "dynamodb-table",
    "secret": "secret",
    "topic": "sns-topic",
    "function": "lambda-function",
}
TAGGED = {"queue", "key", "table", "secret"}

# condition keys with values that may fit ("${...}" included) and one that fits nothing
STRINGS: dict[str, list[str]] = {
    "aws:PrincipalTag/team": ["red", "blue", "r*", "${aws:ResourceTag/env}"],
    "aws:ResourceTag/env": ["red", "prod", "${aws:PrincipalTag/team, 'red'}", "p?od"],
    "aws:PrincipalOrgID": [ORG, "o-other00000", "${aws:ResourceOrgID}", "o-*"],
    "aws:PrincipalAccount": [A, B, "${aws:ResourceAccount}", "1*"],
    "aws:username": ["alice", "bob", "a*", "ALICE"],
    "aws:userid": ["AIDAALICE", "AROAAPP:s1", "AROAAPP:*", A],
    "aws:PrincipalType": ["User", "AssumedRole", "Account", "Anonymous"],
    "aws:ResourceAccount": [A, B, "${aws:PrincipalAccount}", "?11111111111"],
    "aws:ResourceOrgID": [ORG, "${aws:PrincipalOrgID}", "o-*", "o-other00000"],
    "kms:CallerAccount": [A, B, "1*", FOREIGN],
    "aws:SourceVpce": ["vpce-1", "vpce-2", "vpce-*", "${*}"],
    "aws:RequestedRegion": [REGION, "us-east-1", "eu-*", "EU-WEST-1"],
    "sts:ExternalId": ["x1", "x2", "x${*}", "X1"],
    "s3:prefix": ["home/alice/", "home/${aws:username}/", "home/*", ""],
}
SETS: dict[str, list[str]] = {
    "aws:TagKeys": ["team", "env", "t*", "Team"],
    "aws:PrincipalOrgPaths": [f"{ORG}/{ROOT}/{OU}/", f"{ORG}/{ROOT}/*", f"{ORG}/*", "o-x/r/"],
    "aws:CalledVia": ["athena.amazonaws.com", "dynamodb.amazonaws.com", "*.amazonaws.com", "x"],
}
ARNS: dict[str, list[str]] = {
    "aws:PrincipalArn": [
        f"arn:aws:iam::{A}:user/alice",
        f"arn:aws:iam::{A}:role/*",
        "arn:aws:iam::*:role/app",
        "arn:aws:iam::*:user/${aws:username}",
    ],
    "aws:SourceArn": [
        f"arn:aws:events:{REGION}:{A}:rule/r1",
        f"arn:aws:events:*:{A}:rule/*",
        "arn:aws:*:*:*:rule/r?",
        f"arn:aws:events:{REGION}:{B}:rule/r1",
    ],
}
TYPED: dict[str, tuple[str, list[str]]] = {
    "s3:max-keys": ("Numeric", ["10", "20", "10.0", "many"]),
    "aws:MultiFactorAuthAge": ("Numeric", ["300", "3600", "-1", "3e2"]),
    "aws:CurrentTime": (
        "Date",
        ["2026-01-01T00:00:00Z", "2025-06-01", "1767225600", "2026-01-01T01:00:00+01:00"],
    ),
    "aws:TokenIssueTime": ("Date", ["2026-01-01T00:00:00Z", "2025-06-01", "soon", "1767225600"]),
    "aws:SecureTransport": ("Bool", ["true", "false"]),
    "aws:MultiFactorAuthPresent": ("Bool", ["true", "false"]),
    "aws:PrincipalIsAWSService": ("Bool", ["false", "true"]),
    "aws:ViaAWSService": ("Bool", ["false", "true"]),
    "myservice:token": ("Binary", ["QUJD", "WFla"]),
    "aws:SourceIp": ("Ip", ["203.0.113.0/24", "203.0.113.5", "2001:db8::/32", "10.0.0.0/8"]),
    "aws:VpcSourceIp": ("Ip", ["10.0.0.0/8", "10.1.0.5/32", "192.0.2.0/24", "nonsense"]),
}
STRING_OPERATORS = [
    "StringEquals",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
]
ARN_OPERATORS = ["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringLike", "StringEquals"]
ENDS = ["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals", "NotEquals"]
TYPED_OPERATORS = {
    "Numeric": ["Numeric" + end for end in ENDS],
    "Date": ["Date" + end for end in ENDS],
    "Bool": ["Bool"],
    "Binary": ["BinaryEquals"],
    "Ip": ["IpAddress", "NotIpAddress"],
}
# what a request may really carry for a key, when it is not one of the policy's own values
CARRIED: dict[str, list[str]] = {
    "aws:SourceIp": ["203.0.113.5", "198.51.100.1", "2001:db8::1"],
    "aws:VpcSourceIp": ["10.1.0.5", "192.0.2.1"],
    "aws:CurrentTime": ["2026-01-01T00:00:00Z", "2026-03-01T10:00:00Z"],
    "aws:TokenIssueTime": ["2026-01-01T00:00:00Z", "2024-01-01T00:00:00Z"],
    "s3:prefix": ["home/alice/", "home/bob/", ""],
    "aws:SourceVpce": ["vpce-1", "vpce-2"],
    "aws:SourceArn": [f"arn:aws:events:{REGION}:{A}:rule/r1", f"arn:aws:s3:::data-{A}"],
    "aws:RequestedRegion": [REGION, "us-east-1"],
    "sts:ExternalId": ["x1", "x*"],
    "aws:CalledVia": ["athena.amazonaws.com", "dynamodb.amazonaws.com"],
    "aws:TagKeys": ["team", "env", "Team"],
}
# keys the evaluator derives and the request leaves to it, but for tags, which a session or a
# service may set to something else
LEFT_TO_DERIVE = {
    "aws:PrincipalOrgID",
    "aws:PrincipalAccount",
    "aws:username",
    "aws:userid",
    "aws:PrincipalType",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "kms:CallerAccount",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
}
OFTEN = ["aws:SourceVpce", "aws:RequestedRegion", "s3:prefix", "aws:PrincipalTag/team"]
TAGS = {"aws:PrincipalTag/team", "aws:ResourceTag/env"}


@dataclass
class Tape:
    """A reader of bytes; past the end every choice is the first one."""

    data: bytes
    at: int = 0

    def byte(self) -> int:
        value = self.data[self.at] if self.at < len(self.data) else 0
        self.at += 1
        return value

    def pick(self, options: Sequence[T]) -> T:
        return options[self.byte() * len(options) // 256]

    def chance(self, percent: int) -> bool:
        return self.byte() >= 256 * (100 - percent) // 100


@dataclass
class Plan:
    """What the case is about: who asks for what, on which resource, in which accounts."""

    tape: Tape
    accounts: list[str]
    principal: str
    caller: str  # account of the principal, "" for services and anonymous
    action: str
    kind: str
    owner: str
    resource: str
    mentioned: dict[str, list[str]] = field(default_factory=dict)


def resource_arn(kind: str, owner: str, caller_name: str) -> str:
    return {
        "object": f"arn:aws:s3:::data-{owner}/home/{caller_name}/f.txt",
        "bucket": f"arn:aws:s3:::data-{owner}",
        "queue": f"arn:aws:sqs:{REGION}:{owner}:jobs",
        "key": f"arn:aws:kms:{REGION}:{owner}:key/{KEY}",
        "role": f"arn:aws:iam::{owner}:role/team/ops",
        "user": f"arn:aws:iam::{owner}:user/eng/bob",
        "table": f"arn:aws:dynamodb:{REGION}:{owner}:table/orders",
        "secret": f"arn:aws:secretsmanager:{REGION}:{owner}:secret:db-AbCdEf",
        "topic": f"arn:aws:sns:{REGION}:{owner}:news",
        "function": f"arn:aws:lambda:{REGION}:{owner}:function:f1",
        "none": "*",
    }[kind]


def make_plan(tape: Tape) -> Plan:
    """Choose who asks for what."""
    accounts = [A, B, C][: tape.pick([1, 2, 2, 3])]
    caller = accounts[0] if not tape.chance(3) else FOREIGN
    form = tape.byte()
    principal = f"arn:aws:iam::{caller}:user/alice"
    if form >= 96:
        principal = f"arn:aws:sts::{caller}:assumed-role/app/s1"
    for least, other in (
        (182, f"arn:aws:iam::{caller}:role/app"),
        (202, f"arn:aws:iam::{caller}:root"),
        (214, f"arn:aws:sts::{caller}:assumed-role/AWSServiceRoleForThing/s1"),
        (226, "anonymous"),
        (237, f"service:{SERVICE}"),
        (250, f"arn:aws:sts::{caller}:federated-user/alice"),
    ):
        if form >= least:
            principal = other
    if principal in ("anonymous", f"service:{SERVICE}"):
        caller = ""
    asked = ASKED if caller or tape.chance(30) else ASKED[:5]
    action, kind = tape.pick(asked)
    owner = tape.pick([accounts[0], accounts[0], accounts[-1]])
    if tape.chance(3):
        owner = FOREIGN
    name = "alice" if tape.chance(50) else "bob"
    resource = resource_arn(kind, owner, name)
    if kind == "role" and tape.chance(6):
        resource = f"arn:aws:iam::{owner}:role/{LINKED}"
    elif kind == "role" and tape.chance(8):
        resource = f"arn:aws:iam::{owner}:role/app"
    if tape.chance(15):
        action = action.lower() if tape.chance(50) else action.upper()
    return Plan(tape, accounts, principal, caller, action, kind, owner, resource)


# ---------------------------------------------------------------- statements


def action_patterns(plan: Plan, broad: int) -> Any:
    """An Action that mostly covers the action asked for; `broad` percent are just "*"."""
    tape = plan.tape
    if tape.chance(broad):
        return "*"
    service, _, name = plan.action.partition(":")
    other = tape.pick(ASKED)[0]
    return tape.pick(
        [
            plan.action,
            [other, plan.action],
            f"{service}:*",
            f"{service.upper()}:{name[:3]}*",
            f"{service}:?{name[1:]}",
            f"{service}:*{name[-4:]}",
            plan.action.swapcase(),
            other,
            [f"{other[:5]}*", "*:Get*"],
            "*",
        ]
    )


def resource_patterns(plan: Plan) -> Any:
    """A Resource that mostly covers the resource asked for."""
    tape, arn = plan.tape, plan.resource
    if tape.chance(45):
        return "*"
    if arn == "*":
        return tape.pick(["*", ["arn:aws:s3:::*", "*"], "arn:aws:*"])
    head, _, tail = arn.rpartition(":")
    return tape.pick(
        [
            arn,
            [f"arn:aws:sns:*:{C}:x", arn],
            f"{head}:*",
            f"{head}:{tail[:2]}*",
            f"{head}:?{tail[1:]}",
            f"arn:aws:{arn.split(':')[2]}:*:*:*",
            f"arn:aws:{arn.split(':')[2]}*",
            f"{head}:{tail.replace('alice', '${aws:username}')}",
            f"{head}:{tail.replace('bob', TAGGED_NAME)}",
            f"{head}:{tail[:1]}${{*}}{tail[2:]}",
            f"{head}:{tail.swapcase()}",
            resource_arn("queue", B, "bob"),
        ]
    )


def some(tape: Tape, values: list[str]) -> Any:
    """One value, or now and then several, of those a key may have in a policy."""
    first = tape.pick(values)
    return [first, tape.pick(values)] if tape.chance(20) else first


def condition(plan: Plan) -> Doc:
    """One or two operator blocks, noting what they mention."""
    blocks: Doc = {}
    for _ in range(2 if plan.tape.chance(20) else 1):
        operator, key, values = one_condition(plan)
        plan.mentioned.setdefault(key, []).extend(values if isinstance(values, list) else [values])
        if plan.tape.chance(8):
            key = key.upper() if plan.tape.chance(50) else key.lower()
        blocks.setdefault(operator, {})[key] = values
    return blocks


def one_condition(plan: Plan) -> tuple[str, str, Any]:
    tape = plan.tape
    family = tape.pick(["text", "text", "text", "arn", "set", "typed", "typed", "typed"])
    if family == "text":
        key = tape.pick([*STRINGS, *OFTEN, *OFTEN])
        operator, values = tape.pick(STRING_OPERATORS), some(tape, STRINGS[key])
    elif family == "arn":
        key = tape.pick(list(ARNS))
        operator, values = tape.pick(ARN_OPERATORS), some(tape, ARNS[key])
    elif family == "set":
        key = tape.pick(list(SETS))
        operator, values = tape.pick(STRING_OPERATORS[:4]), some(tape, SETS[key])
        if tape.chance(90):
            operator = tape.pick(["ForAnyValue:", "ForAllValues:"]) + operator
    else:
        key = tape.pick(list(TYPED))
        operator, values = tape.pick(TYPED_OPERATORS[TYPED[key][0]]), some(tape, TYPED[key][1])
        if TYPED[key][0] == "Bool" and tape.chance(20):
            values = values == "true"
    if tape.chance(8):
        return "Null", key, tape.pick(["true", "false"])
    if tape.chance(18):
        operator += "IfExists"
    elif family != "set" and tape.chance(4):
        operator = tape.pick(["ForAnyValue:", "ForAllValues:"]) + operator
    return operator, key, values


def principal_names(plan: Plan) -> list[Any]:
    """The forms by which an AWS principal of the plan can be named, the fitting ones first."""
    account = plan.caller or A
    short = plan.principal.rsplit("/", 1)
    own = [plan.principal] if plan.caller else ["*"]
    if ":assumed-role/" in plan.principal:
        own = [plan.principal, f"arn:aws:iam::{account}:role/{short[0].rsplit('/', 1)[1]}"]
        if "AWSServiceRoleForThing" in plan.principal:
            own[1] = f"arn:aws:iam::{account}:role/{LINKED}"
    if ":federated-user/" in plan.principal:
        own.append(f"arn:aws:iam::{account}:user/alice")
    return [
        *own,
        *own,
        *own,
        account,
        account,
        f"arn:aws:iam::{account}:root",
        f"arn:aws:iam::{account}:root",
        "*",
        f"arn:aws:iam::{account}:user/eng/bob",
        f"arn:aws:iam::{account}:role/*",
        f"arn:aws:sts::{account}:assumed-role/app/*",
        f"arn:aws:sts::{account}:assumed-role/app/s2",
        plan.tape.pick(DELETED),
        FOREIGN,
    ]


def principal_element(plan: Plan) -> Any:
    """A Principal of any form, mostly one that names the caller."""
    tape = plan.tape
    names = principal_names(plan)
    if plan.principal.startswith("service:") and tape.chance(60):
        return {"Service": tape.pick([SERVICE, SERVICE, [SERVICE, "ec2.amazonaws.com"]])}
    form = tape.byte()
    if form < 165:
        return {"AWS": tape.pick(names)}
    if form < 190:
        return {"AWS": [tape.pick(names), tape.pick(names)]}
    if form < 215:
        return "*"
    return tape.pick(
        [
            {"Service": SERVICE, "AWS": tape.pick(names)},
            {"Service": tape.pick(["ec2.amazonaws.com", SERVICE])},
            {"Federated": f"arn:aws:iam::{A}:saml-provider/idp", "AWS": tape.pick(names)},
            {"Federated": "cognito-identity.amazonaws.com"},
            {"CanonicalUser": CANONICAL, "AWS": tape.pick(names)},
        ]
    )


def statement(plan: Plan, effect: str, layer: str, conditions: int) -> Doc:
    """One statement of a layer: identity, resource, trust or rcp."""
    tape = plan.tape
    body: Doc = {"Effect": effect}
    if layer == "rcp":
        body["Principal"] = "*"
    elif layer in ("resource", "trust"):
        odd = effect == "Deny" or layer == "resource"
        name = "NotPrincipal" if odd and tape.chance(6) else "Principal"
        body[name] = principal_element(plan)
    if layer == "trust":
        body["Action"] = tape.pick([ASSUME, [ASSUME, "sts:TagSession"], "sts:*"])
    elif tape.chance(7):
        body["NotAction"] = tape.pick(["iam:*", ["s3:Get*", "sts:*"], plan.action])
    else:
        body["Action"] = action_patterns(plan, 38 if effect == "Allow" else 5)
    if layer != "trust":
        negated = tape.chance(6)
        other = negated and tape.chance(70)
        covered = resource_arn("queue", B, "bob") if other else resource_patterns(plan)
        body["NotResource" if negated else "Resource"] = covered
    if tape.chance(conditions):
        body["Condition"] = condition(plan)
    return body


def document(plan: Plan, layer: str, denies: int, allow: int = 100) -> Doc:
    """A policy: mostly one Allow, sometimes more, and a Deny in `denies` percent."""
    tape = plan.tape
    body = [statement(plan, "Allow", layer, 42) for _ in range(1 + tape.chance(15))]
    if not tape.chance(allow):
        body = []
    if tape.chance(denies):
        body.append(statement(plan, "Deny", layer, 72))
    version = tape.pick(["2012-10-17"] * 7 + ["2008-10-17", ""])
    doc: Doc = {"Statement": body[0] if len(body) == 1 and tape.chance(30) else body}
    return {"Version": version, **doc} if version else doc


def full_access() -> Doc:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }


def rcp(plan: Plan) -> Doc:
    return {"Version": "2012-10-17", "Statement": [statement(plan, "Deny", "rcp", 70)]}


# ---------------------------------------------------------------- the world


def organization(plan: Plan) -> Doc | None:
    """None, or an organization with the accounts below the root or OUs, SCPs and RCPs."""
    tape = plan.tape
    if not tape.chance(65):
        return None
    management = tape.pick(["000000000001", "000000000001", plan.accounts[0], plan.accounts[-1]])
    parents = {OU: ROOT, INNER: OU, "000000000001": ROOT}
    for account in plan.accounts:
        if not tape.chance(10):
            parents[account] = tape.pick([ROOT, OU, INNER])
    parents.setdefault(management, ROOT)
    scps: Doc = {}
    if not tape.chance(20):
        for level in [ROOT, *parents]:
            scps[level] = [full_access()]
            if tape.chance(10):
                scps[level] = [document(plan, "identity", 15)]
            elif tape.chance(8):
                scps[level].append(document(plan, "identity", 100, allow=0))
    rcps: Doc = {}
    for level in [ROOT, *parents]:
        if tape.chance(9):
            rcps[level] = [rcp(plan)]
    return {
        "id": ORG,
        "management": management,
        "root": ROOT,
        "parents": parents,
        "scps": scps,
        "rcps": rcps,
    }


def managed_policy(account: str, name: str, doc: Doc, older: Doc | None) -> Doc:
    """A managed policy whose default version is `doc`; an older, wider one must not count."""
    versions = [{"VersionId": "v2", "IsDefaultVersion": True, "Document": doc}]
    if older is not None:
        versions.append({"VersionId": "v1", "IsDefaultVersion": False, "Document": older})
    return {
        "PolicyName": name,
        "Arn": f"arn:aws:iam::{account}:policy/{name}",
        "PolicyVersionList": versions,
    }


def attach(name: str, account: str) -> list[Doc]:
    return [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::{account}:policy/{name}"}]


def principal_policies(plan: Plan, policies: list[Doc], detail: Doc, inline: str) -> None:
    """Give the caller its policies: inline, managed, and now and then a boundary."""
    tape, account = plan.tape, plan.caller
    if tape.chance(90):
        detail[inline] = [{"PolicyName": "p", "PolicyDocument": document(plan, "identity", 12)}]
    if tape.chance(30):
        older = full_access() if tape.chance(50) else None
        policies.append(managed_policy(account, "extra", document(plan, "identity", 8), older))
        detail["AttachedManagedPolicies"] = attach("extra", account)
    if tape.chance(28) and "/aws-service-role/" not in detail["Arn"]:
        limit = full_access() if tape.chance(30) else document(plan, "identity", 10)
        policies.append(managed_policy(account, "limit", limit, None))
        detail["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": f"arn:aws:iam::{account}:policy/limit",
        }


def tags(tape: Tape) -> list[Doc]:
    if not tape.chance(60):
        return []
    key = tape.pick(["team", "team", "Team", "name"])
    return [{"Key": key, "Value": tape.pick(["red", "blue"])}]


def trust(plan: Plan, arn: str) -> Doc:
    """The trust policy of a role: about the request if it is the role asked for."""
    service = {"Service": SERVICE}
    if arn == plan.resource and "/aws-service-role/" not in arn:
        doc = document(plan, "trust", 22)
        widen(plan, doc)
        return doc if plan.tape.chance(90) else {**doc, "Statement": []}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}],
    }


def user(plan: Plan, account: str, path: str, name: str) -> Doc:
    """A user as get-account-authorization-details gives it; its id says whose it is."""
    suffix = "" if account == A else account[0]
    return {
        "Path": path,
        "UserName": name,
        "UserId": f"AIDA{name.upper()}{suffix}",
        "Arn": f"arn:aws:iam::{account}:user{path}{name}",
        "GroupList": [],
        "UserPolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": tags(plan.tape),
    }


def role(plan: Plan, account: str, path: str, name: str) -> Doc:
    suffix = "" if account == A else account[0]
    arn = f"arn:aws:iam::{account}:role{path}{name}"
    return {
        "Path": path,
        "RoleName": name,
        "RoleId": f"AROA{name.upper()[:8]}{suffix}",
        "Arn": arn,
        "AssumeRolePolicyDocument": trust(plan, arn),
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": tags(plan.tape),
    }


def account_data(plan: Plan, account: str) -> Doc:
    """Two users, a group, two roles and a service-linked role; the caller gets the policies."""
    policies: list[Doc] = []
    alice, bob = user(plan, account, "/", "alice"), user(plan, account, "/eng/", "bob")
    app, ops = role(plan, account, "/", "app"), role(plan, account, "/team/", "ops")
    linked = role(plan, account, f"/aws-service-role/{SERVICE}/", "AWSServiceRoleForThing")
    group: Doc = {
        "Path": "/",
        "GroupName": "devs",
        "GroupId": "AGPADEVS",
        "Arn": f"arn:aws:iam::{account}:group/devs",
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [],
    }
    bob["UserPolicyList"] = [{"PolicyName": "all", "PolicyDocument": full_access()}]
    ops["RolePolicyList"] = [{"PolicyName": "all", "PolicyDocument": full_access()}]
    if account == plan.caller:
        if "/alice" in plan.principal:
            principal_policies(plan, policies, alice, "UserPolicyList")
            if plan.tape.chance(40):
                alice["GroupList"] = ["devs"]
            if plan.tape.chance(50):
                doc = document(plan, "identity", 10)
                group["GroupPolicyList"] = [{"PolicyName": "g", "PolicyDocument": doc}]
        elif "AWSServiceRoleForThing" in plan.principal:
            principal_policies(plan, policies, linked, "RolePolicyList")
        elif "/app" in plan.principal:
            principal_policies(plan, policies, app, "RolePolicyList")
    return {
        "UserDetailList": [alice, bob],
        "GroupDetailList": [group],
        "RoleDetailList": [app, ops, linked],
        "Policies": policies,
    }


def resources(plan: Plan) -> list[Doc]:
    """The resource asked for, with a policy about the request, and one that has nothing to do."""
    found: list[Doc] = [
        {
            "arn": f"arn:aws:s3:::other-{A}",
            "account": A,
            "policy": None,
            "tags": {},
            "kind": "s3-bucket",
        }
    ]
    if plan.kind not in KINDS or plan.owner == FOREIGN:
        return found
    arn = plan.resource
    if plan.kind == "object":
        arn = resource_arn("bucket", plan.owner, "")
    policy = None
    if plan.tape.chance(75 if plan.owner == plan.caller else 92):
        policy = document(plan, "resource", 22)
        widen(plan, policy)
        if plan.kind == "key" and plan.tape.chance(55):
            policy["Statement"] = [*listed(policy["Statement"]), delegation(plan.owner)]
    labels = {}
    if plan.kind in TAGGED and plan.tape.chance(60):
        labels = {plan.tape.pick(["env", "env", "Env"]): plan.tape.pick(["prod", "red", "blue"])}
    found.append(
        {
            "arn": arn,
            "account": plan.owner,
            "policy": policy,
            "tags": labels,
            "kind": KINDS[plan.kind],
        }
    )
    return found


def widen(plan: Plan, doc: Doc) -> None:
    """For callers from elsewhere, often a plain grant besides, or little would be allowed."""
    if plan.owner != plan.caller and plan.tape.chance(55):
        plain = {"Effect": "Allow", "Principal": principal_element(plan), "Action": "*"}
        if plan.kind == "role":
            plain["Action"] = ASSUME
        else:
            plain["Resource"] = "*"
        doc["Statement"] = [plain, *listed(doc["Statement"])]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def delegation(account: str) -> Doc:
    """The statement of a default key policy."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


# ---------------------------------------------------------------- the request


def carried_values(plan: Plan, key: str) -> list[str]:
    """Values a request could carry for a key: the plain ones of the policies, then others."""
    plain = [
        "true" if value is True else "false" if value is False else str(value)
        for value in plan.mentioned[key]
    ]
    plain = [v for v in plain if not any(mark in v for mark in "*?$/") or key in ARNS]
    plain = [v for v in plain if not any(mark in v for mark in "*?$")]
    extra = CARRIED.get(key, [])
    if key in TYPED and TYPED[key][0] == "Bool":
        extra = ["true", "false"]
    return list(dict.fromkeys([*plain, *extra])) or ["red", "zz"]


def nothing_fits(key: str) -> str:
    """A value of the right type that fits no policy value."""
    if key in TYPED:
        return {
            "Numeric": "77777",
            "Date": "1999-12-31T00:00:00Z",
            "Bool": "false",
            "Binary": "enp6",
            "Ip": "100.64.0.1",
        }[TYPED[key][0]]
    return "arn:aws:zz:zz:000000000000:zz" if key in ARNS else "zz"


def context_and_unknown(plan: Plan) -> tuple[Doc, dict[str, list[Any]]]:
    """Values for the keys the policies mention; up to two keys are left unknown instead."""
    tape = plan.tape
    context: Doc = {"aws:SecureTransport": ["true"]}
    unknown: dict[str, list[Any]] = {}
    wanted = tape.pick([0, 1, 1, 2, 2])
    for key in plan.mentioned:
        if key in LEFT_TO_DERIVE:
            continue
        values = carried_values(plan, key)
        if len(unknown) < wanted and (key not in TAGS or tape.chance(40)):
            unknown[key] = unknown_values(plan, key, values)
        elif tape.chance(10 if key in TAGS else 72):
            context[key] = [tape.pick(values)]
            if key in SETS and tape.chance(40):
                context[key].append(tape.pick(values))
    for key in unknown:
        context.pop(key, None)
    return context, unknown


def unknown_values(plan: Plan, key: str, values: list[str]) -> list[Any]:
    """Two of the fitting values, one that fits nothing, absent, and now and then several at once.

    Several values at once only for set keys, as AWS gives other keys one value at most; a small
    share breaks that on purpose.
    """
    tape = plan.tape
    found: list[Any] = [*values[:2], nothing_fits(key)]
    if key in SETS or tape.chance(3):
        found.append([values[0], nothing_fits(key)])
    if tape.chance(85):
        found.append(None)
    return found


def build_case(tape_bytes: bytes) -> tuple[Doc, Doc, dict[str, list[Any]]]:
    """The (world, request, unknown) that a tape stands for."""
    plan = make_plan(Tape(tape_bytes))
    world: Doc = {
        "organization": None,
        "accounts": {account: account_data(plan, account) for account in plan.accounts},
        "resources": resources(plan),
    }
    sessions: list[Doc] = []
    if ":sts::" in plan.principal and plan.tape.chance(30):
        sessions = [document(plan, "identity", 12) for _ in range(1 + plan.tape.chance(20))]
    world["organization"] = organization(plan)
    context, unknown = context_and_unknown(plan)
    request = {
        "principal": plan.principal,
        "session_policies": sessions,
        "action": plan.action,
        "resource": plan.resource,
        "context": context,
    }
    return world, request, unknown


def case_of(seed: int) -> tuple[Doc, Doc, dict[str, list[Any]]]:
    """The case of a seed: for long runs without hypothesis."""
    return build_case(random.Random(seed).randbytes(TAPE))


def cases() -> st.SearchStrategy[tuple[Doc, Doc, dict[str, list[Any]]]]:
    """Cases for hypothesis; they shrink."""
    return st.binary(min_size=TAPE, max_size=TAPE).map(build_case)
