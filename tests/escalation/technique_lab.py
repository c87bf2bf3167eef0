"""Worlds made of a technique's own row: who makes exactly its calls, and what it needs."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derivation.aws_world import PROD, World, allow, doc, iam, trusting
from derivation.workload_lab import lab, named_by, trust_of, workload_items
from graph.derivation.workload_rows import workload_types
from graph.derive import Derivation
from graph.escalation.technique import (
    Call,
    Existing,
    Other,
    Technique,
    Where,
    techniques,
)
from graph.escalation.templates import filling
from graph.iam.policy_places import places_of
from graph.records import Relationship
from snapshot_files import REGION

Json = dict[str, Any]
MANAGEMENT = "999900001111"
ORG = "o-abcdefghij"
ATTACKER = iam("user", "mallory")
VICTIM = iam("role", "victim")
EXECUTION = iam("role", "execution")
"""What a stack set with the victim as administration role is carried out with."""
OTHER_SERVICE = "nobody.amazonaws.com"
SERVICES = ("passed-role", "workload", "resource")
POOL = "cognito-identity.amazonaws.com"
RESOURCES = {
    "ecr:repository": f"arn:aws:ecr:{REGION}:{PROD}:repository/shop",
    "kms:key": f"arn:aws:kms:{REGION}:{PROD}:key/0a1b2c3d-0000-4000-8000-000000000001",
    "s3:bucket": "arn:aws:s3:::papers",
    "secretsmanager:secret": f"arn:aws:secretsmanager:{REGION}:{PROD}:secret:door-AbCdEf",
    "sqs:queue": f"arn:aws:sqs:{REGION}:{PROD}:orders",
    "sns:topic": f"arn:aws:sns:{REGION}:{PROD}:news",
}
_HOLE = re.compile(r"\{([^{}]+)\}")


@dataclass
class TechniqueWorld(World):
    """A world whose ledger says what was read, so that nothing found means nothing there.

    Attributes:
        read: types that were asked for, beside those of IAM.
        unread: types that were refused.
    """

    read: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    def ledger(self) -> list[Json]:
        """World's, with a row for each type."""
        rows = super().ledger()
        for type_id in sorted(self.read | self.unread):
            row = {"account_id": PROD, "region": REGION, "service": type_id.partition(":")[0]}
            status = "denied" if type_id in self.unread else "ok"
            rows.append({**row, "operation": "list", "type": type_id, "status": status})
        return rows


@dataclass(frozen=True)
class Case:
    """One sufficient set of a technique's calls."""

    technique: Technique
    number: int

    @property
    def calls(self) -> tuple[Call, ...]:
        """The set."""
        return self.technique.groups()[self.number]

    def __str__(self) -> str:
        return f"{self.technique.id}-{self.number}"


def cases(*kinds: str) -> list[Case]:
    """Each set of calls of each live technique of some kinds."""
    return [
        Case(one, number)
        for one in techniques()
        if one.live and one.target.kind in (kinds or SERVICES)
        for number in range(len(one.groups()))
    ]


def world_of(case: Case, *, trust: Sequence[Json] | None = None, role: bool = True) -> World:
    """What the technique needs, without an attacker.

    Args:
        case: of the technique.
        trust: statements of the target roles' trust policies; default what the technique needs.
        role: whether there is a role to gain (or the resource is there).
    """
    kind = case.technique.target.kind
    if kind == "passed-role":
        world = _with_role(case.technique, trust if role else None, there=role)
    elif kind == "workload":
        world = _with_workload(case.technique, trust, carried=role)
    else:
        kind = case.technique.target.type
        world = _with_resource(case.technique) if role else TechniqueWorld(read={kind})
    for number, wanted in enumerate(case.technique.exists):
        put_existing(world, wanted, number)
        if wanted.join == "deploys-to":
            _deployed_to(world, present(wanted, number))
    return world


