"""Worlds in which an access key stands in data, as the scanner leaves it there."""

from __future__ import annotations

import base64
import copy
import random
import re
import string
from dataclasses import dataclass, field
from typing import Any

from collector.line_redaction import redact_line
from collector.redact import Redactor
from collector.services import TYPES
from derivation.aws_world import PROD, iam
from derivation.workload_lab import workload_items
from escalation.technique_lab import Case, TechniqueWorld, without_policy
from graph.derive import Derivation
from graph.escalation.technique import ACCESS_KEY_FOUND
from graph.records import Relationship
from snapshot_files import REGION, Denied

Json = dict[str, Any]
OWNER = iam("user", "owner")
SECRET = "".join(random.Random("secret").choices(string.ascii_letters + string.digits, k=40))
_STEP = re.compile(r"\[\]|[^.\[\]]+")
_REDACTOR = Redactor(b"k" * 32)
_MORE: dict[str, Json] = {
    "lambda:function-version": {"FunctionName": "web"},
    "glue:table": {"DatabaseName": "sales"},
}
"""What templates of calls read off items."""


def key_id(number: int = 0, account: str = PROD, prefix: str = "AKIA") -> str:
    """An access key id that names its account, as AWS's do."""
    head = (1 << 47 | int(account) << 7).to_bytes(6, "big")
    return prefix + base64.b32encode(head + number.to_bytes(4, "big")).decode()


KEY = key_id()


def both(key: str = KEY) -> str:
    """A script with a key and its secret."""
    return f"export AWS_ACCESS_KEY_ID={key}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n"


def alone(key: str = KEY) -> str:
    """A script with a key whose secret stands elsewhere."""
    return f"export AWS_ACCESS_KEY_ID={key}\n"


def arn_of(type_id: str, name: str = "thing") -> str:
    """The ARN of a thing of a type, in PROD."""
    made = TYPES[type_id].arn
    if made.startswith("arn:"):
        holes = {"partition": "aws", "region": REGION, "account": PROD, "CatalogId": PROD}
        return re.sub(r"\{(\w+)[^{}]*\}", lambda found: holes.get(found[1], name), made)
    if type_id in ARNS:
        return ARNS[type_id].format(region=REGION, account=PROD, name=name)
    raise LookupError(type_id)


ARNS = {
    "ec2:launch-template": "arn:aws:ec2:{region}:{account}:launch-template/lt-{name}",
    "autoscaling:launch-configuration": (
        "arn:aws:autoscaling:{region}:{account}:launchConfiguration:1:launchConfigurationName/{name}"
    ),
    "lambda:function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "lambda:function-version": "arn:aws:lambda:{region}:{account}:function:web:1",
    "ecs:task-definition": "arn:aws:ecs:{region}:{account}:task-definition/{name}:1",
    "ecs:task": "arn:aws:ecs:{region}:{account}:task/shop/{name}",
    "batch:job-definition": "arn:aws:batch:{region}:{account}:job-definition/{name}:1",
    "apprunner:service": "arn:aws:apprunner:{region}:{account}:service/{name}/1",
    "amplify:app": "arn:aws:amplify:{region}:{account}:apps/{name}",
    "cloudformation:stack": "arn:aws:cloudformation:{region}:{account}:stack/{name}/1",
    "elasticbeanstalk:env": "arn:aws:elasticbeanstalk:{region}:{account}:environment/app/{name}",
    "emr:cluster": "arn:aws:elasticmapreduce:{region}:{account}:cluster/j-{name}",
    "emr-serverless:app": "arn:aws:emr-serverless:{region}:{account}:/applications/{name}",
    "events:rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "scheduler:schedule": "arn:aws:scheduler:{region}:{account}:schedule/default/{name}",
    "pipes:pipe": "arn:aws:pipes:{region}:{account}:pipe/{name}",
    "lightsail:container-service": "arn:aws:lightsail:{region}:{account}:ContainerService/{name}",
    "sagemaker:lifecycle-config": (
        "arn:aws:sagemaker:{region}:{account}:notebook-instance-lifecycle-config/{name}"
    ),
    "sagemaker:model": "arn:aws:sagemaker:{region}:{account}:model/{name}",
    "ssm:parameter-value": "arn:aws:ssm:{region}:{account}:parameter/{name}",
    "stepfunctions:state-machine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
    "agentcore:runtime": "arn:aws:bedrock-agentcore:{region}:{account}:runtime/{name}-1",
    "gamelift:fleet": "arn:aws:gamelift:{region}:{account}:fleet/fleet-{name}",
    "config:rule": "arn:aws:config:{region}:{account}:config-rule/{name}",
    "dms:endpoint": "arn:aws:dms:{region}:{account}:endpoint:{name}",
    "cloudfront:distribution": "arn:aws:cloudfront::{account}:distribution/{name}",
    "firehose:stream": "arn:aws:firehose:{region}:{account}:deliverystream/{name}",
    "cloudmap:service": "arn:aws:servicediscovery:{region}:{account}:service/{name}",
}


