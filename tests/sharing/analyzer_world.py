"""A small organisation with IAM Access Analyzer, as AWS's calls answer, and what differs in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from derivation.aws_world import DEV, PROD, World, allow, doc, iam, trusting
from graph.records import Node
from snapshot_files import REGION

Json = dict[str, Any]
OUTSIDER, OTHER = "999988887777", "888877776666"
LOOKED = "2026-11-20T00:00:00Z"
BUCKET = "arn:aws:s3:::data"
QUEUE = f"arn:aws:sqs:{REGION}:{PROD}:jobs"
FUNCTION = f"arn:aws:lambda:{REGION}:{PROD}:function:hello"
ROLE = iam("role", "partner")
SNAPSHOT = f"arn:aws:ec2:{REGION}::snapshot/snap-1"


def world() -> World:
    """Two accounts of an organisation, with nothing that is shared."""
    made = World()
    made.organisation(prod=PROD, dev=DEV)
    for account in (PROD, DEV):
        made.user("someone", allow("*"), account=account)
    return made


def analyzer(
    made: World,
    *findings: Json,
    kind: str = "ACCOUNT",
    account: str = PROD,
    region: str = REGION,
    read: Any = None,
    **item: Any,
) -> World:
    """Add an analyzer with findings; ``read`` stands for the answer where it is another one."""
    arn = f"arn:aws:access-analyzer:{region}:{account}:analyzer/outside"
    row = {"arn": arn, "name": "outside", "type": kind, "status": "ACTIVE"}
    row |= {"lastResourceAnalyzedAt": LOOKED, "createdAt": "2026-01-01T00:00:00Z"} | item
    answer = list(findings) if read is None else read
    made.add("aa:analyzer", arn, row, account=account, region=region, list_findings=answer)
    return made


def finding(resource: str, principal: Any = OUTSIDER, **more: Any) -> Json:
    """An active finding of access for an account, an ARN or ``*``; or a whole principal."""
    row = {
        "id": f"f-{resource.rpartition(':')[2]}-{principal}",
        "resource": resource,
        "principal": principal if isinstance(principal, dict) else {"AWS": principal},
        "action": ["s3:GetObject"],
        "condition": {},
        "isPublic": principal == "*",
        "status": "ACTIVE",
        "analyzedAt": "2026-11-19T00:00:00Z",
        "resourceOwnerAccount": PROD,
    }
    return row | more


def bucket(made: World, principal: Any, **more: Any) -> World:
    """The bucket, open for a principal; for ``None`` it has no policy."""
    statement = allow("s3:GetObject", f"{BUCKET}/*", Principal=principal, **more)
    made.bucket("data", *([statement] if principal else []))
    calls = made.lines[PROD, "global", "s3:bucket"][BUCKET]["calls"]
    location = {"LocationConstraint": REGION}
    calls["get_bucket_location"] = {"status": "ok", "value": location}
    calls.setdefault("get_bucket_policy", {"status": "absent", "error": "NoSuchBucketPolicy"})
    return made


def queue(made: World, *statements: Json) -> World:
    """A queue with a policy."""
    attributes = {"Attributes": {"QueueArn": QUEUE, "Policy": doc(*statements)}}
    made.add("sqs:queue", QUEUE, {}, region=REGION, get_queue_attributes=attributes)
    return made


def open_role(*principals: Any, **more: Any) -> World:
    """A role that trusts principals."""
    made = world()
    made.role("partner", [trusting(principal, **more) for principal in principals])
    return made


def function(*statements: Any, call: str = "get_policy", urls: Any = ()) -> World:
    """A function with a policy and URLs."""
    rows = list(statements)
    made = world()
    made.add(
        "lambda:function",
        FUNCTION,
        {"FunctionName": "hello", "FunctionArn": FUNCTION},
        region=REGION,
        list_function_url_configs={"FunctionUrlConfigs": list(urls)},
    )
    calls = made.lines[PROD, REGION, "lambda:function"][FUNCTION]["calls"]
    calls["get_policy"] = {"status": "absent", "error": "ResourceNotFoundException"}
    calls[call] = {"status": "ok", "value": {"Policy": json.dumps(doc(*rows))}}
    return made


def told(made: World, folder: Path) -> list[Node]:
    """Every disagreement of a world, by resource."""
    derived = made.derive(folder)
    about = {one.start: one.end for one in derived.relationships if one.type == "CONCERNS"}
    found = [node for node in derived.nodes if "Disagreement" in node.labels]
    return sorted(found, key=lambda node: (about[node.id], str(node.props["theirs"]), node.id))


def said(made: World, folder: Path) -> list[tuple[Any, ...]]:
    """Who, what they say and what we say, of every disagreement."""
    return [
        (str(one.props["question"]).partition(" to ")[0], one.props["theirs"], one.props["ours"])
        for one in told(made, folder)
    ]