def _deployed_to(world: World, group: str) -> None:
    """Make every machine one of the Auto Scaling group that a deployment group deploys to."""
    line = world.lines[PROD, REGION, "codedeploy:deployment-group"][group]
    line["calls"]["batch_get_deployment_groups"]["value"] |= {
        "deploymentGroupName": group.rpartition("/")[2],
        "autoScalingGroups": [{"name": "web"}],
    }
    for (_, _, kind), rows in world.lines.items():
        for machine in rows.values() if kind == "ec2:instance" else ():
            machine["item"]["Tags"] = [{"Key": "aws:autoscaling:groupName", "Value": "web"}]


def _with_role(technique: Technique, trust: Sequence[Json] | None, *, there: bool) -> World:
    world = TechniqueWorld()
    if not there:
        return world
    target = technique.target
    if trust is None:
        trust = [trusting({"Service": target.trusts[0]})] if target.trusts else [_pool_trust()]
    own = [allow("s3:GetObject")]
    if "execution-role" in technique.gains:
        own.append(allow("sts:AssumeRole", world.role("execution", [trusting({"AWS": VICTIM})])))
    for other in technique.others:
        may = [allow(call.action) for call in other.may]
        if is_victim(technique, other):
            own += may
        else:
            world.role(other.name, [trusting({"Service": other.trusts[0]})], *may)
    role = world.role("victim", list(trust), *own)
    if target.profile == "held":
        world.profile("victim", role)
    return world


def is_victim(technique: Technique, other: Other) -> bool:
    """Whether the role that is passed can take the part of the other one too."""
    return bool({*other.trusts} & {*technique.target.trusts})


def _pool_trust() -> Json:
    audience = {"StringEquals": {f"{POOL}:aud": f"{REGION}:pool"}}
    return trusting({"Federated": POOL}, "sts:AssumeRoleWithWebIdentity", Condition=audience)


def _with_workload(technique: Technique, trust: Sequence[Json] | None, *, carried: bool) -> World:
    kind = technique.target.type
    chosen = trust_of if trust is None else (lambda _: trust[0])
    made = lab(kind, trust=chosen, roles=carried)
    world = TechniqueWorld(made.lines, read=named_by(kind))
    item = workload_items()[kind]
    line = made.lines[PROD, item["region"], kind][item["id"]]
    satisfy(line, technique.target.where)
    without_policy(line, kind)
    if technique.target.managed:
        name = item["id"].rpartition("/")[2]
        agent = f"arn:aws:ssm:{REGION}:{PROD}:managed-instance/{name}"
        told = {"InstanceId": name, "PingStatus": "Online"}
        world.add("ssm:managed-instance", agent, told, region=REGION)
    world.read.add("ssm:managed-instance")
    if technique.id == "x-s3-codewrite":
        _bucket(world, "scripts")
    return world


def _bucket(world: World, name: str) -> None:
    arn = world.bucket(name)
    (line,) = (rows[arn] for rows in world.lines.values() if arn in rows)
    without_policy(line, "s3:bucket")


def _with_resource(technique: Technique) -> World:
    kind = technique.target.type
    world = TechniqueWorld(read={kind})
    arn = RESOURCES[kind]
    if kind == "s3:bucket":
        _bucket(world, "papers")
        return world
    world.add(kind, arn, {}, region=REGION)
    line = world.lines[PROD, REGION, kind][arn]
    satisfy(line, technique.target.where)
    if kind == "kms:key":
        to_iam = {"Effect": "Allow", "Principal": {"AWS": iam("root", "").removesuffix("/")}}
        policy = json.dumps(doc(to_iam | {"Action": "kms:*", "Resource": "*"}))
        line["calls"]["get_key_policy"] = {"status": "ok", "value": {"Policy": policy}}
        line["calls"]["list_grants"] = {"status": "ok", "value": []}
    without_policy(line, kind)
    return world


def put_existing(world: World, wanted: Existing, number: int) -> None:
    """Something that must be there, as the row describes it."""
    assert isinstance(world, TechniqueWorld)
    world.read.add(wanted.type)
    arn = present(wanted, number)
    if wanted.type == "iam:instance-profile":
        world.profile(arn.rpartition("/")[2])
        return
    world.add(wanted.type, arn, {}, region=REGION)
    line = world.lines[PROD, REGION, wanted.type][arn]
    satisfy(line, wanted.where)
    without_policy(line, wanted.type)