@dataclass
class KeyWorld(TechniqueWorld):
    """A world that puts secrets down as the collector does."""

    keys: dict[str, list[Json]] = field(default_factory=dict)

    def owner(self, *statements: Json, account: str = PROD, name: str = "owner") -> str:
        """A user without a key."""
        arn = self.user(name, *statements, account=account)
        self.credentials(arn, account=account)
        return arn

    def key(self, user: str, key: str = KEY, status: str = "Active") -> str:
        """A user's key."""
        self.keys.setdefault(user, []).append({"AccessKeyId": key, "Status": status})
        self.credentials(user, account=user.split(":")[4])
        return key

    def credentials(self, user: str, *, account: str) -> None:
        """What ``list_access_keys`` says of a user."""
        listed = self.keys.get(user, [])
        self.add(
            "iam:user-credentials", user, {"Arn": user}, account=account, list_access_keys=listed
        )

    def unread_keys(self, user: str) -> None:
        """The keys of a user were refused."""
        account = user.split(":")[4]
        self.add(
            "iam:user-credentials", user, {"Arn": user}, account=account, list_access_keys=Denied
        )

    def hold(self, type_id: str, node: str, item: Json, region: str = REGION, **calls: Any) -> str:
        """A thing as it is collected: what the declaration says is redacted."""
        answers = {name: {"status": "ok", "value": value} for name, value in calls.items()}
        item = copy.deepcopy(item)
        redact_line(TYPES[type_id], _REDACTOR, item, answers)
        account = node.split(":")[4] or PROD
        rows = self.lines.setdefault((account, region, type_id), {})
        rows[node] = {"id": node, "item": item, "calls": answers}
        return node

    def function(self, name: str = "web", **environment: str) -> str:
        """A function with environment variables."""
        node = f"arn:aws:lambda:{REGION}:{PROD}:function:{name}"
        return self.hold("lambda:function", node, {"Environment": {"Variables": environment}})


def with_owner() -> KeyWorld:
    """A user whose key is known."""
    world = KeyWorld()
    world.key(world.owner())
    return world


def plant(path: str, text: str) -> tuple[str, Any]:
    """A text at a path of a declaration: the call (empty: the item) and its value."""
    operation, _, inner = path.rpartition(":")
    value: Any = text
    for step in reversed(_STEP.findall(inner)):
        value = [value] if step == "[]" else {"SETTING" if step == "*" else step: value}
    return operation, value


def path_of(case: Case) -> str:
    """The first place of a technique's type that the scanner reads and the technique means."""
    target = case.technique.target
    declared = TYPES[target.type]
    for path in (*declared.redact, *declared.scan):
        operation = path.rpartition(":")[0]
        if not target.places or operation in target.places:
            return path
    raise LookupError(target.type)


def thing_of(case: Case, name: str = "thing") -> str:
    """The id of what holds the key."""
    kind = case.technique.target.type
    items = workload_items()
    return str(items[kind]["id"]) if kind in items and name == "thing" else arn_of(kind, name)


def put(world: KeyWorld, case: Case, text: str, name: str = "thing") -> str:
    """The thing that a technique reads, with a text in it."""
    kind = case.technique.target.type
    node = thing_of(case, name)
    operation, value = plant(path_of(case), text)
    known = workload_items().get(kind, {"item": {}, "calls": {}})
    item = merged(known["item"], _MORE.get(kind, {}))
    calls = {name: one["value"] for name, one in known["calls"].items() if "value" in one}
    if operation:
        calls[operation] = merged(calls.get(operation), value)
    else:
        item = merged(item, value)
    region = "global" if kind == "cloudfront:distribution" else REGION
    world.hold(kind, node, item, region, **calls)
    account = node.split(":")[4] or PROD
    without_policy(world.lines[account, region, kind][node], kind)
    return node


def merged(one: Any, other: Any) -> Any:
    """Objects with the members of both; of anything else the second."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return one | {key: merged(one.get(key), value) for key, value in other.items()}


def about(case: Case) -> dict[str, str]:
    """What fills the templates of a technique's calls."""
    node = thing_of(case)
    return {"resource": node, "field:FunctionName": "web", "field:DatabaseName": "sales"}


def leads(derivation: Derivation, start: str) -> dict[str, Relationship]:
    """What a thing leads to by keys in it."""
    return {
        one.end: one
        for one in derivation.relationships
        if one.start == start and one.props.get("technique") == ACCESS_KEY_FOUND
    }
