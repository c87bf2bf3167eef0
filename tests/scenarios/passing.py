"""Roles that are passed to services: each with what AWS asks for, and a role that fits no more."""

from __future__ import annotations

from collections.abc import Iterator

from tests.scenarios import things
from tests.scenarios.labels import AUTH, IAM, Claim, Lab, blast, blast_class, path, scenario
from tests.scenarios.worlds import ADMINISTRATOR, Json, allow, may, trust

CASES: dict[str, tuple[str, list[str], list[str], str]] = {
    "stack": ("cloudformation", ["cloudformation:CreateStack"], [], "cloudformation-001"),
    "build": (
        "codebuild",
        ["codebuild:CreateProject", "codebuild:StartBuild"],
        [],
        "codebuild-001",
    ),
    "notebook": (
        "sagemaker",
        ["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
        [],
        "sagemaker-001",
    ),
    "training": ("sagemaker", ["sagemaker:CreateTrainingJob"], [], "sagemaker-002"),
    "processing": ("sagemaker", ["sagemaker:CreateProcessingJob"], [], "sagemaker-003"),
    "spot": ("ec2", ["ec2:RequestSpotInstances"], [], "ec2-004"),
    "task": (
        "ecs-tasks",
        ["ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:CreateCluster"],
        [],
        "ecs-002|ecs-004|ecs-008",
    ),
    "session": ("glue", ["glue:CreateSession", "glue:RunStatement"], [], "glue-007"),
    "job": ("glue", ["glue:CreateJob", "glue:CreateTrigger"], ["glue:StartTrigger"], "glue-004"),
    "automation": ("ssm", ["ssm:CreateDocument", "ssm:StartAutomationExecution"], [], "ssm-003"),
    "flow": ("states", ["states:CreateStateMachine", "states:StartExecution"], [], ""),
    "clock": ("scheduler", ["scheduler:CreateSchedule"], [], "scheduler-001"),
    "tool": (
        "bedrock-agentcore",
        [
            "bedrock-agentcore:CreateCodeInterpreter",
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ],
        [],
        "bedrock-001",
    ),
    "spark": (
        "emr-serverless",
        ["emr-serverless:CreateApplication", "emr-serverless:StartJobRun"],
        [],
        "emrserverless-001",
    ),
}
"""Service that the role has to trust, calls, calls that may be needed besides, technique."""


@scenario(IAM + "id_roles_use_passrole.html")
def roles_for_many_services(lab: Lab) -> Iterator[Claim]:
    for name, (service, actions, more, technique) in CASES.items():
        for fits in (True, False):
            a = lab.account()
            trusted = f"{service}.amazonaws.com" if fits else "monitoring.rds.amazonaws.com"
            boss = a.admin("boss", trust(trusted), profile=service == "ec2")
            pass_on = allow("iam:PassRole", boss)
            start = a.user(name, pass_on, allow([*actions, *more]))
            through = (technique,) if technique and fits else ()
            verdict = "yes" if fits else "no"
            yield path(start, a.node, verdict, *through, why=f"the role trusts {trusted}")
            if fits:
                less = a.user(
                    f"{name}-less", pass_on, *([allow(actions[:-1])] if actions[1:] else [])
                )
                yield path(less, a.node, "no", why=f"{actions[-1]} is missing")
                aside = allow("iam:PassRole", a.iam("role", "bos"))
                other = a.user(f"{name}-other", aside, allow([*actions, *more]))
                yield path(other, a.node, "no", why="it may pass another role only")


@scenario("https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html")
def guests_of_an_identity_pool(lab: Lab) -> Iterator[Claim]:
    for guests in (True, False):
        a = lab.account()
        pool = f"eu-west-1:0a1b2c3d-0000-4000-8000-{a.number}"
        host = "cognito-identity.amazonaws.com"
        held: Json = {"StringEquals": {f"{host}:aud": pool}}
        held["ForAnyValue:StringLike"] = {f"{host}:amr": "unauthenticated"}
        call = "sts:AssumeRoleWithWebIdentity"
        data = things.bucket(a, f"guests-{a.number}")
        trusts = trust({"Federated": host}, call, Condition=held)
        role = a.role("guest", trusts, allow("s3:GetObject", f"{data}/*"))
        item = {"IdentityPoolId": pool, "IdentityPoolName": "app"}
        a.listed("cognito-identity.list_identity_pools", "IdentityPools", item)
        told = {**item, "AllowUnauthenticatedIdentities": guests}
        a.answer("cognito-identity.describe_identity_pool", told, pool)
        roles = {"IdentityPoolId": pool, "Roles": {"unauthenticated": role}}
        a.answer("cognito-identity.get_identity_pool_roles", roles, pool)
        verdict = "yes" if guests else "no"
        yield path("internet", role, verdict, why=f"AllowUnauthenticatedIdentities is {guests}")
        yield path("internet", data, verdict, why=f"AllowUnauthenticatedIdentities is {guests}")


@scenario("https://docs.aws.amazon.com/glue/latest/dg/set-up-iam.html")
def code_that_lies_in_a_bucket(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust("glue.amazonaws.com"))
    scripts = things.bucket(a, f"scripts-{a.number}")
    job = things.job(a, "nightly", boss)
    a.lists["glue.get_jobs", "Jobs"][0]["Command"]["ScriptLocation"] = (
        f"s3://scripts-{a.number}/etl/nightly.py"
    )
    put = allow("s3:PutObject", f"{scripts}/etl/*")
    both = a.user("both", put, allow("glue:StartJobRun", job))
    yield path(both, a.node, "possible", why="writes the script, and starts the job")
    aside = a.user("aside", allow("s3:PutObject", f"{scripts}/logs/*"))
    yield path(aside, a.node, "no", why="the script stands elsewhere")
    starts = a.user("starts", allow("glue:StartJobRun", job))
    yield path(
        starts,
        a.node,
        "not-yes",
        why="it starts what is there; arguments may name other code (--extra-py-files)",
    )


@scenario(AUTH + "list_awsidentityandaccessmanagementiam.html")
def classes_of_what_is_had(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    pii = things.bucket(a, f"pii-{a.number}", tags={"classification": "pii"})
    plain = things.bucket(a, f"plain-{a.number}")
    role = a.role("reader", trust("ec2.amazonaws.com"), allow("s3:*"), profile=True)
    box = things.instance(a, "i-0abcdef0123456789", role)
    shell = "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"
    start = a.user("start", allow("ssm:SendCommand", [box, shell]))
    yield blast_class(start, box, "machine", "commands run on it")
    yield blast_class(start, role, "principal", "the machine has it")
    yield blast_class(start, pii, "sensitive-data", "the role reads it, and it is tagged")
    yield blast_class(start, plain, "data", "the role reads it")
    yield blast(start, a.node, "no", "nobody is admin by s3")
    boss = a.user("boss", managed=[ADMINISTRATOR])
    yield blast_class(boss, a.node, "admin", "AdministratorAccess")
    yield blast_class(boss, start, "principal", "an admin takes everybody")
    yield blast_class(boss, pii, "sensitive-data", "an admin reads everything")
    yield blast(start, boss, "no", "nothing leads to it")


@scenario("https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html")
def keys_of_accounts_and_robots(lab: Lab) -> Iterator[Claim]:
    dev, prod = lab.account(), lab.account()
    robot = dev.user("robot", allow("sts:AssumeRole", prod.iam("role", "*")), keys=["Active"])
    prod.admin("deploy", trust(robot))
    prod.admin("break-glass", trust({"AWS": dev.iam("user", "other")}))
    start = dev.user("start", allow("iam:CreateAccessKey", robot))
    yield path(start, prod.node, "yes", "iam-002", "sts-001", why="a key of robot, then deploy")
    yield path(start, dev.node, "no", why="robot is no admin of its own account")
    rotate = dev.user("rotate", allow("iam:UpdateAccessKey", robot))
    yield path(rotate, prod.node, "not-yes", why="turns keys on and off, whose secret it lacks")
    reset = dev.user("reset", allow(["iam:DeleteAccessKey", "iam:ListAccessKeys"], robot))
    yield path(reset, prod.node, "no", why="deletes and lists")
    two = dev.user("two", allow("iam:CreateAccessKey", start))
    yield path(two, prod.node, "yes", "iam-002", "sts-001", why="a key of start, of robot, deploy")
    group = dev.group("sellers", allow("iam:CreateAccessKey", robot))
    member = dev.user("member", groups=["sellers"])
    yield path(member, prod.node, "yes", "iam-002", "sts-001", why=f"by {group}")
    bound = dev.policy("bound", allow("iam:Get*"))
    fenced = dev.user("fenced", groups=["sellers"], boundary=bound)
    yield path(fenced, prod.node, "no", why="its boundary lets it read only")


@scenario(
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"
)
def data_for_everyone(lab: Lab) -> Iterator[Claim]:
    for blocked, verdict in ((False, "yes"), (True, "no")):
        a = lab.account()
        none = {"PublicAccessBlockConfiguration": {}}
        a.answer("s3control.get_public_access_block", none, place="global")
        name = f"web-{a.number}"
        policy = may("*", "s3:GetObject", f"arn:aws:s3:::{name}/*")
        data = things.bucket(a, name, policy, blocked=blocked, public=True)
        yield path("internet", data, verdict, why=f"Block Public Access is {blocked}")
        key = things.key(a, 1, may(a.root, "kms:*"), may("*", "kms:Decrypt"))
        yield path("internet", key, "yes", why="the key's policy names everyone of AWS")
    c, b = lab.account(), lab.account()
    queue = things.secret(c, "all", may("*", "secretsmanager:GetSecretValue"))
    yield path("internet", queue, "not-yes", why="under aws/secretsmanager nobody outside decrypts")
    boss = b.admin("boss", trust("lambda.amazonaws.com"))
    code = b.arn("lambda", "function:open")
    things.function(b, "open", boss, may("*", "lambda:UpdateFunctionCode", code))
    yield path("internet", b.node, "yes", why="anyone of AWS replaces the code of an admin")