def present(wanted: Existing, number: int) -> str:
    """The ARN of something that must be there."""
    if wanted.form:
        values = {"partition": "aws", "region": REGION, "account": PROD}
        return fill(wanted.form.replace("{new_id}", "0001"), values, {})
    service, _, name = wanted.type.partition(":")
    return f"arn:aws:{service}:{REGION}:{PROD}:{name}/there{number}"


def satisfy(line: Json, wheres: Iterable[Where]) -> None:
    """Give a line what must hold of it, as far as a plain path names the place."""
    for where in wheres:
        if where.allowed and where.allowed != ("none",):
            _set(line, where.at, _typed(where.allowed[0]))
        elif where.missing == "no":
            _set(line, where.at, "anything")


def _typed(text: str) -> Any:
    return {"True": True, "False": False}.get(text, text)


def _set(line: Json, at: str, value: Any) -> None:
    if "*" in at or "[" in at:
        return
    steps = at.removeprefix("@").split("/")
    held = line["item"]
    if at.startswith("@"):
        call = line["calls"].setdefault(steps[0], {"status": "ok", "value": {}})
        held, steps = call["value"], steps[1:]
    for step in steps[:-1]:
        held = held.setdefault(step, {})
    held[steps[-1]] = value


def without_policy(line: Json, kind: str) -> None:
    """Nobody wrote a policy of the resource, and that was asked."""
    for place in places_of(kind):
        if place.operation and not place.each:
            line["calls"].setdefault(place.operation, {"status": "absent", "error": "None"})


def subject(case: Case) -> Json:
    """The line of the workload or resource that the calls are about."""
    kind = case.technique.target.type
    if case.technique.target.kind == "workload":
        return workload_items()[kind]
    return {"id": RESOURCES.get(kind, ""), "item": {}, "calls": {}}


TOGETHER = {
    "ec2:RunInstances": [
        f"arn:aws:ec2:{REGION}::image/*",
        *(
            f"arn:aws:ec2:{REGION}:{PROD}:{kind}/*"
            for kind in ("network-interface", "security-group", "subnet")
        ),
    ]
}
"""What AWS asks for in the same call beside the resource that a row names."""


def statement(case: Case, call: Call, about: Mapping[str, str] | None = None) -> Json:
    """An Allow for exactly one call."""
    values = {**holes(case), **(about or {})}
    resource = fill(call.on, values, subject(case))
    more = TOGETHER.get(call.action)
    return allow(call.action, [resource, *more] if more else resource)


def holes(case: Case) -> dict[str, str]:
    """What fills the templates."""
    thing = subject(case)["id"]
    name = re.split(r"[:/]", thing)[-1]
    return {
        "partition": "aws",
        "account": PROD,
        "region": REGION,
        "role": VICTIM,
        "role_name": "victim",
        "profile": iam("instance-profile", "victim"),
        "workload": thing,
        "resource": thing,
        "name": name,
        "id": name,
        **there(case),
    }


def there(case: Case) -> dict[str, str]:
    """What fills the holes of things that are there."""
    others = case.technique.others
    found = {
        one.name: VICTIM if is_victim(case.technique, one) else iam("role", one.name)
        for one in others
    }
    for number, one in enumerate(case.technique.exists):
        if one.name:
            found |= filling(one.name, present(one, number))
    return found


