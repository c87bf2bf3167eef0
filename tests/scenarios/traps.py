"""What looks like a way and is none, each beside its twin that is one."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios import things
from tests.scenarios.labels import AUTH, IAM, Claim, Lab, admin, blast, can, path, scenario
from tests.scenarios.worlds import ADMINISTRATOR, FULL, Account, allow, deny, trust

POLICIES = IAM + "reference_policies_elements_"


@scenario(IAM + "access_policies_boundaries.html")
def boundaries(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    s3 = a.policy("s3", allow("s3:*"))
    wide = a.policy("wide", FULL)
    iam_too = a.policy("iam-too", allow(["iam:*", "s3:*"]))
    a.group("admins", managed=[ADMINISTRATOR])
    yield admin(a.user("free", groups=["admins"]), a, "yes", "by its group")
    held = a.user("held", groups=["admins"], boundary=s3)
    yield admin(held, a, "no", "a boundary counts for what groups give, too")
    yield admin(a.user("open", groups=["admins"], boundary=wide), a, "yes", "it bounds nothing")
    yield admin(a.user("iam", FULL, boundary=iam_too), a, "yes", "iam:* over every role and user")
    yield admin(a.user("only", boundary=wide), a, "no", "a boundary gives nothing")
    self_arn = a.iam("user", "self")
    own = a.user("self", allow("iam:PutUserPolicy", self_arn), boundary=iam_too)
    yield path(own, a.node, "yes", "iam-007", why="within the boundary it becomes IAM's master")
    tight = a.policy("tight", allow(["s3:*", "iam:PutUserPolicy"]))
    bound = a.user("bound", allow("iam:PutUserPolicy", a.iam("user", "bound")), boundary=tight)
    yield path(
        bound,
        a.node,
        "conditional",
        why="it may make any user an admin, and holds none but itself",
        relabelled="first `no`: PutUserPolicy on every user stands within the boundary: the first "
        "user that it gets hold of is admin (x-iam-any-user)",
    )
    narrow = a.policy("narrow", allow("iam:PutUserPolicy", a.iam("user", "nar")))
    alone = a.user("nar", allow("iam:PutUserPolicy", a.iam("user", "nar")), boundary=narrow)
    yield path(alone, a.node, "no", why="what it writes stays within the boundary")


@scenario(POLICIES + "condition_operators.html")
def denies_with_conditions(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    office = {"NotIpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}}
    own = {"StringNotEquals": {"aws:PrincipalAccount": a.number}}
    far = {"StringNotEquals": {"aws:PrincipalAccount": "999988887777"}}
    past = {"DateLessThan": {"aws:CurrentTime": "2021-01-01T00:00:00Z"}}
    since = {"DateGreaterThan": {"aws:CurrentTime": "2021-01-01T00:00:00Z"}}
    tag = {"StringNotEquals": {"aws:PrincipalTag/team": "ops"}}
    cases = (
        ("mfa", mfa, "conditional", "denied without MFA"),
        ("office", office, "conditional", "denied from elsewhere"),
        ("own", own, "yes", "denied to other accounts"),
        ("far", far, "no", "denied to everyone here"),
        ("past", past, "yes", "denied until 2021"),
        ("since", since, "no", "denied since 2021"),
        ("tag", tag, "no", "denied to who has no tag team=ops"),
    )
    for name, condition, verdict, why in cases:
        who = a.user(name, FULL, deny("*", Condition=condition))
        yield admin(who, a, verdict, why)
    tagged = a.user("tagged", FULL, deny("*", Condition=tag), tags={"team": "ops"})
    yield admin(tagged, a, "yes", "it has the tag")
    some = a.user("some", FULL, deny("s3:*"), deny("iam:DeleteRole"))
    yield admin(some, a, "yes", "no takeover needs what is denied")
    most = a.user("most", FULL, deny(["iam:*", "sts:*", "lambda:*"]))
    yield admin(most, a, "no", "nothing of IAM is left, and nothing here has a role")
    region = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    local = a.user("local", FULL, deny("*", Condition=region))
    yield path(local, a.node, "no", why="IAM's calls are made in us-east-1")


@scenario(POLICIES + "notaction.html")
def everything_but(lab: Lab) -> Iterator[Claim]:
    a, b = lab.account(), lab.account()
    power = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
    yield path(a.user("power", power), a.node, "no", why="nothing of IAM, and nothing to take here")
    yield path(b.user("power", power), b.node, "yes", "sts-001", why="it may assume role/door")
    b.admin("door", trust(b.root))
    most = {"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"}
    yield admin(a.user("most", most), a, "yes", "iam:* is not excepted")
    spare = a.iam("user", "spared")
    but = {"Effect": "Allow", "Action": "iam:*", "NotResource": spare}
    yield admin(a.user("but", but), a, "yes", "every other user and role")
    spared = a.user("spared", managed=[ADMINISTRATOR])
    c, d = lab.account(), lab.account()
    lone = c.user("lone", managed=[ADMINISTRATOR])
    single = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": lone}
    yield path(c.user("single", single), lone, "no", why="that user is excepted, others are no way")
    second = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "NotResource": spare}
    yield path(a.user("second", second), spared, "yes", "iam-002", why="by way of another admin")
    only = {"Effect": "Deny", "NotAction": ["s3:*", "iam:Get*"], "Resource": "*"}
    yield admin(a.user("only", FULL, only), a, "no", "all but s3 and iam:Get* is denied")
    strict = {"Effect": "Deny", "Action": "iam:*", "NotResource": a.iam("user", "strict")}
    itself = a.user("strict", FULL, strict)
    yield path(
        itself,
        a.node,
        "yes",
        why="it writes its own inline policy anew, without the Deny",
        relabelled="first `no`: iam is denied on all but itself, where the Deny stands",
    )
    kept = d.policy("kept", strict | {"NotResource": d.iam("user", "held")})
    held = d.user("held", FULL, managed=[kept])
    yield path(held, d.node, "yes", why="it detaches the Deny from itself")
    firm = d.policy("firm", deny(["iam:*", "sts:*"]))
    yield path(d.user("firm", FULL, managed=[firm]), d.node, "no", why="nothing of IAM is left")
    e = lab.account()
    e.user("boss", managed=[ADMINISTRATOR])
    e.group("cage", strict | {"NotResource": e.iam("user", "caged")})
    caged = e.user("caged", FULL, groups=["cage"])
    why = "IAM is left on itself alone, and its group's Deny stays whatever it writes there"
    yield admin(caged, e, "no", why)
    yield path(caged, e.node, "no", why=why)
    f = lab.account()
    f.user("boss", managed=[ADMINISTRATOR])
    f.group("gate", strict | {"NotResource": f.iam("user", "other")})
    f.user("other")
    gated = f.user("gated", FULL, groups=["gate"])
    yield path(
        gated, f.node, "yes", why="IAM is left on another user: it raises and takes that one"
    )


@scenario(IAM + "id_roles_create-service-linked-role.html")
def roles_of_services(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    linked = a.role(
        "AWSServiceRoleForSupport",
        trust("support.amazonaws.com"),
        FULL,
        path="/aws-service-role/support.amazonaws.com/",
    )
    on = ["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"]
    start = a.user("start", allow(on, linked))
    yield path(start, linked, "no", why="IAM refuses to change a service-linked role's trust")
    yield path(start, a.node, "no", why="and its policies")
    passing = a.user("pass", allow("iam:PassRole", linked), allow("lambda:*"))
    yield path(passing, linked, "no", why="it trusts its own service only")
    b = lab.account()
    b.role(
        "AWSReservedSSO_Admin_0123456789abcdef",
        trust(
            {"Federated": b.iam("saml-provider", "AWSSSO_0_DO_NOT_DELETE")},
            "sts:AssumeRoleWithSAML",
        ),
        managed=[ADMINISTRATOR],
        path="/aws-reserved/sso.amazonaws.com/",
    )
    reserved = b.iam("role", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef")
    other = b.user("other", allow("iam:UpdateAssumeRolePolicy"))
    yield path(other, reserved, "no", why="roles of Identity Center cannot be modified")
    yield path(other, b.node, "no", why="there is no other role")


@scenario(POLICIES + "resource.html")
def names_with_wildcards_and_paths(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    a.admin("app-web-deploy", trust("ec2.amazonaws.com"))
    fits = a.user("fits", allow("iam:UpdateAssumeRolePolicy", a.iam("role", "app-*-deploy")))
    yield path(fits, a.node, "yes", "iam-012", why="the star stands for web")
    long = a.user("long", allow("iam:UpdateAssumeRolePolicy", a.iam("role", "app-*-deploy2")))
    yield path(long, a.node, "no", why="no role ends like this")
    one = a.user("one", allow("iam:UpdateAssumeRolePolicy", a.iam("role", "app-?-deploy")))
    yield path(one, a.node, "no", why="a question mark is one character")
    case = a.user("case", allow("iam:UpdateAssumeRolePolicy", a.iam("role", "App-*")))
    yield path(case, a.node, "no", why="names in ARNs are told apart by case")
    b = lab.account()
    b.admin("boss", trust("ec2.amazonaws.com"), path="/team/")
    flat = b.user("flat", allow("iam:UpdateAssumeRolePolicy", b.iam("role", "boss")))
    yield path(flat, b.node, "no", why="the path is part of the ARN")
    team = b.user("team", allow("iam:UpdateAssumeRolePolicy", b.iam("role", "team/*")))
    yield path(team, b.node, "yes", "iam-012", why="the role stands below /team/")
    deep = b.user("deep", allow("iam:UpdateAssumeRolePolicy", b.iam("role", "*boss")))
    yield path(deep, b.node, "yes", "iam-012", why="a star goes over slashes")
    upper = b.user("upper", allow("IAM:updateassumerolepolicy", b.iam("role", "team/boss")))
    yield path(upper, b.node, "yes", "iam-012", why="actions are the same in any case")
    spaced = b.user("star", allow("iam:Update*Policy", "*"))
    yield path(spaced, b.node, "yes", "iam-012", why="a star within the action")


@scenario(IAM + "access_iam-tags.html")
def tags_of_principals_and_resources(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.user("boss", managed=[ADMINISTRATOR], tags={"team": "ops"})
    call = "iam:CreateAccessKey"

    def held(key: str, value: str) -> dict[str, dict[str, dict[str, str]]]:
        return {"Condition": {"StringEquals": {key: value}}}

    fits = a.user("fits", allow(call, **held("aws:ResourceTag/team", "ops")))
    yield path(fits, boss, "yes", "iam-002", why="boss is tagged so")
    not_so = a.user("not", allow(call, **held("aws:ResourceTag/team", "dev")))
    yield path(not_so, boss, "no", why="boss is tagged otherwise")
    same = held("aws:ResourceTag/team", "${aws:PrincipalTag/team}")
    mate = a.user("mate", allow(call, **same), tags={"team": "ops"})
    yield path(mate, boss, "yes", "iam-002", why="both bear the same tag")
    alien = a.user("alien", allow(call, **same), tags={"team": "dev"})
    yield path(alien, boss, "no", why="they bear different tags")
    untagged = a.user("untagged", allow(call, **same))
    yield path(untagged, boss, "no", why="a variable without value matches nothing")
    tagger = a.user(
        "tagger", allow("iam:TagUser"), allow(call, **held("aws:ResourceTag/open", "yes"))
    )
    yield path(tagger, boss, "possible", why="it tags boss first")
    one = a.user(
        "one", allow("*", **held("aws:PrincipalTag/role", "admin")), tags={"role": "admin"}
    )
    yield admin(one, a, "yes", "it bears the tag")
    two = a.user("two", allow("*", **held("aws:PrincipalTag/role", "admin")))
    yield admin(two, a, "no", "it bears no tag")


@scenario(IAM + "reference_policies_variables.html")
def rights_on_oneself_only(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    a.user("boss", managed=[ADMINISTRATOR])
    mine = a.iam("user", "${aws:username}")
    keys = ["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"]
    self_keys = a.user("keys", allow(keys, mine))
    yield path(self_keys, a.node, "no", why="one's own keys give nothing new")
    self_policy = a.user("policy", allow("iam:PutUserPolicy", mine))
    yield path(self_policy, a.node, "yes", "iam-007", why="one's own policy gives everything")
    old = {"UserName": "old"}
    held = a.user("old", allow("iam:PutUserPolicy", mine))
    a.details["user"][-1]["UserPolicyList"][0]["PolicyDocument"]["Version"] = "2008-10-17"
    assert a.details["user"][-1]["UserName"] == old["UserName"]
    yield path(held, a.node, "no", why="before 2012-10-17 a variable is just text")


@scenario(AUTH + "list_awsidentityandaccessmanagementiam.html")
def policies_that_may_be_attached(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    call, key = "iam:AttachUserPolicy", "iam:PolicyARN"

    def may_attach(name: str, operator: str, value: str) -> str:
        condition = {operator: {key: value}}
        return a.user(name, allow(call, a.iam("user", name), Condition=condition))

    read = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    yield path(may_attach("read", "ArnEquals", read), a.node, "no", why="ReadOnlyAccess only")
    aws = "arn:aws:iam::aws:policy/*"
    yield path(may_attach("aws", "ArnLike", aws), a.node, "yes", "iam-008", why="any of AWS's")
    but = may_attach("but", "ArnNotEquals", ADMINISTRATOR)
    yield path(but, a.node, "yes", "iam-008", why="IAMFullAccess is left")
    own = a.iam("policy", "*")
    yield path(
        may_attach("own", "ArnLike", own), a.node, "no", why="no policy of one's own is strong"
    )
    b = lab.account()
    strong = b.policy("strong", FULL)
    condition = {"ArnLike": {key: b.iam("policy", "*")}}
    two = b.user("two", allow(call, b.iam("user", "two"), Condition=condition))
    yield path(two, b.node, "yes", "iam-008", why=f"{strong} allows everything")


@scenario(IAM + "access_policies_job-functions.html")
def lookalikes_that_only_read(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    a.user("boss", managed=[ADMINISTRATOR])
    a.admin("chief", trust(a.root), trust("lambda.amazonaws.com"))
    a.group("admins", managed=[ADMINISTRATOR])
    unused = a.policy("unused", allow("s3:Get*"))
    cases = {
        "read": ["iam:Get*", "iam:List*"],
        "simulate": ["iam:Simulate*", "iam:Generate*"],
        "pass": ["iam:PassRole"],
        "users": ["iam:CreateUser"],
        "roles": ["iam:CreateRole"],
        "groups": ["iam:CreateGroup"],
        "makes": ["iam:CreatePolicy"],
        "profiles": ["iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"],
        "tags": ["iam:TagUser", "iam:TagRole", "iam:UntagRole"],
        "renames": ["iam:UpdateUser", "iam:UpdateRole", "iam:UpdateRoleDescription"],
        "deletes": ["iam:DeleteUser", "iam:DeleteRole", "iam:DeleteGroup", "iam:DeleteAccessKey"],
        "linked": ["iam:CreateServiceLinkedRole"],
        "mfa": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ResyncMFADevice"],
        "caller": [
            "sts:GetCallerIdentity",
            "sts:GetSessionToken",
            "sts:DecodeAuthorizationMessage",
        ],
        "federates": ["sts:GetFederationToken"],
        "stacks": ["cloudformation:Describe*", "cloudformation:CreateStack"],
        "runs": ["ec2:RunInstances", "ec2:StartInstances", "ssm:StartSession"],
        "calls": ["lambda:InvokeFunction", "lambda:CreateFunction"],
        "docs": ["ssm:CreateDocument", "ssm:GetDocument"],
        "boundary": ["iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary"],
    }
    for name, actions in cases.items():
        who = a.user(f"x-{name}", allow(actions))
        yield admin(who, a, "no", f"{', '.join(actions)} raises nobody")
        yield path(who, a.node, "no", why=f"{', '.join(actions)} raises nobody")
    one = a.user("x-version", allow("iam:CreatePolicyVersion", unused))
    yield path(one, a.node, "no", why="the policy is attached to nobody")


@scenario(POLICIES + "version.html")
def statements_that_never_hold(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    late = {"DateLessThan": {"aws:CurrentTime": "2022-01-01T00:00:00Z"}}
    soon = {"DateGreaterThan": {"aws:CurrentTime": "2022-01-01T00:00:00Z"}}
    both = {"StringEquals": {"aws:username": "somebody-else"}}
    never = {"Null": {"aws:PrincipalArn": "true"}}
    via = {"Bool": {"aws:ViaAWSService": "true"}}
    vpce = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}
    cases = (
        ("late", late, "no", "the date has passed"),
        ("soon", soon, "yes", "the date has passed"),
        ("named", both, "no", "the user has another name"),
        ("null", never, "no", "every caller has an ARN"),
        ("via", via, "not-yes", "only where a service calls on its behalf"),
        ("vpce", vpce, "conditional", "through that endpoint"),
    )
    for name, condition, verdict, why in cases:
        who = a.user(name, allow("*", Condition=condition))
        yield admin(who, a, verdict, why)


def _data(a: Account) -> tuple[str, str]:
    data = things.bucket(a, f"data-{a.number}", tags={"classification": "pii"})
    return data, f"{data}/*"


@scenario(
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html"
)
def looks_at_data(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    data, objects = _data(a)
    yield path(a.user("list", allow("s3:List*")), data, "possible", why="lists names of objects")
    reads = a.user("reads", allow("s3:GetObject", objects))
    yield path(reads, data, "yes", why="reads objects")
    yield blast(reads, data, "yes", "reads objects")
    wrong = a.user("wrong", allow("s3:GetObject", data))
    yield path(wrong, data, "no", why="GetObject is about objects, not about the bucket")
    yield can(wrong, "s3:GetObject", f"{data}/x", "no", "GetObject is about objects")
    denied = a.user("denied", allow("s3:*"), deny("s3:GetObject", objects))
    yield can(denied, "s3:GetObject", f"{data}/x", "no", "an explicit Deny")
    other = a.user("other", allow("s3:GetObject", "arn:aws:s3:::data-other/*"))
    yield path(other, data, "no", why="another bucket")
    tight = {"StringEquals": {"s3:ExistingObjectTag/open": "yes"}}
    some = a.user("some", allow("s3:GetObject", objects, Condition=tight))
    yield path(some, data, "conditional", why="objects that bear the tag")
