"""Chains of identities within one account."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios import things
from tests.scenarios.labels import AUTH, IAM, Claim, Lab, blast, path, scenario
from tests.scenarios.worlds import ADMINISTRATOR, FULL, allow, may, trust


@scenario(IAM + "access_policies_identity-vs-resource.html")
def write_a_role_and_become_it(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    start = a.user("start", allow("iam:PutRolePolicy", a.iam("role", "ci")))
    ci = a.role("ci", trust(start), allow("s3:ListAllMyBuckets"))
    yield path(
        start, a.node, "yes", "iam-017", why="the trust names the user; the policy is theirs"
    )
    yield path(start, ci, "yes", why="a trust that names the user is enough in one account")
    other = a.user("other", allow("iam:PutRolePolicy", a.iam("role", "batch")))
    a.role("batch", trust("batch.amazonaws.com"), allow("s3:ListAllMyBuckets"))
    yield path(other, a.node, "no", why="the role is written but nobody but a service enters it")
    third = a.user("third", allow("iam:PutRolePolicy", a.iam("role", "rooted")))
    a.role("rooted", trust(a.root), allow("s3:ListAllMyBuckets"))
    yield path(third, a.node, "no", why="a trust of the account asks for sts:AssumeRole as well")
    fourth = a.user("fourth", allow(["iam:PutRolePolicy", "sts:AssumeRole"], a.iam("role", "r2")))
    a.role("r2", trust(a.root), allow("s3:ListAllMyBuckets"))
    yield path(fourth, a.node, "yes", "iam-017", why="both halves are there")
    fence = a.policy("fence", allow("s3:*"))
    fifth = a.user("fifth", allow("iam:PutRolePolicy", a.iam("role", "fenced")))
    a.role("fenced", trust(fifth), allow("s3:ListAllMyBuckets"), boundary=fence)
    yield path(fifth, a.node, "no", why="the boundary caps whatever is written into the role")


@scenario(IAM + "id_roles_update-role-trust-policy.html")
def rewrite_trust_then_pass_to_lambda(lab: Lab) -> Iterator[Claim]:
    for service, verdict in (("lambda.amazonaws.com", "yes"), ("ec2.amazonaws.com", "no")):
        a = lab.account()
        boss = a.admin("boss", trust(service))
        a.role(
            "deployer",
            trust("codepipeline.amazonaws.com"),
            allow("iam:PassRole", boss),
            allow(["lambda:CreateFunction", "lambda:InvokeFunction"]),
        )
        start = a.user("start", allow("iam:UpdateAssumeRolePolicy", a.iam("role", "deployer")))
        yield path(start, a.iam("role", "deployer"), "yes", "iam-012", why="they write the trust")
        through = ("iam-012", "lambda-001") if verdict == "yes" else ()
        yield path(start, boss, verdict, *through, why=f"the passed role trusts {service}")
        yield path(start, a.node, verdict, why=f"the passed role trusts {service}")


def _with_keys(lab: Lab, keys: tuple[str, ...], *more: str) -> tuple[str, str, str]:
    a = lab.account()
    boss = a.admin("boss", trust("ec2.amazonaws.com"), profile=not more)
    ops = a.user("ops", allow("iam:PassRole", boss), allow("ec2:RunInstances"), keys=keys)
    actions = ["iam:CreateAccessKey", *more]
    return a.user("start", allow(actions, ops)), a.node, ops


@scenario(IAM + "reference_iam-quotas.html")
def make_a_key_of_who_may_pass_to_ec2(lab: Lab) -> Iterator[Claim]:
    start, account, ops = _with_keys(lab, ("Active",))
    yield path(start, account, "yes", "iam-002", "ec2-001", why="there is room for a second key")
    yield path(start, ops, "yes", "iam-002", why="there is room for a second key")
    start, account, ops = _with_keys(lab, ("Active", "Inactive"))
    yield path(start, ops, "no", why="two keys a user, inactive ones counted")
    yield path(start, account, "no", why="two keys a user, inactive ones counted")
    start, account, ops = _with_keys(lab, ("Active", "Active"), "iam:DeleteAccessKey")
    yield path(start, ops, "yes", "iam-003", why="one of the two keys is deleted first")
    yield path(start, account, "no", why="the role is in no instance profile and none can be made")


@scenario(IAM + "access_policies_job-functions_create-policies.html")
def join_a_group_that_may_raise_itself(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    group = a.iam("group", "ops")
    a.group("ops", allow("iam:AttachGroupPolicy", group))
    start = a.user("start", allow("iam:AddUserToGroup", group))
    yield path(start, a.node, "yes", why="a member may attach AdministratorAccess to its own group")
    member = a.user("member", groups=["ops"])
    yield path(member, a.node, "yes", "iam-010", why="it is a member already")
    aside = a.user("aside", allow("iam:AddUserToGroup", a.iam("user", "*")))
    yield path(aside, a.node, "no", why="AddUserToGroup is about groups, not about users")
    empty = a.iam("group", "empty")
    a.group("empty")
    both = a.user("both", allow(["iam:AttachGroupPolicy", "iam:AddUserToGroup"], empty))
    yield path(both, a.node, "yes", why="attach to the group, then join it")
    half = a.user("half", allow("iam:AttachGroupPolicy", empty))
    yield path(half, a.node, "no", why="whoever is not in the group gains nothing by it")


@scenario(IAM + "reference_policies_evaluation-logic_policy-eval-denyallow.html")
def chain_of_roles_to_a_bucket(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    data = things.bucket(a, f"payroll-{a.number}", tags={"classification": "pii"})
    start = a.user("start", allow("sts:AssumeRole", a.iam("role", "one")))
    one = a.role("one", trust(a.root), allow("sts:AssumeRole", a.iam("role", "two")))
    two = a.role("two", trust(a.root))
    three = a.role("three", trust(two), allow("s3:GetObject", f"{data}/*"))
    yield path(start, data, "yes", "sts-001", why="user > one > two > three > object")
    yield path(start, three, "yes", "sts-001", why="two needs no policy: three's trust names it")
    yield blast(one, data, "yes", "it is on the way")
    yield path(data, a.node, "no", why="a bucket is nobody")
    stranger = a.user("stranger")
    yield path(stranger, data, "no", why="one trusts the account, which asks for sts:AssumeRole")
    shut = things.bucket(a, f"shut-{a.number}", may(three, "s3:PutObject", f"{data}/*"))
    yield path(
        start, shut, "no", why="three may read payroll only; that policy names another bucket"
    )


@scenario("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html")
def chain_to_a_secret_with_a_key_of_its_own(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    closed = things.key(a, 1, may(a.root, ["kms:Describe*", "kms:Put*"]))
    open_key = things.key(a, 2, may(a.root, "kms:*"))
    plain = things.secret(a, "plain")
    locked = things.secret(a, "locked", key=closed)
    mid = things.secret(a, "mid", key=open_key)
    start = a.user("start", allow("sts:AssumeRole", a.iam("role", "reader")))
    read = allow("secretsmanager:GetSecretValue")
    a.role("reader", trust(a.root), read)
    other = a.user("other", read, allow("kms:Decrypt", open_key))
    yield path(start, plain, "yes", "sts-001", why="aws/secretsmanager decrypts for the account")
    yield path(start, locked, "no", why="GetSecretValue decrypts with the key, which lets nobody")
    yield path(start, mid, "no", why="the role lacks kms:Decrypt, which the key leaves to IAM")
    yield path(other, mid, "yes", why="kms:Decrypt is there")
    yield path(other, locked, "no", why="the key policy does not let IAM policies give kms:Decrypt")


@scenario(AUTH + "list_awsidentityandaccessmanagementiam.html")
def several_ways_to_one_admin(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.user("boss", managed=[ADMINISTRATOR])
    chief = a.admin("chief", trust(a.root))
    start = a.user("start", allow("iam:CreateLoginProfile", boss), allow("sts:AssumeRole", chief))
    yield path(start, a.node, "yes", "iam-004", why="the password of a new login profile")
    yield path(start, a.node, "yes", "sts-001", why="the role trusts the account")
    yield path(start, boss, "yes", "iam-004", why="boss has no password yet")
    b = lab.account()
    late = b.user("late", managed=[ADMINISTRATOR], login=True)
    second = b.user("second", allow("iam:CreateLoginProfile", late))
    yield path(second, late, "no", why="EntityAlreadyExists: it has a login profile")
    third = b.user("third", allow("iam:UpdateLoginProfile", late))
    yield path(third, late, "yes", "iam-006", why="the password is replaced")
    fourth = a.user("fourth", allow("iam:UpdateLoginProfile", boss))
    yield path(fourth, boss, "no", why="NoSuchEntity: there is no login profile to update")


@scenario(IAM + "access_policies_managed-versioning.html")
def versions_of_a_policy(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    mine = a.policy("mine", allow("s3:ListAllMyBuckets"))
    loose = a.policy("loose", allow("s3:ListAllMyBuckets"))
    once = a.policy("once", allow("s3:ListAllMyBuckets"), older=[[FULL]])
    never = a.policy("never", allow("s3:ListAllMyBuckets"), older=[[allow("s3:Get*")]])
    full = a.policy("full", allow("s3:Get*"), older=[[allow(f"s3:{n}")] for n in "ABCD"])
    write, default = "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"
    yes = a.user("yes", allow(write, mine), managed=[mine])
    yield path(yes, a.node, "yes", "iam-001", why="SetAsDefault needs no right of its own")
    no = a.user("no", allow(write, loose))
    yield path(no, a.node, "no", why="the policy is attached to nobody")
    back = a.user("back", allow(default, once), managed=[once])
    yield path(back, a.node, "yes", "x-iam-setdefaultpolicyversion", why="version 1 allows all")
    weak = a.user("weak", allow(default, never), managed=[never])
    yield path(weak, a.node, "no", why="no version allows more")
    slots = a.user("slots", allow(write, full), managed=[full])
    yield path(slots, a.node, "no", why="five versions a policy; none can be deleted")
    freed = a.user("freed", allow([write, "iam:DeletePolicyVersion"], full), managed=[full])
    yield path(freed, a.node, "yes", "iam-001", why="an old version is deleted first")
    foreign = a.user("foreign", allow(write, ADMINISTRATOR), managed=[])
    yield path(foreign, a.node, "no", why="policies of AWS cannot be versioned by customers")


@scenario(IAM + "access_policies_boundaries.html")
def boundaries_that_can_be_moved(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    keep = a.policy("keep", allow("s3:*"))
    loose = a.policy("loosen", allow(["s3:*", "iam:*UserPermissionsBoundary"]))
    off = a.user("off", FULL, boundary=loose)
    yield path(off, a.node, "yes", "iam-022|iam-024", why="the boundary lets it be taken away")
    on = a.user("on", FULL, boundary=keep)
    yield path(on, a.node, "no", why="the boundary does not allow its own removal")
    swap = a.policy("swap", allow(["s3:*", "iam:PutUserPermissionsBoundary"]))
    mover = a.user("mover", FULL, boundary=swap)
    yield path(mover, a.node, "yes", "iam-024", why="another boundary is put in its place")
    helper = a.user("helper", allow("iam:DeleteUserPermissionsBoundary", a.iam("user", "help*")))
    yield path(helper, a.node, "no", why="nothing is behind a boundary that it has not")
    jail = a.policy("jail", allow("s3:*"))
    big = a.admin("big", trust(a.root), boundary=jail)
    act = ["iam:DeleteRolePermissionsBoundary", "sts:AssumeRole"]
    freer = a.user("freer", allow(act, big))
    yield path(freer, a.node, "yes", "iam-023", why="the role is admin without its boundary")
    plain = a.user("plain", allow("sts:AssumeRole", big))
    yield path(plain, a.node, "no", why="the role stands within its boundary")