def fill(template: str, values: Mapping[str, str], line: Json) -> str:
    """A template with its holes filled; what AWS assigns is any."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith("field:"):
            return _field(line, name.removeprefix("field:"))
        if name.startswith("new"):
            return "*" if name.startswith("new_id") else f"made-{name}"
        return values[name]

    return _HOLE.sub(value, template)


def _field(line: Json, path: str) -> str:
    for branch in path.split("|"):
        held: Any = line["calls"] if branch.startswith("@") else line["item"]
        for step in branch.removeprefix("@").split("/"):
            held = held.get(step, {}) if isinstance(held, Mapping) else {}
        if held:
            return str(held).removeprefix("s3://")
    raise LookupError(path)


def statements(case: Case, about: Mapping[str, str] | None = None) -> list[Json]:
    """An Allow for each call."""
    return [statement(case, call, about) for call in case.calls]


def goals(case: Case) -> set[str]:
    """The nodes that the technique gives."""
    target = case.technique.target
    if target.kind == "passed-role":
        return {EXECUTION if "execution-role" in case.technique.gains else VICTIM}
    if target.kind == "resource" or "execute" in case.technique.gains:
        return {subject(case)["id"]}
    kinds = [one.kind for one in workload_types()[target.type].roles if one.runs_code]
    return {iam("role", kind) for kind in kinds if kind in target.roles or not target.roles}


def with_attacker(world: World, allowed: Sequence[Json], **more: Any) -> World:
    """A copy of a world in which the attacker has some statements."""
    twin = copy.deepcopy(world)
    twin.user("mallory", *allowed, **more)
    return twin


def derived(world: World) -> Derivation:
    """The graph of a world."""
    with tempfile.TemporaryDirectory() as folder:
        return world.derive(Path(folder))


def found(world: World, technique: str, who: str = ATTACKER) -> dict[str, Relationship]:
    """What somebody gains by a technique: relationships by the node that is gained."""
    return {
        one.end: one
        for one in derived(world).relationships
        if one.props.get("technique") == technique and one.start == who
    }


def gained(case: Case, world: World) -> dict[str, str]:
    """What the attacker gains by the technique, with the verdicts."""
    rows = found(world, case.technique.id)
    return {end: str(one.props["verdict"]) for end, one in rows.items()}


def with_scp(world: World, *denied: Json) -> World:
    """A copy whose account stands under a service control policy."""
    twin = copy.deepcopy(world)
    here = f"arn:aws:organizations::{MANAGEMENT}"
    types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    told = {"Id": ORG, "MasterAccountId": MANAGEMENT, "FeatureSet": "ALL"}
    add = twin.add
    answer = {"Organization": told}
    add("org:organization", MANAGEMENT, {}, account=MANAGEMENT, describe_organization=answer)
    below = {"list_organizational_units_for_parent": [], "list_accounts_for_parent": [{"Id": PROD}]}
    root = {"Id": "r-1", "PolicyTypes": types}
    add("org:root", f"{here}:root/{ORG}/r-1", root, account=MANAGEMENT, **below)
    for account in (PROD, MANAGEMENT):
        parents = [{"Id": "r-1", "Type": "ROOT"}]
        arn = f"{here}:account/{ORG}/{account}"
        item = {"Id": account, "Name": account, "Status": "ACTIVE"}
        add("org:account", arn, item, account=MANAGEMENT, list_parents=parents)
    everywhere = [{"TargetId": one} for one in ("r-1", PROD, MANAGEMENT)]
    for name, targets, rows in (
        ("p-FullAWSAccess", everywhere, [allow("*")]),
        ("p-1", [{"TargetId": "r-1"}], list(denied)),
    ):
        if not rows:
            continue
        arn = f"{here}:policy/{ORG}/service_control_policy/{name}"
        item = {"Id": name, "Name": name, "Type": "SERVICE_CONTROL_POLICY"}
        policy = {"Policy": {"Content": json.dumps(doc(*rows))}}
        more = {"list_targets_for_policy": targets, "describe_policy": policy}
        add("org:policy", arn, item, account=MANAGEMENT, **more)
    return twin


def deny(action: str) -> Json:
    """A Deny of an action on everything."""
    return {"Effect": "Deny", "Action": action, "Resource": "*"}


def boundary(world: World, *rows: Json) -> Json:
    """Put a policy into a world; what a principal that it bounds has."""
    arn = iam("policy", "boundary")
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": doc(*rows)}
    world.add("iam:policy", arn, {"Arn": arn, "PolicyVersionList": [version]})
    return {"PermissionsBoundaryArn": arn, "PermissionsBoundaryType": "Policy"}
