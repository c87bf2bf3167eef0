"""Who may do what: policies of resources, denies by them, sessions."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios import things
from tests.scenarios.labels import IAM, Claim, Lab, can, path, scenario, who_can
from tests.scenarios.worlds import ADMINISTRATOR, FULL, allow, deny, doc, may, trust

S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"


def _refuse(**statement: object) -> dict[str, object]:
    return {"Effect": "Deny", "Action": "s3:*", **statement}


@scenario(IAM + "reference_policies_elements_notprincipal.html")
def deny_but_some(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    keeper = a.user("keeper", allow("s3:*"))
    other = a.user("other", allow("s3:*"))
    boss = a.admin("boss", trust(a.root))
    name = f"vault-{a.number}"
    both = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    vault = things.bucket(a, name, _refuse(NotPrincipal={"AWS": [a.root, keeper]}, Resource=both))
    some = f"{vault}/x"
    yield can(keeper, "s3:GetObject", some, "yes", "it is excepted from the Deny")
    yield can(other, "s3:GetObject", some, "no", "it is not")
    yield can(boss, "s3:GetObject", some, "no", "nor is the role")
    yield who_can("s3:GetObject", some, keeper, "yes", "it is excepted from the Deny")
    yield who_can("s3:GetObject", some, other, "no", "it is not")
    yield path(other, vault, "no", why="every action is denied")
    yield path(keeper, vault, "yes", why="it is excepted from the Deny")
    lock = f"lock-{a.number}"
    unlike = {"ArnNotLike": {"aws:PrincipalArn": [keeper, a.iam("role", "bo*")]}}
    locked = things.bucket(
        a, lock, _refuse(Principal="*", Resource=f"arn:aws:s3:::{lock}/*", Condition=unlike)
    )
    yield can(boss, "s3:GetObject", f"{locked}/x", "yes", "the role's ARN fits the exception")
    yield can(other, "s3:GetObject", f"{locked}/x", "no", "denied by its ARN")
    yield can(other, "s3:ListBucket", locked, "yes", "the Deny is about objects")


@scenario(S3 + "example-bucket-policies.html")
def bucket_policies(lab: Lab) -> Iterator[Claim]:
    a, b = lab.account(), lab.account()
    name = f"files-{a.number}"
    objects = f"arn:aws:s3:::{name}/*"
    reader, plain = a.user("reader", allow("s3:GetObject", objects)), a.user("plain")
    named, foreign = a.user("named"), b.user("foreign", allow("s3:GetObject"))
    tls = {"Bool": {"aws:SecureTransport": "false"}}
    prefix = f"arn:aws:s3:::{name}/public/*"
    things.bucket(
        a,
        name,
        may(named, "s3:GetObject", objects),
        may(b.root, "s3:GetObject", prefix),
        _refuse(Principal="*", Resource=objects, Condition=tls),
    )
    one = f"arn:aws:s3:::{name}/x"
    yield can(reader, "s3:GetObject", one, "yes", "its own policy; it comes over TLS")
    yield can(named, "s3:GetObject", one, "yes", "the bucket's policy is enough in one account")
    yield can(plain, "s3:GetObject", one, "no", "nobody lets it")
    yield can(foreign, "s3:GetObject", one, "no", "its account may read public/ only")
    yield can(foreign, "s3:GetObject", f"{prefix[:-1]}x", "yes", "both sides allow")
    yield who_can("s3:GetObject", one, named, "yes", "the bucket's policy names it")
    yield who_can("s3:GetObject", one, plain, "no", "nobody lets it")
    yield who_can("s3:GetObject", one, foreign, "no", "its account may read public/ only")
    yield can("anonymous", "s3:GetObject", one, "no", "nobody without credentials is let in")
    yield can(reader, "s3:PutObject", one, "no", "it may read only")
    yield can(
        reader,
        "s3:GetObject",
        one,
        "no",
        "denied without TLS",
        given={"context": {"aws:SecureTransport": "false"}},
    )


@scenario("https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html")
def key_policies_and_grants(lab: Lab) -> Iterator[Claim]:
    a, b = lab.account(), lab.account()
    decrypt = "kms:Decrypt"
    given, granted = a.user("given", allow(decrypt)), a.user("granted")
    master = a.user("master", managed=[ADMINISTRATOR])
    named = a.user("named")
    grant = {"GrantId": "g1", "GranteePrincipal": granted, "Operations": ["Decrypt"]}
    whole = things.key(a, 1, may(a.root, "kms:*"), grants=[grant])
    shut = things.key(a, 2, may(named, decrypt))
    yield can(given, decrypt, whole, "yes", "the key leaves it to IAM")
    yield can(granted, decrypt, whole, "yes", "by a grant")
    yield can(granted, "kms:Encrypt", whole, "no", "the grant is for Decrypt")
    yield can(named, decrypt, whole, "no", "neither IAM nor the key lets it")
    yield can(named, decrypt, shut, "yes", "the key's policy names it")
    yield can(given, decrypt, shut, "no", "the key does not leave it to IAM")
    yield can(master, decrypt, shut, "no", "the key does not leave it to IAM")
    yield can(master, "kms:PutKeyPolicy", shut, "no", "nor its policy")
    yield can(master, "kms:ScheduleKeyDeletion", whole, "yes", "the key leaves it to IAM")
    yield who_can(decrypt, shut, given, "no", "the key does not leave it to IAM")
    yield who_can(decrypt, shut, named, "yes", "the key's policy names it")
    yield can(b.user("far", allow(decrypt)), decrypt, whole, "no", "the key lets its account only")


@scenario(IAM + "access_policies.html")
def sessions(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust(a.root))
    cut = doc(allow("s3:*"))
    given = {"session_policies": [cut]}
    yield can(boss, "iam:CreateUser", "*", "yes", "the role is admin")
    yield can(boss, "iam:CreateUser", "*", "no", "the session policy cuts it", given=given)
    name = f"logs-{a.number}"
    things.bucket(a, name)
    one = f"arn:aws:s3:::{name}/x"
    yield can(boss, "s3:GetObject", one, "yes", "the session policy leaves s3", given=given)
    weak = a.role("weak", trust(a.root), allow("sqs:*"))
    yield can(weak, "s3:GetObject", one, "no", "a session policy gives nothing", given=given)


@scenario(IAM + "reference_policies_evaluation-logic.html")
def roles_users_and_their_policies(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    pass_on = "iam:PassRole"
    boss = a.admin("boss", trust("ec2.amazonaws.com"))
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    team = a.user("team", allow(pass_on, a.iam("role", "b*"), Condition=to_ec2))
    all_of = a.user("all", allow("iam:*"), deny(pass_on, boss))
    given = {"context": {"iam:PassedToService": "lambda.amazonaws.com"}}
    yield can(team, pass_on, boss, "yes", "the caller chooses EC2")
    yield can(team, pass_on, boss, "no", "Lambda is not EC2", given=given)
    yield can(all_of, pass_on, boss, "no", "an explicit Deny")
    yield can(all_of, pass_on, a.iam("role", "other"), "yes", "the Deny names another role")
    yield who_can(pass_on, boss, team, "yes", "the caller chooses EC2")
    yield who_can(pass_on, boss, all_of, "no", "an explicit Deny")
    a.group("readers", allow("dynamodb:Get*"))
    member = a.user("member", groups=["readers"])
    table = things.table(a, "orders")
    yield can(member, "dynamodb:GetItem", table, "yes", "by its group")
    yield can(member, "dynamodb:PutItem", table, "no", "its group may read only")
    yield can(member, "dynamodb:BatchGetItem", table, "no", "Get* does not stand for BatchGet")
    odd = a.user("odd", allow("ec2:*", a.arn("ec2", "instance/i-1")))
    box = a.arn("ec2", "instance/i-1")
    yield can(odd, "ec2:StopInstances", box, "yes", "the instance is named")
    yield can(odd, "ec2:DescribeInstances", "*", "no", "describing takes no instance but *")
    yield can(odd, "ec2:StopInstances", a.arn("ec2", "instance/i-2"), "no", "another instance")
    yield can(a.user("full", FULL), "organizations:LeaveOrganization", "*", "yes", "everything")


@scenario(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html"
)
def functions_and_secrets_by_their_policies(lab: Lab) -> Iterator[Claim]:
    a, b = lab.account(), lab.account()
    role = a.role("worker", trust("lambda.amazonaws.com"))
    invoke = "lambda:InvokeFunction"
    arn = a.arn("lambda", "function:work")
    near = a.user("near")
    far = b.user("far", allow(invoke))
    from_s3 = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::in"}}
    things.function(
        a,
        "work",
        role,
        may(near, invoke, arn),
        may({"Service": "s3.amazonaws.com"}, invoke, arn, Condition=from_s3),
    )
    yield can(near, invoke, arn, "yes", "the function's policy is enough in one account")
    yield can(far, invoke, arn, "no", "the function lets its own user only")
    yield can(near, "lambda:UpdateFunctionCode", arn, "no", "it may invoke only")
    yield path(near, role, "no", why="who invokes does not hold the role")
    read = "secretsmanager:GetSecretValue"
    locked = things.secret(
        a,
        "locked",
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": read,
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalArn": near}},
        },
    )
    reader = a.user("reader", allow(read))
    yield can(reader, read, locked, "no", "denied to all but one")
    yield path(reader, locked, "no", why="denied to all but one")
    yield can(near, read, locked, "no", "an exception from a Deny is no Allow")
