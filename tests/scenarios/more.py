"""Sessions with names, tags and identities; policies of resources that are rewritten; odds."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios import things
from tests.scenarios.labels import (
    AUTH,
    IAM,
    Claim,
    Lab,
    admin,
    blast,
    blast_class,
    can,
    path,
    scenario,
)
from tests.scenarios.worlds import ADMINISTRATOR, FULL, allow, deny, may, trust

EC2, LAMBDA = "ec2.amazonaws.com", "lambda.amazonaws.com"


@scenario(IAM + "id_credentials_temp_control-access_monitor.html")
def source_identity_along_a_chain(lab: Lab) -> Iterator[Claim]:
    both = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    for wanted, verdict in (("alice", "yes"), ("bob", "no")):
        a = lab.account()
        start = a.user("start", allow(both, a.iam("role", "one")))
        is_alice = {"StringEquals": {"sts:SourceIdentity": "alice"}}
        one = a.role(
            "one",
            trust(start, both, Condition=is_alice),
            allow(both, a.iam("role", "two")),
        )
        is_wanted = {"StringEquals": {"aws:SourceIdentity": wanted}}
        two = a.role("two", trust(one, both, Condition=is_wanted))
        yield path(start, one, "yes", "sts-001", why="the caller sets alice")
        yield path(start, two, verdict, why="alice stays for the whole chain")


@scenario(IAM + "id_session-tags.html")
def tags_of_a_session(lab: Lab) -> Iterator[Claim]:
    by_tag = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
    for actions, verdict in (
        (["sts:AssumeRole", "sts:TagSession"], "yes"),
        (["sts:AssumeRole"], "no"),
    ):
        a = lab.account()
        start = a.user("start", allow(["sts:AssumeRole", "sts:TagSession"]))
        a.role("tagged", trust(start, actions), allow("*", Condition=by_tag))
        yield path(start, a.node, verdict, why=f"the trust allows {', '.join(actions)}")
    b = lab.account()
    begin = b.user("begin", allow("sts:AssumeRole"))
    b.role("born", trust(begin), allow("*", Condition=by_tag), tags={"team": "ops"})
    yield path(begin, b.node, "yes", "sts-001", why="the role itself bears the tag")


@scenario(IAM + "reference_policies_elements_principal.html")
def sessions_and_deleted_roles_in_trusts(lab: Lab) -> Iterator[Claim]:
    a, b = lab.account(), lab.account()
    start = a.user("start", allow("sts:AssumeRole", a.iam("role", "step")))
    a.role("step", trust(a.root))
    session = f"arn:aws:sts::{a.number}:assumed-role/step/ci"
    boss = a.admin("boss", trust(session))
    yield path(start, boss, "yes", "sts-001", why="whoever assumes step calls the session ci")
    yield path(start, a.node, "yes", "sts-001", why="whoever assumes step calls the session ci")
    other = f"arn:aws:sts::{b.number}:assumed-role/step/ci"
    far = b.admin("far", trust(session), trust(other))
    yield path(
        start,
        far,
        "yes",
        why="across accounts step has no right of its own",
        relabelled="boss, which start becomes, is admin of the account and gives step the right",
    )
    c = lab.account()
    gone = c.role("gone", trust({"AWS": "AROAEXAMPLEDELETED001"}))
    master = c.user("master", allow("sts:AssumeRole"))
    yield path(master, gone, "no", why="the id of a role that was deleted")


@scenario(IAM + "reference_policies_condition-single-vs-multi-valued-context-keys.html")
def operators_on_keys_that_are_absent(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    tag = "aws:PrincipalTag/team"
    cases = (
        ("every", {"ForAllValues:StringEquals": {"aws:TagKeys": "x"}}, "yes", "absent: true"),
        ("any", {"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}, "no", "absent: false"),
        ("unlike", {"StringNotEquals": {tag: "dev"}}, "yes", "absent: true for what is negated"),
        ("exists", {"StringEqualsIfExists": {tag: "dev"}}, "yes", "absent: true"),
        ("is-null", {"Null": {tag: "true"}}, "yes", "it is absent"),
        ("not-null", {"Null": {tag: "false"}}, "no", "it is absent"),
        ("caseless", {"StringEqualsIgnoreCase": {"aws:username": "CASELESS"}}, "yes", "any case"),
        ("case", {"StringEquals": {"aws:username": "CASE"}}, "no", "case counts"),
        ("key-case", {"StringEquals": {"AWS:UserName": "key-case"}}, "yes", "keys have no case"),
        ("two", {"StringEquals": {"aws:username": ["x", "two"]}}, "yes", "any of the values"),
        (
            "and",
            {"StringEquals": {"aws:username": "and", "aws:PrincipalAccount": "1"}},
            "no",
            "all of the keys",
        ),
        ("arn", {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/ar?"}}, "yes", "ArnLike"),
        ("text", {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/text"}}, "no", "no *"),
    )
    for name, condition, verdict, why in cases:
        yield admin(a.user(name, allow("*", Condition=condition)), a, verdict, why)


@scenario(AUTH + "list_amazons3.html")
def policies_of_resources_that_are_rewritten(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    data = things.bucket(a, f"vault-{a.number}", tags={"classification": "pii"})
    start = a.user("start", allow("s3:PutBucketPolicy", data))
    yield path(start, data, "yes", "x-s3-putbucketpolicy", why="lets itself read")
    refused = a.user("refused", allow("s3:PutBucketPolicy", data), deny("s3:GetObject"))
    yield can(refused, "s3:GetObject", f"{data}/x", "no", "an explicit Deny of its own")
    acl = a.user("acl", allow("s3:PutBucketAcl", data))
    yield path(acl, data, "no", why="ACLs are off: BucketOwnerEnforced")
    held = things.secret(a, "held")
    owner = a.user("owner", allow("secretsmanager:PutResourcePolicy", held))
    yield path(owner, held, "yes", "x-secrets-putresourcepolicy", why="lets itself read")
    look = a.user("look", allow(["secretsmanager:Describe*", "secretsmanager:List*"]))
    yield path(look, held, "no", why="names, not values")
    key = things.key(a, 1, may(a.root, "kms:*"))
    smith = a.user("smith", allow("kms:PutKeyPolicy", key))
    yield path(smith, key, "yes", "x-kms-putkeypolicy", why="lets itself decrypt")
    mute = a.user("mute", allow(["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"], key))
    yield path(mute, key, "no", why="reads what stands there")
    yield blast_class(start, data, "sensitive-data", "the bucket is tagged as pii")


@scenario(AUTH + "list_amazonec2.html")
def profiles_of_machines(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust(EC2), profile=True)
    plain = a.role("plain", trust(EC2), profile=True)
    box = things.instance(a, "i-0dddddddddddddddd", plain)
    bare = things.instance(a, "i-0eeeeeeeeeeeeeeee", "")
    pass_on = allow("iam:PassRole", boss)
    shell = "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"
    run = allow("ssm:SendCommand", [box, bare, shell])
    swap = a.user("swap", pass_on, run, allow("ec2:ReplaceIamInstanceProfileAssociation"))
    yield path(swap, a.node, "possible", "x-ec2-replaceprofile", why="a profile, then a shell")
    add = a.user("add", pass_on, run, allow("ec2:AssociateIamInstanceProfile"))
    yield path(add, a.node, "possible", "x-ec2-associateprofile", why="a profile, then a shell")
    blind = a.user("blind", pass_on, allow("ec2:DescribeIamInstanceProfileAssociations"))
    yield path(blind, a.node, "no", why="describing changes nothing")
    start = a.user("start", pass_on, allow("ec2:RunInstances"))
    yield path(start, a.node, "yes", "ec2-001", why="user data of a machine of one's own")
    sub = a.user("sub", pass_on, allow("ec2:RunInstances", a.arn("ec2", "instance/*")))
    yield path(sub, a.node, "no", why="RunInstances asks for image, subnet and more as well")
    stack = a.user("stack", pass_on, allow("cloudformation:CreateStack"))
    yield path(stack, a.node, "no", why="the role does not trust CloudFormation")
    stopped = things.instance(a, "i-0ffffffffffffffff", boss, state="stopped", ping="")
    calls = ["ec2:ModifyInstanceAttribute", "ec2:StartInstances"]
    wake = a.user("wake", allow(calls, stopped))
    yield path(wake, a.node, "possible", why="it is stopped already: new user data, then start")


@scenario(AUTH + "list_awslambda.html")
def functions_by_other_calls(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust(LAMBDA))
    code = things.function(a, "work", boss)
    layer = a.user("layer", allow("lambda:UpdateFunctionConfiguration", code))
    through = "x-lambda-updatefunctionconfiguration"
    yield path(layer, a.node, "possible", through, why="a layer of one's own, run at the next call")
    publish = a.user("publish", allow(["lambda:PublishVersion", "lambda:UpdateAlias"], code))
    yield path(publish, a.node, "no", why="versions of the same code")
    adds = a.user("adds", allow("lambda:AddPermission", code))
    yield path(adds, a.node, "no", why="it may invoke the code that is there")
    signed = things.function(a, "other", a.role("weak", trust(LAMBDA)))
    weak = a.user(
        "weak-user", allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"], signed)
    )
    yield path(weak, a.node, "no", why="that function's role may do nothing")
    switch = a.user(
        "switch",
        allow("iam:PassRole", boss),
        allow(["lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode"], signed),
        allow("lambda:InvokeFunction", signed),
    )
    yield path(switch, a.node, "yes", why="code of one's own, and the strong role passed to it")


@scenario(AUTH + "list_awsidentityandaccessmanagementiam.html")
def groups_and_roles_by_other_calls(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    a.group("admins", managed=[ADMINISTRATOR])
    admins = a.iam("group", "admins")
    join = a.user("join", allow("iam:AddUserToGroup", admins))
    yield path(join, a.node, "yes", "iam-013", why="joins the admins")
    leave = a.user("leave", allow("iam:RemoveUserFromGroup", admins))
    yield path(leave, a.node, "no", why="takes others out")
    chained = a.user("chained", allow("iam:CreateAccessKey", join))
    yield path(chained, a.node, "yes", "iam-002", "iam-013", why="a key of who may join")
    kept = a.user("kept", FULL, deny("iam:AddUserToGroup"), groups=["jail"])
    a.group("jail", deny("*"))
    yield admin(kept, a, "no", "its group denies everything")
    out = a.user("out", FULL, groups=["half-jail"])
    a.group("half-jail", deny(["iam:Attach*", "iam:Put*", "iam:Create*", "iam:Update*", "sts:*"]))
    yield path(
        out, a.node, "yes", why="iam:RemoveUserFromGroup (or DeleteGroupPolicy) is not denied"
    )
    make = a.user("make", allow(["iam:CreateRole", "iam:AttachRolePolicy"]))
    yield path(make, a.node, "yes", why="a role that trusts it, with AdministratorAccess")
    fence = a.policy("fence", allow("s3:*"))
    only = {"StringEquals": {"iam:PermissionsBoundary": fence}}
    bound = allow(["iam:CreateRole", "iam:AttachRolePolicy"], Condition=only)
    yield path(a.user("bound", bound), a.node, "no", why="every new role gets the boundary")
    grows = a.user(
        "grows", allow(["iam:CreateUser", "iam:CreateAccessKey", "iam:AttachUserPolicy"])
    )
    yield path(grows, a.node, "yes", why="a new user with AdministratorAccess and a key")
    yield blast(join, a.node, "yes", "it is had")
