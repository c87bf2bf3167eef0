"""Workloads whose role is taken over, and roles that are passed to new ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.scenarios import things
from tests.scenarios.labels import AUTH, IAM, Claim, Lab, blast, compute, path, scenario
from tests.scenarios.worlds import REGION, Account, Json, allow, may, trust

EC2, LAMBDA = "ec2.amazonaws.com", "lambda.amazonaws.com"


def _reader(a: Account, service: str, name: str = "reader", **more: bool) -> tuple[str, str]:
    data = things.bucket(a, f"{name}-{a.number}", tags={"classification": "pii"})
    return a.role(name, trust(service), allow("s3:GetObject", f"{data}/*"), **more), data


@scenario(
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html"
)
def systems_manager_to_data(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    role, data = _reader(a, EC2, profile=True)
    box = things.instance(a, "i-0aaaaaaaaaaaaaaaa", role, tags={"team": "web"})
    lost = things.instance(a, "i-0bbbbbbbbbbbbbbbb", role, ping="ConnectionLost")
    shell = f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript"
    patch = f"arn:aws:ssm:{REGION}::document/AWS-UpdateSSMAgent"
    send = a.user("send", allow("ssm:SendCommand", [box, shell]))
    yield path(send, data, "yes", "ssm-002", why="a shell on the machine has its role")
    yield blast(send, box, "yes", "commands run on it")
    yield blast(send, lost, "no", "the other machine is not named")
    only = a.user("only", allow("ssm:SendCommand", shell))
    yield path(only, data, "no", why="SendCommand asks for the instance as well")
    tame = a.user("tame", allow("ssm:SendCommand", [box, patch]))
    yield path(tame, data, "no", why="that document runs nothing of one's own")
    gone = a.user("gone", allow("ssm:SendCommand", [lost, shell]))
    yield path(gone, data, "not-yes", why="the agent has lost its connection")
    tagged = {"StringEquals": {"ssm:resourceTag/team": "web"}}
    mine = a.user("mine", allow("ssm:StartSession", a.arn("ec2", "instance/*"), Condition=tagged))
    yield path(mine, data, "yes", "ssm-001", why="the machine bears the tag")
    other = {"StringEquals": {"ssm:resourceTag/team": "db"}}
    not_mine = a.user("not", allow("ssm:StartSession", a.arn("ec2", "instance/*"), Condition=other))
    yield path(not_mine, data, "no", why="no machine bears that tag")


@scenario(AUTH + "list_awslambda.html")
def new_code_for_a_function(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    role, data = _reader(a, LAMBDA)
    code = things.function(a, "report", role)
    write, call = "lambda:UpdateFunctionCode", "lambda:InvokeFunction"
    both = a.user("both", allow([write, call], code))
    yield path(both, data, "yes", "lambda-004|lambda-003", why="the new code has the role")
    yield path(both, role, "yes", "lambda-004|lambda-003", why="the new code has the role")
    once = a.user("once", allow(write, code))
    yield path(once, data, "possible", "lambda-003", why="it runs when somebody else calls it")
    far = a.user("far", allow([write, call], code.replace(REGION, "us-east-1")))
    yield path(far, data, "no", why="the function is in another region")
    look = a.user("look", allow(["lambda:Get*", "lambda:List*", call], code))
    yield path(look, role, "no", why="who calls it does not hold its role")


@scenario(
    "https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-access-control-identity-based.html"
)
def override_a_build(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust("codebuild.amazonaws.com"))
    build = things.project(a, "release", boss)
    start = a.user("start", allow("codebuild:StartBuild", build))
    yield path(start, a.node, "yes", "codebuild-002", why="buildspecOverride runs under the role")
    wide = a.user("wide", allow("codebuild:Start*", a.arn("codebuild", "project/rel*")))
    yield path(wide, a.node, "yes", why="the wildcard covers the project")
    other = a.user("other", allow("codebuild:StartBuild", a.arn("codebuild", "project/test-*")))
    yield path(other, a.node, "no", why="another project")
    look = a.user("look", allow(["codebuild:BatchGet*", "codebuild:List*"]))
    yield path(look, a.node, "no", why="reading starts nothing")


@scenario(
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html"
)
def update_a_stack_with_a_role(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust("cloudformation.amazonaws.com"))
    strong = things.stack(a, "base", boss)
    weak = things.stack(a, "plain")
    update = "cloudformation:UpdateStack"
    start = a.user("start", allow(update, strong))
    yield path(start, a.node, "yes", "cloudformation-002", why="the stack's role, without PassRole")
    none = a.user("none", allow(update, weak))
    yield path(none, a.node, "no", why="without a role the caller's own rights count")
    change = ["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"]
    two = a.user("two", allow(change, strong))
    yield path(two, a.node, "yes", "cloudformation-005", why="change sets take the same role")
    half = a.user("half", allow(change[:1], strong))
    yield path(half, a.node, "no", why="a change set alone changes nothing")


@scenario("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html")
def shell_in_a_task(lab: Lab) -> Iterator[Claim]:
    for shell, verdict in ((True, "yes"), (False, "no")):
        a = lab.account()
        boss = a.admin("boss", trust("ecs-tasks.amazonaws.com"))
        task = things.task(a, "shop", boss, shell=shell)
        allowed = ["ecs:ExecuteCommand", "ecs:DescribeTasks"]
        start = a.user("start", allow(allowed, [task, a.arn("ecs", "cluster/shop")]))
        through = ("ecs-006",) if shell else ()
        yield path(start, a.node, verdict, *through, why=f"enableExecuteCommand is {shell}")
    other = a.user("other", allow(allowed, a.arn("ecs", "*/other*")))
    yield path(other, a.node, "no", why="neither the cluster nor the task")


@scenario(AUTH + "list_awsglue.html")
def development_endpoint_of_glue(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust("glue.amazonaws.com"))
    point = things.dev_endpoint(a, "lab", boss)
    start = a.user("start", allow("glue:UpdateDevEndpoint", point))
    yield path(start, a.node, "yes", "glue-002", why="one's own SSH key is added")
    other = a.user("other", allow(["glue:GetDevEndpoint", "glue:GetDevEndpoints"]))
    yield path(other, a.node, "no", why="reading adds no key")
    new = a.user("new", allow("glue:CreateDevEndpoint"), allow("iam:PassRole", boss))
    yield path(
        new,
        a.node,
        "conditional",
        "glue-001",
        why="an endpoint of one's own with the role",
        relabelled="first `yes`: AWS ended Glue 0.9 and 1.0, which they run on, on 2026-04-01: "
        "https://docs.aws.amazon.com/glue/latest/dg/glue-version-support-policy.html",
    )
    job = a.user("job", allow("glue:CreateJob"), allow("iam:PassRole", boss))
    yield path(job, a.node, "no", why="a job that nothing starts never runs")
    run = a.user("run", allow(["glue:CreateJob", "glue:StartJobRun"]), allow("iam:PassRole", boss))
    yield path(run, a.node, "yes", "glue-003", why="the job is started")


@scenario(
    "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedNotebookInstanceUrl.html"
)
def presigned_notebook(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust("sagemaker.amazonaws.com"))
    runs = things.notebook(a, "runs", boss)
    call = "sagemaker:CreatePresignedNotebookInstanceUrl"
    start = a.user("start", allow(call, runs))
    yield path(start, a.node, "yes", "sagemaker-004", why="a terminal in the notebook has the role")
    b = lab.account()
    sleeps = things.notebook(
        b, "sleeps", b.admin("boss", trust("sagemaker.amazonaws.com")), "Stopped"
    )
    late = b.user("late", allow(call, sleeps))
    yield path(late, b.node, "not-yes", why="the notebook is stopped and the user cannot start it")
    wake = b.user("wake", allow([call, "sagemaker:StartNotebookInstance"], sleeps))
    yield path(wake, b.node, "possible", why="the user starts it first")


@scenario("https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html")
def new_user_data(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust(EC2), profile=True)
    box = things.instance(a, "i-0cccccccccccccccc", boss, ping="")
    calls = [f"ec2:{one}" for one in ("ModifyInstanceAttribute", "StopInstances", "StartInstances")]
    start = a.user("start", allow(calls, box))
    yield path(start, a.node, "yes", "ec2-002", why="user data run as root at the next boot")
    for missing in calls:
        left = [one for one in calls if one != missing]
        who = a.user(f"without-{missing[4:8].lower()}", allow(left, box))
        yield path(who, a.node, "no", why=f"{missing} is missing")
    yield compute(box, a, "yes", "its role is AdministratorAccess")


@scenario("https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html")
def pass_to_scheduler_and_state_machines(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    clock = a.admin("clock", trust("scheduler.amazonaws.com"))
    events = a.admin("events", trust("events.amazonaws.com"))
    states = a.admin("steps", trust("states.amazonaws.com"))
    machine = things.state_machine(a, "daily", states)

    def passes(name: str, role: str, *actions: str) -> str:
        return a.user(name, allow("iam:PassRole", role), allow(list(actions)))

    plan = passes("plan", clock, "scheduler:CreateSchedule")
    yield path(plan, a.node, "yes", "scheduler-001", why="universal targets call any API")
    wrong = passes("wrong", events, "scheduler:CreateSchedule")
    yield path(wrong, a.node, "no", why="Scheduler cannot assume a role that trusts EventBridge")
    rule = passes("rule", events, "events:PutRule", "events:PutTargets")
    yield path(rule, a.node, "no", why="targets of rules are no API calls, and nothing runs here")
    steps = passes("steps", states, "states:CreateStateMachine", "states:StartExecution")
    yield path(steps, a.node, "yes", "stepfunctions-001", why="SDK integrations call any API")
    idle = passes("idle", states, "states:CreateStateMachine")
    yield path(idle, a.node, "no", why="nothing starts it")
    update = a.user(
        "update", allow(["states:UpdateStateMachine", "states:StartExecution"], machine)
    )
    yield path(
        update, a.node, "yes", "stepfunctions-002", why="the definition changes, not the role"
    )
    mute = a.user("mute", allow("states:StartExecution", machine))
    yield path(mute, a.node, "no", why="its definition only waits")


@scenario(AUTH + "list_amazonbedrockagentcore.html")
def code_interpreter_of_agentcore(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust("bedrock-agentcore.amazonaws.com"))
    tool = things.code_interpreter(a, "tool", boss)
    bare = things.code_interpreter(a, "bare")
    calls = [f"bedrock-agentcore:{one}CodeInterpreter" for one in ("Invoke",)]
    calls.append("bedrock-agentcore:StartCodeInterpreterSession")
    start = a.user("start", allow(calls, tool))
    yield path(start, a.node, "yes", "bedrock-002", why="code in the sandbox has the role")
    none = a.user("none", allow(calls, bare))
    yield path(none, a.node, "no", why="that interpreter has no role")
    half = a.user("half", allow(calls[:1], tool))
    yield path(half, a.node, "no", why="there is no session to invoke")
    new = [*calls, "bedrock-agentcore:CreateCodeInterpreter"]
    make = a.user("make", allow(new), allow("iam:PassRole", boss))
    yield path(make, a.node, "yes", "bedrock-001|bedrock-002", why="one of one's own with the role")


def _passing(a: Account, name: str, role: str, *actions: str, **condition: Json) -> str:
    return a.user(name, allow("iam:PassRole", role, **condition), allow(list(actions)))


def _to(service: str) -> dict[str, Json]:
    return {"Condition": {"StringEquals": {"iam:PassedToService": service}}}


@scenario(IAM + "id_roles_use_passrole.html")
def what_passing_needs(lab: Lab) -> Iterator[Claim]:
    a = lab.account()
    boss = a.admin("boss", trust(LAMBDA))
    make, call = "lambda:CreateFunction", "lambda:InvokeFunction"
    cases: Sequence[tuple[str, tuple[str, ...], dict[str, Json], str, str]] = (
        ("all", (make, call), {}, "yes", "create, pass, invoke"),
        ("fits", (make, call), _to(LAMBDA), "yes", "PassedToService is Lambda"),
        ("clash", (make, call), _to(EC2), "no", "PassedToService is EC2"),
        ("idle", (make,), {}, "no", "a function that nobody may invoke"),
        ("alone", (), {}, "no", "PassRole alone passes to nothing"),
        (
            "mapped",
            (make, "lambda:CreateEventSourceMapping"),
            {},
            "possible",
            "a queue of elsewhere",
        ),
        ("urls", (make, "lambda:CreateFunctionUrlConfig"), {}, "no", "its policy lets nobody in"),
        ("added", (make, "lambda:AddPermission"), {}, "yes", "lets oneself invoke it"),
    )
    for name, actions, condition, verdict, why in cases:
        held = [allow("iam:PassRole", boss, **condition)]
        who = a.user(name, *held, *([allow(list(actions))] if actions else []))
        yield path(who, a.node, verdict, why=why)
    other = lab.account()
    cross = _passing(other, "cross", boss, make, call)
    yield path(cross, a.node, "no", why="a role is passed within its own account only")
    yield path(cross, boss, "no", why="a role is passed within its own account only")


@scenario("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html")
def source_account_in_the_trust_of_a_task_role(lab: Lab) -> Iterator[Claim]:
    for number, (own, verdict) in enumerate(((True, "yes"), (False, "no"))):
        a = lab.account()
        source = a.number if own else "999988887777"
        held = {"StringEquals": {"aws:SourceAccount": source}}
        boss = a.admin("boss", trust("ecs-tasks.amazonaws.com", Condition=held))
        calls = ["ecs:CreateCluster", "ecs:RegisterTaskDefinition", "ecs:RunTask"]
        start = _passing(a, f"start{number}", boss, *calls)
        through = ("ecs-002|ecs-004",) if own else ()
        yield path(start, a.node, verdict, *through, why=f"the task runs in {a.number}")


@scenario("https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html")
def function_url_with_the_role_of_an_admin(lab: Lab) -> Iterator[Claim]:
    for kind, verdict in (("NONE", "yes"), ("AWS_IAM", "conditional")):
        a = lab.account()
        boss = a.admin("boss", trust(LAMBDA))
        by = {"StringEquals": {"lambda:FunctionUrlAuthType": kind}}
        via = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
        arn = a.arn("lambda", "function:hook")
        public: Json | str = "*" if kind == "NONE" else {"AWS": a.root}
        policy = (
            may(public, "lambda:InvokeFunctionUrl", arn, Condition=by),
            may(public, "lambda:InvokeFunction", arn, Condition=via),
        )
        things.function(a, "hook", boss, *policy, url=kind)
        why = (
            "" if kind == "NONE" else "first `no`: a signature AWS asks for in front is a condition"
        )
        yield path("internet", a.node, verdict, why=f"the URL asks for {kind}", relabelled=why)
