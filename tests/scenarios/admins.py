"""One account full of people: who is admin of it, by its own rights or by a chain."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios import things
from tests.scenarios.labels import IAM, Claim, Lab, admin, compute, path, scenario
from tests.scenarios.worlds import ADMINISTRATOR, FULL, allow, deny, trust


@scenario(IAM + "access_policies_evaluation-logic.html")
def sets_that_take_everybody_over(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    chief = a.admin("chief", trust("ec2.amazonaws.com"))
    a.role("worker", trust("lambda.amazonaws.com"))
    a.user("clerk", allow("s3:List*"))
    users, roles = a.iam("user", "*"), a.iam("role", "*")
    cases = {
        "all": ([FULL], "yes", "everything"),
        "iam": ([allow("iam:*")], "yes", "IAM's master"),
        "users": ([allow("iam:*", users)], "yes", "policies and keys of every user"),
        "attach": (
            [allow(["iam:AttachUserPolicy", "iam:CreateAccessKey"], users)],
            "yes",
            "policies and keys of every user",
        ),
        "roles": (
            [allow(["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"], roles)],
            "yes",
            "policies and trust of every role",
        ),
        "trust": ([allow("iam:UpdateAssumeRolePolicy", chief)], "yes", "takes chief, an admin"),
        "weak": (
            [allow("iam:UpdateAssumeRolePolicy", a.iam("role", "worker"))],
            "no",
            "takes a role without rights",
        ),
        "reads": ([allow(["iam:Get*", "iam:List*"])], "no", "reads"),
        "s3": ([allow("s3:*")], "no", "data only"),
        "less": ([FULL, deny("iam:*"), deny("sts:*")], "no", "nothing of IAM is left"),
        "some": ([FULL, deny("iam:*", chief)], "yes", "everybody but chief"),
    }
    for name, (statements, verdict, why) in cases.items():
        who = a.user(f"z-{name}", *statements)
        yield path(who, a.node, verdict, why=why)
    yield admin(chief, a, "yes", "AdministratorAccess")
    yield admin(a.user("attached", managed=[ADMINISTRATOR]), a, "yes", "AdministratorAccess")
    managed = a.policy("own-admin", FULL)
    yield admin(a.user("custom", managed=[managed]), a, "yes", "a policy of one's own")
    split = a.policy("split", allow("iam:AttachRolePolicy"))
    halves = a.user("halves", allow("iam:UpdateAssumeRolePolicy"), managed=[split])
    yield admin(halves, a, "yes", "two halves in two policies")


@scenario("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html")
def machines(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    chief = a.admin("chief", trust("ec2.amazonaws.com"), profile=True)
    door = a.admin("door", trust(a.iam("role", "walker")))
    walker = a.role("walker", trust("ec2.amazonaws.com"), profile=True)
    plain = a.role("plain", trust("ec2.amazonaws.com"), allow("s3:List*"), profile=True)
    wrong = a.admin("wrong", trust("lambda.amazonaws.com"), profile=True)
    cases = (
        ("i-0000000000000000a", chief, "yes", "its role is admin"),
        ("i-0000000000000000b", walker, "yes", f"{door} trusts its role"),
        ("i-0000000000000000c", plain, "no", "its role lists buckets"),
        ("i-0000000000000000d", wrong, "no", "EC2 cannot assume that role"),
        ("i-0000000000000000e", "", "no", "it has no role"),
    )
    for name, role, verdict, why in cases:
        machine = things.instance(a, name, role)
        yield compute(machine, a, verdict, why)
    stopped = things.instance(a, "i-0000000000000000f", chief, state="stopped")
    yield compute(stopped, a, "not-yes", "it does not run")
    code = things.function(a, "job", a.admin("boss", trust("lambda.amazonaws.com")))
    yield path(code, a.node, "yes", why="whoever holds the function has its role")
